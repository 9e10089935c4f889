/* Processes that die in a row: the files are doubted once, and then it is said. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/tries.h"
#include "tests/common/store_fixture.h"

typedef struct {
    store_fixture *folder;
    int directory;
} fixture;

static int setup(void **state)
{
    static fixture f;

    if (store_fixture_setup_closed((void **)&f.folder) != 0)
        return -1;
    f.directory = open(f.folder->directory, O_RDONLY | O_DIRECTORY);
    *state = &f;
    return f.directory >= 0 ? 0 : -1;
}

static int teardown(void **state)
{
    fixture *f = *state;

    close(f->directory);
    return store_fixture_teardown((void **)&f->folder);
}

/* A start whose process dies at a place. @return whether it doubted the files */
static bool start(const fixture *f, px_tries *tries, uint64_t place)
{
    px_tries_begin(tries, f->directory);
    bool doubted = px_tries_doubt(tries);
    px_tries_reached(tries, doubted ? 0 : place);
    if (doubted)
        px_tries_reached(tries, place); /* built again up to there */
    return doubted;
}

static void deaths_at_one_place__doubt_the_files_once_and_are_then_said(void **state)
{
    fixture *f = *state;
    px_tries tries;
    uint64_t at;

    for (unsigned i = 0; i < PX_TRIES_DOUBT; i++) {
        assert_false(start(f, &tries, 100));
        assert_int_equal(px_tries_stuck(&tries, &at), 0);
    }
    assert_true(start(f, &tries, 100));
    assert_int_equal(px_tries_stuck(&tries, &at), 0); /* it may have been the files */
    assert_false(start(f, &tries, 100));
    assert_int_equal(px_tries_stuck(&tries, &at), PX_TRIES_DOUBT + 1);
    assert_int_equal(at, 100);
}

static void deaths_with_progress_between__mean_nothing(void **state)
{
    fixture *f = *state;
    px_tries tries;
    uint64_t at;

    for (uint64_t i = 0; i < 10; i++) {
        assert_false(start(f, &tries, 100 + i));
        px_tries_reached(&tries, 101 + i);
        assert_int_equal(px_tries_stuck(&tries, &at), 0);
    }
    for (uint64_t i = 0; i < 10; i++) { /* nothing to do is as good */
        assert_false(start(f, &tries, 200));
        px_tries_settle(&tries);
    }
    assert_false(start(f, &tries, 200));
    assert_int_equal(px_tries_stuck(&tries, &at), 0);
}

static void fault__doubts_the_files_at_the_next_start_and_not_again_soon(void **state)
{
    static const int faults[] = { SIGSEGV, SIGABRT };
    fixture *f = *state;
    px_tries tries;

    for (size_t i = 0; i < PX_COUNT(faults); i++) {
        int how;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
            for (size_t j = 0; j < PX_COUNT(faults); j++)
                signal(faults[j], SIG_DFL);
            px_tries_watch(f->folder->directory);
            raise(faults[i]);
            raise(faults[i]); /* as the fault itself would */
            _exit(0);
        }
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true(WIFSIGNALED(how) && WTERMSIG(how) == faults[i]);
        assert_int_equal(start(f, &tries, 100), i == 0);
    }
}

static void store__of_a_process_that_a_fault_killed_starts_empty(void **state)
{
    store_fixture *s = ((fixture *)*state)->folder;

    assert_int_equal(store_fixture_open(s), PX_OK);
    store_fixture_put(s, "a", "1");
    store_fixture_reopen(s);
    assert_false(s->fresh);
    store_fixture_close(s);
    int fd = openat(((fixture *)*state)->directory, "crashed", O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(store_fixture_open(s), PX_OK);
    assert_true(s->fresh);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(deaths_at_one_place__doubt_the_files_once_and_are_then_said),
        TEST(deaths_with_progress_between__mean_nothing),
        TEST(fault__doubts_the_files_at_the_next_start_and_not_again_soon),
        TEST(store__of_a_process_that_a_fault_killed_starts_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
