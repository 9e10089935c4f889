/* test_bus_recovery.c: what server 2.9 makes of its files when it was killed at a bad moment, and
 * what the bus makes of that. The moment is made by hand: a file that has been begun is empty.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/common/bus_world.h"

enum { PATH_SIZE = 512 };

static void begin_file(const bus_world *w)
{
    char pattern[PATH_SIZE], path[PATH_SIZE];
    unsigned last = 0;
    glob_t found;

    snprintf(pattern, sizeof pattern, "%s/store/jetstream/*/streams/%s/msgs/*.blk",
             nats_fixture_directory(w->nats), w->stream);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        unsigned number = (unsigned)strtoul(strrchr(found.gl_pathv[i], '/') + 1, NULL, 10);

        last = number > last ? number : last;
    }
    snprintf(path, sizeof path, "%.*s/%u.blk",
             (int)(strrchr(found.gl_pathv[0], '/') - found.gl_pathv[0]), found.gl_pathv[0],
             last + 1);
    globfree(&found);
    FILE *file = fopen(path, "wx");
    assert_non_null(file);
    fclose(file);
}

/* "one" to "three", of which the first is purged, and a server that was killed then. */
static void come_back_with_a_file_begun(bus_world *w)
{
    static const char *const data[] = { "one", "two", "three" };

    bus_make_plain_stream(w);
    for (size_t i = 0; i < PX_COUNT(data); i++)
        bus_put(w, w->subject, data[i]);
    assert_int_equal(px_bus_purge(w->bus, w->stream, 1), PX_OK);
    bus_take_down(w);
    begin_file(w);
    bus_bring_up(w);
}

static void info__says_the_first_sequence(void **state)
{
    bus_world *w = *state;

    come_back_with_a_file_begun(w);
    px_stream_info info = bus_info_of(w);
    assert_int_equal(info.messages, 2);
    assert_int_equal(info.first_seq, 2);
    assert_int_equal(info.last_seq, 3);
}

static void reader__starts_where_it_is_told(void **state)
{
    bus_world *w = *state;

    come_back_with_a_file_begun(w);
    px_reader *reader = bus_reader_at(w, 3);
    bus_expect_next(w, reader, 3, "three");
    px_reader_close(reader);
    reader = bus_reader_at(w, 1);
    bus_expect_next(w, reader, 2, "two");
    px_reader_close(reader);
}

static void reader_at_the_end__gives_nothing_again(void **state)
{
    bus_world *w = *state;

    come_back_with_a_file_begun(w);
    px_reader *next = bus_reader_at(w, 4);
    px_reader *beyond = bus_reader_at(w, 50);
    bus_until_caught_up(w->bus, next);
    bus_until_caught_up(w->bus, beyond);
    bus_put(w, w->subject, "four");
    bus_expect_next(w, next, 4, "four");
    bus_expect_next(w, beyond, 4, "four");
    px_reader_close(next);
    px_reader_close(beyond);
}

static void reader_from_new__sees_only_what_is_stored_after_it(void **state)
{
    bus_world *w = *state;
    px_reader *reader = NULL;

    come_back_with_a_file_begun(w);
    assert_int_equal(px_reader_open_filtered(&reader, w->bus, w->stream, PX_READ_NEW, w->subject),
                     PX_OK);
    bus_until_caught_up(w->bus, reader);
    bus_put(w, w->subject, "four");
    bus_expect_next(w, reader, 4, "four");
    px_reader_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(info__says_the_first_sequence),
        cmocka_unit_test(reader__starts_where_it_is_told),
        cmocka_unit_test(reader_at_the_end__gives_nothing_again),
        cmocka_unit_test(reader_from_new__sees_only_what_is_stored_after_it),
    };

    return bus_run_on_nats(tests, PX_COUNT(tests));
}
