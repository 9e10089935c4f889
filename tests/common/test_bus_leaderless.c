/* test_bus_leaderless.c: what is left of a cluster answers for a stream that nobody leads, or late:
 * answers of nats-server 2.9, given by the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/common/bus_world.h"

/* How often it still answers as one that leads nothing. */
typedef struct {
    atomic_uint leaderless;
} replica;

static void tell(void *context, px_bus *bus, const px_bus_msg *request)
{
    replica *r = context;
    bool led = atomic_load(&r->leaderless) == 0;
    char answer[512];

    if (!led)
        atomic_fetch_sub(&r->leaderless, 1);
    snprintf(answer, sizeof answer,
             "{\"config\":{\"num_replicas\":3},\"state\":{\"messages\":7,\"first_seq\":1,"
             "\"last_seq\":7},\"cluster\":{\"name\":\"c\",%s\"replicas\":["
             "{\"name\":\"n1\",\"offline\":%s},{\"name\":\"n2\"}]}}",
             led ? "\"leader\":\"n0\"," : "", led ? "false" : "true");
    px_bus_respond(bus, request, bus_text(answer), NULL, 0);
}

/* A connection that asks the test. */
static px_bus *of_a_cluster(bus_world *w, int64_t timeout_ms)
{
    px_bus *bus;

    assert_int_equal(px_bus_open(&bus, &(px_bus_options){ .url = nats_fixture_url(w->nats),
                                                          .js_prefix = "OF.A.CLUSTER",
                                                          .request_timeout_ms = timeout_ms }),
                     PX_OK);
    bus_connected(bus);
    return bus;
}

/* Asks once for what the replica serves; closes both connections. */
static px_status ask(bus_world *w, unsigned leaderless, int64_t timeout_ms, px_stream_info *info,
                     char why[128])
{
    replica r = { 0 };
    px_bus *server = bus_open(w, "_IN_server");
    px_bus *bus;
    px_status status;

    atomic_init(&r.leaderless, leaderless);
    assert_int_equal(px_bus_serve(server, "OF.A.CLUSTER.STREAM.INFO.LOG", NULL, tell, &r), PX_OK);
    bus = of_a_cluster(w, timeout_ms);
    status = px_bus_stream_info(bus, "LOG", info);
    snprintf(why, 128, "%s", px_bus_last_error(bus));
    px_bus_close(bus);
    px_bus_close(server);
    return status;
}

static void stream_info__is_not_taken_from_one_that_nobody_leads(void **state)
{
    px_stream_info info;
    char why[128];

    assert_int_equal(ask(*state, UINT32_MAX, 600, &info, why), PX_ETIMEOUT);
    assert_string_equal(why, "LOG: no server of the cluster leads this stream");
}

static void stream_info__waits_until_one_leads(void **state)
{
    px_stream_info info;
    char why[128];

    assert_int_equal(ask(*state, 2, BUS_DEADLINE_MS, &info, why), PX_OK);
    assert_int_equal(info.last_seq, 7);
    assert_int_equal(info.replicas, 3);
}

/* Answers to erasures: the first is kept, and sent with the next one's. */
typedef struct {
    char kept[256];
    atomic_uint asked;
} late;

static void erase_late(void *context, px_bus *bus, const px_bus_msg *request)
{
    late *l = context;

    if (atomic_fetch_add(&l->asked, 1) == 0) {
        snprintf(l->kept, sizeof l->kept, "%s", request->reply);
        return;
    }
    px_bus_send(bus, &(px_bus_out){ .subject = l->kept, .data = bus_text("{}") });
    px_bus_respond(bus, request, bus_text("{\"success\":true}"), NULL, 0);
}

