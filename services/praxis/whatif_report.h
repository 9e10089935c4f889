/* whatif_report.h: what other settings would change, for people and for programs. */
#ifndef PRAXIS_SERVICES_PRAXIS_WHATIF_REPORT_H
#define PRAXIS_SERVICES_PRAXIS_WHATIF_REPORT_H

#include <jansson.h>

#include "services/learning-recommender/whatif.h"

typedef struct {
    uint64_t people;  /* with a plan or a gap */
    uint64_t changed; /* of them with other items in their plan */
    double hours_before, hours_after;
    double value_before, value_after;
    json_t *rows; /* of the changed ones; NULL: they are printed as they come */
} px_whatif_report;

/** Counts one person, and tells of the plan when its items are others; a whatif_step. */
void px_whatif_add(void *report, const whatif_person *person);
/**
 * Prints the totals, or all of it as JSON when there are rows, which it consumes.
 * @param seq, time  where the log ended
 */
void px_whatif_finish(px_whatif_report *report, uint64_t seq, const char *time);

#endif
