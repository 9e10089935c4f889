/* choose_fixture.c: builders of small planning problems. */
#include "tests/services/learning-recommender/choose_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("got %.12g, want %.12g", got, want);
}

int choose_setup(void **ctx)
{
    fixture *f = calloc(1, sizeof *f);

    if (!f || !px_arena_init(&f->arena, 1 << 20))
        return -1;
    f->problem = (choose_problem){
        .competencies = f->competencies, .items = f->items, .hours = 16, .lambda = CHOOSE_LAMBDA
    };
    *ctx = f;
    return 0;
}

int choose_teardown(void **ctx)
{
    fixture *f = *ctx;

    px_arena_fini(&f->arena);
    free(f);
    return 0;
}

uint32_t competency(fixture *f, double weight, double target, double mu)
{
    uint32_t c = f->problem.competency_count++;

    f->competencies[c] = (choose_competency){ weight, target, mu, .20 };
    return c;
}

uint32_t item(fixture *f, const char *id, double hours, uint32_t on, double gain)
{
    uint32_t i = f->problem.item_count++;

    snprintf(f->ids[i], sizeof f->ids[i], "%s", id);
    f->touches[i][0] = (choose_touch){ on, { gain, 0, 0 }, 1, 1, 5, 1 };
    f->items[i] = (choose_item){ .id = f->ids[i],
                                 .hours = hours,
                                 .completion = 1,
                                 .touches = f->touches[i],
                                 .touch_count = on == CHOOSE_NONE ? 0 : 1 };
    return i;
}

void needs(fixture *f, uint32_t i, uint32_t prerequisite)
{
    f->items[i].prerequisites[f->items[i].prerequisite_count++] = prerequisite;
}

choose_plan plan_of(fixture *f)
{
    choose_plan plan;

    assert_int_equal(choose_plan_make(&f->problem, &f->arena, &plan), PX_OK);
    double hours = 0, value = 0;
    for (uint32_t i = 0; i < plan.count; i++) {
        hours += f->items[plan.picks[i].item].hours;
        value += plan.picks[i].value;
    }
    assert_near(plan.hours, hours, 1e-12);
    assert_near(plan.value, value, 1e-12); /* the parts add up to the whole */
    return plan;
}
