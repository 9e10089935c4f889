/* template.c: a template, and what a person has changed of it, as a plan. */
#include "services/learning-recommender/template.h"

#include <string.h>

#include "common/gap.h"
#include "common/record.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/caps.h"
#include "services/learning-recommender/initiative.h"
#include "services/learning-recommender/known.h"
#include "services/learning-recommender/problem.h"
#include "services/learning-recommender/state_policy.h"
#include "services/learning-recommender/state_progress.h"
#include "services/learning-recommender/state_wish.h"

static const int64_t DAY_US = INT64_C(86400) * 1000000;

bool template_is_for(const px_view *state, const char *tenant, const char *person_id,
                     const template_record *of)
{
    px_role_list roles;

    switch ((LearningRecommender__AudienceKind)of->audience) {
    case LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_EVERYBODY:
        return px_roles_meets(state, tenant, person_id, PX_HOLDERS_EVERYBODY, "");
    case LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_UNIT:
        return px_roles_meets(state, tenant, person_id, PX_HOLDERS_UNIT, of->unit_id);
    case LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_MANAGERS:
        return px_roles_meets(state, tenant, person_id, PX_HOLDERS_MANAGERS, "");
    case LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_ROLE:
        roles = px_roles_of(state, tenant, person_id);
        return px_role_list_has(&roles, of->role_id);
    case LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_HIGH_POTENTIALS:
        return px_people_is_active(state, tenant, person_id) &&
               learning_state_is_potential(state, tenant, person_id);
    default:
        return false;
    }
}

bool template_is_confidential(const template_record *of)
{
    return of->audience == LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_HIGH_POTENTIALS;
}

bool template_is_over(const template_case *c)
{
    if (!c->of)
        return false;
    return c->of->initiative.ended ||
           (c->before && c->number >= PLAN_CONFIDENTIAL_FROM &&
            !learning_state_is_potential(c->state, c->tenant, c->person_id));
}

static const plan_item *item_before(const template_case *c, const char *item_id)
{
    int at = c->before ? learning_plan_find(c->before, item_id) : -1;

    return at >= 0 ? &c->before->items[at] : NULL;
}

static bool is_begun(const plan_item *item)
{
    return item->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED ||
           learning_plan_item_done(item);
}

/* Adds it as it was before, or new. @return the item, or NULL when there is no room */
static plan_item *add(const template_case *c, const item_record *record, const char *item_id,
                      plan_record *out)
{
    const plan_item *before = item_before(c, item_id);

    if (out->item_count == PLAN_ITEMS_MAX || learning_plan_find(out, item_id) >= 0)
        return NULL;
    plan_item *item = &out->items[out->item_count++];
    if (before) {
        *item = *before;
        return item;
    }
    px_record_set_text(item->item_id, PX_ID_SIZE, item_id);
    item->item_version = record->version;
    item->hours = record->hours;
    if (record->outcome_count > 0)
        px_record_set_text(item->competency_id, PX_ID_SIZE, record->outcomes[0].competency_id);
    item->state =
        learning_state_get_progress(c->state, c->tenant, c->person_id, item_id) == LEARNING_STARTED
            ? LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED
            : LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_PROPOSED;
    return item;
}

/* Whether an item of the template is one of the plan. */
static bool belongs(const template_case *c, const template_item *of, const item_record *record)
{
    const plan_item *before = item_before(c, of->item_id);
    bool is_declined =
        learning_state_get_declined(c->state, c->tenant, c->person_id, of->item_id).declined_us !=
        0;

    if (before && is_begun(before))
        return true;
    if (record->retired || learning_state_get_progress(c->state, c->tenant, c->person_id,
                                                       of->item_id) == LEARNING_COMPLETED)
        return false;
    if (!of->optional || record->mandatory)
        return true;
    return !is_declined &&
           (before || !learning_knows_item(c->state, c->tenant, c->person_id, record));
}

static void add_wished(const template_case *c, plan_record *out)
{
    char item_id[PX_ID_SIZE] = "";
    item_record record;
    wish_record wish;

    while (learning_state_next_wish(c->state, c->tenant, c->person_id, c->number, item_id)) {
        if (!learning_state_get_item(c->state, c->tenant, item_id, &record) ||
            !learning_state_get_wish(c->state, c->tenant, c->person_id, c->number, item_id, &wish))
            continue;
        plan_item *item = add(c, &record, item_id, out);
        if (!item)
            continue;
        px_record_set_text(item->chosen_by_id, PX_ID_SIZE, wish.by_id);
        item->reason = wish.reason;
    }
}

