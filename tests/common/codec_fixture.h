/* codec_fixture.h: messages and bytes for the tests of the codec. */
#ifndef PRAXIS_TESTS_COMMON_CODEC_FIXTURE_H
#define PRAXIS_TESTS_COMMON_CODEC_FIXTURE_H

#include <protobuf-c/protobuf-c.h>

#include "common/arena.h"
#include "common/codec.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"

/** A message with a field of every kind, recursive, as the contract is not. Written as protoc-c
 * would. */
typedef struct every {
    ProtobufCMessage base;
    protobuf_c_boolean a_bool;
    ProtobufCBinaryData b_bytes;
    double c_double;
    int d_enum; /* EVERY_NONE, EVERY_ONE, EVERY_MINUS */
    uint32_t e_fixed32;
    uint64_t f_fixed64;
    float g_float;
    int32_t h_int32;
    int64_t i_int64;
    struct every *j_message;
    int32_t k_sfixed32;
    int64_t l_sfixed64;
    int32_t m_sint32;
    int64_t n_sint64;
    char *o_string;
    uint32_t p_uint32;
    uint64_t q_uint64;
    size_t n_r_numbers; /* packed */
    uint32_t *r_numbers;
    size_t n_s_doubles; /* packed */
    double *s_doubles;
    size_t n_t_messages;
    struct every **t_messages;
    size_t n_u_fixed; /* not packed */
    uint32_t *u_fixed;
    unsigned choice_case; /* of v_one and w_other */
    union {
        double v_one;
        char *w_other;
    };
} every;

enum { EVERY_NONE = 0, EVERY_ONE = 1, EVERY_MINUS = -1 };

extern const ProtobufCMessageDescriptor every_descriptor;

every *every_new(px_arena *arena);

/** A complete SubmitReview with two ratings and a comment: about 150 bytes. */
ReviewCycle__Submission *review_submission(px_arena *arena);

/** Bytes being written by hand; as many as a test needs. */
typedef struct {
    uint8_t data[128 * 1024];
    size_t size;
} wire;

void wire_byte(wire *w, unsigned byte);
void wire_varint(wire *w, uint64_t value);
void wire_tag(wire *w, uint32_t field, unsigned wire_type);
/** A length-prefixed field. */
void wire_field(wire *w, uint32_t field, const void *bytes, size_t size);
px_bytes wire_bytes(const wire *w);

px_bytes text_bytes(const char *text);

#endif
