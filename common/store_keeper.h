/* store_keeper.h: a store's housekeeping on a thread of its own: nobody waits for the disk. */
#ifndef PRAXIS_COMMON_STORE_KEEPER_H
#define PRAXIS_COMMON_STORE_KEEPER_H

#include "common/store.h"

typedef struct px_store_keeper px_store_keeper;

/**
 * Every minute the store is synced and cleared of dead readers; all the while its records are read
 * in order, a slice at a time, and checked: bit rot is found where nobody looks. What is found ends
 * the store (px_store_failure()).
 * @param scrub_s  within how many seconds everything is read once; 0: never
 */
px_status px_store_keeper_start(px_store_keeper **keeper, px_store *store, uint64_t scrub_s);
/** Before the store is closed. NULL is fine. */
void px_store_keeper_stop(px_store_keeper *keeper);

/** Where a scrub stands; zeroed at first. */
typedef struct {
    px_table table;
    unsigned char key[PX_KEY_MAX]; /* the last one read */
    size_t key_size;
    uint64_t passes; /* ended so far */
} px_scrub;

/**
 * Reads and checks up to `records` records after the last one, in views that end soon. @return
 * PX_OK, or PX_ECORRUPT; PX_EIO when there is no view to be had
 */
px_status px_scrub_step(px_scrub *scrub, px_store *store, uint64_t records);
/** Records in both tables. */
uint64_t px_scrub_size(px_store *store);

#endif
