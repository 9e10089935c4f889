/* world.h: a nats-server and the five daemons as processes of a test's own, to be killed and
 * restarted.
 *
 * Everything (store of the server, projections, logs, keys) lies in one directory, which
 * world_stop() removes. A daemon that ends without being asked fails the test, unless somebody
 * supervises.
 */
#ifndef PRAXIS_TESTS_FAULTS_WORLD_H
#define PRAXIS_TESTS_FAULTS_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/bus.h"

enum {
    WORLD_DAEMONS = 5,
    WORLD_COPIES_MAX = 2,
    WORLD_DEADLINE_MS = 60000, /* for a condition that normally holds within a second */
    WORLD_STEP_MS = 5,
    WORLD_DIGEST_TEXT_MAX = 64,
    WORLD_PATH_MAX = 256
};

/** In the order of a daemon's number here: feedback-ingest, review-cycle, ... */
extern const char *const world_services[WORLD_DAEMONS];
enum { FEEDBACK, REVIEW, COMPETENCY, LEARNING, REPORTING };

typedef struct world world;

typedef struct {
    unsigned copies;     /* of each daemon; 0 = 1 */
    unsigned standby_ms; /* of the second copy; 0: both are primaries */
    unsigned
        feed_window_ms; /* how long the server knows ids of the feed; 0 = as the daemons make it */
    bool broker_later;  /* the server is not started; see world_broker_start() */
    bool daemons_later; /* nor are they; see world_run_all() */
    const char *server_config; /* for the end of the server's configuration; NULL = nothing */
    const char *servers;       /* those of somebody else, instead of one of our own */
    const char *data_dir;      /* where the projections are; NULL = beside everything else */
    const char *flags[4];      /* "name", "value", for every daemon; NULL = none */
    const char *preload;       /* a library for every daemon: see failing.h */
    bool supervised;           /* a daemon that ends by itself is started again by world_check() */
} world_options;

/** Starts the server and all daemons; does not wait until they are ready. */
world *world_start(const world_options *options);
/** Kills what still runs and removes the directory. NULL is fine. */
void world_stop(world *w);

unsigned world_copies(const world *w);
const char *world_directory(const world *w);
/** Where the servers are, with commas between several. */
const char *world_servers(const world *w);

void world_broker_kill(world *w);
/** SIGTERM: the server writes down everything it knows. */
void world_broker_end(world *w);
void world_broker_start(world *w);

/** kill -9, and waits until the process is gone. */
void world_kill(world *w, unsigned daemon, unsigned copy);
/** SIGTERM to all; fails the test unless each that runs ends with 0. */
void world_end_all(world *w);
void world_run(world *w, unsigned daemon, unsigned copy);
void world_run_all(world *w);
/** Daemons that are run from now on think that the server is there. */
void world_redirect(world *w, const char *url);
/** Removes the projection of a copy that is not running. */
void world_forget(world *w, unsigned daemon, unsigned copy);
/** Fails the test when a daemon has ended by itself, or starts it again when they are supervised.
 */
void world_check(world *w);
/** 0 while it is not running. */
int world_pid(const world *w, unsigned daemon, unsigned copy);
/** How often a supervised daemon has ended by itself, and how last. */
unsigned world_ends(const world *w, unsigned daemon, unsigned copy, int *last_state);
/** Processor time used so far. */
int64_t world_cpu_ms(const world *w, unsigned daemon, unsigned copy);

/** The status code of GET path at the daemon's health port; 0 when nobody answers. */
int world_get(world *w, unsigned daemon, unsigned copy, const char *path);
/** What the last world_get() was answered, head and body. */
const char *world_answer(const world *w);
/** Waits until /readyz refuses with this in its reason. */
void world_wait_reason(world *w, unsigned daemon, unsigned copy, const char *reason);
/** Fails the test unless the daemon waits for two seconds: alive, saying this, hardly a line in its
 * log and hardly any work. */
void world_expect_patience(world *w, unsigned daemon, unsigned copy, const char *reason);
/** The value of a metric without labels; -1 when it cannot be had. */
double world_metric(world *w, unsigned daemon, unsigned copy, const char *name);
/** MiB of memory that is the daemon's own; mapped pages of the projection are not. 0 = not running.
 */
double world_rss_anon(const world *w, unsigned daemon);
/** Waits until /livez or /readyz of every copy says this. */
void world_wait_all(world *w, const char *path, int code);
/** Waits until every copy has folded the whole log, sent everything, and nothing moved for a while.
 * @return the last sequence of the log */
uint64_t world_settle(world *w);

/** What a projection is: seq, digest in base64, number of records. */
typedef struct {
    uint64_t seq;
    uint64_t records;
    char digest[WORLD_DIGEST_TEXT_MAX];
} world_projection;

/** A fold beside that is under way. */
typedef struct {
    unsigned daemon;
    int pid;
    char out[WORLD_PATH_MAX];
    char err[WORLD_PATH_MAX];
} world_folding;

/**
 * Starts to fold the log up to `seq` with --fold-to, into an empty directory, or (`copy` >= 0) into
 * that of a copy that is not running.
 */
world_folding world_fold_begin(world *w, unsigned daemon, int copy, uint64_t seq);
world_projection world_fold_end(world *w, world_folding *f);

/** A connected client; the caller closes it. */
px_bus *world_client(world *w);

int64_t world_now_ms(void);
/** Fails the test, with the end of the logs. */
_Noreturn void world_fail(world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** PRAXIS_SEED, or a fresh one; printed once. */
uint64_t world_seed(void);
/** A number from the environment, or `usual`. */
size_t world_setting(const char *name, size_t usual);
/** The next number of a seeded row (splitmix64). */
uint64_t world_random(uint64_t *state);

#endif
