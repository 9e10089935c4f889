/* record.c: every field goes through number() or raw(), the only places that know the direction. */
#include "common/record.h"

#include <endian.h>
#include <string.h>

px_record px_record_writer(void *bytes, size_t size)
{
    return (px_record){ .out = bytes, .size = size };
}

px_record px_record_reader(px_bytes bytes)
{
    return (px_record){ .in = bytes.data, .size = bytes.size };
}

px_bytes px_record_end(const px_record *r)
{
    PX_ASSERT(r->out || r->at == r->size);
    return (px_bytes){ r->out ? r->out : r->in, r->at };
}

static inline void raw(px_record *r, void *bytes, size_t size)
{
    PX_ASSERT(size <= r->size - r->at);
    if (r->out)
        memcpy(r->out + r->at, bytes, size);
    else
        memcpy(bytes, r->in + r->at, size);
    r->at += size;
}

/* Levels have some forty numbers, and are read and written for every rating: `size` is known where
 * this is inlined, and each number is one move. */
static inline uint64_t number(px_record *r, uint64_t value, size_t size)
{
    uint64_t bytes = r->out ? htole64(value) : 0;

    raw(r, &bytes, size);
    return le64toh(bytes);
}

void px_record_bool(px_record *r, bool *value)
{
    /* What is read into may be anything: as a bool it must not even be looked at. */
    *value = (uint8_t)number(r, r->out ? *value : 0, 1) != 0;
}

void px_record_u8(px_record *r, uint8_t *value)
{
    *value = (uint8_t)number(r, *value, 1);
}

void px_record_u32(px_record *r, uint32_t *value)
{
    *value = (uint32_t)number(r, *value, 4);
}

void px_record_i32(px_record *r, int32_t *value)
{
    *value = (int32_t)(uint32_t)number(r, (uint32_t)*value, 4);
}

void px_record_u64(px_record *r, uint64_t *value)
{
    *value = number(r, *value, 8);
}

void px_record_i64(px_record *r, int64_t *value)
{
    *value = (int64_t)number(r, (uint64_t)*value, 8);
}

void px_record_f64(px_record *r, double *value)
{
    uint64_t bits;

    memcpy(&bits, value, sizeof bits);
    bits = number(r, bits, sizeof bits);
    memcpy(value, &bits, sizeof bits);
}

void px_record_bytes(px_record *r, void *bytes, size_t size)
{
    if (size) /* nothing may be nowhere */
        raw(r, bytes, size);
}

void px_record_text(px_record *r, char *text, size_t capacity)
{
    size_t length = r->out ? strlen(text) : 0;

    PX_ASSERT(length < capacity && capacity <= 65536);
    length = (uint16_t)number(r, length, 2);
    PX_ASSERT(length < capacity);
    px_record_bytes(r, text, length);
    text[length] = '\0';
}

void px_record_set_text(char *out, size_t capacity, const char *text)
{
    size_t length = strlen(text);

    PX_ASSERT(length < capacity);
    memcpy(out, text, length + 1);
}
