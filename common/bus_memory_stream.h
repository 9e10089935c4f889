/* bus_memory_stream.h: one stream of the memory twin: what JetStream keeps, without the server. */
#ifndef PRAXIS_COMMON_BUS_MEMORY_STREAM_H
#define PRAXIS_COMMON_BUS_MEMORY_STREAM_H

#include "common/bus_impl.h"

typedef struct px_memory_stream px_memory_stream;

/** Copies the configuration. NULL when memory is used up. */
px_memory_stream *px_memory_stream_create(const px_stream_config *config, int64_t now_ns);
void px_memory_stream_destroy(px_memory_stream *stream);

const char *px_memory_stream_name(const px_memory_stream *stream);
/** What is not as `config` says ("subjects", "retention", ...), NULL when all is. */
const char *px_memory_stream_differs(const px_memory_stream *stream,
                                     const px_stream_config *config);
/** Whether a subject is stored here; whether a pattern could share a subject with this stream. */
bool px_memory_stream_hears(const px_memory_stream *stream, const char *subject);
bool px_memory_stream_overlaps(const px_memory_stream *stream, const char *pattern);
px_retention px_memory_stream_keeps(const px_memory_stream *stream);
void px_memory_stream_info(const px_memory_stream *stream, px_stream_info *info);

/** Stores a message or says why not, as the server's acknowledgement would. The token is not set.
 */
px_bus_ack px_memory_stream_store(px_memory_stream *stream, const px_bus_out *out, int64_t now_ns);
/** Removes what is older than max_age. */
void px_memory_stream_expire(px_memory_stream *stream, int64_t now_ns);
void px_memory_stream_purge(px_memory_stream *stream, uint64_t seq);
/** The message must be there. */
void px_memory_stream_erase(px_memory_stream *stream, uint64_t seq);
/** Until told otherwise: nothing has room, or no message of more bytes (0 = any size). */
void px_memory_stream_limit(px_memory_stream *stream, bool full, uint32_t max_msg_bytes);
/** What was purged is gone for good; what is purged from now on comes back with a cut. */
void px_memory_stream_sync(px_memory_stream *stream);
/** Back to `last_seq`: later messages and the message ids they brought are forgotten, and purges
 * since px_memory_stream_sync() undone. */
void px_memory_stream_cut(px_memory_stream *stream, uint64_t last_seq);

/** Borrowed until the next change; NULL when there is none. */
const px_bus_msg *px_memory_stream_get(const px_memory_stream *stream, uint64_t seq);
const px_bus_msg *px_memory_stream_get_last(const px_memory_stream *stream, const char *subject);
/** The first message at or after `seq` under `filter` (NULL = all); counts those behind it. */
const px_bus_msg *px_memory_stream_next(const px_memory_stream *stream, uint64_t seq,
                                        const char *filter, uint64_t *pending);

#endif
