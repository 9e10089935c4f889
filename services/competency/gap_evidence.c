/* gap_evidence.c: walks the evidence of a key, which is done when there is news of its gap. */
#include "services/competency/gap_evidence.h"

#include <string.h>

#include "services/competency/state_evidence.h"

/* The oldest one makes room. A review that rates both facets is named once. */
static void name_last(evidence_ids *list, const char *id)
{
    if (list->count > 0 && strcmp(list->ids[list->count - 1], id) == 0)
        return;
    if (list->count == GAP_EVIDENCE_MAX)
        memmove(list->ids[0], list->ids[1], --list->count * sizeof list->ids[0]);
    memcpy(list->ids[list->count++], id, PX_ID_SIZE);
}

void gap_evidence(const px_view *state, const level_key *key, uint64_t through, evidence_ids *open,
                  evidence_ids *secret)
{
    said_record said;

    open->count = secret->count = 0;
    competency_state_get_said(state, key, &said);
    evidence_list list = competency_state_evidence(state, said.evidence);
    for (size_t i = 0; i < list.count && list.rows[i].number <= through; i++) {
        const evidence *e = &list.rows[i].e;

        if (e->kind != EVIDENCE_FOLLOW_UP)
            name_last(evidence_is_protected(e) ? secret : open, e->ref);
    }
    competency_state_free_evidence(&list);
}
