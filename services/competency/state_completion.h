/* state_completion.h: completed items that are evidence, as their catalogue says. */
#ifndef PRAXIS_COMPETENCY_STATE_COMPLETION_H
#define PRAXIS_COMPETENCY_STATE_COMPLETION_H

#include "services/competency/state.h"

/** One item completed by one person, as evidence of one competency. */
typedef struct {
    level_key key;
    const char *item_id;
} completion_key;

typedef struct {
    uint8_t action;    /* CompletionEvidence of learning-recommender's contract */
    double level_to;   /* highest level the item is made for */
    int64_t earned_us; /* when it was completed */
    uint32_t times;    /* how often so far */
    bool voided;       /* it was not, after all */
} completion_record;

/** All zero, and false, when there is none. */
bool competency_state_get_completion(const px_view *state, const completion_key *key,
                                     completion_record *out);
/** Stores it, and it is looked at (KEY_COMPLETION). */
void competency_state_put_completion(px_txn *state, const completion_key *key,
                                     completion_record record);
/** Marks as voided what the item was evidence of. */
void competency_state_void_completions(px_txn *state, const char *tenant, const char *person_id,
                                       const char *item_id);
/** Forgets all of a person's. */
void competency_state_drop_completions(px_txn *state, const char *tenant, const char *person_id);

/** The evidence id of a completion: the same for the same completion, of no other, also when the
 * person's id was another's before. */
void completion_evidence_id(const px_view *state, const completion_key *key,
                            const completion_record *record, char evidence_id[PX_ID_SIZE]);

/** A dirty key read back; `of` points into it: it must not be moved. */
typedef struct {
    char person_id[PX_ID_SIZE], competency_id[PX_ID_SIZE], item_id[PX_ID_SIZE];
    completion_key of;
} completion_ids;
void completion_key_read(completion_ids *out, const px_key *dirty);

#endif
