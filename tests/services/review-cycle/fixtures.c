#include "tests/services/review-cycle/fixtures.h"

#include <string.h>

#include "common/codec.h"
#include "common/keys.h"
#include "common/people.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "services/review-cycle/service.h"

static char *text(spec *s, const char *value)
{
    return px_arena_strdup(spec_arena(s), value);
}

static void *new_message(spec *s, const ProtobufCMessageDescriptor *type)
{
    return px_codec_new(type, spec_arena(s));
}

/* ---- facts of others ---- */

static void given_recorded(spec *s, const char *person_id, const char *manager_id, bool active,
                           bool hr_partner)
{
    FeedbackIngestFact__Fact *fact = new_message(s, &feedback_ingest_fact__fact__descriptor);
    uint32_t last = px_people_last_generation(spec_state(s), SPEC_TENANT, person_id);
    uint32_t now = px_people_key_generation(spec_state(s), SPEC_TENANT, person_id);

    px_codec_set_oneof(&fact->base, FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED,
                       spec_arena(s));
    fact->person_recorded->person_id = text(s, person_id);
    fact->person_recorded->manager_id = text(s, manager_id);
    fact->person_recorded->unit_id = text(s, "sales");
    fact->person_recorded->active = active;
    fact->person_recorded->hr_partner = hr_partner;
    fact->person_recorded->key_generation = now ? now : last + 1;
    given(s, "feedback-ingest", fact);
}

void given_person(spec *s, const char *person_id, const char *manager_id)
{
    given_recorded(s, person_id, manager_id, true, false);
}

void given_person_left(spec *s, const char *person_id, const char *manager_id)
{
    given_recorded(s, person_id, manager_id, false, false);
}

void given_hr_partner(spec *s, const char *person_id, const char *manager_id)
{
    given_recorded(s, person_id, manager_id, true, true);
}

void given_person_erased(spec *s, const char *person_id)
{
    FeedbackIngestFact__Fact *fact = new_message(s, &feedback_ingest_fact__fact__descriptor);

    px_codec_set_oneof(&fact->base, FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_ERASED, spec_arena(s));
    fact->person_erased->person_id = text(s, person_id);
    fact->person_erased->key_generation =
        px_people_key_generation(spec_state(s), SPEC_TENANT, person_id);
    given(s, "feedback-ingest", fact);
}

void given_competency(spec *s, const char *competency_id)
{
    CompetencyFact__Fact *fact = new_message(s, &competency_fact__fact__descriptor);

    px_codec_set_oneof(&fact->base, COMPETENCY_FACT__FACT__BODY_COMPETENCY_DEFINED, spec_arena(s));
    fact->competency_defined->competency_id = text(s, competency_id);
    given(s, "competency", fact);
}

void given_replaced(spec *s, const char *competency_id, const char *successor_id)
{
    CompetencyFact__Successor successor = COMPETENCY_FACT__SUCCESSOR__INIT, *by = &successor;
    CompetencyFact__Fact *fact = new_message(s, &competency_fact__fact__descriptor);

    px_codec_set_oneof(&fact->base, COMPETENCY_FACT__FACT__BODY_COMPETENCY_REPLACED, spec_arena(s));
    fact->competency_replaced->competency_id = text(s, competency_id);
    fact->competency_replaced->kind = 1;
    successor.competency_id = text(s, successor_id ? successor_id : "");
    successor.share = 1.0;
    fact->competency_replaced->successors = &by;
    fact->competency_replaced->n_successors = successor_id != NULL;
    given(s, "competency", fact);
}

void given_role(spec *s, const char *role_id)
{
    CompetencyFact__Fact *fact = new_message(s, &competency_fact__fact__descriptor);

    px_codec_set_oneof(&fact->base, COMPETENCY_FACT__FACT__BODY_ROLE_DEFINED, spec_arena(s));
    fact->role_defined->role_id = text(s, role_id);
    given(s, "competency", fact);
}

