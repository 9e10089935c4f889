/* state_keys.h: the tables of reporting, and what state.c and state_progress.c share. */
#ifndef PRAXIS_REPORTING_STATE_KEYS_H
#define PRAXIS_REPORTING_STATE_KEYS_H

#include "services/reporting/state.h"

/** Key -> value. Table 16 is people's. */
enum {
    TABLE_MINIMUM = 17,        /* tenant -> number */
    TABLE_UNIT = 18,           /* tenant, unit -> unit_record */
    TABLE_BELOW = 19,          /* tenant, parent, unit -> nothing */
    TABLE_MEMBER = 20,         /* tenant, unit, role set, person -> nothing */
    TABLE_UNIT_ROLES = 21,     /* tenant, unit, role set -> how many members */
    TABLE_ROLE_UNIT = 22,      /* tenant, role, unit -> how many members */
    TABLE_HEADCOUNT = 23,      /* tenant -> active people */
    TABLE_PLACE = 24,          /* tenant, person -> place */
    TABLE_ROLE_SET = 25,       /* tenant, role set -> its roles, when they are several */
    TABLE_ASKING = 26,         /* tenant, competency, role -> nothing */
    TABLE_TITLE = 27,          /* tenant, competency -> title */
    TABLE_LEVEL = 28,          /* tenant, person, competency -> mu */
    TABLE_CYCLE = 29,          /* tenant, cycle -> cycle_progress */
    TABLE_REVIEW = 30,         /* tenant, subject, review -> counted_review */
    TABLE_REVIEW_COUNT = 31,   /* tenant, cycle, relation -> how many people or reviews */
    TABLE_PERSON_REVIEWS = 32, /* tenant, cycle, relation, subject -> how many */
    TABLE_PLANS = 33,          /* tenant, person -> plan_history */
    TABLE_IMPACT = 34          /* tenant, competency, item or "" -> impact_figures */
};

/** Tenant and up to three ids; the first NULL ends the key, which is then also a prefix. */
px_keybuf reporting_key(uint8_t table, const char *tenant, const char *a, const char *b,
                        const char *c);
void reporting_walk(id_walk *walk, const px_view *state, const px_keybuf *prefix);
/** 0 when there is no record. */
uint32_t reporting_get_count(const px_view *state, const px_keybuf *key);
/** @return the new count; a record that becomes 0 is removed. Below 0 is a bug (asserted). */
uint32_t reporting_add_count(px_txn *state, const px_keybuf *key, int32_t change);
void reporting_put_text(px_txn *state, const px_keybuf *key, const char *text, size_t capacity);
/** "" when there is no record. */
void reporting_get_text(const px_view *state, const px_keybuf *key, char *text, size_t capacity);
void reporting_put_nothing(px_txn *state, px_keybuf key);
void reporting_del(px_txn *state, px_keybuf key);

#endif
