/* state_attainment.h: the records of evidence, of what was said to be attained by it, and of rules.
 */
#ifndef PRAXIS_COMPETENCY_STATE_ATTAINMENT_H
#define PRAXIS_COMPETENCY_STATE_ATTAINMENT_H

#include "services/competency/attainment.h"
#include "services/competency/state.h"

/* ---- evidence ---- */

/** Where a piece stands. Stored: only add. */
typedef enum {
    EVIDENCE_WAITING = 1, /* prior learning handed in */
    EVIDENCE_IN_REVIEW = 2,
    EVIDENCE_REJECTED = 3,
    EVIDENCE_RECORDED = 4,
    EVIDENCE_SUPERSEDED = 5
} evidence_status;

/** What an evidence id stands for; superseded, or of an erased person, only that it is taken. */
typedef struct {
    char person_id[PX_ID_SIZE], competency_id[PX_ID_SIZE];
    uint64_t number; /* 0 = there is no row any more */
    uint8_t status;  /* evidence_status */
    uint8_t source;
    uint8_t level;
} evidence_ref;

bool competency_state_get_evidence_ref(const px_view *state, const char *tenant,
                                       const char *evidence_id, evidence_ref *out);
void competency_state_put_evidence_ref(px_txn *state, const char *tenant, const char *evidence_id,
                                       const evidence_ref *ref);

void competency_state_put_action(px_txn *state, const level_key *key, uint64_t number,
                                 const action_row *row);
void competency_state_del_action(px_txn *state, const level_key *key, uint64_t number);
/** Removes the piece with this id. @return whether there was one */
bool competency_state_remove_action(px_txn *state, const level_key *key, const char *evidence_id);
/** The first one after `number`, which moves on to it; 0 to begin. The state may change between
 * calls. */
bool competency_state_action_after(const px_view *state, const level_key *key, uint64_t *number,
                                   action_row *out);

/** Walks the evidence of a key in the order of its arrival; the caller ends it. */
typedef struct {
    px_scan scan;
} action_scan;
void competency_state_scan_actions(action_scan *scan, const px_view *state, const level_key *key);
bool competency_state_next_action(action_scan *scan, action_row *out);
void competency_state_end_actions(action_scan *scan);

/* ---- what was said ---- */

typedef struct {
    uint64_t count;  /* pieces of evidence ever, which numbers them */
    uint8_t reason;  /* AttainmentReason of what came last */
    uint8_t noticed; /* days of the last notice of a lapse; 0 = none yet */
    bool rule_met;
    bool lapsed;    /* there was a level that lapsed, and none has been said since */
    attainment now; /* as last said */
} attained_record;

/** @return false when there never was evidence or a rule; `out` is then all zero */
bool competency_state_get_attained(const px_view *state, const level_key *key,
                                   attained_record *out);
/** Keeps the people of each competency findable. */
void competency_state_put_attained(px_txn *state, const level_key *key,
                                   const attained_record *record);
/** The next competency after `competency_id` ("" to begin) of which the person has such a record.
 */
bool competency_state_next_attained(const px_view *state, const char *tenant, const char *person_id,
                                    char competency_id[PX_ID_SIZE]);
/** The next person after `person_id` ("" to begin) with evidence of the competency. */
bool competency_state_next_attaining(const px_view *state, const char *tenant,
                                     const char *competency_id, char person_id[PX_ID_SIZE]);

/* ---- rules ---- */

enum { RULE_CHILDREN_MAX = 64 };

typedef struct {
    char competency_id[PX_ID_SIZE];
    uint32_t points;
    bool required;
} rule_child;

typedef struct {
    uint8_t kind, outcome; /* of the contract */
    uint32_t points_needed;
    uint8_t child_count;
    rule_child children[RULE_CHILDREN_MAX];
} rule_record;

bool competency_state_get_rule(const px_view *state, const char *tenant, const char *competency_id,
                               rule_record *out);
/** Kind 0 removes it. Keeps the parents of each child findable. */
void competency_state_put_rule(px_txn *state, const char *tenant, const char *competency_id,
                               const rule_record *rule);
/** The next parent after `parent_id` ("" to begin) whose rule names the child. */
bool competency_state_next_parent(const px_view *state, const char *tenant, const char *child_id,
                                  char parent_id[PX_ID_SIZE]);

/** Forgets the person's evidence; its ids stay taken, by nobody. */
void competency_state_drop_attained(px_txn *state, const char *tenant, const char *person_id);

#endif
