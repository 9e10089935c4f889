/* state_plan.c: keys and bytes of plans and their items. */
#include "services/learning-recommender/state_plan.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/agenda.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "services/learning-recommender/state_keys.h"
#include "services/learning-recommender/state_template.h"

enum {
    PLAN_BYTES_MAX = 128 + (4 + PLAN_CAUSES_MAX) * (2 + PX_ID_SIZE),
    PLAN_ITEM_BYTES_MAX = 256 + PLAN_OTHERS_MAX * (14 + PX_ID_SIZE) +
                          (5 + RATERS_ASKED_MAX) * (2 + PX_ID_SIZE) +
                          RATINGS_SHOWN * (2 * (2 + PX_ID_SIZE) + 17),
    NUMBER_DIGITS = 10,
    TOKEN_BYTES = 16
};

static const int64_t OVERDUE_AFTER_US = INT64_C(14) * 86400 * 1000000;

/* ---- plan ids ---- */

void learning_plan_id(char plan_id[PX_ID_SIZE], const char *person_id, uint32_t number)
{
    char token[2 * TOKEN_BYTES + 1];
    unsigned char hash[TOKEN_BYTES];

    if (strlen(person_id) + 1 + NUMBER_DIGITS >= PX_ID_SIZE) {
        crypto_generichash(hash, sizeof hash, (const unsigned char *)person_id, strlen(person_id),
                           NULL, 0);
        person_id = sodium_bin2hex(token, sizeof token, hash, sizeof hash);
    }
    snprintf(plan_id, PX_ID_SIZE, "%.53s-%u", person_id, number);
}

uint32_t learning_plan_number(const char *plan_id, const char *person_id)
{
    const char *dash = strrchr(plan_id, '-');
    char own[PX_ID_SIZE];
    uint64_t number = 0;

    for (const char *c = dash ? dash + 1 : ""; *c; c++) {
        if (*c < '0' || *c > '9' || number > UINT32_MAX / 10)
            return 0;
        number = number * 10 + (uint64_t)(*c - '0');
    }
    if (number > UINT32_MAX)
        return 0;
    learning_plan_id(own, person_id, (uint32_t)number);
    return strcmp(own, plan_id) == 0 ? (uint32_t)number : 0;
}

bool learning_plan_is_confidential(const char *plan_id, const char *person_id)
{
    return learning_plan_number(plan_id, person_id) >= PLAN_CONFIDENTIAL_FROM;
}

/* ---- plans ---- */

static px_keybuf row_key(uint8_t table, const char *tenant, const char *person_id, uint32_t number)
{
    px_keybuf key = learning_key(table, tenant, person_id, NULL);

    px_key_u64(&key, number);
    return key;
}

static void walk_plan(px_record *r, plan_record *p)
{
    px_record_text(r, p->role_id, sizeof p->role_id);
    px_record_u32(r, &p->revision);
    px_record_i64(r, &p->proposed_at_us);
    px_record_i64(r, &p->revised_at_us);
    px_record_u8(r, &p->ended);
    px_record_u8(r, &p->state);
    px_record_text(r, p->requester_id, sizeof p->requester_id);
    px_record_text(r, p->reviewer_id, sizeof p->reviewer_id);
    px_record_u8(r, &p->completions);
    px_record_bool(r, &p->kept_open);
    px_record_text(r, p->template_id, sizeof p->template_id);
    px_record_u8(r, &p->optional_needed);
    px_record_bool(r, &p->voluntary);
    px_record_f64(r, &p->value);
    px_record_f64(r, &p->hours);
    px_record_u32(r, &p->rule_version);
    px_record_u8(r, &p->cause_count);
    PX_ASSERT(p->cause_count <= PLAN_CAUSES_MAX);
    for (size_t i = 0; i < p->cause_count; i++)
        px_record_text(r, p->cause_review_ids[i], PX_ID_SIZE);
    px_record_u8(r, &p->item_count);
    PX_ASSERT(p->item_count <= PLAN_ITEMS_MAX);
}

