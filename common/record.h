/* record.h: state records as bytes: one walk over a record's fields serves both directions, so
 * writing and reading cannot disagree.
 *
 * A record has a function that names its fields in order:
 *
 *     static void walk_unit(px_record *r, unit *u)
 *     {
 *         px_record_text(r, u->parent_id, sizeof u->parent_id);
 *         px_record_u32(r, &u->people);
 *     }
 *
 * It is called with a writer before px_put(), and after px_get() with a reader and a zeroed record.
 * Numbers are little endian, texts carry their length. Equal records give equal bytes.
 */
#ifndef PRAXIS_COMMON_RECORD_H
#define PRAXIS_COMMON_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/store.h"

/** A walk over one record; on the stack. Too small a buffer, or a wrong shape, is our bug. */
typedef struct {
    unsigned char *out;      /* NULL when reading */
    const unsigned char *in; /* NULL when writing */
    size_t size;
    size_t at;
} px_record;

px_record px_record_writer(void *bytes, size_t size);
px_record px_record_reader(px_bytes bytes);
/** What was written. After reading: asserts that nothing is left over. */
px_bytes px_record_end(const px_record *r);

void px_record_bool(px_record *r, bool *value);
void px_record_u8(px_record *r, uint8_t *value);
void px_record_u32(px_record *r, uint32_t *value);
void px_record_i32(px_record *r, int32_t *value);
void px_record_u64(px_record *r, uint64_t *value);
void px_record_i64(px_record *r, int64_t *value);
void px_record_f64(px_record *r, double *value); /* bit for bit */
void px_record_bytes(px_record *r, void *bytes, size_t size);
/** A NUL-terminated text in a buffer of `capacity` bytes (at most 65536). */
void px_record_text(px_record *r, char *text, size_t capacity);

/** Copies an id or label from a message into a record's buffer; its constraints say it fits. */
void px_record_set_text(char *out, size_t capacity, const char *text);

#endif
