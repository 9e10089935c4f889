/* test_archive.c: the log in plain files: nothing written over, nothing wrong goes unseen. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/archive_impl.h"
#include "common/bus_archive.h"
#include "common/fold.h"

enum { SMALL_SEGMENT = 1024, FILE_MAX = 1 << 16 };

typedef struct {
    char directory[64];
    char problem[PX_ARCHIVE_PROBLEM_SIZE];
    px_archive_end end;
    px_archive_writer *writer;
} archive_world;

static int setup(void **ctx)
{
    archive_world *w = calloc(1, sizeof *w);

    snprintf(w->directory, sizeof w->directory, "/tmp/praxis-archive-XXXXXX");
    assert_non_null(mkdtemp(w->directory));
    *ctx = w;
    return 0;
}

static int teardown(void **ctx)
{
    archive_world *w = *ctx;
    char command[128];

    px_archive_writer_close(w->writer);
    snprintf(command, sizeof command, "rm -r '%s'", w->directory);
    assert_int_equal(system(command), 0);
    free(w);
    return 0;
}

/* ---- writing ---- */

static px_status open_writer(archive_world *w, bool new_generation)
{
    const px_archive_options options = { .segment_bytes = SMALL_SEGMENT,
                                         .new_generation = new_generation };

    return px_archive_append_to(&w->writer, w->directory, &options, &w->end, w->problem);
}

static px_archive_record record_of(uint64_t seq, char text[64])
{
    snprintf(text, 64, "the bytes of message %llu", (unsigned long long)seq);
    return (px_archive_record){ .seq = seq,
                                .time_ns = (int64_t)seq * 1000 + 7,
                                .subject = seq % 2 ? "praxis.log.competency" : "praxis.log.x",
                                .data = { text, strlen(text) } };
}

static void append(archive_world *w, uint64_t from, uint64_t through)
{
    char text[64];

    for (uint64_t seq = from; seq <= through; seq++) {
        px_archive_record record = record_of(seq, text);
        assert_int_equal(px_archive_append(w->writer, &record), PX_OK);
    }
}

static void close_writer(archive_world *w)
{
    assert_int_equal(px_archive_writer_close(w->writer), PX_OK);
    w->writer = NULL;
}

static void write_all(archive_world *w, uint64_t through)
{
    assert_int_equal(open_writer(w, false), PX_OK);
    append(w, w->end.seq + 1, through);
    close_writer(w);
}

/* ---- reading ---- */

static void expect_record(const px_archive_record *record, uint64_t seq)
{
    char text[64];
    px_archive_record wanted = record_of(seq, text);

    assert_int_equal(record->seq, seq);
    assert_int_equal(record->time_ns, wanted.time_ns);
    assert_string_equal(record->subject, wanted.subject);
    assert_int_equal(record->data.size, wanted.data.size);
    assert_memory_equal(record->data.data, wanted.data.data, wanted.data.size);
}

/* Reads and checks from a sequence on; the status that ended it. */
static px_status read_from(archive_world *w, uint64_t from, uint64_t *last, bool *torn)
{
    px_archive_record record;
    px_archive *archive;
    px_status status = px_archive_open(&archive, w->directory, 0, from);

    *last = 0;
    if (status != PX_OK)
        return status;
    while ((status = px_archive_next(archive, &record)) == PX_OK) {
        expect_record(&record, *last ? *last + 1 : from);
        *last = record.seq;
    }
    snprintf(w->problem, sizeof w->problem, "%s", px_archive_problem(archive));
    if (torn)
        *torn = px_archive_torn(archive);
    px_archive_close(archive);
    return status;
}

static void expect_whole(archive_world *w, uint64_t through)
{
    uint64_t last;

    assert_int_equal(read_from(w, 1, &last, NULL), PX_EEMPTY);
    assert_int_equal(last, through);
}

static uint64_t last_segment(archive_world *w, size_t from_end, char path[PX_ARCHIVE_PATH_MAX])
{
    uint64_t *firsts, first;
    size_t count;

    assert_int_equal(px_archive_segments(w->directory, 1, &firsts, &count), PX_OK);
    assert_true(count > from_end);
    first = firsts[count - 1 - from_end];
    px_archive_segment_path(w->directory, 1, first, path);
    free(firsts);
    return first;
}

