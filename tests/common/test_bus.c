/* test_bus.c: what bus.h promises about streams and publishing, on both implementations. */
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/common/bus_world.h"

enum { MEGABYTE = 1024 * 1024 };

/* --- arguments --- */

static void publish__refuses_what_would_break_the_protocol(void **state)
{
    bus_world *w = *state;
    static const char *const subjects[] = { "",      "a b",   "a.",    ".a",      "a..b",
                                            "a.*.b", "a.>",   "a\r\n", "a\tb",    "*",
                                            ">",     "a.b*c", "a\x7f", "\xc3\xa4" };
    const px_header split = { "Name", "value\r\nOther: value" };
    const px_header colon = { "Na:me", "value" };
    px_bus_out outs[] = { { .subject = "a", .headers = &split, .header_count = 1 },
                          { .subject = "a", .headers = &colon, .header_count = 1 },
                          { .subject = "a", .msg_id = "id\nX: y" } };

    for (size_t i = 0; i < PX_COUNT(subjects); i++)
        assert_int_equal(px_bus_send(w->bus, &(px_bus_out){ .subject = subjects[i] }), PX_EINVALID);
    for (size_t i = 0; i < PX_COUNT(outs); i++)
        assert_int_equal(px_bus_send(w->bus, &outs[i]), PX_EINVALID);
}

static void stream_names__with_subject_tokens_are_refused(void **state)
{
    bus_world *w = *state;
    px_stream_info info;

    assert_int_equal(px_bus_stream_info(w->bus, "a.b", &info), PX_EINVALID);
    assert_int_equal(px_bus_stream_info(w->bus, "a*", &info), PX_EINVALID);
    assert_int_equal(px_bus_purge(w->bus, "", 1), PX_EINVALID);
}

/* --- streams --- */

static void stream_ensure__accepts_what_it_made(void **state)
{
    bus_world *w = *state;
    const char *subjects[] = { "ensure.same.*", "ensure.too.>" };
    const char *turned[] = { "ensure.too.>", "ensure.same.*" };
    static const px_retention retentions[] = { PX_KEEP_FOREVER, PX_KEEP_UNTIL_PURGED,
                                               PX_KEEP_LAST_PER_SUBJECT };

    for (size_t i = 0; i < PX_COUNT(retentions); i++) {
        char name[16], own[2][32];
        for (size_t k = 0; k < 2; k++)
            snprintf(own[k], sizeof own[k], "k%zu.%s", i, subjects[k]);
        for (size_t k = 0; k < 2; k++)
            turned[1 - k] = own[k];
        const char *straight[] = { own[0], own[1] };
        snprintf(name, sizeof name, "ENSURE%zu", i);
        px_stream_config config = { .name = name,
                                    .subjects = straight,
                                    .subject_count = 2,
                                    .retention = retentions[i],
                                    .max_bytes = 1000000,
                                    .max_age_ns = INT64_C(60000000000),
                                    .max_msg_bytes = 5000 };
        assert_int_equal(px_bus_stream_ensure(w->bus, &config), PX_OK);
        assert_int_equal(px_bus_stream_ensure(w->bus, &config), PX_OK);
        config.subjects = turned;
        assert_int_equal(px_bus_stream_ensure(w->bus, &config), PX_OK);
    }
}

