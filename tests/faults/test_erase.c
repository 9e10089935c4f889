/* test_erase.c: words about people are nowhere readable on disk, and gone for good with their
 * person. */
#include <inttypes.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/vault.h"
#include "tests/faults/scan.h"
#include "tests/faults/scene.h"

enum { PEOPLE = 60, CANARIES = 20, TALK = 6, KEY_PART = 24, ID_MAX = 32, WAYS = 5, FLOW = 10000 };

/* How each text about a person comes in. */
enum { BY_FEEDBACK, BY_REVIEW, BY_SELF_REVIEW, BY_REFUSED, BY_UNREADABLE };

typedef struct {
    char person[ID_MAX];
    char manager[ID_MAX];
    uint8_t key[4096]; /* as it stands, sealed, in the key stream */
    size_t key_size;
} canary;

typedef struct {
    scene *s;
    canary people[CANARIES];
} aviary;

static void text_of(char text[64], uint64_t seed, unsigned person, int way)
{
    snprintf(text, 64, "CANARY-%016" PRIx64 "-%02u-%d.", seed, person, way);
}

/* ---- planting ---- */

static void plant_readable(load *l, uint64_t seed, unsigned i, const canary *c)
{
    char text[64];

    text_of(text, seed, i, BY_FEEDBACK);
    load_add(l, 5, FEEDBACK, c->manager, "",
             "\"giveFeedback\":{\"feedbackId\":\"c%u\",\"aboutId\":\"%s\",\"kind\":1,"
             "\"text\":{\"plain\":\"%s\"},\"visibility\":2}",
             i, c->person, text);
    text_of(text, seed, i, BY_REVIEW);
    load_add(l, 5, REVIEW, c->manager, "",
             "\"submitReview\":{\"reviewId\":\"c%u\",\"cycleId\":\"c1\",\"subjectId\":\"%s\","
             "\"relation\":2,\"comment\":{\"plain\":\"%s\"}}",
             i, c->person, text);
    text_of(text, seed, i, BY_SELF_REVIEW);
    load_add(l, 5, REVIEW, c->person, "",
             "\"submitReview\":{\"reviewId\":\"own%u\",\"cycleId\":\"c1\",\"subjectId\":\"%s\","
             "\"relation\":1,\"what\":{\"value\":3},\"comment\":{\"plain\":\"%s\"}}",
             i, c->person, text);
}

static void plant_refused(load *l, uint64_t seed, unsigned i, const canary *c)
{
    char text[64];

    text_of(text, seed, i, BY_REFUSED);
    load_add(l, 5, FEEDBACK, c->person, "SELF_FEEDBACK",
             "\"giveFeedback\":{\"feedbackId\":\"r%u\",\"aboutId\":\"%s\",\"kind\":1,"
             "\"text\":{\"plain\":\"%s\"},\"visibility\":2}",
             i, c->person, text);
    text_of(text, seed, i, BY_UNREADABLE);
    load_add_bytes(l, 5, i % 2 == 0 ? FEEDBACK : REVIEW,
                   i % 2 == 0 ? "GiveFeedback" : "SubmitReview", (px_bytes){ text, strlen(text) })
        ->code = NULL;
}

static load *canary_load(aviary *a, uint64_t seed, size_t room)
{
    load *l = load_create_empty(1000 + room);

    l->random = seed;
    load_add_organisation(l, PEOPLE);
    for (unsigned i = 0; i < CANARIES; i++) {
        unsigned person = l->managers + i;

        snprintf(a->people[i].person, ID_MAX, "p%u", person);
        snprintf(a->people[i].manager, ID_MAX, "p%u", person % l->managers);
        plant_readable(l, seed, i, &a->people[i]);
        plant_refused(l, seed, i, &a->people[i]);
    }
    return l;
}

/* Every second one. */
static load *erasing_load(aviary *a, uint64_t seed)
{
    load *l = canary_load(a, seed, 0);

    for (unsigned i = 0; i < CANARIES; i += 2)
        load_add(l, TALK, FEEDBACK, "hr", "", "\"erasePerson\":{\"personId\":\"%s\"}",
                 a->people[i].person);
    return l;
}

