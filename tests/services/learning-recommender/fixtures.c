#include "tests/services/learning-recommender/fixtures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/method.h"
#include "common/people.h"
#include "common/roles.h"
#include "common/tables.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "services/learning-recommender/service.h"

static const double VARIANCE = 0.20;
const evidence one_manager = { .manager = 1, .raters = 1 };

static char *text(spec *s, const char *value)
{
    return px_arena_strdup(spec_arena(s), value);
}

/* A fact of another daemon: *fact gets the Fact message, the body of the type is returned. */
static void *fact_of(spec *s, const ProtobufCMessageDescriptor *facts, unsigned type,
                     ProtobufCMessage **fact)
{
    *fact = px_codec_new(facts, spec_arena(s));
    return px_codec_set_oneof(*fact, type, spec_arena(s));
}

/* ---- people ---- */

static void given_recorded(spec *s, const char *person_id, const char *manager_id, bool active,
                           bool hr_partner)
{
    uint32_t now = px_people_key_generation(spec_state(s), SPEC_TENANT, person_id);
    uint32_t last = px_people_last_generation(spec_state(s), SPEC_TENANT, person_id);
    ProtobufCMessage *fact;
    FeedbackIngestFact__PersonRecorded *f =
        fact_of(s, &feedback_ingest_fact__fact__descriptor,
                FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED, &fact);

    f->person_id = text(s, person_id);
    f->manager_id = text(s, manager_id);
    f->unit_id = text(s, "sales");
    f->active = active;
    f->hr_partner = hr_partner;
    f->key_generation = now ? now : last + 1;
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

void given_hr_partner(spec *s, const char *person_id)
{
    given_recorded(s, person_id, "", true, true);
}

void given_person_erased(spec *s, const char *person_id)
{
    ProtobufCMessage *fact;
    FeedbackIngestFact__PersonErased *f =
        fact_of(s, &feedback_ingest_fact__fact__descriptor,
                FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_ERASED, &fact);

    f->person_id = text(s, person_id);
    f->key_generation = px_people_key_generation(spec_state(s), SPEC_TENANT, person_id);
    given(s, "feedback-ingest", fact);
}

/* ---- competencies, roles ---- */

static void *competency_fact(spec *s, unsigned type, ProtobufCMessage **fact)
{
    return fact_of(s, &competency_fact__fact__descriptor, type, fact);
}

void given_competency(spec *s, const char *competency_id, const char *title)
{
    ProtobufCMessage *fact;
    CompetencyFact__CompetencyDefined *f =
        competency_fact(s, COMPETENCY_FACT__FACT__BODY_COMPETENCY_DEFINED, &fact);

    f->competency_id = text(s, competency_id);
    f->title = text(s, title);
    given(s, "competency", fact);
}

void given_target(spec *s, const char *role_id, const char *competency_id, double target,
                  double weight)
{
    ProtobufCMessage *fact;
    CompetencyFact__RoleTargetSet *f =
        competency_fact(s, COMPETENCY_FACT__FACT__BODY_ROLE_TARGET_SET, &fact);

    f->role_id = text(s, role_id);
    f->competency_id = text(s, competency_id);
    f->target = target;
    f->weight = weight;
    given(s, "competency", fact);
}

void given_role(spec *s, const char *person_id, const char *role_id)
{
    ProtobufCMessage *fact;
    CompetencyFact__RoleAssigned *f =
        competency_fact(s, COMPETENCY_FACT__FACT__BODY_ROLE_ASSIGNED, &fact);

    f->person_id = text(s, person_id);
    f->role_id = text(s, role_id);
    given(s, "competency", fact);
}

void given_role_of_everybody(spec *s, const char *role_id)
{
    ProtobufCMessage *fact;
    CompetencyFact__RoleDefined *f =
        competency_fact(s, COMPETENCY_FACT__FACT__BODY_ROLE_DEFINED, &fact);

    f->role_id = text(s, role_id);
    f->title = text(s, "Everybody");
    f->holders = PX_HOLDERS_EVERYBODY;
    given(s, "competency", fact);
}

/* ---- reviews ---- */

void given_review(spec *s, const char *review_id, const char *rater_id, const char *subject_id,
                  uint32_t relation, const char *competency_id, uint32_t position)
{
    ProtobufCMessage *fact;
    ReviewCycleFact__ReviewSubmitted *f =
        fact_of(s, &review_cycle_fact__fact__descriptor,
                REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_SUBMITTED, &fact);
    ReviewCycleFact__Rating *rating =
        (void *)px_codec_new(&review_cycle_fact__rating__descriptor, spec_arena(s));

    f->review_id = text(s, review_id);
    f->rater_id = text(s, rater_id);
    f->subject_id = text(s, subject_id);
    f->relation = relation;
    f->occurred_at_us = spec_now(s);
    rating->competency_id = text(s, competency_id);
    rating->position = position;
    rating->scale_size = 5;
    f->ratings = px_arena_copy(spec_arena(s), &rating, sizeof(rating));
    f->n_ratings = 1;
    given(s, "review-cycle", fact);
}

void given_review_withdrawn(spec *s, const char *review_id, const char *rater_id,
                            const char *subject_id, uint32_t relation, const char *competency_id)
{
    ProtobufCMessage *fact;
    ReviewCycleFact__ReviewWithdrawn *f =
        fact_of(s, &review_cycle_fact__fact__descriptor,
                REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_WITHDRAWN, &fact);
    char *id = text(s, competency_id);

    f->review_id = text(s, review_id);
    f->rater_id = text(s, rater_id);
    f->subject_id = text(s, subject_id);
    f->relation = relation;
    f->competency_ids = px_arena_copy(spec_arena(s), &id, sizeof(id));
    f->n_competency_ids = 1;
    given(s, "review-cycle", fact);
}

/* ---- levels and gaps ---- */

static CompetencyFact__LevelEstimate *estimate(spec *s, double mu, evidence from)
{
    CompetencyFact__LevelEstimate *e =
        (void *)px_codec_new(&competency_fact__level_estimate__descriptor, spec_arena(s));

    e->mu = mu;
    e->variance = VARIANCE;
    e->as_of_us = spec_now(s);
    e->self_ratings = from.self;
    e->manager_ratings = from.manager;
    e->peer_ratings = from.peer;
    e->report_ratings = from.report;
    e->other_evidence = from.other;
    e->raters = from.raters;
    e->assessed = true;
    return e;
}

void given_level(spec *s, const char *person_id, const char *competency_id, double mu)
{
    ProtobufCMessage *fact;
    CompetencyFact__LevelChanged *f =
        competency_fact(s, COMPETENCY_FACT__FACT__BODY_LEVEL_CHANGED, &fact);

    f->person_id = text(s, person_id);
    f->competency_id = text(s, competency_id);
    f->estimate = estimate(s, mu, one_manager);
    f->reason = BY_EVIDENCE;
    given(s, "competency", fact);
}

void given_gap_on(spec *s, const char *person_id, const char *competency_id, double mu,
                  evidence from)
{
    ProtobufCMessage *fact;
    CompetencyFact__GapOpened *f =
        competency_fact(s, COMPETENCY_FACT__FACT__BODY_GAP_OPENED, &fact);

    f->person_id = text(s, person_id);
    f->competency_id = text(s, competency_id);
    f->role_id = text(s, "dev");
    f->estimate = estimate(s, mu, from);
    given(s, "competency", fact);
}

void given_gap(spec *s, const char *person_id, const char *competency_id, double mu)
{
    given_gap_on(s, person_id, competency_id, mu, one_manager);
}

void given_career_gap(spec *s, const char *person_id, const char *competency_id, double mu)
{
    ProtobufCMessage *fact;
    CompetencyFact__GapOpened *f =
        competency_fact(s, COMPETENCY_FACT__FACT__BODY_GAP_OPENED, &fact);

    f->person_id = text(s, person_id);
    f->competency_id = text(s, competency_id);
    f->role_id = text(s, "lead");
    f->estimate = estimate(s, mu, one_manager);
    f->purpose = COMPETENCY__GAP_PURPOSE__GAP_PURPOSE_CAREER;
    given(s, "competency", fact);
}

void given_gap_closed(spec *s, const char *person_id, const char *competency_id, double mu,
                      uint32_t reason)
{
    ProtobufCMessage *fact;
    CompetencyFact__GapClosed *f =
        competency_fact(s, COMPETENCY_FACT__FACT__BODY_GAP_CLOSED, &fact);

    f->person_id = text(s, person_id);
    f->competency_id = text(s, competency_id);
    f->role_id = text(s, "dev");
    f->estimate = estimate(s, mu, one_manager);
    f->reason = reason;
    given(s, "competency", fact);
}

void given_effect(spec *s, const char *competency_id, const char *item_id, double mean,
                  double observed_variance)
{
    ProtobufCMessage *fact;
    CompetencyFact__EffectObserved *f =
        competency_fact(s, COMPETENCY_FACT__FACT__BODY_EFFECT_OBSERVED, &fact);
    CompetencyFact__ItemEffect *item =
        (void *)px_codec_new(&competency_fact__item_effect__descriptor, spec_arena(s));

    item->item_id = text(s, item_id);
    item->mean = mean;
    item->variance = 0.01;
    f->person_id = text(s, "bob");
    f->competency_id = text(s, competency_id);
    f->items = px_arena_copy(spec_arena(s), &item, sizeof(item));
    f->n_items = 1;
    f->observed_variance = observed_variance;
    given(s, "competency", fact);
}

/* ---- submissions ---- */

static void *body(spec *s, LearningRecommender__Submission **sub, unsigned type)
{
    *sub = (void *)px_codec_new(&learning_recommender__submission__descriptor, spec_arena(s));
    return px_codec_set_oneof(&(*sub)->base, type, spec_arena(s));
}

LearningRecommender__ItemOutcome *add_outcome(spec *s, LearningRecommender__Submission *sub,
                                              const char *competency_id)
{
    LearningRecommender__DefineCatalogueItem *b = sub->define_catalogue_item;
    LearningRecommender__ItemOutcome *o =
        (void *)px_codec_new(&learning_recommender__item_outcome__descriptor, spec_arena(s));
    LearningRecommender__ItemOutcome **all =
        px_arena_alloc(spec_arena(s), (b->n_outcomes + 1) * sizeof(*all));

    for (size_t i = 0; i < b->n_outcomes; i++)
        all[i] = b->outcomes[i];
    o->competency_id = text(s, competency_id);
    o->share = 1;
    o->level_from = 1;
    o->level_to = 5;
    all[b->n_outcomes++] = o;
    b->outcomes = all;
    return o;
}

void add_requires(spec *s, LearningRecommender__Submission *sub, const char *item_id)
{
    LearningRecommender__DefineCatalogueItem *b = sub->define_catalogue_item;
    char **all = px_arena_alloc(spec_arena(s), (b->n_requires + 1) * sizeof(*all));

    for (size_t i = 0; i < b->n_requires; i++)
    all[i] = b->requires[i];
    all[b->n_requires++] = text(s, item_id);
    b->requires = all;
}

LearningRecommender__Submission *define_item(spec *s, const char *item_id, double hours,
                                             const char *competency_id)
{
    LearningRecommender__Submission *sub;
    LearningRecommender__DefineCatalogueItem *b =
        body(s, &sub, LEARNING_RECOMMENDER__SUBMISSION__BODY_DEFINE_CATALOGUE_ITEM);

    b->item_id = text(s, item_id);
    b->title = px_arena_printf(spec_arena(s), "All about %s", item_id);
    b->kind = LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COURSE;
    b->hours = hours;
    b->url = text(s, "https://example.org/course");
    b->credit = text(s, "Example Press");
    add_outcome(s, sub, competency_id);
    return sub;
}

LearningRecommender__Submission *retire_item(spec *s, const char *item_id)
{
    LearningRecommender__Submission *sub;
    LearningRecommender__RetireCatalogueItem *b =
        body(s, &sub, LEARNING_RECOMMENDER__SUBMISSION__BODY_RETIRE_CATALOGUE_ITEM);

    b->item_id = text(s, item_id);
    return sub;
}

LearningRecommender__Submission *start_item(spec *s, const char *person_id, const char *item_id)
{
    LearningRecommender__Submission *sub;
    LearningRecommender__StartItem *b =
        body(s, &sub, LEARNING_RECOMMENDER__SUBMISSION__BODY_START_ITEM);

    b->person_id = text(s, person_id);
    b->item_id = text(s, item_id);
    return sub;
}

LearningRecommender__Submission *complete_item(spec *s, const char *person_id, const char *item_id)
{
    LearningRecommender__Submission *sub;
    LearningRecommender__CompleteItem *b =
        body(s, &sub, LEARNING_RECOMMENDER__SUBMISSION__BODY_COMPLETE_ITEM);

    b->person_id = text(s, person_id);
    b->item_id = text(s, item_id);
    return sub;
}

LearningRecommender__Submission *decline_item(spec *s, const char *actor, const char *person_id,
                                              const char *item_id)
{
    LearningRecommender__Submission *sub;
    LearningRecommender__DeclineItem *b =
        body(s, &sub, LEARNING_RECOMMENDER__SUBMISSION__BODY_DECLINE_ITEM);

    sub->actor = text(s, actor);
    b->person_id = text(s, person_id);
    b->item_id = text(s, item_id);
    return sub;
}

LearningRecommender__Submission *void_completion(spec *s, const char *person_id,
                                                 const char *item_id)
{
    LearningRecommender__Submission *sub;
    LearningRecommender__VoidCompletion *b =
        body(s, &sub, LEARNING_RECOMMENDER__SUBMISSION__BODY_VOID_COMPLETION);

    b->person_id = text(s, person_id);
    b->item_id = text(s, item_id);
    return sub;
}

void given_done(spec *s, LearningRecommender__Submission *sub)
{
    when(s, sub);
    then_accepted(s);
}

void given_item(spec *s, const char *item_id, double hours, const char *competency_id)
{
    given_done(s, define_item(s, item_id, hours, competency_id));
}

/* ---- then ---- */

const LearningRecommenderFact__PlanProposed *then_proposed(spec *s, const char *plan_id)
{
    const LearningRecommenderFact__PlanProposed *f = then_fact(s, PROPOSED);

    assert_string_equal(f->plan_id, plan_id);
    then_no_more_facts(s);
    return f;
}

const LearningRecommenderFact__PlanRevised *then_revised(spec *s, const char *plan_id)
{
    const LearningRecommenderFact__PlanRevised *f = then_fact(s, REVISED);

    assert_string_equal(f->plan_id, plan_id);
    then_no_more_facts(s);
    return f;
}

void then_ended(spec *s, const char *plan_id, uint32_t reason)
{
    const LearningRecommenderFact__PlanEnded *f = then_fact(s, ENDED);

    assert_string_equal(f->plan_id, plan_id);
    assert_int_equal(f->reason, reason);
    then_no_more_facts(s);
}

void then_items(LearningRecommenderFact__PlanItem *const *items, size_t count, const char *ids)
{
    char all[512] = "";

    for (size_t i = 0; i < count; i++) {
        strncat(all, i ? " " : "", sizeof(all) - strlen(all) - 1);
        strncat(all, items[i]->item_id, sizeof(all) - strlen(all) - 1);
    }
    assert_string_equal(all, ids);
}

const LearningRecommender__Plan *get_plan(spec *s, const char *viewer_id, const char *person_id,
                                          const char *plan_id)
{
    LearningRecommender__GetPlan q = LEARNING_RECOMMENDER__GET_PLAN__INIT;

    q.viewer_id = text(s, viewer_id);
    q.person_id = text(s, person_id);
    q.plan_id = text(s, plan_id);
    return then_answer(s, "GetPlan", &q);
}

static bool holds(px_bytes bytes, const char *wanted)
{
    return memmem(bytes.data, bytes.size, wanted, strlen(wanted)) != NULL;
}

size_t records_with(spec *s, const char *wanted, bool agenda)
{
    px_bytes key, value;
    px_scan scan;
    size_t n = 0;

    px_scan_begin(&scan, spec_state(s), PX_STATE, (px_bytes){ "", 0 });
    while (px_scan_next(&scan, &key, &value)) {
        uint8_t table = *(const uint8_t *)key.data;
        bool of_agenda = table >= PX_TABLE_AGENDA && table <= PX_TABLE_AGENDA_DUE;

        n += of_agenda == agenda && (holds(key, wanted) || (value.size && holds(value, wanted)));
    }
    px_scan_end(&scan);
    return n;
}

/* ---- the usual world ---- */

int setup_team(void **state)
{
    spec *s = spec_create(&px_learning_recommender_service);

    given_person(s, "boss", "");
    given_person(s, "ann", "boss");
    given_person(s, "bob", "boss");
    given_hr_partner(s, "hanna");
    given_competency(s, "speaking", "Speaking to many");
    given_competency(s, "writing", "Writing well");
    given_competency(s, "coding", "Coding");
    given_target(s, "dev", "speaking", 4, 1);
    given_target(s, "dev", "writing", 3.5, 1);
    given_role(s, "ann", "dev");
    given_role(s, "bob", "dev");
    *state = s;
    return 0;
}