static void stream_ensure__says_what_differs_and_changes_nothing(void **state)
{
    bus_world *w = *state;
    const char *subjects[] = { "differs.a", "differs.b" };
    const px_stream_config made = { .name = "DIFFERS",
                                    .subjects = subjects,
                                    .subject_count = 1,
                                    .retention = PX_KEEP_UNTIL_PURGED,
                                    .max_bytes = 1000000 };
    px_stream_config other[5];
    px_bus_ack ack;

    for (size_t i = 0; i < PX_COUNT(other); i++)
        other[i] = made;
    other[0].subject_count = 2;
    other[1].retention = PX_KEEP_FOREVER;
    other[2].retention = PX_KEEP_LAST_PER_SUBJECT;
    other[3].max_bytes = 2000000;
    other[4].max_age_ns = INT64_C(3600000000000);
    assert_int_equal(px_bus_stream_ensure(w->bus, &made), PX_OK);
    for (size_t i = 0; i < PX_COUNT(other); i++) {
        assert_int_equal(px_bus_stream_ensure(w->bus, &other[i]), PX_EINVALID);
        assert_non_null(strstr(px_bus_last_error(w->bus), "DIFFERS"));
    }
    assert_int_equal(px_bus_stream_ensure(w->bus, &made), PX_OK);
    assert_int_equal(px_bus_publish_wait(w->bus, &(px_bus_out){ .subject = "differs.b" }, &ack),
                     PX_EREFUSED);
}

static void stream_ensure__refuses_subjects_of_another_stream(void **state)
{
    bus_world *w = *state;
    const char *subjects[] = { "overlap.*.x" };
    const char *others[] = { "overlap.y.>" };
    px_stream_config config = { .name = "OVERLAP", .subjects = subjects, .subject_count = 1 };

    assert_int_equal(px_bus_stream_ensure(w->bus, &config), PX_OK);
    const char *twice[] = { "twice.*.end", "twice.all.>" };
    px_stream_config itself = { .name = "TWICE", .subjects = twice, .subject_count = 2 };
    assert_int_equal(px_bus_stream_ensure(w->bus, &itself), PX_EINVALID);
    config.name = "OVERLAP2";
    config.subjects = others;
    assert_int_equal(px_bus_stream_ensure(w->bus, &config), PX_EREFUSED);
}

static void stream_info__follows_the_stream(void **state)
{
    bus_world *w = *state;
    px_stream_info info;

    assert_int_equal(px_bus_stream_info(w->bus, "NO_SUCH", &info), PX_ENOTFOUND);
    bus_make_plain_stream(w);
    info = bus_info_of(w);
    assert_int_equal(info.first_seq, 1);
    assert_int_equal(info.last_seq, 0);
    assert_int_equal(info.messages, 0);
    assert_int_equal(info.bytes, 0);

    bus_put(w, w->subject, "one");
    bus_put(w, w->subject, "two");
    info = bus_info_of(w);
    assert_int_equal(info.first_seq, 1);
    assert_int_equal(info.last_seq, 2);
    assert_int_equal(info.messages, 2);
    assert_true(info.bytes > 0);
    assert_int_equal(info.created_ns, bus_info_of(w).created_ns);
    assert_true(info.created_ns > 0);
}

static void stream__counts_bytes_like_the_server(void **state)
{
    bus_world *w = *state;
    const px_header header = { "Name", "value" };
    px_bus_ack ack;

    bus_make_plain_stream(w);
    bus_put(w, bus_under(w, "four"), "12345");
    uint64_t plain = bus_info_of(w).bytes;
    assert_int_equal(plain, 22 + 8 + strlen(bus_under(w, "four")) + 5);
    px_bus_out out = { .subject = bus_under(w, "four"), .headers = &header, .header_count = 1 };
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_OK);
    assert_int_equal(bus_info_of(w).bytes - plain,
                     22 + 8 + strlen(out.subject) + 4 + strlen("NATS/1.0\r\nName: value\r\n\r\n"));
}

static void stream__hears_its_wildcards(void **state)
{
    bus_world *w = *state;
    const char *subjects[] = { "wild.*.end", "wild.all.x.>" };
    px_stream_config config = { .name = "WILD", .subjects = subjects, .subject_count = 2 };
    static const struct {
        const char *subject;
        px_status status;
    } rows[] = { { "wild.x.end", PX_OK },       { "wild.all.x.y", PX_OK },
                 { "wild.all.x.y.z", PX_OK },   { "wild.all.end", PX_OK },
                 { "wild.x", PX_EREFUSED },     { "wild.x.y", PX_EREFUSED },
                 { "wild.all.x", PX_EREFUSED }, { "wild.x.end.more", PX_EREFUSED },
                 { "other.x.end", PX_EREFUSED } };
    px_bus_ack ack;

    assert_int_equal(px_bus_stream_ensure(w->bus, &config), PX_OK);
    for (size_t i = 0; i < PX_COUNT(rows); i++)
        assert_int_equal(
            px_bus_publish_wait(w->bus, &(px_bus_out){ .subject = rows[i].subject }, &ack),
            rows[i].status);
}

