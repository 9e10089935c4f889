/* whatif.c: the daemon's own planning, twice per person. */
#include "services/learning-recommender/whatif.h"

#include <string.h>

#include "common/keys.h"
#include "services/learning-recommender/plan.h"

/* ---- one plan ---- */

static void list_what_is_left(const plan_record *plan, whatif_plan *out)
{
    for (uint8_t i = 0; i < plan->item_count; i++) {
        const plan_item *item = &plan->items[i];

        if (learning_plan_item_done(item))
            continue;
        memcpy(out->items[out->count].id, item->item_id, PX_ID_SIZE);
        out->items[out->count++].hours = item->hours;
        out->hours += item->hours;
        out->value += item->value;
    }
}

/* @return whether there is an open plan or a gap */
static bool make(const px_view *state, const whatif_person *person, int64_t now_us,
                 const plan_settings *settings, whatif_plan *out)
{
    const learner_record learner =
        learning_state_get_learner(state, person->tenant, person->person_id);
    plan_record open, best;
    plan_problem problem;
    px_arena arena;
    uint32_t number;
    bool is_open =
        learning_state_get_open_plan(state, person->tenant, person->person_id, &number, &open);

    *out = (whatif_plan){ 0 };
    PX_ASSERT(px_arena_init(&arena, PROBLEM_ARENA_BYTES));
    plan_problem_begin(&problem, state, person->tenant, person->person_id, now_us, settings,
                       &arena);
    bool is_concerned = is_open || problem.gaps > 0;

    if (is_concerned && (is_open || now_us >= learner.quiet_until_us)) {
        plan_problem_add_items(&problem, is_open ? &open : NULL);
        if (is_open)
            plan_revise(&problem, &open, now_us, &best);
        else
            plan_make(&problem, now_us, &best);
        list_what_is_left(&best, out);
    }
    px_arena_fini(&arena);
    return is_concerned;
}

/* ---- everybody ---- */

static bool next_tenant(const px_view *state, char tenant[PX_KEY_MAX])
{
    px_keybuf prefix = px_key_begin(PX_PEOPLE_TABLE);

    return px_key_next(state, &prefix, tenant, PX_KEY_MAX);
}

void learning_whatif(const px_view *state, int64_t now_us, const plan_settings *other,
                     whatif_step *step, void *context)
{
    char tenant[PX_KEY_MAX] = "", person_id[PX_ID_SIZE];
    whatif_person person = { .tenant = tenant, .person_id = person_id };

    while (next_tenant(state, tenant)) {
        person_id[0] = '\0';
        while (px_people_next(state, tenant, person_id)) {
            if (!px_people_is_active(state, tenant, person_id))
                continue;
            bool is_now = make(state, &person, now_us, &plan_settings_usual, &person.before);
            bool would_be = make(state, &person, now_us, other, &person.after);

            if (is_now || would_be)
                step(context, &person);
        }
    }
}

bool learning_whatif_has_competency(const px_view *state, const char *competency_id)
{
    char tenant[PX_KEY_MAX] = "";

    while (next_tenant(state, tenant))
        if (learning_state_has_competency(state, tenant, competency_id))
            return true;
    return false;
}

bool learning_whatif_has_target(const px_view *state, const char *role_id,
                                const char *competency_id)
{
    char tenant[PX_KEY_MAX] = "";

    while (next_tenant(state, tenant))
        if (px_roles_target(state, tenant, role_id, competency_id).target > 0.0)
            return true;
    return false;
}
