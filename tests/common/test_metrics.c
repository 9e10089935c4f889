/* test_metrics.c: the text follows the exposition format, and counts what was counted. */
#include <ctype.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/metrics.h"
#include "common/status.h"

static char *metrics(void)
{
    size_t size;
    char *text = px_metrics_text("competency", &size);

    assert_non_null(text);
    assert_int_equal(strlen(text), size);
    assert_int_equal(text[size - 1], '\n');
    return text;
}

/** The value of a series, written as it is in the text: `name` or `name{label="x"}`. */
static double value_of(const char *series)
{
    char *text = metrics();
    char line[256];

    snprintf(line, sizeof line, "\n%s ", series);
    const char *found = strstr(text, line);
    if (!found)
        fail_msg("no series %s", series);
    double value = strtod(found + strlen(line), NULL);
    free(text);
    return value;
}

static int has_suffix(const char *name, const char *suffix)
{
    size_t a = strlen(name), b = strlen(suffix);

    return a >= b && strcmp(name + a - b, suffix) == 0;
}

/** What `promtool check metrics` asks of a name. */
static void lint_name(const char *name, const char *kind)
{
    assert_int_equal(has_suffix(name, "_total"), strcmp(kind, "counter") == 0);
    for (const char *c = name; *c; c++)
        assert_true(islower((unsigned char)*c) || *c == '_');
    assert_false(has_suffix(name, "_count") || has_suffix(name, "_sum"));
    assert_null(strstr(name, "_ms"));
}

static void text__follows_the_exposition_format(void **ctx)
{
    char name[128] = "", kind[32] = "";
    char seen[16384] = "\n";
    px_metric_rejected(PX_REASON_PERSON_UNKNOWN);
    char *text = metrics(), *rest = text;

    (void)ctx;
    for (char *line; (line = strtok_r(rest, "\n", &rest));) {
        if (strncmp(line, "# HELP ", 7) == 0) {
            char entry[140];
            assert_int_equal(sscanf(line, "# HELP %127s %*s", name), 1);
            snprintf(entry, sizeof entry, "\n%s\n", name);
            assert_null(strstr(seen, entry)); /* one family, one place */
            strncat(seen, entry + 1, sizeof seen - strlen(seen) - 1);
            assert_true(strlen(line) > 8 + strlen(name));
        } else if (line[0] == '#') {
            char again[128];
            assert_int_equal(sscanf(line, "# TYPE %127s %31s", again, kind), 2);
            assert_string_equal(again, name);
            lint_name(name, kind);
        } else {
            char *end;
            assert_int_equal(strncmp(line, name, strlen(name)), 0);
            strtod(strrchr(line, ' ') + 1, &end);
            assert_int_equal(*end, '\0');
        }
    }
    free(text);
}

static void counter_and_gauge__show_their_values(void **ctx)
{
    (void)ctx;
    double before = value_of("praxis_batches_folded_total");
    px_metric_add(PX_METRIC_BATCHES_FOLDED, 3);
    px_metric_add(PX_METRIC_BATCHES_FOLDED, 4);
    assert_true(value_of("praxis_batches_folded_total") == before + 7);
    px_metric_set(PX_METRIC_LOG_CURSOR, 9007199254740991ull);
    assert_true(value_of("praxis_log_cursor_sequence") == 9007199254740991.0);
    px_metric_set(PX_METRIC_LOG_CURSOR, 5);
    assert_int_equal(px_metric_get(PX_METRIC_LOG_CURSOR), 5);
}

static void rejections__are_counted_by_code(void **ctx)
{
    (void)ctx;
    px_metric_rejected(PX_REASON_MALFORMED);
    double before = value_of("praxis_rejections_total{code=\"MALFORMED\"}");
    px_metric_rejected(PX_REASON_MALFORMED);
    px_metric_rejected(PX_REASON_UNKNOWN_QUESTION);
    assert_true(value_of("praxis_rejections_total{code=\"MALFORMED\"}") == before + 1);
    assert_true(value_of("praxis_rejections_total{code=\"UNKNOWN_QUESTION\"}") == 1);
}

