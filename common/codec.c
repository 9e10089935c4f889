/* codec.c: packing, unpacking, and what the descriptors tell about a message. */
#include "common/codec.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec_impl.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "praxis/common/v1/text.pb-c.h"

static void *arena_alloc(void *arena, size_t size)
{
    return px_arena_alloc(arena, size);
}

static void arena_free(void *arena, void *pointer)
{
    /* The arena gives everything back at once. */
    (void)arena;
    (void)pointer;
}

ProtobufCMessage *px_codec_unpack(const ProtobufCMessageDescriptor *type, px_bytes bytes,
                                  px_arena *arena)
{
    ProtobufCAllocator allocator = { arena_alloc, arena_free, arena };

    return protobuf_c_message_unpack(type, &allocator, bytes.size, bytes.data);
}

ProtobufCMessage *px_codec_new(const ProtobufCMessageDescriptor *type, px_arena *arena)
{
    ProtobufCMessage *message = px_arena_alloc(arena, type->sizeof_message);

    if (message)
        type->message_init(message);
    return message;
}

size_t px_codec_packed_size(const ProtobufCMessage *message)
{
    return protobuf_c_message_get_packed_size(message);
}

px_bytes px_codec_pack(const ProtobufCMessage *message, px_arena *arena)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *data = px_arena_alloc(arena, size);

    if (!data)
        return (px_bytes){ NULL, 0 };
    PX_ASSERT(protobuf_c_message_pack(message, data) == size);
    return (px_bytes){ data, size };
}

/* ---- types ---- */

static int compare_contract(const void *name, const void *row)
{
    return strcmp(name, ((const px_contract *)row)->name);
}

const px_contract *px_contract_find(const char *full_name)
{
    return bsearch(full_name, px_contracts, px_contract_count, sizeof(px_contract),
                   compare_contract);
}

/* By address: names take a dozen comparisons, for each message of each fact. */
enum { PLACES = 4096 };
static const px_contract *places[PLACES];
static pthread_once_t placed = PTHREAD_ONCE_INIT;

