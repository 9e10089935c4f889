/* fuzz_json.c: JSON that is accepted is a message the scan accepts, and both forms are the same
 * bytes. */
#include <string.h>

#include "common/codec.h"
#include "common/codec_impl.h"
#include "tests/fuzz/fuzz_codec.h"

static px_arena arena;

static void assert_same_bytes(px_bytes a, px_bytes b)
{
    PX_ASSERT(a.size == b.size && memcmp(a.data, b.data, a.size) == 0);
}

static void assert_path_is_clean(const px_codec_error *error)
{
    PX_ASSERT(error->reason != PX_REASON_NONE && error->field);
    PX_ASSERT(px_text_valid(error->field, strlen(error->field), false));
}

/* JSON of our own may be longer than what we accept from others. */
static void assert_reads_back(const ProtobufCMessage *message, px_bytes packed)
{
    px_scan_limits wide = px_batch_limits;
    px_codec_error error;

    wide.bytes_max = FUZZ_ARENA_BYTES;
    for (int pretty = 0; pretty < 2; pretty++) {
        const char *text = px_codec_to_json(message, pretty, &arena);
        PX_ASSERT(text);
        ProtobufCMessage *again =
            px_codec_from_json(message->descriptor, text_bytes(text), &wide, &arena, &error);
        PX_ASSERT(again);
        assert_same_bytes(px_codec_pack(again, &arena), packed);
    }
}

static void try_text(const ProtobufCMessageDescriptor *type, px_bytes text,
                     const px_scan_limits *limits)
{
    px_codec_error error;
    ProtobufCMessage *message = px_codec_from_json(type, text, limits, &arena, &error);

    if (!message) {
        assert_path_is_clean(&error);
        return;
    }
    px_bytes packed = px_codec_pack(message, &arena);
    PX_ASSERT(packed.data);
    PX_ASSERT(px_codec_scan(type, packed, limits, &arena, &error));
    ProtobufCMessage *unpacked = px_codec_unpack(type, packed, &arena);
    PX_ASSERT(unpacked);
    assert_same_bytes(px_codec_pack(unpacked, &arena), packed);
    assert_reads_back(message, packed);
    assert_reads_back(unpacked, packed);
    if (!px_codec_check(message, &arena, &error))
        assert_path_is_clean(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!arena.base)
        PX_ASSERT(px_arena_init(&arena, FUZZ_ARENA_BYTES));
    if (size == 0)
        return 0;
    px_arena_reset(&arena);
    try_text(fuzz_type(data[0]), (px_bytes){ data + 1, size - 1 }, fuzz_limits(data[0]));
    return 0;
}
