/* network.c: messages lost, late and doubled, answers lost, the server away, and power cuts. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/parts.h"

enum { SYNC_EVERY_STEPS = 60, LATE_STEPS_MAX = 200, LIMITED_STEPS_MAX = 150 };

/* ---- late messages ---- */

static void release(held *h)
{
    free(h->subject);
    free(h->msg_id);
    free(h->last_msg_id);
    free(h->data);
    for (size_t i = 0; i < h->header_count; i++) {
        free((void *)(uintptr_t)h->headers[i].name);
        free((void *)(uintptr_t)h->headers[i].value);
    }
}

static copy *copy_of(sim *s, const px_bus *bus)
{
    for (unsigned d = 0; d < SIM_DAEMONS; d++)
        for (unsigned i = 0; i < SIM_COPIES; i++)
            if (s->copies[d][i].bus == bus)
                return &s->copies[d][i];
    return NULL;
}

static uint64_t connection_of(const sim *s, const copy *c)
{
    return s->connections + c->connections;
}

/* `from` NULL: it may arrive long after its connection is gone. */
static bool keep(sim *s, const px_bus_out *out, const copy *from, unsigned due_step)
{
    held *h = &s->held[s->held_count];

    if (s->held_count == SIM_HELD_MAX || out->header_count > PX_COUNT(h->headers))
        return false;
    *h = (held){ .due_step = due_step,
                 .from = from,
                 .connection = from ? connection_of(s, from) : 0,
                 .subject = strdup(out->subject),
                 .msg_id = out->msg_id ? strdup(out->msg_id) : NULL,
                 .data = malloc(out->data.size + 1),
                 .size = out->data.size,
                 .header_count = out->header_count,
                 .expect = out->expect_subject_seq,
                 .last_subject_seq = out->last_subject_seq,
                 .last_msg_id = out->last_msg_id ? strdup(out->last_msg_id) : NULL };
    if (!h->subject || !h->data)
        abort();
    if (out->data.size > 0)
        memcpy(h->data, out->data.data, out->data.size);
    for (size_t i = 0; i < h->header_count; i++)
        h->headers[i] = (px_header){ strdup(out->headers[i].name), strdup(out->headers[i].value) };
    s->held_count++;
    return true;
}

static void arrive(sim *s, const held *h)
{
    const px_bus_out out = { .subject = h->subject,
                             .data = { h->data, h->size },
                             .headers = h->headers,
                             .header_count = h->header_count,
                             .msg_id = h->msg_id,
                             .expect_subject_seq = h->expect,
                             .last_subject_seq = h->last_subject_seq,
                             .last_msg_id = h->last_msg_id };
    px_bus_ack ack = { 0 };

    if (h->from && h->connection != connection_of(s, h->from))
        return;
    (void)px_bus_publish_wait(s->bus, &out, &ack);
    sim_say(s, "late %s -> %" PRIu64 " %s", h->subject, ack.seq, px_strerror(ack.status));
}

void network_deliver(sim *s)
{
    for (size_t i = 0; s->up && i < s->held_count;) {
        held h = s->held[i];

        if (h.due_step > s->step && !s->quiet) {
            i++;
            continue;
        }
        s->held_count--;
        memmove(&s->held[i], &s->held[i + 1], (s->held_count - i) * sizeof h);
        arrive(s, &h);
        release(&h);
    }
}

/* ---- what the server asks; under its lock ---- */

typedef enum { WELL, LOST, LATE, TWICE, UNANSWERED } mishap;

static mishap draw_mishap(sim *s)
{
    const sim_profile *p = &s->own;
    const unsigned odds[] = { p->lost, p->late, p->twice, p->unanswered };
    unsigned draw = chance_below(&s->chance, 10000);

    for (unsigned i = 0; !s->quiet && i < PX_COUNT(odds); i++) {
        if (draw < odds[i])
            return (mishap)(LOST + i);
        draw -= odds[i];
    }
    return WELL;
}

static unsigned some_time(sim *s)
{
    return s->step + 1 + chance_below(&s->chance, LATE_STEPS_MAX);
}

static bool is_batch(const char *subject)
{
    return strncmp(subject, "praxis.log.", 11) == 0;
}

/* A batch or a submission on its own way: it may arrive after the connection, twice, or never. */
static px_fate fate_of_single(sim *s, const px_bus_out *out)
{
    mishap m = draw_mishap(s);

    if (m == LATE || m == TWICE)
        (void)keep(s, out, NULL, some_time(s));
    if (m == UNANSWERED)
        return PX_FATE_UNANSWERED;
    if (m == LOST || m == LATE)
        return PX_FATE_LOST;
    return !s->quiet && is_batch(out->subject) && chance_hits(&s->chance, s->own.unchecked)
               ? PX_FATE_UNCHECKED
               : PX_FATE_ARRIVES;
}

