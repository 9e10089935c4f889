/* test_standby.c: the leader is killed or stopped under load; the standby takes over by itself, and
 * a leader that comes back, even in the middle of a sentence, decides nothing twice.
 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/faults/scene.h"

enum {
    KILLS = 4,
    STOPS = 12,
    STANDBY_MS = 2000,      /* as deployed */
    QUICK_STANDBY_MS = 200, /* for many stops in little time */
    BOUND_MS = 30000,       /* on a loaded machine; the figure is printed */
    PEOPLE = 12,
    AFTER_ORGANISATION = 5,
    BEFORE = 8, /* submissions to the leader that are on their way when it is hit */
    AFTER = 2,  /* and those sent when it is gone */
    TALK = 200, /* to another daemon meanwhile, at most: a busy log */
    TALK_EVERY_MS = 20,
    VICTIM = FEEDBACK,
    LEADER = 0,
    STANDBY = 1
};

/* The steps of a round: a wave for what is sent to the victim, the next for the talk of others. */
typedef struct {
    unsigned wave;
    size_t before, after, talk;
} round_steps;

static void add_units(load *l, unsigned wave, unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++)
        load_add(l, wave, VICTIM, "hr", "",
                 "\"recordUnit\":{\"unitId\":\"w%u-%u\",\"label\":\"Unit\"}", wave, i);
}

static round_steps add_round(load *l, unsigned round, unsigned talk)
{
    round_steps r = { .wave = AFTER_ORGANISATION + 2 * round };

    r.before = l->count;
    add_units(l, r.wave, 0, BEFORE);
    r.after = l->count;
    add_units(l, r.wave, BEFORE, AFTER);
    r.talk = l->count;
    for (unsigned i = 0; i < talk; i++)
        load_add(l, r.wave + 1, REVIEW, "hr", "SCALE_UNKNOWN",
                 "\"defineCycle\":{\"cycleId\":\"d%u-%u\",\"label\":\"Another\","
                 "\"startsAt\":\"2031-01-01T00:00:00Z\",\"scaleId\":\"none\",\"scaleVersion\":1}",
                 round, i);
    return r;
}

static void begin(scene *s, unsigned standby_ms, size_t rounds, unsigned talk, round_steps steps[])
{
    load *l = load_create_empty(400 + rounds * (BEFORE + AFTER + talk));

    load_add_organisation(l, PEOPLE);
    for (size_t i = 0; i < rounds; i++)
        steps[i] = add_round(l, (unsigned)i, talk);
    scene_begin(s, &(world_options){ .copies = 2, .standby_ms = standby_ms }, l, world_seed());
    drive_waves(&s->drive, 0, AFTER_ORGANISATION - 1);
}

static void send_from(scene *s, size_t first, size_t count)
{
    for (size_t i = 0; i < count; i++)
        drive_send(&s->drive, first + i);
}

static void let_pass(uint64_t random, int most_ms)
{
    poll(NULL, 0, (int)(random % (uint64_t)most_ms));
}

/* From the kill to the first answer to what was sent after it, while others go on talking. */
static int64_t takeover_ms(scene *s, const round_steps *r, int64_t since_ms)
{
    const ledger_answer *answer = &s->drive.ledger.answers[r->after];
    size_t said = 0;

    send_from(s, r->after, AFTER);
    while (!answer->known) {
        if (world_now_ms() - since_ms > BOUND_MS)
            world_fail(s->world, "nobody has taken over within %d ms", BOUND_MS);
        drive_send(&s->drive, r->talk + said);
        said += said + 1 < TALK;
        poll(NULL, 0, TALK_EVERY_MS);
    }
    return world_now_ms() - since_ms;
}

static void leader_killed__the_standby_takes_over_by_itself(void **ctx)
{
    enum { KILLS_MAX = 1000 };
    static round_steps steps[KILLS_MAX];
    scene *s = *ctx;
    size_t rounds = world_setting("PRAXIS_FAULT_ROUNDS", KILLS);
    uint64_t random = world_seed() ^ 0x57a2d;
    int64_t longest = 0, sum = 0;

    assert_true(rounds <= KILLS_MAX);
    begin(s, STANDBY_MS, rounds, TALK, steps);
    for (size_t i = 0; i < rounds; i++) {
        send_from(s, steps[i].before, BEFORE);
        let_pass(world_random(&random), 6);
        world_kill(s->world, VICTIM, LEADER);
        int64_t took = takeover_ms(s, &steps[i], world_now_ms());
        sum += took;
        longest = took > longest ? took : longest;
        drive_waves(&s->drive, steps[i].wave, steps[i].wave + 1);
        world_run(s->world, VICTIM, LEADER); /* and both live in peace */
        world_wait_all(s->world, "/readyz", 200);
    }
    fprintf(stderr,
            "takeover after kill -9, standby of %d ms, busy log: %zu kills, mean %lld ms, longest "
            "%lld ms\n",
            STANDBY_MS, rounds, (long long)(sum / (int64_t)rounds), (long long)longest);
    oracle_report report = scene_judge(s);
    assert_int_equal(report.voids, 0);
}

static void stop_and_go_on(scene *s, const round_steps *r, uint64_t *random)
{
    int leader = world_pid(s->world, VICTIM, LEADER);

    send_from(s, r->before, BEFORE);
    let_pass(world_random(random), 6);
    assert_int_equal(kill(leader, SIGSTOP), 0);
    send_from(s, r->after, AFTER);
    let_pass(world_random(random), 6 * QUICK_STANDBY_MS); /* before, at or after the takeover */
    assert_int_equal(kill(leader, SIGCONT), 0);
    drive_waves(&s->drive, r->wave, r->wave + 1);
}

/* Stopped at any moment, gone on at any moment: what it had in hand is refused by the log. */
static void leader_stopped_past_its_turn__none_of_its_stale_batches_lands(void **ctx)
{
    enum { STOPS_MAX = 1000 };
    static round_steps steps[STOPS_MAX];
    scene *s = *ctx;
    size_t rounds = world_setting("PRAXIS_FAULT_ROUNDS", STOPS);
    uint64_t random = world_seed() ^ 0x570b;

    assert_true(rounds <= STOPS_MAX);
    rounds = rounds < STOPS ? STOPS : rounds; /* fewer may all be over before anybody takes over */
    begin(s, QUICK_STANDBY_MS, rounds, 0, steps);
    for (size_t i = 0; i < rounds; i++)
        stop_and_go_on(s, &steps[i], &random);
    double refused = world_metric(s->world, VICTIM, LEADER, "praxis_batches_refused_total") +
                     world_metric(s->world, VICTIM, STANDBY, "praxis_batches_refused_total");
    double taken = world_metric(s->world, VICTIM, STANDBY, "praxis_batches_published_total");
    oracle_report report = scene_judge(s);

    fprintf(stderr, "%zu stops: the standby sent %g batches; %g were refused, %llu void\n", rounds,
            taken, refused, (unsigned long long)report.voids);
    assert_true(taken > 0);
    assert_int_equal(report.voids, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(leader_killed__the_standby_takes_over_by_itself,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(
            leader_stopped_past_its_turn__none_of_its_stale_batches_lands, scene_setup,
            scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
