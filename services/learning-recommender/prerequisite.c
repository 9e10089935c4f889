/* prerequisite.c: prerequisites of competencies, kept, and turned into requirements of items. */
#include "services/learning-recommender/prerequisite.h"

#include <string.h>

#include "common/gap.h"
#include "common/replaced.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_keys.h"
#include "services/learning-recommender/state_template.h"

enum { RECORD_BYTES_MAX = 1 + PREREQUISITES_MAX * (2 + PX_ID_SIZE) };

static const double TIE = 1e-12;

/* ---- what comes before what ---- */

static void walk_prerequisites(px_record *r, prerequisites_record *p)
{
    px_record_u8(r, &p->count);
    PX_ASSERT(p->count <= PREREQUISITES_MAX);
    for (uint8_t i = 0; i < p->count; i++)
        px_record_text(r, p->ids[i], PX_ID_SIZE);
}

prerequisites_record learning_state_get_prerequisites(const px_view *state, const char *tenant,
                                                      const char *competency_id)
{
    px_keybuf key = learning_key(TABLE_PREREQUISITES, tenant, competency_id, NULL);
    prerequisites_record record = { 0 };
    px_bytes value;

    if (!learning_get(state, key, &value))
        return record;
    px_record r = px_record_reader(value);
    walk_prerequisites(&r, &record);
    px_record_end(&r);
    return record;
}

