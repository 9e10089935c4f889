/* plan.c: the arithmetic's picks become plan items: issue, learning, follow-up. */
#include "services/learning-recommender/plan.h"

#include <string.h>

#include "common/gap.h"
#include "common/record.h"
#include "common/replaced.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/caps.h"
#include "services/learning-recommender/state_wish.h"

enum { RATERS_ENOUGH = 2 };
static const int64_t DAY_US = INT64_C(86400) * 1000000;
static const double UNSURE_VAR = 0.60 * 0.60; /* METHOD section 1: more evidence needed */
static const double GAP_CLOSED = 0.40;        /* METHOD section 2 */
static const double WORTH_SAYING = 1.05;      /* METHOD section 3 */
static const double TIE = 1e-12;

/* ---- issue ---- */

static void name_ratings(const plan_problem *p, plan_item *item)
{
    ratings_record all =
        learning_state_get_ratings(p->state, p->tenant, p->person_id, item->competency_id);

    item->rating_count = all.count < RATINGS_SHOWN ? all.count : RATINGS_SHOWN;
    memcpy(item->ratings, all.ratings, item->rating_count * sizeof *item->ratings);
}

static void say_issue(const plan_problem *p, uint32_t competency, plan_item *item)
{
    const problem_competency *c = &p->competencies[competency];
    const standing_record *s = &c->standing;

    px_record_set_text(item->competency_id, PX_ID_SIZE, c->id);
    item->mu = s->mu;
    item->variance = s->var;
    item->target = c->asked.target;
    item->probability = px_gap_probability(item->target - s->mu, s->var);
    item->weight = c->asked.weight;
    item->peer_ratings = s->peer_ratings;
    item->report_ratings = s->report_ratings;
    item->more_evidence_needed = s->raters < RATERS_ENOUGH || s->var > UNSURE_VAR;
    name_ratings(p, item);
}

/* A started item whose gap has closed gains nothing: it keeps the issue it was chosen for. */
static uint32_t issue_of(const plan_problem *p, const choose_pick *pick, const plan_item *before)
{
    const choose_item *choice = &p->choices[pick->item];

    if (pick->competency != CHOOSE_NONE)
        return pick->competency;
    if (before)
        return plan_problem_competency(p, before->competency_id);
    return choice->touch_count ? choice->touches[0].competency : CHOOSE_NONE;
}

/* ---- learning ---- */

static uint32_t results_behind(const plan_problem *p, uint32_t item, uint32_t competency)
{
    const choose_item *choice = &p->choices[item];

    for (uint32_t t = 0; t < choice->touch_count; t++)
        if (choice->touches[t].competency == competency)
            return p->items[item].results[t];
    return 0;
}

static void say_learning(const plan_problem *p, const choose_pick *pick, uint32_t issue,
                         plan_item *item)
{
    item->item_version = p->items[pick->item].version;
    px_record_set_text(item->item_id, PX_ID_SIZE, p->items[pick->item].id);
    item->hours = p->choices[pick->item].hours;
    item->gain = pick->gain;
    item->gain_margin = pick->gain_error;
    item->value = pick->value;
    item->results_behind = results_behind(p, pick->item, issue);
    if (pick->runner_up == CHOOSE_NONE)
        return;
    px_record_set_text(item->runner_up_id, PX_ID_SIZE, p->items[pick->runner_up].id);
    item->runner_up_value_per_hour = pick->runner_up_value_per_hour;
    item->runner_up_reason = (uint32_t)pick->runner_up_reason;
    for (uint32_t i = 0; i < pick->other_count && i < PLAN_OTHERS_MAX; i++) {
        plan_other *other = &item->others[item->other_count++];

        px_record_set_text(other->item_id, PX_ID_SIZE, p->items[pick->others[i].item].id);
        other->value_per_hour = pick->others[i].value_per_hour;
        other->reason = (uint32_t)pick->others[i].reason;
    }
}

/* ---- follow-up ---- */

static void ask_raters(const plan_problem *p, plan_item *item)
{
    px_person person;

    if (px_people_get(p->state, p->tenant, p->person_id, &person) &&
        px_people_is_active(p->state, p->tenant, person.manager_id))
        px_record_set_text(item->rater_ids[item->rater_count++], PX_ID_SIZE, person.manager_id);
    px_record_set_text(item->rater_ids[item->rater_count++], PX_ID_SIZE, p->person_id);
}

