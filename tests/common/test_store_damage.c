/* test_store_damage.c: the file of a store is damaged, one place at a time, and everything is read:
 * what comes back must be right or refused.
 *
 * PRAXIS_SEED repeats a run, PRAXIS_FAULT_DAMAGES makes it longer. Each damage is read by a process
 * of its own, which it may kill: then the next start must not believe the file.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/store_keeper.h"
#include "common/tries.h"
#include "tests/common/store_fixture.h"

enum {
    RECORDS = 3000,
    ROUNDS = 4, /* of putting them, so that there are free pages with older contents */
    VALUE_MAX = 9000,
    DAMAGES = 200,
    CHILD_SECONDS = 60
};

/* How a process that read everything ended. */
enum { RIGHT = 20, REFUSED, DISCARDED, FOUND_BY_SCRUB, WRONG_VALUE, WRONG_ABSENCE, OUTCOMES };

static const char *const outcome_names[OUTCOMES - RIGHT] = {
    "harmless",
    "refused on reading",
    "discarded at the start",
    "missing on reading, found by the scrub",
    "WRONG VALUES",
    "MISSING AND NOT FOUND",
};

typedef struct {
    store_fixture *f;
    uint8_t *image;
    size_t size;
    uint64_t random;
    unsigned outcomes[OUTCOMES - RIGHT], died, died_of_time;
} fixture;

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* ---- what the store holds ---- */

static px_bytes key_of(unsigned i, char text[32])
{
    snprintf(text, 32, "%c/%05u/%u", "abc"[i % 3], i * 2, i * 7919 % 1000);
    return fixture_text(text);
}

/* None of these was put. */
static px_bytes gap_of(unsigned i, char text[32])
{
    snprintf(text, 32, "%c/%05u/%u", "abc"[i % 3], i * 2 + 1, i * 7919 % 1000);
    return fixture_text(text);
}

static px_table table_of(unsigned i)
{
    return i % 10 == 9 ? PX_LOCAL : PX_STATE;
}

static px_bytes value_of(unsigned i, unsigned round, uint8_t bytes[VALUE_MAX])
{
    uint64_t random = (uint64_t)i * 1000 + round;
    size_t size = i % 7 == 0 ? 0 : next_random(&random) % (i % 50 == 1 ? VALUE_MAX : 150);

    for (size_t at = 0; at < size; at++)
        bytes[at] = (uint8_t)next_random(&random);
    return (px_bytes){ bytes, size };
}

static void put_round(store_fixture *f, unsigned round)
{
    uint8_t bytes[VALUE_MAX];
    char key[32];

    for (unsigned i = 0; i < RECORDS;) {
        px_txn *txn = px_store_begin(f->store);
        for (unsigned n = 0; n < 250; n++, i++)
            px_put(txn, table_of(i), key_of(i, key), value_of(i, round, bytes));
        assert_int_equal(px_txn_commit(txn), PX_OK);
    }
}

static void read_image(fixture *x)
{
    char path[96];

    snprintf(path, sizeof path, "%s/data.mdb", x->f->directory);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    x->size = (size_t)ftell(file);
    x->image = malloc(x->size);
    rewind(file);
    assert_int_equal(fread(x->image, 1, x->size, file), x->size);
    fclose(file);
}

static int setup(void **state)
{
    static fixture x;
    const char *seed = getenv("PRAXIS_SEED");

    x = (fixture){ .random = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL) };
    printf("PRAXIS_SEED=%llu\n", (unsigned long long)x.random);
    if (store_fixture_setup((void **)&x.f) != 0)
        return -1;
    for (unsigned round = 0; round < ROUNDS; round++)
        put_round(x.f, round);
    store_fixture_close(x.f);
    read_image(&x);
    *state = &x;
    return 0;
}

static int teardown(void **state)
{
    fixture *x = *state;

    free(x->image);
    return store_fixture_teardown((void **)&x->f);
}

/* ---- reading everything ---- */

static bool right(unsigned i, px_bytes value)
{
    uint8_t bytes[VALUE_MAX];

    return fixture_bytes_equal(value, value_of(i, ROUNDS - 1, bytes));
}

