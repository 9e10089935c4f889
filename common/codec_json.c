/* codec_json.c: protobuf JSON to messages (protobuf.dev/programming-guides/json).
 *
 * Stricter than the mapping where it is lax: no NaN or Infinity, no name twice in either spelling,
 * only one member of a oneof. What is accepted packs to the same bytes as the binary form of the
 * same content.
 */
#include <jansson.h>
#include <math.h>
#include <sodium.h>
#include <string.h>

#include "common/codec.h"
#include "common/codec_impl.h"
#include "google/protobuf/timestamp.pb-c.h"

enum { KEY_SHOWN_MAX = 64, TIMESTAMP_FIELDS = 3 };

typedef struct {
    const px_scan_limits *limits;
    px_arena *arena;
    px_codec_error *error;
    unsigned fields; /* as a scan would count them, or more */
} reader;

static bool read_message(reader *r, const json_t *object, ProtobufCMessage *message,
                         const px_path *path, unsigned depth);

static bool fail(reader *r, px_reason reason, const px_path *path)
{
    return px_codec_fail(r->error, reason, path, r->arena);
}

static px_reason reason_of(enum json_error_code code)
{
    switch (code) {
    case json_error_invalid_utf8:
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return PX_REASON_BAD_UTF8;
    case json_error_numeric_overflow:
        return PX_REASON_FIELD_INVALID;
    default:
        return PX_REASON_MALFORMED;
    }
}

/* The parsed text, within the limits; NULL and *error when it is not. */
static json_t *parse(reader *r, const ProtobufCMessageDescriptor *type, px_bytes text)
{
    px_json_outline outline;
    json_error_t json_error;

    if (text.size > r->limits->bytes_max) {
        fail(r, PX_REASON_TOO_LARGE, NULL);
        return NULL;
    }
    px_json_outline_walk(&outline, text.data, text.size);
    /* Before the parser spends memory on it. The exact count comes later: here a field counts up to
     * four times, as the only message of its list. */
    if (outline.too_deep || outline.values > 4 * (size_t)r->limits->fields_max) {
        px_json_outline_fail(&outline, type,
                             outline.too_deep ? PX_REASON_TOO_DEEP : PX_REASON_TOO_MANY_ITEMS,
                             r->arena, r->error);
        return NULL;
    }
    json_t *root = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, &json_error);
    if (!root) {
        /* The position is behind the wrong byte, and that may be the bracket that ends the place.
         */
        size_t position = json_error.position > 0 ? (size_t)json_error.position - 1 : 0;
        px_json_outline_walk(&outline, text.data, position < text.size ? position : text.size);
        px_json_outline_fail(&outline, type, reason_of(json_error_code(&json_error)), r->arena,
                             r->error);
    }
    return root;
}

ProtobufCMessage *px_codec_from_json(const ProtobufCMessageDescriptor *type, px_bytes text,
                                     const px_scan_limits *limits, px_arena *arena,
                                     px_codec_error *error)
{
    reader r = { limits, arena, error, 0 };
    ProtobufCMessage *result = NULL;

    *error = (px_codec_error){ PX_REASON_NONE, "" };
    json_t *root = parse(&r, type, text);
    ProtobufCMessage *message = root ? px_codec_new(type, arena) : NULL;
    if (!message)
        goto done;
    if (!read_message(&r, root, message, NULL, 1))
        goto done;
    if (px_codec_packed_size(message) > limits->bytes_max)
        fail(&r, PX_REASON_TOO_LARGE, NULL);
    else
        result = message;
done:
    if (!result && error->reason == PX_REASON_NONE)
        fail(&r, PX_REASON_TOO_LARGE, NULL); /* the arena is full */
    json_decref(root);
    return result;
}

/* ---- values ---- */

typedef struct {
    bool negative;
    uint64_t magnitude;
} integer;

