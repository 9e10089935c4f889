/* settings.c: what roles ask for, under settings that need not be those of the state. */
#include "services/learning-recommender/settings.h"

#include <string.h>

#include "services/learning-recommender/problem.h"

const plan_settings plan_settings_usual = { .hours = PLAN_HOURS, .least = CHOOSE_LAMBDA };

static const plan_target *find_target(const plan_settings *s, const char *role_id,
                                      const char *competency_id)
{
    for (size_t i = s->target_count; i-- > 0;) /* said twice, the last one counts */
        if (strcmp(s->targets[i].role_id, role_id) == 0 &&
            strcmp(s->targets[i].competency_id, competency_id) == 0)
            return &s->targets[i];
    return NULL;
}

/* What one role asks, the strategy's weight included. */
static px_requirement asked_by(const plan_settings *s, const px_view *state, const char *tenant,
                               const char *role_id, const char *competency_id)
{
    px_role_list one = { .count = 1 };
    const plan_target *other = find_target(s, role_id, competency_id);

    memcpy(one.ids[0], role_id, PX_ID_SIZE);
    px_requirement asked = px_roles_strongest(state, tenant, &one, competency_id);
    if (other && asked.target > 0.0)
        asked.target = other->level;
    return asked;
}

px_requirement plan_settings_asked(const plan_settings *s, const px_view *state, const char *tenant,
                                   const px_role_list *roles, const char *competency_id,
                                   bool *moved)
{
    px_requirement usual = px_roles_strongest(state, tenant, roles, competency_id);
    px_requirement asked = usual;

    if (s->target_count > 0)
        asked = (px_requirement){ 0 };
    for (size_t i = 0; s->target_count > 0 && i < roles->count; i++) {
        px_requirement one = asked_by(s, state, tenant, roles->ids[i], competency_id);

        if (one.target > asked.target)
            asked = one;
    }
    for (size_t i = 0; i < s->weight_count; i++)
        if (strcmp(s->weights[i].competency_id, competency_id) == 0)
            asked.weight *= s->weights[i].factor;
    *moved = asked.target != usual.target;
    return asked;
}
