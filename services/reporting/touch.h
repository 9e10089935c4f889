/* touch.h: which report values may have changed (common/report.h), in the words of reporting. */
#ifndef PRAXIS_REPORTING_TOUCH_H
#define PRAXIS_REPORTING_TOUCH_H

#include "common/store.h"

/** heatmap.<unit>.<competency> */
void touch_cell(px_txn *state, const char *tenant, const char *unit_id, const char *competency_id);
/** The unit's cells of every competency that a role of the set asks for. */
void touch_cells_of_role_set(px_txn *state, const char *tenant, const char *unit_id,
                             const char *role_set);
/** The competency's cells of every unit with somebody in the role. */
void touch_cells_of_target(px_txn *state, const char *tenant, const char *role_id,
                           const char *competency_id);
/** plans.<unit> */
void touch_plans(px_txn *state, const char *tenant, const char *unit_id);
/** cycle.<cycle> */
void touch_cycle(px_txn *state, const char *tenant, const char *cycle_id);
void touch_all_cycles(px_txn *state, const char *tenant);
/** impact.<competency> */
void touch_impact(px_txn *state, const char *tenant, const char *competency_id);
/** Everything the group minimum is applied to. */
void touch_all_groups(px_txn *state, const char *tenant);

#endif