/* What a connection carries to the feed arrives in order, up to where the connection breaks. */
static px_fate fate_in_order(sim *s, copy *c, const px_bus_out *out)
{
    mishap m;

    if (c->breaks)
        return PX_FATE_LOST;
    if (c->slow_until > s->step && !s->quiet) {
        c->breaks = !keep(s, out, c, c->slow_until);
        return PX_FATE_LOST;
    }
    m = draw_mishap(s);
    if (m == LATE) {
        c->slow_until = some_time(s);
        c->breaks = !keep(s, out, c, c->slow_until);
    } else if (m == LOST) {
        c->breaks = true;
    } else {
        return m == UNANSWERED ? PX_FATE_UNANSWERED : PX_FATE_ARRIVES;
    }
    return PX_FATE_LOST;
}

/* A stream that changes its leader loses one and takes the next; so does a network of servers.
 * What is late dies with its connection all the same. */
static px_fate fate_one_by_one(sim *s, const copy *c, const px_bus_out *out)
{
    mishap m = draw_mishap(s);

    if (m == LATE || m == TWICE)
        (void)keep(s, out, c, some_time(s));
    if (m == UNANSWERED)
        return PX_FATE_UNANSWERED;
    return m == LOST || m == LATE ? PX_FATE_LOST : PX_FATE_ARRIVES;
}

/* Of a report: its revision says what it follows, and that number is handed out again after a cut;
 * but what was under way then does not arrive. */
static bool is_value(const char *subject)
{
    return strncmp(subject, "$KV.", 4) == 0;
}

static bool is_for_feed(const char *subject)
{
    return strncmp(subject, "praxis.v1.", 10) == 0;
}

static px_fate fate_of_message(void *context, const px_bus *from, const px_bus_out *out)
{
    sim *s = context;
    copy *c = copy_of(s, from);

    if (!c)
        return PX_FATE_ARRIVES;
    if (is_value(out->subject))
        return fate_one_by_one(s, c, out);
    if (is_for_feed(out->subject))
        return s->leader ? fate_one_by_one(s, c, out) : fate_in_order(s, c, out);
    return fate_of_single(s, out);
}

/* What the submitters send: their connection is as bad as all others. */
void network_submit(sim *s, const px_bus_out *out)
{
    px_bus_ack ack;

    if (fate_of_single(s, out) != PX_FATE_LOST)
        (void)px_bus_publish_wait(s->bus, out, &ack);
}

/* After a turn: the connection that lost something is a new one now. */
void network_break(sim *s, copy *c)
{
    if (!c->breaks)
        return;
    c->breaks = false;
    c->slow_until = 0;
    c->connections++;
    px_bus_memory_break(c->bus);
    sim_say(s, "connection of %s%u breaks", c->service.name, c->index);
}

static bool loses_request(void *context, const px_bus *from, const char *stream)
{
    sim *s = context;

    (void)stream;
    return !s->quiet && from != s->bus && chance_hits(&s->chance, s->own.request_lost);
}

static px_read_fate fate_of_reading(void *context, const px_bus *from, const char *stream,
                                    uint64_t seq)
{
    sim *s = context;

    (void)stream;
    (void)seq;
    if (s->quiet || from == s->bus)
        return PX_READ_COMES;
    if (chance_hits(&s->chance, s->own.read_later))
        return PX_READ_LATER;
    return chance_hits(&s->chance, s->own.read_skipped) ? PX_READ_SKIPPED : PX_READ_COMES;
}

static int64_t server_clock(void *context)
{
    return ((sim *)context)->now_us * 1000;
}

void network_begin(sim *s)
{
    const px_bus_faults faults = { fate_of_message, loses_request, fate_of_reading, s };

    s->server = px_bus_server_create();
    if (!s->server || px_bus_open_memory(&s->bus, s->server, "submitters") != PX_OK)
        abort();
    px_bus_server_set_clock(s->server, server_clock, s);
    px_bus_server_set_faults(s->server, &faults);
    s->up = true;
}

void network_end(sim *s)
{
    while (s->held_count > 0)
        release(&s->held[--s->held_count]);
    px_bus_close(s->bus);
    px_bus_server_destroy(s->server);
}

void network_set_up(sim *s, bool up)
{
    px_bus_server_set_up(s->server, up);
    s->up = up;
    s->connections++;
    sim_say(s, "server %s", up ? "up" : "down");
}

/* ---- streams without room ---- */

static void set_limit(sim *s, unsigned stream, bool full, uint32_t max_msg_bytes)
{
    px_bus_server_limit(s->server, s->streams[stream], full, max_msg_bytes);
    sim_say(s, "limit %s: %s, messages up to %u", s->streams[stream], full ? "full" : "room",
            max_msg_bytes);
}

