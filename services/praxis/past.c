#include "services/praxis/past.h"

#include <stdio.h>
#include <unistd.h>

#include "common/answer.h"
#include "common/archive.h"
#include "common/codec.h"
#include "common/fold.h"
#include "praxis/log/v1/batch.pb-c.h"
#include "services/learning-recommender/service.h"
#include "services/praxis/backup_log.h"
#include "services/praxis/progress.h"
#include "services/praxis/projection.h"

enum { BATCH_ARENA_BYTES = 16 << 20 };

static const char service[] = "learning-recommender";

static bool say(const px_past_log *log, const char *what, const char *why)
{
    fprintf(stderr, "praxis %s: %s: %s\n", log->command, what, why);
    return false;
}

/* ---- when it was ---- */

/* The batch says when it was decided, also by the clock of events. */
static px_status read_time(px_past *p, px_bytes bytes)
{
    const PraxisLog__Batch *batch;
    px_arena arena;

    if (!px_arena_init(&arena, BATCH_ARENA_BYTES))
        return PX_ENOMEM;
    batch =
        (const PraxisLog__Batch *)px_codec_unpack(&praxis_log__batch__descriptor, bytes, &arena);
    if (batch)
        p->time_us = batch->decided_at_us;
    px_arena_fini(&arena);
    return batch ? PX_OK : PX_EMALFORMED;
}

static px_status end_of(const px_past_log *log, uint64_t *end)
{
    px_stream_info info = { 0 };
    uint64_t first;
    px_status status;

    if (log->archive)
        return px_archive_range(log->archive, 0, &first, end);
    status = px_bus_stream_info(log->bus, px_log_stream, &info);
    *end = info.last_seq;
    return status;
}

static px_status time_in_archive(px_past *p, const px_past_log *log)
{
    px_archive_record record;
    px_archive *archive;
    px_status status = px_archive_open(&archive, log->archive, 0, p->seq);

    if (status != PX_OK)
        return status;
    status = px_archive_next(archive, &record);
    if (status == PX_OK)
        status = read_time(p, record.data);
    px_archive_close(archive);
    return status;
}

static px_status time_in_log(px_past *p, const px_past_log *log)
{
    px_bus_msg *msg;
    px_status status = px_bus_get(log->bus, px_log_stream, p->seq, &msg);

    if (status != PX_OK)
        return status;
    status = read_time(p, msg->data);
    px_bus_msg_free(msg);
    return status;
}

static bool find_place(px_past *p, const px_past_log *log)
{
    const char *what = log->archive ? log->archive : "the log";
    uint64_t end = 0;
    px_status status = end_of(log, &end);

    if (status == PX_OK && end == 0)
        return say(log, what, "there is nothing in it");
    if (status == PX_OK && log->seq > end)
        return say(log, what, "it ends before that sequence");
    p->seq = log->seq > 0 ? log->seq : end;
    if (status == PX_OK)
        status = log->archive ? time_in_archive(p, log) : time_in_log(p, log);
    if (status == PX_ENOTFOUND && log->archive)
        return say(log, what, "there is no archive");
    return status == PX_OK || say(log, what, px_strerror(status));
}

/* ---- the projection ---- */

static bool fold(px_past *p, const px_past_log *log, const char *work)
{
    char name[128], settings[PX_PATH_MAX];
    px_projection projection;

    snprintf(name, sizeof name, "config/%s.conf", service);
    bool configured = access(px_layout_path(log->dir, name, settings), R_OK) == 0;
    return px_projection_fold(configured || !log->archive ? log->dir : NULL, log->archive, work,
                              service, p->seq, &projection) == PX_OK;
}

static bool open_store(px_past *p, const px_past_log *log, const char *work)
{
    const px_store_options options = { .directory = work,
                                       .layout = px_learning_recommender_service.layout };
    bool fresh;
    px_status status = px_store_open(&p->store, &options, &fresh);

    if (status != PX_OK) {
        p->store = NULL;
        return say(log, work, px_strerror(status));
    }
    return !fresh || say(log, service, "is of another version than this command");
}

/* The log of a backup is as the server copied it; out of that comes an archive. */
static bool unpack(px_past *p, px_past_log *log, char archive[PX_PATH_MAX])
{
    const char *backup = log->archive;

    if (!backup || !px_backup_is(backup))
        return true;
    log->archive = px_layout_path(p->base, "log", archive);
    return px_backup_log_unpack(backup, p->base, archive);
}

bool px_past_open(px_past *p, const px_past_log *log)
{
    char work[PX_PATH_MAX], base[PX_PATH_MAX], archive[PX_PATH_MAX];
    px_past_log from = *log;

    *p = (px_past){ 0 };
    if (!px_layout_temporary("past", base))
        return say(log, base, "no directory can be made to fold the log in (TMPDIR says where)");
    snprintf(p->base, sizeof p->base, "%s", base);
    px_interrupt_catch(); /* the directory goes, whatever happens */
    px_layout_path(base, service, work);
    return unpack(p, &from, archive) && find_place(p, &from) && fold(p, &from, work) &&
           open_store(p, &from, work);
}

void px_past_close(px_past *p)
{
    px_store_close(p->store);
    if (p->base[0])
        px_layout_remove(p->base);
    *p = (px_past){ 0 };
}

/* ---- questions ---- */

px_status px_past_ask(px_past *p, const char *tenant, const char *name,
                      const ProtobufCMessage *request, const ProtobufCMessageDescriptor *type,
                      px_arena *arena, px_asked *asked)
{
    const px_question question = { .tenant = tenant,
                                   .name = name,
                                   .bytes = px_codec_pack(request, arena) };

    *asked = (px_asked){ 0 };
    if (!question.bytes.data)
        return PX_ENOMEM;
    px_answer answer = px_answer_question(&px_learning_recommender_service, p->store, NULL, true,
                                          &question, arena);
    if (answer.refused != PX_REASON_NONE) {
        asked->code = px_reason_code(answer.refused);
        asked->text = answer.text ? answer.text : px_reason_text(answer.refused);
        return PX_OK;
    }
    asked->message = px_codec_unpack(type, answer.bytes, arena);
    return asked->message ? PX_OK : PX_EMALFORMED;
}