static void rounds__fall_into_cumulative_buckets(void **ctx)
{
    static const double seconds[] = { 0.0005, 0.0006, 0.2, 7, -1 /* a clock that jumped */ };

    (void)ctx;
    for (size_t i = 0; i < PX_COUNT(seconds); i++)
        px_metric_round(seconds[i]);
    assert_true(value_of("praxis_round_seconds_bucket{le=\"0.0005\"}") == 2);
    assert_true(value_of("praxis_round_seconds_bucket{le=\"0.001\"}") == 3);
    assert_true(value_of("praxis_round_seconds_bucket{le=\"0.1\"}") == 3);
    assert_true(value_of("praxis_round_seconds_bucket{le=\"0.25\"}") == 4);
    assert_true(value_of("praxis_round_seconds_bucket{le=\"1\"}") == 4);
    assert_true(value_of("praxis_round_seconds_bucket{le=\"+Inf\"}") == 5);
    assert_true(value_of("praxis_round_seconds_count") == 5);
    double sum = value_of("praxis_round_seconds_sum");
    assert_true(sum > 7.2010 && sum < 7.2012);
}

static void build_info__names_service_and_version(void **ctx)
{
    char *text = metrics();

    (void)ctx;
    assert_non_null(strstr(
        text, "\npraxis_build_info{service=\"competency\",version=\"" PRAXIS_VERSION "\"} 1\n"));
    free(text);
}

static void process__is_this_one(void **ctx)
{
    double now = (double)time(NULL);

    (void)ctx;
    assert_in_range(value_of("process_start_time_seconds"), now - 600, now + 2);
    assert_in_range(value_of("process_resident_memory_bytes"), 1 << 20, 1ull << 32);
    assert_true(value_of("process_resident_anonymous_bytes") > 0);
    assert_true(value_of("process_virtual_memory_bytes") >=
                value_of("process_resident_memory_bytes"));
    assert_true(value_of("process_threads") >= 1);
    double files = value_of("process_open_fds");
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(value_of("process_open_fds") == files + 1);
    close(file);
    assert_true(value_of("process_max_fds") >= files);
}

static void cpu__grows_with_work(void **ctx)
{
    double before = value_of("process_cpu_seconds_total");

    (void)ctx;
    while (value_of("process_cpu_seconds_total") == before) /* reading it is the work */
        ;
    assert_true(value_of("process_cpu_seconds_total") > before);
}

static void *count_many(void *arg)
{
    for (int i = 0; i < 20000; i++) {
        px_metric_add(PX_METRIC_FACTS_FOLDED, 1);
        px_metric_round(0.002);
    }
    return arg;
}

static void counting__loses_nothing_between_threads(void **ctx)
{
    uint64_t before = px_metric_get(PX_METRIC_FACTS_FOLDED);
    double rounds = value_of("praxis_round_seconds_count");
    pthread_t threads[4];

    (void)ctx;
    for (size_t i = 0; i < PX_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_many, NULL), 0);
    for (size_t i = 0; i < PX_COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(px_metric_get(PX_METRIC_FACTS_FOLDED) - before, 80000);
    assert_true(value_of("praxis_round_seconds_count") == rounds + 80000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(text__follows_the_exposition_format),
        cmocka_unit_test(counter_and_gauge__show_their_values),
        cmocka_unit_test(rejections__are_counted_by_code),
        cmocka_unit_test(rounds__fall_into_cumulative_buckets),
        cmocka_unit_test(build_info__names_service_and_version),
        cmocka_unit_test(process__is_this_one),
        cmocka_unit_test(cpu__grows_with_work),
        cmocka_unit_test(counting__loses_nothing_between_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
