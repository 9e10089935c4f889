/* codec_scan.c: the walk over wire bytes from outside, before protobuf-c allocates anything for
 * them.
 *
 * protobuf-c has no limit on depth or memory, takes any bytes as a string, and merges a message
 * that comes twice. So here every byte is accounted for first: what passes unpacks into memory
 * proportional to limits->fields_max. Wire format: protobuf.dev/programming-guides/encoding.
 */
#include <stdio.h>
#include <string.h>

#include "common/codec.h"
#include "common/codec_impl.h"

const px_scan_limits px_submission_limits = {
    .bytes_max = PX_SUBMISSION_BYTES_MAX,
    .depth_max = PX_MESSAGE_DEPTH_MAX,
    .fields_max = PX_MESSAGE_FIELDS_MAX,
    .items_max = PX_LIST_ITEMS_MAX,
};

const px_scan_limits px_batch_limits = {
    .bytes_max = PX_BATCH_BYTES_MAX,
    .depth_max = PX_MESSAGE_DEPTH_MAX,
    /* A batch that its author could write must be read by all, or the log stands still: these only
     * bound memory. Facts of one entry need not be few, and the smallest takes about ten bytes. */
    .fields_max = 64 * 1024,
    .items_max = 32 * 1024,
    .unknown_fields = true,
};

enum { TAG_BYTES_MAX = 5, LENGTH_BYTES_MAX = 5, VARINT_BYTES_MAX = 10, FIELD_NUMBER_SHIFT = 3 };

/** A message being walked. */
typedef struct {
    const ProtobufCMessageDescriptor *type;
    const uint8_t *end;
    px_path path;                      /* how it was reached; unused for the outermost */
    unsigned seen[PX_TYPE_FIELDS_MAX]; /* values so far, by position in type->fields */
} level;

typedef struct {
    const px_scan_limits *limits;
    px_arena *arena;
    px_codec_error *error;
    const uint8_t *at;
    unsigned fields;
    unsigned depth; /* levels in use */
    level levels[PX_MESSAGE_DEPTH_MAX];
} scan;

static bool scan_field(scan *s, level *top);

static void enter(scan *s, const ProtobufCMessageDescriptor *type, const uint8_t *end)
{
    level *entered = &s->levels[s->depth++];

    PX_ASSERT(type->n_fields <= PX_TYPE_FIELDS_MAX);
    entered->type = type;
    entered->end = end;
    memset(entered->seen, 0, type->n_fields * sizeof(entered->seen[0]));
}

bool px_codec_scan(const ProtobufCMessageDescriptor *type, px_bytes bytes,
                   const px_scan_limits *limits, px_arena *arena, px_codec_error *error)
{
    scan s; /* set up piece by piece: most levels are never entered */

    s.limits = limits;
    s.arena = arena;
    s.error = error;
    s.at = bytes.data;
    s.fields = 0;
    s.depth = 0;
    PX_ASSERT(limits->depth_max > 0 && limits->depth_max <= PX_MESSAGE_DEPTH_MAX);
    if (bytes.size > limits->bytes_max)
        return px_codec_fail(error, PX_REASON_TOO_LARGE, NULL, arena);
    if (bytes.size == 0)
        return true;
    enter(&s, type, s.at + bytes.size);
    while (s.depth > 0) {
        level *top = &s.levels[s.depth - 1];
        if (s.at == top->end)
            s.depth--;
        else if (!scan_field(&s, top))
            return false;
    }
    return true;
}

/* Steps over a varint of at most `size_max` bytes. */
static bool read_varint(scan *s, const uint8_t *end, unsigned size_max, uint64_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < size_max && s->at < end; i++) {
        uint8_t byte = *s->at++;
        *value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80)
            return i < VARINT_BYTES_MAX - 1 || byte <= 1; /* the tenth byte holds one bit */
    }
    return false;
}

