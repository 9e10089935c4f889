/* query.c: a person's levels against the role, and what a role asks for. A profile shows what was
 * said, never what still waits for company.
 */
#include "common/people.h"
#include "praxis/competency/v1/query.pb-c.h"
#include "services/competency/figures_event.h"
#include "services/competency/service.h"
#include "services/competency/state.h"

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
    const char *person_id, *role_id;
    Competency__Profile *profile;
} profile_walk;

static void add_item(const profile_walk *w, const char *competency_id, const said_record *said,
                     const target_record *target)
{
    Competency__ProfileItem *item = px_arena_alloc(w->req->arena, sizeof *item);

    if (!item || w->profile->n_items == ITEMS_MAX)
        return;
    *item = (Competency__ProfileItem)COMPETENCY__PROFILE_ITEM__INIT;
    item->competency_id = px_arena_strdup(w->req->arena, competency_id);
    item->title = title_of(w->state, w->req, competency_id);
    item->target = target->target;
    item->weight = target->weight;
    item->gap_open = said->gap_open;
    if (said->level.assessed) {
        item->estimate = figures_to_event(&said->level, w->req->arena);
        if (target->target != 0.0)
            item->probability =
                px_gap_probability(target->target - said->level.mu, said->level.var);
    }
    w->profile->items[w->profile->n_items++] = item;
}

static void add_asked_for(const profile_walk *w)
{
    char competency_id[PX_ID_SIZE] = "";

    while (competency_state_next_target(w->state, w->req->tenant, w->role_id, competency_id)) {
        level_key key = { w->req->tenant, w->person_id, competency_id };
        target_record target;
        said_record said;

        competency_state_get_target(w->state, w->req->tenant, w->role_id, competency_id, &target);
        competency_state_get_said(w->state, &key, &said);
        add_item(w, competency_id, &said, &target);
    }
}

static void add_known_beside(const profile_walk *w)
{
    char competency_id[PX_ID_SIZE] = "";

    while (competency_state_next_heard(w->state, w->req->tenant, w->person_id, competency_id)) {
        level_key key = { w->req->tenant, w->person_id, competency_id };
        target_record target;
        said_record said;

        competency_state_get_said(w->state, &key, &said);
        if (said.level.assessed && !competency_state_get_target(w->state, w->req->tenant,
                                                                w->role_id, competency_id, &target))
            add_item(w, competency_id, &said, &target);
    }
}

px_status query_get_profile(const px_view *state, const px_request *req, px_reply *reply)
{
    const Competency__GetProfile *q = req->body;
    char role_id[PX_ID_SIZE];
    role_record role;

    if (!px_people_is_known(state, req->tenant, q->person_id))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "person_id");
    if (!px_people_may_view(state, req->tenant, q->viewer_id, q->person_id))
        return px_reply_refuse(reply, PX_REASON_FORBIDDEN, "viewer_id");

    Competency__Profile *profile = px_reply_new(reply, &competency__profile__descriptor);
    competency_state_get_role_of(state, req->tenant, q->person_id, role_id);
    competency_state_get_role(state, req->tenant, role_id, &role);
    profile->person_id = q->person_id;
    profile->role_id = px_arena_strdup(req->arena, role_id);
    profile->role_title = px_arena_strdup(req->arena, role.title);
    profile->as_of_seq = px_view_cursor(state);
    profile->items = px_arena_alloc(req->arena, ITEMS_MAX * sizeof(Competency__ProfileItem *));
    if (profile->items) {
        profile_walk walk = { state, req, q->person_id, role_id, profile };
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
    target_record record;

    if (!target || role->n_targets == ITEMS_MAX)
        return;
    competency_state_get_target(state, req->tenant, role->role_id, competency_id, &record);
    *target = (Competency__RoleTarget)COMPETENCY__ROLE_TARGET__INIT;
    target->competency_id = px_arena_strdup(req->arena, competency_id);
    target->title = title_of(state, req, competency_id);
    target->level_name = px_arena_strdup(req->arena, record.level_name);
    target->target = record.target;
    target->weight = record.weight;
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
    role->as_of_seq = px_view_cursor(state);
    role->targets = px_arena_alloc(req->arena, ITEMS_MAX * sizeof(Competency__RoleTarget *));
    while (role->targets &&
           competency_state_next_target(state, req->tenant, q->role_id, competency_id))
        add_target(state, req, role, competency_id);
    return px_arena_overflowed(req->arena) ? PX_ENOMEM : PX_OK;
}
