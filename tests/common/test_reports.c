/* Report values: put when they are touched, kept when they cannot be put, and put again when the
 * server has lost them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/bus_memory_faults.h"
#include "common/codec.h"
#include "common/keys.h"
#include "common/outbound.h"
#include "common/report.h"
#include "praxis/reporting/fact/v1/fact.pb-c.h"
#include "praxis/reporting/v1/event.pb-c.h"
#include "tests/common/fold_world.h"

enum { TABLE_COUNT = 200 };

static const char subject[] = "$KV.PRAXIS_REPORTS.acme.count";

/* ---- the service of fold_world.h, with one report: how many facts there are ---- */

static uint32_t count_of(const px_view *state, const char *tenant)
{
    px_keybuf key = px_key_begin(TABLE_COUNT);
    px_bytes value;

    px_key_text(&key, tenant);
    return px_get(state, PX_STATE, px_key_bytes(&key), &value) ? (uint32_t)px_get_be64(value.data)
                                                               : 0;
}

static void evolve(px_txn *state, const px_fact *fact)
{
    px_keybuf key = px_key_begin(TABLE_COUNT);
    uint8_t count[8];

    fold_world_service().evolvers[fact->type](state, fact);
    px_key_text(&key, fact->tenant);
    px_put_be64(count, count_of(state, fact->tenant) + 1);
    px_put(state, PX_STATE, px_key_bytes(&key), (px_bytes){ count, sizeof count });
    px_report_touch(state, fact->tenant, "count");
}

static const ProtobufCMessage *report(const px_view *state, const char *tenant, const char *key,
                                      px_arena *arena)
{
    Reporting__GroupMinimumSet *value = (Reporting__GroupMinimumSet *)px_codec_new(
        &reporting__group_minimum_set__descriptor, arena);

    assert_string_equal(key, "count");
    value->minimum = count_of(state, tenant);
    return &value->base;
}

static px_evolver_fn *const evolvers[] = {
    [REPORTING_FACT__FACT__BODY_GROUP_MINIMUM_SET] = evolve,
};

static int setup(void **state)
{
    fold_world *w;
    int status = fold_world_setup(state);

    w = *state;
    w->a.service.evolvers = w->b.service.evolvers = evolvers;
    w->a.service.report = w->b.service.report = report;
    return status;
}

/* 0: there is no value. */
static uint32_t value_in_bucket(fold_world *w)
{
    const Reporting__GroupMinimumSet *value;
    px_bus_msg *msg;
    uint32_t minimum;

    if (px_bus_get_last(w->bus, px_reports_stream, subject, &msg) != PX_OK)
        return 0;
    value = (const Reporting__GroupMinimumSet *)px_codec_unpack(
        &reporting__group_minimum_set__descriptor, msg->data, &w->arena);
    assert_non_null(value);
    minimum = value->minimum;
    px_bus_msg_free(msg);
    return minimum;
}

static void submit(fold_world *w, const char *id)
{
    fold_submit(w, "acme", id, 3); /* no key says anything below 10 */
    fold_settle(w);
}

/* ---- tests ---- */

static void value__is_put_when_it_is_touched(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    submit(w, "one");
    assert_int_equal(value_in_bucket(w), 1);
    submit(w, "two");
    assert_int_equal(value_in_bucket(w), 2);
}

static void value_without_room__is_put_when_there_is_some(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    submit(w, "one");
    px_bus_server_limit(w->server, px_reports_stream, true, 0);
    submit(w, "two"); /* which is decided and answered all the same */
    assert_int_equal(fold_results_of(w, "two", NULL), 1);
    assert_int_equal(value_in_bucket(w), 1);
    px_bus_server_limit(w->server, px_reports_stream, false, 0);
    fold_settle(w);
    assert_int_equal(value_in_bucket(w), 2);
}

static void value_lost_by_the_server__is_put_again(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    submit(w, "one");
    px_bus_server_set_up(w->server, false);
    assert_int_equal(px_bus_server_cut(w->server, px_reports_stream, 0), PX_OK);
    assert_int_equal(value_in_bucket(w), 0);
    px_bus_server_set_up(w->server, true);
    fold_settle(w);
    assert_int_equal(value_in_bucket(w), 1);
}

/* A copy that has read less touches the value too, and leaves the newer one. */
static void value_of_a_copy_that_lags__is_not_put_over_a_newer(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    submit(w, "one");
    submit(w, "two");
    fold_start(&w->b);
    while (fold_cursor(&w->b) < fold_cursor(&w->a)) {
        (void)fold_turn(&w->b);
        assert_int_equal(value_in_bucket(w), 2);
    }
    fold_settle(w);
    assert_int_equal(value_in_bucket(w), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fold_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(value__is_put_when_it_is_touched),
        TEST(value_without_room__is_put_when_there_is_some),
        TEST(value_lost_by_the_server__is_put_again),
        TEST(value_of_a_copy_that_lags__is_not_put_over_a_newer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
