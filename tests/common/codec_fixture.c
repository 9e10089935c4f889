#include "tests/common/codec_fixture.h"

#include <string.h>

#include "common/status.h"

extern const char protobuf_c_empty_string[];

static const ProtobufCEnumValue kinds[] = {
    { "EVERY_MINUS", "EVERY_MINUS", EVERY_MINUS },
    { "EVERY_NONE", "EVERY_NONE", EVERY_NONE },
    { "EVERY_ONE", "EVERY_ONE", EVERY_ONE },
};
static const ProtobufCIntRange kind_ranges[] = { { EVERY_MINUS, 0 }, { 0, PX_COUNT(kinds) } };
static const ProtobufCEnumValueIndex kinds_by_name[] = {
    { "EVERY_MINUS", 0 },
    { "EVERY_NONE", 1 },
    { "EVERY_ONE", 2 },
};
static const ProtobufCEnumDescriptor kind_descriptor = {
    .magic = PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC,
    .name = "every.Kind",
    .n_values = PX_COUNT(kinds),
    .values = kinds,
    .n_value_names = PX_COUNT(kinds),
    .values_by_name = kinds_by_name,
    .n_value_ranges = 1,
    .value_ranges = kind_ranges,
};

#define ONE(number, member, kind, of)                                                              \
    {                                                                                              \
        .name = #member, .id = number, .label = PROTOBUF_C_LABEL_NONE,                             \
        .type = PROTOBUF_C_TYPE_##kind, .offset = offsetof(every, member), .descriptor = of        \
    }
#define LIST(number, member, kind, of, flag)                                                       \
    {                                                                                              \
        .name = #member, .id = number, .label = PROTOBUF_C_LABEL_REPEATED,                         \
        .type = PROTOBUF_C_TYPE_##kind, .quantifier_offset = offsetof(every, n_##member),          \
        .offset = offsetof(every, member), .descriptor = of, .flags = flag                         \
    }
#define CHOICE(number, member, kind)                                                               \
    {                                                                                              \
        .name = #member, .id = number, .label = PROTOBUF_C_LABEL_NONE,                             \
        .type = PROTOBUF_C_TYPE_##kind, .quantifier_offset = offsetof(every, choice_case),         \
        .offset = offsetof(every, member), .flags = PROTOBUF_C_FIELD_FLAG_ONEOF                    \
    }

static const ProtobufCFieldDescriptor fields[] = {
    ONE(1, a_bool, BOOL, NULL),
    ONE(2, b_bytes, BYTES, NULL),
    ONE(3, c_double, DOUBLE, NULL),
    ONE(4, d_enum, ENUM, &kind_descriptor),
    ONE(5, e_fixed32, FIXED32, NULL),
    ONE(6, f_fixed64, FIXED64, NULL),
    ONE(7, g_float, FLOAT, NULL),
    ONE(8, h_int32, INT32, NULL),
    ONE(9, i_int64, INT64, NULL),
    ONE(10, j_message, MESSAGE, &every_descriptor),
    ONE(11, k_sfixed32, SFIXED32, NULL),
    ONE(12, l_sfixed64, SFIXED64, NULL),
    ONE(13, m_sint32, SINT32, NULL),
    ONE(14, n_sint64, SINT64, NULL),
    ONE(15, o_string, STRING, NULL),
    ONE(16, p_uint32, UINT32, NULL),
    ONE(17, q_uint64, UINT64, NULL),
    LIST(18, r_numbers, UINT32, NULL, PROTOBUF_C_FIELD_FLAG_PACKED),
    LIST(19, s_doubles, DOUBLE, NULL, PROTOBUF_C_FIELD_FLAG_PACKED),
    LIST(20, t_messages, MESSAGE, &every_descriptor, 0),
    LIST(21, u_fixed, FIXED32, NULL, 0),
    CHOICE(22, v_one, DOUBLE),
    CHOICE(23, w_other, STRING),
};
/* The names ascend with the numbers. */
static const unsigned by_name[] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                    12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22 };
static const ProtobufCIntRange number_ranges[] = { { 1, 0 }, { 0, PX_COUNT(fields) } };

