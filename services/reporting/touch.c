/* touch.c: names of report keys, and the walks that find them. Touching changes no state, so a walk
 * may go on. */
#include "services/reporting/touch.h"

#include <stdio.h>

#include "common/report.h"
#include "services/reporting/state.h"
#include "services/reporting/state_progress.h"

enum { REPORT_KEY_SIZE = 16 + 2 * PX_ID_SIZE };

void touch_cell(px_txn *state, const char *tenant, const char *unit_id, const char *competency_id)
{
    char key[REPORT_KEY_SIZE];

    snprintf(key, sizeof key, "heatmap.%s.%s", unit_id, competency_id);
    px_report_touch(state, tenant, key);
}

void touch_cells_of_role_set(px_txn *state, const char *tenant, const char *unit_id,
                             const char *role_set)
{
    px_role_list roles = reporting_state_get_role_set(state, tenant, role_set);
    char competency_id[PX_ID_SIZE] = "";

    while (px_roles_next_asked(state, tenant, &roles, competency_id))
        touch_cell(state, tenant, unit_id, competency_id);
}

void touch_cells_of_target(px_txn *state, const char *tenant, const char *role_id,
                           const char *competency_id)
{
    char unit_id[PX_ID_SIZE];
    id_walk units;

    reporting_state_walk_units_of_role(&units, state, tenant, role_id);
    while (reporting_state_next(&units, unit_id))
        touch_cell(state, tenant, unit_id, competency_id);
    reporting_state_end(&units);
}

void touch_plans(px_txn *state, const char *tenant, const char *unit_id)
{
    char key[REPORT_KEY_SIZE];

    snprintf(key, sizeof key, "plans.%s", unit_id);
    px_report_touch(state, tenant, key);
}

void touch_cycle(px_txn *state, const char *tenant, const char *cycle_id)
{
    char key[REPORT_KEY_SIZE];

    snprintf(key, sizeof key, "cycle.%s", cycle_id);
    px_report_touch(state, tenant, key);
}

void touch_impact(px_txn *state, const char *tenant, const char *competency_id)
{
    char key[REPORT_KEY_SIZE];

    snprintf(key, sizeof key, "impact.%s", competency_id);
    px_report_touch(state, tenant, key);
}

void touch_all_cycles(px_txn *state, const char *tenant)
{
    char cycle_id[PX_ID_SIZE];
    id_walk cycles;

    reporting_state_walk_cycles(&cycles, state, tenant);
    while (reporting_state_next(&cycles, cycle_id))
        touch_cycle(state, tenant, cycle_id);
    reporting_state_end(&cycles);
}

void touch_all_groups(px_txn *state, const char *tenant)
{
    char unit_id[PX_ID_SIZE], role_set[ROLE_SET_SIZE];
    id_walk units, sets;

    reporting_state_walk_units(&units, state, tenant);
    while (reporting_state_next(&units, unit_id)) {
        touch_plans(state, tenant, unit_id);
        reporting_state_walk_role_sets(&sets, state, tenant, unit_id);
        while (reporting_state_next(&sets, role_set))
            touch_cells_of_role_set(state, tenant, unit_id, role_set);
        reporting_state_end(&sets);
    }
    reporting_state_end(&units);
}
