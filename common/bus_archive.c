#include "common/bus_archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/archive.h"
#include "common/bus_impl.h"
#include "common/fold.h"

enum { PAUSE_MAX_MS = 20 };

typedef struct {
    px_bus base;
    char *directory;
    uint64_t first_seq;
    uint64_t last_seq;
    char error[PX_ARCHIVE_PROBLEM_SIZE];
} archive_bus;

typedef struct {
    px_reader base;
    archive_bus *bus;
    px_archive *archive;
    uint64_t seq; /* of the last message given */
} archive_reader;

static archive_bus *archive_of(px_bus *bus)
{
    return (archive_bus *)bus;
}

/* ---- messages ---- */

static px_status take(archive_bus *b, px_archive *archive, px_bus_msg **msg)
{
    px_archive_record record;
    px_status status = px_archive_next(archive, &record);

    if (status == PX_ECORRUPT && !px_archive_torn(archive)) {
        snprintf(b->error, sizeof b->error, "%s", px_archive_problem(archive));
        return PX_ECORRUPT;
    }
    if (status != PX_OK)
        return status == PX_ECORRUPT ? PX_EEMPTY : status;
    *msg = px_msg_make(&(px_msg_parts){ .subject = record.subject, .data = record.data });
    if (!*msg)
        return PX_ENOMEM;
    (*msg)->seq = record.seq;
    (*msg)->time_ns = record.time_ns;
    (*msg)->pending = b->last_seq - record.seq;
    return PX_OK;
}

static bool is_log(const char *stream)
{
    return strcmp(stream, px_log_stream) == 0;
}

static px_status get(px_bus *bus, const char *stream, uint64_t seq, px_bus_msg **msg)
{
    archive_bus *b = archive_of(bus);
    px_archive *archive;
    px_status status;

    if (!is_log(stream) || seq < b->first_seq || seq > b->last_seq)
        return PX_ENOTFOUND;
    status = px_archive_open(&archive, b->directory, 0, seq);
    if (status != PX_OK)
        return status;
    status = take(b, archive, msg);
    px_archive_close(archive);
    return status == PX_EEMPTY ? PX_ENOTFOUND : status;
}

static px_status get_last(px_bus *bus, const char *stream, const char *subject, px_bus_msg **msg)
{
    (void)bus, (void)stream, (void)subject, (void)msg;
    return PX_EREFUSED;
}

/* ---- the stream ---- */

static px_status stream_ensure(px_bus *bus, const px_stream_config *config)
{
    (void)bus, (void)config;
    return PX_OK; /* nothing is made, and of the others nothing is asked */
}

static px_status stream_info(px_bus *bus, const char *stream, px_stream_info *info)
{
    const archive_bus *b = archive_of(bus);

    if (!is_log(stream))
        return PX_ENOTFOUND;
    *info = (px_stream_info){ .first_seq = b->first_seq,
                              .last_seq = b->last_seq,
                              .messages = b->last_seq == 0 ? 0 : b->last_seq - b->first_seq + 1 };
    return PX_OK;
}

static px_status limits(px_bus *bus, px_bus_limits *out)
{
    (void)bus;
    *out = (px_bus_limits){ -1, -1, -1, -1 };
    return PX_OK;
}

static px_status change(px_bus *bus, const char *stream, uint64_t seq)
{
    (void)bus, (void)stream, (void)seq;
    return PX_EREFUSED;
}

/* ---- reading ---- */

static px_status reader_open(px_reader **reader, px_bus *bus, const char *stream, uint64_t from_seq,
                             const char *filter)
{
    archive_bus *b = archive_of(bus);
    archive_reader *r;
    px_status status;

    if (filter || !is_log(stream))
        return PX_ENOTFOUND;
    r = calloc(1, sizeof *r);
    if (!r)
        return PX_ENOMEM;
    *r = (archive_reader){ .base = { .ops = bus->ops }, .bus = b, .seq = from_seq - 1 };
    status = px_archive_open(&r->archive, b->directory, 0, from_seq);
    if (status == PX_OK)
        *reader = &r->base;
    else
        free(r);
    return status;
}