/* --- publishing --- */

static void publish__is_acknowledged_in_order_with_its_token(void **state)
{
    bus_world *w = *state;
    uint64_t epoch = bus_connected(w->bus);

    bus_make_plain_stream(w);
    for (uint64_t i = 1; i <= 100; i++)
        assert_int_equal(
            px_bus_publish(w->bus, epoch, &(px_bus_out){ .subject = w->subject }, UINT64_MAX - i),
            PX_OK);
    for (uint64_t i = 1; i <= 100; i++) {
        px_bus_ack ack = bus_next_ack(w->bus);
        assert_true(ack.token == UINT64_MAX - i);
        assert_int_equal(ack.status, PX_OK);
        assert_int_equal(ack.seq, i);
        assert_false(ack.duplicate);
    }
    px_bus_ack none;
    assert_false(px_bus_next_ack(w->bus, &none));
}

static px_bus_ack publish_expecting(bus_world *w, const char *subject, uint64_t last)
{
    px_bus_out out = { .subject = subject, .expect_subject_seq = true, .last_subject_seq = last };

    assert_int_equal(px_bus_publish(w->bus, px_bus_epoch(w->bus), &out, 7), PX_OK);
    px_bus_ack ack = bus_next_ack(w->bus);
    assert_int_equal(ack.token, 7);
    return ack;
}

static void publish__checks_the_expected_subject_sequence(void **state)
{
    bus_world *w = *state;
    px_bus_ack ack;

    bus_make_plain_stream(w);
    bus_put(w, bus_under(w, "b"), "on another subject");
    assert_int_equal(publish_expecting(w, w->subject, 1).status, PX_ESEQUENCE);
    assert_int_equal(publish_expecting(w, w->subject, 0).seq, 2);
    bus_put(w, bus_under(w, "b"), "on another subject");
    assert_int_equal(publish_expecting(w, w->subject, 0).status, PX_ESEQUENCE);
    assert_int_equal(publish_expecting(w, w->subject, 3).status, PX_ESEQUENCE);
    assert_int_equal(publish_expecting(w, w->subject, 2).seq, 4);

    px_bus_out out = { .subject = w->subject, .expect_subject_seq = true };
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_ESEQUENCE);
    assert_int_equal(ack.status, PX_ESEQUENCE);
    assert_int_equal(bus_info_of(w).last_seq, 4);
}

static void publish_all__says_of_each_what_became_of_it(void **state)
{
    enum { COUNT = 200 };
    bus_world *w = *state;
    px_bus_out outs[COUNT];
    px_bus_ack acks[COUNT];
    char subjects[COUNT][32];

    bus_make_plain_stream(w);
    for (unsigned i = 0; i < COUNT; i++) {
        char token[8];
        snprintf(token, sizeof token, "t%u", i);
        snprintf(subjects[i], sizeof subjects[i], "%s", bus_under(w, token));
        if (i % 2 != 0)
            bus_put(w, subjects[i], "somebody was faster");
        outs[i] = (px_bus_out){ .subject = subjects[i],
                                .data = bus_text("mine"),
                                .expect_subject_seq = true };
    }
    outs[COUNT - 2].subject = "no.stream.has.it";
    assert_int_equal(px_bus_publish_all(w->bus, outs, COUNT, acks), PX_OK);
    assert_int_equal(acks[COUNT - 2].status, PX_EREFUSED);
    for (unsigned i = 0; i < COUNT - 2; i++) {
        px_bus_msg *msg;
        assert_int_equal(acks[i].status, i % 2 != 0 ? PX_ESEQUENCE : PX_OK);
        assert_int_equal(px_bus_get_last(w->bus, w->stream, subjects[i], &msg), PX_OK);
        bus_expect_data(msg, i % 2 != 0 ? "somebody was faster" : "mine");
        if (i % 2 == 0)
            assert_int_equal(acks[i].seq, msg->seq);
        px_bus_msg_free(msg);
    }
    px_bus_ack none;
    assert_false(px_bus_next_ack(w->bus, &none)); /* they are not for whoever publishes */
    outs[0].subject = "a..b";
    assert_int_equal(px_bus_publish_all(w->bus, outs, COUNT, acks), PX_EINVALID);
}

