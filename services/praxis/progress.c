#include "services/praxis/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "services/praxis/clock.h"

enum { BAR = 30, PAUSE_MS = 100 };

volatile sig_atomic_t px_interrupted;

static void interrupt(int number)
{
    (void)number;
    px_interrupted = 1;
}

void px_interrupt_catch(void)
{
    /* SA_RESETHAND: the second one has its usual effect. */
    struct sigaction action = { .sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND };

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void px_progress_begin(px_progress *progress, const char *label, uint64_t total)
{
    *progress = (px_progress){ .label = label, .total = total };
    progress->terminal = isatty(STDERR_FILENO) == 1;
}

static void draw_bar(uint64_t done, uint64_t total)
{
    int full = done >= total ? BAR : (int)(done * BAR / total);

    fputs(" [", stderr);
    for (int i = 0; i < BAR; i++)
        fputc(i < full ? '#' : '.', stderr);
    fputs("]", stderr);
}

void px_progress_update(px_progress *progress, uint64_t done, uint64_t refused)
{
    int64_t now = px_clock_ms();

    if (!progress->terminal || now - progress->shown_ms < PAUSE_MS)
        return;
    progress->shown_ms = now;
    progress->visible = true;
    fprintf(stderr, "\r\033[K%s", progress->label);
    if (progress->total > 0)
        draw_bar(done, progress->total);
    fprintf(stderr, " %" PRIu64, done);
    if (progress->total > 0)
        fprintf(stderr, " of %" PRIu64, progress->total);
    if (refused > 0)
        fprintf(stderr, ", %" PRIu64 " refused", refused);
    fflush(stderr);
}

void px_progress_clear(px_progress *progress)
{
    if (progress->visible)
        fputs("\r\033[K", stderr);
    progress->visible = false;
}

void px_progress_note(px_progress *progress, const char *note)
{
    px_progress_clear(progress);
    fprintf(stderr, "praxis: %s\n", note);
}