static void erase_all__passes_answers_that_come_too_late(void **state)
{
    const uint64_t seq = 5;
    bus_world *w = *state;
    px_bus *server = bus_open(w, "_IN_server");
    px_bus *bus;
    late l = { .kept = "" };

    assert_int_equal(
        px_bus_serve(server, "OF.A.CLUSTER.STREAM.MSG.DELETE.BOX", NULL, erase_late, &l), PX_OK);
    bus = of_a_cluster(w, 300);
    assert_int_equal(px_bus_erase_all(bus, "BOX", &seq, 1), PX_ETIMEOUT);
    assert_int_equal(px_bus_erase_all(bus, "BOX", &seq, 1), PX_OK);
    assert_int_equal(atomic_load(&l.asked), 2); /* "{}" would have been asked about one by one */
    px_bus_close(bus);
    px_bus_close(server);
}

static void refuse(void *context, px_bus *bus, const px_bus_msg *request)
{
    (void)context;
    px_bus_respond(bus, request,
                   bus_text("{\"error\":{\"code\":503,\"err_code\":10008,\"description\":"
                            "\"JetStream system temporarily unavailable\"}}"),
                   NULL, 0);
}

/* A refusal would be for a person to mend. */
static void cluster_without_a_leader__is_one_that_does_not_answer(void **state)
{
    bus_world *w = *state;
    px_bus *server = bus_open(w, "_IN_server");
    px_stream_info info;
    px_bus *bus;

    assert_int_equal(px_bus_serve(server, "OF.A.CLUSTER.STREAM.INFO.LOG", NULL, refuse, NULL),
                     PX_OK);
    bus = of_a_cluster(w, 5000);
    assert_int_equal(px_bus_stream_info(bus, "LOG", &info), PX_ETIMEOUT);
    px_bus_close(bus);
    px_bus_close(server);
}

/* The first question has an answer, the others come while nobody leads. */
static void find_one(void *context, px_bus *bus, const px_bus_msg *request)
{
    atomic_uint *asked = context;

    if (atomic_fetch_add(asked, 1) > 0)
        refuse(NULL, bus, request);
    else
        px_bus_respond(bus, request,
                       bus_text("{\"message\":{\"subject\":\"key.a\",\"seq\":3,\"data\":\"eA==\","
                                "\"time\":\"2026-01-05T00:00:00Z\"}}"),
                       NULL, 0);
}

/* Nor does it say that there is none: somebody would make another one. */
static void get_last_all__without_a_leader_finds_nothing_out(void **state)
{
    const char *subjects[] = { "key.a", "key.b", "key.c" };
    bus_world *w = *state;
    px_bus *server = bus_open(w, "_IN_server");
    px_bus_msg *msgs[PX_COUNT(subjects)];
    atomic_uint asked = 0;
    px_bus *bus;

    assert_int_equal(
        px_bus_serve(server, "OF.A.CLUSTER.STREAM.MSG.GET.KEYS", NULL, find_one, &asked), PX_OK);
    bus = of_a_cluster(w, 5000);
    assert_int_equal(px_bus_get_last_all(bus, "KEYS", subjects, 1, msgs), PX_OK);
    bus_expect_data(msgs[0], "x");
    px_bus_msg_free(msgs[0]);
    atomic_store(&asked, 0);
    assert_int_equal(px_bus_get_last_all(bus, "KEYS", subjects, PX_COUNT(subjects), msgs),
                     PX_ETIMEOUT);
    for (size_t i = 0; i < PX_COUNT(msgs); i++)
        assert_null(msgs[i]);
    assert_int_equal(px_bus_get_last_all(bus, "NOBODY", subjects, PX_COUNT(subjects), msgs),
                     PX_EREFUSED); /* nobody takes the question */
    px_bus_close(bus);
    px_bus_close(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream_info__is_not_taken_from_one_that_nobody_leads),
        cmocka_unit_test(stream_info__waits_until_one_leads),
        cmocka_unit_test(cluster_without_a_leader__is_one_that_does_not_answer),
        cmocka_unit_test(erase_all__passes_answers_that_come_too_late),
        cmocka_unit_test(get_last_all__without_a_leader_finds_nothing_out),
    };

    return bus_run_on_nats(tests, PX_COUNT(tests));
}
