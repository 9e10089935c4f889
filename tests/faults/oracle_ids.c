#include "tests/faults/oracle_ids.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void oracle_ids_init(oracle_ids *ids, size_t most)
{
    ids->size = most * 2 + 1;
    ids->count = 0;
    ids->slots = calloc(ids->size, sizeof *ids->slots);
    if (!ids->slots)
        abort();
}

void oracle_ids_fini(oracle_ids *ids)
{
    for (size_t i = 0; i < ids->size; i++)
        free(ids->slots[i]);
    free(ids->slots);
}

static uint64_t fnv(const char *name)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (; *name; name++)
        h = (h ^ (uint8_t)*name) * 0x100000001b3u;
    return h;
}

bool oracle_ids_add(oracle_ids *ids, const char *name)
{
    size_t at = fnv(name) % ids->size;

    for (; ids->slots[at]; at = (at + 1) % ids->size)
        if (strcmp(ids->slots[at], name) == 0)
            return false;
    if (++ids->count > ids->size / 2)
        abort(); /* more than the caller said */
    ids->slots[at] = strdup(name);
    return true;
}
