/* Tests of review-cycle: reviews come in, are taken back, are shown to some and hidden from others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/people.h"
#include "services/review-cycle/state.h"
#include "tests/services/review-cycle/fixtures.h"

static const ReviewCycleFact__ReviewSubmitted *then_submitted(spec *s)
{
    then_accepted(s);
    const ReviewCycleFact__ReviewSubmitted *f =
        then_fact(s, REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_SUBMITTED);
    then_no_more_facts(s);
    return f;
}

static void then_rating(const ReviewCycleFact__Rating *r, const char *competency_id, unsigned facet,
                        int32_t value, unsigned position)
{
    assert_string_equal(r->competency_id, competency_id);
    assert_int_equal(r->facet, facet);
    assert_int_equal(r->value, value);
    assert_int_equal(r->position, position);
    assert_int_equal(r->scale_size, 5);
}

/* ---- submitting ---- */

static void submit_review__accepted(void **ctx)
{
    spec *s = *ctx;

    when(s, full_review(s, "boss", "r1", "ann", MANAGER));
    const ReviewCycleFact__ReviewSubmitted *f = then_submitted(s);
    assert_string_equal(f->review_id, "r1");
    assert_string_equal(f->cycle_id, "q1");
    assert_string_equal(f->subject_id, "ann");
    assert_string_equal(f->rater_id, "boss");
    assert_int_equal(f->relation, MANAGER);
    assert_int_equal(f->n_ratings, 4);
    then_rating(f->ratings[0], "", WHAT, 4, 4);
    then_rating(f->ratings[1], "", HOW, 2, 2);
    then_rating(f->ratings[2], "speaking", ANY_FACET, 5, 5);
    then_rating(f->ratings[3], "writing", HOW, 0, 0);
    assert_true(f->occurred_at_us == spec_now(s));
    assert_string_equal(f->scale_id, "five");
    assert_int_equal(f->scale_version, 1);
}

static void submit_review__comment_is_sealed_in_the_fact(void **ctx)
{
    spec *s = *ctx;

    when(s, submit_review(s, "boss", "r1", "ann", MANAGER));
    const ReviewCycleFact__ReviewSubmitted *f = then_submitted(s);
    assert_true(f->sealed_comment.len > strlen(COMMENT_TEXT));
    assert_null(
        memmem(f->sealed_comment.data, f->sealed_comment.len, "migration", strlen("migration")));
    assert_int_equal(records_that_say(spec_state(s), "migration"), 0);
    then_feed_never_says(s, "migration");
}

static void submit_review__accepts_every_relation_that_is_so(void **ctx)
{
    static const struct {
        const char *rater, *subject;
        int relation;
    } rows[] = {
        { "ann", "ann", SELF },   { "boss", "ann", MANAGER }, { "bob", "ann", PEER },
        { "cid", "ann", REPORT }, { "ann", "boss", REPORT },  { "hanna", "ann", PEER },
        { "boss", "cid", PEER }, /* their manager's manager */
    };
    spec *s = *ctx;

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        char id[8] = { 'r', (char)('0' + i), '\0' };

        when(s, submit_review(s, rows[i].rater, id, rows[i].subject, rows[i].relation));
        assert_int_equal(then_submitted(s)->relation, rows[i].relation);
    }
}

static void submit_review__rejects_every_relation_that_is_not(void **ctx)
{
    static const struct {
        const char *rater, *subject;
        int is;
    } rows[] = {
        { "ann", "ann", SELF },
        { "boss", "ann", MANAGER },
        { "bob", "ann", PEER },
        { "cid", "ann", REPORT },
    };
    spec *s = *ctx;

    for (size_t i = 0; i < PX_COUNT(rows); i++)
        for (int relation = SELF; relation <= REPORT; relation++) {
            if (relation == rows[i].is)
                continue;
            when(s, submit_review(s, rows[i].rater, "r1", rows[i].subject, relation));
            then_rejected(s, PX_REASON_RELATION_MISMATCH, "relation");
        }
}

