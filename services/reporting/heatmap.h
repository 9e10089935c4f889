/* heatmap.h: counts a unit's people, competency by competency, from the state. */
#ifndef PRAXIS_REPORTING_HEATMAP_H
#define PRAXIS_REPORTING_HEATMAP_H

#include "services/reporting/figures.h"
#include "services/reporting/state.h"

/** Beyond these a heat map is refused: the answer is to come in about a second, in one message. */
enum {
    HEATMAP_COMPETENCIES_MAX = 1000,
    HEATMAP_PEOPLE_MAX = 50000,
    HEATMAP_UNITS_MAX = 5000,
    HEATMAP_DEPTH_MAX = 64
};

/** A competency that the role of at least one person asks for. */
typedef struct {
    const char *competency_id;
    group figures;
} heatmap_row;

/** Rows by competency id, in the arena. */
typedef struct {
    size_t count;
    heatmap_row *rows;
} heatmap;

/** The unit's own active people in one competency. */
tally heatmap_count_cell(const px_view *state, const char *tenant, const char *unit_id,
                         const char *competency_id);
/**
 * All competencies of the unit's own active people.
 * @param with_units_below  count the people of all units below as well
 * @return PX_OK; PX_ETOOBIG beyond the limits above; PX_ENOMEM when the arena is full
 */
px_status heatmap_count_unit(const px_view *state, const char *tenant, const char *unit_id,
                             bool with_units_below, px_arena *arena, heatmap *out);

#endif
