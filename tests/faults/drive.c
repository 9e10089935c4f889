#include "tests/faults/drive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fold.h"

enum { WINDOW = 256, RESEND_MS = 3000, STUCK_MS = 60000, ARENA_BYTES = 4 * 1024 * 1024 };

void drive_init(drive *d, world *w, const load *l, uint64_t seed)
{
    *d = (drive){ .world = w, .load = l, .random = seed ^ 0xd12e };
    ledger_init(&d->ledger, l);
    assert_true(px_arena_init(&d->arena, ARENA_BYTES));
    d->sent_ms = calloc(l->count, sizeof *d->sent_ms);
    d->order = calloc(l->count, sizeof *d->order);
    assert_true(d->sent_ms && d->order);
    d->bus = world_client(w);
}

void drive_fini(drive *d)
{
    if (!d->world)
        return;
    px_reader_close(d->feed);
    px_bus_close(d->bus);
    ledger_fini(&d->ledger);
    px_arena_fini(&d->arena);
    free(d->sent_ms);
    free(d->order);
    d->world = NULL;
}

/* ---- the feed ---- */

static void close_feed(drive *d)
{
    px_reader_close(d->feed);
    d->feed = NULL;
}

/* What was under way when the connection broke may be lost: it is all sent again. */
static void expect_loss(drive *d)
{
    for (size_t i = 0; i < d->load->count; i++)
        if (!d->ledger.answers[i].known)
            d->sent_ms[i] = 0;
    d->losses++;
}

/* False while there is no connection. */
static bool attach(drive *d)
{
    uint64_t epoch = px_bus_epoch(d->bus);

    if (d->feed && epoch == d->epoch)
        return true;
    close_feed(d);
    if (epoch != 0 && d->epoch != 0 && epoch != d->epoch)
        expect_loss(d);
    d->epoch = epoch != 0 ? epoch : d->epoch;
    return epoch != 0 && px_reader_open(&d->feed, d->bus, px_feed_stream, d->feed_seq + 1) == PX_OK;
}

static bool read_feed(drive *d)
{
    px_bus_msg *msg;
    px_status status;
    bool any = false;

    while ((status = px_reader_next(d->feed, &msg)) == PX_OK) {
        if (msg->seq <= d->feed_seq)
            world_fail(d->world, "message %llu of the feed comes after %llu",
                       (unsigned long long)msg->seq, (unsigned long long)d->feed_seq);
        d->feed_seq = msg->seq;
        if (ledger_is_result(msg))
            ledger_take(&d->ledger, msg);
        px_bus_msg_free(msg);
        any = true;
    }
    if (status != PX_EEMPTY)
        close_feed(d);
    if (d->ledger.problem[0])
        world_fail(d->world, "%s", d->ledger.problem);
    return any;
}

/* ---- sending ---- */

static bool is_answered(const drive *d, size_t step)
{
    return d->ledger.answers[step].known;
}

static void send_step(drive *d, size_t step)
{
    px_status status = PX_OK;

    for (unsigned i = 0; status == PX_OK && i < d->load->steps[step].times; i++)
        status = load_send(&d->load->steps[step], d->bus, d->epoch, d->ledger.log_seq, &d->arena);
    if (status == PX_OK)
        d->sent_ms[step] = world_now_ms();
}

static void drain_acks(drive *d)
{
    px_bus_ack ack;

    while (px_bus_next_ack(d->bus, &ack))
        continue; /* a result is what counts */
}

/* Steps answered are dropped from the front part of the order, the window; late ones are sent
 * again. */
static size_t mind_window(drive *d, size_t begin, size_t end)
{
    int64_t now = world_now_ms();
    size_t open = 0;

    for (size_t i = begin; i < end && open < WINDOW; i++) {
        size_t step = d->order[i];

        if (is_answered(d, step))
            continue;
        open++;
        if (d->sent_ms[step] != 0 && now - d->sent_ms[step] < RESEND_MS)
            continue;
        d->resent += d->sent_ms[step] != 0;
        send_step(d, step);
    }
    while (begin < end && is_answered(d, d->order[begin]))
        begin++;
    return begin;
}

