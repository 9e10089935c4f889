/* test_outbound_reports.c: how values of reports get into the bucket: expected revisions, answers
 * on their way, values of others. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/bus_memory_faults.h"
#include "common/codec.h"
#include "common/outbound.h"
#include "common/report.h"
#include "common/round_impl.h"
#include "praxis/reporting/v1/event.pb-c.h"
#include "tests/common/fold_world.h"

static const char subject[] = "$KV.PRAXIS_REPORTS.acme.cursor";

/* ---- a service whose only report says what it is as of ---- */

static px_evolver_fn *evolve;
static uint64_t touched_last; /* by which log message */

static void evolve_and_touch(px_txn *state, const px_fact *fact)
{
    evolve(state, fact);
    px_report_touch(state, fact->tenant, "cursor");
    if (px_txn_seq(state) < PX_OVERLAY_SEQ)
        touched_last = px_txn_seq(state);
}

static const ProtobufCMessage *report(const px_view *state, const char *tenant, const char *key,
                                      px_arena *arena)
{
    Reporting__GroupMinimumSet *value = (Reporting__GroupMinimumSet *)px_codec_new(
        &reporting__group_minimum_set__descriptor, arena);

    assert_string_equal(tenant, "acme");
    assert_string_equal(key, "cursor");
    value->minimum = (uint32_t)px_view_cursor(state);
    return &value->base;
}

static int setup(void **state)
{
    static px_evolver_fn *evolvers[8];
    int failed = fold_world_setup(state);
    fold_world *w = *state;

    assert_true(w->a.service.evolver_count <= PX_COUNT(evolvers));
    for (size_t i = 0; i < w->a.service.evolver_count; i++) {
        if (w->a.service.evolvers[i] != NULL)
            evolve = w->a.service.evolvers[i];
        evolvers[i] = w->a.service.evolvers[i] != NULL ? evolve_and_touch : NULL;
    }
    w->a.service.evolvers = evolvers;
    w->a.service.report = report;
    touched_last = 1;
    return failed;
}

/* @return what stands in the bucket; 0: nothing */
static uint32_t value_now(fold_world *w)
{
    px_bus_msg *msg;
    uint32_t minimum;
    px_status status = px_bus_get_last(w->bus, px_reports_stream, subject, &msg);

    if (status == PX_ENOTFOUND)
        return 0;
    assert_int_equal(status, PX_OK);
    const Reporting__GroupMinimumSet *value = (const Reporting__GroupMinimumSet *)px_codec_unpack(
        &reporting__group_minimum_set__descriptor, msg->data, &w->arena);
    minimum = value->minimum;
    assert_int_equal(strtoull(px_bus_msg_header(msg, px_as_of_header), NULL, 10), minimum);
    px_bus_msg_free(msg);
    return minimum;
}

/* ---- what the daemon asks ---- */

typedef struct {
    const fold_world *world;
    unsigned asked; /* about the bucket */
    unsigned put;
} watch;

static bool note_request(void *context, const px_bus *from, const char *stream)
{
    watch *seen = context;

    seen->asked += from != seen->world->bus && strcmp(stream, px_reports_stream) == 0;
    return false;
}

static px_fate note_publish(void *context, const px_bus *from, const px_bus_out *out)
{
    watch *seen = context;

    seen->put += from != seen->world->bus && strcmp(out->subject, subject) == 0;
    return PX_FATE_ARRIVES;
}

static void watch_bucket(fold_world *w, watch *seen)
{
    *seen = (watch){ .world = w };
    px_bus_server_set_faults(
        w->server,
        &(px_bus_faults){ .publish = note_publish, .request = note_request, .context = seen });
}

/* ---- the tests ---- */

static void value__is_put_without_asking_once_ours_stands_there(void **state)
{
    fold_world *w = *state;
    watch seen;

    fold_start(&w->a);
    fold_submit(w, "acme", "one", 3);
    fold_settle(w);
    assert_true(value_now(w) >= touched_last);
    watch_bucket(w, &seen);
    for (unsigned i = 0; i < 3; i++) {
        fold_submit(w, "acme", px_arena_printf(&w->arena, "more-%u", i), 3);
        fold_settle(w);
        assert_true(value_now(w) >= touched_last);
    }
    assert_int_equal(seen.asked, 0);
    assert_true(seen.put >= 3);
}

static void value__of_somebody_else_is_read_before_it_is_replaced(void **state)
{
    const px_bus_out other = { .subject = subject, .data = { "", 0 } };
    fold_world *w = *state;
    px_bus_ack ack;
    watch seen;

    fold_start(&w->a);
    fold_submit(w, "acme", "one", 3);
    fold_settle(w);
    assert_int_equal(px_bus_publish_wait(w->bus, &other, &ack), PX_OK);
    watch_bucket(w, &seen);
    fold_submit(w, "acme", "two", 3);
    fold_settle(w);
    assert_true(value_now(w) >= touched_last);
    assert_true(seen.asked > 0);
}

/* The other copy says something while the first value is on its way, which is so touched again. */
static void value__touched_again_on_its_way_is_put_again(void **state)
{
    fold_world *w = *state;

    w->b.service.report = NULL;
    fold_start(&w->a);
    fold_start(&w->b);
    fold_submit(w, "acme", "one", 3);
    while (value_now(w) == 0)
        fold_turn(&w->a);
    assert_int_equal(value_now(w), 1);
    fold_submit(w, "acme", "two", 3);
    for (unsigned turns = 0; fold_last(w, px_log_stream) < 2; turns++) {
        assert_true(turns < 1000);
        fold_turn(&w->b);
    }
    fold_settle(w);
    assert_true(touched_last > 1);
    assert_true(value_now(w) >= touched_last);
}

/* The answer is lost: nobody knows whether it stands there, so it is put again. */
static void value__is_put_again_after_a_restart_that_lost_the_answer(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    fold_submit(w, "acme", "one", 3);
    while (value_now(w) == 0)
        fold_turn(&w->a);
    fold_stop(&w->a);
    fold_submit(w, "acme", "two", 3);
    fold_start(&w->a);
    fold_settle(w);
    assert_true(touched_last > 1);
    assert_true(value_now(w) >= touched_last);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fold_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(value__is_put_without_asking_once_ours_stands_there),
        TEST(value__of_somebody_else_is_read_before_it_is_replaced),
        TEST(value__touched_again_on_its_way_is_put_again),
        TEST(value__is_put_again_after_a_restart_that_lost_the_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
