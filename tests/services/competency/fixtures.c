#include "tests/services/competency/fixtures.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/keys.h"
#include "common/tables.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "services/competency/service.h"
#include "services/competency/state_keys.h"

static char *text(spec *s, const char *value)
{
    return px_arena_strdup(spec_arena(s), value);
}

static void *new_message(spec *s, const ProtobufCMessageDescriptor *type)
{
    return px_codec_new(type, spec_arena(s));
}

/* A Fact with the body of this case, which `body` gets. */
static void *new_fact(spec *s, const ProtobufCMessageDescriptor *type, unsigned number, void *body)
{
    ProtobufCMessage *fact = new_message(s, type);

    *(void **)body = px_codec_set_oneof(fact, number, spec_arena(s));
    return fact;
}

static int64_t at_day(int day)
{
    return SPEC_START_US + day * DAY_US;
}

/* ---- people ---- */

static void given_recorded(spec *s, const char *person_id, const char *manager_id,
                           const char *unit_id, bool active, bool hr_partner)
{
    FeedbackIngestFact__PersonRecorded *f;
    void *fact = new_fact(s, &feedback_ingest_fact__fact__descriptor,
                          FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED, &f);
    uint32_t last = px_people_last_generation(spec_state(s), SPEC_TENANT, person_id);
    uint32_t now = px_people_key_generation(spec_state(s), SPEC_TENANT, person_id);

    f->person_id = text(s, person_id);
    f->manager_id = text(s, manager_id);
    f->unit_id = text(s, unit_id);
    f->active = active;
    f->hr_partner = hr_partner;
    f->key_generation = now ? now : last + 1;
    given(s, "feedback-ingest", fact);
}

void given_person(spec *s, const char *person_id, const char *manager_id)
{
    given_recorded(s, person_id, manager_id, "sales", true, false);
}

void given_person_left(spec *s, const char *person_id, const char *manager_id)
{
    given_recorded(s, person_id, manager_id, "sales", false, false);
}

void given_hr_partner(spec *s, const char *person_id, const char *manager_id)
{
    given_recorded(s, person_id, manager_id, "sales", true, true);
}

void given_person_of_unit(spec *s, const char *person_id, const char *unit_id)
{
    given_recorded(s, person_id, "", unit_id, true, false);
}

void given_unit(spec *s, const char *unit_id, const char *parent_unit_id)
{
    FeedbackIngestFact__UnitRecorded *f;
    void *fact = new_fact(s, &feedback_ingest_fact__fact__descriptor,
                          FEEDBACK_INGEST_FACT__FACT__BODY_UNIT_RECORDED, &f);

    f->unit_id = text(s, unit_id);
    f->parent_unit_id = text(s, parent_unit_id);
    f->label = text(s, unit_id);
    given(s, "feedback-ingest", fact);
}

void given_person_erased(spec *s, const char *person_id)
{
    FeedbackIngestFact__PersonErased *f;
    void *fact = new_fact(s, &feedback_ingest_fact__fact__descriptor,
                          FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_ERASED, &f);

    f->person_id = text(s, person_id);
    f->key_generation = px_people_key_generation(spec_state(s), SPEC_TENANT, person_id);
    given(s, "feedback-ingest", fact);
}

/* ---- reviews ---- */

ReviewCycleFact__Fact *review(spec *s, const char *review_id, const char *rater_id, int relation,
                              const char *subject_id)
{
    ReviewCycleFact__ReviewSubmitted *f;
    ReviewCycleFact__Fact *fact = new_fact(s, &review_cycle_fact__fact__descriptor,
                                           REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_SUBMITTED, &f);

    f->review_id = text(s, review_id);
    f->cycle_id = text(s, "q1");
    f->subject_id = text(s, subject_id);
    f->rater_id = text(s, rater_id);
    f->relation = (uint32_t)relation;
    f->occurred_at_us = at_day(0);
    f->scale_id = text(s, "five");
    f->scale_version = 1;
    f->ratings = px_arena_alloc(spec_arena(s), 8 * sizeof *f->ratings);
    return fact;
}

void add_rating(spec *s, ReviewCycleFact__Fact *fact, const char *competency_id, unsigned position,
                unsigned scale_size)
{
    ReviewCycleFact__ReviewSubmitted *f = fact->review_submitted;
    ReviewCycleFact__Rating *rating = new_message(s, &review_cycle_fact__rating__descriptor);

    assert_true(f->n_ratings < 8);
    rating->competency_id = text(s, competency_id);
    rating->value = (int32_t)position;
    rating->position = position;
    rating->scale_size = scale_size;
    f->ratings[f->n_ratings++] = rating;
}

