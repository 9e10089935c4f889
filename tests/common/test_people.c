/* Tests of common/people: reporting lines, who may see what, and what is left after an erasure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/people.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "tests/common/store_fixture.h"

typedef struct {
    store_fixture *store;
    px_txn *txn;
} people_fixture;

static void recorded_in(px_txn *txn, const char *tenant, const char *person_id,
                        const char *manager_id, bool active, bool hr_partner)
{
    FeedbackIngestFact__PersonRecorded f = FEEDBACK_INGEST_FACT__PERSON_RECORDED__INIT;
    px_fact fact = { .tenant = tenant, .body = &f };

    f.person_id = (char *)person_id;
    f.manager_id = (char *)manager_id;
    f.unit_id = "sales";
    f.active = active;
    f.hr_partner = hr_partner;
    f.key_generation = px_people_last_generation(txn, tenant, person_id) + 1;
    px_people_project_recorded(txn, &fact);
}

static void erased(px_txn *txn, const char *person_id)
{
    FeedbackIngestFact__PersonErased f = FEEDBACK_INGEST_FACT__PERSON_ERASED__INIT;
    px_fact fact = { .tenant = "acme", .body = &f };

    f.person_id = (char *)person_id;
    f.key_generation = px_people_last_generation(txn, "acme", person_id);
    px_people_project_erased(txn, &fact);
}

/* boss; ann and bob under boss; cid under ann; hanna, HR partner; lea, an HR partner who has left.
 */
static int setup(void **state)
{
    static people_fixture f;
    int failed = store_fixture_setup((void **)&f.store);

    if (failed)
        return failed;
    f.txn = px_store_begin(f.store->store);
    recorded_in(f.txn, "acme", "boss", "", true, false);
    recorded_in(f.txn, "acme", "ann", "boss", true, false);
    recorded_in(f.txn, "acme", "bob", "boss", true, false);
    recorded_in(f.txn, "acme", "cid", "ann", true, false);
    recorded_in(f.txn, "acme", "hanna", "", true, true);
    recorded_in(f.txn, "acme", "lea", "boss", false, true);
    recorded_in(f.txn, "other", "zoe", "", true, true);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    people_fixture *f = *state;

    px_txn_abort(f->txn);
    return store_fixture_teardown((void **)&f->store);
}

static px_txn *people(void **state)
{
    return ((people_fixture *)*state)->txn;
}

static void person__is_read_back_as_recorded(void **state)
{
    px_person p;

    assert_true(px_people_get(people(state), "acme", "lea", &p));
    assert_string_equal(p.manager_id, "boss");
    assert_string_equal(p.unit_id, "sales");
    assert_false(p.active);
    assert_true(p.hr_partner);
    assert_int_equal(p.key_generation, 1);
}

static void person__is_known_in_their_tenant_only(void **state)
{
    assert_true(px_people_is_known(people(state), "other", "zoe"));
    assert_false(px_people_is_known(people(state), "acme", "zoe"));
    assert_false(px_people_is_known(people(state), "other", "ann"));
    assert_false(px_people_may_view(people(state), "acme", "zoe", "ann"));
}

static void person__is_active_until_they_leave(void **state)
{
    assert_true(px_people_is_active(people(state), "acme", "ann"));
    assert_false(px_people_is_active(people(state), "acme", "lea"));
    assert_false(px_people_is_active(people(state), "acme", "nobody"));
}

static void relation__follows_the_direct_line(void **state)
{
    static const struct {
        const char *rater, *person;
        px_relation relation;
    } rows[] = {
        { "ann", "ann", PX_RELATION_SELF },    { "boss", "ann", PX_RELATION_MANAGER },
        { "ann", "boss", PX_RELATION_REPORT }, { "ann", "bob", PX_RELATION_PEER },
        { "boss", "cid", PX_RELATION_PEER },   { "cid", "boss", PX_RELATION_PEER },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++)
        assert_int_equal(px_people_relation(people(state), "acme", rows[i].rater, rows[i].person),
                         rows[i].relation);
}

static void may_view__is_denied_but_to_three(void **state)
{
    static const struct {
        const char *viewer, *person;
        bool allowed;
    } rows[] = {
        { "ann", "ann", true },  { "boss", "ann", true },      { "hanna", "ann", true },
        { "bob", "ann", false }, { "cid", "ann", false },      { "boss", "cid", false },
        { "lea", "ann", false }, { "", "ann", false },         { "nobody", "ann", false },
        { "", "boss", false },   { "hanna", "nobody", false }, { "nobody", "nobody", false },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++)
        assert_int_equal(px_people_may_view(people(state), "acme", rows[i].viewer, rows[i].person),
                         rows[i].allowed);
}

static void manager__who_left_manages_nobody(void **state)
{
    assert_true(px_people_is_manager_of(people(state), "acme", "boss", "ann"));
    recorded_in(people(state), "acme", "boss", "", false, false);
    assert_false(px_people_is_manager_of(people(state), "acme", "boss", "ann"));
    assert_int_equal(px_people_relation(people(state), "acme", "boss", "ann"), PX_RELATION_PEER);
}

static void erased__is_unknown_but_for_the_generation(void **state)
{
    px_person p;

    erased(people(state), "ann");
    assert_false(px_people_get(people(state), "acme", "ann", &p));
    assert_false(px_people_is_manager_of(people(state), "acme", "boss", "ann"));
    assert_false(px_people_is_manager_of(people(state), "acme", "ann", "cid"));
    assert_false(px_people_may_view(people(state), "acme", "ann", "ann"));
    assert_int_equal(px_people_key_generation(people(state), "acme", "ann"), 0);
    assert_int_equal(px_people_last_generation(people(state), "acme", "ann"), 1);
}

static void erased__comes_back_with_the_next_key(void **state)
{
    erased(people(state), "ann");
    recorded_in(people(state), "acme", "ann", "boss", true, false);
    assert_int_equal(px_people_key_generation(people(state), "acme", "ann"), 2);
}

static void scan__gives_the_known_people_of_a_tenant_by_id(void **state)
{
    static const char *const expected[] = { "ann", "boss", "cid", "hanna", "lea" };
    char person_id[PX_ID_SIZE];
    px_people_scan scan;
    size_t n = 0;
    px_person p;

    erased(people(state), "bob");
    px_people_scan_begin(&scan, people(state), "acme");
    while (px_people_scan_next(&scan, person_id, &p)) {
        assert_true(n < PX_COUNT(expected));
        assert_string_equal(person_id, expected[n]);
        assert_int_equal(p.active, strcmp(person_id, "lea") != 0);
        n++;
    }
    px_people_scan_end(&scan);
    assert_int_equal(n, PX_COUNT(expected));
}

#define ON_PEOPLE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_PEOPLE(person__is_read_back_as_recorded),
        ON_PEOPLE(person__is_known_in_their_tenant_only),
        ON_PEOPLE(person__is_active_until_they_leave),
        ON_PEOPLE(relation__follows_the_direct_line),
        ON_PEOPLE(may_view__is_denied_but_to_three),
        ON_PEOPLE(manager__who_left_manages_nobody),
        ON_PEOPLE(erased__is_unknown_but_for_the_generation),
        ON_PEOPLE(erased__comes_back_with_the_next_key),
        ON_PEOPLE(scan__gives_the_known_people_of_a_tenant_by_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
