/* codec.h: bytes from outside to messages and back: wire pre-scan, protobuf-c, JSON, constraints.
 *
 * The only module that packs or unpacks. Everything from outside goes scan -> unpack -> constraints
 * (or JSON -> constraints); messages live in the caller's arena and nothing is freed one by one.
 */
#ifndef PRAXIS_COMMON_CODEC_H
#define PRAXIS_COMMON_CODEC_H

#include <protobuf-c/protobuf-c.h>

#include "common/arena.h"
#include "common/reason.h"
#include "common/store.h" /* px_bytes */

enum {
    PX_SUBMISSION_BYTES_MAX = 64 * 1024, /* per submission, either encoding */
    PX_BATCH_BYTES_MAX = 256 * 1024,
    PX_MESSAGE_DEPTH_MAX = 8,
    PX_MESSAGE_FIELDS_MAX = 1024, /* fields in all, per submission */
    PX_LIST_ITEMS_MAX = 256       /* items of one repeated field */
};

/**
 * Why a message from outside was refused. `field` is a path from the body, such as
 * "ratings[2].value", or a field of the envelope, "created_at"; in the arena or static, "" when
 * none.
 */
typedef struct {
    px_reason reason;
    const char *field;
} px_codec_error;

/** What a scan allows. */
typedef struct {
    size_t bytes_max;
    unsigned depth_max;  /* 1..PX_MESSAGE_DEPTH_MAX */
    unsigned fields_max; /* in the whole message; each number of a packed list is one */
    unsigned items_max;  /* of each repeated field */
    bool unknown_fields; /* pass; true only where we read newer writers' facts */
} px_scan_limits;

extern const px_scan_limits px_submission_limits;
extern const px_scan_limits px_batch_limits; /* whatever fits into 256 KiB; unknown fields pass */

/**
 * Walks the wire bytes beside the descriptor without recursion or allocation before protobuf-c sees
 * them: length, depth, number of fields and items, wire types, packed lengths, UTF-8 without NUL or
 * control characters (tab and newline pass) in strings, unknown fields, numbers too large for their
 * type. A field that is not a list may come once, and one member of a oneof.
 * @return true when safe to unpack; else *error says which reason and field
 */
bool px_codec_scan(const ProtobufCMessageDescriptor *type, px_bytes bytes,
                   const px_scan_limits *limits, px_arena *arena, px_codec_error *error);

/** Unpacks scanned bytes into the arena. NULL when malformed or the arena is full. */
ProtobufCMessage *px_codec_unpack(const ProtobufCMessageDescriptor *type, px_bytes bytes,
                                  px_arena *arena);
/** A zeroed, initialised message in the arena; NULL on overflow. */
ProtobufCMessage *px_codec_new(const ProtobufCMessageDescriptor *type, px_arena *arena);
/** Packs into the arena, deterministically (fields in number order). data NULL on overflow. */
px_bytes px_codec_pack(const ProtobufCMessage *message, px_arena *arena);
size_t px_codec_packed_size(const ProtobufCMessage *message);

/**
 * Reads the protobuf JSON mapping: lowerCamelCase or original names, enums by name or number,
 * 64-bit numbers as strings or numbers, bytes as base64, Timestamp as RFC 3339. Same limits as a
 * scan; an unknown field, a duplicate key or a wrong type is an error with its path.
 * @return the message, or NULL and *error; TOO_LARGE also when the arena is full
 */
ProtobufCMessage *px_codec_from_json(const ProtobufCMessageDescriptor *type, px_bytes text,
                                     const px_scan_limits *limits, px_arena *arena,
                                     px_codec_error *error);
/**
 * Writes the same mapping (lowerCamelCase; fields at their default are left out), NUL-terminated,
 * in the arena. `pretty` indents by two. A Timestamp out of range comes out as the nearest one in
 * range. NULL on overflow.
 */
char *px_codec_to_json(const ProtobufCMessage *message, bool pretty, px_arena *arena);

/**
 * Checks every field against the constraints in the .proto comments (generated table): required,
 * len, range, items, charset, known enum value, timestamps in range, internal fields empty.
 * @return true when all hold; else FIELD_MISSING or FIELD_INVALID and the path of the first field
 * that does not
 */
bool px_codec_check(const ProtobufCMessage *message, px_arena *arena, px_codec_error *error);

/** How many bytes at the start of a text are of the set that ids are made of: [A-Za-z0-9_-]. */
size_t px_id_span(const char *text);

/** A text to seal: where it stands, and under whose key (constraint `seal <sibling>`). */
typedef struct {
    ProtobufCMessage *text; /* praxis.common.v1.PersonalText inside the message; never NULL */
    const char *person_id;
} px_codec_text;

/** Lists the present PersonalTexts with their persons, at most `max`. @return how many there are.
 */
size_t px_codec_texts(ProtobufCMessage *message, px_codec_text *texts, size_t max);

/** The member of oneof `name` that is set: its case number (0 = none) and message. */
unsigned px_codec_oneof(const ProtobufCMessage *message, const char *name,
                        const ProtobufCMessage **body);
/** Sets a message member of a oneof by case number to a fresh message and returns that. */
ProtobufCMessage *px_codec_set_oneof(ProtobufCMessage *message, unsigned number, px_arena *arena);
/** The type of "praxis.review_cycle.v1.Submission" and the like; NULL when unknown. */
const ProtobufCMessageDescriptor *px_codec_find(const char *full_name);
/** The types in the order of their full names: the one behind `type`, the first one behind NULL. */
const ProtobufCMessageDescriptor *px_codec_next(const ProtobufCMessageDescriptor *type);
/** "RecordPerson" of praxis.x.v1.RecordPerson. */
const char *px_codec_short_name(const ProtobufCMessageDescriptor *type);

/* google.protobuf.Timestamp (opaque here) to microseconds since 1970 and back; NULL counts as 0. */
int64_t px_codec_time_us(const void *timestamp);
void *px_codec_timestamp(int64_t time_us, px_arena *arena);
/** RFC 3339 in UTC with microseconds as needed, in the arena. */
const char *px_codec_rfc3339(int64_t time_us, px_arena *arena);

#endif
