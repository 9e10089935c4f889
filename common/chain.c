#include "common/chain.h"

#include <sodium.h>
#include <string.h>

#include "common/keys.h"
#include "common/tables.h"

/* Singletons in PX_TABLE_CURSOR. */
enum { WHAT_CURSOR = 1, WHAT_INBOX, WHAT_EVENT_TIME };

void px_chain_digest(px_bytes bytes, uint8_t digest[PX_DIGEST_SIZE])
{
    crypto_generichash(digest, PX_DIGEST_SIZE, bytes.data, bytes.size, NULL, 0);
}

uint64_t px_chain_tag(const uint8_t digest[PX_DIGEST_SIZE], int64_t time_ns)
{
    uint8_t input[PX_DIGEST_SIZE + 8], hash[PX_DIGEST_SIZE];
    uint64_t tag = 0;

    memcpy(input, digest, PX_DIGEST_SIZE);
    for (unsigned i = 0; i < 8; i++)
        input[PX_DIGEST_SIZE + i] = (uint8_t)((uint64_t)time_ns >> (8 * i));
    crypto_generichash(hash, sizeof hash, input, sizeof input, NULL, 0);
    for (unsigned i = 0; i < 8; i++)
        tag |= (uint64_t)hash[i] << (8 * i);
    return tag;
}

/* Reads `count` big-endian numbers; all zero when there is no record. */
static void get_numbers(const px_view *state, px_keybuf key, uint64_t *numbers, size_t count)
{
    px_bytes value;

    memset(numbers, 0, count * sizeof *numbers);
    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return;
    PX_ASSERT(value.size == count * 8);
    for (size_t i = 0; i < count; i++)
        numbers[i] = px_get_be64((const uint8_t *)value.data + 8 * i);
}

static void put_numbers(px_txn *state, px_keybuf key, const uint64_t *numbers, size_t count)
{
    uint8_t value[64];

    PX_ASSERT(count * 8 <= sizeof value);
    for (size_t i = 0; i < count; i++)
        px_put_be64(value + 8 * i, numbers[i]);
    px_put(state, PX_STATE, px_key_bytes(&key), (px_bytes){ value, count * 8 });
}

static px_keybuf singleton(uint8_t what)
{
    px_keybuf key = px_key_begin(PX_TABLE_CURSOR);

    px_key_u8(&key, what);
    return key;
}

static px_keybuf ring_key(uint64_t seq)
{
    px_keybuf key = px_key_begin(PX_TABLE_RING);

    px_key_u64(&key, seq % PX_RING_SIZE);
    return key;
}

static px_keybuf head_key(const char *service)
{
    px_keybuf key = px_key_begin(PX_TABLE_HEAD);

    px_key_text(&key, service);
    return key;
}

px_cursor px_chain_cursor(const px_view *state)
{
    uint64_t n[3];

    get_numbers(state, singleton(WHAT_CURSOR), n, 3);
    return (px_cursor){ n[0], n[1], (int64_t)n[2] };
}

void px_chain_step(px_txn *state, px_cursor cursor)
{
    const uint64_t at[3] = { cursor.seq, cursor.tag, (uint64_t)cursor.time_ns };
    const uint64_t ring[2] = { cursor.seq, cursor.tag };

    put_numbers(state, singleton(WHAT_CURSOR), at, 3);
    put_numbers(state, ring_key(cursor.seq), ring, 2);
}

bool px_chain_has(const px_view *state, uint64_t seq, uint64_t tag)
{
    uint64_t ring[2];

    if (seq == 0)
        return tag == 0;
    get_numbers(state, ring_key(seq), ring, 2);
    return ring[0] == seq && ring[1] == tag;
}

