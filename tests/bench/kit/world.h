/* world.h: a nats-server and the five daemons as processes of a benchmark's own.
 *
 * Own ports, own directories, stopped by pid; they die with the benchmark. The daemons are those of
 * the build tree in PRAXIS_BIN. What does not work ends the program with a line that says why.
 */
#ifndef PRAXIS_TESTS_BENCH_KIT_WORLD_H
#define PRAXIS_TESTS_BENCH_KIT_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/bus.h"
#include "tests/common/sync_store.h"

enum {
    BENCH_FEEDBACK_INGEST,
    BENCH_REVIEW_CYCLE,
    BENCH_COMPETENCY,
    BENCH_RECOMMENDER,
    BENCH_REPORTING,
    BENCH_DAEMONS,
    BENCH_SERVER = BENCH_DAEMONS,
    BENCH_PROCESSES
};

/** "review-cycle", ..., "nats-server" */
extern const char *const bench_process_names[BENCH_PROCESSES];

typedef struct bench_world bench_world;

/** Returns once every daemon is ready. @return NULL when the file system cannot sync like that */
bench_world *bench_world_start(fixture_sync sync);
void bench_world_stop(bench_world *world);
const char *bench_world_url(const bench_world *world);
/** Holds the server's store, and each daemon's folder under its name. */
const char *bench_world_directory(const bench_world *world);

/** 0 when it does not run. */
pid_t bench_world_pid(const bench_world *world, size_t process);
/** A connection that stands. Close it before the world stops. */
px_bus *bench_world_connect(const bench_world *world, const char *name);

/** Ends a daemon (SIGTERM) and waits for it. */
void bench_world_end(bench_world *world, size_t daemon);
/** Starts it again, and returns once it is ready. */
void bench_world_begin(bench_world *world, size_t daemon);
/** Keeps a daemon from running for a moment (well below 5 s), and lets it go on. */
void bench_world_pause(const bench_world *world, size_t daemon);
void bench_world_resume(const bench_world *world, size_t daemon);

typedef struct {
    double seconds;     /* from the start of the process to its end */
    double cpu_seconds; /* of that process */
    double anon_mib;    /* RssAnon at its highest, as seen every few ms */
    double peak_mib;    /* resident at its highest, mapped pages of the projection included */
    double bytes;       /* of the projection on the disk */
} bench_rebuilt;

/** Lets a daemon fold the log up to `seq` into an empty projection, and removes that. */
bench_rebuilt bench_world_rebuild(bench_world *world, size_t daemon, uint64_t seq);

/** A line on stderr with the time since the program's start: what goes on, for who waits. */
void bench_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** Says why and ends the program. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
