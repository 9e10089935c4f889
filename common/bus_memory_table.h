/* bus_memory_table.h: a table from strings to sequences, for the streams of the memory twin;
 * entries leave only when it grows. */
#ifndef PRAXIS_COMMON_BUS_MEMORY_TABLE_H
#define PRAXIS_COMMON_BUS_MEMORY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    char *key; /* NULL = free */
    uint64_t seq;
    int64_t time_ns;
} px_memory_entry;

/** All zero to begin; one that is full has to grow before anything is put. */
typedef struct {
    px_memory_entry *entries;
    size_t capacity; /* power of two, or 0 */
    size_t used;
} px_memory_table;

const px_memory_entry *px_memory_table_find(const px_memory_table *table, const char *key);
void px_memory_table_clear(px_memory_table *table);
bool px_memory_table_full(const px_memory_table *table);
/** Doubles it without the entries that are older in both measures; false: no memory. */
bool px_memory_table_grow(px_memory_table *table, uint64_t min_seq, int64_t min_time_ns);
/** false: no memory. */
bool px_memory_table_put(px_memory_table *table, const char *key, uint64_t seq, int64_t time_ns);

#endif
