/* Random organisations: from everything that is shown at one time, in the bucket and as answers, a
 * solver tries to work out any figure of fewer people than the group minimum.
 *
 * What is shown of a competency are sums over sets of units. The people of a unit always come
 * together, so all that can be known are combinations of the rows of a 0/1 matrix (shown sets by
 * units). A group U of units is given away when some combination is zero outside of U and not in
 * it: then the matrix loses rank without the columns of U.
 *
 * PRAXIS_ORGANISATIONS sets how many (200), PRAXIS_SEED where they start (1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/service_impl.h"
#include "services/reporting/service.h"
#include "tests/common/store_fixture.h"
#include "tests/services/reporting/fixtures.h"
#include "tests/simulator/chance.h"

enum { UNITS_MAX = 9, PEOPLE_MAX = 10, COMPETENCIES = 2, SETS_MAX = 3 * UNITS_MAX, PRIME = 65521 };

static const char *const competencies[COMPETENCIES] = { "c-0", "c-1" };

typedef struct {
    store_fixture *store;
    px_txn *txn;
    px_arena arena;
    chance chance;
    char tenant[16];
    unsigned minimum;
    unsigned units;
    unsigned above[UNITS_MAX];                  /* the parent; unit 0 is the top */
    unsigned assessed[COMPETENCIES][UNITS_MAX]; /* own people of the unit */
} organisation;

/* ---- facts, folded by the tables of the daemon ---- */

static void fold(organisation *o, const char *service, unsigned type, const void *body)
{
    const px_follow *follow = px_service_follow(&px_reporting_service, service);
    px_fact fact = { .tenant = o->tenant,
                     .type = type,
                     .body = body,
                     .decided_at_us = SPEC_START_US,
                     .occurred_at_us = SPEC_START_US,
                     .submission_id = "s",
                     .source = "hr",
                     .arena = &o->arena };

    follow->projectors[type](o->txn, &fact);
}

static char *name(organisation *o, const char *kind, unsigned number)
{
    return px_arena_printf(&o->arena, "%s-%u", kind, number);
}

static void set_minimum(organisation *o)
{
    ReportingFact__GroupMinimumSet f = REPORTING_FACT__GROUP_MINIMUM_SET__INIT;
    px_fact fact = { .tenant = o->tenant, .body = &f, .arena = &o->arena };

    f.minimum = o->minimum;
    px_reporting_service.evolvers[REPORTING_FACT__FACT__BODY_GROUP_MINIMUM_SET](o->txn, &fact);
}

/* Role r asks for competency r; role 2 for both. */
static void define_roles(organisation *o)
{
    CompetencyFact__RoleTargetSet f = COMPETENCY_FACT__ROLE_TARGET_SET__INIT;

    for (unsigned role = 0; role < 3; role++)
        for (unsigned c = 0; c < COMPETENCIES; c++) {
            f.role_id = name(o, "role", role);
            f.competency_id = (char *)(uintptr_t)competencies[c];
            f.target = role == c || role == 2 ? 3 : 0;
            fold(o, "competency", COMPETENCY_FACT__FACT__BODY_ROLE_TARGET_SET, &f);
        }
}

static void add_unit(organisation *o, unsigned unit)
{
    FeedbackIngestFact__UnitRecorded f = FEEDBACK_INGEST_FACT__UNIT_RECORDED__INIT;

    o->above[unit] = unit > 0 ? chance_below(&o->chance, unit) : 0;
    f.unit_id = name(o, "u", unit);
    if (unit > 0)
        f.parent_unit_id = name(o, "u", o->above[unit]);
    fold(o, "feedback-ingest", FEEDBACK_INGEST_FACT__FACT__BODY_UNIT_RECORDED, &f);
}

static void assess(organisation *o, char *person_id, unsigned unit, unsigned role, unsigned c)
{
    CompetencyFact__LevelChanged f = COMPETENCY_FACT__LEVEL_CHANGED__INIT;
    CompetencyFact__LevelEstimate estimate = COMPETENCY_FACT__LEVEL_ESTIMATE__INIT;

    f.person_id = person_id;
    f.competency_id = (char *)(uintptr_t)competencies[c];
    f.estimate = &estimate;
    estimate.mu = 1 + chance_below(&o->chance, 400) / 100.0;
    estimate.assessed = chance_below(&o->chance, 4) != 0;
    fold(o, "competency", COMPETENCY_FACT__FACT__BODY_LEVEL_CHANGED, &f);
    o->assessed[c][unit] += estimate.assessed && (role == c || role == 2);
}