static void walk_rating(px_record *r, rating_behind *rating)
{
    px_record_text(r, rating->review_id, sizeof rating->review_id);
    px_record_text(r, rating->rater_id, sizeof rating->rater_id);
    px_record_u8(r, &rating->relation);
    px_record_f64(r, &rating->level);
    px_record_i64(r, &rating->occurred_at_us);
}

static void walk_issue(px_record *r, plan_item *i)
{
    px_record_text(r, i->competency_id, sizeof i->competency_id);
    px_record_f64(r, &i->mu);
    px_record_f64(r, &i->variance);
    px_record_f64(r, &i->target);
    px_record_f64(r, &i->probability);
    px_record_f64(r, &i->weight);
    px_record_u8(r, &i->rating_count);
    PX_ASSERT(i->rating_count <= RATINGS_SHOWN);
    for (size_t n = 0; n < i->rating_count; n++)
        walk_rating(r, &i->ratings[n]);
    px_record_u32(r, &i->peer_ratings);
    px_record_u32(r, &i->report_ratings);
    px_record_bool(r, &i->more_evidence_needed);
}

static void walk_learning(px_record *r, plan_item *i)
{
    px_record_text(r, i->item_id, sizeof i->item_id);
    px_record_u32(r, &i->item_version);
    px_record_f64(r, &i->hours);
    px_record_f64(r, &i->gain);
    px_record_f64(r, &i->gain_margin);
    px_record_f64(r, &i->value);
    px_record_u32(r, &i->results_behind);
    px_record_text(r, i->runner_up_id, sizeof i->runner_up_id);
    px_record_f64(r, &i->runner_up_value_per_hour);
    px_record_u32(r, &i->runner_up_reason);
    px_record_u8(r, &i->other_count);
    PX_ASSERT(i->other_count <= PLAN_OTHERS_MAX);
    for (size_t n = 0; n < i->other_count; n++) {
        px_record_text(r, i->others[n].item_id, sizeof i->others[n].item_id);
        px_record_f64(r, &i->others[n].value_per_hour);
        px_record_u32(r, &i->others[n].reason);
    }
}

static void walk_plan_item(px_record *r, plan_item *i)
{
    walk_issue(r, i);
    walk_learning(r, i);
    px_record_i64(r, &i->planned_completion_us);
    px_record_i64(r, &i->follow_up_at_us);
    px_record_u8(r, &i->rater_count);
    PX_ASSERT(i->rater_count <= RATERS_ASKED_MAX);
    for (size_t n = 0; n < i->rater_count; n++)
        px_record_text(r, i->rater_ids[n], PX_ID_SIZE);
    px_record_u8(r, &i->state);
    px_record_u8(r, &i->accepted_by);
    px_record_text(r, i->chosen_by_id, sizeof i->chosen_by_id);
    px_record_u8(r, &i->due_said);
    px_record_bool(r, &i->optional);
    px_record_u8(r, &i->reason);
    px_record_text(r, i->basis_for_id, sizeof i->basis_for_id);
}

static void get_items(const px_view *state, const char *tenant, const char *person_id,
                      uint32_t number, plan_record *plan)
{
    px_keybuf prefix = row_key(TABLE_PLAN_ITEM, tenant, person_id, number);
    px_bytes key, value;
    px_scan scan;
    uint8_t n = 0;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (n < plan->item_count && px_scan_next(&scan, &key, &value)) {
        px_record r = px_record_reader(value);

        walk_plan_item(&r, &plan->items[n++]);
        px_record_end(&r);
    }
    px_scan_end(&scan);
    plan->item_count = n;
}