void given_role_in_slot(spec *s, const char *person_id, const char *role_id, uint32_t slot)
{
    CompetencyFact__Fact *fact = new_message(s, &competency_fact__fact__descriptor);

    px_codec_set_oneof(&fact->base, COMPETENCY_FACT__FACT__BODY_ROLE_ASSIGNED, spec_arena(s));
    fact->role_assigned->person_id = text(s, person_id);
    fact->role_assigned->role_id = text(s, role_id);
    fact->role_assigned->slot = slot;
    given(s, "competency", fact);
}

void given_role_assigned(spec *s, const char *person_id, const char *role_id)
{
    given_role_in_slot(s, person_id, role_id, 0);
}

/* ---- submissions ---- */

static void *body(spec *s, ReviewCycle__Submission **sub, unsigned type)
{
    *sub = new_message(s, &review_cycle__submission__descriptor);
    return px_codec_set_oneof(&(*sub)->base, type, spec_arena(s));
}

ReviewCycle__Submission *define_scale(spec *s, const char *scale_id, uint32_t version)
{
    static const char *const labels[] = { "poor", "fair", "good", "strong", "outstanding" };
    ReviewCycle__Submission *sub;
    ReviewCycle__DefineScale *b = body(s, &sub, REVIEW_CYCLE__SUBMISSION__BODY_DEFINE_SCALE);

    b->scale_id = text(s, scale_id);
    b->version = version;
    b->default_value = 3;
    b->allows_not_applicable = true;
    b->values = px_arena_alloc(spec_arena(s), PX_COUNT(labels) * sizeof *b->values);
    for (; b->n_values < PX_COUNT(labels); b->n_values++) {
        ReviewCycle__ScaleValue *value = new_message(s, &review_cycle__scale_value__descriptor);

        value->value = (int32_t)b->n_values + 1;
        value->label = text(s, labels[b->n_values]);
        value->proficient = value->value >= 4;
        b->values[b->n_values] = value;
    }
    return sub;
}

ReviewCycle__Submission *define_cycle(spec *s, const char *cycle_id, int start_day)
{
    ReviewCycle__Submission *sub;
    ReviewCycle__DefineCycle *b = body(s, &sub, REVIEW_CYCLE__SUBMISSION__BODY_DEFINE_CYCLE);

    b->cycle_id = text(s, cycle_id);
    b->label = text(s, "First quarter");
    b->starts_at = px_codec_timestamp(SPEC_START_US + start_day * DAY_US, spec_arena(s));
    b->scale_id = text(s, "five");
    b->scale_version = 1;
    return sub;
}

ReviewCycle__Submission *move_cycle(spec *s, const char *cycle_id, int to, const char *reason)
{
    ReviewCycle__Submission *sub;
    ReviewCycle__MoveCycle *b = body(s, &sub, REVIEW_CYCLE__SUBMISSION__BODY_MOVE_CYCLE);

    b->cycle_id = text(s, cycle_id);
    b->to = (ReviewCycle__CyclePhase)to;
    b->reason = text(s, reason);
    return sub;
}

ReviewCycle__Submission *submit_review(spec *s, const char *rater_id, const char *review_id,
                                       const char *subject_id, int relation)
{
    ReviewCycle__Submission *sub;
    ReviewCycle__SubmitReview *b = body(s, &sub, REVIEW_CYCLE__SUBMISSION__BODY_SUBMIT_REVIEW);

    sub->actor = text(s, rater_id);
    b->review_id = text(s, review_id);
    b->cycle_id = text(s, "q1");
    b->subject_id = text(s, subject_id);
    b->relation = (ReviewCycle__Relation)relation;
    b->comment = new_message(s, &praxis__personal_text__descriptor);
    b->comment->plain = text(s, COMMENT_TEXT);
    return sub;
}

ReviewCycle__Submission *withdraw_review(spec *s, const char *actor, const char *review_id)
{
    ReviewCycle__Submission *sub;
    ReviewCycle__WithdrawReview *b = body(s, &sub, REVIEW_CYCLE__SUBMISSION__BODY_WITHDRAW_REVIEW);

    sub->actor = text(s, actor);
    b->review_id = text(s, review_id);
    return sub;
}

