/* run.c: one seed: the scheduler, the quiet end, and the checks. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/agenda.h"
#include "common/outbound.h"
#include "tests/simulator/parts.h"

enum {
    ARENA_BYTES = 16 * 1024 * 1024,
    SETTLE_ROUNDS = 3000,
    QUIET_ROUND_US = 600000,
    IDLE_ROUNDS = 30, /* of these, in which nothing may happen any more */
    LOOK_US = 4 * IDLE_ROUNDS * QUIET_ROUND_US,
    DUE_ROUNDS = 1000
};

static const int64_t start_us = INT64_C(1767571200000000); /* 2026-01-05T00:00:00Z */

/* ---- what is said ---- */

void sim_say(sim *s, const char *format, ...)
{
    char line[512];
    va_list args;
    int size;

    va_start(args, format);
    size = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (size >= (int)sizeof line)
        size = (int)sizeof line - 1;
    crypto_generichash_update(&s->trace, (const uint8_t *)line, (unsigned)size);
    if (s->options->trace)
        printf("%5u %9.3f %s\n", s->step, (double)(s->now_us - start_us) / 1e6, line);
}

void sim_fail(sim *s, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(s->outcome->why, sizeof s->outcome->why, format, args);
    va_end(args);
    s->outcome->failed = true;
    longjmp(s->failed, 1);
}

static void oracle_failed(void *context, const char *what)
{
    sim_fail(context, "%s", what);
}

static void name_streams(sim *s)
{
    for (unsigned i = 0; i < SIM_DAEMONS; i++)
        px_inbox_stream_name(sim_services[i]->name, s->streams[i], sizeof s->streams[i]);
    snprintf(s->streams[SIM_LOG], sizeof s->streams[SIM_LOG], "%s", px_log_stream);
    snprintf(s->streams[SIM_FEED], sizeof s->streams[SIM_FEED], "%s", px_feed_stream);
    snprintf(s->streams[SIM_KEYS], sizeof s->streams[SIM_KEYS], "%s", px_vault_stream);
    snprintf(s->streams[SIM_REPORTS], sizeof s->streams[SIM_REPORTS], "%s", px_reports_stream);
}

/* ---- the scheduler ---- */

static copy *some_copy(sim *s)
{
    unsigned daemon = chance_below(&s->chance, SIM_DAEMONS);

    return &s->copies[daemon][chance_below(&s->chance, SIM_COPIES)];
}

static void do_harm(sim *s)
{
    const sim_profile *p = &s->own;

    if (!s->up && s->step >= s->up_again)
        network_set_up(s, true);
    if (s->up && chance_hits(&s->chance, p->cut))
        network_power_cut(s);
    else if (s->up && chance_hits(&s->chance, p->link)) {
        network_set_up(s, false);
        s->up_again = s->step + 1 + chance_below(&s->chance, 30);
    }
    network_unlimit(s, false);
    if (chance_hits(&s->chance, p->limit))
        network_limit(s);
    if (chance_hits(&s->chance, p->crash))
        copy_crash(some_copy(s), false);
    if (chance_hits(&s->chance, p->machine_stop))
        copy_crash(some_copy(s), true);
    if (chance_hits(&s->chance, p->clock))
        copy_set_clock(some_copy(s));
    if (p->machine_stop > 0 && chance_hits(&s->chance, 50))
        copy_save(some_copy(s));
    if (p->upgrade && s->step > s->options->steps / 3 && chance_hits(&s->chance, 40)) {
        copy *c = some_copy(s);

        if (c->service.code_version == sim_services[c->daemon]->code_version)
            copy_upgrade(c);
    }
    if (p->relayout && chance_hits(&s->chance, 30))
        copy_change_layout(some_copy(s));
}

/* Mostly milliseconds; now and then somebody is slow, and a few times days go by. */
static void pass_time(sim *s)
{
    int64_t ms = chance_between(&s->chance, 0, 60);

    if (chance_hits(&s->chance, 200))
        ms += chance_between(&s->chance, 500, 3500);
    if (chance_hits(&s->chance, 10))
        ms += chance_between(&s->chance, 10 * 60, 24 * 3600) * 1000;
    s->now_us += ms * 1000 + 1;
}

static void step(sim *s)
{
    copy *c = some_copy(s);
    unsigned turns = 1 + chance_below(&s->chance, 2);
    bool busy;

    s->step++;
    pass_time(s);
    network_sync(s);
    network_deliver(s);
    do_harm(s);
    if (s->up && chance_hits(&s->chance, 2000))
        submitter_turn(s);
    sim_follow(s);
    for (unsigned i = 0; i < turns; i++) {
        copy_turn(c, &busy);
        sim_follow(s);
    }
    if (chance_hits(&s->chance, 500))
        copy_check_digest(c);
}

/* ---- the quiet end ---- */

