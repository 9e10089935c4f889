/* whatif.h: everybody's plan as it is and as it would be under other settings, on the same history.
 * Nothing is said and nothing is kept. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_WHATIF_H
#define PRAXIS_LEARNING_RECOMMENDER_WHATIF_H

#include "services/learning-recommender/settings.h"
#include "services/learning-recommender/state_plan.h"

typedef struct {
    char id[PX_ID_SIZE];
    double hours;
} whatif_item;

/** What is left to do of a person's best plan, in its order. */
typedef struct {
    uint8_t count; /* 0: no plan */
    whatif_item items[PLAN_ITEMS_MAX];
    double hours;
    double value; /* by the settings it was made with */
} whatif_plan;

typedef struct {
    const char *tenant;
    const char *person_id;
    whatif_plan before, after;
} whatif_person;

typedef void whatif_step(void *context, const whatif_person *person);

/**
 * Takes a step for every active person who has an open plan, or a gap under either settings; in the
 * order of tenants and people. Both plans are the best ones at `now_us`, made by the daemon's rule:
 * started items, and those a person put in, stay; declined ones stay out. What the daemon keeps
 * though another plan is best (it says only what is worth over 5 % more, and nothing while a plan
 * is reviewed) is not kept here. A requirement counts as met by the targets of the state.
 */
void learning_whatif(const px_view *state, int64_t now_us, const plan_settings *other,
                     whatif_step *step, void *context);
/** Whether anybody of any tenant knows this competency. */
bool learning_whatif_has_competency(const px_view *state, const char *competency_id);
/** Whether the role asks for the competency, in any tenant. */
bool learning_whatif_has_target(const px_view *state, const char *role_id,
                                const char *competency_id);

#endif
