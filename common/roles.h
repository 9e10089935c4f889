/* roles.h: what several services know of roles, projected from the facts of competency and
 * feedback-ingest: what each role asks for, who holds it, and so what is asked of a person.
 *
 * A person holds the role of their job (main), at most one track, and every role whose rule they
 * meet: all people, the people of a unit and of those below it, everybody who manages somebody. So
 * core competencies come with a role that everybody holds, leadership ones with a role of managers
 * or of a track. A role they aspire to (career) is kept apart. All of it is by tenant.
 *
 * Who uses this module lets it project people and units, in place of people.h.
 */
#ifndef PRAXIS_COMMON_ROLES_H
#define PRAXIS_COMMON_ROLES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/people.h"
#include "common/service.h"
#include "common/store.h"

enum { PX_ROLES_MAX = 32 /* of one person; further ones, in the order of ids, do not count */ };

/** Who holds a role: RoleHolders of the contract. Stored: only add. */
typedef enum {
    PX_HOLDERS_ASSIGNED = 0, /* to whom it is given */
    PX_HOLDERS_EVERYBODY = 1,
    PX_HOLDERS_UNIT = 2,    /* the people of a unit and of the units below it */
    PX_HOLDERS_MANAGERS = 3 /* who manages at least one active person */
} px_holders;

/** What a role that is given to a person is to them: RoleSlot of the contract. Stored: only add. */
typedef enum { PX_ROLE_MAIN = 0, PX_ROLE_TRACK = 1, PX_ROLE_ASPIRATION = 2 } px_role_slot;
enum { PX_ROLE_SLOTS = 3 };

/** Role ids, ascending, each once. */
typedef struct {
    size_t count;
    char ids[PX_ROLES_MAX][PX_ID_SIZE];
} px_role_list;

bool px_role_list_has(const px_role_list *list, const char *role_id);

/** What is asked of somebody in one competency. */
typedef struct {
    char role_id[PX_ID_SIZE]; /* the role that asks for it */
    double target;            /* level on 1..5; 0 when nothing is asked */
    double weight;            /* in the role, times that of the strategy */
} px_requirement;

/* ---- reading ---- */

/** The role in this slot, "" for none. */
void px_roles_get_slot(const px_view *state, const char *tenant, const char *person_id,
                       px_role_slot slot, char role_id[PX_ID_SIZE]);
/** The roles an active person holds now, aspirations not among them. */
px_role_list px_roles_of(const px_view *state, const char *tenant, const char *person_id);
/**
 * The strongest that any of the person's roles asks: the highest target; of equal ones the lowest
 * role id.
 */
px_requirement px_roles_requirement(const px_view *state, const char *tenant, const char *person_id,
                                    const char *competency_id);
/** The same of these roles. */
px_requirement px_roles_strongest(const px_view *state, const char *tenant,
                                  const px_role_list *roles, const char *competency_id);
/** What the aspiration asks beyond that; target 0 when it asks no more. */
px_requirement px_roles_career(const px_view *state, const char *tenant, const char *person_id,
                               const char *competency_id);
/** What one role asks, without the strategy; target 0 when it does not ask for the competency. */
px_requirement px_roles_target(const px_view *state, const char *tenant, const char *role_id,
                               const char *competency_id);
/** The next competency after `competency_id` ("" to begin) that the role asks for. */
bool px_roles_next_target(const px_view *state, const char *tenant, const char *role_id,
                          char competency_id[PX_ID_SIZE]);
/** The next competency after `competency_id` ("" to begin) that any role of the list asks for. */
bool px_roles_next_asked(const px_view *state, const char *tenant, const px_role_list *roles,
                         char competency_id[PX_ID_SIZE]);
/** The next person after `person_id` ("" to begin) who holds the role or aspires to it. */
bool px_roles_next_holder(const px_view *state, const char *tenant, const char *role_id,
                          char person_id[PX_ID_SIZE]);
/** Whether the person, active, meets a rule: PX_HOLDERS_ASSIGNED is met by nobody. */
bool px_roles_meets(const px_view *state, const char *tenant, const char *person_id,
                    px_holders rule, const char *unit_id);
/** Whether the unit is known. */
bool px_roles_has_unit(const px_view *state, const char *tenant, const char *unit_id);
/** The roles the person would hold with this one in the slot ("" for none): what an assignment
 * changes. */
px_role_list px_roles_with(const px_view *state, const char *tenant, const char *person_id,
                           px_role_slot slot, const char *role_id);

/* ---- projecting ---- */

/** What somebody holds has changed; aspirations are not in the lists. */
typedef void px_roles_moved_fn(px_txn *state, const char *tenant, const char *person_id,
                               const px_role_list *before, const px_role_list *after);

/** PersonRecorded and PersonErased, also for people.h; UnitRecorded. */
void px_roles_project_person(px_txn *state, const px_fact *fact, px_roles_moved_fn *moved);
void px_roles_project_erased(px_txn *state, const px_fact *fact, px_roles_moved_fn *moved);
void px_roles_project_unit(px_txn *state, const px_fact *fact, px_roles_moved_fn *moved);
/** RoleDefined, RoleTargetSet, RoleAssigned. An aspiration moves nobody. */
void px_roles_project_defined(px_txn *state, const px_fact *fact, px_roles_moved_fn *moved);
void px_roles_project_target(px_txn *state, const px_fact *fact);
void px_roles_project_assigned(px_txn *state, const px_fact *fact, px_roles_moved_fn *moved);
/** StrategyItemDeclared, StrategyItemRetired: gaps in its competencies weigh more, or no longer. */
void px_roles_project_strategy_declared(px_txn *state, const px_fact *fact);
void px_roles_project_strategy_retired(px_txn *state, const px_fact *fact);
/** Whether the strategy item is in force and asks for the competency. */
bool px_roles_is_strategic(const px_view *state, const char *tenant, const char *competency_id,
                           const char *strategy_item_id);

#endif
