/* test_stream_damage.c: the files of the log are damaged, one place at a time, while the server is
 * away; then it starts again, and daemons that have a projection and daemons that have none meet
 * what it makes of them.
 *
 * A daemon may say that the log is gone or has gone back, and stop; it may go on with what the log
 * was up to some message; it may never be ready with anything else. PRAXIS_SEED repeats a run,
 * PRAXIS_FAULT_DAMAGES makes it longer.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/fold_impl.h"
#include "common/metrics.h"
#include "tests/common/fold_world.h"
#include "tests/common/nats_fixture.h"
#include "tests/faults/world.h"

enum {
    SUBMISSIONS = 40,
    MESSAGES_MAX = 256,
    DAMAGES = 100,
    DEADLINE_S = 60,
    IDLE_MS = 5,
    IDLE_COUNTS_MS = 100, /* an idle turn by the daemon's clock */
    FILES_MAX = 32
};

typedef struct {
    uint8_t digest[32];
    bool known;
} moment;

/* What came of the damages. */
typedef struct {
    unsigned whole, went_back, gone, tail, silent;
} tally;

typedef struct {
    nats_fixture *nats;
    px_service service;
    px_bus *bus;
    px_config config;
    px_fold *fold;
    int64_t now_ms;
    moment history[MESSAGES_MAX]; /* the projection after each message of the undamaged log */
    uint64_t last;
    uint64_t random;
    tally with, without; /* a projection of its own */
} fixture;

static int64_t read_ms(void *context)
{
    return ((fixture *)context)->now_ms;
}

/* It stands still, so nothing falls due. */
static int64_t read_us(void *context)
{
    (void)context;
    return WORLD_START_US;
}

static const char *in_nats(const fixture *x, const char *name, char path[WORLD_PATH_MAX])
{
    snprintf(path, WORLD_PATH_MAX, "%s/%s", nats_fixture_directory(x->nats), name);
    return path;
}