static void add_person(organisation *o, unsigned unit, unsigned number)
{
    FeedbackIngestFact__PersonRecorded f = FEEDBACK_INGEST_FACT__PERSON_RECORDED__INIT;
    CompetencyFact__RoleAssigned assigned = COMPETENCY_FACT__ROLE_ASSIGNED__INIT;
    unsigned role = chance_below(&o->chance, 3);

    f.person_id = name(o, "p", unit * PEOPLE_MAX + number);
    f.unit_id = name(o, "u", unit);
    f.active = true;
    f.key_generation = 1;
    fold(o, "feedback-ingest", FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED, &f);
    assigned.person_id = f.person_id;
    assigned.role_id = name(o, "role", role);
    fold(o, "competency", COMPETENCY_FACT__FACT__BODY_ROLE_ASSIGNED, &assigned);
    for (unsigned c = 0; c < COMPETENCIES; c++)
        assess(o, f.person_id, unit, role, c);
}

static void found(organisation *o, uint64_t seed)
{
    o->chance = chance_of_seed(seed);
    snprintf(o->tenant, sizeof o->tenant, "t-%u", (unsigned)seed);
    memset(o->assessed, 0, sizeof o->assessed);
    o->minimum = 3 + chance_below(&o->chance, 4);
    o->units = 1 + chance_below(&o->chance, UNITS_MAX);
    set_minimum(o);
    define_roles(o);
    for (unsigned unit = 0; unit < o->units; unit++) {
        unsigned people = chance_below(&o->chance, PEOPLE_MAX + 1);

        add_unit(o, unit);
        for (unsigned i = 0; i < people; i++)
            add_person(o, unit, i);
    }
}

/* ---- what is shown ---- */

/* Sets of units with figures, as bits. */
typedef struct {
    unsigned sets[SETS_MAX];
    size_t count;
} shown;

static unsigned with_all_below(const organisation *o, unsigned top)
{
    unsigned set = 1u << top;

    for (unsigned unit = top + 1; unit < o->units; unit++) /* parents come first */
        if ((set & 1u << o->above[unit]) != 0)
            set |= 1u << unit;
    return set;
}

static void add_answer(organisation *o, unsigned unit, bool with_units_below, unsigned c, shown *s)
{
    Reporting__GetHeatMap question = REPORTING__GET_HEAT_MAP__INIT;
    px_request request = { o->tenant, &question, &o->arena };
    px_reply reply = { .arena = &o->arena, .tenant = o->tenant, .field = "" };
    const Reporting__HeatMap *map;

    question.unit_id = name(o, "u", unit);
    question.with_units_below = with_units_below;
    assert_int_equal(query_get_heat_map(o->txn, &request, &reply), PX_OK);
    map = (const Reporting__HeatMap *)reply.message;
    for (size_t i = 0; i < map->n_cells; i++)
        if (strcmp(map->cells[i]->competency_id, competencies[c]) == 0)
            s->sets[s->count++] = with_units_below ? with_all_below(o, unit) : 1u << unit;
}

static void add_value(organisation *o, unsigned unit, unsigned c, shown *s)
{
    const char *key = px_arena_printf(&o->arena, "heatmap.u-%u.%s", unit, competencies[c]);
    const Reporting__HeatMapCell *cell =
        (const Reporting__HeatMapCell *)report_value(o->txn, o->tenant, key, &o->arena);

    assert_non_null(cell);
    if (cell->content_case == REPORTING__HEAT_MAP_CELL__CONTENT_FIGURES)
        s->sets[s->count++] = 1u << unit;
}

static shown all_that_is_shown(organisation *o, unsigned c)
{
    shown s = { .count = 0 };

    for (unsigned unit = 0; unit < o->units; unit++) {
        px_arena_reset(&o->arena);
        add_value(o, unit, c, &s);
        add_answer(o, unit, false, c, &s);
        add_answer(o, unit, true, c, &s);
    }
    return s;
}

/* What a threshold alone would show, to see that the solver finds something in it. */
static shown all_above_the_minimum(const organisation *o, unsigned c)
{
    shown s = { .count = 0 };

    for (unsigned unit = 0; unit < o->units; unit++) {
        const unsigned sets[] = { 1u << unit, with_all_below(o, unit) };

        for (size_t i = 0; i < PX_COUNT(sets); i++) {
            unsigned people = 0;

            for (unsigned u = 0; u < o->units; u++)
                people += (sets[i] & 1u << u) != 0 ? o->assessed[c][u] : 0;
            if (people >= o->minimum)
                s.sets[s.count++] = sets[i];
        }
    }
    return s;
}

/* ---- the solver ---- */

static uint32_t inverse(uint32_t a) /* a^(p-2) */
{
    uint64_t result = 1, power = a;

    for (unsigned e = PRIME - 2; e > 0; e >>= 1) {
        if ((e & 1) != 0)
            result = result * power % PRIME;
        power = power * power % PRIME;
    }
    return (uint32_t)result;
}