bool learning_state_get_plan(const px_view *state, const char *tenant, const char *person_id,
                             uint32_t number, plan_record *out)
{
    px_bytes value;

    if (!learning_get(state, row_key(TABLE_PLAN, tenant, person_id, number), &value))
        return false;
    px_record r = px_record_reader(value);
    memset(out, 0, sizeof *out);
    walk_plan(&r, out);
    px_record_end(&r);
    get_items(state, tenant, person_id, number, out);
    return true;
}

static px_keybuf planning_key(const char *tenant, const char *person_id, const plan_item *item)
{
    return learning_key(TABLE_ITEM_PERSON, tenant, item->item_id, person_id);
}

/* A plan that has ended has no index, and leaves that of the open one alone. */
static void drop_index(px_txn *state, const char *tenant, const char *person_id, uint32_t number)
{
    plan_record plan;

    if (!learning_state_get_plan(state, tenant, person_id, number, &plan) || plan.ended ||
        plan.template_id[0])
        return;
    for (uint8_t i = 0; i < plan.item_count; i++)
        learning_del(state, planning_key(tenant, person_id, &plan.items[i]));
}

static void put_index(px_txn *state, const char *tenant, const char *person_id,
                      const plan_record *plan)
{
    if (plan->ended || plan->template_id[0])
        return; /* plans of templates are found by those: learning_template_names() */
    for (uint8_t i = 0; i < plan->item_count; i++)
        if (!learning_plan_item_done(&plan->items[i]))
            learning_put(state, planning_key(tenant, person_id, &plan->items[i]),
                         (px_bytes){ "", 0 });
}

/* ---- dates of items ---- */

int64_t learning_plan_item_due(const plan_record *plan, uint8_t at)
{
    const plan_item *item = &plan->items[at];

    if (plan->ended || plan->state != LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_ACTIVE ||
        learning_plan_item_done(item) || item->planned_completion_us == 0 ||
        item->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_DEFERRED)
        return 0;
    switch ((plan_due_said)item->due_said) {
    case SAID_NOTHING:
        return item->planned_completion_us;
    case SAID_DUE:
        return item->planned_completion_us + OVERDUE_AFTER_US;
    default:
        return 0;
    }
}

static px_keybuf agenda_key(const char *person_id, uint32_t number)
{
    px_keybuf key = { .size = 0 };

    px_key_text(&key, person_id);
    px_key_u64(&key, number);
    return key;
}

plan_key learning_plan_key(px_bytes rest)
{
    px_keyread read = { rest, 0 };
    plan_key key;

    px_record_set_text(key.person_id, PX_ID_SIZE, px_keyread_text(&read));
    key.number = (uint32_t)px_keyread_u64(&read);
    return key;
}

/* The earliest date of its items. */
static void put_due(px_txn *state, const char *tenant, const char *person_id, uint32_t number,
                    const plan_record *plan)
{
    px_keybuf key = agenda_key(person_id, number);
    int64_t first_us = 0;

    for (uint8_t i = 0; i < plan->item_count; i++) {
        int64_t due_us = learning_plan_item_due(plan, i);

        if (due_us != 0 && (first_us == 0 || due_us < first_us))
            first_us = due_us;
    }
    if (first_us != 0)
        px_due_set(state, KEY_ITEM_DUE, tenant, px_key_bytes(&key), first_us);
    else
        px_due_clear(state, KEY_ITEM_DUE, tenant, px_key_bytes(&key));
}

