/* fixtures.c: facts of the daemons that reporting follows. */
#include "tests/services/reporting/fixtures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/roles.h"
#include "services/reporting/service.h"

int setup_reporting(void **state)
{
    return spec_setup_with(state, &px_reporting_service);
}

static char *text(spec *s, const char *value)
{
    char *copy = px_arena_strdup(spec_arena(s), value);

    assert_non_null(copy);
    return copy;
}

/* ---- people ---- */

static void give_person_fact(spec *s, FeedbackIngestFact__Fact *fact,
                             FeedbackIngestFact__Fact__BodyCase type)
{
    fact->body_case = type;
    given(s, "feedback-ingest", fact);
}

void given_unit(spec *s, const char *unit_id, const char *parent_unit_id)
{
    FeedbackIngestFact__Fact fact = FEEDBACK_INGEST_FACT__FACT__INIT;
    FeedbackIngestFact__UnitRecorded unit = FEEDBACK_INGEST_FACT__UNIT_RECORDED__INIT;

    unit.unit_id = text(s, unit_id);
    unit.parent_unit_id = text(s, parent_unit_id);
    unit.label = px_arena_printf(spec_arena(s), "Unit %s", unit_id);
    fact.unit_recorded = &unit;
    give_person_fact(s, &fact, FEEDBACK_INGEST_FACT__FACT__BODY_UNIT_RECORDED);
}

static void record_person(spec *s, const char *person_id, const char *unit_id, bool active)
{
    FeedbackIngestFact__Fact fact = FEEDBACK_INGEST_FACT__FACT__INIT;
    FeedbackIngestFact__PersonRecorded person = FEEDBACK_INGEST_FACT__PERSON_RECORDED__INIT;

    person.person_id = text(s, person_id);
    person.unit_id = text(s, unit_id);
    person.active = active;
    person.key_generation = 1;
    fact.person_recorded = &person;
    give_person_fact(s, &fact, FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED);
}

void given_person(spec *s, const char *person_id, const char *unit_id)
{
    record_person(s, person_id, unit_id, true);
}

void given_left(spec *s, const char *person_id, const char *unit_id)
{
    record_person(s, person_id, unit_id, false);
}

void given_erased(spec *s, const char *person_id)
{
    FeedbackIngestFact__Fact fact = FEEDBACK_INGEST_FACT__FACT__INIT;
    FeedbackIngestFact__PersonErased erased = FEEDBACK_INGEST_FACT__PERSON_ERASED__INIT;

    erased.person_id = text(s, person_id);
    erased.key_generation = 1;
    fact.person_erased = &erased;
    give_person_fact(s, &fact, FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_ERASED);
}

/* ---- competencies ---- */

static void give_competency_fact(spec *s, CompetencyFact__Fact *fact,
                                 CompetencyFact__Fact__BodyCase type)
{
    fact->body_case = type;
    given(s, "competency", fact);
}

void given_competency(spec *s, const char *competency_id, const char *title)
{
    CompetencyFact__Fact fact = COMPETENCY_FACT__FACT__INIT;
    CompetencyFact__CompetencyDefined competency = COMPETENCY_FACT__COMPETENCY_DEFINED__INIT;

    competency.competency_id = text(s, competency_id);
    competency.title = text(s, title);
    fact.competency_defined = &competency;
    give_competency_fact(s, &fact, COMPETENCY_FACT__FACT__BODY_COMPETENCY_DEFINED);
}

void given_target(spec *s, const char *role_id, const char *competency_id, double target)
{
    CompetencyFact__Fact fact = COMPETENCY_FACT__FACT__INIT;
    CompetencyFact__RoleTargetSet set = COMPETENCY_FACT__ROLE_TARGET_SET__INIT;

    set.role_id = text(s, role_id);
    set.competency_id = text(s, competency_id);
    set.target = target;
    set.weight = 1;
    fact.role_target_set = &set;
    give_competency_fact(s, &fact, COMPETENCY_FACT__FACT__BODY_ROLE_TARGET_SET);
}

void given_role_of_everybody(spec *s, const char *role_id)
{
    CompetencyFact__Fact fact = COMPETENCY_FACT__FACT__INIT;
    CompetencyFact__RoleDefined defined = COMPETENCY_FACT__ROLE_DEFINED__INIT;

    defined.role_id = text(s, role_id);
    defined.holders = PX_HOLDERS_EVERYBODY;
    fact.role_defined = &defined;
    give_competency_fact(s, &fact, COMPETENCY_FACT__FACT__BODY_ROLE_DEFINED);
}

void given_role(spec *s, const char *person_id, const char *role_id)
{
    CompetencyFact__Fact fact = COMPETENCY_FACT__FACT__INIT;
    CompetencyFact__RoleAssigned assigned = COMPETENCY_FACT__ROLE_ASSIGNED__INIT;

    assigned.person_id = text(s, person_id);
    assigned.role_id = text(s, role_id);
    fact.role_assigned = &assigned;
    give_competency_fact(s, &fact, COMPETENCY_FACT__FACT__BODY_ROLE_ASSIGNED);
}

