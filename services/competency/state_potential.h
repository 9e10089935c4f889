/* state_potential.h: where people were placed in the matrix, the rule for high potentials, and what
 * was suggested of whom. */
#ifndef PRAXIS_COMPETENCY_STATE_POTENTIAL_H
#define PRAXIS_COMPETENCY_STATE_POTENTIAL_H

#include "common/people.h"

enum { POTENTIAL_CYCLES_MAX = 12, POTENTIAL_COMPETENCIES_MAX = 16 };

typedef struct {
    uint32_t version;    /* 0 = there never was a rule */
    uint8_t top_cell_in; /* 0 = there is none now */
    uint8_t of_cycles;
    uint8_t leadership_competencies;
} potential_rule;

/** A place in the matrix of what and how. */
typedef struct {
    int64_t cycle_ends_us;
    uint8_t column, row; /* from 1; 0 = no place any more */
    uint8_t columns, rows;
} placement;

/** What a suggestion rests on. */
typedef struct {
    uint8_t cycle_count;
    char cycle_ids[POTENTIAL_CYCLES_MAX][PX_ID_SIZE]; /* newest first */
    uint8_t competency_count;
    char competency_ids[POTENTIAL_COMPETENCIES_MAX][PX_ID_SIZE];
} potential_evidence;

/** HighPotentialStatus of the contract. Stored: only add. */
typedef enum {
    POTENTIAL_NONE = 0,
    POTENTIAL_SUGGESTED = 1,
    POTENTIAL_CONFIRMED = 2,
    POTENTIAL_DECLINED = 3
} potential_status;

typedef struct {
    uint8_t status; /* potential_status */
    uint32_t rule_version;
    char by_id[PX_ID_SIZE];      /* who answered */
    potential_evidence evidence; /* of the suggestion */
    potential_evidence declined; /* what was declined last */
} potential_record;

/** What speaks for the person now, by the rule; nothing of who is not here (reconcile_potential.c).
 */
void competency_find_potential(const px_view *state, const char *tenant, const char *person_id,
                               potential_evidence *found);

potential_rule competency_state_get_potential_rule(const px_view *state, const char *tenant);
void competency_state_put_potential_rule(px_txn *state, const char *tenant,
                                         const potential_rule *rule);
/** The next cycle after `cycle_id` ("" to begin) in which the person was placed. */
bool competency_state_next_placement(const px_view *state, const char *tenant,
                                     const char *person_id, char cycle_id[PX_ID_SIZE],
                                     placement *out);
void competency_state_put_placement(px_txn *state, const char *tenant, const char *person_id,
                                    const char *cycle_id, const placement *place);
/** @return false when nothing was ever suggested; `out` is then all zero */
bool competency_state_get_potential(const px_view *state, const char *tenant, const char *person_id,
                                    potential_record *out);
void competency_state_put_potential(px_txn *state, const char *tenant, const char *person_id,
                                    const potential_record *record);
/** The next person after `person_id` ("" to begin) of whom anything was suggested. */
bool competency_state_next_potential(const px_view *state, const char *tenant,
                                     char person_id[PX_ID_SIZE]);
/** Forgets where a person was placed and what was suggested of them. */
void competency_state_drop_potential(px_txn *state, const char *tenant, const char *person_id);

/** Something that a suggestion may rest on has changed; without a rule nothing happens. */
void competency_mark_potential(px_txn *state, const char *tenant, const char *person_id);
/** The same of everybody. */
void competency_mark_potentials(px_txn *state, const char *tenant);

#endif
