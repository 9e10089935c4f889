/* The sender against a daemon of the test's own on the memory bus: what it does when answers come,
 * come late, come twice, name only bytes, or do not come.
 */
#include "services/praxis/sender.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/chain.h"
#include "common/codec.h"
#include "praxis/common/v1/bundle.pb-c.h"

enum { TAGS = 5000 };

typedef struct {
    px_bus_server *server;
    px_bus *bus;    /* of the sender */
    px_bus *daemon; /* answers */
    px_reader *inbox;
    px_sender *sender;
    px_arena arena;
    int64_t now_ms;
    volatile sig_atomic_t stop;
    unsigned results[TAGS]; /* seen, by tag */
    unsigned refused[TAGS];
    char code[64]; /* of the last refusal */
    unsigned notes;
    char note[200];
    bool answering; /* the daemon answers by itself, at once */
    uint64_t log_seq;
} fixture;

/* --- the daemon --- */

static void publish_results(fixture *f, Praxis__Result **results, size_t count, bool json)
{
    Praxis__ResultBatch batch = PRAXIS__RESULT_BATCH__INIT;
    px_header header = { "Content-Type", json ? "application/json" : "application/protobuf" };
    px_bus_out out = { .subject = "praxis.v1.acme.result.competency.hr",
                       .headers = &header,
                       .header_count = 1 };
    px_bus_ack ack;

    batch.results = results;
    batch.n_results = count;
    if (json) {
        const char *text = px_codec_to_json(&batch.base, false, &f->arena);
        out.data = (px_bytes){ text, strlen(text) };
    } else {
        out.data = px_codec_pack(&batch.base, &f->arena);
    }
    assert_int_equal(px_bus_publish_wait(f->daemon, &out, &ack), PX_OK);
}

static Praxis__Result *new_result(fixture *f, const char *id, const char *code)
{
    Praxis__Result *result = (Praxis__Result *)px_codec_new(&praxis__result__descriptor, &f->arena);

    result->submission_id = px_arena_strdup(&f->arena, id);
    if (code) {
        result->outcome_case = PRAXIS__RESULT__OUTCOME_REJECTED;
        result->rejected =
            (Praxis__Rejected *)px_codec_new(&praxis__rejected__descriptor, &f->arena);
        result->rejected->code = px_arena_strdup(&f->arena, code);
    } else {
        result->outcome_case = PRAXIS__RESULT__OUTCOME_ACCEPTED;
        result->accepted =
            (Praxis__Accepted *)px_codec_new(&praxis__accepted__descriptor, &f->arena);
        result->accepted->log_seq = ++f->log_seq;
    }
    return result;
}

static void answer(fixture *f, const char *id, const char *code)
{
    Praxis__Result *result = new_result(f, id, code);

    publish_results(f, &result, 1, false);
}

static void answer_unreadable(fixture *f, px_bytes bytes, bool json)
{
    Praxis__Result *result = new_result(f, "", "MALFORMED");
    uint8_t *digest = px_arena_alloc(&f->arena, PX_DIGEST_SIZE);

    px_chain_digest(bytes, digest);
    result->unreadable =
        (Praxis__Unreadable *)px_codec_new(&praxis__unreadable__descriptor, &f->arena);
    result->unreadable->digest = (ProtobufCBinaryData){ PX_DIGEST_SIZE, digest };
    publish_results(f, &result, 1, json);
}

/* In these tests the bytes of a submission are its id. */
static void daemon_hears(void *context, px_bus *bus, const px_bus_msg *request)
{
    fixture *f = context;
    char id[80];

    (void)bus;
    if (!f->answering)
        return;
    snprintf(id, sizeof id, "%.*s", (int)request->data.size, (const char *)request->data.data);
    answer(f, id, NULL);
}

/* --- the sender --- */

