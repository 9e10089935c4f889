/* programme.h: submissions that wait to be sent, in the order of their time. */
#ifndef PRAXIS_SERVICES_PRAXIS_PROGRAMME_H
#define PRAXIS_SERVICES_PRAXIS_PROGRAMME_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"

/** One submission, complete. */
typedef struct {
    const char *service; /* "review-cycle" */
    const char *type;    /* "SubmitReview" */
    const char *id;
    ProtobufCMessage *message; /* praxis.<service>.v1.Submission */
    int64_t occurred_at_us;
    size_t order; /* in which it was added: decides between equal times */
} px_programme_item;

/** Everything lives in the arena; its overflow sticks and is seen by px_programme_sort(). */
typedef struct {
    px_arena *arena;
    px_programme_item *items;
    size_t count;
    size_t capacity;
} px_programme;

px_programme px_programme_begin(px_arena *arena);
/**
 * Adds a submission; its created_at is its occurred_at, so that the same one is the same bytes.
 * @param type  case of the service's oneof `body`
 * @return the body, zeroed, for the caller to fill; NULL when the arena is full
 */
void *px_programme_add(px_programme *programme, const char *service, unsigned type, const char *id,
                       const char *actor, int64_t occurred_at_us);
/** Adds a complete submission; everything is borrowed. False when the arena is full. */
bool px_programme_add_message(px_programme *programme, const char *service, const char *type,
                              const char *id, ProtobufCMessage *message, int64_t occurred_at_us);
/** Puts everything in the order of time. @return false when the arena was too small */
bool px_programme_sort(px_programme *programme);

#endif
