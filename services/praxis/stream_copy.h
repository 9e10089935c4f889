/* stream_copy.h: a whole stream into a file and back, by the server's own snapshots: sequences and
 * server times stay what they are, which publishing again could not do (tags contain the time).
 *
 * The file is what the server sends, unread. The user needs $JS.API.STREAM.SNAPSHOT.<stream> and
 * $JS.SNAPSHOT.ACK.> to copy out, $JS.API.STREAM.RESTORE.<stream> and $JS.SNAPSHOT.RESTORE.> to
 * copy in.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_STREAM_COPY_H
#define PRAXIS_SERVICES_PRAXIS_STREAM_COPY_H

#include <jansson.h>
#include <stdint.h>

#include "common/bus.h"

enum { PX_COPY_DIGEST_SIZE = 32 };

/** One copy: what the server says about the stream, and what the file is. */
typedef struct {
    uint64_t bytes;
    uint8_t digest[PX_COPY_DIGEST_SIZE]; /* BLAKE2b-256 of the file */
    json_t *config;                      /* owned; NULL before */
    json_t *state;                       /* owned; the file may hold messages that came later */
} px_stream_copy;

void px_stream_copy_fini(px_stream_copy *copy);

typedef struct px_copier px_copier;

/**
 * Copies are received on `<inbox_prefix>.copy...` on this connection, until it is closed; the
 * copier is destroyed after that. Memory is bounded: chunks of 128 KiB, acknowledged once written,
 * 16 MiB of them under way.
 */
px_status px_copier_create(px_copier **copier, px_bus *bus, const char *inbox_prefix);
void px_copier_destroy(px_copier *copier);

/**
 * Copies a stream into a file, which is synced. `shown` (may be NULL) is told the bytes so far.
 * PX_ENOTFOUND: no such stream; PX_EDISCONNECTED, PX_ETIMEOUT, PX_EIO: the file is not whole.
 */
px_status px_stream_copy_out(px_copier *copier, const char *stream, int fd, px_stream_copy *copy,
                             void (*shown)(void *context, uint64_t bytes), void *context);
/**
 * Makes the stream from a file. PX_EBUSY: there is one of this name; PX_ECORRUPT: the server cannot
 * read the file (px_copy_problem says how).
 */
px_status px_stream_copy_in(px_bus *bus, const char *stream, int fd, const px_stream_copy *copy);
/** What the server said to the last px_stream_copy_in() or _out() that failed; static. */
const char *px_copy_problem(void);

#endif