px_head px_chain_head(const px_view *state, const char *service)
{
    px_keybuf key = head_key(service);
    px_head head = { 0 };
    px_bytes value;

    if (px_get(state, PX_STATE, px_key_bytes(&key), &value)) {
        const uint8_t *at = value.data;

        PX_ASSERT(value.size == 32 + PX_DIGEST_SIZE);
        head.number = px_get_be64(at);
        head.last_seq = px_get_be64(at + 8);
        head.decided_at_us = (int64_t)px_get_be64(at + 16);
        head.code_version = (uint32_t)px_get_be64(at + 24);
        memcpy(head.digest, at + 32, PX_DIGEST_SIZE);
    }
    return head;
}

void px_chain_set_head(px_txn *state, const char *service, const px_head *head)
{
    px_keybuf key = head_key(service);
    uint8_t value[32 + PX_DIGEST_SIZE];

    px_put_be64(value, head->number);
    px_put_be64(value + 8, head->last_seq);
    px_put_be64(value + 16, (uint64_t)head->decided_at_us);
    px_put_be64(value + 24, head->code_version);
    memcpy(value + 32, head->digest, PX_DIGEST_SIZE);
    px_put(state, PX_STATE, px_key_bytes(&key), (px_bytes){ value, sizeof value });
}

static px_keybuf void_key(const char *service)
{
    px_keybuf key = px_key_begin(PX_TABLE_VOID);

    px_key_text(&key, service);
    return key;
}

bool px_chain_void(const px_view *state, const char *service, uint8_t digest[PX_DIGEST_SIZE])
{
    px_keybuf key = void_key(service);
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return false;
    PX_ASSERT(value.size == PX_DIGEST_SIZE);
    memcpy(digest, value.data, PX_DIGEST_SIZE);
    return true;
}

void px_chain_set_void(px_txn *state, const char *service, const uint8_t digest[PX_DIGEST_SIZE])
{
    px_keybuf key = void_key(service);

    px_put(state, PX_STATE, px_key_bytes(&key), (px_bytes){ digest, PX_DIGEST_SIZE });
}

px_inbox_through px_chain_inbox(const px_view *state)
{
    uint64_t n[2];

    get_numbers(state, singleton(WHAT_INBOX), n, 2);
    return (px_inbox_through){ n[0], (int64_t)n[1] };
}

void px_chain_set_inbox(px_txn *state, px_inbox_through through)
{
    const uint64_t n[2] = { through.seq, (uint64_t)through.time_ns };

    put_numbers(state, singleton(WHAT_INBOX), n, 2);
}

int64_t px_chain_event_time(const px_view *state)
{
    uint64_t n[1];

    get_numbers(state, singleton(WHAT_EVENT_TIME), n, 1);
    return (int64_t)n[0];
}

void px_chain_set_event_time(px_txn *state, int64_t time_us)
{
    const uint64_t n[1] = { (uint64_t)time_us };

    put_numbers(state, singleton(WHAT_EVENT_TIME), n, 1);
}

/* ---- tenants ---- */

static px_keybuf tenant_key(const char *tenant)
{
    px_keybuf key = px_key_begin(PX_TABLE_TENANT);

    px_key_text(&key, tenant);
    return key;
}

void px_chain_note_tenant(px_txn *state, const char *tenant)
{
    px_keybuf key = tenant_key(tenant);
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        px_put(state, PX_STATE, px_key_bytes(&key), (px_bytes){ "", 0 });
}

bool px_chain_next_tenant(const px_view *state, const char *from, char out[PX_TENANT_SIZE])
{
    const uint8_t table = PX_TABLE_TENANT;
    px_keybuf start = tenant_key(from);
    px_bytes stored, value;
    px_scan scan;
    bool found;

    px_scan_begin_at(&scan, state, PX_STATE, (px_bytes){ &table, 1 }, px_key_bytes(&start));
    found = px_scan_next(&scan, &stored, &value);
    if (found) {
        px_keyread read = px_keyread_begin(stored);
        const char *tenant = px_keyread_text(&read);

        PX_ASSERT(strlen(tenant) < PX_TENANT_SIZE);
        memcpy(out, tenant, strlen(tenant) + 1);
    }
    px_scan_end(&scan);
    return found;
}
