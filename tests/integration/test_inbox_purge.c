/* test_inbox_purge.c: nothing readable is left in the inbox of what was decided, also while other
 * messages share its blocks on the server's disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>
#include <cmocka.h>

#include "common/chain.h"
#include "common/fold.h"
#include "services/feedback-ingest/service.h"
#include "tests/common/nats_fixture.h"

enum { DEADLINE_S = 30, TEXTS = 20 };

typedef struct {
    nats_fixture *nats;
    px_bus *bus;
    px_vault *vault;
    px_config config;
    px_fold *fold;
    int64_t now_ms;
    time_t since;
} world;

static int64_t read_ms(void *context)
{
    return ((world *)context)->now_ms;
}

static bool in_time(const world *w)
{
    return time(NULL) - w->since < DEADLINE_S;
}

static void turn(world *w)
{
    bool busy;

    assert_true(in_time(w));
    assert_int_equal(px_fold_turn(w->fold, &busy), PX_OK);
    if (!busy)
        px_bus_wait(w->bus, 20);
}

static int setup(void **state)
{
    world *w = calloc(1, sizeof *w);
    px_bus_options options = { .name = "daemon" };
    char key[256];

    assert_non_null(w);
    w->nats = nats_fixture_start(NULL);
    w->now_ms = 1000000;
    w->since = time(NULL);
    options.url = nats_fixture_url(w->nats);
    assert_int_equal(px_bus_open(&w->bus, &options), PX_OK);
    snprintf(key, sizeof key, "%s/master", nats_fixture_directory(w->nats));
    assert_int_equal(px_vault_make_master(key), PX_OK);
    assert_int_equal(px_vault_open(&w->vault, key, w->bus), PX_OK);
    w->config = (px_config){ .handled_days = 35, .replicas = 1 };
    snprintf(w->config.data_dir, sizeof w->config.data_dir, "%s/lmdb",
             nats_fixture_directory(w->nats));
    px_fold_parts parts = { .service = &px_feedback_ingest_service,
                            .config = &w->config,
                            .bus = w->bus,
                            .vault = w->vault,
                            .clock_ms = read_ms,
                            .clock_context = w };
    assert_int_equal(px_fold_create(&w->fold, &parts), PX_OK);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;

    px_fold_destroy(w->fold);
    px_vault_close(w->vault);
    px_bus_close(w->bus);
    nats_fixture_stop(w->nats);
    free(w);
    return 0;
}

static uint64_t send(world *w, const char *type, const char *id, const char *body)
{
    static const px_header json[] = { { "Content-Type", "application/json" } };
    char subject[128], text[1024], now[32];
    time_t seconds = time(NULL);
    px_bus_ack ack;

    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
    snprintf(subject, sizeof subject, "praxis.v1.acme.submit.feedback-ingest.%s.hr", type);
    snprintf(text, sizeof text,
             "{\"submissionId\":\"%s\",\"createdAt\":\"%s\",\"occurredAt\":\"%s\","
             "\"actor\":\"ann\",%s}",
             id, now, now, body);
    px_bus_out out = {
        .subject = subject, .data = { text, strlen(text) }, .headers = json, .header_count = 1
    };
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_OK);
    assert_int_equal(ack.status, PX_OK);
    return ack.seq;
}

static void send_people(world *w)
{
    send(w, "RecordUnit", "u", "\"recordUnit\":{\"unitId\":\"u1\",\"label\":\"one\"}");
    send(w, "RecordPerson", "p1",
         "\"recordPerson\":{\"personId\":\"ann\",\"unitId\":\"u1\",\"active\":true}");
    send(w, "RecordPerson", "p2",
         "\"recordPerson\":{\"personId\":\"bob\",\"unitId\":\"u1\",\"active\":true}");
}

static uint64_t send_texts(world *w, const char *prefix, const char *canary)
{
    char id[32], body[512];
    uint64_t seq = 0;

    for (unsigned i = 0; i < TEXTS; i++) {
        snprintf(id, sizeof id, "%s%u", prefix, i);
        snprintf(body, sizeof body,
                 "\"giveFeedback\":{\"feedbackId\":\"%s\",\"aboutId\":\"bob\","
                 "\"kind\":\"FEEDBACK_KIND_PRAISE\",\"text\":{\"plain\":\"%s %u\"},"
                 "\"visibility\":\"FEEDBACK_VISIBILITY_PERSON\"}",
                 id, canary, i);
        seq = send(w, "GiveFeedback", id, body);
        snprintf(id, sizeof id, "%s-unit%u", prefix, i);
        snprintf(body, sizeof body, "\"recordUnit\":{\"unitId\":\"v%u\",\"label\":\"two\"}", i);
        seq = send(w, "RecordUnit", id, body);
    }
    /* unreadable: a brace too many */
    snprintf(body, sizeof body, "\"giveFeedback\":{\"text\":{\"plain\":\"%s\"}}}", canary);
    return send(w, "GiveFeedback", prefix, body) > seq ? seq + 1 : 0;
}

