/* decide.c: submission -> facts. */
#include "praxis/reporting/fact/v1/fact.pb-c.h"
#include "praxis/reporting/v1/submission.pb-c.h"
#include "services/reporting/service.h"
#include "services/reporting/state.h"

px_verdict decide_set_group_minimum(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Reporting__SetGroupMinimum *cmd = sub->body;

    /* Whoever has seen a larger group's figures could tell from a smaller group's who is missing.
     */
    if (cmd->minimum < reporting_state_get_minimum(state, sub->tenant))
        return px_reject(PX_REASON_MINIMUM_LOWERED, "minimum");

    ReportingFact__GroupMinimumSet *fact =
        px_facts_add(out, REPORTING_FACT__FACT__BODY_GROUP_MINIMUM_SET);
    fact->minimum = cmd->minimum;
    return px_accept();
}
