/* project.c: others' facts -> state. What concerns a person who is not known (any more) is passed
 * over: an erasure may overtake what was said of them. */
#include <string.h>

#include "common/agenda.h"
#include "common/method.h"
#include "common/record.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "services/learning-recommender/follow_up.h"
#include "services/learning-recommender/replace.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state.h"
#include "services/learning-recommender/state_catalogue.h"
#include "services/learning-recommender/state_follow_up.h"
#include "services/learning-recommender/state_impact.h"
#include "services/learning-recommender/state_mentor.h"
#include "services/learning-recommender/state_prompt.h"
#include "services/learning-recommender/state_template.h"

/* ---- people ---- */

/* What is asked of somebody has changed. */
static void look_again(px_txn *state, const char *tenant, const char *person_id,
                       const px_role_list *before, const px_role_list *after)
{
    (void)before;
    (void)after;
    learning_mark_person(state, tenant, person_id);
}

void learning_project_unit_recorded(px_txn *state, const px_fact *fact)
{
    px_roles_project_unit(state, fact, look_again);
    learning_count_audiences(state, fact->tenant, fact->decided_at_us);
    if (learning_has_templates(state, fact->tenant)) /* the unit may be below another one now */
        learning_mark_templates(state, fact->tenant);
}

/* The person may be in other audiences now, and so may who was and who is their manager. */
static void mark_audiences(px_txn *state, const px_fact *fact, const px_person *before)
{
    const FeedbackIngestFact__PersonRecorded *f = fact->body;

    if (!learning_has_templates(state, fact->tenant))
        return;
    px_mark(state, KEY_TEMPLATES, fact->tenant, px_text_bytes(f->person_id));
    if (before->manager_id[0])
        px_mark(state, KEY_TEMPLATES, fact->tenant, px_text_bytes(before->manager_id));
    if (f->manager_id[0])
        px_mark(state, KEY_TEMPLATES, fact->tenant, px_text_bytes(f->manager_id));
}

/* Who came or left may be a mentor, and what fell due while they were away is looked at now. */
static void come_or_leave(px_txn *state, const char *tenant, const char *person_id)
{
    learning_mark_person(state, tenant, person_id);
    learning_mark_mentees_of(state, tenant, person_id);
    learning_state_put_prompts_again(state, tenant, person_id);
    learning_state_mark_follow_ups(state, tenant, person_id);
}

void learning_project_person_recorded(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__PersonRecorded *f = fact->body;
    px_person before = { .manager_id = "" };
    bool was_known = px_people_get(state, fact->tenant, f->person_id, &before);

    px_roles_project_person(state, fact, look_again);
    learning_count_audiences(state, fact->tenant, fact->decided_at_us);
    if (before.active != (bool)f->active)
        come_or_leave(state, fact->tenant, f->person_id);
    if (!was_known || before.active != (bool)f->active || before.hr_partner != (bool)f->hr_partner)
        learning_mark_assigned_by(state, fact->tenant, f->person_id);
    mark_audiences(state, fact, &before);
}

void learning_project_person_erased(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__PersonErased *f = fact->body;

    learning_state_drop_person(state, fact->tenant, f->person_id);
    learning_mark_mentees_of(state, fact->tenant, f->person_id);
    learning_state_drop_mentor(state, fact->tenant, f->person_id);
    learning_mark_assigned_by(state, fact->tenant, f->person_id);
    px_due_clear(state, KEY_DEFERRED, fact->tenant, px_text_bytes(f->person_id));
    px_due_clear(state, KEY_TEMPLATES, fact->tenant, px_text_bytes(f->person_id));
    px_roles_project_erased(state, fact, look_again);
    learning_count_audiences(state, fact->tenant, fact->decided_at_us);
    if (learning_state_get_learner(state, fact->tenant, f->person_id).open_plan)
        learning_mark_person(state, fact->tenant, f->person_id);
}

/* ---- ratings behind an issue ---- */

static bool is_named(uint32_t relation)
{
    return relation == PX_RELATION_MANAGER || relation == PX_RELATION_SELF;
}