static bool round_of_turns(sim *s)
{
    bool any = false;

    for (unsigned d = 0; d < SIM_DAEMONS; d++)
        for (unsigned i = 0; i < SIM_COPIES; i++) {
            bool busy;

            copy_turn(&s->copies[d][i], &busy);
            any |= busy;
            sim_follow(s);
        }
    submitter_look(s);
    return any;
}

static uint64_t inbox_messages(sim *s)
{
    uint64_t messages = 0;
    px_stream_info info;

    for (unsigned i = 0; i < SIM_DAEMONS; i++)
        if (px_bus_stream_info(s->bus, s->streams[i], &info) == PX_OK)
            messages += info.messages;
    return messages;
}

/* Until nothing has happened for a while; who waits for a result asks again. */
static void settle(sim *s)
{
    unsigned idle = 0;
    uint64_t before = oracle_log_last(s->oracle);

    for (unsigned rounds = 0; idle < IDLE_ROUNDS; rounds++) {
        uint64_t now;

        if (rounds > SETTLE_ROUNDS)
            sim_fail(s, "it never comes to rest: %u wait, %" PRIu64 " in inboxes, log %" PRIu64,
                     submitter_waiting(s), inbox_messages(s), oracle_log_last(s->oracle));
        s->step++;
        network_deliver(s);
        sim_follow(s);
        bool busy = round_of_turns(s);
        now = oracle_log_last(s->oracle);
        idle = busy || now != before || submitter_waiting(s) > 0 ? 0 : idle + 1;
        before = now;
        if (!busy)
            s->now_us += QUIET_ROUND_US;
        if (!busy && submitter_waiting(s) > 0 && rounds % 10 == 9)
            submitter_resend_all(s);
        sim_follow(s);
    }
}

static void check_at_rest(sim *s)
{
    px_stream_info info;

    submitter_check(s);
    for (unsigned i = 0; i < SIM_DAEMONS; i++)
        if (px_bus_stream_info(s->bus, s->streams[i], &info) == PX_OK && info.messages > 0)
            sim_fail(s, "%" PRIu64 " decided submissions stay in %s, from %" PRIu64, info.messages,
                     s->streams[i], info.first_seq);
    oracle_check_feed(s->oracle);
    copies_check_reports(s);
}

static bool due_while_looking(sim *s)
{
    bool due = false;

    for (unsigned d = 0; d < SIM_DAEMONS; d++) {
        px_txn *view = px_store_read(px_fold_store(s->copies[d][0].fold));
        int64_t due_us;

        due |= view != NULL && px_agenda_next_due(view, &due_us) && due_us < s->now_us + LOOK_US;
        px_txn_abort(view);
    }
    return due;
}

/* What comes due while newer code looks was not forgotten: nothing may. */
static void pass_what_is_due(sim *s)
{
    unsigned rounds = 0;

    while (due_while_looking(s)) {
        if (rounds++ > DUE_ROUNDS)
            sim_fail(s, "something is due every %d s", LOOK_US / 1000000);
        s->now_us += LOOK_US;
        settle(s);
    }
}

/* A day later nothing waits for an hour any more. Newer code then looks at every key once: whatever
 * it finds to say was forgotten before. */
static void check_nothing_forgotten(sim *s)
{
    uint64_t last;

    s->now_us += INT64_C(86400000000) + INT64_C(3600000000);
    settle(s);
    pass_what_is_due(s);
    last = oracle_log_last(s->oracle);

    for (unsigned d = 0; d < SIM_DAEMONS; d++) {
        copy *c = &s->copies[d][0];

        if (s->copies[d][1].service.code_version > c->service.code_version)
            c->service.code_version = s->copies[d][1].service.code_version;
        copy_upgrade(c);
    }
    settle(s);
    uint64_t forgotten = oracle_forgotten_after(s->oracle, last);
    if (forgotten > 0)
        sim_fail(s, "%" PRIu64 " facts were due and not stated, after log %" PRIu64, forgotten,
                 last);
}

/* ---- one run ---- */

static uint64_t random_state; /* libsodium's only source while a run lasts */

static bool random_stands; /* who draws once more gets the same once more */

static uint32_t drawn_random(void)
{
    chance c = { random_state };
    uint32_t value = (uint32_t)(chance_next(&c) >> 32);

    random_state = random_stands ? random_state : c.state;
    return value;
}

static void drawn_buffer(void *const buffer, const size_t size)
{
    chance c = { random_state };

    for (size_t i = 0; i < size; i++)
        ((uint8_t *)buffer)[i] = (uint8_t)(chance_next(&c) >> 32);
    random_state = random_stands ? random_state : c.state;
}

void sim_random_stands(uint64_t state)
{
    random_state = state;
    random_stands = true;
}

static const char *implementation_name(void)
{
    return "seeded";
}

static struct randombytes_implementation seeded = { .implementation_name = implementation_name,
                                                    .random = drawn_random,
                                                    .buf = drawn_buffer };

