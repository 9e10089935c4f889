/* fold_doubt.c: what is done when the projection, or this process, is not to be trusted. */
#include "common/diag.h"
#include "common/fold_impl.h"
#include "common/metrics.h"

enum { PAUSE_MS = 2000, PAUSE_MS_MAX = 60 * 1000 };

px_status px_fold_disbelieve(px_fold *f)
{
    px_error("the projection is damaged: a stored record is not what was put there; it is given up "
             "and made again by itself, as `praxis rebuild` would. If this happens again, test the "
             "disk and the memory of this machine",
             PX_TEXT("service", f->parts.service->name), PX_NUMBER("cursor", f->cursor_seq));
    px_metric_add(PX_METRIC_DAMAGES, 1); /* the alarm: it stays until restart */
    f->trouble = "the projection was found damaged and is being made again";
    px_fold_say_not_ready(f, f->trouble);
    return px_fold_start_over(f);
}

/* Not the files: they were made anew. It is the code, the machine, or what comes next. */
void px_fold_mind_deaths(px_fold *f)
{
    uint64_t at, deaths = px_tries_stuck(px_store_tries(f->store), &at);
    int64_t pause_ms = PAUSE_MS;

    if (deaths == 0)
        return;
    for (uint64_t i = PX_TRIES_DOUBT; i < deaths && pause_ms < PAUSE_MS_MAX; i++)
        pause_ms *= 2;
    if (pause_ms > PAUSE_MS_MAX)
        pause_ms = PAUSE_MS_MAX;
    f->trouble = "it died several times in a row at one place; the log record says where";
    px_error("this daemon dies again and again at the same place, and a new projection did not "
             "help: look at what its runs before wrote last, and at the message after this one in "
             "log and inbox. It goes on trying, more and more slowly",
             PX_NUMBER("deaths", deaths), PX_NUMBER("cursor", at), PX_NUMBER("pause_ms", pause_ms));
    f->pause_until_ms = px_fold_clock_ms(f) + pause_ms;
    px_fold_say_not_ready(f, f->trouble);
}