static px_bus_ack publish_after(bus_world *w, const char *id, const char *last_id)
{
    px_bus_out out = { .subject = w->subject, .msg_id = id, .last_msg_id = last_id };

    assert_int_equal(px_bus_publish(w->bus, px_bus_epoch(w->bus), &out, 7), PX_OK);
    return bus_next_ack(w->bus);
}

static void publish__checks_the_id_of_the_last_message(void **state)
{
    bus_world *w = *state;

    bus_make_plain_stream(w);
    assert_int_equal(publish_after(w, "one", "zero").status, PX_ESEQUENCE);
    assert_int_equal(publish_after(w, "one", NULL).seq, 1);
    assert_int_equal(publish_after(w, "three", "two").status, PX_ESEQUENCE);
    assert_int_equal(publish_after(w, "two", "one").seq, 2);
    assert_true(publish_after(w, "two", "one").duplicate); /* known before anything is checked */
    bus_put(w, bus_under(w, "b"), "without an id");
    assert_int_equal(publish_after(w, "three", "two").status, PX_ESEQUENCE);
    assert_int_equal(publish_after(w, "three", NULL).seq, 4);
}

static void publish__answers_a_known_id_with_the_first_copy(void **state)
{
    bus_world *w = *state;

    bus_make_plain_stream(w);
    assert_false(bus_put_id(w, w->subject, "one").duplicate);
    assert_int_equal(bus_put_id(w, w->subject, "two").seq, 2);
    px_bus_ack again = bus_put_id(w, w->subject, "one");
    assert_int_equal(again.status, PX_OK);
    assert_int_equal(again.seq, 1);
    assert_true(again.duplicate);
    assert_true(bus_put_id(w, bus_under(w, "other"), "two").duplicate); /* ids are the stream's */
    assert_int_equal(bus_info_of(w).messages, 2);

    /* Without waiting it is the same. */
    px_bus_out out = { .subject = w->subject, .msg_id = "two" };
    assert_int_equal(px_bus_publish(w->bus, px_bus_epoch(w->bus), &out, 1), PX_OK);
    again = bus_next_ack(w->bus);
    assert_true(again.duplicate);
    assert_int_equal(again.seq, 2);
}

static void publish__knows_the_id_before_it_checks_the_sequence(void **state)
{
    bus_world *w = *state;
    px_bus_ack ack;

    bus_make_plain_stream(w);
    px_bus_out out = {
        .subject = w->subject, .msg_id = "id", .expect_subject_seq = true, .last_subject_seq = 5
    };
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_ESEQUENCE);
    out.last_subject_seq = 0; /* a refused id is not remembered */
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_OK);
    assert_false(ack.duplicate);
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_OK);
    assert_true(ack.duplicate);
}

static void publish__is_refused_where_no_stream_listens(void **state)
{
    bus_world *w = *state;
    px_bus_out out = { .subject = "nobody.listens" };
    px_bus_ack ack;

    assert_int_equal(px_bus_publish(w->bus, px_bus_epoch(w->bus), &out, 9), PX_OK);
    ack = bus_next_ack(w->bus);
    assert_int_equal(ack.token, 9);
    assert_int_equal(ack.status, PX_EREFUSED);
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_EREFUSED);
    assert_int_equal(ack.status, PX_EREFUSED);
}

