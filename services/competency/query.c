/* query.c: a person's levels against their roles, and what a role asks for. A profile shows what
 * was said, never what still waits for company.
 */
#include <string.h>

#include "common/people.h"
#include "praxis/competency/v1/query.pb-c.h"
#include "services/competency/figures_event.h"
#include "services/competency/prerequisite.h"
#include "services/competency/service.h"
#include "services/competency/state_attainment.h"

enum { ITEMS_MAX = 1000 }; /* per answer; a framework has some 200 competencies */

static char *title_of(const px_view *state, const px_request *req, const char *competency_id)
{
    competency_record competency;

    competency_state_get(state, req->tenant, competency_id, &competency);
    return px_arena_strdup(req->arena, competency.title);
}

/* ---- profile ---- */

typedef struct {
    const px_view *state;
    const px_request *req;
    const char *person_id;
    px_role_list asking; /* the roles held, and the one aspired to */
    Competency__Profile *profile;
} profile_walk;

static void add_asked(const profile_walk *w, const char *competency_id,
                      Competency__ProfileItem *item)
{
    const char *tenant = w->req->tenant;
    px_requirement now = px_roles_requirement(w->state, tenant, w->person_id, competency_id);
    px_requirement wanted = px_roles_career(w->state, tenant, w->person_id, competency_id);
    target_words words;

    competency_state_get_target(w->state, tenant, now.role_id, competency_id, &words);
    item->role_id = px_arena_strdup(w->req->arena, now.role_id);
    item->indicator = px_arena_strdup(w->req->arena, words.indicator);
    item->target = now.target;
    item->weight = now.weight;
    item->career_target = wanted.target;
}

static void add_attained(const profile_walk *w, const char *competency_id,
                         Competency__ProfileItem *item, const competency_record *competency)
{
    level_key key = { w->req->tenant, w->person_id, competency_id };
    attained_record said;

    if (!competency_state_get_attained(w->state, &key, &said) || said.now.level == 0)
        return;
    item->attained_level =
        px_arena_strdup(w->req->arena, competency->level_names[said.now.level - 1]);
    item->proficient = said.now.proficient;
}

static void add_prerequisites(const profile_walk *w, const char *competency_id,
                              Competency__ProfileItem *item)
{
    px_arena *arena = w->req->arena;
    prerequisites before =
        competency_state_get_prerequisites(w->state, w->req->tenant, competency_id);

    item->prerequisite_ids = px_arena_alloc(arena, before.count * sizeof(char *));
    item->missing_prerequisite_ids = px_arena_alloc(arena, before.count * sizeof(char *));
    if (!item->prerequisite_ids || !item->missing_prerequisite_ids)
        return;
    for (uint8_t i = 0; i < before.count; i++) {
        level_key key = { w->req->tenant, w->person_id, before.ids[i] };
        char *id = px_arena_strdup(arena, before.ids[i]);

        item->prerequisite_ids[item->n_prerequisite_ids++] = id;
        if (!competency_is_proficient(w->state, &key))
            item->missing_prerequisite_ids[item->n_missing_prerequisite_ids++] = id;
    }
}

static void add_item(const profile_walk *w, const char *competency_id, const said_record *said)
{
    Competency__ProfileItem *item = px_arena_alloc(w->req->arena, sizeof *item);
    competency_record competency;

    if (!item || w->profile->n_items == ITEMS_MAX)
        return;
    *item = (Competency__ProfileItem)COMPETENCY__PROFILE_ITEM__INIT;
    competency_state_get(w->state, w->req->tenant, competency_id, &competency);
    item->competency_id = px_arena_strdup(w->req->arena, competency_id);
    item->title = px_arena_strdup(w->req->arena, competency.title);
    item->family = (Competency__CompetencyFamily)competency.family;
    add_asked(w, competency_id, item);
    add_attained(w, competency_id, item, &competency);
    add_prerequisites(w, competency_id, item);
    item->gap_open = said->gaps[FOR_PRESENT].open;
    item->career_gap_open = said->gaps[FOR_CAREER].open;
    if (said->level.assessed) {
        item->estimate = figures_to_event(&said->level, w->req->arena);
        if (item->target != 0.0)
            item->probability = px_gap_probability(item->target - said->level.mu, said->level.var);
    }
    w->profile->items[w->profile->n_items++] = item;
}

static void add_asked_for(const profile_walk *w)
{
    char competency_id[PX_ID_SIZE] = "";

    while (px_roles_next_asked(w->state, w->req->tenant, &w->asking, competency_id)) {
        level_key key = { w->req->tenant, w->person_id, competency_id };
        said_record said;

        competency_state_get_said(w->state, &key, &said);
        add_item(w, competency_id, &said);
    }
}

static bool is_asked_for(const profile_walk *w, const char *competency_id)
{
    for (size_t i = 0; i < w->asking.count; i++)
        if (px_roles_target(w->state, w->req->tenant, w->asking.ids[i], competency_id).target > 0)
            return true;
    return false;
}