static void on_result(void *context, uint64_t tag, const Praxis__Result *result)
{
    fixture *f = context;

    assert_true(tag < TAGS);
    f->results[tag]++;
    if (result->outcome_case == PRAXIS__RESULT__OUTCOME_REJECTED) {
        f->refused[tag]++;
        snprintf(f->code, sizeof f->code, "%s", result->rejected->code);
    }
}

static void on_note(void *context, const char *note)
{
    fixture *f = context;

    f->notes++;
    snprintf(f->note, sizeof f->note, "%s", note);
}

static int64_t clock_ms(void *context)
{
    return ((fixture *)context)->now_ms;
}

static void make_sender(fixture *f, size_t window, size_t bundle)
{
    px_sender_options options = { .bus = f->bus,
                                  .tenant = "acme",
                                  .source = "hr",
                                  .window = window,
                                  .bundle = bundle,
                                  .now_ms = clock_ms,
                                  .on_result = on_result,
                                  .on_note = on_note,
                                  .stop = &f->stop,
                                  .context = f };

    px_sender_destroy(f->sender);
    assert_int_equal(px_sender_create(&f->sender, &options), PX_OK);
}

static int set_up(void **state)
{
    static const char *const inbox[] = { "praxis.v1.*.submit.competency.*.*" };
    static const char *const feed[] = { "praxis.v1.*.event.>", "praxis.v1.*.result.>" };
    fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    f->server = px_bus_server_create();
    assert_int_equal(px_bus_open_memory(&f->bus, f->server, "sender"), PX_OK);
    assert_int_equal(px_bus_open_memory(&f->daemon, f->server, "daemon"), PX_OK);
    px_stream_config config = {
        .name = "INBOX", .subjects = inbox, .subject_count = 1, .retention = PX_KEEP_UNTIL_PURGED
    };
    assert_int_equal(px_bus_stream_ensure(f->daemon, &config), PX_OK);
    config = (px_stream_config){ .name = "PRAXIS_FEED", .subjects = feed, .subject_count = 2 };
    assert_int_equal(px_bus_stream_ensure(f->daemon, &config), PX_OK);
    assert_int_equal(px_reader_open(&f->inbox, f->daemon, "INBOX", 1), PX_OK);
    assert_int_equal(
        px_bus_serve(f->daemon, "praxis.v1.acme.submit.competency.*.*", NULL, daemon_hears, f),
        PX_OK);
    assert_true(px_arena_init(&f->arena, (size_t)64 * 1024 * 1024));
    make_sender(f, 0, 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;

    px_sender_destroy(f->sender);
    px_reader_close(f->inbox);
    px_bus_close(f->bus);
    px_bus_close(f->daemon);
    px_bus_server_destroy(f->server);
    px_arena_fini(&f->arena);
    free(f);
    return 0;
}

static px_status put(fixture *f, const char *id, uint64_t tag)
{
    px_sending sending = { .service = "competency",
                           .type = "DefineRole",
                           .id = id,
                           .bytes = { id, strlen(id) },
                           .tag = tag };

    return px_sender_put(f->sender, &sending);
}

/* The next message that reached the inbox, NULL when there is none. */
static px_bus_msg *received(fixture *f)
{
    px_bus_msg *msg = NULL;

    return px_reader_next(f->inbox, &msg) == PX_OK ? msg : NULL;
}

static void expect_received(fixture *f, const char *bytes)
{
    px_bus_msg *msg = received(f);

    assert_non_null(msg);
    assert_int_equal(msg->data.size, strlen(bytes));
    assert_memory_equal(msg->data.data, bytes, strlen(bytes));
    px_bus_msg_free(msg);
}

static void expect_nothing_received(fixture *f)
{
    assert_null(received(f));
}

static void step(fixture *f)
{
    assert_int_equal(px_sender_step(f->sender, 0), PX_OK);
}

/* --- the tests --- */

static void submission__goes_to_its_subject_and_gets_its_result(void **state)
{
    fixture *f = *state;

    assert_int_equal(put(f, "a", 7), PX_OK);
    px_bus_msg *msg = received(f);
    assert_non_null(msg);
    assert_string_equal(msg->subject, "praxis.v1.acme.submit.competency.DefineRole.hr");
    assert_string_equal(px_bus_msg_header(msg, "Content-Type"), "application/protobuf");
    px_bus_msg_free(msg);
    assert_int_equal(px_sender_in_flight(f->sender), 1);

    answer(f, "a", NULL);
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    assert_int_equal(f->results[7], 1);
    assert_int_equal(f->refused[7], 0);
    px_sender_counts counts = px_sender_count(f->sender);
    assert_int_equal(counts.put, 1);
    assert_int_equal(counts.accepted, 1);
    assert_int_equal(counts.log_seq, 1);
}

static void refusal__is_counted_and_handed_on(void **state)
{
    fixture *f = *state;

    put(f, "a", 1);
    answer(f, "a", "ROLE_UNKNOWN");
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    assert_int_equal(f->refused[1], 1);
    assert_string_equal(f->code, "ROLE_UNKNOWN");
    assert_int_equal(px_sender_count(f->sender).refused, 1);
}

static void result__of_somebody_else_or_repeated_changes_nothing(void **state)
{
    fixture *f = *state;

    put(f, "a", 1);
    answer(f, "b", NULL);
    answer(f, "a", NULL);
    answer(f, "a", NULL);
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    step(f);
    assert_int_equal(f->results[1], 1);
    assert_int_equal(px_sender_count(f->sender).accepted, 1);
}

static void no_result__sends_the_same_bytes_again_ever_more_seldom(void **state)
{
    fixture *f = *state;

    put(f, "a", 1);
    expect_received(f, "a");
    f->now_ms += PX_SENDER_RESEND_MS - 1;
    step(f);
    expect_nothing_received(f);
    f->now_ms += 1;
    step(f);
    expect_received(f, "a");
    assert_non_null(strstr(f->note, "no result yet from competency"));
    f->now_ms += 2 * PX_SENDER_RESEND_MS - 1;
    step(f);
    expect_nothing_received(f);
    f->now_ms += 1;
    step(f);
    expect_received(f, "a");
    assert_int_equal(px_sender_count(f->sender).sent_again, 2);

    answer(f, "a", NULL);
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    f->now_ms += 1000000;
    step(f);
    expect_nothing_received(f);
}

static void window__holds_back_what_is_too_much(void **state)
{
    fixture *f = *state;
    char id[16];

    make_sender(f, 10, 0);
    f->answering = true;
    for (uint64_t i = 0; i < 1000; i++) {
        snprintf(id, sizeof id, "s%d", (int)i);
        assert_int_equal(put(f, id, i), PX_OK);
        assert_in_range(px_sender_in_flight(f->sender), 0, 10);
    }
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(f->results[i], 1);
    assert_int_equal(px_sender_count(f->sender).sent_again, 0);
}

static void stop__ends_waiting_for_room_and_for_results(void **state)
{
    fixture *f = *state;

    make_sender(f, 1, 0);
    assert_int_equal(put(f, "a", 1), PX_OK);
    f->stop = 1;
    assert_int_equal(put(f, "b", 2), PX_ETIMEOUT);
    assert_int_equal(px_sender_finish(f->sender), PX_ETIMEOUT);
    assert_int_equal(px_sender_in_flight(f->sender), 1);
}

static void same_id__waits_for_the_first_ones_result(void **state)
{
    fixture *f = *state;

    f->answering = true;
    assert_int_equal(put(f, "a", 1), PX_OK);
    assert_int_equal(put(f, "a", 2), PX_OK);
    assert_int_equal(f->results[1], 1);
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    assert_int_equal(f->results[2], 1);
}

static void unreadable_bytes__are_known_by_their_digest(void **state)
{
    fixture *f = *state;
    px_sending sending = { .service = "competency",
                           .type = "DefineRole",
                           .id = "",
                           .bytes = { "{bad", 4 },
                           .json = true,
                           .tag = 3 };

    put(f, "a", 1);
    assert_int_equal(px_sender_put(f->sender, &sending), PX_OK);
    answer_unreadable(f, sending.bytes, true);
    step(f);
    step(f);
    assert_int_equal(f->refused[3], 1);
    assert_string_equal(f->code, "MALFORMED");
    assert_int_equal(f->results[1], 0);
    assert_int_equal(px_sender_in_flight(f->sender), 1);
}

static void bundle__is_one_message_with_a_result_each(void **state)
{
    fixture *f = *state;
    const px_scan_limits limits = { 200000, 2, 300, 300, false };
    px_codec_error error;

    make_sender(f, 0, 3);
    put(f, "a", 1);
    put(f, "b", 2);
    expect_nothing_received(f);
    put(f, "c", 3);
    put(f, "d", 4);
    px_bus_msg *msg = received(f);
    assert_non_null(msg);
    assert_string_equal(msg->subject, "praxis.v1.acme.submit.competency.Bundle.hr");
    assert_true(px_codec_scan(&praxis__bundle__descriptor, msg->data, &limits, &f->arena, &error));
    const Praxis__Bundle *bundle =
        (const Praxis__Bundle *)px_codec_unpack(&praxis__bundle__descriptor, msg->data, &f->arena);
    assert_int_equal(bundle->n_submissions, 3);
    assert_memory_equal(bundle->submissions[1].data, "b", 1);
    px_bus_msg_free(msg);
    expect_nothing_received(f);

    assert_int_equal(px_sender_flush(f->sender), PX_OK);
    msg = received(f);
    assert_non_null(msg); /* the last one leaves unfilled */
    px_bus_msg_free(msg);
    answer(f, "b", NULL);
    answer(f, "d", NULL);
    answer(f, "a", "ROLE_UNKNOWN");
    answer(f, "c", NULL);
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    for (uint64_t tag = 1; tag <= 4; tag++)
        assert_int_equal(f->results[tag], 1);
    assert_int_equal(f->refused[1], 1);
}

static void bundle_half_answered__is_sent_again_whole(void **state)
{
    fixture *f = *state;

    make_sender(f, 0, 2);
    put(f, "a", 1);
    put(f, "b", 2);
    px_bus_msg *first = received(f);
    assert_non_null(first);
    answer(f, "a", NULL);
    step(f);
    assert_int_equal(px_sender_in_flight(f->sender), 1);
    f->now_ms += PX_SENDER_RESEND_MS;
    step(f);
    px_bus_msg *second = received(f);
    assert_non_null(second);
    assert_int_equal(first->data.size, second->data.size);
    assert_memory_equal(first->data.data, second->data.data, first->data.size);
    px_bus_msg_free(first);
    px_bus_msg_free(second);
    answer(f, "a", NULL);
    answer(f, "b", NULL);
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    assert_int_equal(f->results[1], 1);
    assert_int_equal(f->results[2], 1);
}

static void bundles__stay_below_the_limit_of_bytes(void **state)
{
    static char large[50 * 1024];
    fixture *f = *state;

    memset(large, 'x', sizeof large);
    make_sender(f, 0, 100);
    for (uint64_t i = 0; i < 5; i++) {
        char id[8];
        snprintf(id, sizeof id, "s%d", (int)i);
        px_sending sending = { .service = "competency",
                               .type = "DefineRole",
                               .id = id,
                               .bytes = { large, sizeof large },
                               .tag = i };
        assert_int_equal(px_sender_put(f->sender, &sending), PX_OK);
    }
    assert_int_equal(px_sender_flush(f->sender), PX_OK);
    size_t messages = 0;
    for (px_bus_msg *msg; (msg = received(f)) != NULL; messages++) {
        assert_in_range(msg->data.size, 1, 120 * 1024);
        px_bus_msg_free(msg);
    }
    assert_int_equal(messages, 3);
}

static void broker_away__is_said_once_and_everything_goes_again(void **state)
{
    fixture *f = *state;

    put(f, "a", 1);
    put(f, "b", 2);
    expect_received(f, "a");
    expect_received(f, "b");
    answer(f, "a", NULL);
    step(f);
    px_bus_server_set_up(f->server, false);
    step(f);
    step(f);
    assert_int_equal(f->notes, 1);
    assert_non_null(strstr(f->note, "away"));
    px_bus_server_set_up(f->server, true);
    f->answering = true;
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    assert_non_null(strstr(f->note, "connected again"));
    assert_int_equal(f->results[1], 1);
    assert_int_equal(f->results[2], 1);
    px_reader_close(f->inbox);
    assert_int_equal(px_reader_open(&f->inbox, f->daemon, "INBOX", 3), PX_OK);
    expect_received(f, "b"); /* and not "a", which had its result */
    expect_nothing_received(f);
}

static void message_larger_than_the_bus__is_refused_here(void **state)
{
    static char huge[2 * 1024 * 1024];
    fixture *f = *state;
    px_sending sending = { .service = "competency",
                           .type = "DefineRole",
                           .id = "huge",
                           .bytes = { huge, sizeof huge },
                           .tag = 9 };

    memset(huge, 'x', sizeof huge);
    assert_int_equal(px_sender_put(f->sender, &sending), PX_OK);
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    assert_int_equal(f->refused[9], 1);
    assert_string_equal(f->code, "TOO_LARGE");
}

static void full_inbox__is_asked_again_until_it_takes(void **state)
{
    static const char *const subjects[] = { "praxis.v1.*.submit.tiny.*.*" };
    fixture *f = *state;
    char text[600];
    px_stream_config config = { .name = "TINY",
                                .subjects = subjects,
                                .subject_count = 1,
                                .retention = PX_KEEP_UNTIL_PURGED,
                                .max_bytes = 1000 };
    px_sending sending = {
        .service = "tiny", .type = "T", .id = "a", .bytes = { text, 600 }, .tag = 1
    };

    memset(text, 'x', sizeof text);
    assert_int_equal(px_bus_stream_ensure(f->daemon, &config), PX_OK);
    px_sender_put(f->sender, &sending);
    sending.id = "b";
    sending.tag = 2;
    px_sender_put(f->sender, &sending);
    step(f);
    assert_non_null(strstr(f->note, "not taken yet"));
    assert_int_equal(px_bus_purge(f->daemon, "TINY", 1), PX_OK);
    f->now_ms += 500;
    step(f);
    px_stream_info info;
    assert_int_equal(px_bus_stream_info(f->daemon, "TINY", &info), PX_OK);
    assert_int_equal(info.messages, 1);
    assert_int_equal(info.last_seq, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(submission__goes_to_its_subject_and_gets_its_result),
        TEST(refusal__is_counted_and_handed_on),
        TEST(result__of_somebody_else_or_repeated_changes_nothing),
        TEST(no_result__sends_the_same_bytes_again_ever_more_seldom),
        TEST(window__holds_back_what_is_too_much),
        TEST(stop__ends_waiting_for_room_and_for_results),
        TEST(same_id__waits_for_the_first_ones_result),
        TEST(unreadable_bytes__are_known_by_their_digest),
        TEST(bundle__is_one_message_with_a_result_each),
        TEST(bundle_half_answered__is_sent_again_whole),
        TEST(bundles__stay_below_the_limit_of_bytes),
        TEST(broker_away__is_said_once_and_everything_goes_again),
        TEST(message_larger_than_the_bus__is_refused_here),
        TEST(full_inbox__is_asked_again_until_it_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
