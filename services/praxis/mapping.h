/* mapping.h: a mapping file (demo/mappings/README.md has the grammar) turns rows into submissions.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_MAPPING_H
#define PRAXIS_SERVICES_PRAXIS_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "common/arena.h"

typedef struct px_mapping px_mapping;

enum { PX_MAPPING_ERROR_MAX = 1024, PX_MAPPING_ARENA_BYTES = 4 * 1024 * 1024 };

/** True when the file is a mapping, not a table: one JSON object with `service` and `fields`. */
bool px_mapping_is(const char *path);
/**
 * Reads a mapping and all its tables. Anything unknown (key, column, message, field, file) is an
 * error: nothing may be sent.
 * @param table  in place of the mapping's `file`; NULL: its own
 * @return NULL and one line in `error`
 */
px_mapping *px_mapping_load(const char *path, const char *table, char error[PX_MAPPING_ERROR_MAX]);
void px_mapping_free(px_mapping *mapping); /* NULL is fine */

const char *px_mapping_service(const px_mapping *mapping);
const char *px_mapping_type(const px_mapping *mapping);
/** The path of the main table. */
const char *px_mapping_file(const px_mapping *mapping);
size_t px_mapping_rows(const px_mapping *mapping);

typedef enum {
    PX_MAPPED_READY,   /* `message` is complete but for its stamp */
    PX_MAPPED_SKIPPED, /* `where` says so; `text` how */
    PX_MAPPED_REFUSED  /* cannot be sent: code, field, text */
} px_mapped_state;

/** A row, mapped. Texts are static, the mapping's, or in the arena. */
typedef struct {
    px_mapped_state state;
    size_t line;
    const char *key; /* the columns of the id: `skill_id=accessibility` */
    const char *id;  /* of the submission; "" unless READY */
    ProtobufCMessage *message;
    const char *code;
    const char *field;
    const char *text;
} px_mapped;

px_mapped px_mapping_row(const px_mapping *mapping, size_t row, px_arena *arena);

/** What a submission carries beside its row. */
typedef struct {
    unsigned attempt; /* 1; from 2 on the id ends in `-a<attempt>`: a refused row asked again */
    int64_t created_at_us;
    int64_t occurred_at_us; /* unless the mapping gives one; 0: created_at */
    const char *actor;      /* unless the mapping gives one */
    uint64_t after_seq;
    bool history;
} px_stamp;

/** Fills the envelope of a READY row, and its final id. @return false when the arena is full */
bool px_mapping_stamp(px_mapped *mapped, const px_stamp *stamp, px_arena *arena);

/** The opaque id made of a text. NULL when the arena is full. */
char *px_mapping_token(const char *text, px_arena *arena);

#endif
