/* test_kill.c: kill -9 of every daemon and of the server at random, during a run of submissions.
 *
 * Long form: PRAXIS_FAULT_SUBMISSIONS and PRAXIS_FAULT_ROUNDS; a failing run is repeated with the
 * PRAXIS_SEED it printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/faults/drive.h"
#include "tests/faults/oracle.h"

enum { SUBMISSIONS = 5000, KILLS = 18, AGAIN = 40 };

typedef struct {
    world *world;
    load *load;
    drive drive;
} scene;

static int setup(void **ctx)
{
    *ctx = calloc(1, sizeof(scene));
    return *ctx ? 0 : -1;
}

static void clear(scene *s)
{
    drive_fini(&s->drive);
    world_stop(s->world);
    s->world = NULL;
}

static int teardown(void **ctx)
{
    scene *s = *ctx;

    clear(s);
    load_destroy(s->load);
    free(s);
    return 0;
}

/* Anything answered is answered again, with the same words; texts of erased people are not the same
 * any more, since nobody can tell. */
static void send_some_again(scene *s, uint64_t seed)
{
    for (unsigned i = 0; i < AGAIN; i++) {
        size_t step = world_random(&seed) % s->load->count;
        const load_step *chosen = &s->load->steps[step];

        if (chosen->message && strcmp(chosen->type, "GiveFeedback") != 0 &&
            strcmp(chosen->type, "SubmitReview") != 0)
            drive_again(&s->drive, step);
    }
}

/* One run through the whole load; every answer it got stays in `answers`. */
static oracle_report live_through(scene *s, uint64_t seed, storm *weather, ledger_answer *answers)
{
    int64_t began = world_now_ms();
    oracle_report report;

    s->world = world_start(&(world_options){ 0 });
    world_wait_all(s->world, "/readyz", 200); /* the inboxes are there */
    drive_init(&s->drive, s->world, s->load, seed);
    s->drive.storm = weather;
    drive_waves(&s->drive, 0, s->load->waves);
    int64_t answered = world_now_ms();
    send_some_again(s, seed);
    uint64_t last = world_settle(s->world);
    report = oracle_check(s->world, s->load);
    oracle_check_projections(s->world, last, NULL);
    memcpy(answers, s->drive.ledger.answers, s->load->count * sizeof *answers);
    fprintf(stderr, "%zu submissions answered in %lld ms, %zu sent again, %lld ms in all\n",
            s->load->count, (long long)(answered - began), s->drive.resent,
            (long long)(world_now_ms() - began));
    clear(s);
    return report;
}

static void compare(const load *l, const ledger_answer *calm, const ledger_answer *stormy)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(calm[i].code, stormy[i].code) != 0 ||
            strcmp(calm[i].field, stormy[i].field) != 0 || calm[i].facts != stormy[i].facts)
            fail_msg("step %zu: %s %s %u in peace, %s %s %u under fire", i, calm[i].code,
                     calm[i].field, calm[i].facts, stormy[i].code, stormy[i].field,
                     stormy[i].facts);
}

static void killed_at_random__same_results_as_in_peace(void **ctx)
{
    scene *s = *ctx;
    size_t rounds = world_setting("PRAXIS_FAULT_ROUNDS", 1);

    for (size_t round = 0; round < rounds; round++) {
        uint64_t seed = world_seed() + round;
        storm weather;

        s->load = load_create(seed, world_setting("PRAXIS_FAULT_SUBMISSIONS", SUBMISSIONS));
        ledger_answer *calm = calloc(s->load->count, sizeof *calm);
        ledger_answer *stormy = calloc(s->load->count, sizeof *stormy);
        live_through(s, seed, NULL, calm);
        storm_init(&weather, seed, (unsigned)world_setting("PRAXIS_FAULT_KILLS", KILLS),
                   s->load->count);
        live_through(s, seed, &weather, stormy);
        assert_int_equal(weather.done, weather.kills);
        compare(s->load, calm, stormy);
        free(calm);
        free(stormy);
        load_destroy(s->load);
        s->load = NULL;
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_at_random__same_results_as_in_peace, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
