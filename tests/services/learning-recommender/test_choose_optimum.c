/* test_choose_optimum.c: the greedy rule against every possible plan of small random problems. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/services/learning-recommender/choose_fixture.h"

static uint64_t draw(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static double between(uint64_t *state, double low, double high)
{
    return low + (high - low) * (double)(draw(state) >> 11) / 9007199254740992.0;
}

static void random_item(fixture *f, uint64_t *seed, uint32_t n)
{
    static const double course[] = { 6, 8, 12, 16 }, micro[] = { 1, 1.5, 2 };
    px_item_kind kind = (px_item_kind[]){ PX_COURSE, PX_COURSE, PX_MICRO, PX_TASK }[draw(seed) % 4];
    double hours = kind == PX_MICRO ? micro[draw(seed) % 3] : course[draw(seed) % 4];
    char id[3] = { 'i', (char)('a' + n), '\0' };
    uint32_t i = item(f, id, hours, (uint32_t)(draw(seed) % COMPETENCIES_MAX), 0);

    f->items[i].completion = kind == PX_COURSE ? .75 : kind == PX_MICRO ? .9 : .8;
    f->touches[i][0].effect = px_effect_start(kind, hours);
    f->touches[i][0].effect.mean *= between(seed, .4, 1.6);
    f->touches[i][0].low = between(seed, 1.5, 3.5);
    f->touches[i][0].high = f->touches[i][0].low + 1.5;
    if (draw(seed) % 4 == 0) {
        f->touches[i][1] = f->touches[i][0];
        f->touches[i][1].competency = (f->touches[i][0].competency + 1) % COMPETENCIES_MAX;
        f->touches[i][0].share = .6;
        f->touches[i][1].share = .4;
        f->items[i].touch_count = 2;
    }
    if (n > 0 && draw(seed) % 4 == 0)
        needs(f, i, (uint32_t)(draw(seed) % n));
}

static void random_problem(fixture *f, uint64_t seed)
{
    static const double weights[] = { 1, 1, 1, 2, 3 }, targets[] = { 3, 3.5, 4, 4.5 };

    f->problem.item_count = f->problem.competency_count = 0;
    f->problem.lambda = 0;
    for (int c = 0; c < COMPETENCIES_MAX; c++) {
        /* One draw per statement: the order of arguments is the compiler's choice. */
        double weight = weights[draw(&seed) % 5];
        double target = targets[draw(&seed) % 4];

        competency(f, weight, target, between(&seed, 2, 4));
        f->competencies[c].var = between(&seed, .1, .4);
    }
    for (uint32_t n = 0; n < 10; n++)
        random_item(f, &seed, n);
}

static bool allowed(const fixture *f, uint32_t set)
{
    double hours = 0;

    for (uint32_t i = 0; i < f->problem.item_count; i++) {
        if (!(set >> i & 1))
            continue;
        hours += f->items[i].hours;
        for (uint32_t p = 0; p < f->items[i].prerequisite_count; p++)
            if (!(set >> f->items[i].prerequisites[p] & 1))
                return false;
    }
    return hours <= f->problem.hours;
}

static double best_of_all(const fixture *f)
{
    double best = 0;

    for (uint32_t set = 0; set < 1u << f->problem.item_count; set++) {
        choose_planned planned[ITEMS_MAX];
        size_t count = 0;

        if (!allowed(f, set))
            continue;
        for (uint32_t i = 0; i < f->problem.item_count; i++)
            if (set >> i & 1)
                planned[count++] = (choose_planned){ i, CHOOSE_NONE };
        best = fmax(best, choose_value(&f->problem, planned, count));
    }
    return best;
}

/*
 * Near on average, not each time: where one long item fills the budget, what is dense first can
 * block it (the rule's worst cases; they lose up to 29 % here). The bars are what the rule reaches.
 */
static void greedy__is_near_the_optimum_of_200_problems(void **ctx)
{
    fixture *f = *ctx;
    double sum = 0, worst = 1;
    int problems = 0;
    uint64_t plans = 0;

    for (uint64_t seed = 1; problems < 200; seed++) {
        random_problem(f, seed);
        double best = best_of_all(f);

        if (best < 1e-9)
            continue; /* nothing to choose */
        double value = plan_of(f).value, ratio = value / best;
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        plans = (plans ^ bits) * 0x100000001b3u;
        px_arena_reset(&f->arena);
        assert_true(ratio <= 1 + 1e-9);
        sum += ratio;
        worst = fmin(worst, ratio);
        problems++;
    }
    printf("greedy / optimum: mean %.4f, worst %.4f; plans %016llx\n", sum / problems, worst,
           (unsigned long long)plans);
    assert_int_equal(plans, 0x53fc2158bec1aacbu); /* the same bits from every compiler */
    assert_true(sum / problems >= .98);
    assert_true(worst >= .7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(greedy__is_near_the_optimum_of_200_problems, choose_setup,
                                        choose_teardown),
    };

    return cmocka_run_group_tests_name("choose optimum", tests, NULL, NULL);
}
