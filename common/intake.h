/* intake.h: turns an inbox message into submissions: who sent it, what it says, whether it may be
 * decided. */
#ifndef PRAXIS_COMMON_INTAKE_H
#define PRAXIS_COMMON_INTAKE_H

#include "common/bus.h"
#include "common/chain.h"
#include "common/service.h"
#include "common/vault.h"

enum { PX_INTAKE_TEXTS_MAX = 4, PX_BUNDLE_BYTES_MAX = 120 * 1024 };

/** A personal text found in a submission. */
typedef struct {
    ProtobufCMessage *text;
    const char *person_id;
    px_bytes plain;
    uint32_t generation; /* of the person's key; 0 = no such person, the text is dropped */
} px_intake_text;

/** One submission as received. Everything lives in the arena given to px_intake_read(). */
typedef struct {
    const char *tenant; /* from the subject, as is everything the sender cannot choose */
    const char *source;
    bool json;
    uint64_t inbox_seq;
    uint32_t bundle_index;
    const char *id; /* "" when the bytes could not be read */
    const char *actor;
    int64_t created_at_us;
    int64_t occurred_at_us;
    bool history; /* taken over from another system's past */
    uint64_t after_seq;
    unsigned type; /* case of the body */
    ProtobufCMessage *message;
    const ProtobufCMessage *body;
    px_verdict verdict; /* what reading and the constraints say; accepted = may be decided */
    px_intake_text texts[PX_INTAKE_TEXTS_MAX];
    size_t text_count;
    /* Of the bytes when unreadable; else set by px_intake_digest(). */
    uint8_t digest[PX_DIGEST_SIZE];
    uint8_t bare_digest[PX_DIGEST_SIZE]; /* the same with all texts dropped */
    bool text_incomparable; /* a text's key is not the one of the past: none, or that of a later
                               life */
} px_intake;

/**
 * Reads one inbox message: subject, encoding, bundle, wire scan, constraints, CloudEvents headers.
 * @param out  array in the arena, one for each submission; never empty
 * @return how many; 0 when the arena is full
 */
size_t px_intake_read(const px_service *service, const px_bus_msg *message, px_arena *arena,
                      px_intake **out);

/** Whose keys px_intake_digest() will need, as far as this state says; how many. */
size_t px_intake_keys(const px_intake *intake, const px_service *service, const px_view *state,
                      px_vault_name names[PX_INTAKE_TEXTS_MAX]);
/**
 * Sets the content digest: over the canonical submission without after_seq, each text replaced by a
 * MAC under its person's key, which is made when the person is known and has none. Plain texts
 * leave the message here.
 * @return PX_OK; a bus failure: nothing was changed that a second call would mind
 */
px_status px_intake_digest(px_intake *intake, const px_service *service, const px_view *state,
                           px_vault *vault, px_arena *arena);
/** Puts the sealed texts into the message, so that it can be decided. After px_intake_digest(). */
px_status px_intake_seal(px_intake *intake, px_vault *vault, px_arena *arena);

/** An opaque id of the contract: [A-Za-z0-9_-]{1,64}. */
bool px_is_id(const char *text);
/** The tenant and source of a submit subject; false when it is not one of this service. */
bool px_intake_subject(const char *subject, const char *service, px_arena *arena,
                       const char **tenant, const char **type, const char **source);

#endif
