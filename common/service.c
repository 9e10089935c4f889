#include "common/service.h"

#include <string.h>

#include "common/chain.h"
#include "common/codec.h"
#include "common/service_impl.h"

px_verdict px_accept(void)
{
    return (px_verdict){ PX_REASON_NONE, "" };
}

px_verdict px_reject(px_reason reason, const char *field)
{
    PX_ASSERT(reason != PX_REASON_NONE);
    return (px_verdict){ reason, field };
}

const char *px_field_at(const px_submission *sub, const char *name, size_t index, const char *rest)
{
    const char *field =
        px_arena_printf(sub->arena, "%s[%zu]%s%s", name, index, *rest ? "." : "", rest);

    return field != NULL ? field : name;
}

/* ---- facts ---- */

void px_facts_init(px_facts *facts, const px_service *service, px_arena *arena)
{
    *facts = (px_facts){ .service = service, .arena = arena, .given = arena };
}

/* The round leaves enough of the arena free for any one entry, so running out of it here is a bug.
 */
void *px_facts_add(px_facts *out, unsigned type)
{
    ProtobufCMessage *fact, *body;

    PX_ASSERT(out->count < PX_FACTS_PER_ENTRY_MAX);
    if (out->count == out->capacity) {
        size_t capacity = out->capacity == 0 ? 8 : out->capacity * 2;
        const ProtobufCMessage **grown = px_arena_alloc(out->arena, capacity * sizeof(void *));

        PX_ASSERT(grown != NULL);
        if (out->count > 0)
            memcpy(grown, out->messages, out->count * sizeof(void *));
        out->messages = grown;
        out->capacity = capacity;
    }
    fact = px_codec_new(out->service->facts, out->arena);
    PX_ASSERT(fact != NULL);
    body = px_codec_set_oneof(fact, type, out->arena);
    PX_ASSERT(body != NULL);
    out->messages[out->count++] = fact;
    return body;
}

px_arena *px_facts_arena(px_facts *out)
{
    return out->given;
}

/* ---- publish, effect ---- */

void px_out_event(px_out *out, const char *name, const char *subject,
                  const ProtobufCMessage *message)
{
    if (out->event != NULL)
        out->event(out->context, name, subject, message, true);
}

void px_out_event_unattributed(px_out *out, const char *name, const char *subject,
                               const ProtobufCMessage *message)
{
    if (out->event != NULL)
        out->event(out->context, name, subject, message, false);
}

void px_out_destroy_key(px_out *out, const char *person_id, uint32_t generation)
{
    if (out->destroy_key != NULL)
        out->destroy_key(out->context, person_id, generation);
}

px_arena *px_out_arena(px_out *out)
{
    return out->arena;
}

void px_skip(px_txn *state, const px_fact *fact)
{
    (void)state;
    (void)fact;
}

void px_hold_back(const px_view *state, const px_fact *fact, px_out *out)
{
    (void)state;
    (void)fact;
    (void)out;
}

/* ---- query ---- */

void *px_reply_new(px_reply *reply, const ProtobufCMessageDescriptor *type)
{
    PX_ASSERT(reply->message == NULL);
    reply->message = px_codec_new(type, reply->arena);
    if (reply->message == NULL) {
        PX_ASSERT(type->sizeof_message <= sizeof reply->unseen);
        reply->message = (ProtobufCMessage *)reply->unseen;
        type->message_init(reply->message);
    }
    return reply->message;
}

px_status px_reply_refuse(px_reply *reply, px_reason reason, const char *field)
{
    reply->refused = reason;
    reply->field = field;
    return PX_ENOTFOUND;
}

const char *px_reply_open_text(px_reply *reply, const char *person_id, px_bytes sealed)
{
    px_bytes plain;
    const char *text;

    if (sealed.size == 0 || reply->vault == NULL ||
        px_vault_open_text(reply->vault, reply->tenant, person_id, sealed, reply->arena, &plain) !=
            PX_OK)
        return "";
    text = px_arena_strndup(reply->arena, plain.data, plain.size);
    return text != NULL ? text : "";
}

uint64_t px_view_cursor(const px_view *state)
{
    return px_chain_cursor(state).seq;
}

/* ---- the tables ---- */

typedef void any_fn(void);

static bool has_row(any_fn *const *rows, size_t count, unsigned type)
{
    return type < count && rows[type] != NULL;
}

/* Every message member of a descriptor's oneof must have a row in the table. */
static bool covers(const ProtobufCMessageDescriptor *type, any_fn *const *rows, size_t count,
                   const char **missing)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];

        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 && !has_row(rows, count, field->id)) {
            *missing = ((const ProtobufCMessageDescriptor *)field->descriptor)->name;
            return false;
        }
    }
    return true;
}

bool px_service_complete(const px_service *service, const char **missing)
{
    if (!covers(service->submission, (any_fn *const *)service->deciders, service->decider_count,
                missing) ||
        !covers(service->facts, (any_fn *const *)service->evolvers, service->evolver_count,
                missing) ||
        !covers(service->facts, (any_fn *const *)service->publishers, service->publisher_count,
                missing))
        return false;
    for (size_t i = 0; i < service->follow_count; i++) {
        const px_follow *follow = &service->follows[i];

        if (!covers(follow->facts, (any_fn *const *)follow->projectors, follow->projector_count,
                    missing))
            return false;
    }
    return true;
}

const px_follow *px_service_follow(const px_service *service, const char *name)
{
    for (size_t i = 0; i < service->follow_count; i++)
        if (strcmp(service->follows[i].service, name) == 0)
            return &service->follows[i];
    return NULL;
}