/* So many that the server has no reason to write the block anew. */
static void send_waiting(world *w)
{
    char id[32];

    for (unsigned i = 0; i < 20 * TEXTS; i++) {
        snprintf(id, sizeof id, "w%u", i);
        send(w, "RecordUnit", id, "\"recordUnit\":{\"unitId\":\"w1\",\"label\":\"waits\"}");
    }
}

static uint64_t decided_through(world *w)
{
    px_txn *view = px_store_read(px_fold_store(w->fold));
    uint64_t seq;

    assert_non_null(view);
    seq = px_chain_inbox(view).seq;
    px_txn_abort(view);
    return seq;
}

static px_stream_info inbox_info(world *w)
{
    px_stream_info info;

    assert_int_equal(px_bus_stream_info(w->bus, "PRAXIS_INBOX_FEEDBACK_INGEST", &info), PX_OK);
    return info;
}

/* Counts files below the server's store that hold the text. */
static int files_with(world *w, const char *text)
{
    char command[512], line[64];
    FILE *pipe;

    snprintf(command, sizeof command, "grep -rlaF '%s' %s --include=*.blk | wc -l", text,
             nats_fixture_directory(w->nats));
    pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(line, sizeof line, pipe));
    assert_int_equal(pclose(pipe), 0);
    return (int)strtol(line, NULL, 10);
}

static void attach(world *w)
{
    px_stream_info info;

    while (px_bus_stream_info(w->bus, "PRAXIS_INBOX_FEEDBACK_INGEST", &info) != PX_OK)
        turn(w);
    turn(w);
    turn(w);
}

/* A purge comes once a second, and what is decided may come in two rounds. */
static void wait_until_purged(world *w, uint64_t through)
{
    while (inbox_info(w).first_seq <= through) {
        turn(w);
        w->now_ms += 1000;
    }
    w->now_ms -= 1000; /* the next one is a second away */
}

/* The server throws its files away beside us. */
static void then_nothing_is_left(world *w, const char *text)
{
    while (files_with(w, text) > 0)
        assert_true(in_time(w));
}

/* One that is sent before the turn is not decided in it, so more stands behind what is decided. */
static void turn_with_more_behind(world *w)
{
    static unsigned sent;
    char id[32];

    snprintf(id, sizeof id, "more%u", sent++);
    send(w, "RecordUnit", id, "\"recordUnit\":{\"unitId\":\"m1\",\"label\":\"more\"}");
    turn(w);
}

/* The clock stands, so nothing of them is purged yet. @return the last message with one */
static uint64_t given_decided_texts(world *w, const char *text)
{
    uint64_t last;

    attach(w);
    send_people(w);
    wait_until_purged(w, 3);
    last = send_texts(w, "f", text);
    while (decided_through(w) < last)
        turn(w);
    return last;
}

static void decided_texts__go_with_their_files_when_nothing_stands_behind(void **state)
{
    world *w = *state;

    given_decided_texts(w, "canary-omega");
    assert_true(files_with(w, "canary-omega") > 0);
    w->now_ms += 2000;
    turn(w);
    assert_int_equal(inbox_info(w).messages, 0);
    then_nothing_is_left(w, "canary-omega");
}

static void decided_texts__are_overwritten_beside_waiting_messages(void **state)
{
    world *w = *state;

    given_decided_texts(w, "canary-alpha");
    assert_true(files_with(w, "canary-alpha") > 0);
    send_waiting(w);
    while (files_with(w, "canary-alpha") > 0) {
        w->now_ms += 1000;
        turn_with_more_behind(w);
        assert_true(inbox_info(w).messages > 0);
    }
}

/* Decided, and the daemon died before the purge: the next one has not seen these messages. */
static void texts_decided_before_a_restart__are_overwritten_too(void **state)
{
    world *w = *state;
    px_fold_parts parts = { .service = &px_feedback_ingest_service,
                            .config = &w->config,
                            .bus = w->bus,
                            .vault = w->vault,
                            .clock_ms = read_ms,
                            .clock_context = w };

    given_decided_texts(w, "canary-beta");
    px_fold_destroy(w->fold);
    assert_true(files_with(w, "canary-beta") > 0);
    send_waiting(w);
    w->now_ms += 1000;
    assert_int_equal(px_fold_create(&w->fold, &parts), PX_OK);
    while (files_with(w, "canary-beta") > 0) {
        w->now_ms += 1000;
        turn_with_more_behind(w);
        assert_true(inbox_info(w).messages > 0);
    }
}