void network_limit(sim *s)
{
    unsigned stream = chance_below(&s->chance, SIM_STREAMS);
    bool full = chance_hits(&s->chance, 7000);
    uint32_t bytes = full ? 0 : 1 + chance_below(&s->chance, 2000);

    s->limited_until[stream] = s->step + 1 + chance_below(&s->chance, LIMITED_STEPS_MAX);
    set_limit(s, stream, full, bytes);
}

void network_unlimit(sim *s, bool all)
{
    for (unsigned i = 0; i < SIM_STREAMS; i++)
        if (s->limited_until[i] > 0 && (all || s->step >= s->limited_until[i])) {
            s->limited_until[i] = 0;
            set_limit(s, i, false, 0);
        }
}

/* ---- power cuts ---- */

static uint64_t last_of(sim *s, unsigned stream)
{
    px_stream_info info;

    return px_bus_stream_info(s->bus, s->streams[stream], &info) == PX_OK ? info.last_seq : 0;
}

void network_sync(sim *s)
{
    if (s->step % SYNC_EVERY_STEPS != 0 || !s->up)
        return;
    for (unsigned i = 0; i < SIM_STREAMS; i++)
        s->synced[i] = last_of(s, i);
    px_bus_server_sync_purges(s->server);
}

/* What was purged since the last sync is back with the rest of an inbox. */
static void come_back(sim *s, unsigned stream)
{
    inbox_shadow *box = &s->inboxes[stream];

    for (uint64_t seq = 1; seq <= box->count; seq++) {
        px_bus_msg *msg;

        if (!box->slots[seq - 1].gone || px_bus_get(s->bus, s->streams[stream], seq, &msg) != PX_OK)
            continue;
        px_bus_msg_free(msg);
        box->slots[seq - 1].gone = false;
        box->messages++;
        sim_say(s, "back: %s %" PRIu64, s->streams[stream], seq);
    }
}

static void cut_stream(sim *s, unsigned stream)
{
    uint64_t last = last_of(s, stream), keep_to = last;
    const char *name = s->streams[stream];

    if (s->own.durable && stream != SIM_FEED && stream != SIM_REPORTS)
        return;
    if (last > s->synced[stream])
        keep_to =
            s->synced[stream] + chance_below(&s->chance, (unsigned)(last - s->synced[stream]) + 1);
    if (keep_to == last && stream >= SIM_DAEMONS)
        return;
    (void)px_bus_server_cut(s->server, name, keep_to);
    sim_say(s, "power cut: %s %" PRIu64 " -> %" PRIu64, name, last, keep_to);
    s->synced[stream] = keep_to;
    oracle_cut_any(s->oracle);
    if (stream < SIM_DAEMONS) {
        inbox_shadow *box = &s->inboxes[stream];

        for (; box->count > keep_to; box->count--)
            box->messages -= !box->slots[box->count - 1].gone;
        come_back(s, stream);
    } else if (stream == SIM_KEYS) {
        s->keys_lost = true;
    } else if (stream == SIM_REPORTS) {
        s->reports_seen = s->reports_seen > keep_to ? keep_to : s->reports_seen;
        for (size_t i = 0; i < s->report_count; i++)
            s->reports[i].as_of = 0;
    } else if (stream == SIM_LOG) {
        oracle_cut_log(s->oracle, keep_to);
        s->log_seen = keep_to;
        s->report_count = 0;
    } else {
        oracle_cut_feed(s->oracle, keep_to);
        s->feed_seen = keep_to;
        s->answers_seen = s->answers_seen > keep_to ? keep_to : s->answers_seen;
    }
}

static bool has_type(const submission *sub, const char *type)
{
    return strcasecmp(sub->type, type) == 0;
}

/* What was decided and is not in the log any more: its result may have been seen. With a lost
 * erasure go all texts: their key is destroyed, and they cannot be compared with what is sent
 * again. */
static void mark_ghosts(sim *s, const bool *decided)
{
    for (unsigned i = 0; i < s->submission_count; i++) {
        oracle_answer answer;

        if (decided[i] && !submitter_answered(s, &s->submissions[i], &answer))
            s->submissions[i].ghost = true;
        s->keys_lost |= s->submissions[i].ghost && has_type(&s->submissions[i], "erasePerson");
    }
}

void network_power_cut(sim *s)
{
    bool decided[SIM_SUBMISSIONS_MAX] = { false };
    oracle_answer answer;

    sim_follow(s);
    for (unsigned i = 0; i < s->submission_count; i++)
        decided[i] = submitter_answered(s, &s->submissions[i], &answer);
    s->outcome->cuts++;
    for (unsigned i = 0; i < SIM_STREAMS; i++)
        cut_stream(s, i);
    mark_ghosts(s, decided);
    network_set_up(s, false);
    s->up_again = s->step + 1 + chance_below(&s->chance, 20);
}
