/* test_micro.c: what `nats micro` would read from a daemon. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <cmocka.h>

#include "common/micro.h"

static const px_query_row queries[] = { { "GetPlan", NULL, NULL }, { "ListPlans", NULL, NULL } };

static const px_service service = { .name = "learning-recommender",
                                    .summary = "plans from gaps",
                                    .queries = queries,
                                    .query_count = PX_COUNT(queries) };

typedef struct {
    px_bus_server *server;
    px_bus *bus, *client;
    px_micro *micro;
    px_micro_state state;
} world;

static px_micro_state state_of(void *context)
{
    return ((world *)context)->state;
}

static int setup(void **ctx)
{
    world *w = calloc(1, sizeof *w);

    w->server = px_bus_server_create();
    assert_int_equal(px_bus_open_memory(&w->bus, w->server, "daemon"), PX_OK);
    assert_int_equal(px_bus_open_memory(&w->client, w->server, "client"), PX_OK);
    w->state = (px_micro_state){ 42, true, "" };
    assert_int_equal(px_micro_start(&w->micro, w->bus, &service, "host.example-7", state_of, w),
                     PX_OK);
    *ctx = w;
    return 0;
}

static int teardown(void **ctx)
{
    world *w = *ctx;

    px_bus_close(w->bus);
    px_bus_close(w->client);
    px_micro_destroy(w->micro);
    px_bus_server_destroy(w->server);
    free(w);
    return 0;
}

/** Asks and parses; NULL when nobody listens there. */
static json_t *ask(world *w, const char *subject)
{
    px_bus_out out = { .subject = subject };
    px_bus_msg *reply = NULL;
    px_status status = px_bus_request(w->client, &out, 5000, &reply);

    if (status == PX_ENOTFOUND)
        return NULL;
    assert_int_equal(status, PX_OK);
    json_t *answer = json_loadb(reply->data.data, reply->data.size, 0, NULL);
    assert_non_null(answer);
    px_bus_msg_free(reply);
    return answer;
}

static const char *text_of(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "(none)";
}

static json_int_t number_of(json_t *object, const char *key)
{
    assert_true(json_is_integer(json_object_get(object, key)));
    return json_integer_value(json_object_get(object, key));
}

static void ping__is_answered_on_all_three_subjects(void **ctx)
{
    world *w = *ctx;
    char subject[128];
    json_t *all = ask(w, "$SRV.PING");

    assert_string_equal(text_of(all, "type"), "io.nats.micro.v1.ping_response");
    assert_string_equal(text_of(all, "name"), "learning-recommender");
    assert_string_equal(text_of(all, "version"), PRAXIS_VERSION);
    assert_string_equal(text_of(json_object_get(all, "metadata"), "instance"), "host.example-7");
    snprintf(subject, sizeof subject, "$SRV.PING.learning-recommender.%s", text_of(all, "id"));
    json_t *one = ask(w, subject), *named = ask(w, "$SRV.PING.learning-recommender");
    assert_true(json_equal(all, one));
    assert_true(json_equal(all, named));
    assert_null(ask(w, "$SRV.PING.competency"));
    assert_null(ask(w, "$SRV.PING.learning-recommender.other"));
    json_decref(all);
    json_decref(one);
    json_decref(named);
}

static void info__lists_the_queries_with_their_subjects(void **ctx)
{
    json_t *info = ask(*ctx, "$SRV.INFO.learning-recommender");
    json_t *endpoints = json_object_get(info, "endpoints");
    json_t *second = json_array_get(endpoints, 1);

    assert_string_equal(text_of(info, "type"), "io.nats.micro.v1.info_response");
    assert_string_equal(text_of(info, "description"), "plans from gaps");
    assert_int_equal(json_array_size(endpoints), 2);
    assert_string_equal(text_of(second, "name"), "ListPlans");
    assert_string_equal(text_of(second, "subject"),
                        "praxis.v1.*.query.learning-recommender.ListPlans");
    assert_string_equal(text_of(second, "queue_group"), "q");
    assert_true(json_is_object(json_object_get(second, "metadata")));
    json_decref(info);
}

static void stats__count_what_was_counted(void **ctx)
{
    world *w = *ctx;

    px_micro_count(w->micro, 1, NULL, 3000);
    px_micro_count(w->micro, 1, "NOT_FOUND", 1000);
    json_t *stats = ask(w, "$SRV.STATS");
    json_t *endpoints = json_object_get(stats, "endpoints");
    json_t *first = json_array_get(endpoints, 0), *second = json_array_get(endpoints, 1);

    assert_string_equal(text_of(stats, "type"), "io.nats.micro.v1.stats_response");
    assert_int_equal(strlen(text_of(stats, "started")), strlen("2025-01-02T03:04:05Z"));
    assert_int_equal(number_of(first, "num_requests"), 0);
    assert_int_equal(number_of(first, "average_processing_time"), 0);
    assert_string_equal(text_of(first, "last_error"), "");
    assert_int_equal(number_of(second, "num_requests"), 2);
    assert_int_equal(number_of(second, "num_errors"), 1);
    assert_string_equal(text_of(second, "last_error"), "NOT_FOUND");
    assert_int_equal(number_of(second, "processing_time"), 4000);
    assert_int_equal(number_of(second, "average_processing_time"), 2000);
    assert_string_equal(text_of(second, "queue_group"), "q");
    json_decref(stats);
}

static void stats__carry_the_state_of_the_moment(void **ctx)
{
    world *w = *ctx;
    json_t *stats = ask(w, "$SRV.STATS");
    json_t *data = json_object_get(json_array_get(json_object_get(stats, "endpoints"), 0), "data");

    assert_int_equal(number_of(data, "cursor"), 42);
    assert_true(json_is_true(json_object_get(data, "ready")));
    json_decref(stats);

    w->state = (px_micro_state){ 43, false, "catching up" };
    stats = ask(w, "$SRV.STATS");
    data = json_object_get(json_array_get(json_object_get(stats, "endpoints"), 0), "data");
    assert_int_equal(number_of(data, "cursor"), 43);
    assert_true(json_is_false(json_object_get(data, "ready")));
    assert_string_equal(text_of(data, "why_not"), "catching up");
    json_decref(stats);
}

static void ids__differ_between_copies(void **ctx)
{
    world *w = *ctx;
    px_bus *bus;
    px_micro *second;
    char subject[128];

    json_t *first = ask(w, "$SRV.PING");
    px_bus_close(w->bus);
    assert_int_equal(px_bus_open_memory(&bus, w->server, "second"), PX_OK);
    assert_int_equal(px_micro_start(&second, bus, &service, "host.example-7", state_of, w), PX_OK);
    json_t *other = ask(w, "$SRV.PING");
    assert_string_not_equal(text_of(first, "id"), text_of(other, "id"));
    snprintf(subject, sizeof subject, "$SRV.INFO.learning-recommender.%s", text_of(first, "id"));
    assert_null(ask(w, subject));
    json_decref(first);
    json_decref(other);
    px_micro_destroy(w->micro);
    w->micro = second;
    w->bus = bus;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(ping__is_answered_on_all_three_subjects),
        TEST(info__lists_the_queries_with_their_subjects),
        TEST(stats__count_what_was_counted),
        TEST(stats__carry_the_state_of_the_moment),
        TEST(ids__differ_between_copies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
