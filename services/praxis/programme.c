#include "services/praxis/programme.h"

#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "services/praxis/contract.h"

px_programme px_programme_begin(px_arena *arena)
{
    return (px_programme){ .arena = arena };
}

static bool make_room(px_programme *p)
{
    size_t capacity = p->capacity ? p->capacity * 2 : 256;
    px_programme_item *items;

    if (p->count < p->capacity)
        return true;
    items = px_arena_alloc(p->arena, capacity * sizeof *items);
    if (!items)
        return false;
    if (p->count > 0)
        memcpy(items, p->items, p->count * sizeof *items);
    p->items = items;
    p->capacity = capacity;
    return true;
}

/* The envelope is the same in every service's Submission. */
static void fill_envelope(ProtobufCMessage *message, char *id, char *actor, void *time)
{
    *(char **)px_contract_member(message, "submission_id") = id;
    *(char **)px_contract_member(message, "actor") = actor;
    *(void **)px_contract_member(message, "created_at") = time;
    *(void **)px_contract_member(message, "occurred_at") = time;
}

void *px_programme_add(px_programme *p, const char *service, unsigned type, const char *id,
                       const char *actor, int64_t occurred_at_us)
{
    const ProtobufCMessageDescriptor *descriptor = px_contract_message(service, "Submission");
    ProtobufCMessage *message, *body;
    char *own_id = px_arena_strdup(p->arena, id), *own_actor = px_arena_strdup(p->arena, actor);
    void *time = px_codec_timestamp(occurred_at_us, p->arena);

    if (px_arena_overflowed(p->arena))
        return NULL;
    PX_ASSERT(descriptor != NULL);
    message = px_codec_new(descriptor, p->arena);
    body = message ? px_codec_set_oneof(message, type, p->arena) : NULL;
    if (!body)
        return NULL;
    fill_envelope(message, own_id, own_actor, time);
    return px_programme_add_message(p, service, px_codec_short_name(body->descriptor), own_id,
                                    message, occurred_at_us)
               ? body
               : NULL;
}

bool px_programme_add_message(px_programme *p, const char *service, const char *type,
                              const char *id, ProtobufCMessage *message, int64_t occurred_at_us)
{
    if (!make_room(p))
        return false;
    p->items[p->count] = (px_programme_item){
        .service = service,
        .type = type,
        .id = id,
        .message = message,
        .occurred_at_us = occurred_at_us,
        .order = p->count,
    };
    p->count++;
    return true;
}

static int compare(const void *left, const void *right)
{
    const px_programme_item *a = left, *b = right;

    if (a->occurred_at_us != b->occurred_at_us)
        return a->occurred_at_us < b->occurred_at_us ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

bool px_programme_sort(px_programme *p)
{
    if (p->count > 1)
        qsort(p->items, p->count, sizeof *p->items, compare);
    return !px_arena_overflowed(p->arena);
}
