/* demo_impact.h: did learning help? What the feed says of follow-ups and of measured impact. */
#ifndef PRAXIS_SERVICES_PRAXIS_DEMO_IMPACT_H
#define PRAXIS_SERVICES_PRAXIS_DEMO_IMPACT_H

#include "common/people.h"
#include "services/praxis/demo_feed.h"
#include "services/praxis/organisation.h"

enum { PX_IMPACT_MAX = 512 };

/** The last that was said of a competency, or of an item for it. */
typedef struct {
    char competency_id[PX_ID_SIZE];
    char item_id[PX_ID_SIZE]; /* empty: all learning for the competency */
    double effect, low, high; /* levels */
    bool associated;
    uint32_t follow_ups;
} px_impact_row;

/** Embedded; all zero before the first event. */
typedef struct {
    px_impact_row rows[PX_IMPACT_MAX];
    size_t count;
    uint32_t due, answered, at_level, overdue; /* follow-ups */
    double before, after;                      /* sums of levels over the answered ones */
} px_impact;

void px_impact_hear(px_impact *impact, const px_demo_event *event);
void px_impact_print(px_impact *impact, const px_organisation *organisation);

#endif