static void submit_review__rejections_in_order(void **ctx)
{
    static const struct {
        const char *rater, *review, *cycle, *subject;
        int relation;
        px_reason reason;
        const char *field;
    } rows[] = {
        { "nobody", "taken", "q9", "nobody", PEER, PX_REASON_ACTOR_UNKNOWN, "actor" },
        { "lea", "taken", "q9", "nobody", PEER, PX_REASON_ACTOR_UNKNOWN, "actor" },
        { "boss", "taken", "q9", "nobody", PEER, PX_REASON_REVIEW_EXISTS, "review_id" },
        { "boss", "free", "q9", "nobody", PEER, PX_REASON_CYCLE_UNKNOWN, "cycle_id" },
        { "boss", "free", "q2", "nobody", PEER, PX_REASON_CYCLE_NOT_OPEN, "cycle_id" },
        { "boss", "free", "q1", "nobody", PEER, PX_REASON_PERSON_UNKNOWN, "subject_id" },
        { "boss", "free", "q1", "lea", PEER, PX_REASON_PERSON_INACTIVE, "subject_id" },
        { "boss", "free", "q1", "ann", PEER, PX_REASON_RELATION_MISMATCH, "relation" },
        { "boss", "free", "q1", "ann", MANAGER, PX_REASON_REVIEW_EMPTY, "ratings" },
    };
    spec *s = *ctx;

    given_done(s, define_cycle(s, "q2", 90));
    given_done(s, submit_review(s, "boss", "taken", "ann", MANAGER));
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        ReviewCycle__Submission *sub =
            submit_review(s, rows[i].rater, rows[i].review, rows[i].subject, rows[i].relation);

        sub->submit_review->cycle_id = px_arena_strdup(spec_arena(s), rows[i].cycle);
        sub->submit_review->comment = NULL;
        when(s, sub);
        then_rejected(s, rows[i].reason, rows[i].field);
    }
}

static void submit_review__rejects_a_rating_given_twice(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = submit_review(s, "nobody", "r1", "ann", PEER);

    add_rating(s, sub, "speaking", WHAT, 3);
    add_rating(s, sub, "speaking", HOW, 3); /* another facet is another rating */
    add_rating(s, sub, "writing", WHAT, 3);
    add_rating(s, sub, "speaking", HOW, 4);
    when(s, sub); /* from nobody: this check comes before that of the actor */
    then_rejected(s, PX_REASON_RATING_TWICE, "ratings[3].competency_id");
}

static void submit_review__rejects_a_second_one_by_the_same_rater(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = submit_review(s, "boss", "r2", "ann", MANAGER);

    given_done(s, submit_review(s, "boss", "r1", "ann", MANAGER));
    add_overall(s, sub, 77, 77);
    when(s, sub);
    then_rejected(s, PX_REASON_REVIEW_EXISTS, "subject_id");
    given_done(s, withdraw_review(s, "boss", "r1"));
    given_done(s, submit_review(s, "boss", "r2", "ann", MANAGER));
}

static void submit_review__rejects_ratings_off_the_scale(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = submit_review(s, "boss", "r1", "ann", MANAGER);

    add_overall(s, sub, 6, 0);
    add_rating(s, sub, "speaking", WHAT, 3);
    add_rating(s, sub, "nothing", WHAT, 6);
    when(s, sub);
    then_rejected(s, PX_REASON_BAD_SCALE_VALUE, "what.value");
    sub->submission_id = "";
    sub->submit_review->what->value = 5;
    when(s, sub);
    then_rejected(s, PX_REASON_BAD_SCALE_VALUE, "how.value");
    sub->submission_id = "";
    sub->submit_review->how->value = 1;
    when(s, sub);
    then_rejected(s, PX_REASON_BAD_SCALE_VALUE, "ratings[1].value");
    sub->submission_id = "";
    sub->submit_review->ratings[1]->value = 1;
    when(s, sub);
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "ratings[1].competency_id");
}

