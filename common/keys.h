/* keys.h: builds the keys of state records: a table byte, then parts in an order that keeps what
 * changes together next to each other. The state.c of every service and the engine's own records
 * use it.
 */
#ifndef PRAXIS_COMMON_KEYS_H
#define PRAXIS_COMMON_KEYS_H

#include <stdint.h>

#include "common/store.h"

/** Tables 0..15 belong to the engine, 16..255 to the service. */
enum { PX_FIRST_SERVICE_TABLE = 16 };

/** A key being built; on the stack, by value. Overflow is a bug (ids are bounded before they get
 * here). */
typedef struct {
    unsigned char bytes[PX_KEY_MAX];
    size_t size;
} px_keybuf;

px_keybuf px_key_begin(uint8_t table);
/** An id or other text without NUL; a 0 byte ends it, so that prefixes never run into each other.
 */
void px_key_text(px_keybuf *key, const char *text);
void px_key_u64(px_keybuf *key, uint64_t value); /* big endian: sorts as it counts */
void px_key_u8(px_keybuf *key, uint8_t value);
void px_key_raw(px_keybuf *key, px_bytes bytes);
px_bytes px_key_bytes(const px_keybuf *key);

/**
 * The first text behind the prefix, in a key of PX_STATE, that is greater than `text` ("" to
 * begin), which becomes it: walks the ids under a prefix while the state changes between the steps.
 * @param capacity  of `text`; an id always fits its buffer
 * @return false at the end
 */
bool px_key_next(const px_view *state, const px_keybuf *prefix, char *text, size_t capacity);

/**
 * Reads the parts of a key back, in the same order. A wrong shape is our bug (asserted). Texts
 * point into the key.
 */
typedef struct {
    px_bytes key;
    size_t at;
} px_keyread;

px_keyread px_keyread_begin(px_bytes key); /* skips the table byte */
const char *px_keyread_text(px_keyread *read);
uint64_t px_keyread_u64(px_keyread *read);
uint8_t px_keyread_u8(px_keyread *read);
px_bytes px_keyread_rest(px_keyread *read);

#endif
