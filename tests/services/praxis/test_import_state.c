/* What an import remembers: across runs, after a cut, and of other places. */
#include "services/praxis/import_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const int64_t day_us = (int64_t)24 * 3600 * 1000000;

typedef struct {
    char path[64];
    px_import_state *state;
} fixture;

static px_import_state *open_as(fixture *f, const char *tenant, const char *source)
{
    px_import_state_close(f->state);
    assert_int_equal(px_import_state_open(&f->state, f->path, tenant, source), PX_OK);
    return f->state;
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    snprintf(f->path, sizeof f->path, "/tmp/praxis-import-XXXXXX");
    int fd = mkstemp(f->path);
    assert_true(fd >= 0);
    close(fd);
    open_as(f, "acme", "hr");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;

    px_import_state_close(f->state);
    unlink(f->path);
    free(f);
    return 0;
}

static void append(fixture *f, const char *text)
{
    FILE *file = fopen(f->path, "a");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void results__are_remembered_across_runs(void **state)
{
    fixture *f = *state;

    px_import_state_begin(f->state, day_us);
    assert_int_equal(px_import_state_put(f->state, "competency", "a", 1, NULL), PX_OK);
    assert_int_equal(px_import_state_put(f->state, "competency", "b", 1, "ROLE_UNKNOWN"), PX_OK);
    assert_int_equal(px_import_state_put(f->state, "competency", "b", 2, "ROLE_UNKNOWN"), PX_OK);
    px_import_state_end(f->state);

    px_import_state *s = open_as(f, "acme", "hr");
    assert_true(px_import_state_get(s, "competency", "a").accepted);
    assert_false(px_import_state_get(s, "competency", "b").accepted);
    assert_int_equal(px_import_state_get(s, "competency", "b").refused, 2);
    assert_false(px_import_state_get(s, "reporting", "a").accepted);
    assert_int_equal(px_import_state_get(s, "competency", "c").refused, 0);
}

static void run_that_was_cut_off__goes_on_with_its_time(void **state)
{
    fixture *f = *state;

    assert_int_equal(px_import_state_begin(f->state, 100 * day_us), 100 * day_us);
    open_as(f, "acme", "hr");
    assert_int_equal(px_import_state_begin(f->state, 110 * day_us), 100 * day_us);
    px_import_state_end(f->state);
    open_as(f, "acme", "hr");
    assert_int_equal(px_import_state_begin(f->state, 111 * day_us), 111 * day_us);
    open_as(f, "acme", "hr");
    assert_int_equal(px_import_state_begin(f->state, 142 * day_us),
                     142 * day_us); /* too long ago */
}

static void line_cut_off__is_dropped_and_writing_goes_on(void **state)
{
    fixture *f = *state;

    px_import_state_begin(f->state, day_us);
    px_import_state_put(f->state, "competency", "whole", 1, NULL);
    px_import_state_close(f->state);
    f->state = NULL;
    append(f, "+ competency hal");
    px_import_state *s = open_as(f, "acme", "hr");
    assert_false(px_import_state_get(s, "competency", "hal").accepted);
    assert_int_equal(px_import_state_put(s, "competency", "next", 1, NULL), PX_OK);
    s = open_as(f, "acme", "hr");
    assert_true(px_import_state_get(s, "competency", "whole").accepted);
    assert_true(px_import_state_get(s, "competency", "next").accepted);
}

static void others__are_kept_apart(void **state)
{
    fixture *f = *state;

    px_import_state_begin(f->state, day_us);
    px_import_state_put(f->state, "competency", "a", 1, NULL);
    px_import_state *s = open_as(f, "acme", "payroll");
    assert_false(px_import_state_get(s, "competency", "a").accepted);
    assert_int_equal(px_import_state_begin(s, 2 * day_us), 2 * day_us);
    s = open_as(f, "other", "hr");
    assert_false(px_import_state_get(s, "competency", "a").accepted);
    s = open_as(f, "acme", "hr");
    assert_true(px_import_state_get(s, "competency", "a").accepted);
}

static void sample__is_the_latest_accepted_and_can_be_forgotten(void **state)
{
    const char *service, *id;
    int64_t at_us;
    fixture *f = *state;

    assert_false(px_import_state_sample(f->state, &service, &id, &at_us));
    px_import_state_begin(f->state, 5 * day_us);
    px_import_state_put(f->state, "competency", "a", 1, NULL);
    px_import_state_put(f->state, "reporting", "b", 1, NULL);
    px_import_state_put(f->state, "competency", "c", 1, "ROLE_UNKNOWN");
    px_import_state *s = open_as(f, "acme", "hr");
    assert_true(px_import_state_sample(s, &service, &id, &at_us));
    assert_string_equal(service, "reporting");
    assert_string_equal(id, "b");
    assert_int_equal(at_us, 5 * day_us);

    px_import_state_forget(s);
    assert_false(px_import_state_sample(s, &service, &id, &at_us));
    assert_false(px_import_state_get(s, "competency", "a").accepted);
    assert_int_equal(px_import_state_begin(s, 6 * day_us), 6 * day_us);
}

static void file_of_something_else__is_left_alone(void **state)
{
    fixture *f = *state;
    px_import_state *other;

    append(f, "id,name\n1,x\n");
    assert_int_equal(px_import_state_open(&other, f->path, "acme", "hr"), PX_EMALFORMED);
    assert_null(other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(results__are_remembered_across_runs),
        TEST(run_that_was_cut_off__goes_on_with_its_time),
        TEST(line_cut_off__is_dropped_and_writing_goes_on),
        TEST(others__are_kept_apart),
        TEST(sample__is_the_latest_accepted_and_can_be_forgotten),
        TEST(file_of_something_else__is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
