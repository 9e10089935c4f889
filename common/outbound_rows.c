/* outbound_rows.c: rows waiting for the feed, as records. */
#include <string.h>

#include "common/outbound_impl.h"
#include "common/tables.h"

bool px_row_after(px_row_at a, px_row_at b)
{
    return a.number > b.number || (a.number == b.number && a.n > b.n);
}

px_keybuf px_row_key(px_row_at at)
{
    px_keybuf key = px_key_begin(PX_TABLE_LOCAL_ROW);

    px_key_u64(&key, at.number);
    px_key_u64(&key, at.n);
    return key;
}

px_row_at px_row_at_of_key(px_bytes key)
{
    px_keyread read = px_keyread_begin(key);
    px_row_at at;

    at.number = px_keyread_u64(&read);
    at.n = (uint32_t)px_keyread_u64(&read);
    return at;
}

static size_t text_size(const char *text)
{
    return strlen(text) + 1;
}

static uint8_t *put_text(uint8_t *at, const char *text)
{
    size_t size = text_size(text);

    memcpy(at, text, size);
    return at + size;
}

/* Record: number of headers, then NUL-terminated subject, id, names and values, then the body. */
void px_row_put(px_txn *txn, px_row_at where, const px_row *row, px_arena *arena)
{
    size_t size = 1 + text_size(row->subject) + text_size(row->msg_id) + row->body.size;
    px_keybuf key = px_row_key(where);
    uint8_t *bytes, *at;

    for (size_t i = 0; i < row->header_count; i++)
        size += text_size(row->headers[i].name) + text_size(row->headers[i].value);
    bytes = at = px_arena_alloc(arena, size);
    PX_ASSERT(bytes != NULL);
    *at++ = (uint8_t)row->header_count;
    at = put_text(at, row->subject);
    at = put_text(at, row->msg_id);
    for (size_t i = 0; i < row->header_count; i++) {
        at = put_text(at, row->headers[i].name);
        at = put_text(at, row->headers[i].value);
    }
    if (row->body.size > 0)
        memcpy(at, row->body.data, row->body.size);
    px_put(txn, PX_LOCAL, px_key_bytes(&key), (px_bytes){ bytes, size });
}

static const char *take_text(const char **at)
{
    const char *text = *at;

    *at += text_size(text);
    return text;
}

void px_row_parse(px_bytes value, px_row *row)
{
    const char *at = (const char *)value.data + 1;

    row->header_count = *(const uint8_t *)value.data;
    PX_ASSERT(row->header_count <= PX_ROW_HEADERS_MAX);
    row->subject = take_text(&at);
    row->msg_id = take_text(&at);
    for (size_t i = 0; i < row->header_count; i++) {
        row->headers[i].name = take_text(&at);
        row->headers[i].value = take_text(&at);
    }
    row->body = (px_bytes){ at, value.size - (size_t)(at - (const char *)value.data) };
}
