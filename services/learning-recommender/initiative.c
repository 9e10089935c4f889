/* initiative.c: levels held against an initiative, and the catalogue against what is lacking. */
#include "services/learning-recommender/initiative.h"

#include "common/effect.h"
#include "common/record.h"
#include "common/replaced.h"
#include "services/learning-recommender/known.h"
#include "services/learning-recommender/problem.h"
#include "services/learning-recommender/state_progress.h"

static const double TIE = 1e-12;

/* ---- what is lacking ---- */

static bool has(const initiative_lacks *l, const initiative_competency *asked)
{
    standing_record standing;

    return learning_state_get_standing(l->state, l->tenant, l->person_id, asked->competency_id,
                                       &standing) &&
           plan_standing_shows(&standing) && standing.mu >= asked->level;
}

static void add_lack(initiative_lacks *out, const char *competency_id, double level)
{
    initiative_competency *lack = &out->all[out->count];

    if (out->count == INITIATIVE_ASKED_MAX)
        return;
    px_record_set_text(lack->competency_id, PX_ID_SIZE, competency_id);
    lack->level = level;
    out->count += has(out, lack) ? 0 : 1;
}

void initiative_lacks_find(initiative_lacks *out, const px_view *state, const char *tenant,
                           const char *person_id, const initiative_part *of)
{
    *out = (initiative_lacks){ .state = state, .tenant = tenant, .person_id = person_id };
    for (uint8_t i = 0; i < of->count; i++) {
        const initiative_competency *asked = &of->competencies[i];
        px_successors now = px_replaced_resolve(state, tenant, asked->competency_id);

        for (size_t n = 0; n < now.count; n++)
            add_lack(out, now.all[n].competency_id,
                     now.ended ? px_successor_rating(&now.all[n], asked->level) : asked->level);
    }
}

/* ---- what to learn it from ---- */

bool initiative_teaches(const initiative_lacks *lacks, const char *item_id)
{
    teaching_record t;

    for (size_t i = 0; i < lacks->count; i++)
        if (learning_state_get_teaching(lacks->state, lacks->tenant, lacks->all[i].competency_id,
                                        item_id, &t) &&
            t.share > 0.0)
            return true;
    return false;
}

static bool is_declined(const initiative_lacks *l, const char *item_id)
{
    return learning_state_get_declined(l->state, l->tenant, l->person_id, item_id).declined_us != 0;
}

static bool is_ready_for(const initiative_lacks *l, const item_record *item)
{
    item_record required;

    for (uint8_t i = 0; i < item->require_count; i++)
        if (learning_state_get_progress(l->state, l->tenant, l->person_id, item->required[i]) !=
                LEARNING_COMPLETED &&
            !(learning_state_get_item(l->state, l->tenant, item->required[i], &required) &&
              learning_knows_item(l->state, l->tenant, l->person_id, &required)))
            return false;
    return true;
}

static bool is_open_to(const initiative_lacks *l, const char *item_id, const teaching_record *t)
{
    item_record item;

    return t->offered && t->hours > 0.0 && !is_declined(l, item_id) &&
           learning_state_get_progress(l->state, l->tenant, l->person_id, item_id) !=
               LEARNING_COMPLETED &&
           learning_state_get_item(l->state, l->tenant, item_id, &item) && is_ready_for(l, &item);
}

/* Of whom nothing is known, everything for a level below the one asked suits. */
static double suits(const initiative_lacks *l, const initiative_competency *lack,
                    const teaching_record *t)
{
    standing_record standing;

    if (learning_state_get_standing(l->state, l->tenant, l->person_id, lack->competency_id,
                                    &standing) &&
        plan_standing_shows(&standing))
        return px_zone(standing.mu, t->level_from, t->level_to);
    return t->level_from < lack->level ? 1.0 : 0.0;
}

bool initiative_best_item(const initiative_lacks *lacks, const initiative_competency *lack,
                          char item_id[PX_ID_SIZE])
{
    char candidate[PX_ID_SIZE];
    teaching_record t;
    teaching_scan scan;
    double best = 0.0;

    learning_state_scan_teaching(&scan, lacks->state, lacks->tenant, lack->competency_id);
    while (learning_state_next_teaching(&scan, candidate, &t)) {
        if (!is_open_to(lacks, candidate, &t))
            continue;
        double gain = t.effect.mean * t.share * suits(lacks, lack, &t) / t.hours;

        if (gain > best + TIE) {
            best = gain;
            px_record_set_text(item_id, PX_ID_SIZE, candidate);
        }
    }
    learning_state_end_teaching(&scan);
    return best > 0.0;
}

bool initiative_is_refused(const initiative_lacks *lacks)
{
    char item_id[PX_ID_SIZE];
    bool any = false;
    teaching_record t;
    teaching_scan scan;

    for (size_t i = 0; i < lacks->count && !any; i++) {
        learning_state_scan_teaching(&scan, lacks->state, lacks->tenant,
                                     lacks->all[i].competency_id);
        while (!any && learning_state_next_teaching(&scan, item_id, &t))
            any = t.share > 0.0 && is_declined(lacks, item_id);
        learning_state_end_teaching(&scan);
    }
    return any;
}
