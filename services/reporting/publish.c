/* publish.c: own facts -> public events. */
#include "praxis/reporting/fact/v1/fact.pb-c.h"
#include "praxis/reporting/v1/event.pb-c.h"
#include "services/reporting/service.h"

void publish_group_minimum_set(const px_view *state, const px_fact *fact, px_out *out)
{
    const ReportingFact__GroupMinimumSet *f = fact->body;
    Reporting__GroupMinimumSet event = REPORTING__GROUP_MINIMUM_SET__INIT;

    (void)state;
    event.minimum = f->minimum;
    px_out_event(out, "GroupMinimumSet", fact->tenant, &event.base);
}
