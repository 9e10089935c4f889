/* options.h: what to run. */
#ifndef PRAXIS_TESTS_QUALITY_OPTIONS_H
#define PRAXIS_TESTS_QUALITY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum { SEEDS_MAX = 1000 };

typedef struct {
    uint64_t seed_base;
    int seeds;
    int stress_seeds; /* the first of them also live through the stress worlds */
    bool is_short;    /* the form of CI */
    bool digest;      /* print a digest of all states, nothing else */
} options;

/** Exits with a line of usage on nonsense, and when asked for it. QUALITY_SEEDS in the environment
 * is --seeds. */
options options_read(int argc, char **argv);

#endif