/* What comes in while we look; nothing of it is looked for. */
static load *flowing_load(aviary *a, uint64_t seed)
{
    load *l = canary_load(a, seed, FLOW);

    for (unsigned i = 0; i < FLOW; i++)
        load_add(l, TALK, i % 2 == 0 ? FEEDBACK : REVIEW, "p1", i % 2 == 0 ? "" : "SCALE_UNKNOWN",
                 i % 2 == 0
                     ? "\"recordUnit\":{\"unitId\":\"w%u\",\"label\":\"More\"}"
                     : "\"defineCycle\":{\"cycleId\":\"w%u\",\"label\":\"More\",\"startsAt\":"
                       "\"2031-01-01T00:00:00Z\",\"scaleId\":\"none\",\"scaleVersion\":1}",
                 i);
    return l;
}

/* ---- asking ---- */

/* True when the answer to a question holds the text. */
static bool answer_holds(scene *s, const char *service, const char *question, const char *text,
                         const char *request)
{
    static const px_header json = { "Content-Type", "application/json" };
    char subject[128];
    px_bus_msg *reply;

    snprintf(subject, sizeof subject, "praxis.v1.acme.query.%s.%s", service, question);
    px_status status = px_bus_request(s->drive.bus,
                                      &(px_bus_out){ .subject = subject,
                                                     .data = { request, strlen(request) },
                                                     .headers = &json,
                                                     .header_count = 1 },
                                      10000, &reply);
    if (status != PX_OK)
        world_fail(s->world, "%s: %s", question, px_strerror(status));
    bool holds = memmem(reply->data.data, reply->data.size, text, strlen(text)) != NULL;
    px_bus_msg_free(reply);
    return holds;
}

static void expect_opens(aviary *a, unsigned i, bool opens)
{
    const canary *c = &a->people[i];
    char text[64], request[256];

    text_of(text, a->s->seed, i, BY_FEEDBACK);
    snprintf(request, sizeof request, "{\"viewerId\":\"%s\",\"aboutId\":\"%s\"}", c->manager,
             c->person);
    assert_int_equal(answer_holds(a->s, "feedback-ingest", "ListFeedback", text, request), opens);
    text_of(text, a->s->seed, i, BY_REVIEW);
    snprintf(request, sizeof request, "{\"viewerId\":\"%s\",\"reviewId\":\"c%u\"}", c->manager, i);
    assert_int_equal(answer_holds(a->s, "review-cycle", "GetReview", text, request), opens);
    text_of(text, a->s->seed, i, BY_SELF_REVIEW);
    snprintf(request, sizeof request, "{\"viewerId\":\"%s\",\"reviewId\":\"own%u\"}", c->manager,
             i);
    assert_int_equal(answer_holds(a->s, "review-cycle", "GetReview", text, request), opens);
}

/* ---- keys ---- */

static px_status find_key(aviary *a, unsigned i, px_bus_msg **msg)
{
    char subject[128];

    snprintf(subject, sizeof subject, "praxis.key.acme.%s", a->people[i].person);
    return px_bus_get_last(a->s->drive.bus, px_vault_stream, subject, msg);
}

static void remember_key(aviary *a, unsigned i)
{
    px_bus_msg *msg;

    assert_int_equal(find_key(a, i, &msg), PX_OK);
    assert_true(msg->data.size > KEY_PART && msg->data.size <= sizeof a->people[i].key);
    memcpy(a->people[i].key, msg->data.data, msg->data.size);
    a->people[i].key_size = msg->data.size;
    px_bus_msg_free(msg);
}

static void expect_key(aviary *a, unsigned i, bool there)
{
    /* The end of it: ciphertext and tag, which look like no other key. */
    const px_bytes part = { a->people[i].key + a->people[i].key_size - KEY_PART, KEY_PART };
    char where[SCAN_PATH_MAX];
    px_bus_msg *msg;
    px_status status = find_key(a, i, &msg);

    if (status == PX_OK)
        px_bus_msg_free(msg);
    assert_int_equal(status, there ? PX_OK : PX_ENOTFOUND);
    if ((scan_files(world_directory(a->s->world), part, where) > 0) != there)
        world_fail(a->s->world, "the key of %s: %s", a->people[i].person,
                   there ? "not found in any file" : where);
}

/* ---- files ---- */

static size_t texts_on_disk(aviary *a, char what[128], char where[SCAN_PATH_MAX])
{
    char prefix[64];

    snprintf(prefix, sizeof prefix, "CANARY-%016" PRIx64, a->s->seed);
    snprintf(what, 128, "%s", prefix);
    return scan_files(world_directory(a->s->world), (px_bytes){ prefix, strlen(prefix) }, where);
}

