/* choose.h: which learning is worth a person's hours: density greedy over prerequisite bundles. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_CHOOSE_H
#define PRAXIS_LEARNING_RECOMMENDER_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/effect.h"
#include "common/status.h"

/*
 * Plan value: F = sum over the role's competencies of weight * [EP(u, V) - EP(u - A, V)], with u =
 * target - mu, EP = px_shortfall and A = the expected gains planned on that competency. F is
 * concave: a second item on the same competency is worth less. The greedy rule takes the bundle
 * (item and its unmet prerequisites) with the largest F gain per extra hour that fits, until none
 * reaches lambda; if one bundle alone then beats the whole set, that one is taken (Khuller, Moss &
 * Naor 1999).
 */
enum { CHOOSE_PREREQUISITES_MAX = 3 };

#define CHOOSE_NONE   UINT32_MAX /* no such item or competency */
#define CHOOSE_LAMBDA 0.01       /* weighted lv per hour below which learning is not worth it */

/** One competency of the role. Weight 0 keeps it out of the plan (unassessed, no open gap). */
typedef struct {
    double weight, target, mu, var;
} choose_competency;

/** What an item does for one competency: gain = completion * effect.mean * share * zone * factor */
typedef struct {
    uint32_t competency; /* index into the role's competencies */
    px_effect effect;
    double share;     /* of the item's effect that goes here, 0..1 */
    double low, high; /* level window the item is made for */
    double factor;    /* 1; for a mentor clamp(mu_mentor - .5 sd_mentor - mu, 0, 1.5) */
} choose_touch;

typedef struct {
    const char *id;              /* breaks ties; unique */
    double hours;                /* > 0; an item without hours is never chosen */
    double completion;           /* rate at which people finish this format, 0..1 */
    const choose_touch *touches; /* the role's competencies only, each once */
    uint32_t touch_count;        /* 0: only of interest as a prerequisite */
    uint32_t prerequisite_count;
    uint32_t prerequisites[CHOOSE_PREREQUISITES_MAX]; /* indexes of items, met or not */
    bool completed;
    bool started; /* and not completed: stays in every plan */
    bool wanted;  /* a person put it into the plan: stays in every plan */
} choose_item;

typedef struct {
    const choose_competency *competencies;
    uint32_t competency_count;
    const choose_item *items;
    uint32_t item_count;
    double hours;  /* budget; started items count against it but are never refused */
    double lambda; /* least F gain per hour, usually CHOOSE_LAMBDA */
} choose_problem;

/** Why the runner-up was not taken where the pick was. */
typedef enum {
    CHOOSE_WORTH_LESS,    /* less value per hour */
    CHOOSE_TIE,           /* the same; the lower id won */
    CHOOSE_NO_ROOM,       /* needs more hours than were left */
    CHOOSE_UNDER_LAMBDA,  /* not worth its hours */
    CHOOSE_LESS_IN_TOTAL, /* more per hour, but the single bundle taken is worth more as a whole */
    CHOOSE_NOT_STARTED,   /* more per hour, but the pick was already started */
    CHOOSE_NOT_WANTED     /* more per hour, but a person put the pick into the plan */
} choose_reason;

enum { CHOOSE_OTHERS_MAX = 2 };

/** An item not in the plan, behind the runner-up. */
typedef struct {
    uint32_t item;
    double value, value_per_hour; /* of its bundle in the place of the pick's */
    choose_reason reason;
} choose_other;

/** One item of a plan with its numbers; values are in the order of the plan and add up to F. */
typedef struct {
    uint32_t item;
    uint32_t head;       /* the item it was taken for: itself, or it is a prerequisite of head */
    uint32_t competency; /* main issue: gains most (of head if the item itself gains nothing) */
    double gain;         /* expected gain on it, lv */
    double gain_error;   /* 1.645 sd: effect not known better (V) and people differing (H) */
    double value;        /* F gain of this item, given those before it */
    double value_per_hour;
    uint32_t runner_up;     /* best item not in the plan for the same competency, or CHOOSE_NONE */
    double runner_up_value; /* of its bundle in the place of this pick's bundle */
    double runner_up_value_per_hour;
    choose_reason runner_up_reason;
    uint32_t other_count; /* the next best after the runner-up, best first */
    choose_other others[CHOOSE_OTHERS_MAX];
} choose_pick;

typedef struct {
    choose_pick *picks; /* started first, then as chosen; prerequisites before what needs them */
    uint32_t count;
    double value; /* F */
    double hours;
} choose_plan;

/**
 * Makes the best plan. Ties (within 1e-12) go to the lower item id. A bundle with more than three
 * unmet prerequisites or a circle among them is no candidate.
 * @param arena  scratch and result; 14 bytes per item, 152 per pick and 24 per competency
 * @return PX_OK, or PX_ENOMEM when the arena is used up
 */
px_status choose_plan_make(const choose_problem *problem, px_arena *arena, choose_plan *plan);

/** An item of the plan in force and its main issue (CHOOSE_NONE: the role has it no more). */
typedef struct {
    uint32_t item, competency;
} choose_planned;

typedef enum {
    CHOOSE_KEEP,          /* say nothing */
    CHOOSE_BETTER,        /* the new plan is worth more than 5 % more */
    CHOOSE_STARTED_CLOSED /* the gap behind a started item closed, and another plan is best now */
} choose_verdict;

typedef struct {
    choose_verdict verdict;
    double current_value; /* F of the current plan's uncompleted items now */
    choose_plan plan;     /* the best plan now, whatever the verdict */
} choose_revision;

/** F of a set of items as things stand now; completed ones add nothing. */
double choose_value(const choose_problem *problem, const choose_planned *planned, size_t count);
/** Values the current plan again and tells whether a new one should be said. Errors as above. */
px_status choose_plan_revise(const choose_problem *problem, const choose_planned *current,
                             size_t count, px_arena *arena, choose_revision *out);

#endif