/* The day its days are counted from: that of the plan, or when it could be taken. */
static int64_t counts_from(const template_case *c, const char *item_id)
{
    int64_t active_us = c->before ? c->before->proposed_at_us : c->now_us;
    int64_t until_us =
        learning_state_get_deferred(c->state, c->tenant, c->person_id, c->number, item_id);

    return until_us > active_us ? until_us : active_us;
}

static void add_of_template(const template_case *c, plan_record *out)
{
    item_record record;

    for (uint8_t i = 0; i < c->of->item_count; i++) {
        const template_item *of = &c->of->items[i];

        if (!learning_state_get_item(c->state, c->tenant, of->item_id, &record) ||
            !belongs(c, of, &record))
            continue;
        plan_item *item = add(c, &record, of->item_id, out);
        if (!item)
            continue;
        int64_t due_us = of->due_days ? counts_from(c, of->item_id) + of->due_days * DAY_US : 0;

        if (due_us != item->planned_completion_us)
            item->due_said = SAID_NOTHING;
        item->planned_completion_us = due_us;
        item->optional = of->optional;
        item->reason = of->optional ? LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_TEMPLATE_CHOICE
                                    : LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_TEMPLATE;
        item->chosen_by_id[0] = '\0'; /* what the template says now nobody needs to have put in */
    }
    out->optional_needed = c->of->optional_needed;
    add_wished(c, out);
}

/* Of a plan of its own: all but what was declined since. */
static void add_own(const template_case *c, plan_record *out)
{
    for (uint8_t i = 0; i < c->before->item_count; i++) {
        const plan_item *item = &c->before->items[i];
        declined_record declined =
            learning_state_get_declined(c->state, c->tenant, c->person_id, item->item_id);

        if (is_begun(item) || declined.declined_us == 0)
            out->items[out->item_count++] = *item;
    }
    out->optional_needed = c->before->optional_needed;
    add_wished(c, out);
}

/* ---- of an initiative ---- */

/* What was planned for what is still lacking, and is still offered. */
static void keep_planned(const template_case *c, const initiative_lacks *lacks, plan_record *out)
{
    item_record record;

    for (uint8_t i = 0; c->before && i < c->before->item_count; i++) {
        const plan_item *item = &c->before->items[i];
        bool is_declined =
            learning_state_get_declined(c->state, c->tenant, c->person_id, item->item_id)
                .declined_us != 0;

        if (is_begun(item) ||
            (!is_declined && initiative_teaches(lacks, item->item_id) &&
             learning_state_get_item(c->state, c->tenant, item->item_id, &record) &&
             !record.retired && !item->chosen_by_id[0]))
            out->items[out->item_count++] = *item;
    }
}

static bool is_taught(const template_case *c, const char *competency_id, const plan_record *out)
{
    teaching_record t;

    for (uint8_t i = 0; i < out->item_count; i++)
        if (learning_state_get_teaching(c->state, c->tenant, competency_id, out->items[i].item_id,
                                        &t) &&
            t.share > 0.0)
            return true;
    return false;
}

static void say_lack(const template_case *c, const initiative_competency *lack, plan_item *item)
{
    standing_record standing;

    px_record_set_text(item->competency_id, PX_ID_SIZE, lack->competency_id);
    item->target = lack->level;
    item->weight = 1.0;
    item->reason = LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_INITIATIVE;
    item->optional = true; /* it may be declined: the next best comes, or it counts as refused */
    item->planned_completion_us = c->of->initiative.until_us;
    item->more_evidence_needed = true;
    if (!learning_state_get_standing(c->state, c->tenant, c->person_id, lack->competency_id,
                                     &standing) ||
        !plan_standing_shows(&standing))
        return;
    item->more_evidence_needed = false;
    item->mu = standing.mu;
    item->variance = standing.var;
    item->probability = px_gap_probability(lack->level - standing.mu, standing.var);
    item->peer_ratings = standing.peer_ratings;
    item->report_ratings = standing.report_ratings;
}

/* One item for each competency that is lacking: what was planned stays, else the best there is. */
static void add_of_initiative(const template_case *c, plan_record *out)
{
    const initiative_part *of = &c->of->initiative;
    char item_id[PX_ID_SIZE];
    initiative_lacks lacks;
    item_record record;

    initiative_lacks_find(&lacks, c->state, c->tenant, c->person_id, of);
    keep_planned(c, &lacks, out);
    add_wished(c, out);
    for (size_t i = 0; i < lacks.count && c->now_us < of->until_us; i++) {
        const initiative_competency *lack = &lacks.all[i];

        if (is_taught(c, lack->competency_id, out) ||
            !initiative_best_item(&lacks, lack, item_id) ||
            !learning_state_get_item(c->state, c->tenant, item_id, &record))
            continue;
        plan_item *item = add(c, &record, item_id, out);

        if (item)
            say_lack(c, lack, item);
    }
}

