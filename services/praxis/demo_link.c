#include "services/praxis/demo_link.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/codec.h"
#include "common/fold.h"
#include "services/praxis/clock.h"
#include "services/praxis/commands.h"
#include "services/praxis/projection.h"

enum {
    ARENA_BYTES = 1 << 20,
    STEP_MS = 2,
    QUIET_MS = 1500, /* longer than a daemon waits with what need not be said at once */
    SETTLE_MS = 90000,
    POLL_MS = 100
};

bool px_demo_link_open(px_demo_link *link, const char *dir)
{
    const px_client_flags flags = { .dir = dir };

    *link = (px_demo_link){ 0 };
    return px_arena_init(&link->arena, ARENA_BYTES) &&
           px_client_open(&link->outside, &flags, PX_CLIENT_SOURCE) == PX_EXIT_OK &&
           px_client_open(&link->inside, &flags, PX_CLIENT_OPERATOR) == PX_EXIT_OK;
}

void px_demo_link_close(px_demo_link *link)
{
    px_client_close(&link->outside);
    px_client_close(&link->inside);
    px_arena_fini(&link->arena);
}

/* ---- sending ---- */

/* One call of px_demo_send(). */
typedef struct {
    px_demo_link *link;
    const px_programme *programme;
    const px_demo_sending *how;
    px_sender *sender;
    px_progress progress;
} sending;

static void say_refusal(const px_programme_item *item, const Praxis__Rejected *why)
{
    fprintf(stderr, "praxis demo: %s %s was refused: %s %s: %s\n", item->type, item->id, why->code,
            why->field, why->text);
}

static void on_result(void *context, uint64_t tag, const Praxis__Result *result)
{
    sending *s = context;
    px_demo_sent *sent = &s->link->sent;
    px_sender_counts counts = px_sender_count(s->sender);

    if (result->outcome_case == PRAXIS__RESULT__OUTCOME_ACCEPTED) {
        sent->accepted++;
    } else if (s->how->on_refused) {
        sent->refused++;
        s->how->on_refused(s->how->context, tag, result->rejected);
    } else {
        sent->refused++;
        sent->unexpected++;
        px_progress_clear(&s->progress);
        say_refusal(&s->programme->items[tag], result->rejected);
    }
    px_progress_update(&s->progress, counts.accepted + counts.refused, counts.refused);
}

static void on_note(void *context, const char *note)
{
    sending *s = context;

    px_progress_note(&s->progress, note);
}

static px_status put(sending *s, size_t index)
{
    const px_programme_item *item = &s->programme->items[index];
    px_bytes bytes;

    px_arena_reset(&s->link->arena);
    bytes = px_codec_pack(item->message, &s->link->arena);
    if (!bytes.data)
        return PX_ENOMEM;
    if (s->how->sent_ns)
        s->how->sent_ns[index] = px_clock_ns();
    return px_sender_put(s->sender, &(px_sending){ .service = item->service,
                                                   .type = item->type,
                                                   .id = item->id,
                                                   .bytes = bytes,
                                                   .tag = index });
}

static px_status put_in_time(sending *s, size_t index, int64_t due_ms)
{
    px_status status = PX_OK;

    while (status == PX_OK && px_clock_ms() < due_ms)
        status = px_sender_step(s->sender, STEP_MS);
    return status == PX_OK ? put(s, index) : status;
}

static px_status send_items(sending *s)
{
    int64_t begin_ms = px_clock_ms();
    px_status status = PX_OK;

    for (size_t i = 0; i < s->how->count && status == PX_OK; i++) {
        if (s->how->per_second > 0)
            status =
                put_in_time(s, s->how->from + i, begin_ms + (int64_t)i * 1000 / s->how->per_second);
        else
            status = put(s, s->how->from + i);
    }
    return status == PX_OK ? px_sender_finish(s->sender) : status;
}

bool px_demo_send(px_demo_link *link, const px_programme *programme, const px_demo_sending *how)
{
    sending s = { .link = link, .programme = programme, .how = how };
    const px_sender_options options = {
        .bus = link->outside.bus,
        .tenant = link->outside.tenant,
        .source = link->outside.source,
        .bundle = how->per_second > 0 ? 0 : PX_SENDER_BUNDLE_MAX,
        .on_result = on_result,
        .on_note = on_note,
        .stop = &px_interrupted,
        .context = &s,
    };
    px_status status = px_sender_create(&s.sender, &options);

    if (status == PX_OK) {
        px_progress_begin(&s.progress, how->label, how->count);
        status = send_items(&s);
        px_progress_clear(&s.progress);
        if (px_sender_count(s.sender).log_seq > link->log_seq)
            link->log_seq = px_sender_count(s.sender).log_seq;
    }
    px_sender_destroy(s.sender);
    if (status != PX_OK && !px_interrupted)
        fprintf(stderr, "praxis demo: %s: %s (%s)\n", how->label, px_strerror(status),
                px_bus_last_error(link->outside.bus));
    return status == PX_OK;
}

bool px_demo_send_all(px_demo_link *link, const px_programme *programme, const char *label)
{
    return px_demo_send(link, programme,
                        &(px_demo_sending){ .label = label, .count = programme->count });
}

/* ---- quiet ---- */

typedef struct {
    uint64_t log, feed;
} tips;

static bool read_tips(px_demo_link *link, tips *at)
{
    px_stream_info log, feed;

    if (px_bus_stream_info(link->inside.bus, px_log_stream, &log) != PX_OK ||
        px_bus_stream_info(link->inside.bus, px_client_feed_stream, &feed) != PX_OK)
        return false;
    *at = (tips){ log.last_seq, feed.last_seq };
    return true;
}

static bool all_at(px_demo_link *link, uint64_t log_seq)
{
    px_projection projection;

    for (size_t i = 0; i < PX_DAEMONS; i++)
        if (px_projection_ask(link->inside.bus, px_daemon_names[i], &projection) != PX_OK ||
            !projection.ready || projection.seq != log_seq)
            return false;
    return true;
}

bool px_demo_settle(px_demo_link *link, const char *label)
{
    int64_t now_ms = px_clock_ms(), end_ms = now_ms + SETTLE_MS, since_ms = now_ms;
    px_progress progress;
    tips last = { 0 }, at = { 0 };

    px_progress_begin(&progress, label, 0);
    for (; now_ms < end_ms && !px_interrupted; now_ms = px_clock_ms()) {
        if (!read_tips(link, &at) || at.log != last.log || at.feed != last.feed) {
            last = at;
            since_ms = now_ms;
        } else if (now_ms - since_ms >= QUIET_MS && all_at(link, at.log)) {
            px_progress_clear(&progress);
            return true;
        }
        px_progress_update(&progress, at.log, 0);
        px_bus_wait(link->inside.bus, POLL_MS);
    }
    px_progress_clear(&progress);
    if (!px_interrupted)
        fprintf(stderr,
                "praxis demo: %s: after %d s the daemons are not done (log at %" PRIu64 "); their "
                "logs are in %s/logs\n",
                label, SETTLE_MS / 1000, last.log, link->inside.dir);
    return false;
}