static void change_level(spec *s, const char *person_id, const char *competency_id, double mu,
                         bool assessed)
{
    CompetencyFact__Fact fact = COMPETENCY_FACT__FACT__INIT;
    CompetencyFact__LevelChanged changed = COMPETENCY_FACT__LEVEL_CHANGED__INIT;
    CompetencyFact__LevelEstimate estimate = COMPETENCY_FACT__LEVEL_ESTIMATE__INIT;

    estimate.mu = mu;
    estimate.variance = 0.3;
    estimate.assessed = assessed;
    changed.person_id = text(s, person_id);
    changed.competency_id = text(s, competency_id);
    changed.estimate = &estimate;
    fact.level_changed = &changed;
    give_competency_fact(s, &fact, COMPETENCY_FACT__FACT__BODY_LEVEL_CHANGED);
}

void given_level(spec *s, const char *person_id, const char *competency_id, double mu)
{
    change_level(s, person_id, competency_id, mu, true);
}

void given_own_view(spec *s, const char *person_id, const char *competency_id, double mu)
{
    change_level(s, person_id, competency_id, mu, false);
}

void given_framework(spec *s)
{
    given_unit(s, "hq", "");
    given_unit(s, "x", "hq");
    given_unit(s, "y", "hq");
    given_competency(s, "c", "Care");
    given_target(s, "dev", "c", 3);
}

void given_team(spec *s, const char *unit_id, unsigned people, unsigned assessed, double mu)
{
    for (unsigned i = 0; i < people; i++) {
        const char *person_id = px_arena_printf(spec_arena(s), "%s-%u", unit_id, i);

        given_person(s, person_id, unit_id);
        given_role(s, person_id, "dev");
        if (i < assessed)
            given_level(s, person_id, "c", mu);
    }
}

/* ---- cycles ---- */

static void give_review_fact(spec *s, ReviewCycleFact__Fact *fact,
                             ReviewCycleFact__Fact__BodyCase type)
{
    fact->body_case = type;
    given(s, "review-cycle", fact);
}

void given_cycle(spec *s, const char *cycle_id)
{
    ReviewCycleFact__Fact fact = REVIEW_CYCLE_FACT__FACT__INIT;
    ReviewCycleFact__CycleDefined cycle = REVIEW_CYCLE_FACT__CYCLE_DEFINED__INIT;

    cycle.cycle_id = text(s, cycle_id);
    cycle.label = px_arena_printf(spec_arena(s), "Cycle %s", cycle_id);
    fact.cycle_defined = &cycle;
    give_review_fact(s, &fact, REVIEW_CYCLE_FACT__FACT__BODY_CYCLE_DEFINED);
}

void given_phase(spec *s, const char *cycle_id, uint32_t phase)
{
    ReviewCycleFact__Fact fact = REVIEW_CYCLE_FACT__FACT__INIT;
    ReviewCycleFact__PhaseChanged changed = REVIEW_CYCLE_FACT__PHASE_CHANGED__INIT;

    changed.cycle_id = text(s, cycle_id);
    changed.to = phase;
    fact.phase_changed = &changed;
    give_review_fact(s, &fact, REVIEW_CYCLE_FACT__FACT__BODY_PHASE_CHANGED);
}

void given_review(spec *s, const char *review_id, const char *subject_id, uint32_t relation)
{
    ReviewCycleFact__Fact fact = REVIEW_CYCLE_FACT__FACT__INIT;
    ReviewCycleFact__ReviewSubmitted review = REVIEW_CYCLE_FACT__REVIEW_SUBMITTED__INIT;

    review.review_id = text(s, review_id);
    review.cycle_id = text(s, "q1");
    review.subject_id = text(s, subject_id);
    review.rater_id = text(s, "rater");
    review.relation = relation;
    fact.review_submitted = &review;
    give_review_fact(s, &fact, REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_SUBMITTED);
}

void given_review_withdrawn(spec *s, const char *review_id, const char *subject_id)
{
    ReviewCycleFact__Fact fact = REVIEW_CYCLE_FACT__FACT__INIT;
    ReviewCycleFact__ReviewWithdrawn withdrawn = REVIEW_CYCLE_FACT__REVIEW_WITHDRAWN__INIT;

    withdrawn.review_id = text(s, review_id);
    withdrawn.cycle_id = text(s, "q1");
    withdrawn.subject_id = text(s, subject_id);
    fact.review_withdrawn = &withdrawn;
    give_review_fact(s, &fact, REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_WITHDRAWN);
}

/* ---- plans ---- */

static void give_learning_fact(spec *s, LearningRecommenderFact__Fact *fact,
                               LearningRecommenderFact__Fact__BodyCase type)
{
    fact->body_case = type;
    given(s, "learning-recommender", fact);
}