static void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void shell(const char *format, ...)
{
    char command[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    assert_int_equal(system(command), 0);
}

/* ---- a daemon in this process ---- */

static void begin(fixture *x, const char *directory)
{
    const px_bus_options options = { .url = nats_fixture_url(x->nats), .name = "daemon" };
    char path[WORLD_PATH_MAX];

    /* The clock of events: one that stands still is far from the server's, and would not decide. */
    x->config = (px_config){
        .handled_days = 35, .replicas = 1, .inbox_max_bytes = 1 << 20, .event_clock = true
    };
    snprintf(x->config.data_dir, sizeof x->config.data_dir, "%s", in_nats(x, directory, path));
    assert_int_equal(px_bus_open(&x->bus, &options), PX_OK);
    const px_fold_parts parts = { .service = &x->service,
                                  .config = &x->config,
                                  .bus = x->bus,
                                  .clock_us = read_us,
                                  .clock_ms = read_ms,
                                  .clock_context = x };
    assert_int_equal(px_fold_create(&x->fold, &parts), PX_OK);
}

static void end(fixture *x)
{
    px_fold_destroy(x->fold);
    px_bus_close(x->bus);
    x->fold = NULL;
    x->bus = NULL;
}

static bool turn(fixture *x)
{
    bool busy;

    assert_int_equal(px_fold_turn(x->fold, &busy), PX_OK);
    if (!busy) {
        px_bus_wait(x->bus, IDLE_MS);
        x->now_ms += px_bus_epoch(x->bus) != 0 ? IDLE_COUNTS_MS : 0;
    }
    return busy;
}

static uint64_t digest_of(const fixture *x, uint8_t digest[32])
{
    px_txn *view = px_store_read(px_fold_store(x->fold));

    assert_non_null(view);
    uint64_t cursor = px_chain_cursor(view).seq;
    assert_int_equal(px_store_digest(view, digest, NULL), PX_OK);
    px_txn_abort(view);
    return cursor;
}

static void remember(fixture *x)
{
    moment now = { .known = true };
    uint64_t cursor = digest_of(x, now.digest);

    assert_true(cursor < MESSAGES_MAX);
    x->history[cursor] = now;
    x->last = cursor > x->last ? cursor : x->last;
}

/* ---- the undamaged log ---- */

static void submit(fixture *x, unsigned i)
{
    static const px_header json[] = { { "Content-Type", "application/json" } };
    char text[512];
    px_bus_ack ack;

    snprintf(text, sizeof text,
             "{\"submissionId\":\"s%u\",\"createdAt\":\"2026-01-05T00:00:00Z\","
             "\"occurredAt\":\"2026-01-05T00:00:00Z\",\"actor\":\"ann\","
             "\"setGroupMinimum\":{\"minimum\":%u}}",
             i, 5 + i % 80);
    px_bus_out out = { .subject = "praxis.v1.acme.submit.reporting.SetGroupMinimum.hr",
                       .data = { text, strlen(text) },
                       .headers = json,
                       .header_count = 1 };
    assert_int_equal(px_bus_publish_wait(x->bus, &out, &ack), PX_OK);
    assert_int_equal(ack.status, PX_OK);
}

static void until_ready(fixture *x)
{
    for (time_t since = time(NULL); !atomic_load(&x->fold->ready);) {
        (void)turn(x);
        assert_true(time(NULL) - since < DEADLINE_S);
    }
}

static void make_log(fixture *x)
{
    char path[WORLD_PATH_MAX];

    begin(x, "lmdb");
    until_ready(x);
    for (unsigned i = 0; i < SUBMISSIONS; i++) {
        uint64_t before = x->last;

        submit(x, i);
        for (time_t since = time(NULL); x->last == before;) {
            (void)turn(x);
            remember(x);
            assert_true(time(NULL) - since < DEADLINE_S);
        }
    }
    for (unsigned idle = 0; idle < 10;) { /* what is to be reconciled, and the feed */
        idle = turn(x) ? 0 : idle + 1;
        remember(x);
    }
    end(x);
    nats_fixture_shut_down(x->nats);
    in_nats(x, "", path);
    shell("cp -a %sstore %sstore.whole && cp -a %slmdb %slmdb.whole", path, path, path, path);
}

static int setup(void **state)
{
    fixture *x = calloc(1, sizeof *x);

    assert_non_null(x);
    x->service = fold_world_service();
    x->random = world_seed();
    x->now_ms = 1000000;
    x->nats = nats_fixture_start(NULL);
    make_log(x);
    *state = x;
    return 0;
}

static int teardown(void **state)
{
    fixture *x = *state;

    nats_fixture_stop(x->nats);
    free(x);
    return 0;
}

/* ---- damage ---- */

typedef struct {
    char paths[FILES_MAX][WORLD_PATH_MAX + 300];
    size_t count;
} file_list;

static void list_files(file_list *files, const char *directory)
{
    DIR *dir = opendir(directory);

    assert_non_null(dir);
    for (const struct dirent *e; (e = readdir(dir)) != NULL && files->count < FILES_MAX;)
        if (e->d_type == DT_REG)
            snprintf(files->paths[files->count++], sizeof files->paths[0], "%s/%s", directory,
                     e->d_name);
    closedir(dir);
}

static const char *pick_file(fixture *x, file_list *files)
{
    char directory[WORLD_PATH_MAX];

    files->count = 0;
    if (world_random(&x->random) % 4 != 0) /* most of it is messages */
        list_files(files, in_nats(x, "store/jetstream/$G/streams/PRAXIS_LOG/msgs", directory));
    else
        list_files(files, in_nats(x, "store/jetstream/$G/streams/PRAXIS_LOG", directory));
    assert_true(files->count > 0);
    return files->paths[world_random(&x->random) % files->count];
}

static void change(fixture *x, const char *path)
{
    static uint8_t bytes[1 << 20];
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    if (size == 0)
        return;
    size_t at = world_random(&x->random) % size, rest = size - at < 4096 ? size - at : 4096;
    switch (world_random(&x->random) % 4) {
    case 0:
        size = at;
        break;
    case 1:
        memset(bytes + at, 0, rest);
        break;
    default:
        bytes[at] ^= (uint8_t)(1u << world_random(&x->random) % 8);
    }
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* As it was, but for one place; every third time without the server's index, as after a kill. */
static const char *damage(fixture *x, file_list *files)
{
    char path[WORLD_PATH_MAX];

    in_nats(x, "", path);
    shell("cd %s && rm -rf store lmdb empty && cp -a store.whole store && cp -a lmdb.whole lmdb",
          path);
    if (world_random(&x->random) % 3 == 0)
        shell("rm -f %sstore/jetstream/*/streams/PRAXIS_LOG/msgs/*.idx", path);
    const char *file = pick_file(x, files);
    change(x, file);
    shell("rm -rf %sstore.damaged && cp -a %sstore %sstore.damaged", path, path, path);
    return file;
}

/* ---- judgement ---- */

static void judge(fixture *x, const char *directory, tally *t, const char *what)
{
    const uint64_t regressions = px_metric_get(PX_METRIC_REGRESSIONS);
    bool knew = strcmp(directory, "lmdb") == 0;
    uint8_t digest[32];

    begin(x, directory);
    for (time_t since = time(NULL); !atomic_load(&x->fold->ready) && !x->fold->gone[0];) {
        (void)turn(x);
        /* A server that makes trillions of messages out of one bit answers nothing any more, and
         * one that dies of its files is away: readiness says either. */
        if ((x->fold->trouble || px_bus_epoch(x->bus) == 0) && time(NULL) - since >= DEADLINE_S / 6)
            break;
        if (time(NULL) - since >= DEADLINE_S)
            fail_msg("%s: neither ready nor said to be damaged", what);
    }
    uint64_t cursor = digest_of(x, digest);
    bool right = cursor == 0 || (cursor < MESSAGES_MAX && x->history[cursor].known &&
                                 memcmp(digest, x->history[cursor].digest, sizeof digest) == 0);
    bool told = !knew || px_metric_get(PX_METRIC_REGRESSIONS) > regressions;
    if (!atomic_load(&x->fold->ready))
        t->gone++;
    else if (right && cursor == x->last)
        t->whole++;
    else if (right && told)
        t->went_back++;
    else if (told && cursor == x->last)
        t->tail++; /* the last message: nothing follows it yet; who knew it has said that it is not
                      the one */
    else
        t->silent++;
    if (!right || (atomic_load(&x->fold->ready) && cursor < x->last && !told))
        printf("%s: %s at %llu of %llu\n", what, right ? "not told" : "WRONG",
               (unsigned long long)cursor, (unsigned long long)x->last);
    end(x);
}

/* What one daemon did after the damage is not there for the next. */
static void meet(fixture *x, const char *directory, tally *t, const char *what)
{
    char path[WORLD_PATH_MAX];

    in_nats(x, "", path);
    shell("cd %s && rm -rf store && cp -a store.damaged store", path);
    nats_fixture_restart(x->nats);
    judge(x, directory, t, what);
    nats_fixture_kill(x->nats);
}

static void report(const char *what, const tally *t)
{
    printf("%s: %u whole; %u as of an earlier message; %u stopped and said what is lost; %u "
           "altered in the last message, which the next batch tells; %u SILENTLY WRONG\n",
           what, t->whole, t->went_back, t->gone, t->tail, t->silent);
}

static void damaged_log__is_noticed_or_harmless(void **state)
{
    fixture *x = *state;
    file_list *files = calloc(1, sizeof *files);
    size_t damages = world_setting("PRAXIS_FAULT_DAMAGES", DAMAGES);

    assert_non_null(files);
    for (size_t i = 0; i < damages; i++) {
        const char *file = damage(x, files);

        meet(x, "lmdb", &x->with, strstr(file, "PRAXIS_LOG"));
        meet(x, "empty", &x->without, strstr(file, "PRAXIS_LOG"));
    }
    free(files);
    report("with a projection", &x->with);
    report("with none", &x->without);
    fprintf(stderr, "figure T9 silent %.2f of_%zu\n", (double)(x->with.silent + x->without.silent),
            2 * damages);
    assert_int_equal(x->with.silent + x->without.silent, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(damaged_log__is_noticed_or_harmless, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