void given_review(spec *s, ReviewCycleFact__Fact *fact)
{
    given(s, "review-cycle", fact);
}

void given_rating(spec *s, const char *review_id, const char *rater_id, int relation,
                  const char *subject_id, const char *competency_id, unsigned value, int day)
{
    ReviewCycleFact__Fact *fact = review(s, review_id, rater_id, relation, subject_id);

    fact->review_submitted->occurred_at_us = at_day(day);
    add_rating(s, fact, competency_id, value, 5);
    given_review(s, fact);
}

void given_review_withdrawn(spec *s, const char *review_id, const char *rater_id, int relation,
                            const char *subject_id, const char *competency_id)
{
    ReviewCycleFact__ReviewWithdrawn *f;
    void *fact = new_fact(s, &review_cycle_fact__fact__descriptor,
                          REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_WITHDRAWN, &f);

    f->review_id = text(s, review_id);
    f->cycle_id = text(s, "q1");
    f->subject_id = text(s, subject_id);
    f->rater_id = text(s, rater_id);
    f->relation = (uint32_t)relation;
    f->competency_ids = px_arena_alloc(spec_arena(s), sizeof *f->competency_ids);
    f->competency_ids[f->n_competency_ids++] = text(s, competency_id);
    given(s, "review-cycle", fact);
}

void given_phase(spec *s, int from, int to)
{
    ReviewCycleFact__PhaseChanged *f;
    void *fact = new_fact(s, &review_cycle_fact__fact__descriptor,
                          REVIEW_CYCLE_FACT__FACT__BODY_PHASE_CHANGED, &f);

    f->cycle_id = text(s, "q1");
    f->from = (uint32_t)from;
    f->to = (uint32_t)to;
    given(s, "review-cycle", fact);
}

/* ---- feedback ---- */

static void add_tag(spec *s, FeedbackIngestFact__FeedbackGiven *f, const char *competency_id,
                    int tone)
{
    FeedbackIngestFact__FeedbackTag *tag =
        new_message(s, &feedback_ingest_fact__feedback_tag__descriptor);

    tag->competency_id = text(s, competency_id);
    tag->tone = tone;
    f->tags[f->n_tags++] = tag;
}

void given_feedback(spec *s, const char *feedback_id, const char *giver_id, const char *about_id,
                    const char *competency_id, const char *second_id, int tone, int day)
{
    FeedbackIngestFact__FeedbackGiven *f;
    void *fact = new_fact(s, &feedback_ingest_fact__fact__descriptor,
                          FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_GIVEN, &f);

    f->feedback_id = text(s, feedback_id);
    f->giver_id = text(s, giver_id);
    f->about_id = text(s, about_id);
    f->occurred_at_us = at_day(day);
    f->tags = px_arena_alloc(spec_arena(s), 2 * sizeof *f->tags);
    add_tag(s, f, competency_id, tone);
    if (second_id)
        add_tag(s, f, second_id, tone);
    given(s, "feedback-ingest", fact);
}

void given_feedback_withdrawn(spec *s, const char *feedback_id, const char *about_id)
{
    FeedbackIngestFact__FeedbackWithdrawn *f;
    void *fact = new_fact(s, &feedback_ingest_fact__fact__descriptor,
                          FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_WITHDRAWN, &f);

    f->feedback_id = text(s, feedback_id);
    f->about_id = text(s, about_id);
    given(s, "feedback-ingest", fact);
}

/* ---- learning ---- */

LearningRecommenderFact__Fact *item_completed(spec *s, const char *person_id, const char *item_id,
                                              int kind, double hours, const char *competency_id,
                                              double share, int day)
{
    LearningRecommenderFact__ItemCompleted *f;
    LearningRecommenderFact__Fact *fact =
        new_fact(s, &learning_recommender_fact__fact__descriptor,
                 LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_COMPLETED, &f);

    f->person_id = text(s, person_id);
    f->item_id = text(s, item_id);
    f->occurred_at_us = at_day(day);
    f->kind = (uint32_t)kind;
    f->hours = hours;
    f->outcomes = px_arena_alloc(spec_arena(s), sizeof *f->outcomes);
    f->outcomes[0] = new_message(s, &learning_recommender_fact__outcome__descriptor);
    f->outcomes[0]->competency_id = text(s, competency_id);
    f->outcomes[0]->share = share;
    f->outcomes[0]->level_from = 1.0;
    f->outcomes[0]->level_to = 5.0;
    f->n_outcomes = 1;
    return fact;
}