/* Sends, in a shuffled order, the steps of one wave. */
static size_t order_wave(drive *d, unsigned wave)
{
    size_t count = 0;

    for (size_t i = 0; i < d->load->count; i++) {
        if (d->load->steps[i].wave != wave)
            continue;
        size_t j = world_random(&d->random) % (count + 1);
        d->order[count++] = d->order[j];
        d->order[j] = i;
    }
    return count;
}

static void turn(drive *d)
{
    if (d->storm)
        storm_turn(d->storm, d->world, d->ledger.answered);
    if (d->watch)
        d->watch(d->world);
    world_check(d->world);
    drain_acks(d);
}

static void print_stream(drive *d, const char *name)
{
    px_stream_info info = { 0 };
    px_status status = px_bus_stream_info(d->bus, name, &info);

    fprintf(stderr, "%s: %s, first %llu, last %llu, %llu messages\n", name, px_strerror(status),
            (unsigned long long)info.first_seq, (unsigned long long)info.last_seq,
            (unsigned long long)info.messages);
}

_Noreturn static void give_up(drive *d, unsigned wave, size_t step)
{
    const load_step *waiting = &d->load->steps[step];

    for (unsigned i = 0; i < WORLD_DAEMONS; i++) {
        char inbox[64];

        px_inbox_stream_name(world_services[i], inbox, sizeof inbox);
        print_stream(d, inbox);
    }
    print_stream(d, px_log_stream);
    print_stream(d, px_feed_stream);
    for (unsigned c = 0; c < world_copies(d->world); c++)
        fprintf(stderr, "copy %u of %s: ready %g, cursor %g, repeated %g, refused %g\n", c,
                world_services[waiting->daemon],
                world_metric(d->world, waiting->daemon, c, "praxis_ready"),
                world_metric(d->world, waiting->daemon, c, "praxis_log_cursor_sequence"),
                world_metric(d->world, waiting->daemon, c, "praxis_submissions_repeated_total"),
                world_metric(d->world, waiting->daemon, c, "praxis_batches_refused_total"));
    world_fail(
        d->world,
        "stuck in wave %u: %zu of %zu steps answered, step %zu to %s is not; feed read to %llu",
        wave, d->ledger.answered, d->load->count, step, world_services[waiting->daemon],
        (unsigned long long)d->feed_seq);
}

static void wave(drive *d, unsigned number)
{
    size_t count = order_wave(d, number), begin = 0, answered = d->ledger.answered;
    int64_t moved_ms = world_now_ms();

    while (begin < count) {
        turn(d);
        if (attach(d)) {
            begin = mind_window(d, begin, count);
            read_feed(d);
        }
        if (answered != d->ledger.answered)
            moved_ms = world_now_ms();
        answered = d->ledger.answered;
        if (world_now_ms() - moved_ms > STUCK_MS)
            give_up(d, number, d->order[begin]);
        if (begin < count)
            px_bus_wait(d->bus, 20);
    }
}

void drive_waves(drive *d, unsigned from, unsigned through)
{
    for (unsigned i = from; i <= through && i < d->load->waves; i++)
        wave(d, i);
}

void drive_send(drive *d, size_t step)
{
    while (d->sent_ms[step] == 0) {
        if (attach(d))
            send_step(d, step);
        else
            px_bus_wait(d->bus, 20);
    }
    drain_acks(d);
    if (attach(d))
        read_feed(d);
}

void drive_turn(drive *d)
{
    turn(d);
    if (attach(d))
        read_feed(d);
}

void drive_mind(drive *d, size_t step)
{
    if (is_answered(d, step) || !attach(d) ||
        (d->sent_ms[step] != 0 && world_now_ms() - d->sent_ms[step] < RESEND_MS))
        return;
    d->resent += d->sent_ms[step] != 0;
    send_step(d, step);
}

void drive_again(drive *d, size_t step)
{
    const ledger_answer *answer = &d->ledger.answers[step];
    unsigned repeated = answer->repeated;
    int64_t deadline = world_now_ms() + WORLD_DEADLINE_MS, sent_ms = 0;

    while (answer->repeated == repeated) {
        turn(d);
        if (attach(d)) {
            if (world_now_ms() - sent_ms > RESEND_MS) {
                sent_ms = world_now_ms();
                send_step(d, step);
            }
            read_feed(d);
        }
        if (world_now_ms() > deadline)
            world_fail(d->world, "%s is not answered again", d->load->steps[step].id);
        px_bus_wait(d->bus, 20);
    }
}
