/* fold_doubt.c: what is done when the projection, the server's files or this process are not to be
 * trusted. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

/* ---- what the server has lost ---- */

/* The log is never deleted from, so what is missing below its end is damage, and nothing that we
 * could mend: deciding on what is left would be deciding on another history. */
__attribute__((format(printf, 2, 3))) static px_status is_gone(px_fold *f, const char *format, ...)
{
    char why[PX_SERVER_WHY_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    if (strcmp(why, f->gone) != 0) {
        memcpy(f->gone, why, sizeof why);
        px_error("the server has lost what it stored; nothing is decided until it is back",
                 PX_TEXT("what", why), PX_NUMBER("cursor", f->cursor_seq));
        px_metric_add(PX_METRIC_LOG_HOLES, 1);
    }
    return px_fold_only_folds(f) ? PX_ECORRUPT : PX_EREFUSED;
}

px_status px_fold_find_hole(px_fold *f, uint64_t seq)
{
    px_stream_info info;
    px_bus_msg *msg;
    px_status status = px_bus_get(f->parts.bus, px_log_stream, seq, &msg);

    if (status == PX_OK) {
        px_bus_msg_free(msg);
        return PX_EDISCONNECTED;
    }
    if (status == PX_ENOTFOUND)
        status = px_bus_stream_info(f->parts.bus, px_log_stream, &info);
    if (status != PX_OK)
        return status;
    if (info.last_seq < seq)
        return PX_EDISCONNECTED;
    if (seq < info.first_seq)
        return is_gone(f,
                       "the log lacks messages %" PRIu64 " to %" PRIu64 " of %" PRIu64
                       ": a server 2.9 that was killed while it began a file may hide them until "
                       "its next start, so start the server again; if that does not help, restore "
                       "the log (praxis restore)",
                       seq, info.first_seq - 1, info.last_seq);
    return is_gone(f,
                   "the log lacks message %" PRIu64 " of %" PRIu64
                   ", which the server can no longer read: restore the log (praxis restore)",
                   seq, info.last_seq);
}

px_status px_fold_say_altered(px_fold *f, uint64_t seq)
{
    return is_gone(f,
                   "message %" PRIu64
                   " of the log follows one that does not count: a message before it is altered on "
                   "the server's disk: restore the log (praxis restore)",
                   seq);
}

/* @param last  its last sequence; 0 when it is not there, or empty */
static px_status look_for(px_fold *f, const char *stream, bool *there, uint64_t *last)
{
    px_stream_info info;
    px_status status = px_bus_stream_info(f->parts.bus, stream, &info);

    *there = status == PX_OK;
    *last = *there ? info.last_seq : 0;
    return status == PX_ENOTFOUND ? PX_OK : status;
}

static px_status find_log(px_fold *f)
{
    uint64_t last, feed_last = 0;
    bool there, feed;
    px_status status = look_for(f, px_log_stream, &there, &last);

    if (status == PX_OK && !there)
        status = look_for(f, px_feed_stream, &feed, &feed_last);
    if (status != PX_OK || there || (feed_last == 0 && px_fold_is_empty(f)))
        return status;
    status = look_for(f, px_log_stream, &there, &last); /* another daemon may just have made it */
    return status != PX_OK || there
               ? status
               : is_gone(f, "stream %s is gone, and there was one: restore it (praxis restore)",
                         px_log_stream);
}

/* It is made before anything is decided, so who has decided had one. The log is asked for a message
 * only when it has one: server 2.9 dies of being asked while it makes the stream. */
static px_status find_keys(px_fold *f)
{
    char subject[64];
    px_bus_msg *own;
    uint64_t last, log_last = 0;
    bool there = true, log;
    px_status status = PX_OK;

    if (f->parts.vault != NULL)
        status = look_for(f, px_vault_stream, &there, &last);
    if (status == PX_OK && !there)
        status = look_for(f, px_log_stream, &log, &log_last);
    if (status != PX_OK || there || log_last == 0)
        return status;
    snprintf(subject, sizeof subject, "praxis.log.%s", f->parts.service->name);
    status = px_bus_get_last(f->parts.bus, px_log_stream, subject, &own);
    if (status != PX_OK)
        return status == PX_ENOTFOUND ? PX_OK : status;
    px_bus_msg_free(own);
    return is_gone(f,
                   "stream %s is gone, and with it the keys of all texts: restore it (praxis "
                   "restore)",
                   px_vault_stream);
}

px_status px_fold_find_gone_streams(px_fold *f)
{
    px_status status = find_log(f);

    return status == PX_OK ? find_keys(f) : status;
}
