/* planning.c: one plan from the recommender's tables, against the size of the catalogue. */
#include <stdio.h>

#include "common/status.h"
#include "tests/bench/kit/report.h"
#include "tests/quality/timing.h"

enum { PLAN_US_MAX = 200 };

int main(int argc, char **argv)
{
    size_t few = 300, items = 5000, many = 50000;
    const bench_setting settings[] = {
        { "few", &few, 100, "items in the catalogue, 100 of which touch the person's role" },
        { "items", &items, 200, "the same, larger" },
        { "many", &many, 400, "the same, larger still" },
        { NULL, NULL, 0, NULL },
    };
    const size_t *sizes[] = { &few, &items, &many };

    bench_settings_read(argc, argv, settings);
    for (size_t i = 0; i < PX_COUNT(sizes); i++) {
        char name[64];

        snprintf(name, sizeof name, "a plan, %zu items", *sizes[i]);
        bench_report_row(&(bench_row){ .name = name,
                                       .value = timing_plan_us((int)*sizes[i]),
                                       .unit = "us",
                                       .aim = *sizes[i] == items ? BENCH_AT_MOST : BENCH_NO_TARGET,
                                       .target = PLAN_US_MAX });
    }
    bench_report_end("planning");
    return 0;
}