sim *sim_begin(const sim_options *options, sim_outcome *outcome)
{
    oracle_service services[SIM_DAEMONS];
    sim *s = calloc(1, sizeof *s);

    if (!s)
        abort();
    random_stands = false;
    randombytes_set_implementation(&seeded);
    if (sodium_init() < 0 || /* draws, the first time */ !px_arena_init(&s->arena, ARENA_BYTES) ||
        !px_arena_init(&s->scratch, ARENA_BYTES))
        abort();
    random_state = options->seed;
    *outcome = (sim_outcome){ 0 };
    s->options = options;
    s->outcome = outcome;
    s->chance = chance_of_seed(options->seed);
    s->profile = sim_profile_find(options->profile, &s->chance);
    s->own = *s->profile;
    outcome->profile = s->profile->name;
    s->now_us = start_us;
    name_streams(s);
    s->texts = chance_hits(&s->chance, 4000);
    s->reuses = chance_hits(&s->chance, 5000);
    s->two_tenants = chance_hits(&s->chance, 2000);
    s->leader = chance_hits(&s->chance, 4000);
    s->far_future = chance_hits(&s->chance, 2000);
    s->batch_bytes_max = chance_hits(&s->chance, 1500) ? 4096 + chance_below(&s->chance, 8192) : 0;
    crypto_generichash_init(&s->trace, NULL, 0, 32);
    for (unsigned d = 0; d < SIM_DAEMONS; d++)
        services[d] = (oracle_service){ sim_services[d]->name, sim_services[d]->facts };
    s->oracle = oracle_create(services, SIM_DAEMONS, oracle_failed, s);
    if (s->own.unchecked > 0)
        oracle_server_races(s->oracle);
    (void)mkdir(options->directory, 0700);
    snprintf(s->master_key, sizeof s->master_key, "%s/master.key", options->directory);
    (void)remove(s->master_key);
    if (px_vault_make_master(s->master_key) != PX_OK)
        abort();
    network_begin(s);
    return s;
}

static unsigned daemon_of(sim *s, const px_bus_msg *msg)
{
    for (unsigned d = 0; d < SIM_DAEMONS; d++)
        if (strcmp(strrchr(msg->subject, '.') + 1, sim_services[d]->name) == 0)
            return d;
    sim_fail(s, "a message of nobody: %s", msg->subject);
}

/* Of each message server time, daemon, size (big endian), and the bytes. */
static void write_log(sim *s)
{
    FILE *out = fopen(s->options->log_file, "wb");
    px_stream_info info;
    px_bus_msg *msg;

    if (!out || px_bus_stream_info(s->bus, px_log_stream, &info) != PX_OK)
        sim_fail(s, "the log cannot be written to %s", s->options->log_file);
    for (uint64_t seq = 1; seq <= info.last_seq; seq++) {
        uint8_t head[13];

        if (px_bus_get(s->bus, px_log_stream, seq, &msg) != PX_OK)
            sim_fail(s, "the log has no message %u", (unsigned)seq);
        px_put_be64(head, (uint64_t)msg->time_ns);
        head[8] = (uint8_t)daemon_of(s, msg);
        for (unsigned i = 0; i < 4; i++)
            head[9 + i] = (uint8_t)(msg->data.size >> (24 - 8 * i));
        fwrite(head, 1, sizeof head, out);
        fwrite(msg->data.data, 1, msg->data.size, out);
        px_bus_msg_free(msg);
    }
    if (fclose(out) != 0)
        sim_fail(s, "the log cannot be written to %s", s->options->log_file);
}

static void play(sim *s)
{
    copies_make(s);
    while (s->step < s->options->steps)
        step(s);
    sim_say(s, "quiet");
    s->quiet = true;
    for (unsigned d = 0; d < SIM_DAEMONS; d++)
        for (unsigned i = 0; i < SIM_COPIES; i++)
            s->copies[d][i].skew_us = 0;
    if (!s->up)
        network_set_up(s, true);
    network_unlimit(s, true);
    settle(s);
    check_at_rest(s);
    check_nothing_forgotten(s);
    check_at_rest(s);
    copies_check_rebuild(s);
    if (s->options->log_file)
        write_log(s);
}

void sim_end(sim *s)
{
    sim_outcome *o = s->outcome;

    o->batches = oracle_counted(s->oracle);
    o->voids = oracle_voids(s->oracle);
    o->feed = s->feed_seen;
    o->submissions = s->submission_count;
    crypto_generichash_final(&s->trace, o->digest, sizeof o->digest);
    copies_end(s);
    network_end(s);
    (void)remove(s->master_key);
    for (unsigned d = 0; d < SIM_DAEMONS; d++)
        free(s->inboxes[d].slots);
    free(s->digests);
    oracle_destroy(s->oracle);
    px_arena_fini(&s->arena);
    px_arena_fini(&s->scratch);
    free(s);
}

void sim_run(const sim_options *options, sim_outcome *outcome)
{
    sim *s = sim_begin(options, outcome);

    if (setjmp(s->failed) == 0)
        play(s);
    sim_end(s);
}
