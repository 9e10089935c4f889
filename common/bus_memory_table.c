#include "common/bus_memory_table.h"

#include <stdlib.h>
#include <string.h>

static size_t hash(const char *key)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a, 64 bit */

    for (; *key; key++)
        h = (h ^ (unsigned char)*key) * 1099511628211u;
    return (size_t)(h ^ (h >> 32));
}

static px_memory_entry *table_slot(const px_memory_table *t, const char *key)
{
    size_t i = hash(key) & (t->capacity - 1);

    while (t->entries[i].key && strcmp(t->entries[i].key, key) != 0)
        i = (i + 1) & (t->capacity - 1);
    return &t->entries[i];
}

const px_memory_entry *px_memory_table_find(const px_memory_table *t, const char *key)
{
    const px_memory_entry *found = t->capacity > 0 ? table_slot(t, key) : NULL;

    return found && found->key ? found : NULL;
}

void px_memory_table_clear(px_memory_table *t)
{
    for (size_t i = 0; i < t->capacity; i++)
        free(t->entries[i].key);
    free(t->entries);
    *t = (px_memory_table){ 0 };
}

bool px_memory_table_grow(px_memory_table *t, uint64_t min_seq, int64_t min_time_ns)
{
    px_memory_table grown = { .capacity = t->capacity ? t->capacity * 2 : 64 };

    grown.entries = calloc(grown.capacity, sizeof *grown.entries);
    if (!grown.entries)
        return false;
    for (size_t i = 0; i < t->capacity; i++) {
        px_memory_entry *old = &t->entries[i];
        if (!old->key)
            continue;
        if (old->seq < min_seq && old->time_ns < min_time_ns) {
            free(old->key);
            continue;
        }
        *table_slot(&grown, old->key) = *old;
        grown.used++;
    }
    free(t->entries);
    *t = grown;
    return true;
}

bool px_memory_table_put(px_memory_table *t, const char *key, uint64_t seq, int64_t time_ns)
{
    px_memory_entry *slot = table_slot(t, key);

    if (!slot->key) {
        slot->key = strdup(key);
        if (!slot->key)
            return false;
        t->used++;
    }
    slot->seq = seq;
    slot->time_ns = time_ns;
    return true;
}

bool px_memory_table_full(const px_memory_table *t)
{
    return t->used + 1 > t->capacity / 2;
}