void given_item_completed(spec *s, LearningRecommenderFact__Fact *fact)
{
    given(s, "learning-recommender", fact);
}

void given_completion_voided(spec *s, const char *person_id, const char *item_id)
{
    LearningRecommenderFact__CompletionVoided *f;
    void *fact = new_fact(s, &learning_recommender_fact__fact__descriptor,
                          LEARNING_RECOMMENDER_FACT__FACT__BODY_COMPLETION_VOIDED, &f);

    f->person_id = text(s, person_id);
    f->item_id = text(s, item_id);
    given(s, "learning-recommender", fact);
}

void given_followed_up(spec *s, const char *person_id, const char *competency_id,
                       const char *const *item_ids)
{
    CompetencyFact__EffectObserved *f;
    void *fact = new_fact(s, &competency_fact__fact__descriptor, EFFECT_OBSERVED, &f);

    f->person_id = text(s, person_id);
    f->competency_id = text(s, competency_id);
    f->items = px_arena_alloc(spec_arena(s), PX_PENDING_MAX * sizeof *f->items);
    for (; item_ids[f->n_items]; f->n_items++) {
        f->items[f->n_items] = new_message(s, &competency_fact__item_effect__descriptor);
        f->items[f->n_items]->item_id = text(s, item_ids[f->n_items]);
    }
    given(s, "competency", fact);
}

void given_assessed(spec *s, const char *assessment_id, const char *person_id,
                    const char *competency_id, double score, int day)
{
    CompetencyFact__AssessmentRecorded *f;
    void *fact = new_fact(s, &competency_fact__fact__descriptor, ASSESSMENT_RECORDED, &f);

    f->assessment_id = text(s, assessment_id);
    f->person_id = text(s, person_id);
    f->competency_id = text(s, competency_id);
    f->score = score;
    f->occurred_at_us = at_day(day);
    given(s, "competency", fact);
}

/* ---- submissions ---- */

static void *body(spec *s, Competency__Submission **sub, unsigned type)
{
    *sub = new_message(s, &competency__submission__descriptor);
    return px_codec_set_oneof(&(*sub)->base, type, spec_arena(s));
}

Competency__Submission *define_levels(spec *s, const char *competency_id,
                                      const char *const *level_names)
{
    Competency__Submission *sub;
    Competency__DefineCompetency *b = body(s, &sub, COMPETENCY__SUBMISSION__BODY_DEFINE_COMPETENCY);

    b->competency_id = text(s, competency_id);
    b->title = text(s, "Handling data");
    b->description = text(s, "What it is.");
    b->family = COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_FUNCTIONAL;
    b->levels = px_arena_alloc(spec_arena(s), LEVELS_MAX * sizeof *b->levels);
    for (; level_names[b->n_levels]; b->n_levels++) {
        Competency__CompetencyLevel *level =
            new_message(s, &competency__competency_level__descriptor);

        level->name = text(s, level_names[b->n_levels]);
        level->text = text(s, "What one can do.");
        b->levels[b->n_levels] = level;
    }
    return sub;
}

Competency__Submission *define_competency(spec *s, const char *competency_id)
{
    static const char *const names[] = { "Low", "Working", "Good", "High", "Expert", NULL };

    return define_levels(s, competency_id, names);
}

Competency__Submission *define_role(spec *s, const char *role_id)
{
    Competency__Submission *sub;
    Competency__DefineRole *b = body(s, &sub, COMPETENCY__SUBMISSION__BODY_DEFINE_ROLE);

    b->role_id = text(s, role_id);
    b->title = text(s, "Business analyst");
    b->role_family = text(s, "Analysis");
    return sub;
}

Competency__Submission *define_ruled_role(spec *s, const char *role_id, int holders,
                                          const char *unit_id)
{
    Competency__Submission *sub = define_role(s, role_id);

    sub->define_role->holders = (Competency__RoleHolders)holders;
    sub->define_role->unit_id = text(s, unit_id);
    return sub;
}

