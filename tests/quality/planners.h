/* planners.h: who learns what next quarter: the daemon's rule, and what others do. */
#ifndef PRAXIS_TESTS_QUALITY_PLANNERS_H
#define PRAXIS_TESTS_QUALITY_PLANNERS_H

#include "services/learning-recommender/choose.h"
#include "tests/quality/world.h"

typedef enum {
    PLAN_VALUE, /* the daemon's: choose.h and mentor.h */
    PLAN_GAP,   /* the largest weighted gap first */
    PLAN_POPULAR,
    PLAN_MOODLE, /* what is linked to a competency whose latest manager's rating is below target */
    PLAN_RANDOM
} planner;

enum { PLAN_ITEMS = 24, ITEM_KINDS = 4, NEVER = -100 };
#define PLAN_BUDGET 16.0

/** What a planner goes by. */
typedef struct {
    double mu[KEYS], var[KEYS];
    bool gap[KEYS];              /* learning may be planned there */
    double latest_manager[KEYS]; /* 0: none */
    px_effect effects[ITEMS][2]; /* by outcome */
    double finish[ITEM_KINDS];   /* expected share of started items that get finished */
    int done[PEOPLE][ITEMS];     /* quarter it was finished in, or NEVER */
    int popularity[ITEMS];       /* how often it was finished */
} beliefs;

typedef struct {
    double value; /* as the daemon's planner sees it; 0 of the others */
    int count;
    struct {
        int item, mentor;
    } items[PLAN_ITEMS];
} plan;

/** Nothing done yet; items get finished as often as the recommender expects. */
void plan_begin(beliefs *b);
/** Everybody's plan for a quarter. */
void plan_all(const world *w, planner how, const beliefs *b, int quarter, plan plans[PEOPLE]);
/** Neither done nor too early to be done again: a mentor's item can be taken yearly. */
bool plan_may_take(const world *w, const beliefs *b, int person, int item, int quarter);

/** A person's problem with everything in the catalogue; the mentors have to be set by the caller.
 */
typedef struct {
    choose_competency competencies[COMPETENCIES];
    int competency[COMPETENCIES]; /* index in the problem -> competency */
    choose_item items[ITEMS];
    choose_touch touches[ITEMS][2];
    choose_problem problem;
} person_problem;
void plan_problem_of(const world *w, const beliefs *b, int person, int quarter,
                     person_problem *out);

#endif