/* Every record by its key, and as many keys that were never put. */
static int get_all(const px_view *view, uint64_t *random)
{
    unsigned start = (unsigned)(next_random(random) % RECORDS);
    char key[32];
    px_bytes value;

    for (unsigned n = 0; n < RECORDS; n++) {
        unsigned i = (start + n * 7) % RECORDS;

        if (px_get(view, table_of(i), key_of(i, key), &value)) {
            if (!right(i, value))
                return WRONG_VALUE;
        } else if (px_txn_status(view) == PX_OK) {
            return WRONG_ABSENCE;
        }
        if (!px_any(view, table_of(i), key_of(i, key)) && px_txn_status(view) == PX_OK)
            return WRONG_ABSENCE;
        if (px_get(view, table_of(i), gap_of(i, key), &value))
            return WRONG_VALUE;
    }
    return RIGHT;
}

/* One prefix of one table; the numbers of its records rise. */
static int scan_all(const px_view *view, px_table table, char prefix)
{
    unsigned i = (unsigned)(prefix - 'a');
    char text[32];
    px_bytes key, value;
    px_scan scan;
    int outcome = RIGHT;

    px_scan_begin(&scan, view, table, (px_bytes){ &prefix, 1 });
    while (outcome == RIGHT && px_scan_next(&scan, &key, &value)) {
        while (i < RECORDS && table_of(i) != table)
            i += 3;
        if (i >= RECORDS || !fixture_bytes_equal(key, key_of(i, text)))
            outcome = WRONG_ABSENCE; /* one was passed over */
        else if (!right(i, value))
            outcome = WRONG_VALUE;
        i += 3;
    }
    while (i < RECORDS && table_of(i) != table)
        i += 3;
    if (outcome == RIGHT && i < RECORDS && px_txn_status(view) == PX_OK)
        outcome = WRONG_ABSENCE;
    px_scan_end(&scan);
    return outcome;
}

static int read_all(store_fixture *f, uint64_t *random)
{
    px_txn *view = px_store_read(f->store);
    int outcome = view ? get_all(view, random) : RIGHT;

    for (px_table table = PX_STATE; view && table < PX_TABLE_COUNT; table++)
        for (char prefix = 'a'; outcome == RIGHT && prefix <= 'c'; prefix++)
            outcome = scan_all(view, table, prefix);
    px_txn_abort(view);
    return outcome;
}

static int judge(store_fixture *f, uint64_t random)
{
    px_scrub scrub = { 0 };
    int outcome;

    f->fresh = false;
    if (store_fixture_open(f) != PX_OK)
        return WRONG_VALUE; /* a daemon that cannot start is not repaired by anybody */
    if (f->fresh)
        return DISCARDED;
    outcome = read_all(f, &random);
    if (outcome == RIGHT && px_store_failure(f->store) != PX_OK)
        return REFUSED;
    while (px_store_failure(f->store) == PX_OK && scrub.passes == 0)
        (void)px_scrub_step(&scrub, f->store, 500);
    if (px_store_failure(f->store) == PX_OK)
        return outcome;
    return outcome == WRONG_ABSENCE ? FOUND_BY_SCRUB : outcome == RIGHT ? REFUSED : outcome;
}

/* ---- one damage ---- */

static void write_file(const char *directory, const char *name, const void *bytes, size_t size)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* As it was closed, and nothing known of earlier deaths. */
static void put_back(fixture *x, const uint8_t *image, size_t size)
{
    static const char *const notes[] = { "tries", "crashed", "lock.mdb" };
    char path[96];

    write_file(x->f->directory, "data.mdb", image, size);
    write_file(x->f->directory, "mark", "clean\n", 6);
    for (size_t i = 0; i < PX_COUNT(notes); i++) {
        snprintf(path, sizeof path, "%s/%s", x->f->directory, notes[i]);
        (void)unlink(path);
    }
}

/* A process of its own opens and reads. @return its outcome; 0: it died */
static int in_child(fixture *x, uint64_t random)
{
    int how;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        static const int faults[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };

        if (!freopen("/dev/null", "w", stderr))
            _exit(WRONG_VALUE);
        for (size_t i = 0; i < PX_COUNT(faults); i++)
            signal(faults[i], SIG_DFL); /* not cmocka's, which would go on with the next test */
        alarm(CHILD_SECONDS);
        px_tries_watch(x->f->directory);
        _exit(judge(x->f, random));
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    x->died_of_time += WIFSIGNALED(how) && WTERMSIG(how) == SIGALRM;
    return WIFEXITED(how) && WEXITSTATUS(how) >= RIGHT ? WEXITSTATUS(how) : 0;
}

