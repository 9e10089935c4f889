/* said.h: what was said of one competency of one person, and what there is to say now. */
#ifndef PRAXIS_COMPETENCY_SAID_H
#define PRAXIS_COMPETENCY_SAID_H

#include <stdbool.h>
#include <stdint.h>

#include "common/gap.h"
#include "common/people.h"
#include "common/roles.h"
#include "services/competency/estimate.h"

/** What only peers, reports or feedback moved is said once this many are in, or a cycle shares. */
enum { PROTECTED_MIN = 3 };

/** Why a level or a gap moved: ChangeReason of the contract. */
typedef enum {
    CHANGE_EVIDENCE = 1,
    CHANGE_WITHDRAWN = 2,
    CHANGE_TARGET = 3,
    CHANGE_LEARNING = 4,
    CHANGE_POLICY = 5,
    CHANGE_REPLACED = 8
} change_reason;

/** What a level is needed for: GapPurpose of the contract, less 1. Stored: only add. */
typedef enum { FOR_PRESENT = 0, FOR_CAREER = 1 } gap_purpose;
enum { GAP_PURPOSES = 2 };

/** A gap as last said; all zero while it is closed. */
typedef struct {
    bool open;
    bool from_history;
    double mu;
    px_requirement asked;
} said_gap;

/**
 * Everything heard is numbered 1, 2, 3, ... for each person and competency, withdrawals included.
 * Kept as long as the person is: a withdrawal must not bring numbers back.
 */
typedef struct {
    uint64_t heard;    /* number of the last thing heard */
    uint64_t evidence; /* place of the last piece of evidence (state.h); 0 = none */
    uint64_t told;     /* the last one that is in `level` */
    uint64_t open_at;  /* the last one that is not protected, or that a cycle shared */
    uint64_t protected_at[PROTECTED_MIN]; /* the last protected ones, newest first */
    change_reason reason;                 /* of the last thing heard */
    bool fresh;                           /* something was heard that is no history */

    figures level;   /* as last said; not known when it never was */
    figures carried; /* as last said under an id that this one replaced; shown while all waits */

    said_gap gaps[GAP_PURPOSES];
    bool listed; /* as read: it waits; not stored */
} said_record;

/** One more thing was heard. @return its number */
uint64_t said_hear(said_record *said, bool is_protected, change_reason reason);
/** A number for something that moves nothing and is never said. */
uint64_t said_skip(said_record *said);
/** A cycle shares: nothing heard so far is protected any more. */
void said_share(said_record *said);

/** Something protected is unsaid, nothing open, and too few to hide among. */
bool said_waits(const said_record *said);
/** It waits, and what was said last is shown meanwhile. */
bool said_holds_back(const said_record *said, const figures *now);
/**
 * The figures that may be said now: those of the standing, or, while it waits, those said last.
 * That others' ratings are all withdrawn never waits: nothing may rest on them.
 */
figures said_showable(const said_record *said, const figures *now);
/** Whether a level has to be said: the first, a hundredth moved, or nothing known any more. */
bool said_level_is_news(const said_record *said, const figures *now);

/** What there is to say of the gap. Another role or weight is a change too, and that it rests on
 * more than history. */
px_gap_news said_gap_news(const said_gap *said, const figures *now, const px_requirement *asked,
                          bool fresh);

#endif
