#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/mark.h"
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

/* The mark as a process started in this boot sees it. */
static px_mark mark_in(fixture *f, const char *boot_id)
{
    px_mark mark;

    store_fixture_set_boot(f->folder, boot_id);
    px_mark_init(&mark, f->directory, f->folder->boot_id_file);
    return mark;
}

static void write_note(fixture *f, const char *text)
{
    int fd = openat(f->directory, "mark", O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void trusted__when_never_noted(void **state)
{
    px_mark mark = mark_in(*state, "one");

    assert_true(px_mark_trusted(&mark));
}

static void trusted__after_a_clean_stop_in_any_boot(void **state)
{
    px_mark one = mark_in(*state, "one");

    assert_int_equal(px_mark_opened(&one), PX_OK);
    assert_int_equal(px_mark_clean(&one), PX_OK);
    px_mark two = mark_in(*state, "two");
    assert_true(px_mark_trusted(&one));
    assert_true(px_mark_trusted(&two));
}

static void trusted__after_a_crash_only_in_the_same_boot(void **state)
{
    px_mark one = mark_in(*state, "one");

    assert_int_equal(px_mark_opened(&one), PX_OK);
    px_mark again = mark_in(*state, "one");
    px_mark two = mark_in(*state, "two");
    assert_true(px_mark_trusted(&again));
    assert_false(px_mark_trusted(&two));
}

static void trusted__never_after_a_crash_in_an_unknown_boot(void **state)
{
    static const char *const unknown[] = { "", "an id longer than any kernel's boot id ever was" };

    for (size_t i = 0; i < PX_COUNT(unknown); i++) {
        px_mark mark = mark_in(*state, unknown[i]);
        assert_int_equal(px_mark_opened(&mark), PX_OK);
        assert_false(px_mark_trusted(&mark));
        assert_int_equal(px_mark_clean(&mark), PX_OK);
        assert_true(px_mark_trusted(&mark));
    }
}

static void trusted__not_once_distrusted(void **state)
{
    px_mark mark = mark_in(*state, "one");

    assert_int_equal(px_mark_opened(&mark), PX_OK);
    assert_int_equal(px_mark_distrusted(&mark), PX_OK);
    assert_false(px_mark_trusted(&mark));
}

static void trusted__not_with_a_damaged_note(void **state)
{
    static const char *const notes[] = {
        "",
        "clean",
        "cleaner\n",
        "open ",
        "open one\nx",
        "open one",
        "clean\n and very much more than any note that was ever written by this program",
    };
    px_mark mark = mark_in(*state, "one");

    for (size_t i = 0; i < PX_COUNT(notes); i++) {
        write_note(*state, notes[i]);
        assert_false(px_mark_trusted(&mark));
    }
    write_note(*state, "open one\n");
    assert_true(px_mark_trusted(&mark));
}

static void opened__replaces_what_a_crash_left_half_written(void **state)
{
    fixture *f = *state;
    px_mark mark = mark_in(f, "one");
    int fd = openat(f->directory, "mark.new", O_WRONLY | O_CREAT, 0600);

    assert_int_equal(write(fd, "longer than the note that follows\n", 34), 34);
    close(fd);
    assert_int_equal(px_mark_opened(&mark), PX_OK);
    assert_true(px_mark_trusted(&mark));
}

static void opened__reports_a_note_it_cannot_write(void **state)
{
    fixture *f = *state;
    px_mark mark = mark_in(f, "one");

    assert_int_equal(mkdirat(f->directory, "mark.new", 0700), 0);
    assert_int_equal(px_mark_opened(&mark), PX_EIO);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(trusted__when_never_noted),
        TEST(trusted__after_a_clean_stop_in_any_boot),
        TEST(trusted__after_a_crash_only_in_the_same_boot),
        TEST(trusted__never_after_a_crash_in_an_unknown_boot),
        TEST(trusted__not_once_distrusted),
        TEST(trusted__not_with_a_damaged_note),
        TEST(opened__replaces_what_a_crash_left_half_written),
        TEST(opened__reports_a_note_it_cannot_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
