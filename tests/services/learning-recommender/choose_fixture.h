/* choose_fixture.h: a small planning problem with room for its parts. */
#ifndef PRAXIS_TESTS_CHOOSE_FIXTURE_H
#define PRAXIS_TESTS_CHOOSE_FIXTURE_H

#include "services/learning-recommender/choose.h"

enum { ITEMS_MAX = 16, COMPETENCIES_MAX = 6, TOUCHES = 2 };

typedef struct {
    choose_problem problem;
    choose_competency competencies[COMPETENCIES_MAX];
    choose_item items[ITEMS_MAX];
    choose_touch touches[ITEMS_MAX][TOUCHES];
    char ids[ITEMS_MAX][8];
    px_arena arena;
} fixture;

/** 16 hours, the usual lambda, nothing in it; cmocka's setup and teardown. */
int choose_setup(void **ctx);
int choose_teardown(void **ctx);

/** Adds a competency with variance .20. @return its index */
uint32_t competency(fixture *f, double weight, double target, double mu);
/** Adds an item in the zone of everybody, always finished, with effect `gain` and no doubt about
 * it. */
uint32_t item(fixture *f, const char *id, double hours, uint32_t on, double gain);
void needs(fixture *f, uint32_t i, uint32_t prerequisite);
/** Makes the plan; its parts must add up to the whole. */
choose_plan plan_of(fixture *f);
void assert_near(double got, double want, double tolerance);

#endif
