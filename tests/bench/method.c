/* method.c: time of one rating, alone and with its record read and written. */
#include <stdio.h>
#include <time.h>

#include "common/level_record.h"
#include "common/method.h"
#include "common/status.h"

enum { LEVELS = 1000, RATINGS = 2000000 };

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

int main(void)
{
    static px_level levels[LEVELS];
    static uint8_t records[LEVELS][PX_LEVEL_BYTES_MAX];
    static size_t sizes[LEVELS];

    for (size_t i = 0; i < LEVELS; i++) {
        px_level_init(&levels[i], 19000);
        sizes[i] = px_level_encode(&levels[i], records[i]);
    }
    double start = now_ns();
    for (uint32_t i = 0; i < RATINGS; i++)
        rate(&levels[i % LEVELS], i);
    double middle = now_ns();
    for (uint32_t i = 0; i < RATINGS; i++)
        rate_stored(records[i % LEVELS], &sizes[i % LEVELS], i);
    double end = now_ns();

    double sum = 0;
    for (size_t i = 0; i < LEVELS; i++)
        sum += px_level_estimate(&levels[i], 30000).mu;
    printf("rating: %.0f ns, with its record decoded and encoded: %.0f ns (mean level %.3f)\n",
           (middle - start) / RATINGS, (end - middle) / RATINGS, sum / LEVELS);
    return 0;
}