static void eliminate(uint32_t *row, const uint32_t *pivot, unsigned column)
{
    uint64_t factor = row[column] * (uint64_t)inverse(pivot[column]) % PRIME;

    for (unsigned u = 0; u < UNITS_MAX; u++)
        row[u] = (uint32_t)((row[u] + (PRIME - factor) * pivot[u]) % PRIME);
}

/* Of the rows in the columns of `units`. The sets are nested or apart, so the matrix is totally
 * unimodular: its rank modulo a prime is that over the fractions. */
static unsigned rank_in(const shown *s, unsigned units)
{
    uint32_t rows[SETS_MAX][UNITS_MAX], swap[UNITS_MAX];
    unsigned rank = 0;

    for (size_t i = 0; i < s->count; i++)
        for (unsigned u = 0; u < UNITS_MAX; u++)
            rows[i][u] = (s->sets[i] & units & 1u << u) != 0;
    for (unsigned column = 0; column < UNITS_MAX; column++) {
        size_t at = rank;

        while (at < s->count && rows[at][column] == 0)
            at++;
        if (at >= s->count)
            continue;
        memcpy(swap, rows[at], sizeof swap);
        memcpy(rows[at], rows[rank], sizeof swap);
        memcpy(rows[rank], swap, sizeof swap);
        for (size_t i = rank + 1; i < s->count; i++)
            eliminate(rows[i], rows[rank], column);
        rank++;
    }
    return rank;
}

/* How many groups of fewer than the minimum, and of somebody, are given away. */
static unsigned derivable(const organisation *o, unsigned c, const shown *s)
{
    unsigned occupied = 0, found_out = 0;

    for (unsigned u = 0; u < o->units; u++)
        occupied |= o->assessed[c][u] > 0 ? 1u << u : 0;
    unsigned rank = rank_in(s, occupied);
    for (unsigned group = 1; group < 1u << o->units; group++) {
        unsigned people = 0;

        for (unsigned u = 0; u < o->units; u++)
            people += (group & 1u << u) != 0 ? o->assessed[c][u] : 0;
        if ((group & ~occupied) == 0 && people < o->minimum && rank_in(s, occupied & ~group) < rank)
            found_out++;
    }
    return found_out;
}

/* ---- the tests ---- */

static uint64_t setting(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);

    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void released__gives_no_group_below_the_minimum_away(void **ctx)
{
    organisation *o = *ctx;
    uint64_t first = setting("PRAXIS_SEED", 1), count = setting("PRAXIS_ORGANISATIONS", 200);
    unsigned cells = 0, by_threshold_alone = 0;

    for (uint64_t seed = first; seed < first + count; seed++) {
        px_arena_reset(&o->arena);
        found(o, seed);
        for (unsigned c = 0; c < COMPETENCIES; c++) {
            shown s = all_that_is_shown(o, c), naive = all_above_the_minimum(o, c);

            if (derivable(o, c, &s) > 0)
                fail_msg("organisation %llu gives a small group away in %s: PRAXIS_SEED=%llu",
                         (unsigned long long)seed, competencies[c], (unsigned long long)seed);
            cells += (unsigned)s.count;
            by_threshold_alone += derivable(o, c, &naive);
        }
    }
    print_message("%u figures shown by %llu organisations; a threshold alone would give %u small "
                  "groups away\n",
                  cells, (unsigned long long)count, by_threshold_alone);
    assert_true(cells > count && (count < 50 || by_threshold_alone > 0));
}

static void solver__finds_what_is_left_over(void **ctx)
{
    organisation *o = *ctx;
    const shown whole_and_part = { { 7, 1 }, 2 }, part = { { 1 }, 1 };

    o->units = 3;
    o->minimum = 5;
    o->assessed[0][0] = 5;
    o->assessed[0][1] = 2;
    o->assessed[0][2] = 1;
    assert_int_equal(derivable(o, 0, &whole_and_part), 1); /* units 1 and 2 together: 3 people */
    assert_int_equal(derivable(o, 0, &part), 0);
    o->assessed[0][2] = 3;
    assert_int_equal(derivable(o, 0, &whole_and_part), 0); /* they are a group */
}

static int setup(void **ctx)
{
    static organisation o;

    memset(&o, 0, sizeof o);
    if (store_fixture_setup((void **)&o.store) != 0 || !px_arena_init(&o.arena, 16 << 20))
        return -1;
    o.txn = px_store_begin(o.store->store);
    *ctx = &o;
    return 0;
}

static int teardown(void **ctx)
{
    organisation *o = *ctx;
    void *store = o->store;

    assert_int_equal(px_txn_status(o->txn), PX_OK);
    px_txn_abort(o->txn);
    px_arena_fini(&o->arena);
    return store_fixture_teardown(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(released__gives_no_group_below_the_minimum_away, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(solver__finds_what_is_left_over, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
