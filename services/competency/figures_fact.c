/* figures_fact.c: field by field, both ways. */
#include "services/competency/figures_fact.h"

CompetencyFact__LevelEstimate *figures_to_fact(const figures *f, px_arena *arena)
{
    CompetencyFact__LevelEstimate *fact = px_arena_alloc(arena, sizeof *fact);

    if (!fact)
        return NULL;
    *fact = (CompetencyFact__LevelEstimate)COMPETENCY_FACT__LEVEL_ESTIMATE__INIT;
    fact->mu = f->mu;
    fact->variance = f->var;
    fact->as_of_us = f->as_of_us;
    fact->self_ratings = f->self;
    fact->manager_ratings = f->manager;
    fact->peer_ratings = f->peer;
    fact->report_ratings = f->report;
    fact->other_evidence = f->other;
    fact->raters = f->raters;
    fact->assessed = f->assessed;
    return fact;
}

figures figures_from_fact(const CompetencyFact__LevelEstimate *fact)
{
    if (!fact || (fact->variance == 0.0 && fact->mu == 0.0))
        return (figures){ 0 };
    return (figures){ .known = true,
                      .mu = fact->mu,
                      .var = fact->variance,
                      .as_of_us = fact->as_of_us,
                      .self = fact->self_ratings,
                      .manager = fact->manager_ratings,
                      .peer = fact->peer_ratings,
                      .report = fact->report_ratings,
                      .other = fact->other_evidence,
                      .raters = fact->raters,
                      .assessed = fact->assessed };
}
