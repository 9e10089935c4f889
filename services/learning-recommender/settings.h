/* settings.h: the figures of the rule that may be asked about: what if they were others? */
#ifndef PRAXIS_LEARNING_RECOMMENDER_SETTINGS_H
#define PRAXIS_LEARNING_RECOMMENDER_SETTINGS_H

#include <stddef.h>

#include "common/roles.h"

/** A competency weighs so many times what it does. */
typedef struct {
    char competency_id[PX_ID_SIZE];
    double factor;
} plan_weight;

/** A role asks for another level of a competency that it asks for; 0 takes the target away. */
typedef struct {
    char role_id[PX_ID_SIZE];
    char competency_id[PX_ID_SIZE];
    double level;
} plan_target;

/** What a plan is made with. The daemon only knows plan_settings_usual. Lists are borrowed. */
typedef struct {
    double hours; /* of one plan */
    double least; /* value per hour below which learning is not worth it */
    const plan_weight *weights;
    size_t weight_count;
    const plan_target *targets;
    size_t target_count;
} plan_settings;

extern const plan_settings plan_settings_usual;

/**
 * What these roles ask for in a competency: px_roles_strongest() with the targets and weights of
 * the settings. `moved`: by another target than that of the state.
 */
px_requirement plan_settings_asked(const plan_settings *settings, const px_view *state,
                                   const char *tenant, const px_role_list *roles,
                                   const char *competency_id, bool *moved);

#endif
