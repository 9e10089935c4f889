/* test_hostile.c: bytes meant to hurt, through the real bus: one rejection each, and life goes on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "praxis/common/v1/bundle.pb-c.h"
#include "tests/faults/pace.h"
#include "tests/faults/scene.h"

enum {
    PEOPLE = 24,
    FIRST_WAVE = 5, /* after the organisation */
    ROUNDS = 5,
    PER_ROUND = 2000, /* PRAXIS_FAULT_HOSTILE: another number */
    LARGE = 2000,     /* after so many none is larger than some KiB */

    GOOD = 150, /* PRAXIS_FAULT_GOOD */
    GOOD_RATE = 100,
    HOSTILE_RATE =
        1000, /* PRAXIS_FAULT_HOSTILE_RATE: a second; that of the alarm is for a minute */

    BUFFER = 1000 * 1000, /* just below what the server takes */
    GIANTS = 200,
    READ_AGAIN = 5
};

/* Bounds on RssAnon: what all hostile messages may leave behind, and what the last three rounds of
 * them may add once everything has been met. */
enum { GROWTH_MAX_MIB = 16, LATE_GROWTH_MAX_MIB = 8, GIANTS_GROWTH_MAX_MIB = 64 };

static const char *const known_types[WORLD_DAEMONS] = { "RecordPerson", "SubmitReview",
                                                        "AssignRole", "CompleteItem",
                                                        "SetGroupMinimum" };

static uint8_t buffer[BUFFER];

/* Unique bytes behind `size` that are there already, so that answers can be told apart. */
static px_bytes with_number(size_t size, unsigned i)
{
    int more = snprintf((char *)buffer + size, 16, "~%u", i);

    return (px_bytes){ buffer, size + (size_t)more };
}

static px_bytes noise(load *l, unsigned i)
{
    size_t size = 12 + world_random(&l->random) % 2000;

    memset(buffer, 0xff, 11); /* no varint is as long */
    for (size_t k = 11; k < size; k++)
        buffer[k] = (uint8_t)world_random(&l->random);
    return with_number(size, i);
}

static px_bytes filled(size_t size, char byte, unsigned i)
{
    memset(buffer, byte, size);
    return with_number(size, i);
}

/* Field 16, length-delimited, in itself again and again. */
static px_bytes nested(unsigned depth, unsigned i)
{
    size_t size = 0;

    for (unsigned k = depth; k > 0; k--) {
        buffer[size++] = 0x82;
        buffer[size++] = 0x01;
        buffer[size++] = (uint8_t)(0x80 | ((k * 5) & 0x7f));
        buffer[size++] = (uint8_t)(((k * 5) >> 7) & 0x7f);
    }
    return with_number(size, i);
}

/* Five thousand times a field that nobody knows. */
static px_bytes many_fields(unsigned i)
{
    size_t size = 0;

    while (size < 15000) {
        memcpy(buffer + size, "\xd0\x3e\x01", 3);
        size += 3;
    }
    return with_number(size, i);
}

static px_bytes text_with_number(const char *format, unsigned i)
{
    int size =
        snprintf((char *)buffer, sizeof buffer, format, i); /* NOLINT: formats of this file */

    return (px_bytes){ buffer, (size_t)size };
}

static px_bytes bundle_of(size_t items, unsigned i, px_bytes *item)
{
    size_t size = 0;
    char text[16];
    int length = snprintf(text, sizeof text, "\xff%u", i);

    for (size_t k = 0; k < items; k++) {
        buffer[size++] = 0x0a;
        buffer[size++] = (uint8_t)length;
        memcpy(buffer + size, text, (size_t)length);
        *item = (px_bytes){ buffer + size, (size_t)length };
        size += (size_t)length;
    }
    return (px_bytes){ buffer, size };
}

static load_step *add_bundle(load *l, unsigned wave, unsigned daemon, size_t items, unsigned i)
{
    px_bytes item, bytes = bundle_of(items, i, &item);
    uint8_t digest[PX_DIGEST_SIZE];

    px_chain_digest(item, digest);
    load_step *step = load_add_bytes(l, wave, daemon, "Bundle", bytes);
    if (items == 1) /* then it is the item that cannot be read */
        memcpy(step->digest, digest, sizeof digest);
    return step;
}

static void add_json(load *l, unsigned wave, unsigned daemon, px_bytes bytes)
{
    load_add_bytes(l, wave, daemon, known_types[daemon], bytes)->json = true;
}