/* "-12": digits only, as the mapping writes 64-bit numbers. */
static bool integer_from_text(const char *text, integer *out)
{
    uint64_t value = 0;

    out->negative = *text == '-';
    text += out->negative;
    if (!*text)
        return false;
    for (; *text; text++) {
        unsigned digit = (unsigned)(*text - '0');
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    out->magnitude = value;
    return true;
}

/* 1.0 and 1e3 are integers too. */
static bool integer_from_real(double value, integer *out)
{
    if (trunc(value) != value || fabs(value) >= 0x1p64)
        return false;
    *out = (integer){ value < 0, (uint64_t)fabs(value) };
    return true;
}

static px_reason read_integer(const json_t *value, integer *out)
{
    bool ok;

    if (json_is_integer(value)) {
        json_int_t number = json_integer_value(value);
        uint64_t bits = (uint64_t)number;
        *out = (integer){ number < 0, number < 0 ? 0 - bits : bits };
        return PX_REASON_NONE;
    }
    if (json_is_real(value))
        ok = integer_from_real(json_real_value(value), out);
    else if (json_is_string(value))
        ok = integer_from_text(json_string_value(value), out);
    else
        return PX_REASON_MALFORMED;
    return ok ? PX_REASON_NONE : PX_REASON_FIELD_INVALID;
}

/* Into a signed or unsigned member of `size` bytes. */
static px_reason put_integer(const json_t *value, bool is_signed, size_t size, void *slot)
{
    uint64_t unsigned_max = size == 4 ? UINT32_MAX : UINT64_MAX;
    integer number;
    px_reason reason = read_integer(value, &number);

    if (reason != PX_REASON_NONE)
        return reason;
    uint64_t most = is_signed         ? unsigned_max / 2 + number.negative
                    : number.negative ? 0
                                      : unsigned_max;
    if (number.magnitude > most)
        return PX_REASON_FIELD_INVALID;
    uint64_t bits = number.negative ? 0 - number.magnitude : number.magnitude;
    uint32_t low = (uint32_t)(bits & UINT32_MAX);
    memcpy(slot, size == 4 ? (const void *)&low : &bits, size);
    return PX_REASON_NONE;
}

/* A number in quotes is whatever the JSON parser takes for one. */
static px_reason double_from_text(const char *text, double *out)
{
    size_t size = strlen(text);

    if (size == 0 || strspn(text, "+-.0123456789eE") != size)
        return PX_REASON_FIELD_INVALID;
    json_t *number = json_loadb(text, size, JSON_DECODE_ANY, NULL);
    *out = json_number_value(number);
    bool ok = json_is_number(number);
    json_decref(number);
    return ok ? PX_REASON_NONE : PX_REASON_FIELD_INVALID;
}

static px_reason put_double(const json_t *value, ProtobufCType type, void *slot)
{
    double number = json_number_value(value);

    if (json_is_string(value)) {
        px_reason reason = double_from_text(json_string_value(value), &number);
        if (reason != PX_REASON_NONE)
            return reason;
    } else if (!json_is_number(value)) {
        return PX_REASON_MALFORMED;
    }
    if (type == PROTOBUF_C_TYPE_DOUBLE) {
        memcpy(slot, &number, sizeof(number));
        return PX_REASON_NONE;
    }
    if (fabs(number) > 0x1.fffffep127) /* the largest float */
        return PX_REASON_FIELD_INVALID;
    float single = (float)number;
    memcpy(slot, &single, sizeof(single));
    return PX_REASON_NONE;
}

static px_reason put_enum(const json_t *value, const ProtobufCEnumDescriptor *type, void *slot)
{
    if (!json_is_string(value))
        return put_integer(value, true, sizeof(int), slot);
    const ProtobufCEnumValue *named =
        protobuf_c_enum_descriptor_get_value_by_name(type, json_string_value(value));
    if (!named)
        return PX_REASON_FIELD_INVALID;
    memcpy(slot, &named->value, sizeof(named->value));
    return PX_REASON_NONE;
}

static px_reason put_bool(const json_t *value, void *slot)
{
    protobuf_c_boolean is_true = json_is_true(value);

    if (!json_is_boolean(value))
        return PX_REASON_MALFORMED;
    memcpy(slot, &is_true, sizeof(is_true));
    return PX_REASON_NONE;
}

static px_reason put_string(reader *r, const json_t *value, void *slot)
{
    if (!json_is_string(value))
        return PX_REASON_MALFORMED;
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    if (!px_text_valid(text, size, true))
        return PX_REASON_BAD_UTF8;
    char *copy = px_arena_strndup(r->arena, text, size);
    if (!copy)
        return PX_REASON_TOO_LARGE;
    memcpy(slot, &copy, sizeof(copy));
    return PX_REASON_NONE;
}

/* Standard or URL-safe alphabet, with or without padding. */
static int base64_variant(const char *text)
{
    bool padded = strchr(text, '=');

    if (strpbrk(text, "-_"))
        return padded ? sodium_base64_VARIANT_URLSAFE : sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    return padded ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
}

static px_reason put_bytes(reader *r, const json_t *value, void *slot)
{
    ProtobufCBinaryData bytes = { 0, NULL };

    if (!json_is_string(value))
        return PX_REASON_MALFORMED;
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    size_t size_max = size / 4 * 3 + 3;
    bytes.data = px_arena_alloc(r->arena, size_max);
    if (!bytes.data)
        return PX_REASON_TOO_LARGE;
    if (sodium_base642bin(bytes.data, size_max, text, size, NULL, &bytes.len, NULL,
                          base64_variant(text)) != 0)
        return PX_REASON_FIELD_INVALID;
    memcpy(slot, &bytes, sizeof(bytes));
    return PX_REASON_NONE;
}

static px_reason put_timestamp(reader *r, const json_t *value, ProtobufCMessage *message)
{
    Google__Protobuf__Timestamp *t = (Google__Protobuf__Timestamp *)message;

    r->fields += TIMESTAMP_FIELDS - 1; /* on the wire it is a message with two fields */
    if (!json_is_string(value))
        return PX_REASON_MALFORMED;
    return px_time_parse(json_string_value(value), json_string_length(value), &t->seconds,
                         &t->nanos)
               ? PX_REASON_NONE
               : PX_REASON_FIELD_INVALID;
}

static px_reason put_scalar(reader *r, const json_t *value, const ProtobufCFieldDescriptor *field,
                            void *slot)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return put_string(r, value, slot);
    case PROTOBUF_C_TYPE_BYTES:
        return put_bytes(r, value, slot);
    case PROTOBUF_C_TYPE_BOOL:
        return put_bool(value, slot);
    case PROTOBUF_C_TYPE_ENUM:
        return put_enum(value, field->descriptor, slot);
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_FLOAT:
        return put_double(value, field->type, slot);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return put_integer(value, false, px_field_size(field), slot);
    default:
        return put_integer(value, true, px_field_size(field), slot);
    }
}

