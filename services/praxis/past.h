/* past.h: what learning-recommender knew at one sequence of the log: its projection, folded by the
 * daemon's program into a temporary directory and thrown away after a look. */
#ifndef PRAXIS_SERVICES_PRAXIS_PAST_H
#define PRAXIS_SERVICES_PRAXIS_PAST_H

#include "common/store.h"
#include "services/praxis/ask.h"

/** Which log, and how far. Borrowed. */
typedef struct {
    const char *command; /* for what is said on stderr */
    const char *dir;     /* of `praxis run`; need not be one with an archive */
    const char *archive; /* of `praxis archive` or `praxis backup`; NULL: the live log */
    px_bus *bus;         /* the operator's; NULL with an archive */
    uint64_t seq;        /* 0: to its end */
} px_past_log;

typedef struct {
    uint64_t seq;
    int64_t time_us; /* when the batch at seq was decided */
    px_store *store; /* for views only */
    char base[PX_PATH_MAX];
} px_past;

/** What does not work is said in one line on stderr. Close it in either case. */
bool px_past_open(px_past *past, const px_past_log *log);
/** Removes the directory; safe on all zeros. */
void px_past_close(px_past *past);
/** As px_ask_message(), answered by the daemon's code from this projection. */
px_status px_past_ask(px_past *past, const char *tenant, const char *name,
                      const ProtobufCMessage *request, const ProtobufCMessageDescriptor *type,
                      px_arena *arena, px_asked *asked);

#endif