static LearningRecommenderFact__PlanItem **one_item(spec *s, uint32_t item_state)
{
    LearningRecommenderFact__PlanItem **items = px_arena_alloc(spec_arena(s), sizeof *items);
    LearningRecommenderFact__PlanItem *item = (LearningRecommenderFact__PlanItem *)px_codec_new(
        &learning_recommender_fact__plan_item__descriptor, spec_arena(s));

    assert_non_null(items);
    assert_non_null(item);
    item->item_id = text(s, "course");
    item->state = item_state;
    items[0] = item;
    return items;
}

void given_plan(spec *s, const char *person_id, const char *plan_id, uint32_t item_state)
{
    LearningRecommenderFact__Fact fact = LEARNING_RECOMMENDER_FACT__FACT__INIT;
    LearningRecommenderFact__PlanProposed plan = LEARNING_RECOMMENDER_FACT__PLAN_PROPOSED__INIT;

    plan.person_id = text(s, person_id);
    plan.plan_id = text(s, plan_id);
    plan.items = one_item(s, item_state);
    plan.n_items = 1;
    fact.plan_proposed = &plan;
    give_learning_fact(s, &fact, LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_PROPOSED);
}

void given_plan_revised(spec *s, const char *person_id, const char *plan_id, uint32_t item_state)
{
    LearningRecommenderFact__Fact fact = LEARNING_RECOMMENDER_FACT__FACT__INIT;
    LearningRecommenderFact__PlanRevised plan = LEARNING_RECOMMENDER_FACT__PLAN_REVISED__INIT;

    plan.person_id = text(s, person_id);
    plan.plan_id = text(s, plan_id);
    plan.items = one_item(s, item_state);
    plan.n_items = 1;
    plan.revision = 2;
    fact.plan_revised = &plan;
    give_learning_fact(s, &fact, LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_REVISED);
}

void given_plan_ended(spec *s, const char *person_id, const char *plan_id, uint32_t reason)
{
    LearningRecommenderFact__Fact fact = LEARNING_RECOMMENDER_FACT__FACT__INIT;
    LearningRecommenderFact__PlanEnded ended = LEARNING_RECOMMENDER_FACT__PLAN_ENDED__INIT;

    ended.person_id = text(s, person_id);
    ended.plan_id = text(s, plan_id);
    ended.reason = reason;
    fact.plan_ended = &ended;
    give_learning_fact(s, &fact, LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_ENDED);
}

void given_plan_reopened(spec *s, const char *person_id, const char *plan_id)
{
    LearningRecommenderFact__Fact fact = LEARNING_RECOMMENDER_FACT__FACT__INIT;
    LearningRecommenderFact__PlanMoved moved = LEARNING_RECOMMENDER_FACT__PLAN_MOVED__INIT;

    moved.person_id = text(s, person_id);
    moved.plan_id = text(s, plan_id);
    moved.from = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_COMPLETE;
    moved.to = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_ACTIVE;
    fact.plan_moved = &moved;
    give_learning_fact(s, &fact, LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_MOVED);
}

void given_item_started(spec *s, const char *person_id, const char *plan_id)
{
    LearningRecommenderFact__Fact fact = LEARNING_RECOMMENDER_FACT__FACT__INIT;
    LearningRecommenderFact__ItemStarted started = LEARNING_RECOMMENDER_FACT__ITEM_STARTED__INIT;

    started.person_id = text(s, person_id);
    started.item_id = text(s, "course");
    started.plan_id = text(s, plan_id);
    fact.item_started = &started;
    give_learning_fact(s, &fact, LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_STARTED);
}

void given_item_completed(spec *s, const char *person_id, const char *plan_id)
{
    LearningRecommenderFact__Fact fact = LEARNING_RECOMMENDER_FACT__FACT__INIT;
    LearningRecommenderFact__ItemCompleted completed =
        LEARNING_RECOMMENDER_FACT__ITEM_COMPLETED__INIT;

    completed.person_id = text(s, person_id);
    completed.item_id = text(s, "course");
    completed.plan_id = text(s, plan_id);
    fact.item_completed = &completed;
    give_learning_fact(s, &fact, LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_COMPLETED);
}

/* ---- group minimum ---- */

Reporting__Submission *set_group_minimum(spec *s, uint32_t minimum)
{
    Reporting__Submission *sub =
        (Reporting__Submission *)px_codec_new(&reporting__submission__descriptor, spec_arena(s));

    assert_non_null(sub);
    Reporting__SetGroupMinimum *body = (Reporting__SetGroupMinimum *)px_codec_set_oneof(
        &sub->base, REPORTING__SUBMISSION__BODY_SET_GROUP_MINIMUM, spec_arena(s));
    assert_non_null(body);
    body->minimum = minimum;
    return sub;
}

void given_minimum(spec *s, uint32_t minimum)
{
    when(s, set_group_minimum(s, minimum));
    then_accepted(s);
}
