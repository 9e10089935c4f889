/* fold_serve.c: questions from the bus, answered from the projection on the bus's own threads. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

    for (char *t = strtok_r(subject, ".", &save); t != NULL && n < 6; t = strtok_r(NULL, ".", &save))
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

static void respond(px_bus *bus, const px_bus_msg *request, const px_question *question,
                    const px_answer *answer)
{
    const char *type = question->json ? "application/json" : "application/protobuf";
    const char *code = px_reason_code(answer->refused);
    const px_header headers[] = {{"Content-Type", type},
                                 {"Nats-Service-Error-Code", code},
                                 {"Nats-Service-Error", answer->text}};
    bool refused = answer->refused != PX_REASON_NONE;

    px_metric_add(refused ? PX_METRIC_QUERIES_REFUSED : PX_METRIC_QUERIES, 1);
    (void)px_bus_respond(bus, request, answer->bytes, headers, refused ? 3 : 1);
}

static void handle_question(void *context, px_bus *bus, const px_bus_msg *request)
{
    px_fold *f = context;
    px_question question = {.tenant = "", .name = "", .bytes = request->data};
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
    }
    px_arena_fini(&arena);
}

px_status px_fold_serve(px_fold *f)
{
    char subject[128];

    snprintf(subject, sizeof subject, "praxis.v1.*.query.%s.*", f->parts.service->name);
    return px_bus_serve(f->parts.bus, subject, "q", handle_question, f);
}

px_status px_fold_query(px_fold *f, const char *tenant, const char *question, px_bytes request, bool json,
                        px_arena *arena, px_bytes *reply, px_reason *refused)
{
    const px_question asked = {.tenant = tenant, .name = question, .bytes = request, .json = json};
    px_answer answer = px_answer_question(f->parts.service, f->store, f->parts.vault, atomic_load(&f->ready),
                                          &asked, arena);

    *reply = answer.bytes;
    *refused = answer.refused;
    return answer.refused == PX_REASON_NONE ? PX_OK : PX_ENOTFOUND;
}