static unsigned kind_of(unsigned i)
{
    static const unsigned small[] = { 0, 2, 3, 6, 7, 8, 9, 10, 11, 12 };
    unsigned kind = i / WORLD_DAEMONS;

    return i < LARGE ? kind % 14 : small[kind % PX_COUNT(small)];
}

static void add_hostile(load *l, unsigned wave, unsigned i)
{
    unsigned daemon = i % WORLD_DAEMONS;
    const char *type = known_types[daemon];
    size_t large = (size_t)PX_SUBMISSION_BYTES_MAX + world_random(&l->random) % 300000;

    switch (kind_of(i)) {
    case 0:
        load_add_bytes(l, wave, daemon, type, noise(l, i));
        break;
    case 1:
        load_add_bytes(l, wave, daemon, type, filled(large, '\0', i));
        break;
    case 2:
        load_add_bytes(l, wave, daemon, type, nested(200, i));
        break;
    case 3:
        load_add_bytes(l, wave, daemon, type, nested(7, i));
        break;
    case 4:
        add_json(l, wave, daemon, filled(50000, '[', i));
        break;
    case 5:
        add_json(l, wave, daemon, filled(large, '{', i));
        break;
    case 6:
        add_json(l, wave, daemon, text_with_number("{\"actor\":\"a\",\"actor\":\"b%u\"}", i));
        break;
    case 7:
        add_json(l, wave, daemon, text_with_number("{\"afterSeq\":1e99%u}", i));
        break;
    case 8:
        load_add_bytes(l, wave, daemon, "Nothing", filled(100, 'n', i));
        break;
    case 9:
        load_add_bytes(l, wave, daemon, type, text_with_number("\x0a\x06\xc3\x28%04u", i));
        break;
    case 10:
        add_bundle(l, wave, daemon, 1, i);
        break;
    case 11:
        add_bundle(l, wave, daemon, 300, i);
        break;
    case 12:
        load_add_bytes(l, wave, daemon, type, many_fields(i));
        break;
    default:
        load_add_bytes(l, wave, daemon, type, filled(60000, 'x', i));
        break;
    }
    l->steps[l->count - 1].code = NULL;
}

static void add_good(load *l, unsigned wave, unsigned i, unsigned minimum)
{
    load_add(l, wave, FEEDBACK, "p1", "",
             "\"giveFeedback\":{\"feedbackId\":\"g%u\",\"aboutId\":\"p2\",\"kind\":1,"
             "\"text\":{\"plain\":\"well done\"},\"visibility\":1}",
             i);
    load_add(l, wave, REVIEW, "hr", "SCALE_VERSION",
             "\"defineScale\":{\"scaleId\":\"five\",\"version\":1,\"values\":["
             "{\"value\":1,\"label\":\"one\"},{\"value\":2,\"label\":\"two\",\"proficient\":true}],"
             "\"defaultValue\":1}");
    load_add(l, wave, COMPETENCY, "hr", "",
             "\"defineRole\":{\"roleId\":\"g%u\",\"title\":\"Role\"}", i);
    load_add(
        l, wave, LEARNING, "hr", "",
        "\"defineCatalogueItem\":{\"itemId\":\"g%u\",\"title\":\"Item\",\"kind\":1,\"hours\":1,"
        "\"outcomes\":[{\"competencyId\":\"k1\",\"share\":0.5,\"levelFrom\":1,\"levelTo\":2}]}",
        i);
    load_add(l, wave, REPORTING, "hr", "", "\"setGroupMinimum\":{\"minimum\":%u}", minimum);
}

/* A source that cannot be one has no mailbox: recorded, answered to nobody. */
static void send_from_nobody(scene *s)
{
    char subject[128];

    for (unsigned d = 0; d < WORLD_DAEMONS; d++) {
        px_bus_ack ack;

        snprintf(subject, sizeof subject, "praxis.v1.acme.submit.%s.%s.no$body", world_services[d],
                 known_types[d]);
        assert_int_equal(
            px_bus_publish_wait(s->drive.bus,
                                &(px_bus_out){ .subject = subject, .data = { "x", 1 } }, &ack),
            PX_OK);
    }
}

static void print_memory(const char *when, const double mib[WORLD_DAEMONS])
{
    fprintf(stderr, "RssAnon MiB, %s:", when);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        fprintf(stderr, " %s %.1f", world_services[d], mib[d]);
    fputc('\n', stderr);
}

