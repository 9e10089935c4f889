#include "tests/services/reporting/fixtures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/keys.h"
#include "common/outbound.h"
#include "common/people.h"
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

/* ---- report values ---- */

static const char *subject_of(spec *s, const char *key)
{
    return px_arena_printf(spec_arena(s), "%s%s.%s", px_reports_subject, SPEC_TENANT, key);
}

const void *report_of(spec *s, const char *key, const ProtobufCMessageDescriptor *type)
{
    px_bus_msg *msg;
    px_status status = px_bus_get_last(spec_bus(s), px_reports_stream, subject_of(s, key), &msg);

    if (status == PX_ENOTFOUND)
        return NULL;
    assert_int_equal(status, PX_OK);
    const void *value = px_codec_unpack(type, msg->data, spec_arena(s));
    px_bus_msg_free(msg);
    assert_non_null(value);
    return value;
}

static const Reporting__HeatMapCell *cell_of(spec *s, const char *unit_id,
                                             const char *competency_id)
{
    const char *key = px_arena_printf(spec_arena(s), "heatmap.%s.%s", unit_id, competency_id);
    const Reporting__HeatMapCell *cell = report_of(s, key, &reporting__heat_map_cell__descriptor);

    assert_non_null(cell);
    assert_string_equal(cell->unit_id, unit_id);
    assert_string_equal(cell->competency_id, competency_id);
    return cell;
}

void then_figures(spec *s, const char *unit_id, const char *competency_id, uint32_t people,
                  uint32_t assessed, uint32_t at_level, double mean_gap)
{
    const Reporting__HeatMapCell *cell = cell_of(s, unit_id, competency_id);

    assert_int_equal(cell->content_case, REPORTING__HEAT_MAP_CELL__CONTENT_FIGURES);
    assert_int_equal(cell->figures->people, people);
    assert_int_equal(cell->figures->assessed, assessed);
    assert_int_equal(cell->figures->at_level, at_level);
    assert_near(cell->figures->mean_gap, mean_gap);
}

void then_withheld(spec *s, const char *unit_id, const char *competency_id, uint32_t minimum)
{
    const Reporting__HeatMapCell *cell = cell_of(s, unit_id, competency_id);

    assert_int_equal(cell->content_case, REPORTING__HEAT_MAP_CELL__CONTENT_WITHHELD_BELOW);
    assert_int_equal(cell->withheld_below, minimum);
}

const Reporting__CycleProgress *progress_of(spec *s, const char *cycle_id)
{
    const char *key = px_arena_printf(spec_arena(s), "cycle.%s", cycle_id);
    const Reporting__CycleProgress *progress =
        report_of(s, key, &reporting__cycle_progress__descriptor);

    assert_non_null(progress);
    assert_string_equal(progress->cycle_id, cycle_id);
    return progress;
}

const Reporting__PlanCounts *plans_of(spec *s, const char *unit_id)
{
    const char *key = px_arena_printf(spec_arena(s), "plans.%s", unit_id);
    const Reporting__PlanFigures *plans = report_of(s, key, &reporting__plan_figures__descriptor);

    assert_non_null(plans);
    assert_string_equal(plans->unit_id, unit_id);
    assert_int_equal(plans->content_case, REPORTING__PLAN_FIGURES__CONTENT_COUNTS);
    return plans->counts;
}

const ProtobufCMessage *rendered(spec *s, const char *key)
{
    return px_reporting_service.report(spec_state(s), SPEC_TENANT, key, spec_arena(s));
}

static px_bytes packed_but_for_as_of(spec *s, const ProtobufCMessage *message)
{
    const ProtobufCFieldDescriptor *as_of =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, "as_of_seq");
    uint64_t *seq = (uint64_t *)(void *)((char *)(uintptr_t)message + as_of->offset);
    uint64_t before = *seq;

    *seq = 0;
    px_bytes bytes = px_codec_pack(message, spec_arena(s));
    *seq = before;
    assert_non_null(bytes.data);
    return bytes;
}

static void check_current(spec *s, const char *key)
{
    const ProtobufCMessage *now = rendered(s, key);

    assert_non_null(now);
    const ProtobufCMessage *stored = report_of(s, key, now->descriptor);
    px_bytes a = packed_but_for_as_of(s, stored), b = packed_but_for_as_of(s, now);

    if (a.size != b.size || memcmp(a.data, b.data, a.size) != 0)
        fail_msg("%s: %s is stored, %s is true", key,
                 px_codec_to_json(stored, false, spec_arena(s)),
                 px_codec_to_json(now, false, spec_arena(s)));
}

void then_bucket_is_current(spec *s)
{
    const char *prefix = subject_of(s, "");
    px_stream_info info;

    assert_int_equal(px_bus_stream_info(spec_bus(s), px_reports_stream, &info), PX_OK);
    assert_true(info.last_seq > 0);
    for (uint64_t seq = 1; seq <= info.last_seq; seq++) {
        px_bus_msg *msg;
        px_status status = px_bus_get(spec_bus(s), px_reports_stream, seq, &msg);

        if (status == PX_ENOTFOUND)
            continue; /* replaced by a later one */
        assert_int_equal(status, PX_OK);
        assert_memory_equal(msg->subject, prefix, strlen(prefix));
        check_current(s, msg->subject + strlen(prefix));
        px_bus_msg_free(msg);
    }
}

const Reporting__HeatMap *heat_map_of(spec *s, const char *unit_id, bool with_units_below)
{
    Reporting__GetHeatMap question = REPORTING__GET_HEAT_MAP__INIT;

    question.unit_id = text(s, unit_id);
    question.with_units_below = with_units_below;
    return then_answer(s, "GetHeatMap", &question);
}

size_t records_that_say(const px_view *state, const char *value)
{
    px_bytes key, bytes;
    size_t records = 0;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, (px_bytes){ NULL, 0 });
    while (px_scan_next(&scan, &key, &bytes)) {
        if (*(const unsigned char *)key.data <= PX_PEOPLE_TABLE)
            continue; /* the engine's own, and the tombstones */
        if (memmem(key.data, key.size, value, strlen(value)) ||
            memmem(bytes.data, bytes.size, value, strlen(value)))
            records++;
    }
    px_scan_end(&scan);
    return records;
}
