/* attainment.h: the level that evidence gives somebody, beside the estimate that ratings move: a
 * fold over the evidence in the order of its arrival. */
#ifndef PRAXIS_COMPETENCY_ATTAINMENT_H
#define PRAXIS_COMPETENCY_ATTAINMENT_H

#include "common/people.h"
#include "services/competency/level_key.h"

/** What a piece does: EvidenceAction of the contract. Stored: only add. */
typedef enum {
    ACTION_NONE = 0, /* handed in, not accepted */
    ACTION_LOG = 1,
    ACTION_COMPLETE = 2,
    ACTION_OVERRIDE = 3,
    ACTION_RAISE = 4
} evidence_action;

/** How many days before a level lapses that is said. */
enum { NOTICE_FIRST_DAYS = 30, NOTICE_LAST_DAYS = 7 };

/** A piece of evidence. Levels are places, counted from 1; 0 = none. */
typedef struct {
    char evidence_id[PX_ID_SIZE];
    uint8_t source; /* EvidenceSource of the contract */
    uint8_t action; /* evidence_action */
    uint8_t level;
    int64_t earned_us;
    int64_t until_us; /* no longer valid from then on; 0 = for ever */
} action_row;

/** The level after one more piece, as of a time. */
uint8_t attainment_after(uint8_t level, const action_row *row, uint8_t default_level,
                         int64_t at_us);

/** What a rule of a competency says of somebody. */
typedef struct {
    uint8_t outcome; /* CompetencyRuleOutcome of the contract; 0 = there is no rule */
    bool met;
    uint32_t points;
} rule_result;

rule_result attainment_rule(const px_view *state, const level_key *key);

typedef struct {
    uint8_t level; /* 0 = none */
    bool by_rule;  /* nothing but a rule gives it */
    bool proficient;
    int64_t lapses_us; /* when it changes because evidence lapses; 0 = never */
} attainment;

/** What somebody has attained as of a time. */
attainment attainment_of(const px_view *state, const level_key *key, const rule_result *rule,
                         int64_t at_us);

#endif