static void expect_no_text_on_disk(aviary *a)
{
    int64_t deadline = world_now_ms() + WORLD_DEADLINE_MS / 2;
    char what[128], where[SCAN_PATH_MAX];

    while (texts_on_disk(a, what, where) > 0) {
        if (world_now_ms() > deadline)
            world_fail(a->s->world, "%s is readable in %s", what, where);
        poll(NULL, 0, 200);
    }
}

/* A search that cannot find proves nothing. */
static void expect_search_works(aviary *a)
{
    char path[SCAN_PATH_MAX], what[128], where[SCAN_PATH_MAX], text[64];

    snprintf(path, sizeof path, "%s/planted", world_directory(a->s->world));
    text_of(text, a->s->seed, 0, 0);
    FILE *file = fopen(path, "w");
    assert_true(fseek(file, (1 << 20) - 10, SEEK_SET) == 0 &&
                fputs(text, file) > 0); /* on a seam */
    fclose(file);
    assert_true(texts_on_disk(a, what, where) > 0);
    assert_int_equal(remove(path), 0);
}

/* ---- the test ---- */

static void erased__no_text_no_key_on_disk(void **ctx)
{
    aviary a = { .s = *ctx };
    scene *s = a.s;

    scene_begin(s, &(world_options){ 0 }, erasing_load(&a, world_seed()), world_seed());
    drive_waves(&s->drive, 0, TALK - 1);
    expect_search_works(&a);
    world_settle(s->world);
    expect_no_text_on_disk(&a);
    for (unsigned i = 0; i < CANARIES; i++) {
        expect_opens(&a, i, true);
        remember_key(&a, i);
        expect_key(&a, i, true);
    }

    drive_waves(&s->drive, TALK, TALK); /* every second one is erased */
    world_settle(s->world);
    for (unsigned i = 0; i < CANARIES; i++) {
        expect_opens(&a, i, i % 2 == 1);
        expect_key(&a, i, i % 2 == 1);
    }
    expect_no_text_on_disk(&a);
    scene_judge(s); /* a rebuild after erasure is still the same */
    expect_no_text_on_disk(&a);
}

/* The same while daemons and server are killed: nothing is forgotten to be forgotten. */
static void erased_under_fire__no_text_no_key_on_disk(void **ctx)
{
    aviary a = { .s = *ctx };
    scene *s = a.s;
    storm weather;

    scene_begin(s, &(world_options){ 0 }, erasing_load(&a, world_seed() + 1), world_seed() + 1);
    drive_waves(&s->drive, 0, TALK - 2);
    storm_init(&weather, s->seed, 8, s->load->count - s->drive.ledger.answered);
    weather.next_at += s->drive.ledger.answered;
    s->drive.storm = &weather;
    drive_waves(&s->drive, TALK - 1, TALK - 1);
    for (unsigned i = 0; i < CANARIES; i++)
        remember_key(&a, i);
    drive_waves(&s->drive, TALK, TALK);
    world_settle(s->world);
    for (unsigned i = 0; i < CANARIES; i++) {
        expect_opens(&a, i, i % 2 == 1);
        expect_key(&a, i, i % 2 == 1);
    }
    expect_no_text_on_disk(&a);
    scene_judge(s);
}

/* Purging a stream that is never empty only moves its beginning, so what is decided must be gone
 * some other way. */
static void text__leaves_the_disk_while_more_comes_in(void **ctx)
{
    aviary a = { .s = *ctx };
    scene *s = a.s;
    char what[128], where[SCAN_PATH_MAX];
    size_t last, next;
    bool gone = false;

    scene_begin(s, &(world_options){ 0 }, flowing_load(&a, world_seed() + 2), world_seed() + 2);
    next = s->load->count - FLOW;
    drive_waves(&s->drive, 0, TALK - 2);
    for (size_t i = next - (size_t)CANARIES * WAYS; i < next; i++)
        drive_send(&s->drive, i);
    for (last = next + FLOW; !gone && next < last; next++) {
        drive_send(&s->drive, next);
        poll(NULL, 0, 2); /* the pace of what comes in */
        if (next % 100 == 0)
            gone = next > last - 9 * FLOW / 10 && texts_on_disk(&a, what, where) == 0;
    }
    if (!gone)
        world_fail(s->world, "%s is still readable in %s", what, where);
    drive_waves(&s->drive, TALK - 1, TALK);
    scene_judge(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(erased__no_text_no_key_on_disk, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(text__leaves_the_disk_while_more_comes_in, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(erased_under_fire__no_text_no_key_on_disk, scene_setup,
                                        scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
