#include "services/praxis/demo_feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/codec.h"
#include "common/fold.h"
#include "praxis/log/v1/batch.pb-c.h"
#include "services/praxis/clock.h"
#include "services/praxis/log_walk.h"

enum { MESSAGE_ARENA_BYTES = 8 << 20, SILENCE_MS = 10000 };

static bool said(px_status status, const char *what)
{
    if (status != PX_OK && !px_interrupted)
        fprintf(stderr, "praxis demo: %s cannot be read: %s\n", what, px_strerror(status));
    return status == PX_OK;
}

/* ---- the feed ---- */

typedef struct {
    void (*each)(void *context, const px_demo_event *event);
    void *context;
    px_arena arena;
} feed;

/* Microseconds of "2026-01-14T10:00:00Z", to the second. */
static int64_t time_of(const char *text)
{
    struct tm date = { 0 };

    if (!text || !strptime(text, "%Y-%m-%dT%H:%M:%S", &date))
        return 0;
    return (int64_t)timegm(&date) * 1000000;
}

static void take_event(feed *f, const px_bus_msg *msg)
{
    const char *type = px_bus_msg_header(msg, "ce-type");
    const char *sequence = px_bus_msg_header(msg, "ce-sequence");
    const ProtobufCMessageDescriptor *descriptor = type ? px_codec_find(type) : NULL;
    px_demo_event event = { .stored_ns = msg->time_ns, .arena = &f->arena };

    px_arena_reset(&f->arena);
    event.message = descriptor ? px_codec_unpack(descriptor, msg->data, &f->arena) : NULL;
    if (!event.message)
        return;
    event.name = px_codec_short_name(descriptor);
    event.log_seq = sequence ? strtoull(sequence, NULL, 10) : 0;
    event.time_us = time_of(px_bus_msg_header(msg, "ce-time"));
    f->each(f->context, &event);
}

/* Reads events up to the sequence `last`. */
static px_status read_events(px_bus *bus, px_reader *reader, uint64_t last, feed *f)
{
    int64_t heard_ms = px_clock_ms();
    uint64_t seq = 0;
    px_bus_msg *msg;

    while (seq < last) {
        px_status status = px_reader_next(reader, &msg);

        if (status == PX_EEMPTY && px_clock_ms() - heard_ms < SILENCE_MS && !px_interrupted) {
            px_bus_wait(bus, 100);
            continue;
        }
        if (status != PX_OK)
            return status == PX_EEMPTY ? PX_ETIMEOUT : status;
        heard_ms = px_clock_ms();
        seq = msg->seq;
        take_event(f, msg);
        px_bus_msg_free(msg);
    }
    return PX_OK;
}

bool px_demo_feed_read(px_demo_link *link, void (*each)(void *context, const px_demo_event *event),
                       void *context)
{
    feed f = { .each = each, .context = context };
    char subject[PX_NAME_MAX + 32];
    px_reader *reader = NULL;
    px_bus_msg *last = NULL;
    px_status status = px_arena_init(&f.arena, MESSAGE_ARENA_BYTES) ? PX_OK : PX_ENOMEM;

    snprintf(subject, sizeof subject, "praxis.v1.%s.event.>", link->outside.tenant);
    if (status == PX_OK)
        status = px_bus_get_last(link->inside.bus, px_client_feed_stream, subject, &last);
    if (status == PX_OK)
        status =
            px_reader_open_filtered(&reader, link->outside.bus, px_client_feed_stream, 1, subject);
    if (status == PX_OK)
        status = read_events(link->outside.bus, reader, last->seq, &f);
    px_reader_close(reader);
    px_bus_msg_free(last);
    px_arena_fini(&f.arena);
    return said(status, "the feed");
}

/* ---- the log ---- */

typedef struct {
    uint64_t facts;
    px_arena arena;
} log_reading;

static px_status take_batch(void *context, const px_bus_msg *msg)
{
    log_reading *l = context;
    const PraxisLog__Batch *batch;

    px_arena_reset(&l->arena);
    batch = (const PraxisLog__Batch *)px_codec_unpack(&praxis_log__batch__descriptor, msg->data,
                                                      &l->arena);
    for (size_t i = 0; batch && i < batch->n_entries; i++)
        l->facts += batch->entries[i]->n_facts;
    return PX_OK;
}

bool px_demo_count_facts(px_demo_link *link, uint64_t *facts)
{
    log_reading l = { .facts = 0 };
    px_stream_info info = { 0 };
    px_status status = px_arena_init(&l.arena, MESSAGE_ARENA_BYTES) ? PX_OK : PX_ENOMEM;

    if (status == PX_OK)
        status = px_bus_stream_info(link->inside.bus, px_log_stream, &info);
    if (status == PX_OK)
        status = px_log_walk(link->inside.bus, 1, info.last_seq, take_batch, &l);
    px_arena_fini(&l.arena);
    *facts = l.facts;
    return said(status, "the log");
}