static bool read_length(scan *s, const uint8_t *end, size_t *length)
{
    uint64_t value;

    if (!read_varint(s, end, LENGTH_BYTES_MAX, &value) || value > (size_t)(end - s->at))
        return false;
    *length = (size_t)value;
    return true;
}

static bool skip(scan *s, const uint8_t *end, size_t size)
{
    if (size > (size_t)(end - s->at))
        return false;
    s->at += size;
    return true;
}

static bool fail(scan *s, px_reason reason, const px_path *path)
{
    return px_codec_fail(s->error, reason, path, s->arena);
}

/* The way to the message on top; NULL for the outermost. */
static const px_path *path_of(const scan *s)
{
    return s->depth > 1 ? &s->levels[s->depth - 1].path : NULL;
}

static bool scan_unknown(scan *s, const level *top, uint32_t number, unsigned wire_type)
{
    char name[16];
    uint64_t varint;
    size_t length;
    bool ok;

    snprintf(name, sizeof(name), "%u", number);
    px_path path = { .parent = path_of(s), .name = name };
    if (!s->limits->unknown_fields)
        return fail(s, PX_REASON_UNKNOWN_FIELD, &path);
    switch (wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        ok = read_varint(s, top->end, VARINT_BYTES_MAX, &varint);
        break;
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        ok = skip(s, top->end, 8);
        break;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        ok = read_length(s, top->end, &length) && skip(s, top->end, length);
        break;
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        ok = skip(s, top->end, 4);
        break;
    default:
        ok = false; /* groups, and types that do not exist */
    }
    return ok || fail(s, PX_REASON_MALFORMED, &path);
}

static unsigned wire_type_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return PROTOBUF_C_WIRE_TYPE_64BIT;
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    default:
        return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
}

/* A number that does not fit its type would be cut silently. */
static bool varint_fits(ProtobufCType type, uint64_t value)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_ENUM: /* a negative one is sign-extended to 64 bits */
        return value <= INT32_MAX || value >= (uint64_t)INT32_MIN;
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_UINT32:
        return value <= UINT32_MAX;
    case PROTOBUF_C_TYPE_BOOL:
        return value <= 1;
    default:
        return true;
    }
}

static bool scan_varint(scan *s, const uint8_t *end, ProtobufCType type, const px_path *path)
{
    uint64_t value;

    if (!read_varint(s, end, VARINT_BYTES_MAX, &value))
        return fail(s, PX_REASON_MALFORMED, path);
    return varint_fits(type, value) || fail(s, PX_REASON_FIELD_INVALID, path);
}

/* Members of one oneof share their count: a second one would replace the first. */
static unsigned *seen_of(level *top, const ProtobufCFieldDescriptor *field)
{
    const ProtobufCFieldDescriptor *fields = top->type->fields;
    size_t i = (size_t)(field - fields);

    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        for (i = 0; !(fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
                    fields[i].quantifier_offset != field->quantifier_offset;
             i++)
            ;
    return &top->seen[i];
}

/*
 * One more value of a field. No serializer writes a field twice that is not a list, and merging is
 * how a message grows behind a check: refused.
 */
static bool count_value(scan *s, level *top, const ProtobufCFieldDescriptor *field, px_path *path)
{
    unsigned *seen = seen_of(top, field);

    if (!px_field_repeated(field))
        return (*seen)++ == 0 || fail(s, PX_REASON_MALFORMED, path);
    path->index = ++*seen;
    return *seen <= s->limits->items_max || fail(s, PX_REASON_TOO_MANY_ITEMS, path);
}

/* A list of numbers in one field. Its tag has been counted; each number counts like a field of its
 * own. */
static bool scan_packed(scan *s, level *top, const ProtobufCFieldDescriptor *field, px_path *path)
{
    static const size_t sizes[] = {
        [PROTOBUF_C_WIRE_TYPE_64BIT] = 8, [PROTOBUF_C_WIRE_TYPE_32BIT] = 4
    };
    unsigned wire_type = wire_type_of(field->type);
    size_t length;

    if (!read_length(s, top->end, &length))
        return fail(s, PX_REASON_MALFORMED, path);
    for (const uint8_t *end = s->at + length; s->at < end;) {
        if (!count_value(s, top, field, path))
            return false;
        if (++s->fields > s->limits->fields_max)
            return fail(s, PX_REASON_TOO_MANY_ITEMS, path);
        if (wire_type == PROTOBUF_C_WIRE_TYPE_VARINT) {
            if (!scan_varint(s, end, field->type, path))
                return false;
        } else if (!skip(s, end, sizes[wire_type])) {
            return fail(s, PX_REASON_MALFORMED, path);
        }
    }
    return true;
}

static bool scan_prefixed(scan *s, const level *top, const ProtobufCFieldDescriptor *field,
                          const px_path *path)
{
    size_t length;

    if (!read_length(s, top->end, &length))
        return fail(s, PX_REASON_MALFORMED, path);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        if (s->depth == s->limits->depth_max)
            return fail(s, PX_REASON_TOO_DEEP, path);
        s->levels[s->depth].path = *path;
        enter(s, field->descriptor, s->at + length);
        return true;
    }
    if (field->type == PROTOBUF_C_TYPE_STRING && !px_text_valid(s->at, length, true))
        return fail(s, PX_REASON_BAD_UTF8, path);
    s->at += length;
    return true;
}

