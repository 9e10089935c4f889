/* cluster.h: three nats-servers on this machine, with routes between them. */
#ifndef PRAXIS_TESTS_FAULTS_CLUSTER_H
#define PRAXIS_TESTS_FAULTS_CLUSTER_H

#include "common/bus.h"

enum { CLUSTER_NODES = 3 };

typedef struct cluster cluster;

/** Starts all three; they agree on a leader of their own some seconds later. */
cluster *cluster_start(void);
/** Kills what still runs and removes everything. NULL is fine. */
void cluster_stop(cluster *c);
/** All three, with commas between. */
const char *cluster_urls(const cluster *c);

void cluster_kill(cluster *c, unsigned node);
/** Starts a node that was killed again, on what it had stored. */
void cluster_restart(cluster *c, unsigned node);
/** SIGSTOP or SIGCONT. */
void cluster_signal(cluster *c, unsigned node, int number);

/** The node that leads a stream; CLUSTER_NODES while there is none, or nobody says. */
unsigned cluster_leader(px_bus *bus, const char *stream);
/** True when every replica of the stream is there and has everything. */
bool cluster_is_whole(px_bus *bus, const char *stream);
/** The first server whose own copy of the stream does not end, at `seq`, in the message that the
 * copy of server 0 ends in; CLUSTER_NODES when all do. */
unsigned cluster_odd_copy(const cluster *c, const char *stream, uint64_t seq);

#endif
