/* codec_print.c: messages as protobuf JSON (protobuf.dev/programming-guides/json). */
#include <inttypes.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "common/codec_impl.h"
#include "google/protobuf/timestamp.pb-c.h"

enum { NUMBER_SIZE = 40, INDENT = 2 };

/** Written twice: once without `out`, to measure. */
typedef struct {
    char *out;
    size_t used;
    bool pretty;
    unsigned depth;
} printer;

static void print_message(printer *p, const ProtobufCMessage *message);

char *px_codec_to_json(const ProtobufCMessage *message, bool pretty, px_arena *arena)
{
    printer measure = { .pretty = pretty };

    print_message(&measure, message);
    char *text = px_arena_alloc(arena, measure.used + 1);
    if (!text)
        return NULL;
    printer p = { .out = text, .pretty = pretty };
    print_message(&p, message);
    PX_ASSERT(p.used == measure.used);
    text[p.used] = '\0';
    return text;
}

static void print_bytes(printer *p, const char *bytes, size_t size)
{
    if (p->out && size > 0)
        memcpy(p->out + p->used, bytes, size);
    p->used += size;
}

static void print(printer *p, const char *text)
{
    print_bytes(p, text, strlen(text));
}

static void new_line(printer *p)
{
    if (!p->pretty)
        return;
    print(p, "\n");
    for (unsigned i = 0; i < p->depth * INDENT; i++)
        print(p, " ");
}

static void open_bracket(printer *p, const char *bracket)
{
    print(p, bracket);
    p->depth++;
}

/* Before each value of a list or object. */
static void separate(printer *p, bool *first)
{
    if (!*first)
        print(p, ",");
    *first = false;
    new_line(p);
}

static void close_bracket(printer *p, const char *bracket, bool empty)
{
    p->depth--;
    if (!empty)
        new_line(p);
    print(p, bracket);
}

/* How a character is written that cannot stand for itself; NULL when it can. */
static const char *escape_of(char letter, char hex[8])
{
    switch (letter) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\t':
        return "\\t";
    default:
        break;
    }
    if ((unsigned char)letter >= 0x20 && letter != 0x7f)
        return NULL;
    snprintf(hex, 8, "\\u%04x", (unsigned)letter);
    return hex;
}

static void print_string(printer *p, const char *text)
{
    char hex[8];
    const char *start = text;

    print(p, "\"");
    for (; *text; text++) {
        const char *escape = escape_of(*text, hex);
        if (!escape)
            continue;
        print_bytes(p, start, (size_t)(text - start));
        print(p, escape);
        start = text + 1;
    }
    print_bytes(p, start, (size_t)(text - start));
    print(p, "\"");
}

static void print_base64(printer *p, const ProtobufCBinaryData *bytes)
{
    enum { TRIPLE = 3, QUAD = 4 };
    char quad[QUAD + 1];

    print(p, "\"");
    for (size_t i = 0; i < bytes->len; i += TRIPLE) {
        size_t left = bytes->len - i;
        sodium_bin2base64(quad, sizeof(quad), bytes->data + i, left < TRIPLE ? left : TRIPLE,
                          sodium_base64_VARIANT_ORIGINAL);
        print(p, quad);
    }
    print(p, "\"");
}

/* The decimal point is whatever the locale makes it; in JSON it is a point. */
static void print_decimal(printer *p, const char *number)
{
    bool point = false;

    for (; *number; number++) {
        if (strchr("+-0123456789e", *number))
            print_bytes(p, number, 1);
        else if (!point) {
            print(p, ".");
            point = true; /* once, should it be several bytes */
        }
    }
}

