/* Tests of reporting: a heat map counts so much and no more. On a bare store, for the numbers'
 * sake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/record.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "services/reporting/heatmap.h"
#include "tests/common/store_fixture.h"

enum { ARENA_BYTES = 8 * 1024 * 1024 };

static const char *numbered(char id[PX_ID_SIZE], const char *name, unsigned number)
{
    snprintf(id, PX_ID_SIZE, "%s-%05u", name, number);
    return id;
}

static px_status count_unit(px_txn *state, size_t arena_bytes, heatmap *out)
{
    px_arena arena;

    assert_true(px_arena_init(&arena, arena_bytes));
    px_status status = heatmap_count_unit(state, "acme", "top", true, &arena, out);
    px_arena_fini(&arena);
    return status;
}

static char dev[] = "dev", lead[] = "lead";

static void add_targets(px_txn *state, char *role_id, unsigned first, unsigned count)
{
    CompetencyFact__RoleTargetSet target = COMPETENCY_FACT__ROLE_TARGET_SET__INIT;
    px_fact fact = { .tenant = "acme", .body = &target };
    char id[PX_ID_SIZE];

    target.role_id = role_id;
    target.competency_id = id;
    target.target = 3;
    for (unsigned i = first; i < first + count; i++) {
        numbered(id, "c", i);
        px_roles_project_target(state, &fact);
    }
}

static void add_person(px_txn *state, const char *role_id, const char *person_id)
{
    place at = { .active = true, .unit_id = "top" };

    px_record_set_text(at.role_set, sizeof at.role_set, role_id);
    reporting_state_put_place(state, "acme", person_id, &at);
}

static void heat_map__competencies_are_limited(void **ctx)
{
    store_fixture *f = *ctx;
    px_txn *state = px_store_begin(f->store);
    heatmap out;

    add_targets(state, dev, 0, HEATMAP_COMPETENCIES_MAX - 1);
    add_targets(state, lead, 1, HEATMAP_COMPETENCIES_MAX - 1);
    add_person(state, "dev", "ann");
    add_person(state, "lead", "bob");
    assert_int_equal(count_unit(state, ARENA_BYTES, &out), PX_OK);
    assert_int_equal(out.count, HEATMAP_COMPETENCIES_MAX);
    add_targets(state, lead, HEATMAP_COMPETENCIES_MAX, 1);
    assert_int_equal(count_unit(state, ARENA_BYTES, &out), PX_ETOOBIG);
    px_txn_abort(state);
}

static void heat_map__people_are_limited(void **ctx)
{
    store_fixture *f = *ctx;
    px_txn *state = px_store_begin(f->store);
    char id[PX_ID_SIZE];
    heatmap out;

    add_targets(state, dev, 0, 1);
    for (unsigned i = 0; i < HEATMAP_PEOPLE_MAX; i++)
        add_person(state, "dev", numbered(id, "p", i));
    assert_int_equal(count_unit(state, ARENA_BYTES, &out), PX_OK);
    add_person(state, "", "one-more");
    assert_int_equal(count_unit(state, ARENA_BYTES, &out), PX_ETOOBIG);
    px_txn_abort(state);
}

static void heat_map__units_are_limited(void **ctx)
{
    store_fixture *f = *ctx;
    px_txn *state = px_store_begin(f->store);
    unit_record unit = { .parent_id = "top", .label = "Unit" };
    char id[PX_ID_SIZE];
    heatmap out;

    for (unsigned i = 1; i < HEATMAP_UNITS_MAX; i++)
        reporting_state_put_unit(state, "acme", numbered(id, "u", i), &unit);
    assert_int_equal(count_unit(state, ARENA_BYTES, &out), PX_OK);
    reporting_state_put_unit(state, "acme", "one-more", &unit);
    assert_int_equal(count_unit(state, ARENA_BYTES, &out), PX_ETOOBIG);
    px_txn_abort(state);
}

static void heat_map__full_arena_is_said(void **ctx)
{
    store_fixture *f = *ctx;
    px_txn *state = px_store_begin(f->store);
    heatmap out;

    add_targets(state, dev, 0, HEATMAP_COMPETENCIES_MAX);
    add_person(state, "dev", "ann");
    px_status status = PX_ENOMEM;
    for (size_t bytes = 1024; bytes <= 256 * 1024; bytes += 1024) {
        status = count_unit(state, bytes, &out);
        assert_true(status == PX_ENOMEM || status == PX_OK);
        assert_true(status == PX_ENOMEM || bytes > 64 * 1024); /* the ids alone are 65 KB */
    }
    assert_int_equal(status, PX_OK);
    px_txn_abort(state);
}

#define store_test(name)                                                                           \
    cmocka_unit_test_setup_teardown(name, store_fixture_setup, store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_test(heat_map__competencies_are_limited),
        store_test(heat_map__people_are_limited),
        store_test(heat_map__units_are_limited),
        store_test(heat_map__full_arena_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
