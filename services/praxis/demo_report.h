/* demo_report.h: what the demo shows at the end beside the story: heat maps, times, totals. */
#ifndef PRAXIS_SERVICES_PRAXIS_DEMO_REPORT_H
#define PRAXIS_SERVICES_PRAXIS_DEMO_REPORT_H

#include "services/praxis/demo_feed.h"
#include "services/praxis/demo_play.h"

enum { PX_DEMO_PLANS_MAX = 8192 };

/** Counted while the feed is read. */
typedef struct {
    uint64_t events;
    uint64_t reviews, gaps_opened, gaps_closed, plans_proposed, plans_revised, plans_ended;
    uint64_t completions, follow_ups;
    struct {
        uint32_t person;
        int64_t stored_ns;
    } plans[PX_DEMO_PLANS_MAX]; /* proposed or revised */
    size_t plan_count;
} px_demo_figures;

void px_figures_hear(px_demo_figures *figures, const px_demo_event *event);

/** The heat map of a unit; what is withheld is shown as withheld. False after a line on stderr. */
bool px_report_heat_map(px_demo_link *link, const px_organisation *organisation,
                        const char *unit_id, bool with_units_below);
/** From a rating sent to the plan on the feed. */
void px_report_times(const px_demo_figures *figures, const px_demo_played *played);
void px_report_totals(const px_demo_figures *figures, const px_demo_sent *sent, uint64_t facts);

#endif