Competency__Submission *set_target(spec *s, const char *role_id, const char *competency_id,
                                   const char *level_name)
{
    Competency__Submission *sub;
    Competency__SetRoleTarget *b = body(s, &sub, COMPETENCY__SUBMISSION__BODY_SET_ROLE_TARGET);

    b->role_id = text(s, role_id);
    b->competency_id = text(s, competency_id);
    b->level_name = text(s, level_name);
    return sub;
}

Competency__Submission *assign_role(spec *s, const char *person_id, const char *role_id)
{
    Competency__Submission *sub;
    Competency__AssignRole *b = body(s, &sub, COMPETENCY__SUBMISSION__BODY_ASSIGN_ROLE);

    b->person_id = text(s, person_id);
    b->role_id = text(s, role_id);
    return sub;
}

Competency__Submission *assign_slot(spec *s, const char *person_id, const char *role_id, int slot)
{
    Competency__Submission *sub = assign_role(s, person_id, role_id);

    sub->assign_role->slot = (Competency__RoleSlot)slot;
    return sub;
}

Competency__Submission *record_assessment(spec *s, const char *assessment_id, const char *person_id,
                                          const char *competency_id, double score)
{
    Competency__Submission *sub;
    Competency__RecordAssessment *b = body(s, &sub, COMPETENCY__SUBMISSION__BODY_RECORD_ASSESSMENT);

    b->assessment_id = text(s, assessment_id);
    b->person_id = text(s, person_id);
    b->competency_id = text(s, competency_id);
    b->score = score;
    return sub;
}

void given_done(spec *s, Competency__Submission *sub)
{
    when(s, sub);
    then_accepted(s);
}

int setup(void **state)
{
    int failed = spec_setup_with(state, &px_competency_service);
    spec *s = *state;

    given_person(s, "boss", "");
    given_person(s, "ann", "boss");
    given_person(s, "bob", "boss");
    given_person(s, "pat", "");
    given_person(s, "pia", "");
    given_person(s, "zoe", "");
    given_person(s, "cid", "ann");
    given_hr_partner(s, "hanna", "");
    given_person_left(s, "lea", "boss");
    given_done(s, define_competency(s, "sql"));
    given_done(s, define_competency(s, "talk"));
    given_done(s, define_role(s, "analyst"));
    given_done(s, set_target(s, "analyst", "sql", "High"));
    return failed;
}

/* ---- what is known ---- */

standing standing_of(spec *s, const char *person_id, const char *competency_id)
{
    level_key key = { SPEC_TENANT, person_id, competency_id };

    return competency_state_get_standing(spec_state(s), &key);
}

double mu_of(spec *s, const char *person_id, const char *competency_id)
{
    standing now = standing_of(s, person_id, competency_id);

    assert_true(now.known);
    return standing_figures(&now).mu;
}

said_record said_of(spec *s, const char *person_id, const char *competency_id)
{
    level_key key = { SPEC_TENANT, person_id, competency_id };
    said_record said;

    competency_state_get_said(spec_state(s), &key, &said);
    return said;
}

void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("got %.12g, want %.12g", got, want);
}

static bool contains(px_bytes bytes, const char *part)
{
    return bytes.size > 0 && memmem(bytes.data, bytes.size, part, strlen(part)) != NULL;
}

/* Also what is kept with dirty keys; their marks alone say nothing of anybody. */
static bool is_the_services(px_bytes key, px_bytes value)
{
    uint8_t table = *(const uint8_t *)key.data;

    return table > PX_PEOPLE_TABLE ||
           (table == PX_TABLE_AGENDA && value.size > 3 * sizeof(uint64_t));
}

size_t records_with(spec *s, const char *part)
{
    px_bytes key, value;
    px_scan scan;
    size_t n = 0;

    px_scan_begin(&scan, spec_state(s), PX_STATE, (px_bytes){ NULL, 0 });
    while (px_scan_next(&scan, &key, &value))
        if (is_the_services(key, value))
            n += contains(key, part) || contains(value, part);
    px_scan_end(&scan);
    return n;
}

size_t pieces_of_evidence(spec *s)
{
    const uint8_t table = TABLE_EVIDENCE;
    px_bytes key, value;
    px_scan scan;
    size_t n = 0;

    px_scan_begin(&scan, spec_state(s), PX_STATE, (px_bytes){ &table, 1 });
    while (px_scan_next(&scan, &key, &value))
        n++;
    px_scan_end(&scan);
    return n;
}