void learning_state_put_plan(px_txn *state, const char *tenant, const char *person_id,
                             uint32_t number, plan_record *plan)
{
    unsigned char bytes[PLAN_BYTES_MAX], item_bytes[PLAN_ITEM_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    drop_index(state, tenant, person_id, number);
    put_index(state, tenant, person_id, plan);
    put_due(state, tenant, person_id, number, plan);
    walk_plan(&r, plan);
    learning_put(state, row_key(TABLE_PLAN, tenant, person_id, number), px_record_end(&r));
    learning_drop(state, row_key(TABLE_PLAN_ITEM, tenant, person_id, number));
    for (uint8_t i = 0; i < plan->item_count; i++) {
        px_keybuf key = row_key(TABLE_PLAN_ITEM, tenant, person_id, number);
        px_record item = px_record_writer(item_bytes, sizeof item_bytes);

        px_key_u8(&key, i);
        walk_plan_item(&item, &plan->items[i]);
        learning_put(state, key, px_record_end(&item));
    }
}

static void clear_due(px_txn *state, const char *tenant, const char *person_id, uint32_t from,
                      uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        px_keybuf key = agenda_key(person_id, from + i);

        px_due_clear(state, KEY_ITEM_DUE, tenant, px_key_bytes(&key));
    }
}

void learning_state_drop_plans(px_txn *state, const char *tenant, const char *person_id)
{
    learner_record learner = learning_state_get_learner(state, tenant, person_id);

    drop_index(state, tenant, person_id, learner.open_plan);
    clear_due(state, tenant, person_id, 1, learner.plan_count);
    clear_due(state, tenant, person_id, PLAN_CONFIDENTIAL_FROM, learner.confidential_count);
    learning_drop(state, learning_key(TABLE_PLAN, tenant, person_id, NULL));
    learning_drop(state, learning_key(TABLE_TEMPLATE_PLAN, tenant, person_id, NULL));
    learning_drop(state, learning_key(TABLE_PLAN_ITEM, tenant, person_id, NULL));
}

bool learning_state_next_planning(const px_view *state, const char *tenant, const char *item_id,
                                  char person_id[PX_ID_SIZE])
{
    px_keybuf prefix = learning_key(TABLE_ITEM_PERSON, tenant, item_id, NULL);

    return px_key_next(state, &prefix, person_id, PX_ID_SIZE);
}

bool learning_state_get_open_plan(const px_view *state, const char *tenant, const char *person_id,
                                  uint32_t *number, plan_record *out)
{
    *number = learning_state_get_learner(state, tenant, person_id).open_plan;
    return *number && learning_state_get_plan(state, tenant, person_id, *number, out);
}

bool learning_plan_item_completed(const plan_item *item)
{
    return item->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_COMPLETED;
}

bool learning_plan_done(const plan_record *plan)
{
    uint32_t optional = 0, done = 0;

    for (uint8_t i = 0; i < plan->item_count; i++) {
        bool is_done = learning_plan_item_done(&plan->items[i]);

        if (!plan->items[i].optional && !is_done)
            return false;
        optional += plan->items[i].optional ? 1 : 0;
        done += plan->items[i].optional && is_done ? 1 : 0;
    }
    /* Of a plan where nothing is needed, all. */
    bool is_free = plan->optional_needed == 0 && optional == plan->item_count;
    uint32_t needed = is_free ? optional : plan->optional_needed;
    return done >= (needed < optional ? needed : optional);
}

bool learning_plan_item_done(const plan_item *item)
{
    return learning_plan_item_completed(item) ||
           item->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_WAIVED;
}

bool learning_state_find_planned(const px_view *state, const char *tenant, const char *person_id,
                                 const char *item_id, uint32_t *number, plan_record *out)
{
    char template_id[PX_ID_SIZE] = "";

    if (learning_state_get_open_plan(state, tenant, person_id, number, out) &&
        learning_plan_find(out, item_id) >= 0)
        return true;
    while (learning_state_next_template_plan(state, tenant, person_id, template_id, number, out))
        if (!out->ended && learning_plan_find(out, item_id) >= 0)
            return true;
    return false;
}

int learning_plan_find(const plan_record *plan, const char *item_id)
{
    int found = -1;

    for (int i = 0; i < plan->item_count; i++) {
        if (strcmp(plan->items[i].item_id, item_id) != 0)
            continue;
        if (!learning_plan_item_done(&plan->items[i]))
            return i;
        found = found < 0 ? i : found;
    }
    return found;
}
