/* query_potential.c: who is suggested as a high potential: to HR partners, and to nobody else. */
#include <string.h>

#include "common/people.h"
#include "common/record.h"
#include "praxis/competency/v1/query.pb-c.h"
#include "services/competency/service.h"
#include "services/competency/state_potential.h"

enum { ITEMS_MAX = 500 };

static Competency__HighPotential *item_of(const char *person_id, const potential_record *record,
                                          px_arena *arena)
{
    const potential_evidence *e = &record->evidence;
    Competency__HighPotential *item = px_arena_alloc(arena, sizeof *item);

    if (!item)
        return NULL;
    *item = (Competency__HighPotential)COMPETENCY__HIGH_POTENTIAL__INIT;
    item->person_id = px_arena_strdup(arena, person_id);
    item->status = (Competency__HighPotentialStatus)record->status;
    item->rule_version = record->rule_version;
    item->cycle_ids = px_ids_copy(e->cycle_ids, e->cycle_count, arena);
    item->n_cycle_ids = item->cycle_ids ? e->cycle_count : 0;
    item->competency_ids = px_ids_copy(e->competency_ids, e->competency_count, arena);
    item->n_competency_ids = item->competency_ids ? e->competency_count : 0;
    item->by_id = px_arena_strdup(arena, record->by_id);
    return item;
}

px_status query_get_high_potentials(const px_view *state, const px_request *req, px_reply *reply)
{
    const Competency__GetHighPotentials *q = req->body;
    char person_id[PX_ID_SIZE];
    potential_record record;

    if (!px_people_is_hr_partner(state, req->tenant, q->viewer_id))
        return px_reply_refuse(reply, PX_REASON_FORBIDDEN, "viewer_id");
    Competency__HighPotentials *answer =
        px_reply_new(reply, &competency__high_potentials__descriptor);

    answer->as_of_seq = px_view_cursor(state);
    answer->items = px_arena_alloc(req->arena, ITEMS_MAX * sizeof(Competency__HighPotential *));
    px_record_set_text(person_id, sizeof person_id, q->after_person_id);
    while (answer->items && competency_state_next_potential(state, req->tenant, person_id)) {
        /* About themself an HR partner is a person like any other. */
        if (strcmp(person_id, q->viewer_id) == 0 ||
            !competency_state_get_potential(state, req->tenant, person_id, &record) ||
            record.status == POTENTIAL_NONE)
            continue;
        answer->more = answer->n_items == ITEMS_MAX;
        if (answer->more)
            break;
        answer->items[answer->n_items] = item_of(person_id, &record, req->arena);
        if (!answer->items[answer->n_items])
            break;
        answer->n_items++;
    }
    return px_arena_overflowed(req->arena) ? PX_ENOMEM : PX_OK;
}
