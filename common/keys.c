#include "common/keys.h"

#include <string.h>

#include "common/record.h"

px_keybuf px_key_begin(uint8_t table)
{
    px_keybuf key;

    key.size = 0;
    px_key_u8(&key, table);
    return key;
}

void px_key_raw(px_keybuf *key, px_bytes bytes)
{
    PX_ASSERT(bytes.size <= sizeof key->bytes - key->size);
    if (bytes.size > 0)
        memcpy(key->bytes + key->size, bytes.data, bytes.size);
    key->size += bytes.size;
}

void px_key_text(px_keybuf *key, const char *text)
{
    px_key_raw(key, (px_bytes){ text, strlen(text) + 1 });
}

void px_key_u64(px_keybuf *key, uint64_t value)
{
    uint8_t bytes[8];

    px_put_be64(bytes, value);
    px_key_raw(key, (px_bytes){ bytes, sizeof bytes });
}

void px_key_u8(px_keybuf *key, uint8_t value)
{
    px_key_raw(key, (px_bytes){ &value, 1 });
}

px_bytes px_key_bytes(const px_keybuf *key)
{
    return (px_bytes){ key->bytes, key->size };
}

px_keyread px_keyread_begin(px_bytes key)
{
    PX_ASSERT(key.size > 0);
    return (px_keyread){ key, 1 };
}

const char *px_keyread_text(px_keyread *read)
{
    const char *text = (const char *)read->key.data + read->at;
    const char *end = memchr(text, 0, read->key.size - read->at);

    PX_ASSERT(end != NULL);
    read->at += (size_t)(end - text) + 1;
    return text;
}

uint64_t px_keyread_u64(px_keyread *read)
{
    uint8_t bytes[8];

    PX_ASSERT(read->key.size - read->at >= sizeof bytes);
    memcpy(bytes, (const uint8_t *)read->key.data + read->at, sizeof bytes);
    read->at += sizeof bytes;
    return px_get_be64(bytes);
}

uint8_t px_keyread_u8(px_keyread *read)
{
    PX_ASSERT(read->at < read->key.size);
    return ((const uint8_t *)read->key.data)[read->at++];
}

px_bytes px_keyread_rest(px_keyread *read)
{
    px_bytes rest = { (const uint8_t *)read->key.data + read->at, read->key.size - read->at };

    read->at = read->key.size;
    return rest;
}

bool px_key_next(const px_view *state, const px_keybuf *prefix, char *text, size_t capacity)
{
    px_keybuf from = *prefix;
    px_bytes key, value;
    px_scan scan;

    if (text[0])
        px_key_text(&from, text);
    else
        px_key_u8(&from, 0);
    from.bytes[from.size - 1] = 1; /* in place of the NUL: after every key that goes on */
    px_scan_begin_at(&scan, state, PX_STATE, px_key_bytes(prefix), px_key_bytes(&from));
    bool found = px_scan_next(&scan, &key, &value);
    if (found) {
        px_keyread rest = { key, prefix->size };

        px_record_set_text(text, capacity, px_keyread_text(&rest));
    }
    px_scan_end(&scan);
    return found;
}