static void reader_close(px_reader *reader)
{
    archive_reader *r = (archive_reader *)reader;

    px_archive_close(r->archive);
    free(r);
}

static px_status reader_next(px_reader *reader, px_bus_msg **msg)
{
    archive_reader *r = (archive_reader *)reader;
    px_status status = take(r->bus, r->archive, msg);

    if (status == PX_OK)
        r->seq = (*msg)->seq;
    return status;
}

static bool reader_caught_up(px_reader *reader)
{
    const archive_reader *r = (const archive_reader *)reader;

    return r->seq >= r->bus->last_seq;
}

/* ---- the connection ---- */

static uint64_t epoch(px_bus *bus)
{
    (void)bus;
    return 1;
}

static const char *last_error(px_bus *bus)
{
    return archive_of(bus)->error;
}

static void wait_a_little(px_bus *bus, int64_t timeout_ms)
{
    int64_t ms = timeout_ms < PAUSE_MAX_MS ? timeout_ms : PAUSE_MAX_MS;

    (void)bus;
    if (ms > 0)
        nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

static void wake(px_bus *bus)
{
    (void)bus; /* it never sleeps for long */
}

static void close_bus(px_bus *bus)
{
    free(archive_of(bus)->directory);
    free(bus);
}

/* ---- nobody hears ---- */

static px_status publish(px_bus *bus, uint64_t at_epoch, const px_bus_out *out, uint64_t token)
{
    (void)bus, (void)at_epoch, (void)out, (void)token;
    return PX_EREFUSED;
}

static bool next_ack(px_bus *bus, px_bus_ack *ack)
{
    (void)bus, (void)ack;
    return false;
}

static px_status publish_wait(px_bus *bus, const px_bus_out *out, px_bus_ack *ack)
{
    (void)bus, (void)out, (void)ack;
    return PX_EREFUSED;
}

static px_status send_nowhere(px_bus *bus, const px_bus_out *out)
{
    (void)bus, (void)out;
    return PX_EREFUSED;
}

static px_status serve(px_bus *bus, const char *subject, const char *queue, px_bus_handler handler,
                       void *context)
{
    (void)bus, (void)subject, (void)queue, (void)handler, (void)context;
    return PX_OK; /* nobody will ask */
}

static px_status respond(px_bus *bus, const px_bus_msg *request, const px_bus_out *out)
{
    (void)bus, (void)request, (void)out;
    return PX_EREFUSED;
}

static px_status request(px_bus *bus, const px_bus_out *out, int64_t timeout_ms, px_bus_msg **reply)
{
    (void)bus, (void)out, (void)timeout_ms, (void)reply;
    return PX_ENOTFOUND;
}

static const px_bus_ops archive_ops = {
    .close = close_bus,
    .epoch = epoch,
    .last_error = last_error,
    .wait = wait_a_little,
    .wake = wake,
    .stream_ensure = stream_ensure,
    .stream_info = stream_info,
    .limits = limits,
    .get = get,
    .get_last = get_last,
    .purge = change,
    .erase = change,
    .reader_open = reader_open,
    .reader_close = reader_close,
    .reader_next = reader_next,
    .reader_caught_up = reader_caught_up,
    .publish = publish,
    .next_ack = next_ack,
    .publish_wait = publish_wait,
    .send = send_nowhere,
    .serve = serve,
    .respond = respond,
    .request = request,
};

px_status px_bus_open_archive(px_bus **bus, const char *directory)
{
    archive_bus *b = calloc(1, sizeof *b);
    px_status status = PX_ENOMEM;

    if (!b)
        return status;
    b->base.ops = &archive_ops;
    b->directory = strdup(directory);
    if (b->directory)
        status = px_archive_range(directory, 0, &b->first_seq, &b->last_seq);
    if (status == PX_OK)
        *bus = &b->base;
    else
        close_bus(&b->base);
    return status;
}
