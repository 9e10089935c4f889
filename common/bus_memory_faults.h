/* bus_memory_faults.h: what can go wrong between a connection and the server of the memory twin.
 *
 * For simulations: the functions below are asked at every message and every request, and say what
 * becomes of it. They run under the lock of the server, so they may not use the bus; a message that
 * is to arrive late is lost here, kept by the simulation, and published again.
 */
#ifndef PRAXIS_COMMON_BUS_MEMORY_FAULTS_H
#define PRAXIS_COMMON_BUS_MEMORY_FAULTS_H

#include "common/bus.h"

typedef enum {
    PX_FATE_ARRIVES,
    PX_FATE_UNCHECKED,  /* stored whatever was expected: a server whose check lets two through */
    PX_FATE_UNANSWERED, /* stored, but the sender never hears of it */
    PX_FATE_LOST        /* never arrives, and the sender never hears of that */
} px_fate;

typedef enum {
    PX_READ_COMES,
    PX_READ_LATER,  /* not here yet, and the reader does not know that there is more */
    PX_READ_SKIPPED /* the consumer goes on with the message behind it: a gap */
} px_read_fate;

/** NULL members: nothing goes wrong there. `from` tells one connection from another. */
typedef struct {
    /** A message on its way to a stream. */
    px_fate (*publish)(void *context, const px_bus *from, const px_bus_out *out);
    /** A request about a stream: true when it (or its answer) is lost, PX_ETIMEOUT. A purge or an
     * erasure is asked about twice: before it is done, and after. */
    bool (*request)(void *context, const px_bus *from, const char *stream);
    /** The next message of a reader. */
    px_read_fate (*read)(void *context, const px_bus *from, const char *stream, uint64_t seq);
    void *context;
} px_bus_faults;

/** What was purged so far is gone for good; what is purged from now on comes back with
 * px_bus_server_cut() of its stream. */
void px_bus_server_sync_purges(px_bus_server *server);
/** Until told otherwise a stream of this name has no room for anything (PX_EEXHAUSTED), or takes no
 * message of more bytes than this (PX_EREFUSED; 0 = any). What it holds stays. */
void px_bus_server_limit(px_bus_server *server, const char *stream, bool full,
                         uint32_t max_msg_bytes);
/** The messages of a stream up to `seq` are not there any more, whatever it allows: a file is lost.
 */
void px_bus_server_lose_front(px_bus_server *server, const char *stream, uint64_t seq);
/** One connection breaks and is there again at once: a new epoch, and what was under way is lost.
 */
void px_bus_memory_break(px_bus *bus);
/** From now on; NULL ends all faults. The structure is copied. */
void px_bus_server_set_faults(px_bus_server *server, const px_bus_faults *faults);

#endif
