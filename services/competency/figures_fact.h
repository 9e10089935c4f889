/* figures_fact.h: figures as they stand in facts (LevelEstimate). */
#ifndef PRAXIS_COMPETENCY_FIGURES_FACT_H
#define PRAXIS_COMPETENCY_FIGURES_FACT_H

#include "common/arena.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "services/competency/estimate.h"

/** All zero for figures that are not known. NULL when the arena is full. */
CompetencyFact__LevelEstimate *figures_to_fact(const figures *f, px_arena *arena);
/** Not known for NULL and for an estimate without variance, which no known level has. */
figures figures_from_fact(const CompetencyFact__LevelEstimate *fact);

#endif