static bool scan_value(scan *s, level *top, const ProtobufCFieldDescriptor *field, px_path *path)
{
    switch (wire_type_of(field->type)) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return scan_varint(s, top->end, field->type, path);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return skip(s, top->end, 8) || fail(s, PX_REASON_MALFORMED, path);
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return skip(s, top->end, 4) || fail(s, PX_REASON_MALFORMED, path);
    default:
        return scan_prefixed(s, top, field, path);
    }
}

static bool scan_field(scan *s, level *top)
{
    uint64_t tag;

    if (!read_varint(s, top->end, TAG_BYTES_MAX, &tag) || tag > UINT32_MAX ||
        tag >> FIELD_NUMBER_SHIFT == 0)
        return fail(s, PX_REASON_MALFORMED, path_of(s));
    if (++s->fields > s->limits->fields_max)
        return fail(s, PX_REASON_TOO_MANY_ITEMS, path_of(s));

    uint32_t number = (uint32_t)tag >> FIELD_NUMBER_SHIFT;
    unsigned wire_type = tag & 7;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(top->type, number);
    if (!field)
        return scan_unknown(s, top, number, wire_type);

    px_path path = px_path_to(path_of(s), field);
    unsigned expected = wire_type_of(field->type);
    if (wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED && expected != wire_type &&
        px_field_repeated(field))
        return scan_packed(s, top, field, &path);
    if (wire_type != expected)
        return fail(s, PX_REASON_MALFORMED, &path);
    return count_value(s, top, field, &path) && scan_value(s, top, field, &path);
}

/* ---- text ---- */

/* Length of the UTF-8 sequence at `at` (RFC 3629), 0 when it is not one or a control character. */
static size_t sequence(const uint8_t *at, size_t size)
{
    uint8_t first = at[0];
    size_t length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    /* The second byte's bounds leave out overlong forms, surrogates and what is above U+10FFFF; */
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

    if (first == 0xc2)
        low = 0xa0; /* and U+0080..U+009F, which are controls */
    if (length == 0 || length > size || at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

bool px_text_valid(const void *text, size_t size, bool breaks)
{
    const uint8_t *at = text;

    for (size_t i = 0; i < size;) {
        if (at[i] >= 0x80) {
            size_t length = sequence(at + i, size - i);
            if (length == 0)
                return false;
            i += length;
        } else {
            if ((at[i] < 0x20 && !(breaks && (at[i] == '\t' || at[i] == '\n'))) || at[i] == 0x7f)
                return false;
            i++;
        }
    }
    return true;
}
