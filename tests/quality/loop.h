/* loop.h: three years of a company: people rate, a planner plans, people learn. */
#ifndef PRAXIS_TESTS_QUALITY_LOOP_H
#define PRAXIS_TESTS_QUALITY_LOOP_H

#include "tests/quality/baselines.h"
#include "tests/quality/levels.h"
#include "tests/quality/planners.h"
#include "tests/quality/watch.h"

/** Who estimates and who plans. */
typedef enum {
    POLICY_DAEMON, /* the daemons' code for both */
    POLICY_ORACLE, /* the daemon's planner, told the truth */
    POLICY_VALUE,  /* the daemon's planner on a moving average of ratings and usual effects */
    POLICY_GAP,
    POLICY_POPULAR,
    POLICY_MOODLE,
    POLICY_RANDOM,
    POLICY_COUNT
} policy;

typedef struct {
    double closed; /* weighted gap closed, true levels */
    double hours;
    double closed_per_hour;
    uint8_t digest[32]; /* POLICY_DAEMON: of everything the daemon stored and planned */
    uint32_t ratings, plans;
} outcome;

/** @param seen  what is measured along the way (POLICY_DAEMON); NULL: nothing */
outcome loop_run(const world *w, policy how, watch *seen);

#endif
