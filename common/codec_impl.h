/* codec_impl.h: what the parts of the codec share; nobody else includes it but their tests. */
#ifndef PRAXIS_COMMON_CODEC_IMPL_H
#define PRAXIS_COMMON_CODEC_IMPL_H

#include "common/codec.h"

enum { PX_TYPE_FIELDS_MAX = 64 }; /* fields of one message type; a test walks the contract */

/* ---- constraints.c, generated from the comments of the contract by constraints.awk ---- */

typedef enum { PX_CHARSET_ANY, PX_CHARSET_ID, PX_CHARSET_LABEL, PX_CHARSET_TEXT } px_charset;

enum {
    PX_RULE_REQUIRED = 1 << 0, /* not empty, zero, UNSPECIFIED or absent */
    PX_RULE_INTERNAL = 1 << 1, /* empty in everything that comes from outside */
    PX_RULE_LEN = 1 << 2,      /* bytes of a string or of bytes, of each item when repeated */
    PX_RULE_RANGE = 1 << 3,    /* of a number */
    PX_RULE_ITEMS = 1 << 4     /* of a list */
};

/** What the contract says about one field beyond its type. */
typedef struct {
    uint32_t field; /* number */
    unsigned flags; /* PX_RULE_... */
    size_t len_min;
    size_t len_max;
    double range_min;
    double range_max;
    size_t items_min;
    size_t items_max;
    px_charset charset;
    uint32_t seal; /* number of the field with the person a PersonalText is about; 0 = no text */
} px_rule;

typedef struct {
    const char *name;
    uint32_t member; /* number of its first field */
} px_oneof;

/** A message type, with what protobuf-c's descriptor does not know about it. */
typedef struct {
    const char *name; /* with its package */
    const ProtobufCMessageDescriptor *type;
    const px_rule *rules;
    size_t rule_count;
    const px_oneof *oneofs;
    size_t oneof_count;
} px_contract;

extern const px_contract
    px_contracts[]; /* every message of the contract, by name as strcmp sorts */
extern const size_t px_contract_count;

/** The row of a type; NULL for types of others (Timestamp). */
const px_contract *px_contract_of(const ProtobufCMessageDescriptor *type);
const px_contract *px_contract_find(const char *full_name);

/* ---- paths and errors ---- */

/** One step on the way from a message to a field; the steps of a way live on the walker's stack. */
typedef struct px_path {
    const struct px_path *parent; /* NULL at a field of the outermost message */
    const char *name;             /* field, as in the .proto */
    size_t index;                 /* of the list item + 1; 0 outside lists */
    bool body; /* member of the outermost message's oneof: left out before others */
} px_path;

/** The step to `field` of a message that was reached by `parent` (NULL: the outermost). */
px_path px_path_to(const px_path *parent, const ProtobufCFieldDescriptor *field);
/** "ratings[2].value"; "" when the arena is full. */
const char *px_path_text(const px_path *leaf, px_arena *arena);
/** Fills *error; `leaf` may be NULL. Always false, so that a check may return it. */
bool px_codec_fail(px_codec_error *error, px_reason reason, const px_path *leaf, px_arena *arena);

/* ---- values of a message, by descriptor ---- */

bool px_field_repeated(const ProtobufCFieldDescriptor *field);
/** Bytes one value takes in the C structure. */
size_t px_field_size(const ProtobufCFieldDescriptor *field);
/** How many values there are: items of a list; 1 or 0 for a message or a oneof member; else 1. */
size_t px_field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);
/**
 * Value number i: points to a char * (may be NULL), a ProtobufCBinaryData, a ProtobufCMessage *,
 * or to the number, enum or boolean itself.
 */
const void *px_field_value(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                           size_t i);
/** True for what proto3 does not write: "", empty bytes, 0, false, no message. */
bool px_value_is_default(const ProtobufCFieldDescriptor *field, const void *value);

bool px_type_is_timestamp(const ProtobufCMessageDescriptor *type);
bool px_type_is_text(const ProtobufCMessageDescriptor *type); /* praxis.common.v1.PersonalText */

/** Valid UTF-8 without control characters (Unicode Cc); `breaks` lets tab and newline pass. */
bool px_text_valid(const void *text, size_t size, bool breaks);

/* ---- JSON ---- */

/** The field a JSON key names: "competencyId" or "competency_id"; NULL when there is none. */
const ProtobufCFieldDescriptor *px_json_field(const ProtobufCMessageDescriptor *type,
                                              const char *key);

enum { PX_JSON_NESTS_MAX = 2 * PX_MESSAGE_DEPTH_MAX }; /* a list and an object per message */

/** A list or an object that is open at some byte of a JSON text. */
typedef struct {
    const char
        *key; /* the member being read, quotes left out; NULL in a list or before the first */
    size_t key_size;
    size_t index; /* of the item being read */
    bool list;
} px_json_nest;

/** How a JSON text looks from afar: found without parsing it, in constant memory. */
typedef struct {
    px_json_nest nests[PX_JSON_NESTS_MAX];
    unsigned depth;
    size_t values; /* commas and opening brackets */
    bool too_deep; /* the walk ended at a bracket too many */
} px_json_outline;

/** Walks `size` bytes. Makes no claim about the syntax: it is the guard before the parser. */
void px_json_outline_walk(px_json_outline *outline, const char *text, size_t size);
/** Fails with the path of the place where the walk ended. */
bool px_json_outline_fail(const px_json_outline *outline, const ProtobufCMessageDescriptor *type,
                          px_reason reason, px_arena *arena, px_codec_error *error);

/* ---- time ---- */

bool px_time_in_range(const void *timestamp); /* years 1 to 9999, nanoseconds below one second */
/** Strict RFC 3339, up to nine digits of fraction, Z or an offset. @return false when it is not one
 */
bool px_time_parse(const char *text, size_t size, int64_t *seconds, int32_t *nanos);
enum { PX_RFC3339_SIZE = 40 };
/** Into `out`, with 0, 3, 6 or 9 digits; a time out of range comes out as the nearest in range. */
void px_time_print(char out[PX_RFC3339_SIZE], int64_t seconds, int32_t nanos);

#endif
