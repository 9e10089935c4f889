/* state.h: the records of competency beside people (common/people.h) and what is asked of whom
 * (common/roles.h). What is known of one competency of one person: state_level.c. The words of
 * competencies and roles: state.c.
 */
#ifndef PRAXIS_COMPETENCY_STATE_H
#define PRAXIS_COMPETENCY_STATE_H

#include "common/people.h"
#include "common/roles.h"
#include "services/competency/estimate.h"
#include "services/competency/level_key.h"
#include "services/competency/said.h"
#include "services/competency/state_learned.h"

enum {
    TITLE_SIZE = 4 * 200 + 1, /* 200 characters of UTF-8 */
    FAMILY_SIZE = 4 * 120 + 1,
    LEVEL_NAME_SIZE = 4 * 80 + 1,
    INDICATOR_SIZE = 4 * 1000 + 1,
    VERSION_SIZE = 4 * 80 + 1,
    LEVELS_MAX = 10
};

/* ---- competencies and roles ---- */

typedef struct {
    char title[TITLE_SIZE];
    uint8_t family;          /* CompetencyFamily of the contract */
    uint8_t proficient_from; /* places of levels, from 1 */
    uint8_t default_level;
    uint32_t valid_days; /* 0 = for ever */
    uint8_t level_count;
    char level_names[LEVELS_MAX][LEVEL_NAME_SIZE]; /* lowest first */
    char framework_id[PX_ID_SIZE];                 /* "" for none */
    char framework_version[VERSION_SIZE];          /* when it was last defined */
    char parent_id[PX_ID_SIZE];                    /* "" for none */
} competency_record;

typedef struct {
    char title[TITLE_SIZE];
    char family[FAMILY_SIZE];
    uint8_t holders; /* px_holders */
    char unit_id[PX_ID_SIZE];
} role_record;

/** The words of a target; its figures are in common/roles.h. */
typedef struct {
    char level_name[LEVEL_NAME_SIZE];
    char indicator[INDICATOR_SIZE];
} target_words;

bool competency_state_get(const px_view *state, const char *tenant, const char *competency_id,
                          competency_record *out);
void competency_state_put(px_txn *state, const char *tenant, const char *competency_id,
                          const competency_record *competency);
/** Place of the level with this name, from 1; 0 when there is none. */
uint8_t competency_level_place(const competency_record *competency, const char *level_name);
bool competency_state_get_role(const px_view *state, const char *tenant, const char *role_id,
                               role_record *out);
void competency_state_put_role(px_txn *state, const char *tenant, const char *role_id,
                               const role_record *role);
/** All empty when the role does not ask for the competency. */
void competency_state_get_target(const px_view *state, const char *tenant, const char *role_id,
                                 const char *competency_id, target_words *out);
void competency_state_put_target(px_txn *state, const char *tenant, const char *role_id,
                                 const char *competency_id, const target_words *target);
void competency_state_del_target(px_txn *state, const char *tenant, const char *role_id,
                                 const char *competency_id);

bool competency_state_has_assessment(const px_view *state, const char *tenant,
                                     const char *assessment_id);
void competency_state_put_assessment(px_txn *state, const char *tenant, const char *assessment_id);

/* ---- one competency of one person ---- */

/** What one piece of evidence moves: one record, with the marks of the key KEY_LEVEL. */
typedef struct {
    px_marks marks; /* as read */
    said_record said;
    standing standing;
} heard_record;

/** @return false when nothing was ever heard of the key; `out` is then all zero but its marks */
bool competency_state_get_heard(const px_view *state, const level_key *key, heard_record *out);
/** Keeps the index of what waits in step. `mark`: marks the key KEY_LEVEL too, which nobody else
 * did since it was read. */
void competency_state_put_heard(px_txn *state, const level_key *key, const heard_record *heard,
                                bool mark);

/** All zero when nothing was heard. */
standing competency_state_get_standing(const px_view *state, const level_key *key);
/** One that is not known is removed. */
void competency_state_put_standing(px_txn *state, const level_key *key, const standing *s);

/** @return false when nothing was ever heard of the key; `out` is then all zero */
bool competency_state_get_said(const px_view *state, const level_key *key, said_record *out);
/** Keeps the index of what waits in step. */
void competency_state_put_said(px_txn *state, const level_key *key, const said_record *said);
/** The next competency after `competency_id` ("" to begin) of which anything was ever heard; the
 * state may change between calls. */
bool competency_state_next_heard(const px_view *state, const char *tenant, const char *person_id,
                                 char competency_id[PX_ID_SIZE]);
/** The first key of the tenant that waits for company or for a cycle to share. */
bool competency_state_first_waiting(const px_view *state, const char *tenant,
                                    char person_id[PX_ID_SIZE], char competency_id[PX_ID_SIZE]);

/** A follow-up whose result is not said yet. */
typedef struct {
    uint32_t count;
    px_pending pending[PX_PENDING_MAX];
    double gain, var;
    control_record control; /* in the quarters from the completion to the last rating */
} observed_record;

/** The oldest one after `number`, which moves on to it; 0 to begin. */
bool competency_state_next_observed(const px_view *state, const level_key *key, uint64_t *number,
                                    observed_record *out);
void competency_state_put_observed(px_txn *state, const level_key *key, uint64_t number,
                                   const observed_record *observed);
void competency_state_del_observed(px_txn *state, const level_key *key, uint64_t number);

/** Forgets everything about a person, also as a rater. Assessment ids stay taken, by nobody. */
void competency_state_drop_person(px_txn *state, const char *tenant, const char *person_id);

#endif
