/* roles_impl.h: the rows of roles, as roles.c reads them and roles_project.c writes them. */
#ifndef PRAXIS_COMMON_ROLES_IMPL_H
#define PRAXIS_COMMON_ROLES_IMPL_H

#include "common/keys.h"
#include "common/roles.h"

/** Part of the table, behind the tenant. Stored: only add. */
typedef enum {
    PART_RULE = 1,     /* role -> rule */
    PART_RULED = 2,    /* holders, unit, role -> nothing: roles by their rule */
    PART_TARGET = 3,   /* role, competency -> target and weight */
    PART_SLOT = 4,     /* person, slot -> role */
    PART_HELD = 5,     /* person, role -> nothing: what refresh() worked out */
    PART_HOLDER = 6,   /* role, person -> nothing: held or aspired to */
    PART_REPORT = 7,   /* manager, active report -> nothing */
    PART_UNIT = 8,     /* unit -> the one above */
    PART_STRATEGY = 9, /* competency, strategy item in force -> weight */
    PART_REPLACED = 20 /* ended competency -> what took its place: replaced.c */
} px_roles_part;

/** Tenant and part, and up to two ids: a key, or a prefix of keys. */
px_keybuf px_roles_part_key(px_roles_part part, const char *tenant);
px_keybuf px_roles_key(px_roles_part part, const char *tenant, const char *id);
px_keybuf px_roles_key2(px_roles_part part, const char *tenant, const char *id, const char *id2);
px_keybuf px_roles_slot_key(const char *tenant, const char *person_id, px_role_slot slot);
/** The prefix of the roles with this rule. */
px_keybuf px_roles_ruled_key(const char *tenant, px_holders holders, const char *unit_id);

/** A row that holds an id; "" when there is none. @return whether there is one */
bool px_roles_get_id(const px_view *state, const px_keybuf *key, char id[PX_ID_SIZE]);

/** The strategy item asks for the competency with this weight. */
void px_roles_put_strategy(px_txn *state, const char *tenant, const char *competency_id,
                           const char *strategy_item_id, double weight);

/** What somebody with these roles given to them holds; only active people hold anything. */
px_role_list px_roles_hold(const px_view *state, const char *tenant, const char *person_id,
                           const char *main_id, const char *track_id);

#endif
