/* fuzz_scan.c: what the scan lets pass unpacks within the arena, holds clean text only, and packs
 * again. */
#include <string.h>

#include "common/codec.h"
#include "common/codec_impl.h"
#include "tests/fuzz/fuzz_codec.h"

static px_arena arena;

static void walk(const ProtobufCMessage *message);

static void walk_value(const ProtobufCFieldDescriptor *field, const void *value)
{
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        const char *text = *(const char *const *)value;
        PX_ASSERT(!text || px_text_valid(text, strlen(text), true));
    } else if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        walk(*(ProtobufCMessage *const *)value);
    }
}

static void walk(const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;

    for (unsigned i = 0; i < type->n_fields; i++) {
        size_t count = px_field_count(message, &type->fields[i]);
        for (size_t j = 0; j < count; j++)
            walk_value(&type->fields[i], px_field_value(message, &type->fields[i], j));
    }
}

/* What is done with a message next must hold whatever is in it. */
static void use(ProtobufCMessage *message)
{
    px_codec_error error;
    px_codec_text text;

    walk(message);
    if (!px_codec_check(message, &arena, &error))
        PX_ASSERT(error.reason != PX_REASON_NONE && error.field[0] != '\0');
    px_codec_texts(message, &text, 1);
    PX_ASSERT(px_codec_to_json(message, true, &arena));
}

static void try_bytes(const ProtobufCMessageDescriptor *type, px_bytes bytes,
                      const px_scan_limits *limits)
{
    px_codec_error error = { PX_REASON_NONE, NULL };

    if (!px_codec_scan(type, bytes, limits, &arena, &error)) {
        PX_ASSERT(error.reason != PX_REASON_NONE && error.field);
        return;
    }
    ProtobufCMessage *message = px_codec_unpack(type, bytes, &arena);
    PX_ASSERT(message);
    use(message);
    px_bytes packed = px_codec_pack(message, &arena);
    PX_ASSERT(packed.data);
    PX_ASSERT(px_codec_scan(type, packed, limits, &arena, &error));
    ProtobufCMessage *again = px_codec_unpack(type, packed, &arena);
    PX_ASSERT(again);
    px_bytes repacked = px_codec_pack(again, &arena);
    PX_ASSERT(repacked.size == packed.size && memcmp(repacked.data, packed.data, packed.size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!arena.base)
        PX_ASSERT(px_arena_init(&arena, FUZZ_ARENA_BYTES));
    if (size == 0)
        return 0;
    px_arena_reset(&arena);
    try_bytes(fuzz_type(data[0]), (px_bytes){ data + 1, size - 1 }, fuzz_limits(data[0]));
    return 0;
}