static void every_init(ProtobufCMessage *message)
{
    *(every *)message = (every){ .base = PROTOBUF_C_MESSAGE_INIT(&every_descriptor),
                                 .o_string = (char *)(uintptr_t)protobuf_c_empty_string };
}

const ProtobufCMessageDescriptor every_descriptor = {
    .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
    .name = "every.Every",
    .short_name = "Every",
    .c_name = "Every",
    .package_name = "every",
    .sizeof_message = sizeof(every),
    .n_fields = PX_COUNT(fields),
    .fields = fields,
    .fields_sorted_by_name = by_name,
    .n_field_ranges = 1,
    .field_ranges = number_ranges,
    .message_init = every_init,
};

every *every_new(px_arena *arena)
{
    return (every *)px_codec_new(&every_descriptor, arena);
}

static ReviewCycle__CompetencyRating *rating(const char *competency, int value, px_arena *arena)
{
    ReviewCycle__CompetencyRating *r = (ReviewCycle__CompetencyRating *)px_codec_new(
        &review_cycle__competency_rating__descriptor, arena);

    r->competency_id = px_arena_strdup(arena, competency);
    r->value = value;
    return r;
}

ReviewCycle__Submission *review_submission(px_arena *arena)
{
    static const int64_t JUNE_2025_US = 1750000000123456;
    ReviewCycle__Submission *sub =
        (ReviewCycle__Submission *)px_codec_new(&review_cycle__submission__descriptor, arena);
    ReviewCycle__SubmitReview *review = (ReviewCycle__SubmitReview *)px_codec_set_oneof(
        &sub->base, REVIEW_CYCLE__SUBMISSION__BODY_SUBMIT_REVIEW, arena);

    sub->submission_id = px_arena_strdup(arena, "submission-1");
    sub->created_at = px_codec_timestamp(JUNE_2025_US, arena);
    sub->occurred_at = px_codec_timestamp(JUNE_2025_US, arena);
    sub->actor = px_arena_strdup(arena, "mia");
    review->review_id = px_arena_strdup(arena, "review-1");
    review->cycle_id = px_arena_strdup(arena, "cycle-2025-h1");
    review->subject_id = px_arena_strdup(arena, "ann");
    review->relation = REVIEW_CYCLE__RELATION__RELATION_MANAGER;
    review->n_ratings = 2;
    review->ratings = px_arena_alloc(arena, 2 * sizeof(review->ratings[0]));
    review->ratings[0] = rating("planning", 4, arena);
    review->ratings[1] = rating("writing", -2, arena);
    review->comment =
        (Praxis__PersonalText *)px_codec_new(&praxis__personal_text__descriptor, arena);
    review->comment->plain = px_arena_strdup(arena, "Plans well.\nWrites r\303\251sum\303\251s.");
    return sub;
}

void wire_byte(wire *w, unsigned byte)
{
    PX_ASSERT(w->size < sizeof(w->data));
    w->data[w->size++] = (uint8_t)byte;
}

void wire_varint(wire *w, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        wire_byte(w, (unsigned)(value & 0x7f) | 0x80);
    wire_byte(w, (unsigned)value);
}

void wire_tag(wire *w, uint32_t field, unsigned wire_type)
{
    wire_varint(w, (uint64_t)field << 3 | wire_type);
}

void wire_field(wire *w, uint32_t field, const void *bytes, size_t size)
{
    wire_tag(w, field, PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
    wire_varint(w, size);
    PX_ASSERT(size <= sizeof(w->data) - w->size);
    if (size > 0)
        memcpy(w->data + w->size, bytes, size);
    w->size += size;
}

px_bytes wire_bytes(const wire *w)
{
    return (px_bytes){ w->data, w->size };
}

px_bytes text_bytes(const char *text)
{
    return (px_bytes){ text, strlen(text) };
}
