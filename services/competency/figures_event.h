/* figures_event.h: figures as the outside sees them (Estimate). */
#ifndef PRAXIS_COMPETENCY_FIGURES_EVENT_H
#define PRAXIS_COMPETENCY_FIGURES_EVENT_H

#include "common/arena.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "services/competency/estimate.h"

/** NULL for figures that are not known, and when the arena is full. Few raters are not counted. */
Competency__Estimate *figures_to_event(const figures *f, px_arena *arena);

#endif
