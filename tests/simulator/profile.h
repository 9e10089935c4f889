/* profile.h: what is asked of a run, and what comes of it. */
#ifndef PRAXIS_TESTS_SIMULATOR_PROFILE_H
#define PRAXIS_TESTS_SIMULATOR_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/simulator/chance.h"

enum { SIM_WHY_MAX = 600 };

/** How often what goes wrong, in ten thousand. */
typedef struct {
    const char *name;
    unsigned lost, unanswered, late, twice;          /* of messages sent */
    unsigned request_lost, read_later, read_skipped; /* of requests and messages read */
    unsigned crash, machine_stop, cut, link;         /* of steps */
    bool durable;                                    /* log and inboxes never lose a tail */
    unsigned limit;     /* of steps: a stream is full for a while, or takes only small messages */
    unsigned clock;     /* of steps: a clock is set, right or wrong */
    unsigned unchecked; /* of batches: the server lets two through */
    bool upgrade;       /* one copy of each becomes newer code */
    bool relayout; /* copies become a newer version of the projection, or the older one again */
} sim_profile;

/** NULL when there is none of that name; "any" is drawn by seed. */
const sim_profile *sim_profile_find(const char *name, chance *c);

typedef struct {
    uint64_t seed;
    const char *profile;
    unsigned steps;
    bool trace;
    const char *directory; /* for the stores; emptied by the run */
    const char *log_file;  /* gets the log of a run that was good (tests/golden); NULL: none */
} sim_options;

typedef struct {
    bool failed;
    char why[SIM_WHY_MAX];
    const char *profile;
    uint8_t digest[32]; /* of everything that happened */
    uint64_t batches, voids, feed, submissions, crashes, cuts, rebuilt, checked;
} sim_outcome;

/** Plays one run and judges it. */
void sim_run(const sim_options *options, sim_outcome *outcome);

enum { SIM_POINT_KINDS = 6 };

/** Which points of the scripted run a daemon dies at. */
typedef struct {
    uint64_t every, offset; /* those whose number % every is offset */
    bool trace;             /* what happens from the crash to the end of its step */
} sim_script;

typedef struct {
    uint64_t points, by_kind[SIM_POINT_KINDS]; /* that there are */
    uint64_t submissions;
    uint64_t played, failed; /* crashes */
    uint64_t otherwise;      /* of these, with other batches in the log that say the same */
    sim_outcome run;         /* of the run itself; `digest` too */
} sim_script_outcome;

/** Plays the scripted run of a seed with crashes (script.c), and says what failed. */
void sim_script_run(const sim_options *options, const sim_script *wanted,
                    sim_script_outcome *outcome);

#endif