void learning_state_put_prerequisites(px_txn *state, const char *tenant, const char *competency_id,
                                      prerequisites_record *record)
{
    px_keybuf key = learning_key(TABLE_PREREQUISITES, tenant, competency_id, NULL);
    unsigned char bytes[RECORD_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_prerequisites(&r, record);
    if (record->count > 0)
        learning_put(state, key, px_record_end(&r));
    else
        learning_del(state, key);
}

void learning_project_prerequisites_set(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__PrerequisitesSet *f = fact->body;
    prerequisites_record record = { 0 };
    char person_id[PX_ID_SIZE] = "";

    for (size_t i = 0; i < f->n_requires_ids && i < PREREQUISITES_MAX; i++)
        px_record_set_text(record.ids[record.count++], PX_ID_SIZE, f->requires_ids[i]);
    learning_state_put_prerequisites(state, fact->tenant, f->competency_id, &record);
    while (learning_state_next_with_gap(state, fact->tenant, f->competency_id, person_id))
        learning_mark_person(state, fact->tenant, person_id);
}

/* ---- the item that comes first ---- */

static const choose_touch *touch_on(const choose_item *item, uint32_t competency)
{
    for (uint32_t t = 0; t < item->touch_count; t++)
        if (item->touches[t].competency == competency)
            return &item->touches[t];
    return NULL;
}

/* Of the item and all that it requires. What lies deeper rules an item out anyway. */
static double hours_of(const plan_problem *p, uint32_t item, unsigned depth)
{
    const choose_item *choice = &p->choices[item];
    double hours = choice->hours;

    if (choice->completed || depth > CHOOSE_PREREQUISITES_MAX)
        return 0.0;
    for (uint32_t i = 0; i < choice->prerequisite_count; i++)
        hours += hours_of(p, choice->prerequisites[i], depth + 1);
    return hours;
}

static bool is_kept(const choose_item *choice)
{
    return choice->started || choice->wanted;
}

/* What it brings for the competency per hour, as in choose.h; 0: it would not be taken by itself,
 * so nothing is to wait for it. */
static double worth(const plan_problem *p, uint32_t item, uint32_t competency)
{
    const choose_item *choice = &p->choices[item];
    const choose_competency *c = &p->levels[competency];
    const choose_touch *t = touch_on(choice, competency);

    if (!t || choice->completed || !(choice->hours > 0.0))
        return 0.0;
    double hours = hours_of(p, item, 0), u = c->target - c->mu;
    double gain = choice->completion * t->effect.mean * t->share * t->factor *
                  px_zone(c->mu, t->low, t->high);
    double value = c->weight * (px_shortfall(u, c->var) - px_shortfall(u - gain, c->var)) / hours;
    bool would_be_taken = hours <= p->settings->hours && value >= p->settings->least;

    return is_kept(choice) || would_be_taken ? value : 0.0;
}

/* What the person is bound to anyway comes before what would be new. */
static int standing_of(const plan_problem *p, uint32_t item, const plan_record *open_plan)
{
    if (is_kept(&p->choices[item]))
        return 2;
    return open_plan && learning_plan_find(open_plan, p->items[item].id) >= 0 ? 1 : 0;
}

static uint32_t best_for(const plan_problem *p, uint32_t competency, const plan_record *open_plan)
{
    uint32_t best = CHOOSE_NONE;
    double most = 0.0;
    int stands = 0;

    for (uint32_t i = 0; i < p->item_count; i++) {
        double brings = worth(p, i, competency);
        int standing = brings > TIE ? standing_of(p, i, open_plan) : 0;

        if (brings <= TIE || (best != CHOOSE_NONE && standing < stands))
            continue;
        bool is_tie = best != CHOOSE_NONE && brings >= most - TIE &&
                      strcmp(p->items[i].id, p->items[best].id) < 0;
        if (best == CHOOSE_NONE || standing > stands || brings > most + TIE || is_tie) {
            best = i;
            most = brings;
            stands = standing;
        }
    }
    return best;
}

/* ---- what comes after it ---- */

/* Whether taking `from` means taking `item` first. What lies deeper rules an item out anyway. */
static bool leads_to(const plan_problem *p, uint32_t from, uint32_t item, unsigned depth)
{
    const choose_item *choice = &p->choices[from];

    if (from == item || depth > CHOOSE_PREREQUISITES_MAX)
        return true;
    for (uint32_t i = 0; i < choice->prerequisite_count; i++)
        if (leads_to(p, choice->prerequisites[i], item, depth + 1))
            return true;
    return false;
}

static void require(plan_problem *p, uint32_t item, uint32_t first)
{
    choose_item *choice = &p->choices[item];

    for (uint32_t i = 0; i < choice->prerequisite_count; i++)
        if (choice->prerequisites[i] == first)
            return;
    if (choice->prerequisite_count < CHOOSE_PREREQUISITES_MAX && !leads_to(p, first, item, 0))
        choice->prerequisites[choice->prerequisite_count++] = first;
}

static void put_before(plan_problem *p, uint32_t basis, uint32_t competency,
                       const plan_record *open_plan)
{
    uint32_t first = best_for(p, basis, open_plan);

    if (first == CHOOSE_NONE)
        return;
    if (p->competencies[basis].basis_for == CHOOSE_NONE)
        p->competencies[basis].basis_for = competency;
    for (uint32_t i = 0; i < p->item_count; i++) {
        const choose_item *choice = &p->choices[i];

        if (!choice->completed && !is_kept(choice) && touch_on(choice, competency) &&
            !touch_on(choice, basis))
            require(p, i, first);
    }
}

void plan_problem_add_foundations(plan_problem *p, const plan_record *open_plan)
{
    for (uint32_t c = 0; c < p->competency_count; c++) {
        if (!p->competencies[c].gap)
            continue;
        prerequisites_record before =
            learning_state_get_prerequisites(p->state, p->tenant, p->competencies[c].id);

        for (uint8_t i = 0; i < before.count; i++) {
            px_successors now = px_replaced_resolve(p->state, p->tenant, before.ids[i]);

            for (size_t n = 0; n < now.count; n++) {
                uint32_t basis = plan_problem_competency(p, now.all[n].competency_id);

                if (basis != CHOOSE_NONE && basis != c && p->competencies[basis].gap)
                    put_before(p, basis, c, open_plan);
            }
        }
    }
}