static void add_known_beside(const profile_walk *w)
{
    char competency_id[PX_ID_SIZE] = "";

    while (competency_state_next_heard(w->state, w->req->tenant, w->person_id, competency_id)) {
        level_key key = { w->req->tenant, w->person_id, competency_id };
        said_record said;

        competency_state_get_said(w->state, &key, &said);
        if (said.level.assessed && !is_asked_for(w, competency_id))
            add_item(w, competency_id, &said);
    }
}

/* Who the person is: roles of any kind. */
static void add_roles(profile_walk *w)
{
    px_role_list held = px_roles_of(w->state, w->req->tenant, w->person_id);
    char main_id[PX_ID_SIZE], aspiration[PX_ID_SIZE];
    Competency__Profile *profile = w->profile;
    px_arena *arena = w->req->arena;
    role_record role;

    px_roles_get_slot(w->state, w->req->tenant, w->person_id, PX_ROLE_MAIN, main_id);
    px_roles_get_slot(w->state, w->req->tenant, w->person_id, PX_ROLE_ASPIRATION, aspiration);
    competency_state_get_role(w->state, w->req->tenant, main_id, &role);
    profile->role_id = px_arena_strdup(arena, main_id);
    profile->role_title = px_arena_strdup(arena, role.title);
    profile->aspiration_role_id = px_arena_strdup(arena, aspiration);
    profile->held_role_ids = px_arena_alloc(arena, held.count * sizeof(char *));
    for (size_t i = 0; profile->held_role_ids && i < held.count; i++)
        profile->held_role_ids[profile->n_held_role_ids++] = px_arena_strdup(arena, held.ids[i]);
    w->asking = held;
    if (aspiration[0] && held.count < PX_ROLES_MAX && !px_role_list_has(&held, aspiration))
        memcpy(w->asking.ids[w->asking.count++], aspiration, sizeof aspiration);
}

px_status query_get_profile(const px_view *state, const px_request *req, px_reply *reply)
{
    const Competency__GetProfile *q = req->body;

    if (!px_people_is_known(state, req->tenant, q->person_id))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "person_id");
    if (!px_people_may_view(state, req->tenant, q->viewer_id, q->person_id))
        return px_reply_refuse(reply, PX_REASON_FORBIDDEN, "viewer_id");

    Competency__Profile *profile = px_reply_new(reply, &competency__profile__descriptor);
    profile_walk walk = {
        .state = state, .req = req, .person_id = q->person_id, .profile = profile
    };
    profile->person_id = q->person_id;
    profile->as_of_seq = px_view_cursor(state);
    profile->items = px_arena_alloc(req->arena, ITEMS_MAX * sizeof(Competency__ProfileItem *));
    add_roles(&walk);
    if (profile->items) {
        add_asked_for(&walk);
        add_known_beside(&walk);
    }
    return px_arena_overflowed(req->arena) ? PX_ENOMEM : PX_OK;
}

/* ---- role ---- */

static void add_target(const px_view *state, const px_request *req, Competency__Role *role,
                       const char *competency_id)
{
    Competency__RoleTarget *target = px_arena_alloc(req->arena, sizeof *target);
    px_requirement asked = px_roles_target(state, req->tenant, role->role_id, competency_id);
    target_words words;

    if (!target || role->n_targets == ITEMS_MAX)
        return;
    competency_state_get_target(state, req->tenant, role->role_id, competency_id, &words);
    *target = (Competency__RoleTarget)COMPETENCY__ROLE_TARGET__INIT;
    target->competency_id = px_arena_strdup(req->arena, competency_id);
    target->title = title_of(state, req, competency_id);
    target->level_name = px_arena_strdup(req->arena, words.level_name);
    target->indicator = px_arena_strdup(req->arena, words.indicator);
    target->target = asked.target;
    target->weight = asked.weight;
    role->targets[role->n_targets++] = target;
}

px_status query_get_role(const px_view *state, const px_request *req, px_reply *reply)
{
    const Competency__GetRole *q = req->body;
    char competency_id[PX_ID_SIZE] = "";
    role_record record;

    if (!competency_state_get_role(state, req->tenant, q->role_id, &record))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "role_id");

    Competency__Role *role = px_reply_new(reply, &competency__role__descriptor);
    role->role_id = q->role_id;
    role->title = px_arena_strdup(req->arena, record.title);
    role->role_family = px_arena_strdup(req->arena, record.family);
    role->holders = (Competency__RoleHolders)record.holders;
    role->unit_id = px_arena_strdup(req->arena, record.unit_id);
    role->as_of_seq = px_view_cursor(state);
    role->targets = px_arena_alloc(req->arena, ITEMS_MAX * sizeof(Competency__RoleTarget *));
    while (role->targets && px_roles_next_target(state, req->tenant, q->role_id, competency_id))
        add_target(state, req, role, competency_id);
    return px_arena_overflowed(req->arena) ? PX_ENOMEM : PX_OK;
}
