/* report.c: figures -> messages, and the values of the report keys. What a group may show is
 * decided in figures.c; nothing leaves this daemon but through here and query.c. */
#include "services/reporting/report.h"

#include <string.h>

#include "common/codec.h"
#include "services/reporting/heatmap.h"
#include "services/reporting/service.h"
#include "services/reporting/state_progress.h"

/* ---- heat map ---- */

static void set_figures(Reporting__HeatMapCell *cell, const tally *t, px_arena *arena)
{
    Reporting__CompetencyFigures *figures = px_arena_alloc(arena, sizeof *figures);

    if (!figures)
        return;
    *figures = (Reporting__CompetencyFigures)REPORTING__COMPETENCY_FIGURES__INIT;
    figures->people = t->people;
    figures->assessed = t->assessed;
    figures->at_level = t->at_level;
    figures->mean_gap = tally_mean_gap(t);
    cell->content_case = REPORTING__HEAT_MAP_CELL__CONTENT_FIGURES;
    cell->figures = figures;
}

Reporting__HeatMapCell *render_cell(const rendering *r, const char *unit_id,
                                    const char *competency_id, const group *figures)
{
    uint32_t minimum = reporting_state_get_minimum(r->state, r->tenant);
    Reporting__HeatMapCell *cell = px_arena_alloc(r->arena, sizeof *cell);
    char title[TITLE_SIZE];

    if (!cell)
        return NULL;
    *cell = (Reporting__HeatMapCell)REPORTING__HEAT_MAP_CELL__INIT;
    reporting_state_get_title(r->state, r->tenant, competency_id, title);
    cell->unit_id = (char *)unit_id; /* borrowed; protobuf-c knows no const */
    cell->competency_id = (char *)competency_id;
    cell->competency_title = px_arena_strdup(r->arena, title);
    cell->as_of_seq = px_view_cursor(r->state);
    if (group_is_shown(figures, minimum)) {
        set_figures(cell, &figures->sum, r->arena);
    } else {
        cell->content_case = REPORTING__HEAT_MAP_CELL__CONTENT_WITHHELD_BELOW;
        cell->withheld_below = minimum;
    }
    return px_arena_overflowed(r->arena) ? NULL : cell;
}

/* ---- cycles ---- */

bool render_cycle_progress(const rendering *r, const char *cycle_id, Reporting__CycleProgress *out)
{
    review_counts reviews = reporting_state_get_reviews(r->state, r->tenant, cycle_id);
    cycle_progress cycle;

    if (!reporting_state_get_cycle(r->state, r->tenant, cycle_id, &cycle))
        return false;
    out->cycle_id = (char *)cycle_id;
    out->label = px_arena_strdup(r->arena, cycle.label);
    out->phase = cycle.phase;
    out->people = reporting_state_get_headcount(r->state, r->tenant);
    out->self_reviews = reviews.self;
    out->manager_reviews = reviews.managed;
    out->peer_reviews = reviews.peer;
    out->report_reviews = reviews.report;
    out->as_of_seq = px_view_cursor(r->state);
    return true;
}

/* ---- plans ---- */

static void count_plans_of(const plan_history *plans, Reporting__PlanCounts *counts)
{
    counts->people++;
    if (plans->open_plan_id[0] && plans->under_way)
        counts->under_way++;
    else if (plans->open_plan_id[0])
        counts->proposed++;
    counts->completed += plans->completed;
    counts->ended_otherwise += plans->ended_otherwise;
    counts->items_completed += plans->items_completed;
    counts->items_waived += plans->items_waived;
    counts->minutes_saved += plans->minutes_saved;
}

static void count_plans_of_set(const rendering *r, const char *unit_id, const char *role_set,
                               Reporting__PlanCounts *counts)
{
    char person_id[PX_ID_SIZE];
    id_walk members;

    reporting_state_walk_members(&members, r->state, r->tenant, unit_id, role_set);
    while (reporting_state_next(&members, person_id)) {
        plan_history plans = reporting_state_get_plans(r->state, r->tenant, person_id);

        count_plans_of(&plans, counts);
    }
    reporting_state_end(&members);
}

static void count_plans(const rendering *r, const char *unit_id, Reporting__PlanCounts *counts)
{
    char role_set[ROLE_SET_SIZE];
    id_walk sets;

    reporting_state_walk_role_sets(&sets, r->state, r->tenant, unit_id);
    while (reporting_state_next(&sets, role_set))
        count_plans_of_set(r, unit_id, role_set, counts);
    reporting_state_end(&sets);
}

bool render_plan_figures(const rendering *r, const char *unit_id, Reporting__PlanFigures *out)
{
    uint32_t minimum = reporting_state_get_minimum(r->state, r->tenant);
    Reporting__PlanCounts *counts = px_arena_alloc(r->arena, sizeof *counts);
    unit_record unit;

    if (!reporting_state_get_unit(r->state, r->tenant, unit_id, &unit))
        return false;
    out->unit_id = (char *)unit_id;
    out->as_of_seq = px_view_cursor(r->state);
    if (!counts)
        return true; /* the overflow sticks */
    *counts = (Reporting__PlanCounts)REPORTING__PLAN_COUNTS__INIT;
    count_plans(r, unit_id, counts);
    if (counts->people >= minimum) {
        out->content_case = REPORTING__PLAN_FIGURES__CONTENT_COUNTS;
        out->counts = counts;
    } else {
        out->content_case = REPORTING__PLAN_FIGURES__CONTENT_WITHHELD_BELOW;
        out->withheld_below = minimum;
    }
    return true;
}

/* ---- what learning did ---- */

enum { IMPACT_FOLLOW_UPS_MIN = 10, IMPACT_ITEMS_MAX = 1000 };

