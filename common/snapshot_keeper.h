/* snapshot_keeper.h: takes a snapshot of a daemon's projection now and then, on a thread of its
 * own. */
#ifndef PRAXIS_COMMON_SNAPSHOT_KEEPER_H
#define PRAXIS_COMMON_SNAPSHOT_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/store.h"

typedef struct px_snapshot_keeper px_snapshot_keeper;

typedef struct {
    const char *data_dir;
    px_store *store;
    size_t keep;      /* newest that stay, at least 1 */
    int64_t every_ms; /* 0 = only when asked */
} px_snapshot_plan;

typedef struct {
    uint64_t asked;  /* how often somebody asked */
    uint64_t done;   /* how many askings have been carried out, or failed */
    uint64_t failed; /* how many snapshots could not be taken */
    uint64_t seq;    /* log sequence of the newest; 0 = none */
} px_snapshot_news;

/** Everything borrowed. The first regular one is due when the newest there is is old enough. */
px_status px_snapshot_keeper_create(px_snapshot_keeper **keeper, const px_snapshot_plan *plan);
/** Waits for the one being taken. NULL is fine. */
void px_snapshot_keeper_destroy(px_snapshot_keeper *keeper);
/** Starts one when it is due and something was folded since the last one. Fold thread. */
void px_snapshot_keeper_turn(px_snapshot_keeper *keeper, uint64_t cursor_seq, int64_t clock_ms);
/** One as soon as possible; any thread. @return what px_snapshot_news.done reaches by it */
uint64_t px_snapshot_keeper_ask(px_snapshot_keeper *keeper);
/** True while one is being taken: whoever replaces the store now waits for it. Fold thread. */
bool px_snapshot_keeper_busy(px_snapshot_keeper *keeper);
/** Any thread. */
px_snapshot_news px_snapshot_keeper_news(px_snapshot_keeper *keeper);

#endif
