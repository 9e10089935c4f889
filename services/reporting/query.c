/* query.c: the figures as answers. They say nothing of a person, so no viewer is asked for: what
 * may be shown is the same for everybody. */
#include "services/reporting/heatmap.h"
#include "services/reporting/report.h"
#include "services/reporting/service.h"

static rendering rendering_of(const px_view *state, const px_request *req)
{
    return (rendering){ .state = state, .tenant = req->tenant, .arena = req->arena };
}

static px_status done(const px_request *req)
{
    return px_arena_overflowed(req->arena) ? PX_ENOMEM : PX_OK;
}

static void add_cells(const rendering *r, const heatmap *counted, Reporting__HeatMap *answer)
{
    answer->cells = px_arena_alloc(r->arena, counted->count * sizeof(void *));
    for (size_t i = 0; answer->cells && i < counted->count; i++) {
        const heatmap_row *row = &counted->rows[i];

        if (!group_is_shown(&row->figures, answer->minimum)) {
            answer->withheld_cells++;
            continue;
        }
        Reporting__HeatMapCell *cell =
            render_cell(r, answer->unit_id, row->competency_id, &row->figures);
        if (!cell)
            return; /* the overflow sticks */
        answer->cells[answer->n_cells++] = cell;
    }
}

px_status query_get_heat_map(const px_view *state, const px_request *req, px_reply *reply)
{
    const Reporting__GetHeatMap *q = req->body;
    rendering r = rendering_of(state, req);
    unit_record unit;
    heatmap counted;

    if (!reporting_state_get_unit(state, req->tenant, q->unit_id, &unit))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "unit_id");
    px_status status = heatmap_count_unit(state, req->tenant, q->unit_id, q->with_units_below,
                                          req->arena, &counted);
    if (status == PX_ETOOBIG)
        return px_reply_refuse(reply, PX_REASON_GROUP_TOO_LARGE,
                               q->with_units_below ? "with_units_below" : "unit_id");
    if (status != PX_OK)
        return status;

    Reporting__HeatMap *answer = px_reply_new(reply, &reporting__heat_map__descriptor);
    answer->unit_id = q->unit_id;
    answer->label = px_arena_strdup(req->arena, unit.label);
    answer->minimum = reporting_state_get_minimum(state, req->tenant);
    answer->as_of_seq = px_view_cursor(state);
    add_cells(&r, &counted, answer);
    return done(req);
}

px_status query_get_cycle_progress(const px_view *state, const px_request *req, px_reply *reply)
{
    const Reporting__GetCycleProgress *q = req->body;
    rendering r = rendering_of(state, req);
    Reporting__CycleProgress progress = REPORTING__CYCLE_PROGRESS__INIT;

    if (!render_cycle_progress(&r, q->cycle_id, &progress))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "cycle_id");
    Reporting__CycleProgress *answer = px_reply_new(reply, &reporting__cycle_progress__descriptor);
    *answer = progress;
    return done(req);
}

px_status query_get_plan_figures(const px_view *state, const px_request *req, px_reply *reply)
{
    const Reporting__GetPlanFigures *q = req->body;
    rendering r = rendering_of(state, req);
    Reporting__PlanFigures figures = REPORTING__PLAN_FIGURES__INIT;

    if (!render_plan_figures(&r, q->unit_id, &figures))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "unit_id");
    Reporting__PlanFigures *answer = px_reply_new(reply, &reporting__plan_figures__descriptor);
    *answer = figures;
    return done(req);
}

px_status query_get_learning_impact(const px_view *state, const px_request *req, px_reply *reply)
{
    const Reporting__GetLearningImpact *q = req->body;
    rendering r = rendering_of(state, req);
    Reporting__LearningImpact impact = REPORTING__LEARNING_IMPACT__INIT;

    if (!render_impact(&r, q->competency_id, &impact))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "competency_id");
    Reporting__LearningImpact *answer =
        px_reply_new(reply, &reporting__learning_impact__descriptor);
    *answer = impact;
    return done(req);
}