static bool is_usable(const ReviewCycleFact__Rating *rating)
{
    return rating->competency_id[0] && rating->position >= 1 && rating->scale_size >= 2 &&
           rating->position <= rating->scale_size;
}

static bool rated_before(const ReviewCycleFact__ReviewSubmitted *f, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (is_usable(f->ratings[i]) &&
            strcmp(f->ratings[i]->competency_id, f->ratings[at]->competency_id) == 0)
            return true;
    return false;
}

/* Mean of the review's ratings of one competency from `at` on: what and how. */
static double mean_level(const ReviewCycleFact__ReviewSubmitted *f, size_t at)
{
    double sum = 0.0, n = 0.0;

    for (size_t i = at; i < f->n_ratings; i++) {
        const ReviewCycleFact__Rating *r = f->ratings[i];

        if (!is_usable(r) || strcmp(r->competency_id, f->ratings[at]->competency_id) != 0)
            continue;
        sum += px_scale_level((double)r->position, r->scale_size);
        n += 1.0;
    }
    return sum / n;
}

static void keep_rating(px_txn *state, const char *tenant, const char *person_id,
                        const char *competency_id, const rating_behind *rating)
{
    px_successors now = px_replaced_resolve(state, tenant, competency_id);

    for (size_t i = 0; i < now.count; i++) {
        const char *id = now.all[i].competency_id;
        ratings_record all = learning_state_get_ratings(state, tenant, person_id, id);
        rating_behind there = *rating;

        there.level = px_successor_rating(&now.all[i], rating->level);
        learning_insert_rating(&all, &there);
        learning_state_put_ratings(state, tenant, person_id, id, &all);
    }
}

void learning_project_review_submitted(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__ReviewSubmitted *f = fact->body;
    rating_behind rating = { .relation = (uint8_t)f->relation,
                             .occurred_at_us = f->occurred_at_us };

    if (!is_named(f->relation) || !px_people_is_known(state, fact->tenant, f->subject_id))
        return;
    px_record_set_text(rating.review_id, PX_ID_SIZE, f->review_id);
    px_record_set_text(rating.rater_id, PX_ID_SIZE, f->rater_id);
    for (size_t i = 0; i < f->n_ratings; i++) {
        if (!is_usable(f->ratings[i]) || rated_before(f, i))
            continue;
        rating.level = mean_level(f, i);
        keep_rating(state, fact->tenant, f->subject_id, f->ratings[i]->competency_id, &rating);
        follow_up_hear_rating(state, fact->tenant, f->subject_id, f->ratings[i]->competency_id,
                              f->occurred_at_us, fact->decided_at_us);
    }
}

static void remove_review(ratings_record *all, const char *review_id)
{
    uint8_t kept = 0;

    for (uint8_t i = 0; i < all->count; i++)
        if (strcmp(all->ratings[i].review_id, review_id) != 0)
            all->ratings[kept++] = all->ratings[i];
    all->count = kept;
}

static void forget_rating(px_txn *state, const char *tenant, const char *person_id,
                          const char *competency_id, const char *review_id)
{
    ratings_record all = learning_state_get_ratings(state, tenant, person_id, competency_id);

    remove_review(&all, review_id);
    learning_state_put_ratings(state, tenant, person_id, competency_id, &all);
}

void learning_project_review_withdrawn(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__ReviewWithdrawn *f = fact->body;

    if (!is_named(f->relation) || !px_people_is_known(state, fact->tenant, f->subject_id))
        return;
    for (size_t i = 0; i < f->n_competency_ids; i++) {
        px_successors now = px_replaced_resolve(state, fact->tenant, f->competency_ids[i]);

        for (size_t j = 0; j < now.count; j++)
            forget_rating(state, fact->tenant, f->subject_id, now.all[j].competency_id,
                          f->review_id);
        if (now.count == 0)
            forget_rating(state, fact->tenant, f->subject_id, f->competency_ids[i], f->review_id);
    }
}

/* ---- competencies and roles ---- */

void learning_project_competency_defined(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__CompetencyDefined *f = fact->body;

    learning_state_put_title(state, fact->tenant, f->competency_id, f->title);
}

