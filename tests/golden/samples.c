#include "tests/golden/samples.h"

#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "common/codec_impl.h"

enum { ARENA_BYTES = 4 << 20, ITEMS = 2 };

static px_arena arena;

static void fill(ProtobufCMessage *message, uint32_t member);

/* Not the default, so that every field shows up in both encodings. */
static int32_t enum_value(const ProtobufCEnumDescriptor *values, uint32_t number)
{
    return values->values[values->n_values > 1 ? 1 + number % (values->n_values - 1) : 0].value;
}

static ProtobufCMessage *inner(const ProtobufCFieldDescriptor *field)
{
    ProtobufCMessage *message;

    if (px_type_is_timestamp(field->descriptor))
        return px_codec_timestamp(INT64_C(1767571200000000) + field->id * INT64_C(1000001), &arena);
    message = px_codec_new(field->descriptor, &arena);
    PX_ASSERT(message != NULL);
    fill(message, 0);
    return message;
}

static void set(const ProtobufCFieldDescriptor *field, uint32_t item, void *value)
{
    uint32_t number = field->id + 100 * item;

    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        *(char **)value = px_arena_printf(&arena, "%s-%u", field->name, number);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        *(ProtobufCBinaryData *)value =
            (ProtobufCBinaryData){ 4, px_arena_copy(&arena, &number, 4) };
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        *(ProtobufCMessage **)value = inner(field);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)value = true;
        break;
    case PROTOBUF_C_TYPE_ENUM:
        *(int32_t *)value = enum_value(field->descriptor, number);
        break;
    case PROTOBUF_C_TYPE_DOUBLE:
        *(double *)value = number + .1;
        break;
    case PROTOBUF_C_TYPE_FLOAT:
        *(float *)value = (float)number + .5f;
        break;
    default:
        if (px_field_size(field) == sizeof(int64_t))
            *(int64_t *)value = (INT64_C(1) << 53) + number;
        else
            *(int32_t *)value = (int32_t)number;
    }
}

static void fill_field(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    uint8_t *at = (uint8_t *)message + field->offset;
    size_t size = px_field_size(field);

    if (!px_field_repeated(field)) {
        set(field, 0, at);
        return;
    }
    uint8_t *items = px_arena_zalloc(&arena, ITEMS * size);
    PX_ASSERT(items != NULL);
    for (uint32_t i = 0; i < ITEMS; i++)
        set(field, i, items + i * size);
    *(void **)(void *)at = items;
    *(size_t *)(void *)((uint8_t *)message + field->quantifier_offset) = ITEMS;
}

static bool in_oneof(const ProtobufCFieldDescriptor *field)
{
    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

/* All fields; of a oneof the member with this number, or the first. */
static void fill(ProtobufCMessage *message, uint32_t member)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;

    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        uint32_t *chosen =
            (uint32_t *)(void *)((uint8_t *)message + field->quantifier_offset); /* of a oneof */

        if (in_oneof(field) && (*chosen != 0 || (member != 0 && field->id != member)))
            continue;
        fill_field(message, field);
        if (in_oneof(field))
            *chosen = field->id;
    }
}

static bool print(FILE *out, const ProtobufCMessageDescriptor *type, uint32_t member)
{
    ProtobufCMessage *message;
    const char *json;
    px_bytes bytes;

    px_arena_reset(&arena);
    message = px_codec_new(type, &arena);
    if (message == NULL)
        return false;
    fill(message, member);
    bytes = px_codec_pack(message, &arena);
    json = px_codec_to_json(message, false, &arena);
    if (bytes.data == NULL || json == NULL)
        return false;
    fprintf(out, "%s ", type->name);
    for (size_t i = 0; i < bytes.size; i++)
        fprintf(out, "%02x", ((const uint8_t *)bytes.data)[i]);
    fprintf(out, " %s\n", json);
    return true;
}

/* Facts and the batch are storage; what became of them is seen in the logs. */
static bool is_public(const px_contract *contract)
{
    return strstr(contract->name, ".fact.") == NULL && strncmp(contract->name, "praxis.log.", 11);
}

bool samples_print(FILE *out)
{
    bool good = px_arena_init(&arena, ARENA_BYTES);

    for (size_t i = 0; good && i < px_contract_count; i++) {
        const ProtobufCMessageDescriptor *type = px_contracts[i].type;
        bool cases = false;

        if (!is_public(&px_contracts[i]))
            continue;
        for (unsigned f = 0; good && f < type->n_fields; f++)
            if (in_oneof(&type->fields[f])) {
                cases = true;
                good = print(out, type, type->fields[f].id);
            }
        if (!cases)
            good = good && print(out, type, 0);
    }
    px_arena_fini(&arena);
    return good;
}

/* ---- held against today ---- */

static px_bytes from_hex(const char *hex)
{
    size_t size = strlen(hex) / 2;
    uint8_t *bytes = px_arena_alloc(&arena, size);

    PX_ASSERT(bytes != NULL);
    for (size_t i = 0; i < size; i++) {
        const char digits[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

        bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return (px_bytes){ bytes, size };
}

static bool same_bytes(px_bytes a, px_bytes b)
{
    return a.data != NULL && a.size == b.size && memcmp(a.data, b.data, b.size) == 0;
}

static const char *difference(const char *name, const char *hex, const char *json)
{
    const ProtobufCMessageDescriptor *type = px_codec_find(name);
    px_bytes bytes = from_hex(hex), text = { json, strlen(json) };
    ProtobufCMessage *message, *read;
    px_codec_error error;

    if (type == NULL)
        return "there is no such type any more";
    if (!px_codec_scan(type, bytes, &px_submission_limits, &arena, &error) ||
        (message = px_codec_unpack(type, bytes, &arena)) == NULL)
        return "the bytes cannot be read any more";
    if (!same_bytes(px_codec_pack(message, &arena), bytes))
        return "it is packed to other bytes";
    if (strcmp(px_codec_to_json(message, false, &arena), json) != 0)
        return px_arena_printf(&arena, "its JSON is now %s",
                               px_codec_to_json(message, false, &arena));
    read = px_codec_from_json(type, text, &px_submission_limits, &arena, &error);
    if (read == NULL || !same_bytes(px_codec_pack(read, &arena), bytes))
        return "its JSON is read differently";
    return NULL;
}

static bool check_line(char *line)
{
    char *rest = NULL, *name = strtok_r(line, " ", &rest), *hex = "", *json = rest;
    const char *why;

    if (name != NULL && rest != NULL && *rest != ' ') /* no bytes: an empty message */
        hex = strtok_r(NULL, " ", &rest);
    json = rest + strspn(rest, " ");
    px_arena_reset(&arena);
    why = difference(name, hex, json);
    if (why != NULL)
        fprintf(stderr, "golden: %s: %s\n", name, why);
    return why == NULL;
}

bool samples_check(FILE *in)
{
    bool good = px_arena_init(&arena, ARENA_BYTES);
    char *line = NULL;
    size_t capacity = 0, lines = 0;

    while (getline(&line, &capacity, in) > 0) {
        line[strcspn(line, "\n")] = '\0';
        good = check_line(line) && good;
        lines++;
    }
    free(line);
    px_arena_fini(&arena);
    return good && lines > 0;
}