/* The one after it must start empty, and work. */
static void check_next_start(fixture *x)
{
    store_fixture *f = x->f;

    f->fresh = false;
    assert_int_equal(store_fixture_open(f), PX_OK);
    assert_true(f->fresh);
    store_fixture_put(f, "a", "1");
    assert_true(store_fixture_has(f, "a", "1"));
    store_fixture_close(f);
}

static int damage_and_read(fixture *x, uint8_t *image, size_t size)
{
    put_back(x, image, size);
    int outcome = in_child(x, next_random(&x->random));

    if (outcome == 0)
        x->died++;
    else
        x->outcomes[outcome - RIGHT]++;
    if (outcome == 0 || outcome == REFUSED || outcome == FOUND_BY_SCRUB)
        check_next_start(x);
    return outcome;
}

static void report(const fixture *x, const char *what)
{
    printf("%s:", what);
    for (size_t i = 0; i < PX_COUNT(outcome_names); i++)
        if (x->outcomes[i] > 0)
            printf(" %u %s;", x->outcomes[i], outcome_names[i]);
    printf(" %u killed the reader, whose next start began anew\n", x->died);
}

static unsigned damages(void)
{
    const char *text = getenv("PRAXIS_FAULT_DAMAGES");

    return text ? (unsigned)strtoul(text, NULL, 10) : DAMAGES;
}

static void check(const fixture *x)
{
    assert_int_equal(x->outcomes[WRONG_VALUE - RIGHT], 0);
    assert_int_equal(x->outcomes[WRONG_ABSENCE - RIGHT], 0);
    assert_int_equal(x->died_of_time, 0);
}

static void undamaged__is_read_as_it_was_put(void **state)
{
    fixture *x = *state;

    assert_int_equal(damage_and_read(x, x->image, x->size), RIGHT);
}

static void flip(uint8_t *image, uint64_t bit)
{
    image[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

static void damage_one_bit(fixture *x, uint64_t bit)
{
    flip(x->image, bit);
    int outcome = damage_and_read(x, x->image, x->size);
    flip(x->image, bit);
    if (outcome == WRONG_VALUE || outcome == WRONG_ABSENCE)
        printf("byte %llu bit %llu: %s\n", (unsigned long long)bit / 8, (unsigned long long)bit % 8,
               outcome_names[outcome - RIGHT]);
}

static void one_bit__is_right_or_refused(void **state)
{
    fixture *x = *state;

    for (unsigned i = 0; i < damages(); i++)
        damage_one_bit(x, next_random(&x->random) % (x->size * 8));
    report(x, "one bit");
    fprintf(stderr, "figure T10 wrong %.2f of_%u\n",
            (double)(x->outcomes[WRONG_VALUE - RIGHT] + x->outcomes[WRONG_ABSENCE - RIGHT]),
            damages());
    check(x);
}

/* How much a page holds, of what kind, and which it is: few bits, so that one by chance is rare. */
static void one_bit_of_a_page_header__is_right_or_refused(void **state)
{
    enum { HEADER_BYTES = 16 };
    fixture *x = *state;
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

    for (unsigned i = 0; i < damages() / 4; i++)
        damage_one_bit(x, next_random(&x->random) % (x->size / page) * page * 8 +
                              next_random(&x->random) % (HEADER_BYTES * 8));
    report(x, "one bit of a page's header");
    check(x);
}

static void zeroed_page_or_cut_end__is_right_or_refused(void **state)
{
    fixture *x = *state;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *copy = malloc(x->size);

    assert_non_null(copy);
    for (unsigned i = 0; i < damages() / 4; i++) {
        size_t at = next_random(&x->random) % (x->size / page) * page;

        memcpy(copy, x->image, x->size);
        if (i % 2 == 0)
            memset(copy + at, 0, page);
        damage_and_read(x, copy, i % 2 == 0 ? x->size : at + next_random(&x->random) % page);
    }
    free(copy);
    report(x, "a page of zeros, or the end cut off");
    check(x);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(undamaged__is_read_as_it_was_put),
        TEST(one_bit__is_right_or_refused),
        TEST(one_bit_of_a_page_header__is_right_or_refused),
        TEST(zeroed_page_or_cut_end__is_right_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
