/* state.h: the records of reporting beside the people (common/people.h): where people are and what
 * is asked of them, their levels, the reviews and plans that are counted. */
#ifndef PRAXIS_REPORTING_STATE_H
#define PRAXIS_REPORTING_STATE_H

#include "common/arena.h"
#include "common/keys.h"
#include "common/people.h"

enum {
    LABEL_SIZE = 4 * 120 + 1, /* 120 characters of UTF-8: of a unit or a cycle */
    TITLE_SIZE = 4 * 200 + 1  /* of a competency */
};

/** Walks ids in ascending order; embedded by the caller, who closes every walk exactly once. */
typedef struct {
    px_scan scan;
    size_t at; /* where the id starts in each key */
} id_walk;

/** @return false at the end */
bool reporting_state_next(id_walk *walk, char id[PX_ID_SIZE]);
void reporting_state_end(id_walk *walk);

/* ---- group minimum ---- */

/** GROUP_MINIMUM_DEFAULT unless set. */
uint32_t reporting_state_get_minimum(const px_view *state, const char *tenant);
void reporting_state_put_minimum(px_txn *state, const char *tenant, uint32_t minimum);

/* ---- units ---- */

typedef struct {
    char parent_id[PX_ID_SIZE]; /* "" for the top */
    char label[LABEL_SIZE];
} unit_record;

bool reporting_state_get_unit(const px_view *state, const char *tenant, const char *unit_id,
                              unit_record *out);
void reporting_state_put_unit(px_txn *state, const char *tenant, const char *unit_id,
                              const unit_record *unit);
void reporting_state_walk_units(id_walk *walk, const px_view *state, const char *tenant);
/** The units directly below. */
void reporting_state_walk_below(id_walk *walk, const px_view *state, const char *tenant,
                                const char *unit_id);

/* ---- active people by unit and role; role "" for none ---- */

void reporting_state_add_member(px_txn *state, const char *tenant, const char *unit_id,
                                const char *role_id, const char *person_id);
void reporting_state_del_member(px_txn *state, const char *tenant, const char *unit_id,
                                const char *role_id, const char *person_id);
/** The roles people of the unit have, "" among them when somebody has none. */
void reporting_state_walk_roles(id_walk *walk, const px_view *state, const char *tenant,
                                const char *unit_id);
void reporting_state_walk_members(id_walk *walk, const px_view *state, const char *tenant,
                                  const char *unit_id, const char *role_id);
/** The units with active people in the role. */
void reporting_state_walk_units_of_role(id_walk *walk, const px_view *state, const char *tenant,
                                        const char *role_id);
/** Active people of the tenant. */
uint32_t reporting_state_get_headcount(const px_view *state, const char *tenant);
void reporting_state_add_headcount(px_txn *state, const char *tenant, int32_t change);

/* ---- roles and competencies ---- */

/** "" when the person has no role. */
void reporting_state_get_role(const px_view *state, const char *tenant, const char *person_id,
                              char role_id[PX_ID_SIZE]);
/** role_id "": none from now on. */
void reporting_state_put_role(px_txn *state, const char *tenant, const char *person_id,
                              const char *role_id);
/** The level the role asks for; 0 when it does not ask for the competency. */
double reporting_state_get_target(const px_view *state, const char *tenant, const char *role_id,
                                  const char *competency_id);
/** target 0: no longer asked for. */
void reporting_state_put_target(px_txn *state, const char *tenant, const char *role_id,
                                const char *competency_id, double target);
/** The competencies the role asks for. */
void reporting_state_walk_targets(id_walk *walk, const px_view *state, const char *tenant,
                                  const char *role_id);
/** The roles that ask for the competency. */
void reporting_state_walk_asking(id_walk *walk, const px_view *state, const char *tenant,
                                 const char *competency_id);
/** "" when the competency is unknown. */
void reporting_state_get_title(const px_view *state, const char *tenant, const char *competency_id,
                               char title[TITLE_SIZE]);
void reporting_state_put_title(px_txn *state, const char *tenant, const char *competency_id,
                               const char *title);

/* ---- levels of assessed people ---- */

/** @return false when the person is not assessed in the competency */
bool reporting_state_get_level(const px_view *state, const char *tenant, const char *person_id,
                               const char *competency_id, double *mu);
void reporting_state_put_level(px_txn *state, const char *tenant, const char *person_id,
                               const char *competency_id, double mu);
void reporting_state_del_level(px_txn *state, const char *tenant, const char *person_id,
                               const char *competency_id);
/** Forgets all levels of a person. */
void reporting_state_drop_levels(px_txn *state, const char *tenant, const char *person_id);

#endif