/* Six weeks for the whole plan, spread over its items in order by their hours. */
static void set_dates(plan_item *item, int64_t now_us, double hours_before, double hours_all)
{
    double part = hours_all > 0.0 ? (hours_before + item->hours) / hours_all : 1.0;

    item->planned_completion_us =
        now_us + (int64_t)(part * (double)(PLAN_COMPLETION_DAYS * DAY_US));
    item->follow_up_at_us = item->planned_completion_us + PLAN_FOLLOW_UP_DAYS * DAY_US;
}

/* ---- the plan ---- */

static void keep_agreement(plan_item *item, const plan_item *before)
{
    bool is_accepted =
        before && before->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_ACCEPTED;

    item->accepted_by = before ? before->accepted_by : 0;
    item->state = is_accepted ? LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_ACCEPTED
                              : LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_PROPOSED;
}

static void name_chooser(const plan_problem *p, plan_item *item)
{
    uint32_t plan = learning_state_get_learner(p->state, p->tenant, p->person_id).open_plan;
    wish_record wish;

    if (!learning_state_get_wish(p->state, p->tenant, p->person_id, plan, item->item_id, &wish))
        return;
    px_record_set_text(item->chosen_by_id, PX_ID_SIZE, wish.by_id);
    item->reason = wish.reason;
}

/* Once it is started it stays, for the reason it came in for. */
static uint8_t reason_of(const plan_problem *p, const choose_pick *pick, const plan_item *before)
{
    if (p->choices[pick->item].started)
        return before && before->reason
                   ? before->reason
                   : LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_STARTED_BEFORE;
    if (pick->competency != CHOOSE_NONE &&
        p->competencies[pick->competency].basis_for != CHOOSE_NONE)
        return LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_FOUNDATION;
    return pick->head != pick->item ? LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_REQUIRED
                                    : LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_BEST_FOR_GAP;
}

static void name_basis(const plan_problem *p, const choose_pick *pick, const plan_item *before,
                       plan_item *item)
{
    const problem_competency *all = p->competencies;

    item->basis_for_id[0] = '\0';
    if (item->reason != LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_FOUNDATION)
        return;
    if (pick->competency != CHOOSE_NONE && all[pick->competency].basis_for != CHOOSE_NONE)
        px_record_set_text(item->basis_for_id, PX_ID_SIZE, all[all[pick->competency].basis_for].id);
    else if (before) /* started since: it keeps what it came in for */
        px_record_set_text(item->basis_for_id, PX_ID_SIZE, before->basis_for_id);
}

static void add_pick(const plan_problem *p, const choose_pick *pick, const plan_item *before,
                     plan_record *out)
{
    plan_item *item = &out->items[out->item_count++];
    uint32_t issue = issue_of(p, pick, before);
    bool started = p->choices[pick->item].started;

    if (issue != CHOOSE_NONE)
        say_issue(p, issue, item);
    else if (before)
        *item = *before; /* another role since: the old figures stay */
    item->runner_up_id[0] = '\0';
    item->other_count = 0;
    item->rater_count = 0;
    say_learning(p, pick, issue, item);
    ask_raters(p, item);
    keep_agreement(item, before);
    item->reason = reason_of(p, pick, before);
    name_basis(p, pick, before, item);
    if (p->choices[pick->item].wanted)
        name_chooser(p, item);
    if (started)
        item->state = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED;
}

static const plan_item *item_before(const plan_record *open_plan, const char *item_id)
{
    int at = open_plan ? learning_plan_find(open_plan, item_id) : -1;

    return at >= 0 ? &open_plan->items[at] : NULL;
}

static void add_dates(plan_record *out, uint8_t first, const plan_record *open_plan, int64_t now_us)
{
    double all = 0.0, so_far = 0.0;

    for (uint8_t i = first; i < out->item_count; i++)
        all += out->items[i].hours;
    for (uint8_t i = first; i < out->item_count; i++) {
        plan_item *item = &out->items[i];
        const plan_item *before = item_before(open_plan, item->item_id);

        set_dates(item, now_us, so_far, all);
        so_far += item->hours;
        if (before) {
            item->planned_completion_us = before->planned_completion_us;
            item->follow_up_at_us = before->follow_up_at_us;
            item->due_said = before->due_said;
        }
    }
}

