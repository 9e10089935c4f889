#include "tests/faults/pace.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEP_MS = 1, STUCK_MS = 60000, TAKEN = -1 };

int pace_by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void send_due(drive *d, pace_row *row, double seconds, int64_t *first_ms)
{
    size_t due = (size_t)(row->rate * seconds) + 1;

    while (row->sent < row->count && row->sent < due) {
        size_t step = row->first + row->sent++;

        first_ms[step] = world_now_ms();
        drive_mind(d, step);
    }
}

static void take_answers(drive *d, pace_row *row, int64_t *first_ms, pace_times *times)
{
    for (size_t i = row->begin; i < row->sent; i++) {
        size_t step = row->first + i;

        if (first_ms[step] == TAKEN)
            continue;
        if (!d->ledger.answers[step].known) {
            drive_mind(d, step);
            continue;
        }
        if (row->measured)
            times->ms[times->count++] = (double)(world_now_ms() - first_ms[step]);
        first_ms[step] = TAKEN;
    }
    while (row->begin < row->sent && first_ms[row->first + row->begin] == TAKEN)
        row->begin++;
}

static bool all_answered(const pace_row *rows, size_t row_count)
{
    for (size_t r = 0; r < row_count; r++)
        if (rows[r].begin < rows[r].count)
            return false;
    return true;
}

pace_times pace_run(drive *d, pace_row *rows, size_t row_count)
{
    int64_t *first_ms = calloc(d->load->count, sizeof *first_ms);
    pace_times times = { .ms = calloc(d->load->count, sizeof *times.ms) };
    int64_t start_ms = world_now_ms(), moved_ms = start_ms;
    size_t answered = d->ledger.answered;

    if (!first_ms || !times.ms)
        abort();
    while (!all_answered(rows, row_count)) {
        drive_turn(d);
        for (size_t r = 0; r < row_count; r++) {
            send_due(d, &rows[r], (double)(world_now_ms() - start_ms) / 1000, first_ms);
            take_answers(d, &rows[r], first_ms, &times);
        }
        if (answered != d->ledger.answered)
            moved_ms = world_now_ms();
        answered = d->ledger.answered;
        if (world_now_ms() - moved_ms > STUCK_MS)
            world_fail(d->world, "no answer comes any more: %zu of %zu", answered, d->load->count);
        px_bus_wait(d->bus, STEP_MS);
    }
    times.seconds = (double)(world_now_ms() - start_ms) / 1000;
    qsort(times.ms, times.count, sizeof *times.ms, pace_by_value);
    free(first_ms);
    return times;
}

double pace_share(const pace_times *times, double share)
{
    size_t at = (size_t)((double)times->count * share);

    return times->count == 0 ? 0 : times->ms[at < times->count ? at : times->count - 1];
}

void pace_times_free(pace_times *times)
{
    free(times->ms);
    *times = (pace_times){ 0 };
}

void pace_figure(const char *target, const char *name, double value, const char *unit)
{
    fprintf(stderr, "figure %s %s %.2f %s\n", target, name, value, unit);
}