static void publish__is_refused_when_the_stream_is_full(void **state)
{
    bus_world *w = *state;
    px_bus_ack ack = { 0 };
    uint64_t stored = 0;
    px_bus_out out = { .data = bus_text("0123456789012345678901234567890123456789") };

    bus_make_stream(w, (px_stream_config){ .retention = PX_KEEP_UNTIL_PURGED, .max_bytes = 1000 });
    out.subject = w->subject;
    while (px_bus_publish_wait(w->bus, &out, &ack) == PX_OK && stored < 100)
        stored++;
    assert_int_equal(ack.status, PX_EEXHAUSTED);
    assert_in_range(stored, 10, 13);
    assert_int_equal(bus_info_of(w).first_seq, 1); /* the new one is refused, no old one is lost */
    assert_int_equal(bus_info_of(w).messages, stored);
    assert_int_equal(px_bus_purge(w->bus, w->stream, 1), PX_OK);
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_OK);
}

static void publish__is_refused_over_the_message_limits(void **state)
{
    bus_world *w = *state;
    char *large = calloc(1, 2 * MEGABYTE);
    px_bus_ack ack;

    bus_make_stream(w,
                    (px_stream_config){ .retention = PX_KEEP_UNTIL_PURGED, .max_msg_bytes = 100 });
    px_bus_out out = { .subject = w->subject, .data = { large, 100 } };
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_OK);
    out.data.size = 101;
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_EREFUSED);
    out.data.size = 2 * MEGABYTE; /* over what the server takes at all */
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_ETOOBIG);
    assert_int_equal(px_bus_publish(w->bus, px_bus_epoch(w->bus), &out, 1), PX_ETOOBIG);
    assert_int_equal(px_bus_send(w->bus, &out), PX_ETOOBIG);
    free(large);
}

static void publish__needs_the_current_epoch(void **state)
{
    bus_world *w = *state;
    uint64_t epoch = bus_connected(w->bus);

    bus_make_plain_stream(w);
    px_bus_out out = { .subject = w->subject };
    assert_int_equal(px_bus_publish(w->bus, 0, &out, 1), PX_EDISCONNECTED);
    assert_int_equal(px_bus_publish(w->bus, epoch + 1, &out, 1), PX_EDISCONNECTED);
    assert_int_equal(px_bus_publish(w->bus, epoch - 1, &out, 1), PX_EDISCONNECTED);
    assert_int_equal(bus_info_of(w).messages, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publish__refuses_what_would_break_the_protocol),
        cmocka_unit_test(stream_names__with_subject_tokens_are_refused),
        cmocka_unit_test(stream_ensure__accepts_what_it_made),
        cmocka_unit_test(stream_ensure__says_what_differs_and_changes_nothing),
        cmocka_unit_test(stream_ensure__refuses_subjects_of_another_stream),
        cmocka_unit_test(stream_info__follows_the_stream),
        cmocka_unit_test(stream__counts_bytes_like_the_server),
        cmocka_unit_test(stream__hears_its_wildcards),
        cmocka_unit_test(publish__is_acknowledged_in_order_with_its_token),
        cmocka_unit_test(publish__checks_the_expected_subject_sequence),
        cmocka_unit_test(publish_all__says_of_each_what_became_of_it),
        cmocka_unit_test(publish__checks_the_id_of_the_last_message),
        cmocka_unit_test(publish__answers_a_known_id_with_the_first_copy),
        cmocka_unit_test(publish__knows_the_id_before_it_checks_the_sequence),
        cmocka_unit_test(publish__is_refused_where_no_stream_listens),
        cmocka_unit_test(publish__is_refused_when_the_stream_is_full),
        cmocka_unit_test(publish__is_refused_over_the_message_limits),
        cmocka_unit_test(publish__needs_the_current_epoch),
    };

    return bus_run_on_memory(tests, PX_COUNT(tests)) + bus_run_on_nats(tests, PX_COUNT(tests));
}