static void submit_review__not_applicable_only_where_the_scale_allows_it(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *scale = define_scale(s, "strict", 1);
    ReviewCycle__Submission *cycle = define_cycle(s, "q2", 90);
    ReviewCycle__Submission *sub = submit_review(s, "boss", "r1", "ann", MANAGER);

    scale->define_scale->allows_not_applicable = false;
    cycle->define_cycle->scale_id = "strict";
    given_done(s, scale);
    given_done(s, cycle);
    given_done(s, move_cycle(s, "q2", SCHEDULED, ""));
    given_done(s, move_cycle(s, "q2", WRITING, ""));
    sub->submit_review->cycle_id = "q2";
    add_rating(s, sub, "speaking", WHAT, 3)->not_applicable = true;
    when(s, sub);
    then_rejected(s, PX_REASON_BAD_SCALE_VALUE, "ratings[0].not_applicable");
}

/* ---- what the feed says ---- */

static void submit_review__manager_and_self_reviews_are_shown(void **ctx)
{
    static const struct {
        const char *rater;
        int relation;
    } rows[] = { { "boss", MANAGER }, { "ann", SELF } };
    spec *s = *ctx;

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        when(s, full_review(s, rows[i].rater, rows[i].rater, "ann", rows[i].relation));
        then_accepted(s);
        const ReviewCycle__ReviewSubmitted *event = then_event(s, "ReviewSubmitted");
        assert_string_equal(event->review_id, rows[i].rater);
        assert_string_equal(event->cycle_id, "q1");
        assert_string_equal(event->subject_id, "ann");
        assert_int_equal(event->relation, rows[i].relation);
        assert_string_equal(event->rater_id, rows[i].rater);
        assert_int_equal(event->what->value, 4);
        assert_int_equal(event->how->value, 2);
        assert_int_equal(event->n_ratings, 2);
        assert_string_equal(event->ratings[0]->competency_id, "speaking");
        assert_int_equal(event->ratings[0]->value, 5);
        assert_false(event->ratings[0]->not_applicable);
        assert_int_equal(event->ratings[1]->facet, HOW);
        assert_true(event->ratings[1]->not_applicable);
        assert_true(px_codec_time_us(event->occurred_at) == spec_now(s));
    }
}

static void submit_review__of_peers_and_reports_the_feed_says_only_that_there_is_one(void **ctx)
{
    static const struct {
        const char *rater;
        int relation;
    } rows[] = { { "bob", PEER }, { "cid", REPORT } };
    spec *s = *ctx;

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        when(s, full_review(s, rows[i].rater, "hidden-review", "ann", rows[i].relation));
        then_accepted(s);
        const ReviewCycle__ReviewSubmitted *event = then_event(s, "ReviewSubmitted");
        assert_string_equal(event->cycle_id, "q1");
        assert_string_equal(event->subject_id, "ann");
        assert_int_equal(event->relation, rows[i].relation);
        assert_string_equal(event->review_id, "");
        assert_string_equal(event->rater_id, "");
        assert_null(event->what);
        assert_null(event->how);
        assert_int_equal(event->n_ratings, 0);
        assert_null(event->occurred_at);

        when(s, withdraw_review(s, rows[i].rater, "hidden-review"));
        then_accepted(s);
        const ReviewCycle__ReviewWithdrawn *gone = then_event(s, "ReviewWithdrawn");
        assert_string_equal(gone->review_id, "");
        assert_string_equal(gone->subject_id, "ann");
        assert_int_equal(gone->relation, rows[i].relation);
        then_feed_never_says(s, "hidden-review");
        then_feed_never_says(s, rows[i].rater);
        given_person_erased(s, "ann"); /* so that the id is free for the next row */
        given_person(s, "ann", "boss");
    }
}

/* ---- withdrawing ---- */

