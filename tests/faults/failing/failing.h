/* failing.h: what a test and the library it loads into a daemon share: a file in memory of both.
 *
 * The library (failing.c, for LD_PRELOAD) makes one call of a kind fail: the one that brings `left`
 * to 0. PRAXIS_FAILING_ORDERS names the file; without one nothing fails.
 */
#ifndef PRAXIS_TESTS_FAULTS_FAILING_H
#define PRAXIS_TESTS_FAULTS_FAILING_H

#include <stdatomic.h>
#include <stdint.h>

enum {
    FAILING_NOTHING,
    FAILING_WRITE,       /* of a file: nothing is written */
    FAILING_SHORT_WRITE, /* half of it is */
    FAILING_SYNC,        /* fsync, fdatasync */
    FAILING_OPEN,        /* open, openat, fopen */
    FAILING_MAP,         /* mmap */
    FAILING_MEMORY,      /* malloc, calloc, realloc of Praxis itself and LMDB */
    FAILING_KINDS
};

typedef struct {
    _Atomic int kind;
    _Atomic int error; /* errno */
    _Atomic int64_t left;
    _Atomic int struck;
} failing_orders;

#endif