void learning_project_role_defined(px_txn *state, const px_fact *fact)
{
    px_roles_project_defined(state, fact, look_again);
    learning_count_audiences(state, fact->tenant, fact->decided_at_us);
}

void learning_project_role_target_set(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__RoleTargetSet *f = fact->body;
    char person_id[PX_ID_SIZE] = "";

    px_roles_project_target(state, fact);
    while (px_roles_next_holder(state, fact->tenant, f->role_id, person_id))
        learning_mark_person(state, fact->tenant, person_id);
}

void learning_project_role_assigned(px_txn *state, const px_fact *fact)
{
    px_roles_project_assigned(state, fact, look_again);
    learning_count_audiences(state, fact->tenant, fact->decided_at_us);
}

/* ---- levels and gaps ---- */

static void copy_estimate(standing_record *s, const CompetencyFact__LevelEstimate *e)
{
    if (!e)
        return;
    s->mu = e->mu;
    s->var = e->variance;
    s->self_ratings = e->self_ratings;
    s->manager_ratings = e->manager_ratings;
    s->peer_ratings = e->peer_ratings;
    s->report_ratings = e->report_ratings;
    s->other_evidence = e->other_evidence;
    s->raters = e->raters;
}

/* Kept only to be named. */
static void keep_evidence(px_txn *state, const px_fact *fact, const char *person_id,
                          const char *competency_id, const char *evidence_id, int64_t earned_us)
{
    standing_record s = { 0 };

    if (!px_people_is_known(state, fact->tenant, person_id) ||
        !learning_state_get_standing(state, fact->tenant, person_id, competency_id, &s))
        return;
    px_record_set_text(s.evidence_id, sizeof s.evidence_id, evidence_id);
    s.evidence_us = earned_us;
    learning_state_put_standing(state, fact->tenant, person_id, competency_id, &s);
}

void learning_project_evidence_recorded(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__EvidenceRecorded *f = fact->body;

    keep_evidence(state, fact, f->person_id, f->competency_id, f->evidence_id, f->earned_at_us);
}

void learning_project_evidence_superseded(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__EvidenceSuperseded *f = fact->body;
    standing_record s = { 0 };

    if (learning_state_get_standing(state, fact->tenant, f->person_id, f->competency_id, &s) &&
        strcmp(s.evidence_id, f->evidence_id) == 0)
        keep_evidence(state, fact, f->person_id, f->competency_id, "", 0);
}

/* What a fact says of the gap beside the estimate. */
typedef enum { GAP_AS_BEFORE, GAP_OPEN, GAP_FROM_HISTORY, GAP_CLOSED } gap_news;

/* Plans are for the present roles; facts from before there were purposes say 0. */
static gap_news news_of(uint32_t purpose, gap_news news)
{
    return purpose == COMPETENCY__GAP_PURPOSE__GAP_PURPOSE_CAREER ? GAP_AS_BEFORE : news;
}

static void project_estimate(px_txn *state, const px_fact *fact, const char *person_id,
                             const char *competency_id,
                             const CompetencyFact__LevelEstimate *estimate, gap_news news,
                             uint32_t closed_by)
{
    standing_record s = { 0 };

    if (!px_people_is_known(state, fact->tenant, person_id))
        return;
    learning_state_get_standing(state, fact->tenant, person_id, competency_id, &s);
    copy_estimate(&s, estimate);
    if (news != GAP_AS_BEFORE) {
        s.open = news == GAP_OPEN || news == GAP_FROM_HISTORY;
        s.from_history = news == GAP_FROM_HISTORY;
        s.closed_by = (uint8_t)closed_by;
    }
    learning_state_put_standing(state, fact->tenant, person_id, competency_id, &s);
    follow_up_hear_level(state, fact->tenant, person_id, competency_id);
    learning_mentor_changed(state, fact->tenant, person_id, competency_id);
    learning_count_initiatives(state, fact->tenant, competency_id, fact->decided_at_us);
    learning_mark_person(state, fact->tenant, person_id);
}

void learning_project_level_changed(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__LevelChanged *f = fact->body;

    project_estimate(state, fact, f->person_id, f->competency_id, f->estimate, GAP_AS_BEFORE, 0);
}

