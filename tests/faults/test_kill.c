/* test_kill.c: kill -9 of every daemon and of the server at random, during a run of submissions.
 *
 * Long form: PRAXIS_FAULT_SUBMISSIONS, PRAXIS_FAULT_KILLS, PRAXIS_FAULT_SERVER_KILLS and
 * PRAXIS_FAULT_ROUNDS; a failing run is repeated with the PRAXIS_SEED it printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/faults/pace.h"
#include "tests/faults/scene.h"

enum { SUBMISSIONS = 5000, KILLS = 24, AGAIN = 40 };

/* One run through the whole load; the answers it got are the caller's. */
static ledger_answer *live_through(scene *s, load *l, uint64_t seed, storm *weather)
{
    ledger_answer *answers = calloc(l->count, sizeof *answers);

    assert_non_null(answers);
    scene_begin(s, &(world_options){ 0 }, l, seed);
    s->drive.storm = weather;
    int64_t began_ms = world_now_ms();
    drive_waves(&s->drive, 0, l->waves);
    pace_figure("T4", weather ? "submissions_under_fire" : "submissions_in_peace",
                1e3 * (double)l->count / (double)(world_now_ms() - began_ms), "1/s");
    scene_send_some_again(s, AGAIN);
    scene_judge(s);
    memcpy(answers, s->drive.ledger.answers, l->count * sizeof *answers);
    scene_clear(s);
    return answers;
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
        load *l = load_create(seed, scene_submissions(SUBMISSIONS));
        ledger_answer *calm = live_through(s, l, seed, NULL), *stormy;
        storm weather;

        storm_init(&weather, seed, (unsigned)world_setting("PRAXIS_FAULT_KILLS", KILLS), l->count);
        stormy = live_through(s, l, seed, &weather);
        assert_int_equal(weather.done, weather.kills);
        storm_say(&weather);
        compare(l, calm, stormy);
        free(calm);
        free(stormy);
        load_destroy(l);
        s->load = NULL;
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_at_random__same_results_as_in_peace, scene_setup,
                                        scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
