/* state.h: the records of reporting beside people and roles (common/people.h, common/roles.h):
 * where people are counted, their levels, the reviews and plans that are counted. */
#ifndef PRAXIS_REPORTING_STATE_H
#define PRAXIS_REPORTING_STATE_H

#include "common/arena.h"
#include "common/keys.h"
#include "common/people.h"
#include "common/roles.h"

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

/* ---- active people by unit and role set ---- */

enum { ROLE_SET_SIZE = PX_ID_SIZE };

/** Where a person is counted; not at all unless active. A role set is all roles somebody holds: who
 * holds the same ones is asked the same. */
typedef struct {
    bool active;
    char unit_id[PX_ID_SIZE];
    char role_set[ROLE_SET_SIZE]; /* "" for no role, the role's id for one */
} place;

/** All zero when the person is not counted. */
place reporting_state_get_place(const px_view *state, const char *tenant, const char *person_id);
/** Counts the person there, and nowhere else. */
void reporting_state_put_place(px_txn *state, const char *tenant, const char *person_id,
                               const place *at);
/** The name of a role set, which is kept so that the roles can be found again. */
void reporting_state_name_role_set(px_txn *state, const char *tenant, const px_role_list *roles,
                                   char role_set[ROLE_SET_SIZE]);
px_role_list reporting_state_get_role_set(const px_view *state, const char *tenant,
                                          const char *role_set);
/** The role sets people of the unit have, "" among them when somebody has no role. */
void reporting_state_walk_role_sets(id_walk *walk, const px_view *state, const char *tenant,
                                    const char *unit_id);
void reporting_state_walk_members(id_walk *walk, const px_view *state, const char *tenant,
                                  const char *unit_id, const char *role_set);
/** The units with active people who hold the role. */
void reporting_state_walk_units_of_role(id_walk *walk, const px_view *state, const char *tenant,
                                        const char *role_id);
/** Active people of the tenant. */
uint32_t reporting_state_get_headcount(const px_view *state, const char *tenant);
void reporting_state_add_headcount(px_txn *state, const char *tenant, int32_t change);

/* ---- competencies ---- */

/** Whether the role asks for the competency. */
void reporting_state_put_asking(px_txn *state, const char *tenant, const char *role_id,
                                const char *competency_id, bool asks);
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