static void measure(const scene *s, const char *when, double mib[WORLD_DAEMONS])
{
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        mib[d] = world_rss_anon(s->world, d);
    print_memory(when, mib);
}

static load *hostile_load(uint64_t seed, unsigned per_round)
{
    load *l = load_create_empty((size_t)ROUNDS * per_round + 400);

    l->random = seed;
    load_add_organisation(l, PEOPLE);
    for (unsigned i = 0; i < ROUNDS * per_round; i++) {
        add_hostile(l, FIRST_WAVE + i / per_round, i);
        if (i % (per_round / 2) == 0)
            add_good(l, FIRST_WAVE + i / per_round, i, 7 + i / per_round);
    }
    add_good(l, FIRST_WAVE + ROUNDS, ROUNDS * per_round, 7 + ROUNDS);
    return l;
}

static void say_growth(const double before[WORLD_DAEMONS], const double after[WORLD_DAEMONS])
{
    double most = 0;

    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        most = after[d] - before[d] > most ? after[d] - before[d] : most;
    pace_figure("T14", "growth_of_RssAnon", most, "MiB");
}

static void hostile_bytes__one_rejection_each_and_memory_stays(void **ctx)
{
    scene *s = *ctx;
    unsigned per_round =
        (unsigned)world_setting("PRAXIS_FAULT_HOSTILE", ROUNDS * PER_ROUND) / ROUNDS;
    double before[WORLD_DAEMONS], warm[WORLD_DAEMONS], after[WORLD_DAEMONS];

    scene_begin(s, &(world_options){ 0 }, hostile_load(world_seed(), per_round), world_seed());
    drive_waves(&s->drive, 0, FIRST_WAVE - 1);
    measure(s, "before", before);
    drive_waves(&s->drive, FIRST_WAVE, FIRST_WAVE + 1);
    measure(s, "after two rounds of hostile messages", warm);
    send_from_nobody(s);
    int64_t began_ms = world_now_ms();
    drive_waves(&s->drive, FIRST_WAVE + 2, s->load->waves);
    measure(s, "after five", after);
    pace_figure("T14", "hostile_messages", ROUNDS * per_round, "messages");
    pace_figure("T14", "hostile_messages_rate",
                3e3 * per_round / (double)(world_now_ms() - began_ms + 1), "1/s");
    say_growth(before, after);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++) {
        assert_true(after[d] - before[d] < GROWTH_MAX_MIB);
        assert_true(after[d] - warm[d] < LATE_GROWTH_MAX_MIB);
    }
    scene_judge(s);
}

/* ---- good traffic beside bad ---- */

static void add_feedback(load *l, unsigned wave, unsigned i)
{
    load_add(l, wave, FEEDBACK, "p1", "",
             "\"giveFeedback\":{\"feedbackId\":\"f%u\",\"aboutId\":\"p2\",\"kind\":1,"
             "\"text\":{\"plain\":\"well done\"},\"visibility\":1}",
             i);
}

/* Two rows of good steps, and one of hostile ones that takes as long as the second. */
static void good_traffic__goes_on_beside_a_flood(void **ctx)
{
    scene *s = *ctx;
    unsigned good = (unsigned)world_setting("PRAXIS_FAULT_GOOD", GOOD);
    unsigned rate = (unsigned)world_setting("PRAXIS_FAULT_HOSTILE_RATE", HOSTILE_RATE);
    unsigned hostile = good * rate / GOOD_RATE;
    load *l = load_create_empty(2 * good + hostile + 400);

    load_add_organisation(l, PEOPLE);
    size_t quiet = l->count, flooded = quiet + good, flood = flooded + good;
    for (unsigned i = 0; i < 2 * good; i++)
        add_feedback(l, FIRST_WAVE, i);
    for (unsigned i = 0; i < hostile; i++)
        load_add_bytes(l, FIRST_WAVE, FEEDBACK, known_types[FEEDBACK], filled(300, 'x', i))->code =
            NULL;
    scene_begin(s, &(world_options){ 0 }, l, world_seed());
    drive_waves(&s->drive, 0, FIRST_WAVE - 1);
    pace_row rows[] = { { .first = flooded, .count = good, .rate = GOOD_RATE, .measured = true },
                        { .first = flood, .count = hostile, .rate = rate } };
    pace_row alone = { .first = quiet, .count = good, .rate = GOOD_RATE, .measured = true };
    pace_times calm = pace_run(&s->drive, &alone, 1), under = pace_run(&s->drive, rows, 2);
    double p99 = pace_share(&calm, .99), p99_under = pace_share(&under, .99);

    pace_figure("T14", "hostile_rate", (double)hostile / under.seconds, "1/s");
    pace_figure("T14", "good_p50_alone", pace_share(&calm, .5), "ms");
    pace_figure("T14", "good_p50_under_attack", pace_share(&under, .5), "ms");
    pace_figure("T14", "good_p99_alone", p99, "ms");
    pace_figure("T14", "good_p99_under_attack", p99_under, "ms");
    pace_figure("T14", "good_p99_ratio", p99_under / (p99 > 1 ? p99 : 1), "times");
    assert_int_equal(calm.count, good);
    assert_int_equal(under.count, good);
    pace_times_free(&calm);
    pace_times_free(&under);
    scene_judge(s);
}