static size_t first_place(const ProtobufCMessageDescriptor *type)
{
    return ((uintptr_t)type >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32 & (PLACES - 1);
}

static void place_contracts(void)
{
    PX_ASSERT(px_contract_count < PLACES / 2);
    for (size_t i = 0; i < px_contract_count; i++) {
        size_t at = first_place(px_contracts[i].type);

        while (places[at])
            at = (at + 1) % PLACES;
        places[at] = &px_contracts[i];
    }
}

const px_contract *px_contract_of(const ProtobufCMessageDescriptor *type)
{
    pthread_once(&placed, place_contracts);
    size_t at = first_place(type);
    while (places[at] && places[at]->type != type)
        at = (at + 1) % PLACES;
    return places[at];
}

const ProtobufCMessageDescriptor *px_codec_find(const char *full_name)
{
    const px_contract *contract = px_contract_find(full_name);

    return contract ? contract->type : NULL;
}

const ProtobufCMessageDescriptor *px_codec_next(const ProtobufCMessageDescriptor *type)
{
    const px_contract *next = type ? px_contract_find(type->name) + 1 : px_contracts;

    return next < px_contracts + px_contract_count ? next->type : NULL;
}

const char *px_codec_short_name(const ProtobufCMessageDescriptor *type)
{
    const char *dot = strrchr(type->name, '.');

    return dot ? dot + 1 : type->name;
}

bool px_type_is_timestamp(const ProtobufCMessageDescriptor *type)
{
    return type == &google__protobuf__timestamp__descriptor;
}

bool px_type_is_text(const ProtobufCMessageDescriptor *type)
{
    return type == &praxis__personal_text__descriptor;
}

/* ---- oneofs ---- */

/* The case of the oneof that `field` is a member of. protobuf-c's case enums are as large as an
 * int. */
static unsigned *oneof_case(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return (unsigned *)((char *)(uintptr_t)message + field->quantifier_offset);
}

static const ProtobufCFieldDescriptor *oneof_member(const ProtobufCMessageDescriptor *type,
                                                    const char *name)
{
    const px_contract *contract = px_contract_of(type);

    for (size_t i = 0; contract && i < contract->oneof_count; i++)
        if (strcmp(contract->oneofs[i].name, name) == 0)
            return protobuf_c_message_descriptor_get_field(type, contract->oneofs[i].member);
    return NULL;
}

unsigned px_codec_oneof(const ProtobufCMessage *message, const char *name,
                        const ProtobufCMessage **body)
{
    const ProtobufCFieldDescriptor *member = oneof_member(message->descriptor, name);

    PX_ASSERT(member);
    unsigned number = *oneof_case(message, member);
    member = protobuf_c_message_descriptor_get_field(message->descriptor, number);
    *body = NULL;
    if (member && member->type == PROTOBUF_C_TYPE_MESSAGE)
        *body = *(ProtobufCMessage *const *)px_field_value(message, member, 0);
    return number;
}

ProtobufCMessage *px_codec_set_oneof(ProtobufCMessage *message, unsigned number, px_arena *arena)
{
    const ProtobufCFieldDescriptor *member =
        protobuf_c_message_descriptor_get_field(message->descriptor, number);

    PX_ASSERT(member && member->flags & PROTOBUF_C_FIELD_FLAG_ONEOF &&
              member->type == PROTOBUF_C_TYPE_MESSAGE);
    ProtobufCMessage *body = px_codec_new(member->descriptor, arena);
    if (!body)
        return NULL;
    *oneof_case(message, member) = number;
    memcpy((char *)message + member->offset, &body, sizeof(body));
    return body;
}

/* ---- values ---- */

bool px_field_repeated(const ProtobufCFieldDescriptor *field)
{
    return field->label == PROTOBUF_C_LABEL_REPEATED;
}

size_t px_field_size(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_STRING:
        return sizeof(char *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(ProtobufCMessage *);
    default:
        return 4; /* 32-bit numbers and enums */
    }
}

size_t px_field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const char *base = (const char *)message;

    if (px_field_repeated(field))
        return *(const size_t *)(const void *)(base + field->quantifier_offset);
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF && *oneof_case(message, field) != field->id)
        return 0;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return *(ProtobufCMessage *const *)(const void *)(base + field->offset) != NULL;
    return 1;
}

const void *px_field_value(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                           size_t i)
{
    const char *member = (const char *)message + field->offset;

    if (!px_field_repeated(field))
        return member;
    return *(const char *const *)(const void *)member + i * px_field_size(field);
}

bool px_value_is_default(const ProtobufCFieldDescriptor *field, const void *value)
{
    static const char zeros[sizeof(uint64_t)];

    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = *(const char *const *)value;
        return !text || !*text;
    }
    case PROTOBUF_C_TYPE_BYTES:
        return ((const ProtobufCBinaryData *)value)->len == 0;
    case PROTOBUF_C_TYPE_MESSAGE:
        return *(ProtobufCMessage *const *)value == NULL;
    case PROTOBUF_C_TYPE_DOUBLE:
        return *(const double *)value == 0; /* -0.0 too, as in pack */
    case PROTOBUF_C_TYPE_FLOAT:
        return *(const float *)value == 0;
    default:
        return memcmp(value, zeros, px_field_size(field)) == 0;
    }
}

/* ---- paths ---- */

px_path px_path_to(const px_path *parent, const ProtobufCFieldDescriptor *field)
{
    bool body = !parent && field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;

    return (px_path){ .parent = parent, .name = field->name, .body = body };
}

const char *px_path_text(const px_path *leaf, px_arena *arena)
{
    const char *text = NULL;

    for (const px_path *step = leaf; step && (text || step == leaf); step = step->parent) {
        if (step->body && step != leaf)
            continue;
        const char *dot = text ? "." : "";
        const char *rest = text ? text : "";
        if (step->index > 0)
            text = px_arena_printf(arena, "%s[%zu]%s%s", step->name, step->index - 1, dot, rest);
        else
            text = px_arena_printf(arena, "%s%s%s", step->name, dot, rest);
    }
    return text ? text : "";
}

bool px_codec_fail(px_codec_error *error, px_reason reason, const px_path *leaf, px_arena *arena)
{
    *error = (px_codec_error){ reason, px_path_text(leaf, arena) };
    return false;
}
