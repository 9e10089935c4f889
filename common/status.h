/* status.h: how the world's failures are reported (disk, net, bytes); 0 is fine. */
#ifndef PRAXIS_COMMON_STATUS_H
#define PRAXIS_COMMON_STATUS_H

#include <stdbool.h>

/**
 * Outcome of an operation that the world can spoil. A user's mistake is a px_verdict (service.h),
 * our own bug is a PX_ASSERT.
 */
typedef enum {
    PX_OK = 0,
    PX_ENOTFOUND,     /* no such key, message, stream or person */
    PX_EEMPTY,        /* nothing waiting right now; ask again after px_bus_wait() */
    PX_ENOMEM,        /* arena or heap is used up */
    PX_EFULL,         /* the LMDB map is full: abort, px_store_grow(), run the batch again */
    PX_ENOSPACE,      /* the volume of the store is full: nothing was changed; again later */
    PX_EIO,           /* the disk refused; the store must be closed and opened again */
    PX_ECORRUPT,      /* stored bytes are not what we wrote */
    PX_EMALFORMED,    /* bytes from outside do not parse */
    PX_ETOOBIG,       /* over a documented limit */
    PX_ETIMEOUT,      /* no answer within the deadline; the request may still have worked */
    PX_EDISCONNECTED, /* the broker is away, or came back since: attach again before anything else
                       */
    PX_ESEQUENCE,     /* the expected last (subject) sequence did not match (server error 10071) */
    PX_EEXHAUSTED,    /* the server has no room left for its streams; again later */
    PX_EREFUSED,      /* the server refused for another reason; it is in the log */
    PX_EFORBIDDEN,    /* the viewer may not see this, or the user may not do this */
    PX_EINVALID,      /* a setting or an argument of a request is wrong */
    PX_EBUSY,         /* held by somebody else (directory lock, port) */
    PX_STATUS_COUNT
} px_status;

/** One short English line for a status; never NULL, static storage. */
const char *px_strerror(px_status status);

/**
 * Our own bug: says where, aborts the process (on in release builds too); the restart replays the
 * log. Never used on input.
 */
#ifdef PRAXIS_COVERAGE /* that no test reaches our bugs is as it should be: not a branch here */
#define PX_ASSERT(condition) px_assert_that((condition), #condition, __FILE__, __LINE__, __func__)

void px_assert_that(bool holds, const char *condition, const char *file, int line,
                    const char *function);
#else
#define PX_ASSERT(condition)                                                                       \
    ((condition) ? (void)0 : px_assert_failed(#condition, __FILE__, __LINE__, __func__))
#endif

_Noreturn void px_assert_failed(const char *condition, const char *file, int line,
                                const char *function);

#define PX_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
