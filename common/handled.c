#include "common/handled.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/codec.h"
#include "common/keys.h"
#include "common/reason.h"
#include "common/tables.h"

enum { HASH_SIZE = 16, CONTENT_SIZE = 16 };

/* 16 bytes that stand for (tenant, source, id), or for that and one content. */
static void hash_id(const char *tenant, const char *source, const char *id, const uint8_t *digest,
                    uint8_t out[HASH_SIZE])
{
    crypto_generichash_state hash;

    crypto_generichash_init(&hash, NULL, 0, HASH_SIZE);
    crypto_generichash_update(&hash, (const uint8_t *)tenant, strlen(tenant) + 1);
    crypto_generichash_update(&hash, (const uint8_t *)source, strlen(source) + 1);
    crypto_generichash_update(&hash, (const uint8_t *)id, strlen(id) + 1);
    if (digest != NULL)
        crypto_generichash_update(&hash, digest, PX_DIGEST_SIZE);
    crypto_generichash_final(&hash, out, HASH_SIZE);
}

static px_keybuf record_key(const uint8_t hash[HASH_SIZE])
{
    px_keybuf key = px_key_begin(PX_TABLE_HANDLED);

    px_key_raw(&key, (px_bytes){ hash, HASH_SIZE });
    return key;
}

/* Record: decided_at, log_seq, facts, first bytes of the content digest, then code, field and text.
 */
static const uint8_t *read_record(px_bytes value, px_arena *arena, px_outcome *outcome)
{
    const uint8_t *at = value.data;
    const char *texts =
        px_arena_copy(arena, at + 24 + CONTENT_SIZE, value.size - 24 - CONTENT_SIZE);

    outcome->decided_at_us = (int64_t)px_get_be64(at);
    outcome->log_seq = px_get_be64(at + 8);
    outcome->facts = (uint32_t)px_get_be64(at + 16);
    outcome->code = outcome->field = outcome->text = "";
    if (texts != NULL) {
        outcome->code = texts;
        outcome->field = outcome->code + strlen(outcome->code) + 1;
        outcome->text = outcome->field + strlen(outcome->field) + 1;
    }
    return at + 24;
}

static bool find_record(const px_view *state, const uint8_t hash[HASH_SIZE], px_bytes *value)
{
    px_keybuf key = record_key(hash);

    return px_get(state, PX_STATE, px_key_bytes(&key), value);
}

void px_handled_unreadable_id(uint64_t inbox_seq, uint32_t bundle_index,
                              char id[PX_HANDLED_ID_SIZE])
{
    snprintf(id, PX_HANDLED_ID_SIZE, "@%" PRIu64 ".%" PRIu32, inbox_seq, bundle_index);
}

px_handled px_handled_find(const px_view *state, const char *tenant, const char *source,
                           const char *id, const uint8_t digest[PX_DIGEST_SIZE], px_arena *arena,
                           px_outcome *outcome)
{
    uint8_t by_id[HASH_SIZE], by_content[HASH_SIZE];
    px_bytes value;
    bool claimed;

    hash_id(tenant, source, id, NULL, by_id);
    claimed = find_record(state, by_id, &value);
    if (claimed && memcmp(read_record(value, arena, outcome), digest, CONTENT_SIZE) == 0)
        return PX_HANDLED_SAME;
    hash_id(tenant, source, id, digest, by_content);
    if (find_record(state, by_content, &value)) {
        read_record(value, arena, outcome);
        return PX_HANDLED_SAME;
    }
    return claimed ? PX_HANDLED_OTHER : PX_HANDLED_NEW;
}

bool px_handled_first(const px_view *state, const char *tenant, const char *source, const char *id,
                      px_arena *arena, px_outcome *outcome)
{
    uint8_t by_id[HASH_SIZE];
    px_bytes value;

    hash_id(tenant, source, id, NULL, by_id);
    if (!find_record(state, by_id, &value))
        return false;
    read_record(value, arena, outcome);
    return true;
}