/* Each costs the server a sync of its disk, and deciding shall not wait for many of them. */
static void many_texts__are_overwritten_one_a_turn_beside_deciding(void **state)
{
    world *w = *state;
    uint64_t late;

    given_decided_texts(w, "canary-gamma");
    w->now_ms += 10000;
    turn_with_more_behind(w); /* purges what is before the second text */
    late = send(w, "RecordUnit", "late", "\"recordUnit\":{\"unitId\":\"v1\",\"label\":\"late\"}");
    while (decided_through(w) < late) {
        uint64_t before = inbox_info(w).messages;

        turn(w);
        assert_true(inbox_info(w).messages + 1 >= before);
    }
    assert_true(files_with(w, "canary-gamma") > 0);
    wait_until_purged(w, late);
    then_nothing_is_left(w, "canary-gamma");
}

/* Where texts come as fast as they are overwritten, the inbox must not keep all that is between. */
static void texts_without_end__what_is_before_them_is_purged(void **state)
{
    world *w = *state;
    uint64_t last = given_decided_texts(w, "canary-delta");

    w->now_ms += 10000;
    for (unsigned i = 0; i < TEXTS / 2; i++)
        turn_with_more_behind(w);
    assert_true(inbox_info(w).first_seq < 3 + TEXTS / 2);
    w->now_ms += 10000;
    turn_with_more_behind(w);
    assert_true(inbox_info(w).first_seq > 3 + TEXTS / 2);
    assert_true(files_with(w, "canary-delta") > 0);
    wait_until_purged(w, last);
    then_nothing_is_left(w, "canary-delta");
}

/* ---- a server that refuses ---- */

static px_bus_msg *ask_server(world *w, const char *call, const char *body)
{
    char subject[128];
    px_bus_msg *answer = NULL;

    snprintf(subject, sizeof subject, "$JS.API.STREAM.%s.PRAXIS_INBOX_FEEDBACK_INGEST", call);
    px_bus_out out = { .subject = subject, .data = { body, strlen(body) } };
    assert_int_equal(px_bus_request(w->bus, &out, 1000 * DEADLINE_S, &answer), PX_OK);
    return answer;
}

static void given_purges_denied(world *w)
{
    px_bus_msg *answer = ask_server(w, "INFO", "");
    json_t *info = json_loadb(answer->data.data, answer->data.size, 0, NULL);
    json_t *config = json_object_get(info, "config");

    px_bus_msg_free(answer);
    json_object_set_new(config, "deny_purge", json_true());
    char *body = json_dumps(config, JSON_COMPACT);
    answer = ask_server(w, "UPDATE", body);
    assert_null(memmem(answer->data.data, answer->data.size, "\"error\"", 7));
    px_bus_msg_free(answer);
    free(body);
    json_decref(info);
}

static unsigned times_said(const char *path, const char *text)
{
    char line[1024];
    unsigned times = 0;
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        times += strstr(line, text) != NULL;
    fclose(file);
    return times;
}

/* Nothing can be purged then, but all can be overwritten. */
static void then_texts_are_overwritten(world *w, const char *canary)
{
    for (unsigned i = 0; i < 2 * TEXTS && files_with(w, canary) > 0; i++) {
        w->now_ms += 41000; /* the pause is over, and it is late */
        turn_with_more_behind(w);
    }
    then_nothing_is_left(w, canary);
}

static void purge_refused__said_after_pauses_and_texts_overwritten(void **state)
{
    enum { SECONDS = 60 };
    world *w = *state;
    char path[256];
    int kept = dup(STDERR_FILENO);

    given_decided_texts(w, "canary-zeta");
    given_purges_denied(w);
    snprintf(path, sizeof path, "%s/said", nats_fixture_directory(w->nats));
    assert_non_null(freopen(path, "w", stderr));
    for (unsigned i = 0; i < SECONDS; i++) {
        w->now_ms += 1000;
        turn_with_more_behind(w);
    }
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    unsigned said = times_said(path, "refuses to purge");
    assert_in_range(said, 1, 3);
    then_texts_are_overwritten(w, "canary-zeta");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            decided_texts__go_with_their_files_when_nothing_stands_behind, setup, teardown),
        cmocka_unit_test_setup_teardown(decided_texts__are_overwritten_beside_waiting_messages,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(texts_decided_before_a_restart__are_overwritten_too, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(many_texts__are_overwritten_one_a_turn_beside_deciding,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(texts_without_end__what_is_before_them_is_purged, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(purge_refused__said_after_pauses_and_texts_overwritten,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
