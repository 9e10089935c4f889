/* test_vault_erase.c: on a real server, no byte of an erased key stays in the store's files. */
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/bus.h"
#include "common/vault.h"
#include "tests/common/nats_fixture.h"

enum { PEOPLE = 50, KEY_MESSAGE = 77, RUN = 16, DEADLINE_S = 30 };

typedef struct {
    nats_fixture *nats;
    char master[192];
    px_bus *bus;
    px_vault *vault;
} world;

static px_bus *connected(const char *url)
{
    px_bus_options options = { .url = url, .name = "vault test", .inbox_prefix = "_IN_vault" };
    time_t deadline = time(NULL) + DEADLINE_S;
    px_bus *bus;

    assert_int_equal(px_bus_open(&bus, &options), PX_OK);
    while (px_bus_epoch(bus) == 0) {
        assert_true(time(NULL) < deadline);
        px_bus_wait(bus, 100);
    }
    return bus;
}

static int setup(void **ctx)
{
    static const char *const subjects[] = { "praxis.key.>" };
    px_stream_config config = { .name = px_vault_stream,
                                .subjects = subjects,
                                .subject_count = 1,
                                .retention = PX_KEEP_UNTIL_PURGED };
    world *w = calloc(1, sizeof *w);

    w->nats = nats_fixture_start(NULL);
    snprintf(w->master, sizeof w->master, "%s/master", nats_fixture_directory(w->nats));
    assert_int_equal(px_vault_make_master(w->master), PX_OK);
    w->bus = connected(nats_fixture_url(w->nats));
    assert_int_equal(px_bus_stream_ensure(w->bus, &config), PX_OK);
    assert_int_equal(px_vault_open(&w->vault, w->master, w->bus), PX_OK);
    *ctx = w;
    return 0;
}

static int teardown(void **ctx)
{
    world *w = *ctx;

    px_vault_close(w->vault);
    px_bus_close(w->bus);
    nats_fixture_stop(w->nats);
    free(w);
    return 0;
}

static uint8_t messages[PEOPLE][KEY_MESSAGE];
static int places[PEOPLE]; /* of each sealed key in the files scanned last */

/** Looks for any stretch of a sealed key; nftw() has no argument of the caller's, hence the
 * globals. */
static int scan_file(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)place;
    if (kind != FTW_F || info->st_size == 0)
        return 0;
    char *bytes = malloc((size_t)info->st_size);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = read(fd, bytes, (size_t)info->st_size);
    close(fd);
    for (int i = 0; i < PEOPLE && size > 0; i++) {
        for (size_t at = 5; at + RUN <= KEY_MESSAGE; at += RUN)
            places[i] += memmem(bytes, (size_t)size, messages[i] + at, RUN) != NULL;
    }
    free(bytes);
    return 0;
}

static void scan_store(world *w)
{
    char path[192];

    snprintf(path, sizeof path, "%s/store", nats_fixture_directory(w->nats));
    memset(places, 0, sizeof places);
    assert_int_equal(nftw(path, scan_file, 16, FTW_PHYS), 0);
}

static void person_of(int i, char person[16])
{
    snprintf(person, 16, "p%d", i);
}

static void erased_keys__are_nowhere_in_the_store(void **ctx)
{
    world *w = *ctx;
    char people[PEOPLE][16], person[16], subject[64];
    px_vault_name names[PEOPLE];

    for (int i = 0; i < PEOPLE; i++) {
        person_of(i, people[i]);
        names[i] = (px_vault_name){ "acme", people[i], 1 };
    }
    assert_int_equal(px_vault_ensure_all(w->vault, names, PEOPLE / 2), PX_OK); /* all at once */
    for (int i = 0; i < PEOPLE; i++) {
        px_bus_msg *msg;
        person_of(i, person);
        assert_int_equal(px_vault_ensure(w->vault, "acme", person, 1), PX_OK);
        snprintf(subject, sizeof subject, "praxis.key.acme.%s", person);
        assert_int_equal(px_bus_get_last(w->bus, px_vault_stream, subject, &msg), PX_OK);
        assert_int_equal(msg->data.size, KEY_MESSAGE);
        memcpy(messages[i], msg->data.data, KEY_MESSAGE);
        px_bus_msg_free(msg);
    }
    for (int i = 0; i < PEOPLE; i += 2) {
        person_of(i, person);
        assert_int_equal(px_vault_destroy(w->vault, "acme", person, 1), PX_OK);
    }
    scan_store(w);
    for (int i = 0; i < PEOPLE; i++)
        assert_int_equal(places[i] > 0, i % 2); /* the others show that the scan can see */
    nats_fixture_shut_down(w->nats);
    scan_store(w);
    for (int i = 0; i < PEOPLE; i++)
        assert_int_equal(places[i] > 0, i % 2);
    nats_fixture_restart(w->nats);
}

static void erased_person__can_be_recorded_anew(void **ctx)
{
    world *w = *ctx;
    px_stream_info info;

    for (uint32_t generation = 1; generation <= 5; generation++) {
        assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", generation), PX_OK);
        assert_int_equal(px_bus_stream_info(w->bus, px_vault_stream, &info), PX_OK);
        assert_int_equal(info.messages, 1);
        assert_int_equal(px_vault_destroy(w->vault, "acme", "ann", generation), PX_OK);
        assert_int_equal(px_vault_destroy(w->vault, "acme", "ann", generation), PX_OK);
        assert_int_equal(px_bus_stream_info(w->bus, px_vault_stream, &info), PX_OK);
        assert_int_equal(info.messages, 0);
    }
}

static void second_daemon__reads_the_same_keys_after_a_restart(void **ctx)
{
    world *w = *ctx;
    px_vault *second;
    px_bytes sealed, plain;
    px_arena arena;

    assert_true(px_arena_init(&arena, 4096));
    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(
        px_vault_seal(w->vault, "acme", "ann", 1, (px_bytes){ "hello", 5 }, &arena, &sealed),
        PX_OK);
    nats_fixture_shut_down(w->nats);
    nats_fixture_restart(w->nats);
    px_bus *bus = connected(nats_fixture_url(w->nats));
    assert_int_equal(px_vault_open(&second, w->master, bus), PX_OK);
    assert_int_equal(px_vault_open_text(second, "acme", "ann", sealed, &arena, &plain), PX_OK);
    assert_int_equal(plain.size, 5);
    px_vault_close(second);
    px_bus_close(bus);
    px_arena_fini(&arena);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(erased_keys__are_nowhere_in_the_store),
        TEST(erased_person__can_be_recorded_anew),
        TEST(second_daemon__reads_the_same_keys_after_a_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