ReviewCycle__Submission *declare_strategy_item(spec *s, const char *strategy_item_id)
{
    ReviewCycle__Submission *sub;
    ReviewCycle__DeclareStrategyItem *b =
        body(s, &sub, REVIEW_CYCLE__SUBMISSION__BODY_DECLARE_STRATEGY_ITEM);

    b->strategy_item_id = text(s, strategy_item_id);
    b->title = text(s, "Every team sells abroad");
    b->weight = 2;
    b->competency_ids = px_arena_alloc(spec_arena(s), 2 * sizeof *b->competency_ids);
    b->competency_ids[b->n_competency_ids++] = text(s, "speaking");
    return sub;
}

ReviewCycle__Submission *retire_strategy_item(spec *s, const char *strategy_item_id)
{
    ReviewCycle__Submission *sub;
    ReviewCycle__RetireStrategyItem *b =
        body(s, &sub, REVIEW_CYCLE__SUBMISSION__BODY_RETIRE_STRATEGY_ITEM);

    b->strategy_item_id = text(s, strategy_item_id);
    return sub;
}

enum { CRITERIA_ROOM = 41 };

ReviewCycle__Submission *define_template(spec *s, const char *role_id, uint32_t version)
{
    ReviewCycle__Submission *sub;
    ReviewCycle__DefineTemplate *b = body(s, &sub, REVIEW_CYCLE__SUBMISSION__BODY_DEFINE_TEMPLATE);

    b->role_id = text(s, role_id);
    b->version = version;
    b->criteria = px_arena_alloc(spec_arena(s), CRITERIA_ROOM * sizeof *b->criteria);
    return sub;
}

void add_criterion(spec *s, ReviewCycle__Submission *sub, const char *criterion_id, int facet,
                   uint32_t percent, const char *competency_id)
{
    ReviewCycle__DefineTemplate *b = sub->define_template;
    ReviewCycle__TemplateCriterion *c =
        new_message(s, &review_cycle__template_criterion__descriptor);

    PX_ASSERT(b->n_criteria < CRITERIA_ROOM);
    c->criterion_id = text(s, criterion_id);
    c->label = text(s, "Something worth doing");
    c->facet = (ReviewCycle__Facet)facet;
    c->weight_hundredths = percent * 100;
    c->competency_id = text(s, competency_id);
    b->criteria[b->n_criteria++] = c;
}

ReviewCycle__CriterionRating *rate_criterion(spec *s, ReviewCycle__Submission *sub,
                                             const char *criterion_id, int32_t value)
{
    ReviewCycle__SubmitReview *b = sub->submit_review;
    ReviewCycle__CriterionRating *c = new_message(s, &review_cycle__criterion_rating__descriptor);

    if (!b->criteria)
        b->criteria = px_arena_alloc(spec_arena(s), CRITERIA_ROOM * sizeof *b->criteria);
    PX_ASSERT(b->n_criteria < CRITERIA_ROOM);
    c->criterion_id = text(s, criterion_id);
    c->value = value;
    b->criteria[b->n_criteria++] = c;
    return c;
}

ReviewCycle__CompetencyRating *add_rating(spec *s, ReviewCycle__Submission *sub,
                                          const char *competency_id, int facet, int32_t value)
{
    enum { RATINGS_MAX = 64 };
    ReviewCycle__SubmitReview *b = sub->submit_review;
    ReviewCycle__CompetencyRating *rating =
        new_message(s, &review_cycle__competency_rating__descriptor);

    if (!b->ratings)
        b->ratings = px_arena_alloc(spec_arena(s), RATINGS_MAX * sizeof *b->ratings);
    PX_ASSERT(b->n_ratings < RATINGS_MAX);
    rating->competency_id = text(s, competency_id);
    rating->facet = (ReviewCycle__Facet)facet;
    rating->value = value;
    b->ratings[b->n_ratings++] = rating;
    return rating;
}

void add_overall(spec *s, ReviewCycle__Submission *sub, int32_t what, int32_t how)
{
    sub->submit_review->what = new_message(s, &review_cycle__overall_rating__descriptor);
    sub->submit_review->what->value = what;
    sub->submit_review->how = new_message(s, &review_cycle__overall_rating__descriptor);
    sub->submit_review->how->value = how;
}

