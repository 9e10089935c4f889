/* Tests of competency: what is withdrawn leaves no trace in the level; what raters taught stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/level_record.h"
#include "services/competency/state.h"
#include "tests/services/competency/fixtures.h"

/* The level of "ann" and "sql" as it is stored, and what stands beside it; size 0 when there is
 * none. */
static px_bytes stored_standing(spec *s)
{
    level_key key = { SPEC_TENANT, "ann", "sql" };
    standing known = competency_state_get_standing(spec_state(s), &key);
    uint8_t bytes[PX_LEVEL_BYTES_MAX + 20];
    px_record r = px_record_writer(bytes, 20);

    px_record_i64(&r, &known.as_of_us);
    px_record_i64(&r, &known.follow_up_us);
    px_record_u32(&r, &known.completions);
    size_t size = 20 + px_level_encode(&known.level, bytes + 20);
    return known.known ? (px_bytes){ px_arena_copy(spec_arena(s), bytes, size), size }
                       : (px_bytes){ NULL, 0 };
}

static void assert_same_standing(spec *a, spec *b)
{
    px_bytes x = stored_standing(a), y = stored_standing(b);

    assert_true(x.size > 0);
    assert_int_equal(x.size, y.size);
    assert_memory_equal(x.data, y.data, x.size);
}

/* A history of every kind of evidence, with a piece that is going to be withdrawn or without. */
typedef void piece(spec *s);

static void live_through(spec *s, piece *withdrawn_early, piece *withdrawn_late)
{
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 4, 0);
    if (withdrawn_early)
        withdrawn_early(s);
    given_feedback(s, "f1", "pat", "ann", "sql", NULL, -1, 3);
    given_item_completed(s, item_completed(s, "ann", "i1", COURSE, 12, "sql", 1, 4));
    if (withdrawn_late)
        withdrawn_late(s);
    given_item_completed(s, item_completed(s, "ann", "i2", TASK, 8, "sql", .7, 6));
    given_rating(s, "v3", "ann", SELF, "ann", "sql", 5, 8);
    given_assessed(s, "a1", "ann", "sql", 3.5, 10);
    given_rating(s, "v4", "boss", MANAGER, "ann", "sql", 3, 12);
}

static void rated_by_report(spec *s)
{
    given_rating(s, "gone", "cid", REPORT, "ann", "sql", 1, 2);
}

static void rated_by_report_later(spec *s)
{
    given_rating(s, "gone", "cid", REPORT, "ann", "sql", 1, 5);
}

static void told_by_feedback(spec *s)
{
    given_feedback(s, "gone", "pia", "ann", "sql", NULL, 1, 2);
}

static void withdrawn_rating__leaves_the_bytes_of_never(void **ctx)
{
    spec *with = *ctx, *without;

    assert_int_equal(setup((void **)&without), 0);
    live_through(with, rated_by_report, NULL);
    live_through(without, NULL, NULL);
    given_review_withdrawn(with, "gone", "cid", REPORT, "ann", "sql");
    assert_same_standing(with, without);
    spec_destroy(without);
}

/* With the rating in between the second item had to wait for a look at the first. */
static void withdrawn_rating__joins_what_it_had_kept_apart(void **ctx)
{
    spec *with = *ctx, *without;

    assert_int_equal(setup((void **)&without), 0);
    live_through(with, NULL, rated_by_report_later);
    live_through(without, NULL, NULL);
    assert_int_equal(standing_of(with, "ann", "sql").level.pending_count, 1);
    given_review_withdrawn(with, "gone", "cid", REPORT, "ann", "sql");
    assert_int_equal(standing_of(with, "ann", "sql").level.pending_count, 2);
    assert_same_standing(with, without);
    spec_destroy(without);
}

static void withdrawn_rating__after_the_follow_up(void **ctx)
{
    spec *with = *ctx, *without;

    assert_int_equal(setup((void **)&without), 0);
    live_through(with, NULL, rated_by_report_later);
    live_through(without, NULL, NULL);
    when_now_is(with, SPEC_START_US + 97 * DAY_US);
    when_now_is(without, SPEC_START_US + 97 * DAY_US);
    given_review_withdrawn(with, "gone", "cid", REPORT, "ann", "sql");
    assert_int_equal(standing_of(with, "ann", "sql").level.pending_count, 0);
    assert_same_standing(with, without);
    spec_destroy(without);
}

