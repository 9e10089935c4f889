#include "tests/services/praxis/sender_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/chain.h"
#include "common/codec.h"

/* --- the daemon --- */

static void publish_results(sender_fixture *f, Praxis__Result **results, size_t count, bool json)
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

static Praxis__Result *new_result(sender_fixture *f, const char *id, const char *code)
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

void sender_answer(sender_fixture *f, const char *id, const char *code)
{
    Praxis__Result *result = new_result(f, id, code);

    publish_results(f, &result, 1, false);
}

void sender_answer_unreadable(sender_fixture *f, px_bytes bytes, bool json)
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
    sender_fixture *f = context;
    char id[80];

    (void)bus;
    if (!f->answering)
        return;
    snprintf(id, sizeof id, "%.*s", (int)request->data.size, (const char *)request->data.data);
    sender_answer(f, id, NULL);
}

/* --- the sender --- */

static void on_result(void *context, uint64_t tag, const Praxis__Result *result)
{
    sender_fixture *f = context;

    assert_true(tag < SENDER_TAGS);
    f->results[tag]++;
    if (result->outcome_case == PRAXIS__RESULT__OUTCOME_REJECTED) {
        f->refused[tag]++;
        snprintf(f->code, sizeof f->code, "%s", result->rejected->code);
    }
}

static void on_note(void *context, const char *note)
{
    sender_fixture *f = context;

    f->notes++;
    snprintf(f->note, sizeof f->note, "%s", note);
}

static int64_t clock_ms(void *context)
{
    return ((sender_fixture *)context)->now_ms;
}

void sender_make(sender_fixture *f, size_t window, size_t bundle)
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

int sender_set_up(void **state)
{
    static const char *const inbox[] = { "praxis.v1.*.submit.competency.*.*" };
    static const char *const feed[] = { "praxis.v1.*.event.>", "praxis.v1.*.result.>" };
    sender_fixture *f = calloc(1, sizeof *f);

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
    sender_make(f, 0, 0);
    *state = f;
    return 0;
}

int sender_tear_down(void **state)
{
    sender_fixture *f = *state;

    px_sender_destroy(f->sender);
    px_reader_close(f->inbox);
    px_bus_close(f->bus);
    px_bus_close(f->daemon);
    px_bus_server_destroy(f->server);
    px_arena_fini(&f->arena);
    free(f);
    return 0;
}

px_status sender_put(sender_fixture *f, const char *id, uint64_t tag)
{
    px_sending sending = { .service = "competency",
                           .type = "DefineRole",
                           .id = id,
                           .bytes = { id, strlen(id) },
                           .tag = tag };

    return px_sender_put(f->sender, &sending);
}

px_bus_msg *sender_received(sender_fixture *f)
{
    px_bus_msg *msg = NULL;

    return px_reader_next(f->inbox, &msg) == PX_OK ? msg : NULL;
}

void sender_expect_received(sender_fixture *f, const char *bytes)
{
    px_bus_msg *msg = sender_received(f);

    assert_non_null(msg);
    assert_int_equal(msg->data.size, strlen(bytes));
    assert_memory_equal(msg->data.data, bytes, strlen(bytes));
    px_bus_msg_free(msg);
}

void sender_expect_nothing(sender_fixture *f)
{
    assert_null(sender_received(f));
}

void sender_step(sender_fixture *f)
{
    assert_int_equal(px_sender_step(f->sender, 0), PX_OK);
}
