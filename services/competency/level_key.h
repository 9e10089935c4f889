/* level_key.h: one competency of one person: what is reconciled as one. */
#ifndef PRAXIS_COMPETENCY_LEVEL_KEY_H
#define PRAXIS_COMPETENCY_LEVEL_KEY_H

#include "common/agenda.h"
#include "common/people.h"

/** Whose level of what. The texts are the caller's. */
typedef struct {
    const char *tenant, *person_id, *competency_id;
} level_key;

/** Kinds of dirty keys (common/agenda.h). */
enum {
    KEY_LEVEL = 1,      /* level and gap should be said as they are */
    KEY_FOLLOW_UP = 2,  /* completed learning should be looked at */
    KEY_ATTAINMENT = 3, /* what evidence gives should be said as it is */
    KEY_NEED = 7,       /* unit, competency, detector: a need may be shared by many: state_need.h */
    KEY_POTENTIAL = 6,  /* a person: may have to be suggested as a high potential */
    KEY_COMPLETION = 16, /* a completed item should be evidence: state_completion.h */
    KEY_AGE = 17         /* person, competency, time: evidence gets too old for its policy */
};

void level_key_mark(px_txn *state, uint8_t kind, const level_key *key);
/** Dirty at this time, in place of an earlier one of this kind. */
void level_key_set_due(px_txn *state, uint8_t kind, const level_key *key, int64_t due_us);
/** The level is looked at again at this time, and at each other time this was called with. */
void level_key_look_at(px_txn *state, const level_key *key, int64_t due_us);
void level_key_clear_due(px_txn *state, uint8_t kind, const level_key *key);

/** What is kept with a dirty key (px_kept_get, px_kept_put). */
px_bytes level_key_kept(const px_view *state, uint8_t kind, const level_key *key, px_marks *marks);
void level_key_keep(px_txn *state, uint8_t kind, const level_key *key, px_marks marks,
                    px_bytes value, bool mark);

/** The ids in a dirty key; `key` points into them. */
typedef struct {
    char person_id[PX_ID_SIZE], competency_id[PX_ID_SIZE];
    level_key key;
} level_key_ids;

/** Reads a dirty key back. `out` must not be moved afterwards. */
void level_key_read(level_key_ids *out, const px_key *dirty);

#endif
