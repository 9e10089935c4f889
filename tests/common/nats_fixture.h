/* nats_fixture.h: a nats-server of a test's own: free port on 127.0.0.1, own store, stopped by pid.
 */
#ifndef PRAXIS_TESTS_COMMON_NATS_FIXTURE_H
#define PRAXIS_TESTS_COMMON_NATS_FIXTURE_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct nats_fixture nats_fixture;

/**
 * Starts a server with JetStream and waits until it answers. `config` (may be NULL) is appended to
 * its configuration file. Aborts the test program when the server cannot be started.
 */
nats_fixture *nats_fixture_start(const char *config);
/** Ends the server and removes its directory. NULL is fine. */
void nats_fixture_stop(nats_fixture *fixture);

/** nats://127.0.0.1:<port>, the same over restarts. */
const char *nats_fixture_url(const nats_fixture *fixture);
/** The directory that holds the store, the configuration and the log; for further files of the
 * test. */
const char *nats_fixture_directory(const nats_fixture *fixture);
/** The running server; 0 when there is none. */
pid_t nats_fixture_pid(const nats_fixture *fixture);

/** kill -9, and waits until the process is gone. */
void nats_fixture_kill(nats_fixture *fixture);
/** Asks the server to end (SIGTERM), and waits. */
void nats_fixture_shut_down(nats_fixture *fixture);
/** Starts the server again on the same store and port; it must not be running. */
void nats_fixture_restart(nats_fixture *fixture);

#endif