static void withdraw_review__accepted(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = full_review(s, "boss", "r1", "ann", MANAGER);

    add_rating(s, sub, "speaking", HOW, 4);
    given_done(s, sub);
    when(s, withdraw_review(s, "boss", "r1"));
    then_accepted(s);
    const ReviewCycleFact__ReviewWithdrawn *f =
        then_fact(s, REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_WITHDRAWN);
    assert_string_equal(f->review_id, "r1");
    assert_string_equal(f->cycle_id, "q1");
    assert_string_equal(f->subject_id, "ann");
    assert_string_equal(f->rater_id, "boss");
    assert_int_equal(f->relation, MANAGER);
    assert_int_equal(f->n_competency_ids, 2);
    assert_string_equal(f->competency_ids[0], "speaking");
    assert_string_equal(f->competency_ids[1], "writing");
    then_no_more_facts(s);
    const ReviewCycle__ReviewWithdrawn *event = then_event(s, "ReviewWithdrawn");
    assert_string_equal(event->review_id, "r1");
    assert_string_equal(event->cycle_id, "q1");
    assert_string_equal(event->subject_id, "ann");
    assert_int_equal(event->relation, MANAGER);
}

static void withdraw_review__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    given_done(s, submit_review(s, "boss", "r1", "ann", MANAGER));
    given_done(s, submit_review(s, "boss", "r2", "bob", MANAGER));
    given_done(s, withdraw_review(s, "boss", "r1"));
    given_moved(s, SHARING);

    when(s, withdraw_review(s, "ann", "unknown"));
    then_rejected(s, PX_REASON_REVIEW_UNKNOWN, "review_id");
    when(s, withdraw_review(s, "ann", "r1"));
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    when(s, withdraw_review(s, "boss", "r1"));
    then_rejected(s, PX_REASON_ALREADY_WITHDRAWN, "review_id");
    when(s, withdraw_review(s, "boss", "r2"));
    then_rejected(s, PX_REASON_TOO_LATE, "review_id");
    given_done(s, move_cycle(s, "q1", CLOSED, ""));
    when(s, withdraw_review(s, "boss", "r2"));
    then_rejected(s, PX_REASON_TOO_LATE, "review_id");
    given_done(s, move_cycle(s, "q1", WRITING, "reopened"));
    given_done(s, withdraw_review(s, "boss", "r2"));
}

static void withdraw_review__the_id_stays_taken(void **ctx)
{
    spec *s = *ctx;

    given_done(s, submit_review(s, "boss", "r1", "ann", MANAGER));
    given_done(s, withdraw_review(s, "boss", "r1"));
    when(s, submit_review(s, "boss", "r1", "ann", MANAGER));
    then_rejected(s, PX_REASON_REVIEW_EXISTS, "review_id");
}

#define WHILE_WRITING(test)                                                                        \
    cmocka_unit_test_setup_teardown(test, setup_writing, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WHILE_WRITING(submit_review__accepted),
        WHILE_WRITING(submit_review__comment_is_sealed_in_the_fact),
        WHILE_WRITING(submit_review__accepts_every_relation_that_is_so),
        WHILE_WRITING(submit_review__rejects_every_relation_that_is_not),
        WHILE_WRITING(submit_review__rejections_in_order),
        WHILE_WRITING(submit_review__rejects_a_rating_given_twice),
        WHILE_WRITING(submit_review__rejects_a_second_one_by_the_same_rater),
        WHILE_WRITING(submit_review__rejects_ratings_off_the_scale),
        WHILE_WRITING(submit_review__not_applicable_only_where_the_scale_allows_it),
        WHILE_WRITING(submit_review__manager_and_self_reviews_are_shown),
        WHILE_WRITING(submit_review__of_peers_and_reports_the_feed_says_only_that_there_is_one),
        WHILE_WRITING(withdraw_review__accepted),
        WHILE_WRITING(withdraw_review__rejections_in_order),
        WHILE_WRITING(withdraw_review__the_id_stays_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