static void inbox_of(const scene *s, px_stream_info *info)
{
    assert_int_equal(px_bus_stream_info(s->drive.bus, "PRAXIS_INBOX_REVIEW_CYCLE", info), PX_OK);
}

/* A server killed in mid-purge brings back what was decided, and a copy may find the message that
 * says how far the inbox is decided overwritten already: both read again what has an answer, with
 * an id or without. */
static void unreadable_bytes_read_again__one_rejection(void **ctx)
{
    scene *s = *ctx;
    load *l = load_create_empty(400);
    px_stream_info inbox;

    load_add_organisation(l, PEOPLE);
    for (unsigned i = 0; i < READ_AGAIN; i++)
        load_add_bytes(l, FIRST_WAVE + i, REVIEW, known_types[REVIEW], filled(100, 'x', i))->code =
            NULL;
    scene_begin(s, &(world_options){ 0 }, l, world_seed());
    drive_waves(&s->drive, 0, FIRST_WAVE - 1);
    world_settle(s->world);
    drive_waves(&s->drive, FIRST_WAVE, FIRST_WAVE); /* purged at once, and for a second no more */
    do
        inbox_of(s, &inbox);
    while (inbox.messages > 0);
    drive_waves(&s->drive, FIRST_WAVE + 1, FIRST_WAVE + READ_AGAIN);
    world_kill(s->world, REVIEW, 0);
    inbox_of(s, &inbox);
    assert_true(inbox.messages > 1);
    assert_int_equal(px_bus_erase(s->drive.bus, "PRAXIS_INBOX_REVIEW_CYCLE", inbox.last_seq),
                     PX_OK);
    world_run(s->world, REVIEW, 0);
    world_wait_all(s->world, "/readyz", 200);
    oracle_report report = scene_judge(s);
    assert_int_equal(report.entries, l->count);
}

static double most_mib;

static void watch_memory(world *w)
{
    double mib = world_rss_anon(w, REVIEW);

    most_mib = mib > most_mib ? mib : most_mib;
}

/* As much as the server lets through, all at once: a daemon must not keep it. */
static void flood_of_giants__never_all_in_memory(void **ctx)
{
    scene *s = *ctx;
    load *l = load_create_empty(GIANTS + 400);

    load_add_organisation(l, PEOPLE);
    for (unsigned i = 0; i < GIANTS; i++)
        load_add_bytes(l, FIRST_WAVE, REVIEW, known_types[REVIEW], filled(BUFFER - 100, 'x', i))
            ->code = "TOO_LARGE";
    scene_begin(s, &(world_options){ 0 }, l, world_seed());
    drive_waves(&s->drive, 0, FIRST_WAVE - 1);
    double before = world_rss_anon(s->world, REVIEW);
    world_kill(s->world, REVIEW, 0);
    for (size_t i = l->count - GIANTS; i < l->count; i++)
        drive_send(&s->drive, i); /* it finds them all waiting */
    world_run(s->world, REVIEW, 0);
    s->drive.watch = watch_memory;
    most_mib = 0;
    drive_waves(&s->drive, FIRST_WAVE, FIRST_WAVE);
    fprintf(stderr, "RssAnon MiB of review-cycle: before %.1f, at most %.1f\n", before, most_mib);
    assert_true(most_mib - before < GIANTS_GROWTH_MAX_MIB);
    scene_judge(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hostile_bytes__one_rejection_each_and_memory_stays,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(good_traffic__goes_on_beside_a_flood, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(unreadable_bytes_read_again__one_rejection, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(flood_of_giants__never_all_in_memory, scene_setup,
                                        scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
