/* Tests of feedback-ingest: when many texts wait, the keys of all these people come with a few
 * round trips. */
#include "common/bus_impl.h"
#include "common/round.h"
#include "tests/services/feedback-ingest/fixtures.h"
#include "tests/services/spec_impl.h"

enum { PEOPLE = 150, ROUND_TRIPS = 2 /* 128 to each */ };

/** Between a vault and the bus: counts. */
typedef struct {
    px_bus base;
    px_bus *bus;
    unsigned lookups, publishes, single;
} counting_bus;

static px_status count_get_last(px_bus *bus, const char *stream, const char *subject,
                                px_bus_msg **msg)
{
    ((counting_bus *)bus)->single++;
    return px_bus_get_last(((counting_bus *)bus)->bus, stream, subject, msg);
}

static px_status count_get_last_all(px_bus *bus, const char *stream, const char *const *subjects,
                                    size_t count, px_bus_msg **msgs)
{
    ((counting_bus *)bus)->lookups++;
    return px_bus_get_last_all(((counting_bus *)bus)->bus, stream, subjects, count, msgs);
}

static px_status count_publish_all(px_bus *bus, const px_bus_out *outs, size_t count,
                                   px_bus_ack *acks)
{
    ((counting_bus *)bus)->publishes++;
    return px_bus_publish_all(((counting_bus *)bus)->bus, outs, count, acks);
}

static const px_bus_ops counting_ops = { .get_last = count_get_last,
                                         .get_last_all = count_get_last_all,
                                         .publish_all = count_publish_all };

/** What waits, and the vault that is asked. */
typedef struct {
    spec *s;
    counting_bus bus;
    px_vault *vault;
    px_bus_msg *messages[2 * PEOPLE];
    bool clean[2 * PEOPLE];
    size_t count;
} waiting;

static waiting *nothing_waits(spec *s)
{
    waiting *w = px_arena_zalloc(&s->arena, sizeof *w);

    w->s = s;
    w->bus = (counting_bus){ .base = { &counting_ops }, .bus = s->daemon.bus };
    assert_int_equal(px_vault_open(&w->vault, px_arena_printf(&s->arena, "%s/master", s->directory),
                                   &w->bus.base),
                     PX_OK);
    return w;
}

static void forget(waiting *w)
{
    for (size_t i = 0; i < w->count; i++)
        px_bus_msg_free(w->messages[i]);
    px_vault_close(w->vault);
}

static void send(waiting *w, FeedbackIngest__Submission *sub, const char *type)
{
    spec *s = w->s;
    px_bus_ack ack;

    sub->submission_id = px_arena_printf(&s->arena, "waits-%zu", w->count);
    sub->created_at = sub->occurred_at = px_codec_timestamp(s->now_us, &s->arena);
    if (*sub->actor == 0)
        sub->actor = (char *)(uintptr_t) "system";
    px_bus_out out = { .data = px_codec_pack(&sub->base, &s->arena) };
    out.subject =
        px_arena_printf(&s->arena, "praxis.v1.%s.submit.feedback-ingest.%s.hr", SPEC_TENANT, type);
    assert_int_equal(px_bus_publish_wait(s->bus, &out, &ack), PX_OK);
    assert_int_equal(
        px_bus_get(s->bus, "PRAXIS_INBOX_FEEDBACK_INGEST", ack.seq, &w->messages[w->count++]),
        PX_OK);
}

static void send_feedback_about(waiting *w, const char *person)
{
    send(w, give_feedback(w->s, "boss", px_arena_printf(&w->s->arena, "f%zu", w->count), person),
         "GiveFeedback");
}

/* Decides it all as the daemon would, and forgets the decisions; how many were accepted. */
static unsigned decide(waiting *w)
{
    spec *s = w->s;
    px_arena arena;
    px_progress progress = { 0 };
    px_round_output out;

    assert_true(px_arena_init(&arena, 64 << 20));
    px_round_input input = { .service = s->service,
                             .vault = w->vault,
                             .clock_us = s->now_us,
                             .messages = w->messages,
                             .clean = w->clean,
                             .message_count = w->count,
                             .arena = &arena };
    px_txn *overlay = px_store_begin(px_fold_store(s->daemon.fold));
    assert_int_equal(px_round_decide(&input, &progress, overlay, &out), PX_OK);
    px_txn_abort(overlay);
    assert_int_equal(out.taken, w->count);
    assert_int_equal(out.rejected, 0);
    px_arena_fini(&arena);
    return out.accepted;
}

static const char *person(spec *s, unsigned i)
{
    return px_arena_printf(&s->arena, "p%u", i);
}

static void many_texts__need_a_few_round_trips(void **ctx)
{
    spec *s = *ctx;
    waiting *w = nothing_waits(s);
    px_stream_info info;

    for (unsigned i = 0; i < PEOPLE; i++)
        given_done(s, record_person(s, person(s, i), "boss", "sales"));
    for (unsigned i = 0; i < 2 * PEOPLE; i++)
        send_feedback_about(w, person(s, i % PEOPLE));
    assert_int_equal(decide(w), 2 * PEOPLE);
    assert_in_range(w->bus.lookups, 1, ROUND_TRIPS);
    assert_in_range(w->bus.publishes, 1, ROUND_TRIPS);
    assert_int_equal(w->bus.single, 0);
    assert_int_equal(px_bus_stream_info(s->bus, px_vault_stream, &info), PX_OK);
    assert_int_equal(info.messages, PEOPLE);
    for (unsigned i = 0; i < w->count; i++)
        assert_false(w->clean[i]);
    assert_int_equal(decide(w), 2 * PEOPLE); /* all keys are known */
    assert_in_range(w->bus.lookups, 1, ROUND_TRIPS);
    assert_int_equal(w->bus.single, 0);
    forget(w);
}

/* When the messages were read nobody knew the person yet. */
static void text_about_who_is_recorded_before_it__is_sealed_all_the_same(void **ctx)
{
    spec *s = *ctx;
    waiting *w = nothing_waits(s);
    px_stream_info info;

    send_feedback_about(w, "ann");
    send(w, record_person(s, "new", "boss", "sales"), "RecordPerson");
    send_feedback_about(w, "new");
    assert_int_equal(decide(w), 3);
    assert_int_equal(w->bus.lookups, 1);
    assert_int_equal(w->bus.single, 1);
    assert_int_equal(px_bus_stream_info(s->bus, px_vault_stream, &info), PX_OK);
    assert_int_equal(info.messages, 2);
    forget(w);
}

static void messages_without_text__ask_for_no_keys(void **ctx)
{
    spec *s = *ctx;
    waiting *w = nothing_waits(s);

    send(w, record_person(s, "new", "boss", "sales"), "RecordPerson");
    send(w, erase_person(s, "ann"), "ErasePerson");
    assert_int_equal(decide(w), 2);
    assert_int_equal(w->bus.lookups + w->bus.publishes + w->bus.single, 0);
    assert_true(w->clean[0] && w->clean[1]);
    forget(w);
}

#define ON_ORGANISATION(test)                                                                      \
    cmocka_unit_test_setup_teardown(test, setup_organisation, spec_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ORGANISATION(many_texts__need_a_few_round_trips),
        ON_ORGANISATION(text_about_who_is_recorded_before_it__is_sealed_all_the_same),
        ON_ORGANISATION(messages_without_text__ask_for_no_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