static size_t load_file(const char *path, uint8_t *bytes)
{
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    size_t size = fread(bytes, 1, FILE_MAX, file);
    fclose(file);
    return size;
}

static void save_file(const char *path, const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

/* ---- tests ---- */

static void messages__come_back_over_segments_and_restarts(void **ctx)
{
    archive_world *w = *ctx;
    uint64_t first, last;

    write_all(w, 40);
    assert_int_equal(w->end.seq, 0);
    write_all(w, 41);
    assert_int_equal(w->end.seq, 40);
    assert_int_equal(w->end.time_ns, 40007);
    write_all(w, 100);
    expect_whole(w, 100);
    assert_int_equal(read_from(w, 57, &last, NULL), PX_EEMPTY);
    assert_int_equal(last, 100);
    assert_int_equal(px_archive_range(w->directory, 0, &first, &last), PX_OK);
    assert_int_equal(first, 1);
    assert_int_equal(last, 100);
}

static void second_writer__refused(void **ctx)
{
    archive_world *w = *ctx;
    px_archive_writer *first;

    write_all(w, 3);
    assert_int_equal(open_writer(w, false), PX_OK);
    first = w->writer;
    assert_int_equal(open_writer(w, false), PX_EBUSY);
    assert_int_equal(open_writer(w, true), PX_EBUSY);
    w->writer = first;
    assert_int_equal(px_archive_generation(w->directory), 1);
}

/* kill -9 between any two bytes of the last segment, its head included. */
static void torn_at_any_byte__cut_off_and_gone_on(void **ctx)
{
    static uint8_t bytes[FILE_MAX];
    archive_world *w = *ctx;
    char path[PX_ARCHIVE_PATH_MAX], newer[PX_ARCHIVE_PATH_MAX];
    uint64_t last;

    write_all(w, 40);
    uint64_t first = last_segment(w, 0, path);
    size_t size = load_file(path, bytes);
    for (size_t cut = 0; cut < size; cut++) {
        bool torn;
        save_file(path, bytes, cut);
        px_status status = read_from(w, 1, &last, &torn);
        assert_true(status == PX_EEMPTY || (status == PX_ECORRUPT && torn));
        assert_in_range(last, first - 1, 39);
        assert_int_equal(open_writer(w, false), PX_OK);
        assert_int_equal(w->end.seq, last);
        append(w, last + 1, 45);
        close_writer(w);
        expect_whole(w, 45);
        while (last_segment(w, 0, newer) != first) /* what was begun behind it */
            assert_int_equal(unlink(newer), 0);
    }
}

static void zeros_at_the_end__cut_off_as_well(void **ctx)
{
    static const uint8_t zeros[300];
    archive_world *w = *ctx;
    char path[PX_ARCHIVE_PATH_MAX];

    write_all(w, 40);
    last_segment(w, 0, path);
    FILE *file = fopen(path, "ae");
    assert_int_equal(fwrite(zeros, 1, sizeof zeros, file), sizeof zeros);
    fclose(file);
    write_all(w, 50);
    assert_int_equal(w->end.seq, 40);
    assert_int_equal(w->end.cut_bytes, sizeof zeros);
    expect_whole(w, 50);
}

/* Every bit of every byte but those of the last record, which may be torn. */
static void any_other_change__found_and_never_cut_off(void **ctx)
{
    static uint8_t bytes[FILE_MAX];
    archive_world *w = *ctx;
    char path[PX_ARCHIVE_PATH_MAX];
    struct stat info;
    uint64_t last;
    bool torn;

    write_all(w, 40);
    last_segment(w, 1, path);
    size_t size = load_file(path, bytes);
    for (size_t at = 0; at < size; at++) {
        bytes[at] ^= (uint8_t)(1u << at % 8);
        save_file(path, bytes, size);
        assert_int_equal(read_from(w, 1, &last, &torn), PX_ECORRUPT);
        assert_false(torn);
        assert_true(w->problem[0]);
        bytes[at] ^= (uint8_t)(1u << at % 8);
        assert_int_equal(open_writer(w, false), PX_ECORRUPT);
        px_archive_writer_close(w->writer); /* damage further back is found by reading all of it */
        w->writer = NULL;
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_size, size);
    }
}