/* ---- what fits ---- */

static bool is_deferred(const plan_item *item)
{
    return item->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_DEFERRED;
}

/* It is in the plan already, and so it stays. */
static bool stays(const template_case *c, const plan_item *item)
{
    const plan_item *before = item_before(c, item->item_id);

    return is_begun(item) || item->chosen_by_id[0] || (before && !is_deferred(before));
}

/* A template's days are counted anew from the day it may be taken. */
static void put_off(const template_case *c, plan_item *item)
{
    policy_record policy = learning_state_get_policy(c->state, c->tenant);

    item->state = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_DEFERRED;
    item->accepted_by = 0;
    for (uint8_t i = 0; c->of && i < c->of->item_count; i++)
        if (strcmp(c->of->items[i].item_id, item->item_id) == 0 && c->of->items[i].due_days)
            item->planned_completion_us =
                learning_policy_period_end(&policy, c->now_us) + c->of->items[i].due_days * DAY_US;
}

static void fit(const template_case *c, plan_caps *left, plan_item *item, plan_record *out)
{
    item_record record;

    if (learning_plan_item_done(item) ||
        !learning_state_get_item(c->state, c->tenant, item->item_id, &record))
        return; /* what is done was spent */
    bool lacks_required = false;

    for (uint8_t i = 0; i < record.require_count; i++)
        lacks_required = lacks_required || plan_caps_is_deferred(record.required[i], out);
    if (lacks_required || !plan_caps_take(left, &record, stays(c, item))) {
        plan_caps_defer(left, &record, item->item_id, out);
        put_off(c, item);
    } else if (is_deferred(item)) {
        item->state = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_PROPOSED;
        item->accepted_by = 0; /* what was agreed to meanwhile was to wait */
    }
}

/* What is there already takes its room first. */
static void fit_all(const template_case *c, plan_record *out)
{
    plan_caps left = plan_caps_left(c->state, c->tenant, c->person_id, c->number, c->now_us);

    for (uint8_t i = 0; i < out->item_count; i++)
        if (stays(c, &out->items[i]))
            fit(c, &left, &out->items[i], out);
    for (uint8_t i = 0; i < out->item_count; i++)
        if (!stays(c, &out->items[i]))
            fit(c, &left, &out->items[i], out);
}

/* ---- all of it ---- */

static void add_asked(const template_case *c, plan_record *out)
{
    if (c->of && c->of->initiative.count)
        add_of_initiative(c, out);
    else if (c->of)
        add_of_template(c, out);
    else
        add_own(c, out);
}

static void add_begun(const template_case *c, plan_record *out)
{
    for (uint8_t i = 0; c->before && i < c->before->item_count; i++)
        if (is_begun(&c->before->items[i]) && out->item_count < PLAN_ITEMS_MAX &&
            learning_plan_find(out, c->before->items[i].item_id) < 0)
            out->items[out->item_count++] = c->before->items[i];
}

void template_make(const template_case *c, plan_record *out)
{
    memset(out, 0, sizeof *out);
    out->revision = c->before ? c->before->revision + 1 : 1;
    out->proposed_at_us = c->before ? c->before->proposed_at_us : c->now_us;
    out->revised_at_us = c->now_us;
    out->state = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_ACTIVE;
    out->rule_version = PLAN_RULE_VERSION;
    px_record_set_text(out->template_id, PX_ID_SIZE, c->template_id);
    if (!template_is_over(c))
        add_asked(c, out);
    add_begun(c, out);
    fit_all(c, out);
    for (uint8_t i = 0; i < out->item_count; i++)
        out->hours += out->items[i].hours;
}

bool template_is_same(const plan_record *a, const plan_record *b)
{
    if (a->item_count != b->item_count || a->optional_needed != b->optional_needed)
        return false;
    for (uint8_t i = 0; i < a->item_count; i++) {
        int at = learning_plan_find(b, a->items[i].item_id);

        if (at < 0 || a->items[i].optional != b->items[at].optional ||
            strcmp(a->items[i].chosen_by_id, b->items[at].chosen_by_id) != 0 ||
            a->items[i].planned_completion_us != b->items[at].planned_completion_us ||
            is_deferred(&a->items[i]) != is_deferred(&b->items[at]))
            return false;
    }
    return true;
}
