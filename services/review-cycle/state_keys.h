/* state_keys.h: the tables of review-cycle, and what state.c and state_review.c share. */
#ifndef PRAXIS_REVIEW_CYCLE_STATE_KEYS_H
#define PRAXIS_REVIEW_CYCLE_STATE_KEYS_H

#include "common/keys.h"

/** Key -> value. Table 16 is people's. */
enum {
    TABLE_SCALE = 17,           /* tenant, scale, version -> scale_record */
    TABLE_CYCLE = 18,           /* tenant, cycle -> cycle_record */
    TABLE_REVIEW = 19,          /* tenant, review -> review_record */
    TABLE_REVIEW_COMMENT = 20,  /* tenant, review -> sealed bytes */
    TABLE_REVIEW_ABOUT = 21,    /* tenant, subject, cycle, rater, review -> nothing; a withdrawn one
                                   has no rater there */
    TABLE_MANAGER_REVIEWS = 23, /* tenant, cycle, subject -> how many manager reviews */
    TABLE_CYCLE_COUNT = 24,     /* tenant, cycle, relation -> how many reviews, or people managed */
    TABLE_COMPETENCY = 25,      /* tenant, competency -> nothing */
    TABLE_REPORTS = 26,         /* tenant, manager -> active people who name them */
    TABLE_EXPECTED = 27,        /* tenant -> active people with an active manager */
    TABLE_STRATEGY_ITEM = 28,   /* tenant, strategy item -> strategy_item_record */
    TABLE_TEMPLATE = 29,        /* tenant, role, version -> template_record */
    TABLE_PINNED = 30,          /* tenant, cycle, role -> version of its template */
    TABLE_ROLE = 31,            /* tenant, role -> nothing */
    TABLE_MAIN_ROLE = 32,       /* tenant, person -> role of their job */
    TABLE_SCORED = 33,          /* tenant, person, cycle -> scored_record */
    TABLE_SCORED_IN = 34,       /* tenant, cycle, person -> nothing */
    TABLE_POTENTIAL = 35        /* tenant, person, cycle -> value on the cycle's scale */
};

/** Kinds of dirty keys (common/agenda.h). */
enum {
    KEY_STRATEGY_ITEM = 1, /* strategy item: may be over */
    KEY_SCORE = 2          /* cycle, person: the score should be said as it is */
};

/** The key of one id; `id` NULL gives the tenant's own key, or prefix. */
px_keybuf review_key(uint8_t table, const char *tenant, const char *id);
/** 0 when there is no record. */
uint32_t review_get_count(const px_view *state, const px_keybuf *key);
/** @return the new count; a record that becomes 0 is removed. Below 0 is a bug (asserted). */
uint32_t review_add_count(px_txn *state, const px_keybuf *key, int32_t change);

#endif
