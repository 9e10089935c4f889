/* fold_serve.c: questions from the bus, answered from the projection on the bus's own threads. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/answer.h"
#include "common/fold_impl.h"
#include "common/metrics.h"

void px_inbox_stream_name(const char *service, char *out, size_t size)
{
    size_t n = (size_t)snprintf(out, size, "PRAXIS_INBOX_");

    for (; *service != 0 && n + 1 < size; service++)
        out[n++] = *service == '-' ? '_' : (char)toupper((unsigned char)*service);
    out[n] = 0;
}

/* praxis.v1.<tenant>.query.<service>.<Question> */
static bool parse_subject(char *subject, px_question *question)
{
    char *save = NULL, *token[6];
    size_t n = 0;

    for (char *t = strtok_r(subject, ".", &save); t != NULL && n < 6;
         t = strtok_r(NULL, ".", &save))
        token[n++] = t;
    if (n != 6)
        return false;
    question->tenant = token[2];
    question->name = token[5];
    return true;
}

static void read_headers(const px_bus_msg *request, px_question *question)
{
    const char *type = px_bus_msg_header(request, "Content-Type");
    const char *after = px_bus_msg_header(request, "Praxis-After-Seq");

    question->json = type != NULL && strncasecmp(type, "application/json", 16) == 0;
    question->after_seq = after != NULL ? strtoull(after, NULL, 10) : 0;
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The services protocol wants a number; ours are HTTP's. */
static const char *service_error_code(px_reason reason)
{
    switch (reason) {
    case PX_REASON_NOT_FOUND:
    case PX_REASON_UNKNOWN_QUESTION:
        return "404";
    case PX_REASON_FORBIDDEN:
        return "403";
    case PX_REASON_NOT_READY:
        return "503";
    default:
        return "400";
    }
}

static void respond(px_bus *bus, const px_bus_msg *request, const px_question *question,
                    const px_answer *answer)
{
    const char *type = question->json ? "application/json" : "application/protobuf";
    const px_header headers[] = {
        { "Content-Type", type },
        { "Praxis-Reason", px_reason_code(answer->refused) },
        { "Nats-Service-Error-Code", service_error_code(answer->refused) },
        { "Nats-Service-Error", answer->text },
    };
    bool refused = answer->refused != PX_REASON_NONE;

    px_metric_add(refused ? PX_METRIC_QUERIES_REFUSED : PX_METRIC_QUERIES, 1);
    (void)px_bus_respond(bus, request, answer->bytes, headers, refused ? PX_COUNT(headers) : 1);
}

static void count_question(const px_fold *f, const px_question *question, px_reason refused,
                           int64_t since_ns)
{
    const px_service *service = f->parts.service;

    for (size_t i = 0; f->parts.micro != NULL && i < service->query_count; i++)
        if (strcmp(service->queries[i].name, question->name) == 0)
            px_micro_count(f->parts.micro, i,
                           refused == PX_REASON_NONE ? NULL : px_reason_code(refused),
                           now_ns() - since_ns);
}

static void handle_question(void *context, px_bus *bus, const px_bus_msg *request)
{
    px_fold *f = context;
    px_question question = { .tenant = "", .name = "", .bytes = request->data };
    int64_t since_ns = now_ns();
    px_arena arena;
    char *subject;

    if (request->reply == NULL || !px_arena_init(&arena, PX_ANSWER_ARENA_BYTES))
        return;
    subject = px_arena_strdup(&arena, request->subject);
    read_headers(request, &question);
    if (subject != NULL && parse_subject(subject, &question)) {
        px_answer answer = px_answer_question(f->parts.service, f->store, f->parts.vault,
                                              atomic_load(&f->ready), &question, &arena);

        respond(bus, request, &question, &answer);
        count_question(f, &question, answer.refused, since_ns);
    }
    px_arena_fini(&arena);
}

/* ---- inside the daemons' account: for operators ---- */

px_status px_fold_projection(px_fold *f, px_arena *arena, PraxisLog__Projection **projection)
{
    PraxisLog__Projection *p =
        (PraxisLog__Projection *)px_codec_new(&praxis_log__projection__descriptor, arena);
    uint8_t *digest = px_arena_alloc(arena, PX_DIGEST_SIZE);
    px_txn *view = px_store_read(f->store);
    px_status status = PX_ENOMEM;

    if (p != NULL && digest != NULL && view != NULL) {
        p->service = (char *)(uintptr_t)f->parts.service->name;
        p->instance = (char *)(uintptr_t)f->parts.config->instance;
        p->code_version = f->parts.service->code_version;
        p->layout = f->parts.service->layout;
        p->ready = atomic_load(&f->ready);
        p->seq = px_view_cursor(view);
        p->digest = (ProtobufCBinaryData){ PX_DIGEST_SIZE, digest };
        status = px_store_digest(view, digest, &p->records);
        *projection = p;
    }
    px_txn_abort(view);
    return status;
}

static void answer_operator(px_bus *bus, const px_bus_msg *request, const ProtobufCMessage *message,
                            px_arena *arena)
{
    (void)px_bus_respond(bus, request, px_codec_pack(message, arena), NULL, 0);
}

/* By the inbox to answer to: a subject alone can also be reached by a push consumer of the feed,
 * which any outsider may make, and then the reply is the server's own. */
static bool asked_by_operator(const px_bus_msg *request)
{
    return request->reply != NULL && strncmp(request->reply, "_IN_", 4) == 0;
}

static void handle_projection(void *context, px_bus *bus, const px_bus_msg *request)
{
    PraxisLog__Projection *projection;
    px_arena arena;

    if (!asked_by_operator(request) || !px_arena_init(&arena, PX_ANSWER_ARENA_BYTES))
        return;
    if (px_fold_projection(context, &arena, &projection) == PX_OK)
        answer_operator(bus, request, &projection->base, &arena);
    px_arena_fini(&arena);
}

static char *name_of(const px_fold *f)
{
    return (char *)(uintptr_t)f->parts.service->name;
}

static char *instance_of(const px_fold *f)
{
    return (char *)(uintptr_t)f->parts.config->instance;
}

static void handle_rebuild(void *context, px_bus *bus, const px_bus_msg *request)
{
    PraxisLog__RebuildStarted started = PRAXIS_LOG__REBUILD_STARTED__INIT;
    px_fold *f = context;
    px_arena arena;

    if (!asked_by_operator(request) || !px_arena_init(&arena, PX_ANSWER_ARENA_BYTES))
        return;
    started.service = name_of(f);
    started.instance = instance_of(f);
    started.rebuilds_failed = atomic_load(&f->beside.failed);
    started.rebuilds_done = atomic_fetch_add(&f->beside.asked, 1) + 1;
    answer_operator(bus, request, &started.base, &arena);
    px_bus_wake(bus);
    px_arena_fini(&arena);
}

static void handle_snapshot(void *context, px_bus *bus, const px_bus_msg *request)
{
    PraxisLog__SnapshotStarted started = PRAXIS_LOG__SNAPSHOT_STARTED__INIT;
    px_fold *f = context;
    px_arena arena;

    if (!asked_by_operator(request) || !px_arena_init(&arena, PX_ANSWER_ARENA_BYTES))
        return;
    started.service = name_of(f);
    started.instance = instance_of(f);
    started.snapshots_failed = px_snapshot_keeper_news(f->keeper).failed;
    started.snapshots_done = px_snapshot_keeper_ask(f->keeper);
    answer_operator(bus, request, &started.base, &arena);
    px_bus_wake(bus);
    px_arena_fini(&arena);
}

static uint64_t cursor_of(px_fold *f)
{
    px_txn *view = px_store_read(f->store);
    uint64_t seq = view != NULL ? px_view_cursor(view) : 0;

    px_txn_abort(view);
    return seq;
}

static void handle_upkeep(void *context, px_bus *bus, const px_bus_msg *request)
{
    PraxisLog__Upkeep upkeep = PRAXIS_LOG__UPKEEP__INIT;
    px_fold *f = context;
    px_snapshot_news news = px_snapshot_keeper_news(f->keeper);
    px_arena arena;

    if (!asked_by_operator(request) || !px_arena_init(&arena, PX_ANSWER_ARENA_BYTES))
        return;
    upkeep.service = name_of(f);
    upkeep.instance = instance_of(f);
    upkeep.ready = atomic_load(&f->ready);
    upkeep.seq = cursor_of(f);
    upkeep.rebuild_seq = atomic_load(&f->beside.seq);
    upkeep.rebuilds_done = atomic_load(&f->beside.done);
    upkeep.rebuilds_failed = atomic_load(&f->beside.failed);
    upkeep.snapshots_done = news.done;
    upkeep.snapshots_failed = news.failed;
    upkeep.snapshot_seq = news.seq;
    answer_operator(bus, request, &upkeep.base, &arena);
    px_arena_fini(&arena);
}

px_status px_fold_serve(px_fold *f)
{
    static const struct {
        const char *question;
        px_bus_handler handler;
    } admin[] = { { "Projection", handle_projection },
                  { "Rebuild", handle_rebuild },
                  { "Snapshot", handle_snapshot },
                  { "Upkeep", handle_upkeep } };
    char subject[128];
    px_status status;

    if (px_fold_only_folds(f))
        return PX_OK; /* a tool beside the daemon: questions are the daemon's */
    snprintf(subject, sizeof subject, "praxis.v1.*.query.%s.*", f->parts.service->name);
    status = px_bus_serve(f->parts.bus, subject, "q", handle_question, f);
    for (size_t i = 0; status == PX_OK && i < PX_COUNT(admin); i++) {
        snprintf(subject, sizeof subject, "praxis.admin.%s.%s", f->parts.service->name,
                 admin[i].question);
        status = px_bus_serve(f->parts.bus, subject, NULL, admin[i].handler, f);
    }
    return status;
}

px_status px_fold_query(px_fold *f, const char *tenant, const char *question, px_bytes request,
                        bool json, px_arena *arena, px_bytes *reply, px_reason *refused)
{
    const px_question asked = {
        .tenant = tenant, .name = question, .bytes = request, .json = json
    };
    px_answer answer = px_answer_question(f->parts.service, f->store, f->parts.vault,
                                          atomic_load(&f->ready), &asked, arena);

    *reply = answer.bytes;
    *refused = answer.refused;
    return answer.refused == PX_REASON_NONE ? PX_OK : PX_ENOTFOUND;
}
