/* evolve.c: own facts -> state. */
#include "praxis/reporting/fact/v1/fact.pb-c.h"
#include "services/reporting/service.h"
#include "services/reporting/state.h"
#include "services/reporting/touch.h"

void evolve_group_minimum_set(px_txn *state, const px_fact *fact)
{
    const ReportingFact__GroupMinimumSet *f = fact->body;

    if (f->minimum == reporting_state_get_minimum(state, fact->tenant))
        return;
    reporting_state_put_minimum(state, fact->tenant, f->minimum);
    touch_all_groups(state, fact->tenant);
}
