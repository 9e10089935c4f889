/* state_keys.h: the tables of competency, and what state.c, state_level.c and state_learned.c
 * share. */
#ifndef PRAXIS_COMPETENCY_STATE_KEYS_H
#define PRAXIS_COMPETENCY_STATE_KEYS_H

#include "common/keys.h"
#include "common/people.h"
#include "common/record.h"

/** Key -> value; everything but evidence is by tenant first. Table 16 is people's. */
enum {
    TABLE_COMPETENCY = 17,     /* competency -> competency_record */
    TABLE_ROLE = 18,           /* role -> role_record */
    TABLE_TARGET = 19,         /* role, competency -> target_words */
    TABLE_ASSESSMENT = 22,     /* assessment -> nothing */
    TABLE_LEVEL = 23,          /* person, competency, one of the rows below */
    TABLE_WAITING = 25,        /* person, competency -> nothing: not said until in company */
    TABLE_RATER = 28,          /* rater's hash, source -> px_bias */
    TABLE_SOURCE = 29,         /* source -> px_bias */
    TABLE_ITEM = 30,           /* item's hash, competency -> item_record */
    TABLE_EVIDENCE_REF = 31,   /* evidence id -> evidence_ref */
    TABLE_ACTION = 32,         /* person, competency, number -> action_row */
    TABLE_ATTAINED = 33,       /* person, competency -> attained_record */
    TABLE_ATTAINING = 34,      /* competency, person -> nothing */
    TABLE_RULE = 35,           /* competency -> rule_record */
    TABLE_PARENT = 36,         /* child, parent -> nothing */
    TABLE_POLICY = 37,         /* competency -> policy_record */
    TABLE_CONTROL = 38,        /* quarter -> control_record */
    TABLE_WORDS = 45,          /* competency -> competency_words */
    TABLE_FRAMEWORK = 46,      /* framework -> framework_record */
    TABLE_COMPLETION = 48,     /* person, item, competency -> completion_record */
    TABLE_PREREQUISITE = 54,   /* competency -> prerequisites */
    TABLE_NEED_RULE = 55,      /* detector -> people */
    TABLE_NEED = 56,           /* unit, competency, detector, person -> nothing */
    TABLE_NEED_SAID = 57,      /* unit, competency, detector -> people */
    TABLE_CRITIC = 58,         /* person, competency, feedback -> giver's hash */
    TABLE_NO_EFFECT = 59,      /* person, competency -> nothing */
    TABLE_POTENTIAL_RULE = 60, /* -> potential_rule */
    TABLE_PLACEMENT = 61,      /* person, cycle -> placement */
    TABLE_POTENTIAL = 62,      /* person -> potential_record */
    TABLE_EVIDENCE_COUNT = 64, /* -> place of the last one ever, of all tenants */
    TABLE_EVIDENCE = 255       /* place -> evidence_row; the last table (state_evidence.c) */
};

/** Of TABLE_LEVEL. Standing and said_record are kept with the dirty key KEY_LEVEL. */
enum {
    ROW_OBSERVED = 3 /* number -> observed_record */
};

/** A key of up to two ids; the first NULL ends it, which gives a prefix. */
px_keybuf level_keybuf(uint8_t table, const char *tenant, const char *first, const char *second);

/** Names a record's fields in order (common/record.h). */
typedef void level_walk(px_record *r, void *record);
/** Reads into a zeroed record. @return false when there is none */
bool level_get(const px_view *state, const px_keybuf *key, level_walk *walk, void *record);
/** Writes; no record of this daemon is longer than LEVEL_RECORD_MAX bytes. */
void level_put(px_txn *state, const px_keybuf *key, level_walk *walk, void *record);
/** A row without a value. */
void level_put_mark(px_txn *state, const px_keybuf *key);
bool level_has(const px_view *state, const px_keybuf *key);
void level_del(px_txn *state, const px_keybuf *key);

enum { LEVEL_RECORD_MAX = 4608 }; /* a competency with ten names of levels */

#endif