/* Somebody ended the last plan; a new gap is news. */
static void end_quiet(px_txn *state, const char *tenant, const char *person_id)
{
    learner_record learner = learning_state_get_learner(state, tenant, person_id);

    if (learner.quiet_until_us == 0)
        return;
    learner.quiet_until_us = 0;
    learning_state_put_learner(state, tenant, person_id, &learner);
    px_due_clear(state, KEY_QUIET, tenant, px_text_bytes(person_id));
}

void learning_project_gap_opened(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__GapOpened *f = fact->body;

    end_quiet(state, fact->tenant, f->person_id);
    project_estimate(state, fact, f->person_id, f->competency_id, f->estimate,
                     news_of(f->purpose, f->from_history ? GAP_FROM_HISTORY : GAP_OPEN), 0);
}

void learning_project_gap_changed(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__GapChanged *f = fact->body;

    project_estimate(state, fact, f->person_id, f->competency_id, f->estimate,
                     news_of(f->purpose, f->from_history ? GAP_FROM_HISTORY : GAP_OPEN), 0);
}

void learning_project_gap_closed(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__GapClosed *f = fact->body;

    project_estimate(state, fact, f->person_id, f->competency_id, f->estimate,
                     news_of(f->purpose, GAP_CLOSED), f->reason);
}

/* An item's own report rests on looks at it alone: what several did together is told apart for
 * planning, with the help of what was believed of them, but not in a report. */
static void add_to_impact(px_txn *state, const px_fact *fact, const char *item_id, double exposure)
{
    const CompetencyFact__EffectObserved *f = fact->body;
    impact_look look = { .gain = f->observed,
                         .var = f->observed_variance,
                         .control_sum = f->control_sum,
                         .control_count = f->control_count };
    impact_record record =
        learning_state_get_impact(state, fact->tenant, f->competency_id, item_id);

    if (!impact_add(&record.all, &look, exposure))
        return;
    learning_state_put_impact(state, fact->tenant, f->competency_id, item_id, &record);
    learning_impact_mark(state, fact->tenant, f->competency_id, item_id);
}

/* What an item does is competency's to learn; plans use this copy from the next planning on. */
void learning_project_effect_observed(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__EffectObserved *f = fact->body;
    teaching_record t;

    for (size_t i = 0; i < f->n_items; i++) {
        if (!learning_state_get_teaching(state, fact->tenant, f->competency_id,
                                         f->items[i]->item_id, &t))
            continue;
        t.effect.mean = f->items[i]->mean;
        t.effect.var = f->items[i]->variance;
        t.results += f->observed_variance > 0.0; /* 0: nothing to observe it by */
        learning_state_put_teaching(state, fact->tenant, f->competency_id, f->items[i]->item_id,
                                    &t);
    }
    add_to_impact(state, fact, "", 1.0);
    if (f->n_items == 1)
        add_to_impact(state, fact, f->items[0]->item_id, f->items[0]->exposure);
}

/* ---- high potentials ---- */

static void set_potential(px_txn *state, const char *tenant, const char *person_id, bool is)
{
    if (!px_people_is_known(state, tenant, person_id))
        return;
    learning_state_put_potential(state, tenant, person_id, is);
    if (learning_has_templates(state, tenant))
        px_mark(state, KEY_TEMPLATES, tenant, px_text_bytes(person_id));
}

void learning_project_high_potential_confirmed(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__HighPotentialConfirmed *f = fact->body;

    set_potential(state, fact->tenant, f->person_id, true);
}

void learning_project_high_potential_declined(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__HighPotentialDeclined *f = fact->body;

    set_potential(state, fact->tenant, f->person_id, false);
}

void learning_project_high_potential_lapsed(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__HighPotentialLapsed *f = fact->body;

    set_potential(state, fact->tenant, f->person_id, false);
}

/* ---- strategy ---- */

/* Whose plan this moves, competency says: an open gap that weighs something else has changed. */
void learning_project_strategy_item_declared(px_txn *state, const px_fact *fact)
{
    px_roles_project_strategy_declared(state, fact);
}

void learning_project_strategy_item_retired(px_txn *state, const px_fact *fact)
{
    px_roles_project_strategy_retired(state, fact);
}
