/* tries.h: processes that died in a row without getting anywhere: what damaged files, or a message
 * that kills us, would otherwise make an endless loop of.
 *
 * A process that died left files that are believed, since the kernel had all its writes. But damage
 * in LMDB's own pages ends in a signal before anybody can say so. So a signal that a fault sends
 * leaves a trace, and starts are counted until something was reached: either makes the files
 * doubted once, and thrown away. After that it is not the files, for an hour.
 */
#ifndef PRAXIS_COMMON_TRIES_H
#define PRAXIS_COMMON_TRIES_H

#include <stdbool.h>
#include <stdint.h>

/** Kept in the file `tries` of the directory. Embedded by the caller; the fields are private. */
typedef struct {
    int directory;     /* borrowed descriptor */
    uint64_t deaths;   /* in a row, before this start */
    uint64_t at;       /* how far the furthest of them had got */
    int64_t doubted_s; /* when the files were last doubted; 0 = never */
    bool doubted;      /* at this start */
    bool placed;       /* px_tries_reached() was called */
    bool settled;      /* this start got somewhere */
} px_tries;

enum { PX_TRIES_DOUBT = 3 /* deaths in a row that make the files doubted */ };

/** Reads what is known and counts this start; the directory outlives it. */
void px_tries_begin(px_tries *tries, int directory);
/** Whether the files are to be thrown away now. Asked once, before they are opened. */
bool px_tries_doubt(px_tries *tries);
/** Deaths in a row that throwing the files away did not end, and where; 0 = it is not that bad. */
uint64_t px_tries_stuck(const px_tries *tries, uint64_t *at);
/** How far the work has got: at first where it stands, then what was reached. Cheap. */
void px_tries_reached(px_tries *tries, uint64_t place);
/** All that waited is done, or the end is orderly: nobody died in vain. Cheap when repeated. */
void px_tries_settle(px_tries *tries);
/**
 * Makes SIGSEGV, SIGBUS, SIGABRT, SIGFPE and SIGILL leave their trace in the directory before they
 * do what they did before. Of the whole process: a daemon's, once.
 */
void px_tries_watch(const char *directory);

#endif
