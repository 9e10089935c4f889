#include "services/praxis/past.h"

#include <stdio.h>
#include <unistd.h>

#include "common/answer.h"
#include "common/archive.h"
#include "common/codec.h"
#include "common/fold.h"
#include "services/learning-recommender/service.h"
#include "services/praxis/progress.h"
#include "services/praxis/projection.h"

static const char service[] = "learning-recommender";

static bool say(const px_past_log *log, const char *what, const char *why)
{
    fprintf(stderr, "praxis %s: %s: %s\n", log->command, what, why);
    return false;
}

/* ---- when it was ---- */

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
        p->time_us = record.time_ns / 1000;
    px_archive_close(archive);
    return status;
}

static px_status time_in_log(px_past *p, const px_past_log *log)
{
    px_bus_msg *msg;
    px_status status = px_bus_get(log->bus, px_log_stream, p->seq, &msg);

    if (status != PX_OK)
        return status;
    p->time_us = msg->time_ns / 1000;
    px_bus_msg_free(msg);
    return PX_OK;
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

bool px_past_open(px_past *p, const px_past_log *log)
{
    char work[PX_PATH_MAX], base[PX_PATH_MAX];

    *p = (px_past){ 0 };
    if (!find_place(p, log))
        return false;
    if (!px_layout_temporary("past", base))
        return say(log, base, "no directory can be made to fold the log in (TMPDIR says where)");
    snprintf(p->base, sizeof p->base, "%s", base);
    px_interrupt_catch(); /* the directory goes, whatever happens */
    px_layout_path(base, service, work);
    return fold(p, log, work) && open_store(p, log, work);
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