/* ---- messages ---- */

static bool read_submessage(reader *r, const json_t *value, const ProtobufCFieldDescriptor *field,
                            void *slot, const px_path *path, unsigned depth)
{
    ProtobufCMessage *message = px_codec_new(field->descriptor, r->arena);

    if (!message)
        return fail(r, PX_REASON_TOO_LARGE, path);
    memcpy(slot, &message, sizeof(message));
    if (!px_type_is_timestamp(field->descriptor))
        return read_message(r, value, message, path, depth + 1);
    px_reason reason = put_timestamp(r, value, message);
    return reason == PX_REASON_NONE || fail(r, reason, path);
}

static bool read_value(reader *r, const json_t *value, const ProtobufCFieldDescriptor *field,
                       void *slot, const px_path *path, unsigned depth)
{
    if (++r->fields > r->limits->fields_max)
        return fail(r, PX_REASON_TOO_MANY_ITEMS, path);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return read_submessage(r, value, field, slot, path, depth);
    px_reason reason = put_scalar(r, value, field, slot);
    return reason == PX_REASON_NONE || fail(r, reason, path);
}

static bool is_packed(ProtobufCType type)
{
    return type != PROTOBUF_C_TYPE_STRING && type != PROTOBUF_C_TYPE_BYTES &&
           type != PROTOBUF_C_TYPE_MESSAGE;
}

static bool read_list(reader *r, const json_t *value, ProtobufCMessage *message,
                      const ProtobufCFieldDescriptor *field, px_path *path, unsigned depth)
{
    size_t count = json_array_size(value);

    if (!json_is_array(value))
        return fail(r, PX_REASON_MALFORMED, path);
    if (count > r->limits->items_max) {
        path->index = (size_t)r->limits->items_max + 1;
        return fail(r, PX_REASON_TOO_MANY_ITEMS, path);
    }
    r->fields += is_packed(field->type); /* one tag for all of them */
    char *items = px_arena_zalloc(r->arena, count * px_field_size(field));
    if (!items)
        return fail(r, PX_REASON_TOO_LARGE, path);
    memcpy((char *)message + field->offset, &items, sizeof(items));
    memcpy((char *)message + field->quantifier_offset, &count, sizeof(count));
    for (size_t i = 0; i < count; i++) {
        path->index = i + 1;
        if (!read_value(r, json_array_get(value, i), field, items + i * px_field_size(field), path,
                        depth))
            return false;
    }
    return true;
}

static bool read_member(reader *r, const json_t *value, ProtobufCMessage *message,
                        const ProtobufCFieldDescriptor *field, px_path *path, unsigned depth)
{
    char *base = (char *)message;

    if (px_field_repeated(field))
        return read_list(r, value, message, field, path, depth);
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        unsigned set;
        memcpy(&set, base + field->quantifier_offset, sizeof(set));
        if (set != 0)
            return fail(r, PX_REASON_MALFORMED, path);
        memcpy(base + field->quantifier_offset, &field->id, sizeof(field->id));
    }
    return read_value(r, value, field, base + field->offset, path, depth);
}

static bool unknown_field(reader *r, const char *key, const px_path *path)
{
    px_path unknown = { .parent = path, .name = key };
    bool shown = strlen(key) <= KEY_SHOWN_MAX && px_text_valid(key, strlen(key), false);

    return fail(r, PX_REASON_UNKNOWN_FIELD, shown ? &unknown : path);
}

static bool read_message(reader *r, const json_t *object, ProtobufCMessage *message,
                         const px_path *path, unsigned depth)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    bool seen[PX_TYPE_FIELDS_MAX] = { false };
    json_t *members = (json_t *)(uintptr_t)object; /* jansson's iterator wants it; read only */
    const char *key;
    json_t *value;

    PX_ASSERT(type->n_fields <= PX_TYPE_FIELDS_MAX);
    if (!json_is_object(object))
        return fail(r, PX_REASON_MALFORMED, path);
    if (depth > r->limits->depth_max)
        return fail(r, PX_REASON_TOO_DEEP, path);
    json_object_foreach(members, key, value)
    {
        const ProtobufCFieldDescriptor *field = px_json_field(type, key);
        if (!field && r->limits->unknown_fields)
            continue;
        if (!field)
            return unknown_field(r, key, path);
        px_path here = px_path_to(path, field);
        bool *twice = &seen[field - type->fields];
        if (*twice)
            return fail(r, PX_REASON_MALFORMED, &here); /* in both spellings */
        *twice = true;
        if (!json_is_null(value) && !read_member(r, value, message, field, &here, depth))
            return false;
    }
    return true;
}
