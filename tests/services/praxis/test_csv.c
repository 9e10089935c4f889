/* Tables as people's programs write them: RFC 4180 with everything it allows, and what it does not.
 */
#include "services/praxis/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/status.h"

static px_csv csv;

static px_bytes bytes_of(const char *text)
{
    return (px_bytes){ text, strlen(text) };
}

/* Expects a record of these fields, ended by NULL. */
static void expect_row(size_t line, const char *const *fields)
{
    px_csv_row row;
    size_t count = 0;

    assert_true(px_csv_next(&csv, &row));
    while (fields[count])
        count++;
    assert_int_equal(row.count, count);
    assert_int_equal(row.line, line);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(row.fields[i], fields[i]);
}

#define ROW(line, ...) expect_row(line, (const char *const[]){ __VA_ARGS__, NULL })

static void expect_end(void)
{
    px_csv_row row;

    assert_false(px_csv_next(&csv, &row));
    assert_null(csv.error);
    px_csv_fini(&csv);
}

static void expect_error(const char *text, size_t line, const char *words)
{
    px_csv_row row;

    px_csv_init(&csv, bytes_of(text));
    while (px_csv_next(&csv, &row)) {
    }
    assert_non_null(csv.error);
    assert_non_null(strstr(csv.error, words));
    assert_int_equal(csv.line, line);
    px_csv_fini(&csv);
}

static void fields__are_split_at_commas(void **state)
{
    (void)state;
    px_csv_init(&csv, bytes_of("a,b,c\n1,,3\n"));
    ROW(1, "a", "b", "c");
    ROW(2, "1", "", "3");
    expect_end();
}

static void last_line__needs_no_line_break(void **state)
{
    (void)state;
    px_csv_init(&csv, bytes_of("a,b\n1,"));
    ROW(1, "a", "b");
    ROW(2, "1", "");
    expect_end();
}

static void quotes__keep_commas_quotes_and_line_breaks(void **state)
{
    (void)state;
    px_csv_init(&csv, bytes_of("\"a,b\",\"say \"\"hi\"\"\"\n\"two\nlines\",\"\"\nx,y\n"));
    ROW(1, "a,b", "say \"hi\"");
    ROW(2, "two\nlines", "");
    ROW(4, "x", "y");
    expect_end();
}

static void line_breaks__may_be_crlf(void **state)
{
    (void)state;
    px_csv_init(&csv, bytes_of("a,b\r\n\"1\",2\r\n\r\n3,4"));
    ROW(1, "a", "b");
    ROW(2, "1", "2");
    ROW(4, "3", "4");
    expect_end();
}

static void byte_order_mark__is_skipped(void **state)
{
    (void)state;
    px_csv_init(&csv, bytes_of("\xEF\xBB\xBF\"id\",b\n"));
    ROW(1, "id", "b");
    expect_end();
}

static void empty_lines__are_no_records(void **state)
{
    (void)state;
    px_csv_init(&csv, bytes_of("\n\na\n\n\nb\n\n"));
    ROW(3, "a");
    ROW(6, "b");
    expect_end();
    px_csv_init(&csv, bytes_of(""));
    expect_end();
}

static void broken_text__is_named_with_its_line(void **state)
{
    (void)state;
    expect_error("a\n\"b\nc\n", 2, "never closed");
    expect_error("a,b\n\"x\"y,z\n", 2, "behind a closing quote");
    expect_error("a\nb\nsa\"y\n", 3, "quote inside");
    expect_error("a\rb\n", 1, "carriage return");
    px_csv_init(&csv, (px_bytes){ "a\0b\n", 4 });
    px_csv_row row;
    assert_false(px_csv_next(&csv, &row));
    assert_non_null(strstr(csv.error, "NUL"));
    px_csv_fini(&csv);
}

static void encoding__is_judged_by_row(void **state)
{
    px_csv_row row;

    (void)state;
    px_csv_init(&csv, bytes_of("caf\xC3\xA9\ncaf\xE9\nplain\n"));
    assert_true(px_csv_next(&csv, &row));
    assert_true(row.utf8);
    assert_true(px_csv_next(&csv, &row));
    assert_false(row.utf8);
    assert_true(px_csv_next(&csv, &row));
    assert_true(row.utf8);
    expect_end();
}

static void utf8__follows_rfc_3629(void **state)
{
    static const struct {
        const char *text;
        bool valid;
    } rows[] = {
        { "", true },
        { "\x7F", true },
        { "\xC2\x80", true },
        { "\xE2\x82\xAC", true },
        { "\xF0\x9F\x98\x80", true },
        { "\xF4\x8F\xBF\xBF", true },
        { "\x80", false },
        { "\xC0\x80", false },         /* overlong */
        { "\xC1\xBF", false },         /* overlong */
        { "\xE0\x9F\xBF", false },     /* overlong */
        { "\xF0\x8F\xBF\xBF", false }, /* overlong */
        { "\xED\xA0\x80", false },     /* a surrogate */
        { "\xF4\x90\x80\x80", false }, /* beyond U+10FFFF */
        { "\xF5\x80\x80\x80", false },
        { "\xE2\x82", false }, /* cut */
        { "\xE2\x28\xA1", false },
    };

    (void)state;
    for (size_t i = 0; i < PX_COUNT(rows); i++)
        if (px_csv_utf8(bytes_of(rows[i].text)) != rows[i].valid)
            fail_msg("row %zu should be %s", i, rows[i].valid ? "valid" : "invalid");
}

static void long_records__grow_the_reader(void **state)
{
    static char text[300000];
    px_csv_row row;
    size_t at = 0;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        memset(text + at, 'a' + i % 26, 200);
        at += 200;
        text[at++] = i < 999 ? ',' : '\n';
    }
    px_csv_init(&csv, (px_bytes){ text, at });
    assert_true(px_csv_next(&csv, &row));
    assert_int_equal(row.count, 1000);
    assert_int_equal(strlen(row.fields[0]), 200);
    assert_int_equal(row.fields[999][199], 'a' + 999 % 26);
    expect_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields__are_split_at_commas),
        cmocka_unit_test(last_line__needs_no_line_break),
        cmocka_unit_test(quotes__keep_commas_quotes_and_line_breaks),
        cmocka_unit_test(line_breaks__may_be_crlf),
        cmocka_unit_test(byte_order_mark__is_skipped),
        cmocka_unit_test(empty_lines__are_no_records),
        cmocka_unit_test(broken_text__is_named_with_its_line),
        cmocka_unit_test(encoding__is_judged_by_row),
        cmocka_unit_test(utf8__follows_rfc_3629),
        cmocka_unit_test(long_records__grow_the_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