/* The fewest digits that read back as the same number: 15, 16 or 17 (9 for a float). */
static void print_double(printer *p, double value, int digits, int digits_max)
{
    char text[NUMBER_SIZE];

    if (isnan(value)) {
        print(p, "\"NaN\"");
        return;
    }
    if (isinf(value)) {
        print(p, value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
        return;
    }
    for (; digits <= digits_max; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (digits == digits_max ||
            (digits_max == 9 ? (double)strtof(text, NULL) == value : strtod(text, NULL) == value))
            break;
    }
    print_decimal(p, text);
    if (value == 0 && signbit(value))
        print(p, ".0"); /* "-0" would read back as an integer, which has no sign */
}

static void print_enum(printer *p, const ProtobufCFieldDescriptor *field, int number)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(field->descriptor, number);
    char text[NUMBER_SIZE];

    if (value) {
        print_string(p, value->name);
        return;
    }
    snprintf(text, sizeof(text), "%d", number);
    print(p, text);
}

static void print_integer(printer *p, ProtobufCType type, const void *value)
{
    char text[NUMBER_SIZE];

    switch (type) {
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        snprintf(text, sizeof(text), "%" PRIu32, *(const uint32_t *)value);
        break;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        snprintf(text, sizeof(text), "\"%" PRId64 "\"", *(const int64_t *)value);
        break;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        snprintf(text, sizeof(text), "\"%" PRIu64 "\"", *(const uint64_t *)value);
        break;
    default:
        snprintf(text, sizeof(text), "%" PRId32, *(const int32_t *)value);
    }
    print(p, text);
}

static void print_timestamp(printer *p, const ProtobufCMessage *message)
{
    const Google__Protobuf__Timestamp *t = (const void *)message;
    char text[PX_RFC3339_SIZE];

    px_time_print(text, t->seconds, t->nanos);
    print_string(p, text);
}

static void print_value(printer *p, const ProtobufCFieldDescriptor *field, const void *value)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = *(const char *const *)value;
        print_string(p, text ? text : "");
        break;
    }
    case PROTOBUF_C_TYPE_BYTES:
        print_base64(p, value);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        if (px_type_is_timestamp(field->descriptor))
            print_timestamp(p, *(ProtobufCMessage *const *)value);
        else
            print_message(p, *(ProtobufCMessage *const *)value);
        break;
    case PROTOBUF_C_TYPE_DOUBLE:
        print_double(p, *(const double *)value, 15, 17);
        break;
    case PROTOBUF_C_TYPE_FLOAT:
        print_double(p, (double)*(const float *)value, 6, 9);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        print(p, *(const protobuf_c_boolean *)value ? "true" : "false");
        break;
    case PROTOBUF_C_TYPE_ENUM:
        print_enum(p, field, *(const int *)value);
        break;
    default:
        print_integer(p, field->type, value);
    }
}

/* "competencyId" of competency_id. */
static void print_name(printer *p, const char *name)
{
    bool capital = false;

    print(p, "\"");
    for (; *name; name++) {
        char letter = *name;
        if (letter != '_') {
            if (capital && letter >= 'a' && letter <= 'z')
                letter = (char)(letter - 'a' + 'A');
            print_bytes(p, &letter, 1);
        }
        capital = letter == '_';
    }
    print(p, p->pretty ? "\": " : "\":");
}

static void print_list(printer *p, const ProtobufCMessage *message,
                       const ProtobufCFieldDescriptor *field, size_t count)
{
    bool first = true;

    open_bracket(p, "[");
    for (size_t i = 0; i < count; i++) {
        separate(p, &first);
        print_value(p, field, px_field_value(message, field, i));
    }
    close_bracket(p, "]", first);
}

/* A member of a oneof is there even when zero. */
static bool is_shown(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    if (px_field_count(message, field) == 0)
        return false;
    return px_field_repeated(field) || field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF ||
           !px_value_is_default(field, px_field_value(message, field, 0));
}

static void print_message(printer *p, const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    bool first = true;

    open_bracket(p, "{");
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (!is_shown(message, field))
            continue;
        separate(p, &first);
        print_name(p, field->name);
        if (px_field_repeated(field))
            print_list(p, message, field, px_field_count(message, field));
        else
            print_value(p, field, px_field_value(message, field, 0));
    }
    close_bracket(p, "}", first);
}
