/* fold_beside.h: a projection built again beside the one that goes on deciding and answering. */
#ifndef PRAXIS_COMMON_FOLD_BESIDE_H
#define PRAXIS_COMMON_FOLD_BESIDE_H

#include <stdatomic.h>

#include "common/fold.h"

/** A second projection, built from the log in a directory of its own by a fold that only folds. */
typedef struct {
    px_fold *fold; /* NULL: none is being built */
    px_config config;
    _Atomic uint64_t asked, done, failed; /* by operators */
    _Atomic uint64_t seq;
    uint64_t serves; /* `done` when the one being built is through */
} px_beside;

/** Goes on with what an earlier process left unfinished, or removes it. At the start. */
px_status px_fold_beside_resume(px_fold *f);
/** A slice of the projection beside; the switch when it has caught up. After a turn of the loop. */
px_status px_fold_beside_turn(px_fold *f, bool *busy);
/** Forgets it. */
void px_fold_beside_drop(px_fold *f);
/** Closes it, to be gone on with by the next process. */
void px_fold_beside_close(px_fold *f);

#endif
