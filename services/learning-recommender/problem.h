/* problem.h: what choose.h needs to plan for one person, gathered from the state. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_PROBLEM_H
#define PRAXIS_LEARNING_RECOMMENDER_PROBLEM_H

#include "services/learning-recommender/choose.h"
#include "services/learning-recommender/settings.h"
#include "services/learning-recommender/state_catalogue.h"
#include "services/learning-recommender/state_plan.h"

/** The rule's own figures; a change of one raises PLAN_RULE_VERSION. */
enum { PLAN_RULE_VERSION = 3 };
/** Hours of one plan: METHOD section 3 plans for 16 hours a quarter. */
#define PLAN_HOURS      16.0
/**
 * Share of started items that people finish. One figure for every kind until completions of this
 * organisation say otherwise: no published figure tells kinds of workplace learning apart reliably.
 */
#define PLAN_COMPLETION 0.8

/**
 * Share of its usual effect that is expected of an item of a kind that was tried for the competency
 * and left it short: another approach comes first, unless there is none that is worth its hours.
 */
#define PLAN_WANTING 0.5

/** A declined item is offered again after PLAN_DECLINED_US, or once its gap has grown by so much.
 */
#define PLAN_DECLINED_WORSE 0.25

enum {
    /* Bounds of one person's problem; more items than that are left out in the order of ids. */
    ROLE_COMPETENCIES_MAX = 256,
    CANDIDATES_MAX = 4096,
    PROBLEM_ITEMS_MAX = CANDIDATES_MAX + 1024,
    PROBLEM_ARENA_BYTES = 8 * 1024 * 1024 /* reserved; touched only as far as used */
};

/** A competency that the person's roles ask for, and how the person stands in it. */
typedef struct {
    char id[PX_ID_SIZE];
    px_requirement asked;
    standing_record standing;
    uint32_t wanting;   /* kinds of items that were tried and left it short, by bit */
    uint32_t basis_for; /* a competency with a gap that builds on it, or CHOOSE_NONE */
    bool gap;           /* open, and not known from fewer than three peers or reports alone */
} problem_competency;

/** What choose.h does not need of an item; same index as choose_item. */
typedef struct {
    char id[PX_ID_SIZE];
    uint32_t version;
    bool offered;
    uint32_t results[OUTCOMES_MAX]; /* behind each touch, in order */
} problem_item;

typedef struct {
    const px_view *state;
    const char *tenant;
    const char *person_id;
    int64_t now_us;
    const plan_settings *settings;
    px_arena *arena;
    problem_competency *competencies; /* of the role, ordered by id */
    uint32_t competency_count;
    uint32_t gaps;
    choose_competency *levels; /* parallel to competencies */
    problem_item *items;
    choose_item *choices; /* parallel to items */
    uint32_t item_count;
    uint32_t sorted_count; /* of them: the candidates, by id; what was loaded later follows */
    choose_problem choose;
} plan_problem;

/**
 * How the person stands in all that their roles ask for: competencies and gaps, no items yet.
 * @param settings  plan_settings_usual but for `praxis whatif`; borrowed
 * @param arena  of PROBLEM_ARENA_BYTES, empty; everything lives in it
 */
void plan_problem_begin(plan_problem *p, const px_view *state, const char *tenant,
                        const char *person_id, int64_t now_us, const plan_settings *settings,
                        px_arena *arena);
/**
 * Adds the items: whatever teaches a competency with an open gap, the uncompleted items of the open
 * plan (NULL for none), and what those require.
 */
void plan_problem_add_items(plan_problem *p, const plan_record *open_plan);
/** Index in the role, or CHOOSE_NONE. */
uint32_t plan_problem_competency(const plan_problem *p, const char *competency_id);
/** Index among the items, or CHOOSE_NONE. */
uint32_t plan_problem_item(const plan_problem *p, const char *item_id);
/**
 * Whether what is known of a level may show: what fewer than three peers or reports alone say would
 * be theirs for all to see.
 */
bool plan_standing_shows(const standing_record *standing);
/** Whether a gap may be planned for; see problem_competency. */
bool plan_standing_is_gap(const standing_record *standing);

#endif
