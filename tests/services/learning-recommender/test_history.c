/* Tests of learning-recommender (I6, L1): a history import gives no plan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/codec.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "tests/services/learning-recommender/fixtures.h"

static void given_gap_from_history(spec *s, const char *person_id)
{
    ProtobufCMessage *fact = px_codec_new(&competency_fact__fact__descriptor, spec_arena(s));
    CompetencyFact__GapOpened *f = (CompetencyFact__GapOpened *)px_codec_set_oneof(
        fact, COMPETENCY_FACT__FACT__BODY_GAP_OPENED, spec_arena(s));
    CompetencyFact__LevelEstimate *e = (CompetencyFact__LevelEstimate *)px_codec_new(
        &competency_fact__level_estimate__descriptor, spec_arena(s));

    f->person_id = px_arena_strdup(spec_arena(s), person_id);
    f->competency_id = px_arena_strdup(spec_arena(s), "speaking");
    f->target = 4.0;
    f->weight = 1.0;
    f->from_history = true;
    e->mu = 1.5;
    e->variance = 0.2;
    e->manager_ratings = 1;
    e->raters = 1;
    e->assessed = true;
    f->estimate = e;
    given(s, "competency", fact);
}

static void history__gives_no_plan_until_something_fresh_is_known(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_gap_from_history(s, "ann");
    then_no_more_facts(s);
    given_gap(s, "ann", "speaking", 1.5); /* said again, now of a fresh rating */
    then_items(then_proposed(s, "ann-1")->items, 1, "stage");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(history__gives_no_plan_until_something_fresh_is_known,
                                        setup_team, spec_teardown_looking_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
