/* sender.c: the window, the connection, sending and sending again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "common/intake.h" /* PX_BUNDLE_BYTES_MAX */
#include "praxis/common/v1/bundle.pb-c.h"
#include "services/praxis/clock.h"
#include "services/praxis/sender_impl.h"

enum {
    WAIT_SLICE_MS = 200,    /* how late a wish to stop may be heard */
    REFUSED_PAUSE_MS = 500, /* before asking again a stream that refused */
    RESEND_MAX_MS = 60000,
    NOTE_PAUSE_MS = 5000,
    BUNDLE_BYTES = PX_BUNDLE_BYTES_MAX - 8 * PX_SENDER_BUNDLE_MAX,
    RESULT_ARENA_BYTES = 8 * 1024 * 1024
};

static int64_t monotonic_ms(void *context)
{
    (void)context;
    return px_clock_ms();
}

int64_t px_sender_now_ms(const px_sender *s)
{
    return s->options.now_ms(s->options.context);
}

static bool stopped(const px_sender *s)
{
    return s->options.stop && *s->options.stop;
}

static void say(px_sender *s, const char *note)
{
    if (s->options.on_note)
        s->options.on_note(s->options.context, note);
}

void px_sender_say(px_sender *s, const char *format, const char *what)
{
    char note[300];

    if (px_sender_now_ms(s) < s->next_note_ms)
        return;
    s->next_note_ms = px_sender_now_ms(s) + NOTE_PAUSE_MS;
    snprintf(note, sizeof note, format, what);
    say(s, note);
}

/* --- sending --- */

static int64_t resend_after_ms(unsigned tries)
{
    int64_t ms = PX_SENDER_RESEND_MS;

    for (unsigned i = 1; i < tries && ms < RESEND_MAX_MS; i++)
        ms *= 2;
    return ms < RESEND_MAX_MS ? ms : RESEND_MAX_MS;
}

static px_status publish(px_sender *s, const parcel *p)
{
    const px_header header = { "Content-Type",
                               p->json ? "application/json" : "application/protobuf" };
    const px_bus_out out = {
        .subject = p->subject, .data = { p->bytes, p->size }, .headers = &header, .header_count = 1
    };

    return px_bus_publish(s->options.bus, s->epoch, &out, p->token);
}

static void due(px_sender *s, parcel *p, int64_t at_ms)
{
    p->due_ms = at_ms;
    if (at_ms < s->next_due_ms)
        s->next_due_ms = at_ms;
}

/* False when the connection is gone. The parcel is gone when it can never be carried. */
static bool send_parcel(px_sender *s, parcel *p)
{
    px_status status = publish(s, p);

    if (status == PX_ETOOBIG) {
        px_sender_refuse_too_large(s, p);
        return true;
    }
    if (status != PX_OK)
        return false;
    s->counts.sent_again += p->tries > 0;
    if (p->tries++ > 0)
        px_sender_say(s, "no result yet from %s; sent again and waiting", p->service);
    due(s, p, px_sender_now_ms(s) + resend_after_ms(p->tries));
    return true;
}

/* False when the connection is gone. */
static bool send_due(px_sender *s)
{
    int64_t now = px_sender_now_ms(s);

    if (now < s->next_due_ms)
        return true;
    s->next_due_ms = INT64_MAX;
    for (parcel *p = s->first, *after; p; p = after) {
        after = p->next;
        if (p->due_ms > now)
            due(s, p, p->due_ms);
        else if (!send_parcel(s, p))
            return false;
    }
    return true;
}

static void take_acks(px_sender *s)
{
    px_bus_ack ack;

    while (px_bus_next_ack(s->options.bus, &ack)) {
        if (ack.status == PX_OK)
            continue;
        px_sender_say(s, "not taken yet (%s); trying again", px_bus_last_error(s->options.bus));
        for (parcel *p = s->first; p; p = p->next)
            if (p->token == ack.token) {
                due(s, p, px_sender_now_ms(s) + REFUSED_PAUSE_MS);
                break;
            }
    }
}

static void detach(px_sender *s)
{
    px_reader_close(s->reader);
    s->reader = NULL;
    s->epoch = 0;
}

/* A new one leaves at once, and so in order. */
static void send_first(px_sender *s, parcel *p)
{
    px_sender_append(s, p);
    if (s->reader && !send_parcel(s, p))
        detach(s); /* attach() sends it */
}

/* --- bundles --- */

static void free_bundle(bundling *b)
{
    for (size_t i = 0; i < b->count; i++) {
        free(b->items[i].id);
        free(b->bytes[i].data);
    }
    free(b->items);
    free(b->bytes);
    free(b->service);
    *b = (bundling){ 0 };
}