static void withdrawn_feedback__leaves_the_bytes_of_never(void **ctx)
{
    spec *with = *ctx, *without;

    assert_int_equal(setup((void **)&without), 0);
    live_through(with, told_by_feedback, NULL);
    live_through(without, NULL, NULL);
    given_feedback_withdrawn(with, "gone", "ann");
    assert_same_standing(with, without);
    spec_destroy(without);
}

static void withdrawn_feedback__is_taken_back_from_each_competency(void **ctx)
{
    spec *s = *ctx;

    given_feedback(s, "f1", "pat", "ann", "sql", "talk", 1, 0);
    given_feedback(s, "f2", "pat", "ann", "talk", NULL, 1, 0);
    given_feedback_withdrawn(s, "f1", "ann");
    assert_false(standing_of(s, "ann", "sql").known);
    assert_int_equal(standing_of(s, "ann", "talk").level.counts[PX_TAG], 1);
}

static void withdrawn_rating__does_not_unteach(void **ctx)
{
    spec *s = *ctx;
    uint8_t cid[PX_METHOD_ID];

    competency_state_hash("cid", cid);
    rated_by_report(s);
    px_bias before = competency_state_get_rater(spec_state(s), SPEC_TENANT, cid, PX_REPORT);
    assert_true(before.mean < 0);
    given_review_withdrawn(s, "gone", "cid", REPORT, "ann", "sql");
    px_bias after = competency_state_get_rater(spec_state(s), SPEC_TENANT, cid, PX_REPORT);
    assert_near(after.mean, before.mean, 0);
    assert_near(after.var, before.var, 0);
}

static void only_rating_withdrawn__leaves_no_level(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 4, 0);
    given_review_withdrawn(s, "v1", "boss", MANAGER, "ann", "sql");
    then_some_fact(s, LEVEL_CHANGED);
    then_no_more_facts(s);
    assert_int_equal(stored_standing(s).size, 0);
    given_rating(s, "v2", "boss", MANAGER, "ann", "sql", 4, 9);
    const CompetencyFact__LevelChanged *f = then_fact(s, LEVEL_CHANGED);
    assert_near(f->previous_mu, 0.0, 0); /* as the first time */
    assert_int_equal(f->reason, CHANGE_EVIDENCE);
}

static void withdrawn_of_many__says_the_level_without_it(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 2, 0);
    double before = mu_of(s, "ann", "sql");
    given_assessed(s, "a1", "ann", "sql", 5, 0);
    given_rating(s, "v2", "ann", SELF, "ann", "sql", 5, 0);
    given_review_withdrawn(s, "v1", "boss", MANAGER, "ann", "sql");
    const CompetencyFact__LevelChanged *f = then_fact(s, LEVEL_CHANGED);
    assert_true(f->estimate->mu > before);
    assert_int_equal(f->estimate->manager_ratings, 0);
    assert_int_equal(f->reason, CHANGE_WITHDRAWN);
    then_no_more_facts(s);
}

static void withdrawal_of_nothing__says_nothing(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 2, 0);
    given_review_withdrawn(s, "v9", "boss", MANAGER, "ann", "sql");
    given_review_withdrawn(s, "v1", "boss", MANAGER, "ann", "talk");
    given_feedback_withdrawn(s, "v1", "ann"); /* the id of a review is none of a feedback */
    then_no_more_facts(s);
    assert_int_equal(standing_of(s, "ann", "sql").level.counts[PX_MANAGER], 1);
    assert_int_equal(said_of(s, "ann", "talk").heard, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(withdrawn_rating__leaves_the_bytes_of_never),
        TEST(withdrawn_rating__joins_what_it_had_kept_apart),
        TEST(withdrawn_rating__after_the_follow_up),
        TEST(withdrawn_feedback__leaves_the_bytes_of_never),
        TEST(withdrawn_feedback__is_taken_back_from_each_competency),
        TEST(withdrawn_rating__does_not_unteach),
        TEST(only_rating_withdrawn__leaves_no_level),
        TEST(withdrawn_of_many__says_the_level_without_it),
        TEST(withdrawal_of_nothing__says_nothing),
    };

    return cmocka_run_group_tests_name("competency withdrawal", tests, NULL, NULL);
}
