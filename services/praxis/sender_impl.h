/* sender_impl.h: inside sender*.c: what is under way, and how it is told. */
#ifndef PRAXIS_SERVICES_PRAXIS_SENDER_IMPL_H
#define PRAXIS_SERVICES_PRAXIS_SENDER_IMPL_H

#include "common/arena.h"
#include "common/chain.h"
#include "services/praxis/sender.h"

enum { PX_SENDER_BUCKETS = 4096 };

typedef struct parcel parcel;

/* A submission without its result. */
typedef struct item {
    struct item *next; /* in its bucket */
    parcel *parcel;    /* NULL once it has its result */
    char *id;
    uint64_t tag;
    uint8_t digest[PX_DIGEST_SIZE];
} item;

/* A message: one submission or a bundle. Gone when all of them have their results. */
struct parcel {
    parcel *next, *prev; /* in the order of sending */
    char *service;
    char *subject;
    unsigned char *bytes;
    size_t size;
    bool json;
    uint64_t token;
    int64_t due_ms; /* when to send it (again) */
    unsigned tries;
    item *items;
    size_t count;
    size_t open; /* items without a result */
    uint8_t digest[PX_DIGEST_SIZE];
};

/* What waits to be packed together. */
typedef struct {
    char *service;
    ProtobufCBinaryData *bytes;
    item *items;
    size_t count;
    size_t size;
} bundling;

struct px_sender {
    px_sender_options options;
    char filter[256];
    uint64_t epoch; /* of the connection that `reader` belongs to; 0 = none */
    px_reader *reader;
    px_arena arena;
    parcel *first, *last;
    item *buckets[PX_SENDER_BUCKETS];
    size_t in_flight;
    bundling bundle;
    uint64_t tokens;
    int64_t next_due_ms; /* nothing is due before */
    int64_t next_note_ms;
    bool away_said;
    px_sender_counts counts;
};

int64_t px_sender_now_ms(const px_sender *s);
/** Something that may go on for long, said now and then; `format` has one %s. */
void px_sender_say(px_sender *s, const char *format, const char *what)
    __attribute__((format(printf, 2, 0)));

/** The one under way with this service and id; NULL for none, and for "". */
item *px_sender_find(px_sender *s, const char *service, const char *id);
void px_sender_append(px_sender *s, parcel *p);
void px_sender_free_parcel(parcel *p);
/** Gives every submission of the parcel this result; the parcel is gone afterwards. */
void px_sender_settle(px_sender *s, parcel *p, const Praxis__Result *result);
/** The same with an answer of our own: no bus carries a message of this size. */
void px_sender_refuse_too_large(px_sender *s, parcel *p);
/** A message of the feed: its results go to those that wait for them. */
void px_sender_take_results(px_sender *s, const px_bus_msg *msg);

#endif