static bool fill_parcel(px_sender *s, parcel *p, const char *service, const char *type,
                        px_bytes bytes)
{
    p->service = strdup(service);
    p->bytes = malloc(bytes.size + 1);
    if (asprintf(&p->subject, "praxis.v1.%s.submit.%s.%s.%s", s->options.tenant, service, type,
                 s->options.source) < 0)
        p->subject = NULL;
    if (!p->service || !p->bytes || !p->subject)
        return false;
    memcpy(p->bytes, bytes.data, bytes.size);
    p->size = bytes.size;
    px_chain_digest(bytes, p->digest);
    return true;
}

static px_status send_bundle(px_sender *s)
{
    bundling *b = &s->bundle;
    Praxis__Bundle message = PRAXIS__BUNDLE__INIT;
    parcel *p = b->count > 0 ? calloc(1, sizeof *p) : NULL;

    if (b->count == 0)
        return PX_OK;
    message.n_submissions = b->count;
    message.submissions = b->bytes;
    px_arena_reset(&s->arena);
    px_bytes packed = px_codec_pack(&message.base, &s->arena);
    if (!p || !packed.data || !fill_parcel(s, p, b->service, "Bundle", packed)) {
        if (p)
            px_sender_free_parcel(p);
        return PX_ENOMEM;
    }
    p->items = b->items;
    p->count = b->count;
    b->items = NULL;
    for (size_t i = 0; i < b->count; i++)
        free(b->bytes[i].data);
    b->count = 0;
    free_bundle(b);
    send_first(s, p);
    return PX_OK;
}

static bool bundling_id(const px_sender *s, const px_sending *sending)
{
    if (!s->bundle.service || strcmp(s->bundle.service, sending->service) != 0)
        return false;
    for (size_t i = 0; i < s->bundle.count; i++)
        if (*sending->id && strcmp(s->bundle.items[i].id, sending->id) == 0)
            return true;
    return false;
}

static bool begin_bundle(px_sender *s, const char *service)
{
    s->bundle.service = strdup(service);
    s->bundle.items = calloc(s->options.bundle, sizeof *s->bundle.items);
    s->bundle.bytes = calloc(s->options.bundle, sizeof *s->bundle.bytes);
    if (s->bundle.service && s->bundle.items && s->bundle.bytes)
        return true;
    free_bundle(&s->bundle);
    return false;
}

static bool fill_item(item *i, const px_sending *sending)
{
    i->id = strdup(sending->id);
    i->tag = sending->tag;
    px_chain_digest(sending->bytes, i->digest);
    return i->id != NULL;
}

static px_status add_to_bundle(px_sender *s, const px_sending *sending)
{
    bundling *b = &s->bundle;
    unsigned char *copy = malloc(sending->bytes.size + 1);
    px_status status = PX_OK;

    if (b->count > 0 &&
        (strcmp(b->service, sending->service) != 0 || b->size + sending->bytes.size > BUNDLE_BYTES))
        status = send_bundle(s);
    if (!copy || status != PX_OK || (!b->service && !begin_bundle(s, sending->service)) ||
        !fill_item(&b->items[b->count], sending)) {
        free(copy);
        return PX_ENOMEM;
    }
    memcpy(copy, sending->bytes.data, sending->bytes.size);
    b->bytes[b->count++] = (ProtobufCBinaryData){ sending->bytes.size, copy };
    b->size += sending->bytes.size;
    return b->count == s->options.bundle ? send_bundle(s) : PX_OK;
}

static px_status add_single(px_sender *s, const px_sending *sending)
{
    parcel *p = calloc(1, sizeof *p);

    if (p)
        p->items = calloc(1, sizeof *p->items);
    if (!p || !p->items || !fill_item(p->items, sending) ||
        !fill_parcel(s, p, sending->service, sending->type, sending->bytes)) {
        if (p) {
            p->count = p->items ? 1 : 0;
            px_sender_free_parcel(p);
        }
        return PX_ENOMEM;
    }
    p->count = 1;
    p->json = sending->json;
    send_first(s, p);
    return PX_OK;
}

/* --- the connection --- */

/* Reads from now on, then sends everything (again): what was answered meanwhile is answered again.
 */