ReviewCycle__Submission *full_review(spec *s, const char *rater_id, const char *review_id,
                                     const char *subject_id, int relation)
{
    ReviewCycle__Submission *sub = submit_review(s, rater_id, review_id, subject_id, relation);

    add_overall(s, sub, 4, 2);
    add_rating(s, sub, "speaking", ANY_FACET, 5);
    add_rating(s, sub, "writing", HOW, 77)->not_applicable = true; /* the value is ignored */
    return sub;
}

ReviewCycle__Submission *overall_review(spec *s, const char *review_id, int32_t what, int32_t how)
{
    ReviewCycle__Submission *sub = submit_review(s, "boss", review_id, "ann", MANAGER);

    add_overall(s, sub, what, how);
    return sub;
}

ReviewCycle__Submission *fixture_a(spec *s, const char *role_id, uint32_t version)
{
    ReviewCycle__Submission *sub = define_template(s, role_id, version);

    add_criterion(s, sub, "kra1", WHAT, 60, "");
    add_criterion(s, sub, "kra2", WHAT, 40, "");
    add_criterion(s, sub, "c1", HOW, 50, "speaking");
    add_criterion(s, sub, "c2", HOW, 50, "writing");
    return sub;
}

ReviewCycle__Submission *review_of_fixture_a(spec *s, const char *review_id)
{
    ReviewCycle__Submission *sub = submit_review(s, "boss", review_id, "ann", MANAGER);

    rate_criterion(s, sub, "kra1", 4);
    rate_criterion(s, sub, "kra2", 3);
    add_rating(s, sub, "speaking", HOW, 5);
    add_rating(s, sub, "writing", HOW, 0)->not_applicable = true;
    return sub;
}

/* ---- what stands before a test ---- */

void given_done(spec *s, ReviewCycle__Submission *sub)
{
    when(s, sub);
    then_accepted(s);
}

void when_again(spec *s, ReviewCycle__Submission *sub)
{
    sub->submission_id = "";
    when(s, sub);
}

void given_moved(spec *s, int to)
{
    ReviewCycle__Submission *sub = move_cycle(s, "q1", to, "arranged by the test");

    sub->move_cycle->force = true;
    given_done(s, sub);
}

void given_phase(spec *s, int phase)
{
    for (int to = SCHEDULED; to <= phase; to++)
        given_moved(s, to);
}

int setup_draft(void **state)
{
    int failed = spec_setup_with(state, &px_review_cycle_service);
    spec *s = *state;

    if (failed)
        return failed;
    given_person(s, "boss", "");
    given_person(s, "ann", "boss");
    given_person(s, "bob", "boss");
    given_person(s, "cid", "ann");
    given_hr_partner(s, "hanna", "");
    given_person_left(s, "lea", "boss");
    given_competency(s, "speaking");
    given_competency(s, "writing");
    given_done(s, define_scale(s, "five", 1));
    given_done(s, define_cycle(s, "q1", 0));
    return 0;
}

int setup_writing(void **state)
{
    int failed = setup_draft(state);

    if (!failed)
        given_phase(*state, WRITING);
    return failed;
}

const ReviewCycle__Cycle *cycle_now(spec *s)
{
    ReviewCycle__GetCycle *q = new_message(s, &review_cycle__get_cycle__descriptor);

    q->cycle_id = text(s, "q1");
    return then_answer(s, "GetCycle", q);
}

const ReviewCycle__GetReview *get_review(spec *s, const char *viewer_id, const char *review_id)
{
    ReviewCycle__GetReview *q = new_message(s, &review_cycle__get_review__descriptor);

    q->viewer_id = text(s, viewer_id);
    q->review_id = text(s, review_id);
    return q;
}

static bool says(px_bytes bytes, const char *said)
{
    return bytes.size && memmem(bytes.data, bytes.size, said, strlen(said));
}

size_t records_that_say(const px_view *state, const char *said)
{
    px_bytes key, value;
    size_t found = 0;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, (px_bytes){ "", 0 });
    while (px_scan_next(&scan, &key, &value)) {
        bool own = *(const unsigned char *)key.data >= PX_FIRST_SERVICE_TABLE;

        found += own && (says(key, said) || says(value, said));
    }
    px_scan_end(&scan);
    return found;
}