/* The newest review not yet among the causes. */
static const rating_behind *next_cause(const plan_record *plan)
{
    const rating_behind *newest = NULL;

    for (uint8_t i = 0; i < plan->item_count; i++) {
        for (uint8_t n = 0; n < plan->items[i].rating_count; n++) {
            const rating_behind *rating = &plan->items[i].ratings[n];
            bool named = false;

            for (uint8_t c = 0; c < plan->cause_count && !named; c++)
                named = strcmp(plan->cause_review_ids[c], rating->review_id) == 0;
            if (!named && (!newest || rating->occurred_at_us > newest->occurred_at_us))
                newest = rating;
        }
    }
    return newest;
}

static void name_causes(plan_record *plan)
{
    const rating_behind *cause;

    while (plan->cause_count < PLAN_CAUSES_MAX && (cause = next_cause(plan)) != NULL)
        px_record_set_text(plan->cause_review_ids[plan->cause_count++], PX_ID_SIZE,
                           cause->review_id);
}

static void sum_up(plan_record *plan)
{
    for (uint8_t i = 0; i < plan->item_count; i++) {
        if (plan->items[i].state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_WAIVED)
            continue; /* it takes no time and brings nothing */
        plan->value += plan->items[i].value;
        plan->hours += plan->items[i].hours;
    }
    plan->rule_version = PLAN_RULE_VERSION;
    name_causes(plan);
}

/* Something that has to come before it did not fit, and so it does not either. */
static bool lacks_first(const plan_problem *p, const choose_item *choice, const plan_record *out)
{
    for (uint32_t i = 0; i < choice->prerequisite_count; i++)
        if (plan_caps_is_deferred(p->items[choice->prerequisites[i]].id, out))
            return true;
    return false;
}

/* Picks beyond the room are the least dense ones and are left out: what a pick requires precedes
 * it. */
static void add_picks(const plan_problem *p, const choose_plan *best, const plan_record *open_plan,
                      plan_record *out)
{
    uint32_t number = learning_state_get_learner(p->state, p->tenant, p->person_id).open_plan;
    plan_caps left = plan_caps_left(p->state, p->tenant, p->person_id, number, p->now_us);
    item_record item;

    for (uint32_t i = 0; i < best->count && out->item_count < PLAN_ITEMS_MAX; i++) {
        const choose_item *choice = &p->choices[best->picks[i].item];
        const char *item_id = p->items[best->picks[i].item].id;
        bool is_capped = left.has_minutes || left.has_cost;

        if (is_capped && learning_state_get_item(p->state, p->tenant, item_id, &item) &&
            (lacks_first(p, choice, out) ||
             !plan_caps_take(&left, &item, choice->started || choice->wanted)))
            plan_caps_defer(&left, &item, item_id, out);
        else
            add_pick(p, &best->picks[i], item_before(open_plan, item_id), out);
    }
}

bool plan_make(const plan_problem *p, int64_t now_us, plan_record *out)
{
    choose_plan best;

    memset(out, 0, sizeof *out);
    PX_ASSERT(choose_plan_make(&p->choose, p->arena, &best) == PX_OK);
    add_picks(p, &best, NULL, out);
    out->revision = 1;
    out->proposed_at_us = out->revised_at_us = now_us;
    add_dates(out, 0, NULL, now_us);
    sum_up(out);
    return out->item_count > 0;
}

void plan_date_anew(plan_record *plan, int64_t now_us)
{
    double all = 0.0, so_far = 0.0;

    for (uint8_t i = 0; i < plan->item_count; i++)
        all += learning_plan_item_done(&plan->items[i]) ? 0.0 : plan->items[i].hours;
    for (uint8_t i = 0; i < plan->item_count; i++) {
        if (learning_plan_item_done(&plan->items[i]))
            continue;
        set_dates(&plan->items[i], now_us, so_far, all);
        plan->items[i].due_said = SAID_NOTHING;
        so_far += plan->items[i].hours;
    }
}

/* ---- revision ---- */

static bool is_started(const plan_item *item)
{
    return item->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED;
}

/* What is left to do, as choose.h wants it. A gap that the plan itself says is closed is no news.
 */
