/* figures_event.c: interval and confidence are made here, where a person reads them. */
#include "services/competency/figures_event.h"

#include "services/competency/said.h"

static Competency__Confidence confidence_of(px_confidence confidence)
{
    switch (confidence) {
    case PX_CONFIDENCE_LOW:
        return COMPETENCY__CONFIDENCE__CONFIDENCE_LOW;
    case PX_CONFIDENCE_MEDIUM:
        return COMPETENCY__CONFIDENCE__CONFIDENCE_MEDIUM;
    case PX_CONFIDENCE_HIGH:
        return COMPETENCY__CONFIDENCE__CONFIDENCE_HIGH;
    }
    return COMPETENCY__CONFIDENCE__CONFIDENCE_UNSPECIFIED;
}

static uint32_t shown(uint32_t ratings)
{
    return ratings < PROTECTED_MIN ? 0 : ratings;
}

Competency__Estimate *figures_to_event(const figures *f, px_arena *arena)
{
    Competency__Estimate *event = f->known ? px_arena_alloc(arena, sizeof *event) : NULL;

    if (!event)
        return NULL;
    px_estimate estimate = figures_estimate(f);
    *event = (Competency__Estimate)COMPETENCY__ESTIMATE__INIT;
    event->level = f->mu;
    event->sd = estimate.sd;
    event->low = estimate.low;
    event->high = estimate.high;
    event->confidence = confidence_of(estimate.confidence);
    event->more_evidence_needed = estimate.more_evidence;
    event->self_ratings = f->self;
    event->manager_ratings = f->manager;
    event->peer_ratings = shown(f->peer);
    event->report_ratings = shown(f->report);
    event->other_evidence = f->other;
    return event;
}
