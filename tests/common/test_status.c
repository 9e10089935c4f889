#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/status.h"

static void strerror__has_a_line_of_its_own_for_every_status(void **state)
{
    (void)state;
    for (px_status i = PX_OK; i < PX_STATUS_COUNT; i++) {
        assert_string_not_equal(px_strerror(i), "unknown status");
        for (px_status j = PX_OK; j < i; j++)
            assert_string_not_equal(px_strerror(i), px_strerror(j));
    }
}

static void strerror__knows_no_number_outside_the_table(void **state)
{
    (void)state;
    assert_string_equal(px_strerror(PX_STATUS_COUNT), "unknown status");
    assert_string_equal(px_strerror((px_status)-1), "unknown status");
}

static void assert__says_where_and_aborts(void **state)
{
    char said[256] = "";
    int ends[2];
    int how;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        PX_ASSERT(1 + 1 == 3);
        _exit(0);
    }
    close(ends[1]);
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT);
    assert_true(read(ends[0], said, sizeof(said) - 1) > 0);
    close(ends[0]);
    assert_non_null(strstr(said, "1 + 1 == 3"));
    assert_non_null(strstr(said, "test_status.c"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strerror__has_a_line_of_its_own_for_every_status),
        cmocka_unit_test(strerror__knows_no_number_outside_the_table),
        cmocka_unit_test(assert__says_where_and_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
