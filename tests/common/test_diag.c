/* test_diag.c: every record is one line that a machine can read back, whatever the values hold. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <cmocka.h>

#include "common/diag.h"
#include "common/status.h"

/** stderr turned into a pipe: one read(2) gives what one write(2) wrote. */
typedef struct {
    int saved;
    int read_end;
    char text[8192];
} capture;

static int setup(void **ctx)
{
    capture *c = calloc(1, sizeof *c);
    int ends[2];

    if (!c || pipe2(ends, O_NONBLOCK) != 0)
        return -1;
    c->saved = dup(STDERR_FILENO);
    c->read_end = ends[0];
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    *ctx = c;
    return 0;
}

static int teardown(void **ctx)
{
    capture *c = *ctx;

    dup2(c->saved, STDERR_FILENO);
    close(c->saved);
    close(c->read_end);
    free(c);
    return 0;
}

/** What was written since the last call; "" when nothing was. */
static const char *taken(capture *c)
{
    ssize_t size = read(c->read_end, c->text, sizeof c->text - 1);

    c->text[size > 0 ? size : 0] = '\0';
    return c->text;
}

static json_t *taken_json(capture *c)
{
    const char *text = taken(c);
    const char *newline = strchr(text, '\n');
    json_t *object = json_loads(text, 0, NULL);

    assert_non_null(object);
    assert_non_null(newline);
    assert_int_equal(newline[1], '\0'); /* one line, nothing behind it */
    return object;
}

static void assert_text(json_t *object, const char *key, const char *want)
{
    assert_string_equal(json_string_value(json_object_get(object, key)), want);
}

static void json_record__carries_all_fields(void **ctx)
{
    px_diag_init("competency", "host-1", PX_LEVEL_INFO, true);
    px_warning("attached", PX_TEXT("stream", "PRAXIS_LOG"), PX_NUMBER("seq", -17));
    json_t *object = taken_json(*ctx);

    assert_text(object, "level", "warning");
    assert_text(object, "service", "competency");
    assert_text(object, "instance", "host-1");
    assert_text(object, "msg", "attached");
    assert_text(object, "stream", "PRAXIS_LOG");
    assert_int_equal(json_integer_value(json_object_get(object, "seq")), -17);
    assert_int_equal(json_object_size(object), 7);
    json_decref(object);
}

static void json_time__is_rfc3339_utc_with_milliseconds(void **ctx)
{
    px_diag_init("competency", "host-1", PX_LEVEL_INFO, true);
    px_info("now");
    json_t *object = taken_json(*ctx);
    const char *ts = json_string_value(json_object_get(object, "ts"));
    static const char shape[] = "dddd-dd-ddTdd:dd:dd.dddZ";

    assert_int_equal(strlen(ts), sizeof shape - 1);
    for (size_t i = 0; shape[i]; i++) {
        if (shape[i] == 'd')
            assert_in_range(ts[i], '0', '9');
        else
            assert_int_equal(ts[i], shape[i]);
    }
    json_decref(object);
}

static void json_values__survive_hostile_bytes(void **ctx)
{
    static const struct {
        const char *value;
        const char *read_back;
    } rows[] = {
        { "line\nbreak\ttab\x1b[31m", "line\nbreak\ttab\x1b[31m" },
        { "quote \" back \\ slash", "quote \" back \\ slash" },
        { "Z\xc3\xbcrich \xf0\x9f\x8c\xb1", "Z\xc3\xbcrich \xf0\x9f\x8c\xb1" },
        { "\xff", "\xef\xbf\xbd" },
        { "a\xc3", "a\xef\xbf\xbd" },                               /* cut short */
        { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, /* a surrogate */
        { "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },                 /* over-long */
        { "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
        { "", "" },
    };

    px_diag_init("competency", "host-1", PX_LEVEL_INFO, true);
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        px_info("m", PX_TEXT("v", rows[i].value));
        json_t *object = taken_json(*ctx);
        assert_text(object, "v", rows[i].read_back);
        json_decref(object);
    }
}

static void json_value__too_long_is_cut(void **ctx)
{
    static const char fills[] = { 'x', '\n', '\xff' };
    char *huge = calloc(1, 20000);

    px_diag_init("competency", "host-1", PX_LEVEL_INFO, true);
    for (size_t i = 0; i < sizeof fills; i++) {
        memset(huge, fills[i], 19999);
        px_info(huge, PX_TEXT("huge", huge), PX_NUMBER("after", 2));
        json_t *object = taken_json(*ctx);
        const char *value = json_string_value(json_object_get(object, "huge"));
        assert_in_range(strlen(value), 100, 1100);
        assert_string_equal(value + strlen(value) - 3, "...");
        assert_int_equal(json_integer_value(json_object_get(object, "after")), 2);
        json_decref(object);
    }
    free(huge);
}

static void json_record__too_long_drops_whole_fields_and_says_so(void **ctx)
{
    char *huge = calloc(1, 20000);

    memset(huge, 'x', 19999);
    px_diag_init("competency", "host-1", PX_LEVEL_INFO, true);
    px_info("m", PX_TEXT("a", huge), PX_TEXT("b", huge), PX_TEXT("c", huge), PX_TEXT("d", huge));
    json_t *object = taken_json(*ctx);
    assert_non_null(json_object_get(object, "c"));
    assert_null(json_object_get(object, "d"));
    assert_true(json_is_true(json_object_get(object, "truncated")));
    json_decref(object);
    free(huge);
}

static void text_record__quotes_only_what_needs_it(void **ctx)
{
    px_diag_init("competency", "host-1", PX_LEVEL_INFO, false);
    px_error("cannot\nattach", PX_TEXT("a", "plain"), PX_TEXT("b", "two words"),
             PX_TEXT("c", "line\nbreak"), PX_TEXT("d", ""), PX_NUMBER("n", 5));
    const char *text = taken(*ctx);

    assert_string_equal(text + strlen("2025-01-02T03:04:05.678Z"),
                        " error   competency: cannot\\u000aattach a=plain b=\"two words\" "
                        "c=\"line\\u000abreak\" d=\"\" n=5\n");
}

static void level__hides_what_is_above_it(void **ctx)
{
    px_diag_init("competency", "host-1", PX_LEVEL_WARNING, false);
    px_info("quiet");
    px_debug("quiet");
    assert_string_equal(taken(*ctx), "");
    px_warning("loud");
    assert_non_null(strstr(taken(*ctx), "loud"));
    px_diag_set_level(PX_LEVEL_DEBUG);
    px_debug("now loud");
    assert_non_null(strstr(taken(*ctx), "now loud"));
}

static void level__is_known_by_name(void **ctx)
{
    px_level level = PX_LEVEL_INFO;

    (void)ctx;
    assert_true(px_diag_level_from_name("debug", &level));
    assert_int_equal(level, PX_LEVEL_DEBUG);
    assert_true(px_diag_level_from_name("error", &level));
    assert_int_equal(level, PX_LEVEL_ERROR);
    assert_false(px_diag_level_from_name("loud", &level));
    assert_int_equal(level, PX_LEVEL_ERROR);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(json_record__carries_all_fields, setup, teardown),
        cmocka_unit_test_setup_teardown(json_time__is_rfc3339_utc_with_milliseconds, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(json_values__survive_hostile_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(json_value__too_long_is_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(json_record__too_long_drops_whole_fields_and_says_so, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(text_record__quotes_only_what_needs_it, setup, teardown),
        cmocka_unit_test_setup_teardown(level__hides_what_is_above_it, setup, teardown),
        cmocka_unit_test(level__is_known_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
