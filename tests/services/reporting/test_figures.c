/* Tests of the arithmetic of groups: tallies, and that nothing small is found by subtraction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/status.h"
#include "services/reporting/figures.h"
#include "tests/services/reporting/fixtures.h"

enum { MINIMUM = 5, UNITS_MAX = 6, TREES = 3000 };

static group group_with(uint32_t assessed)
{
    return group_of((tally){ .people = assessed, .assessed = assessed }, MINIMUM);
}

static void tally__counts_gaps_of_the_assessed_only(void **ctx)
{
    const double levels[] = { 2, 3, 4.5, 2.5 };
    tally t = { 0 };

    (void)ctx;
    assert_near(tally_mean_gap(&t), 0);
    for (size_t i = 0; i < PX_COUNT(levels); i++)
        tally_add(&t, 3, &levels[i]);
    tally_add(&t, 3, NULL);
    assert_int_equal(t.people, 5);
    assert_int_equal(t.assessed, 4);
    assert_int_equal(t.at_level, 2); /* 3 is at level; more than asked makes up for nothing */
    assert_near(tally_mean_gap(&t), (1 + 0.5) / 4);
}

static void group__is_shown_from_the_minimum_on(void **ctx)
{
    group none = group_with(0), four = group_with(4), five = group_with(5);

    (void)ctx;
    assert_false(group_is_shown(&none, MINIMUM));
    assert_false(group_is_shown(&four, MINIMUM));
    assert_true(group_is_shown(&five, MINIMUM));
}

/* Fixture G: a department of 8 with a team of 5 and a team of 3. */
static void group__is_withheld_when_a_small_part_would_be_left_over(void **ctx)
{
    group department = group_with(0), x = group_with(5), y = group_with(3);

    (void)ctx;
    group_join(&department, &x, MINIMUM);
    group_join(&department, &y, MINIMUM);
    assert_int_equal(department.sum.assessed, 8);
    assert_int_equal(department.hidden, 3);
    assert_false(group_is_shown(&department, MINIMUM));
}

static void group__is_shown_when_what_is_left_over_is_a_group(void **ctx)
{
    group department = group_with(0), x = group_with(5), y = group_with(3), z = group_with(2);

    (void)ctx;
    group_join(&department, &x, MINIMUM);
    group_join(&department, &y, MINIMUM);
    group_join(&department, &z, MINIMUM);
    assert_true(group_is_shown(&department, MINIMUM));
}

/* 3 + 3 inside a division that is shown cannot hide the 2 beside it. */
static void group__hidden_people_of_a_group_that_is_shown_hide_nobody_else(void **ctx)
{
    group top = group_with(0), division = group_with(3), team = group_with(3);
    group other = group_with(2);

    (void)ctx;
    group_join(&division, &team, MINIMUM);
    assert_true(group_is_shown(&division, MINIMUM));
    group_join(&top, &division, MINIMUM);
    assert_int_equal(top.hidden, 0);
    assert_true(group_is_shown(&top, MINIMUM));
    group_join(&top, &other, MINIMUM);
    assert_int_equal(top.hidden, 2);
    assert_false(group_is_shown(&top, MINIMUM));
}

/* ---- any tree: an attacker adds and subtracts everything that is shown ---- */

/* Unit i is below parent[i] < i. Every shown figure is a set of units; own figures are known apart.
 */
typedef struct {
    size_t count;
    size_t parent[UNITS_MAX];
    uint32_t assessed[UNITS_MAX];
    bool below[UNITS_MAX][UNITS_MAX]; /* [u][v]: v is u or below it */
    bool shown[UNITS_MAX];            /* u with all units below */
} tree;

static uint32_t draw(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

static void make_tree(tree *t, uint32_t *seed)
{
    *t = (tree){ .count = 2 + draw(seed, UNITS_MAX - 1) };
    for (size_t u = 0; u < t->count; u++) {
        t->parent[u] = u ? draw(seed, (uint32_t)u) : 0;
        t->assessed[u] = draw(seed, 8);
        t->below[u][u] = true;
        for (size_t above = u; above != 0; above = t->parent[above])
            t->below[t->parent[above]][u] = true;
    }
}

static void decide_what_is_shown(tree *t)
{
    group groups[UNITS_MAX];

    for (size_t u = 0; u < t->count; u++)
        groups[u] = group_with(t->assessed[u]);
    for (size_t u = t->count; u-- > 0;) { /* units below come after those above */
        t->shown[u] = group_is_shown(&groups[u], MINIMUM);
        if (u > 0)
            group_join(&groups[t->parent[u]], &groups[u], MINIMUM);
    }
}

/*
 * Takes each shown figure -1, 0 or 1 times. When the own figures that are shown anyway are left
 * out, what remains may be each hidden unit taken 0 times or 1 time: then that group's figure is
 * known. (Shown figures are nested, so larger factors reach nothing more.)
 */
static uint32_t smallest_group_found(const tree *t)
{
    uint32_t combinations = 1, smallest = UINT32_MAX;

    for (size_t u = 0; u < t->count; u++)
        combinations *= 3;
    for (uint32_t n = 0; n < combinations; n++) {
        int times[UNITS_MAX] = { 0 };
        bool possible = true;
        uint32_t people = 0, rest = n;

        for (size_t u = 0; u < t->count; u++, rest /= 3) {
            int factor = (int)(rest % 3) - 1;

            possible = possible && (factor == 0 || t->shown[u]);
            for (size_t v = 0; v < t->count; v++)
                times[v] += t->below[u][v] ? factor : 0;
        }
        for (size_t v = 0; v < t->count; v++) {
            if (t->assessed[v] >= MINIMUM || t->assessed[v] == 0)
                continue;
            possible = possible && (times[v] == 0 || times[v] == 1);
            people += times[v] == 1 ? t->assessed[v] : 0;
        }
        if (possible && people > 0 && people < smallest)
            smallest = people;
    }
    return smallest;
}

static void groups__of_any_tree_give_no_small_group_by_subtraction(void **ctx)
{
    uint32_t seed = 20260105;
    unsigned withheld_for_it = 0, shown = 0;

    (void)ctx;
    for (unsigned n = 0; n < TREES; n++) {
        tree t;

        make_tree(&t, &seed);
        decide_what_is_shown(&t);
        if (smallest_group_found(&t) < MINIMUM)
            fail_msg("tree %u gives away a group of %u", n, smallest_group_found(&t));
        for (size_t u = 0; u < t.count; u++) {
            uint32_t sum = 0;

            for (size_t v = 0; v < t.count; v++)
                sum += t.below[u][v] ? t.assessed[v] : 0;
            shown += t.shown[u];
            withheld_for_it += !t.shown[u] && sum >= MINIMUM;
        }
    }
    /* The trees are such that the rule had something to do, and left something to see. */
    assert_true(shown > TREES);
    assert_true(withheld_for_it > TREES / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tally__counts_gaps_of_the_assessed_only),
        cmocka_unit_test(group__is_shown_from_the_minimum_on),
        cmocka_unit_test(group__is_withheld_when_a_small_part_would_be_left_over),
        cmocka_unit_test(group__is_shown_when_what_is_left_over_is_a_group),
        cmocka_unit_test(group__hidden_people_of_a_group_that_is_shown_hide_nobody_else),
        cmocka_unit_test(groups__of_any_tree_give_no_small_group_by_subtraction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
