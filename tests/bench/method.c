/* method.c: time of one rating, alone and with its record read and written. */
#include <time.h>

#include "common/level_record.h"
#include "common/method.h"
#include "common/status.h"
#include "tests/bench/kit/report.h"

enum { LEVELS = 1000 };

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void rate(px_level *level, uint32_t i)
{
    px_rating rating = { .days = 19000 + i / 1000,
                         .value = 1 + (double)(i * 7 % 5),
                         .rater = { (uint8_t)(i / LEVELS % 7) },
                         .source = (px_evidence)(i / LEVELS % 4),
                         .rater_bias = { 0, .2 },
                         .source_bias = { 0, .04 } };

    px_level_rate(level, &rating);
}

static void rate_stored(uint8_t *record, size_t *size, uint32_t i)
{
    px_level level;

    PX_ASSERT(px_level_decode(&level, record, *size));
    rate(&level, i);
    *size = px_level_encode(&level, record);
}

int main(int argc, char **argv)
{
    size_t ratings = 2000000;
    const bench_setting settings[] = {
        { "ratings", &ratings, 20000, "how many, of each kind" },
        { NULL, NULL, 0, NULL },
    };
    static px_level levels[LEVELS];
    static uint8_t records[LEVELS][PX_LEVEL_BYTES_MAX];
    static size_t sizes[LEVELS];

    bench_settings_read(argc, argv, settings);
    for (size_t i = 0; i < LEVELS; i++) {
        px_level_init(&levels[i], 19000);
        sizes[i] = px_level_encode(&levels[i], records[i]);
    }
    double start = now_ns();
    for (uint32_t i = 0; i < (uint32_t)ratings; i++)
        rate(&levels[i % LEVELS], i);
    double middle = now_ns();
    for (uint32_t i = 0; i < (uint32_t)ratings; i++)
        rate_stored(records[i % LEVELS], &sizes[i % LEVELS], i);
    double end = now_ns();

    double alone_ns = (middle - start) / (double)ratings;
    double stored_ns = (end - middle) / (double)ratings;
    bench_report_row(&(bench_row){ .name = "a rating", .value = alone_ns, .unit = "ns" });
    bench_report_row(&(bench_row){ .name = "a rating, with its record decoded and encoded",
                                   .value = stored_ns,
                                   .unit = "ns",
                                   .ratio = stored_ns / alone_ns,
                                   .to = "alone" });
    double sum = 0;
    for (size_t i = 0; i < LEVELS; i++)
        sum += px_level_estimate(&levels[i], 30000).mu;
    PX_ASSERT(sum > 0); /* what nobody looks at need not be computed */
    bench_report_end("method");
    return 0;
}