static size_t list_current(const plan_problem *p, const plan_record *plan, choose_planned *out)
{
    size_t n = 0;

    for (uint8_t i = 0; i < plan->item_count; i++) {
        const plan_item *item = &plan->items[i];
        uint32_t index = plan_problem_item(p, item->item_id);
        bool told = item->probability < GAP_CLOSED;

        if (!learning_plan_item_done(item) && index != CHOOSE_NONE)
            out[n++] = (choose_planned){
                .item = index,
                .competency = told ? CHOOSE_NONE : plan_problem_competency(p, item->competency_id)
            };
    }
    return n;
}

/* An item that was not started, and whose gap closed or which is no longer offered. */
static bool lost_reason(const plan_problem *p, const plan_record *plan)
{
    for (uint8_t i = 0; i < plan->item_count; i++) {
        const plan_item *item = &plan->items[i];
        uint32_t competency = plan_problem_competency(p, item->competency_id);
        uint32_t index = plan_problem_item(p, item->item_id);

        if (learning_plan_item_done(item) || is_started(item) || item->chosen_by_id[0])
            continue;
        if (competency == CHOOSE_NONE || !p->competencies[competency].gap || index == CHOOSE_NONE ||
            !p->items[index].offered)
            return true;
    }
    return false;
}

/* Something was put in that was not there before, or is not there any more. */
static bool is_changed_by_somebody(const plan_record *before, const plan_record *now)
{
    for (uint8_t i = 0; i < now->item_count; i++)
        if (now->items[i].chosen_by_id[0] && learning_plan_find(before, now->items[i].item_id) < 0)
            return true;
    for (uint8_t i = 0; i < before->item_count; i++)
        if (before->items[i].chosen_by_id[0] &&
            learning_plan_find(now, before->items[i].item_id) < 0)
            return true;
    return false;
}

static bool same_items(const plan_record *a, const plan_record *b)
{
    for (uint8_t i = 0; i < a->item_count; i++)
        if (learning_plan_find(b, a->items[i].item_id) < 0)
            return false;
    return a->item_count == b->item_count;
}

/* An item is said to be for a competency whose place another has taken. What is done keeps its
 * name. */
static bool names_ended(const plan_problem *p, const plan_record *before, const plan_record *after)
{
    for (uint8_t i = 0; i < before->item_count; i++) {
        const plan_item *item = &before->items[i];
        int at = learning_plan_item_done(item) ? -1 : learning_plan_find(after, item->item_id);

        if (at >= 0 && strcmp(after->items[at].competency_id, item->competency_id) != 0 &&
            px_replaced_has_ended(p->state, p->tenant, item->competency_id))
            return true;
    }
    return false;
}

/* The plan as said may be shorter than the best one: PLAN_ITEMS_MAX. */
static bool better(const choose_revision *revision, const plan_record *revised)
{
    double value = 0.0;

    for (uint8_t i = 0; i < revised->item_count; i++)
        value += learning_plan_item_done(&revised->items[i]) ? 0.0 : revised->items[i].value;
    return value > WORTH_SAYING * revision->current_value + TIE;
}

bool plan_revise(const plan_problem *p, const plan_record *open_plan, int64_t now_us,
                 plan_record *out)
{
    choose_planned current[PLAN_ITEMS_MAX];
    choose_revision revision;

    memset(out, 0, sizeof *out);
    px_record_set_text(out->role_id, sizeof out->role_id, open_plan->role_id);
    size_t count = list_current(p, open_plan, current);
    PX_ASSERT(choose_plan_revise(&p->choose, current, count, p->arena, &revision) == PX_OK);
    for (uint8_t i = 0; i < open_plan->item_count; i++)
        if (learning_plan_item_done(&open_plan->items[i]))
            out->items[out->item_count++] = open_plan->items[i];
    uint8_t completed = out->item_count;

    add_picks(p, &revision.plan, open_plan, out);
    out->revision = open_plan->revision + 1;
    out->proposed_at_us = open_plan->proposed_at_us;
    out->revised_at_us = now_us;
    add_dates(out, completed, open_plan, now_us);
    sum_up(out);
    if (names_ended(p, open_plan, out))
        return true;
    if (same_items(open_plan, out))
        return false;
    return lost_reason(p, open_plan) || is_changed_by_somebody(open_plan, out) ||
           revision.verdict == CHOOSE_STARTED_CLOSED ||
           (revision.verdict == CHOOSE_BETTER && better(&revision, out));
}
