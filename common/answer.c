#include "common/answer.h"

#include <string.h>

#include "common/codec.h"
#include "common/handled.h"
#include "common/intake.h"
#include "common/service_impl.h"
#include "praxis/common/v1/result.pb-c.h"

static const px_scan_limits question_limits = { PX_QUESTION_BYTES_MAX, 4, 64, 32, false };

static px_bytes encode(const ProtobufCMessage *message, bool json, px_arena *arena)
{
    const char *text;

    if (!json)
        return px_codec_pack(message, arena);
    text = px_codec_to_json(message, false, arena);
    return (px_bytes){ text, text != NULL ? strlen(text) : 0 };
}

static px_answer refuse(px_reason reason, const char *field, bool json, px_arena *arena)
{
    Praxis__QueryError *error =
        (Praxis__QueryError *)px_codec_new(&praxis__query_error__descriptor, arena);
    px_answer answer = { .refused = reason, .text = px_reason_text(reason) };

    if (error == NULL)
        return answer;
    error->code = (char *)(uintptr_t)px_reason_code(reason);
    error->field = (char *)(uintptr_t)field;
    error->text = (char *)(uintptr_t)answer.text;
    answer.bytes = encode(&error->base, json, arena);
    return answer;
}

static ProtobufCMessage *read_question(const ProtobufCMessageDescriptor *type,
                                       const px_question *question, px_arena *arena,
                                       px_codec_error *error)
{
    ProtobufCMessage *message = NULL;

    *error = (px_codec_error){ PX_REASON_MALFORMED, "" };
    if (question->json)
        message = px_codec_from_json(type, question->bytes, &question_limits, arena, error);
    else if (px_codec_scan(type, question->bytes, &question_limits, arena, error))
        message = px_codec_unpack(type, question->bytes, arena);
    if (message != NULL && px_codec_check(message, arena, error))
        return message;
    if (px_arena_overflowed(arena))
        *error = (px_codec_error){ PX_REASON_TOO_LARGE, "" };
    return NULL;
}

/* What every daemon answers: the result of an earlier submission. */
static px_status query_result(const px_view *state, const px_request *req, px_reply *reply)
{
    const Praxis__GetResult *q = req->body;
    px_outcome outcome;

    if (!px_handled_first(state, req->tenant, q->source, q->submission_id, req->arena, &outcome))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "submission_id");
    reply->message = &px_outcome_message(q->submission_id, &outcome, req->arena)->base;
    return PX_OK;
}

static const px_query_row result_row = { "GetResult", &praxis__get_result__descriptor,
                                         query_result };

static const px_query_row *find_row(const px_service *service, const char *name)
{
    if (strcmp(name, result_row.name) == 0)
        return &result_row;
    for (size_t i = 0; i < service->query_count; i++)
        if (strcmp(service->queries[i].name, name) == 0)
            return &service->queries[i];
    return NULL;
}

static px_answer ask(const px_query_row *row, const px_view *state, const ProtobufCMessage *body,
                     px_vault *vault, const px_question *question, px_arena *arena)
{
    const px_request request = { question->tenant, body, arena };
    px_reply reply = { .arena = arena, .tenant = question->tenant, .vault = vault, .field = "" };
    px_status status = row->answer(state, &request, &reply);

    if (status == PX_OK && reply.message != NULL) {
        px_answer answer = { .bytes = encode(reply.message, question->json, arena) };

        if (answer.bytes.data != NULL && answer.bytes.size <= PX_ANSWER_BYTES_MAX &&
            !px_arena_overflowed(arena))
            return answer;
        reply.refused = PX_REASON_TOO_LARGE;
    }
    if (reply.refused == PX_REASON_NONE)
        reply.refused = px_arena_overflowed(arena) ? PX_REASON_TOO_LARGE : PX_REASON_NOT_FOUND;
    return refuse(reply.refused, reply.field, question->json, arena);
}

px_answer px_answer_question(const px_service *service, px_store *store, px_vault *vault,
                             bool ready, const px_question *question, px_arena *arena)
{
    const px_query_row *row = find_row(service, question->name);
    ProtobufCMessage *body;
    px_codec_error error;
    px_answer answer;
    px_txn *view;

    if (!px_is_id(question->tenant)) /* whoever made this subject is not of a tenant */
        return refuse(PX_REASON_FORBIDDEN, "", question->json, arena);
    if (row == NULL)
        return refuse(PX_REASON_UNKNOWN_QUESTION, "", question->json, arena);
    body = read_question(row->request, question, arena, &error);
    if (body == NULL)
        return refuse(error.reason, error.field, question->json, arena);
    view = px_store_read(store);
    if (!ready || view == NULL || px_view_cursor(view) < question->after_seq)
        answer = refuse(PX_REASON_NOT_READY, "", question->json, arena);
    else
        answer = ask(row, view, body, vault, question, arena);
    if (view != NULL && px_txn_status(view) != PX_OK) /* it may miss what could not be read */
        answer = refuse(PX_REASON_NOT_READY, "", question->json, arena);
    px_txn_abort(view);
    return answer;
}
