/* state_need.h: of whom a need shows, by unit and competency, kept in step with what shows it. */
#ifndef PRAXIS_COMPETENCY_STATE_NEED_H
#define PRAXIS_COMPETENCY_STATE_NEED_H

#include "common/replaced.h"
#include "services/competency/state.h"

/** How a need shows: NeedDetector of the contract. Stored: only add. */
typedef enum { NEED_SAME_GAP = 1, NEED_FEEDBACK = 2, NEED_NO_EFFECT = 3 } need_detector;
enum {
    NEED_DETECTORS_END = 4,
    NEED_PEOPLE_MIN = 5, /* nothing is ever said of fewer */
    NEED_REFS_MAX = 8    /* of what it shows by, for one person */
};

/** A group of people that may share a need. */
typedef struct {
    char unit_id[PX_ID_SIZE], competency_id[PX_ID_SIZE];
    uint8_t detector; /* need_detector */
} need_key;

/** How many people are many; 0 = the detector is off. */
uint32_t competency_state_get_need_rule(const px_view *state, const char *tenant, uint8_t detector);
/** Every group is looked at by it. */
void competency_state_put_need_rule(px_txn *state, const char *tenant, uint8_t detector,
                                    uint32_t people);
/** Of how many people of the unit the need shows now. */
uint32_t competency_state_count_need(const px_view *state, const char *tenant, const need_key *key);
/** The next person after `person_id` ("" to begin) of the unit of whom it shows. */
bool competency_state_next_in_need(const px_view *state, const char *tenant, const need_key *key,
                                   char person_id[PX_ID_SIZE]);
/** What it shows by, of one person: ids of feedback, or of items; the first ones, and none of a
 * gap, which a person has once. @return how many */
size_t competency_state_need_refs(const px_view *state, const level_key *key, uint8_t detector,
                                  char refs[NEED_REFS_MAX][PX_ID_SIZE]);
/** Of how many it was said; 0 = never. */
uint32_t competency_state_get_need_said(const px_view *state, const char *tenant,
                                        const need_key *key);
void competency_state_put_need_said(px_txn *state, const char *tenant, const need_key *key,
                                    uint32_t people);
need_key competency_state_need_key(px_bytes rest);

/** Learning that has changed nothing: the items that were looked at together. */
typedef struct {
    uint8_t count; /* 0 = there is none */
    char item_ids[PX_PENDING_MAX][PX_ID_SIZE];
} idle_items;

/** Constructive feedback came in on something, or was taken back (giver_id NULL). */
void competency_state_note_critic(px_txn *state, const level_key *key, const char *feedback_id,
                                  const char *giver_id);
/** What was looked at last, if it has changed nothing. */
void competency_state_note_no_effect(px_txn *state, const level_key *key, const idle_items *items);

/** Something about one competency of a known person has changed: they are among those of whom a
 * need shows, or no longer. */
void need_refresh(px_txn *state, const level_key *key);
/** The person is about to be in another unit, or gone: in this one it shows of them no longer. */
void need_leave(px_txn *state, const level_key *key);
/** Its competency ended: what showed a need of the person shows one of what took its place. */
void need_replace(px_txn *state, const level_key *key, const px_successors *by);
/** The same of what was said of groups, so that a number said twice tells nothing new. */
void need_replace_said(px_txn *state, const char *tenant, const char *old_id,
                       const px_successors *by);

#endif
