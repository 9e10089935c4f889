/* report.h: figures as the messages of the contract: the same for a report value and for an answer.
 */
#ifndef PRAXIS_REPORTING_REPORT_H
#define PRAXIS_REPORTING_REPORT_H

#include "praxis/reporting/v1/query.pb-c.h"
#include "services/reporting/figures.h"
#include "services/reporting/state.h"

/** From what, and where to. */
typedef struct {
    const px_view *state;
    const char *tenant;
    px_arena *arena;
} rendering;

/** A cell with its figures, or withheld; the ids are borrowed. NULL when the arena is full. */
Reporting__HeatMapCell *render_cell(const rendering *r, const char *unit_id,
                                    const char *competency_id, const group *figures);
/** @return false when the cycle is unknown */
bool render_cycle_progress(const rendering *r, const char *cycle_id, Reporting__CycleProgress *out);
/** @return false when the unit is unknown */
bool render_plan_figures(const rendering *r, const char *unit_id, Reporting__PlanFigures *out);
/** @return false when nothing was ever measured for the competency */
bool render_impact(const rendering *r, const char *competency_id, Reporting__LearningImpact *out);

#endif