static bool attach(px_sender *s, uint64_t epoch)
{
    const char *stream = s->options.feed_stream ? s->options.feed_stream : "PRAXIS_FEED";
    px_status status =
        px_reader_open_filtered(&s->reader, s->options.bus, stream, PX_READ_NEW, s->filter);

    if (status != PX_OK) {
        s->reader = NULL;
        px_sender_say(s, "results cannot be read yet (%s); trying again", px_strerror(status));
        return false;
    }
    s->epoch = epoch;
    for (parcel *p = s->first; p; p = p->next)
        p->due_ms = INT64_MIN;
    s->next_due_ms = INT64_MIN;
    if (s->away_said) {
        say(s, "connected again; going on");
        s->next_note_ms = px_sender_now_ms(s) + NOTE_PAUSE_MS; /* why it is sent again is clear */
    }
    s->away_said = false;
    return true;
}

static bool attached(px_sender *s)
{
    uint64_t epoch = px_bus_epoch(s->options.bus);

    if (epoch != 0 && epoch == s->epoch && s->reader)
        return true;
    detach(s);
    if (epoch != 0)
        return attach(s, epoch);
    if (!s->away_said)
        say(s, "the broker is away; waiting for it (nothing is lost)");
    s->away_said = true;
    return false;
}

/* Takes what has arrived; true when there was something. */
static bool read_feed(px_sender *s)
{
    px_bus_msg *msg;
    px_status status;
    bool any = false;

    while ((status = px_reader_next(s->reader, &msg)) == PX_OK) {
        px_sender_take_results(s, msg);
        px_bus_msg_free(msg);
        any = true;
    }
    if (status != PX_EEMPTY)
        detach(s);
    return any;
}

px_status px_sender_step(px_sender *sender, int64_t timeout_ms)
{
    bool any = false;

    if (stopped(sender))
        return PX_ETIMEOUT;
    if (attached(sender)) {
        take_acks(sender);
        any = read_feed(sender);
        if (sender->reader && !send_due(sender))
            detach(sender);
    }
    if (!any)
        px_bus_wait(sender->options.bus, timeout_ms < WAIT_SLICE_MS ? timeout_ms : WAIT_SLICE_MS);
    return PX_OK;
}

/* --- for callers --- */

px_status px_sender_create(px_sender **sender, const px_sender_options *options)
{
    px_sender *s = calloc(1, sizeof *s);

    *sender = NULL;
    if (!s || !px_arena_init(&s->arena, RESULT_ARENA_BYTES)) {
        free(s);
        return PX_ENOMEM;
    }
    s->options = *options;
    if (!s->options.now_ms)
        s->options.now_ms = monotonic_ms;
    if (s->options.window == 0)
        s->options.window = PX_SENDER_WINDOW;
    if (s->options.bundle > PX_SENDER_BUNDLE_MAX)
        s->options.bundle = PX_SENDER_BUNDLE_MAX;
    s->next_due_ms = INT64_MAX;
    s->next_note_ms = INT64_MIN;
    snprintf(s->filter, sizeof s->filter, "praxis.v1.%s.result.*.%s", options->tenant,
             options->source);
    *sender = s;
    return PX_OK;
}

void px_sender_destroy(px_sender *sender)
{
    if (!sender)
        return;
    detach(sender);
    free_bundle(&sender->bundle);
    for (parcel *p = sender->first, *next; p; p = next) {
        next = p->next;
        px_sender_free_parcel(p);
    }
    px_arena_fini(&sender->arena);
    free(sender);
}

/* Until the connection stands, there is no place in the window and the id is not under way. */
static px_status make_room(px_sender *s, const px_sending *sending)
{
    px_status status = PX_OK;

    while (status == PX_OK &&
           (!attached(s) || s->in_flight >= s->options.window ||
            px_sender_find(s, sending->service, sending->id) || bundling_id(s, sending))) {
        status = send_bundle(s);
        if (status == PX_OK)
            status = px_sender_step(s, WAIT_SLICE_MS);
    }
    return status;
}

px_status px_sender_put(px_sender *sender, const px_sending *sending)
{
    bool bundled = sender->options.bundle > 1 && !sending->json;
    px_status status = stopped(sender) ? PX_ETIMEOUT : make_room(sender, sending);

    if (status != PX_OK)
        return status;
    sender->in_flight++;
    status = bundled ? add_to_bundle(sender, sending) : add_single(sender, sending);
    if (status == PX_OK)
        sender->counts.put++;
    else
        sender->in_flight--;
    return status;
}

px_status px_sender_flush(px_sender *sender)
{
    return send_bundle(sender);
}

px_status px_sender_finish(px_sender *sender)
{
    px_status status = send_bundle(sender);

    while (status == PX_OK && sender->in_flight > 0)
        status = px_sender_step(sender, WAIT_SLICE_MS);
    return status;
}

size_t px_sender_in_flight(const px_sender *sender)
{
    return sender->in_flight;
}

px_sender_counts px_sender_count(const px_sender *sender)
{
    return sender->counts;
}