static void segment_missing_or_foreign__found(void **ctx)
{
    static uint8_t bytes[FILE_MAX];
    archive_world *w = *ctx;
    char path[PX_ARCHIVE_PATH_MAX], aside[PX_ARCHIVE_PATH_MAX + 8], other[PX_ARCHIVE_PATH_MAX];
    uint64_t last;

    write_all(w, 60);
    last_segment(w, 1, path);
    snprintf(aside, sizeof aside, "%s.aside", path);
    assert_int_equal(rename(path, aside), 0);
    assert_int_equal(read_from(w, 1, &last, NULL), PX_ECORRUPT);
    last_segment(w, 0, other);
    size_t size = load_file(other, bytes);
    save_file(path, bytes, size);
    assert_int_equal(read_from(w, 1, &last, NULL), PX_ECORRUPT);
    assert_int_equal(rename(aside, path), 0);
    expect_whole(w, 60);
}

static void new_generation__leaves_the_old_one(void **ctx)
{
    archive_world *w = *ctx;
    uint64_t first, last;

    write_all(w, 30);
    assert_int_equal(open_writer(w, true), PX_OK);
    assert_int_equal(w->end.generation, 2);
    assert_int_equal(w->end.seq, 0);
    append(w, 1, 5);
    close_writer(w);
    expect_whole(w, 5);
    assert_int_equal(px_archive_range(w->directory, 1, &first, &last), PX_OK);
    assert_int_equal(last, 30);
}

static void bus__is_the_log_and_takes_nothing(void **ctx)
{
    archive_world *w = *ctx;
    px_stream_info info;
    px_bus_limits limits;
    px_reader *reader;
    px_bus_msg *msg;
    px_bus_ack ack;
    px_bus *bus;

    assert_int_equal(px_bus_open_archive(&bus, w->directory), PX_ENOTFOUND);
    write_all(w, 40);
    assert_int_equal(px_bus_open_archive(&bus, w->directory), PX_OK);
    assert_int_equal(px_bus_stream_info(bus, px_log_stream, &info), PX_OK);
    assert_int_equal(info.last_seq, 40);
    assert_int_equal(px_bus_limits_of(bus, &limits), PX_OK);
    assert_int_equal(limits.max_payload, -1);
    assert_int_equal(px_bus_get(bus, px_log_stream, 17, &msg), PX_OK);
    assert_int_equal(msg->seq, 17);
    assert_int_equal(msg->time_ns, 17007);
    px_bus_msg_free(msg);
    assert_int_equal(px_bus_get(bus, px_log_stream, 41, &msg), PX_ENOTFOUND);
    assert_int_equal(px_reader_open(&reader, bus, px_log_stream, 39), PX_OK);
    for (uint64_t seq = 39; seq <= 40; seq++) {
        assert_false(px_reader_caught_up(reader));
        assert_int_equal(px_reader_next(reader, &msg), PX_OK);
        assert_int_equal(msg->seq, seq);
        px_bus_msg_free(msg);
    }
    assert_true(px_reader_caught_up(reader));
    assert_int_equal(px_reader_next(reader, &msg), PX_EEMPTY);
    px_reader_close(reader);
    assert_int_equal(
        px_bus_publish_wait(bus, &(px_bus_out){ .subject = "praxis.log.competency" }, &ack),
        PX_EREFUSED);
    px_bus_close(bus);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(messages__come_back_over_segments_and_restarts),
        TEST(second_writer__refused),
        TEST(torn_at_any_byte__cut_off_and_gone_on),
        TEST(zeros_at_the_end__cut_off_as_well),
        TEST(any_other_change__found_and_never_cut_off),
        TEST(segment_missing_or_foreign__found),
        TEST(new_generation__leaves_the_old_one),
        TEST(bus__is_the_log_and_takes_nothing),
    };

    return cmocka_run_group_tests_name("archive", tests, NULL, NULL);
}