static Reporting__ImpactEstimate *estimate_of(const impact_figures *f, px_arena *arena)
{
    Reporting__ImpactEstimate *estimate = px_arena_alloc(arena, sizeof *estimate);

    if (!estimate)
        return NULL;
    *estimate = (Reporting__ImpactEstimate)REPORTING__IMPACT_ESTIMATE__INIT;
    estimate->effect = f->effect;
    estimate->low = f->low;
    estimate->high = f->high;
    estimate->associated = f->enough_evidence;
    estimate->control_ratings = f->control_ratings;
    return estimate;
}

/* NULL when the arena is full. */
static Reporting__ImpactFigures *impact_of(const rendering *r, const char *competency_id,
                                           const char *item_id)
{
    Reporting__ImpactFigures *figures = px_arena_alloc(r->arena, sizeof *figures);
    impact_figures f;

    if (!figures)
        return NULL;
    reporting_state_get_impact(r->state, r->tenant, competency_id, item_id, &f);
    *figures = (Reporting__ImpactFigures)REPORTING__IMPACT_FIGURES__INIT;
    figures->item_id = px_arena_strdup(r->arena, item_id);
    figures->follow_ups = f.follow_ups;
    if (f.follow_ups < IMPACT_FOLLOW_UPS_MIN) {
        figures->content_case = REPORTING__IMPACT_FIGURES__CONTENT_NOT_ENOUGH_BELOW;
        figures->not_enough_below = IMPACT_FOLLOW_UPS_MIN;
    } else {
        figures->content_case = REPORTING__IMPACT_FIGURES__CONTENT_ESTIMATE;
        figures->estimate = estimate_of(&f, r->arena);
    }
    return figures;
}

bool render_impact(const rendering *r, const char *competency_id, Reporting__LearningImpact *out)
{
    char item_id[PX_ID_SIZE], title[TITLE_SIZE];
    id_walk items;

    reporting_state_get_title(r->state, r->tenant, competency_id, title);
    out->competency_id = (char *)competency_id;
    out->competency_title = px_arena_strdup(r->arena, title);
    out->as_of_seq = px_view_cursor(r->state);
    out->items = px_arena_alloc(r->arena, IMPACT_ITEMS_MAX * sizeof *out->items);
    reporting_state_walk_impact(&items, r->state, r->tenant, competency_id);
    while (out->items && out->n_items < IMPACT_ITEMS_MAX && reporting_state_next(&items, item_id)) {
        Reporting__ImpactFigures *figures = impact_of(r, competency_id, item_id);

        if (!figures)
            break;
        if (item_id[0])
            out->items[out->n_items++] = figures;
        else
            out->all = figures;
    }
    reporting_state_end(&items);
    return out->all || out->n_items > 0 ||
           px_arena_overflowed(r->arena); /* too much is something */
}

/* ---- report keys ---- */

enum { KEY_IDS_MAX = 2 };

static const ProtobufCMessage *value_of_heatmap(const rendering *r, char *const *ids)
{
    uint32_t minimum = reporting_state_get_minimum(r->state, r->tenant);
    group own = group_of(heatmap_count_cell(r->state, r->tenant, ids[0], ids[1]), minimum);
    const Reporting__HeatMapCell *cell = render_cell(r, ids[0], ids[1], &own);

    return cell ? &cell->base : NULL;
}

static const ProtobufCMessage *value_of_cycle(const rendering *r, char *const *ids)
{
    ProtobufCMessage *value = px_codec_new(&reporting__cycle_progress__descriptor, r->arena);

    if (!value || !render_cycle_progress(r, ids[0], (Reporting__CycleProgress *)value))
        return NULL;
    return value;
}

static const ProtobufCMessage *value_of_plans(const rendering *r, char *const *ids)
{
    ProtobufCMessage *value = px_codec_new(&reporting__plan_figures__descriptor, r->arena);

    if (!value || !render_plan_figures(r, ids[0], (Reporting__PlanFigures *)value))
        return NULL;
    return value;
}

static const ProtobufCMessage *value_of_impact(const rendering *r, char *const *ids)
{
    ProtobufCMessage *value = px_codec_new(&reporting__learning_impact__descriptor, r->arena);

    if (!value || !render_impact(r, ids[0], (Reporting__LearningImpact *)value))
        return NULL;
    return value;
}

static const struct {
    const char *report;
    size_t ids;
    const ProtobufCMessage *(*value)(const rendering *r, char *const *ids);
} reports[] = {
    { "heatmap", 2, value_of_heatmap },
    { "cycle", 1, value_of_cycle },
    { "plans", 1, value_of_plans },
    { "impact", 1, value_of_impact },
};

/* Cuts "a.b" at its dots into at most `max` parts; the last one keeps the dots that are left. */
static size_t split(char *text, char **parts, size_t max)
{
    size_t count = 0;

    while (text) {
        parts[count++] = text;
        text = count < max ? strchr(text, '.') : NULL;
        if (text)
            *text++ = '\0';
    }
    return count;
}

const ProtobufCMessage *report_value(const px_view *state, const char *tenant, const char *key,
                                     px_arena *arena)
{
    rendering r = { .state = state, .tenant = tenant, .arena = arena };
    char *parts[1 + KEY_IDS_MAX], *text = px_arena_strdup(arena, key);
    size_t count = text ? split(text, parts, PX_COUNT(parts)) : 0;

    for (size_t i = 0; count > 0 && i < PX_COUNT(reports); i++) {
        if (strcmp(parts[0], reports[i].report) != 0 || count != 1 + reports[i].ids)
            continue;
        const ProtobufCMessage *value = reports[i].value(&r, parts + 1);

        return px_arena_overflowed(arena) ? NULL : value;
    }
    return NULL;
}