static uint8_t *append_text(uint8_t *at, const uint8_t *end, const char *text)
{
    size_t room = (size_t)(end - at) - 1;
    size_t size = strlen(text);

    if (size > room) /* a field path or detail is cut rather than refused: it is for people */
        size = room;
    memcpy(at, text, size);
    at[size] = 0;
    return at + size + 1;
}

static void put_record(px_txn *state, const uint8_t hash[HASH_SIZE],
                       const uint8_t digest[PX_DIGEST_SIZE], const px_outcome *outcome)
{
    enum { TEXTS_MAX = 64 + 160 + 160 };
    uint8_t value[24 + CONTENT_SIZE + TEXTS_MAX];
    px_keybuf key = record_key(hash);
    uint8_t *at = value + 24 + CONTENT_SIZE;

    px_put_be64(value, (uint64_t)outcome->decided_at_us);
    px_put_be64(value + 8, outcome->log_seq);
    px_put_be64(value + 16, outcome->facts);
    memcpy(value + 24, digest, CONTENT_SIZE);
    at = append_text(at, at + 64, outcome->code);
    at = append_text(at, at + 160, outcome->field);
    at = append_text(at, at + 160, outcome->text);
    px_put(state, PX_STATE, px_key_bytes(&key), (px_bytes){ value, (size_t)(at - value) });
}

void px_handled_put(px_txn *state, const char *tenant, const char *source, const char *id,
                    const uint8_t digest[PX_DIGEST_SIZE], bool claims, const px_outcome *outcome)
{
    px_keybuf at = px_key_begin(PX_TABLE_HANDLED_AT);
    uint8_t hash[HASH_SIZE];

    hash_id(tenant, source, id, claims ? NULL : digest, hash);
    put_record(state, hash, digest, outcome);
    px_key_u64(&at, (uint64_t)outcome->decided_at_us);
    px_key_raw(&at, (px_bytes){ hash, HASH_SIZE });
    px_put(state, PX_STATE, px_key_bytes(&at), (px_bytes){ "", 0 });
}

void px_handled_prune(px_txn *state, int64_t before_us)
{
    const uint8_t table = PX_TABLE_HANDLED_AT;
    px_scan scan;
    px_bytes stored, value;
    unsigned left = PX_HANDLED_PRUNE_MAX;

    px_scan_begin(&scan, state, PX_STATE, (px_bytes){ &table, 1 });
    while (left-- > 0 && px_scan_next(&scan, &stored, &value)) {
        px_keyread read = px_keyread_begin(stored);
        px_keybuf key;

        if ((int64_t)px_keyread_u64(&read) >= before_us)
            break;
        key = record_key(px_keyread_rest(&read).data);
        px_scan_del(&scan);
        px_del(state, PX_STATE, px_key_bytes(&key));
    }
    px_scan_end(&scan);
}

/* ---- the public form ---- */

static void *new_message(const ProtobufCMessageDescriptor *type, px_arena *arena)
{
    void *message = px_codec_new(type, arena);

    PX_ASSERT(message != NULL);
    return message;
}

static char *borrow(const char *text)
{
    return (char *)(uintptr_t)text;
}

Praxis__Result *px_outcome_message(const char *submission_id, const px_outcome *outcome,
                                   px_arena *arena)
{
    Praxis__Result *result = new_message(&praxis__result__descriptor, arena);

    result->submission_id = borrow(submission_id);
    result->decided_at = px_codec_timestamp(outcome->decided_at_us, arena);
    if (outcome->code[0] == 0) {
        result->accepted = new_message(&praxis__accepted__descriptor, arena);
        result->accepted->log_seq = outcome->log_seq;
        result->accepted->facts = outcome->facts;
        result->outcome_case = PRAXIS__RESULT__OUTCOME_ACCEPTED;
        return result;
    }
    result->rejected = new_message(&praxis__rejected__descriptor, arena);
    result->rejected->code = borrow(outcome->code);
    result->rejected->field = borrow(outcome->field);
    result->rejected->text = borrow(
        outcome->text[0] != 0 ? outcome->text : px_reason_text(px_reason_from_code(outcome->code)));
    result->outcome_case = PRAXIS__RESULT__OUTCOME_REJECTED;
    return result;
}
