/* spec_impl.h: what spec.c (given, when) shares with spec_then.c. */
#ifndef PRAXIS_TESTS_SPEC_IMPL_H
#define PRAXIS_TESTS_SPEC_IMPL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "praxis/log/v1/batch.pb-c.h"
#include "tests/services/spec.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, LOG_MAX = 100000, HUNGRY_QUESTIONS_MAX = 50 };

/* One running copy of the daemon. */
typedef struct {
    px_bus *bus;
    px_vault *vault;
    px_fold *fold;
    px_config config;
} copy;

struct spec {
    const px_service *service;
    px_bus_server *server;
    px_bus *bus; /* the tester's own connection */
    copy daemon;
    px_arena arena;
    px_txn *view;
    char directory[64];
    int64_t now_us;
    unsigned submissions;
    unsigned asked;
    bool history; /* of what is given */
    const char *last_id;
    uint64_t log_mark; /* facts after this belong to the last when */
    uint64_t feed_mark;
    uint64_t read_seq; /* then_fact() has looked through the log up to this message, */
    size_t read_fact;  /* and this many facts of the next one */
};

/* What all Submission messages start with. */
typedef struct {
    ProtobufCMessage base;
    char *submission_id;
    Google__Protobuf__Timestamp *created_at;
    Google__Protobuf__Timestamp *occurred_at;
    char *actor;
    uint64_t after_seq;
} envelope;

/** Ends the view of spec_state(), which would hold pages. */
void spec_end_view(spec *s);
uint64_t spec_last_seq(spec *s, const char *stream);
/** A log message unpacked, and the service that wrote it. */
PraxisLog__Batch *spec_batch_at(spec *s, uint64_t seq, const char **service);
/** What the log says of the last submission; fails the test when it has no result. */
const PraxisLog__Entry *spec_last_answer(spec *s);

#endif
