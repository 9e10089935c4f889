/* state_evidence.h: the pieces of evidence that levels were made of. */
#ifndef PRAXIS_COMPETENCY_STATE_EVIDENCE_H
#define PRAXIS_COMPETENCY_STATE_EVIDENCE_H

#include "services/competency/state.h"

/**
 * A piece of evidence as it stands. All stand in the order they were heard, so that one
 * more changes no row of before: each names the one before of its level, said_record the last.
 */
typedef struct {
    uint64_t place, before; /* before: 0 = it is the first of its level */
    uint64_t number;        /* in the level's own count (said_record) */
    evidence e;
} evidence_row;

typedef struct {
    evidence_row *rows;
    size_t count;
} evidence_list;

/** Those of the level whose last one stands there, in the order they were heard. */
evidence_list competency_state_evidence(const px_view *state, uint64_t last);
void competency_state_free_evidence(evidence_list *list);
/** Behind all others; `said` is to be put afterwards. */
void competency_state_add_evidence(px_txn *state, said_record *said, uint64_t number,
                                   const evidence *e);
/** Of a level that loses all of them. */
void competency_state_del_evidence(px_txn *state, const evidence_list *list);
/** Removes the rows of this kind and ref (`removed` is one of them), and hears the others again, in
 * their order; `here` is to be put afterwards. @return whether there was any */
bool competency_state_remove_evidence(px_txn *state, heard_record *here, evidence_kind kind,
                                      const char *ref, evidence *removed);
/** A competency of which this person has a row of this kind and ref. */
bool competency_state_find_evidence(const px_view *state, const char *tenant, const char *person_id,
                                    evidence_kind kind, const char *ref,
                                    char competency_id[PX_ID_SIZE]);

#endif
