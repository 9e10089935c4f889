#include "common/handled.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/codec.h"
#include "common/keys.h"
#include "common/reason.h"
#include "common/tables.h"

enum { CONTENT_SIZE = 16 };

/* Stands for (tenant, source, id). */
static px_handled_key key_of_id(const char *tenant, const char *source, const char *id)
{
    crypto_generichash_state hash;
    px_handled_key key;

    crypto_generichash_init(&hash, NULL, 0, sizeof key.bytes);
    crypto_generichash_update(&hash, (const uint8_t *)tenant, strlen(tenant) + 1);
    crypto_generichash_update(&hash, (const uint8_t *)source, strlen(source) + 1);
    crypto_generichash_update(&hash, (const uint8_t *)id, strlen(id) + 1);
    crypto_generichash_final(&hash, key.bytes, sizeof key.bytes);
    return key;
}

/* Stands for that and one content. It begins like that of the id, so that one look tells that there
 * is neither. */
static px_handled_key key_of_content(px_handled_key id, const uint8_t digest[PX_DIGEST_SIZE])
{
    memcpy(id.bytes + sizeof id.bytes / 2, digest, sizeof id.bytes / 2);
    return id;
}

static px_keybuf record_key(px_handled_key handled)
{
    px_keybuf key = px_key_begin(PX_TABLE_HANDLED);

    px_key_raw(&key, (px_bytes){ handled.bytes, sizeof handled.bytes });
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

static bool nothing_known(const px_view *state, px_handled_key id)
{
    px_keybuf key = record_key(id);

    key.size -= sizeof id.bytes / 2;
    return !px_any(state, PX_STATE, px_key_bytes(&key));
}

static bool find_record(const px_view *state, px_handled_key handled, px_bytes *value)
{
    px_keybuf key = record_key(handled);

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
    px_handled_key by_id = key_of_id(tenant, source, id);
    px_bytes value;
    bool claimed;

    if (nothing_known(state, by_id))
        return PX_HANDLED_NEW;
    claimed = find_record(state, by_id, &value);
    if (claimed && memcmp(read_record(value, arena, outcome), digest, CONTENT_SIZE) == 0)
        return PX_HANDLED_SAME;
    if (find_record(state, key_of_content(by_id, digest), &value)) {
        read_record(value, arena, outcome);
        return PX_HANDLED_SAME;
    }
    return claimed ? PX_HANDLED_OTHER : PX_HANDLED_NEW;
}

bool px_handled_first(const px_view *state, const char *tenant, const char *source, const char *id,
                      px_arena *arena, px_outcome *outcome)
{
    px_bytes value;

    if (!find_record(state, key_of_id(tenant, source, id), &value))
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

static void put_record(px_txn *state, px_handled_key handled, const uint8_t digest[PX_DIGEST_SIZE],
                       const px_outcome *outcome)
{
    enum { TEXTS_MAX = 64 + 160 + 160 };
    uint8_t value[24 + CONTENT_SIZE + TEXTS_MAX];
    px_keybuf key = record_key(handled);
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

px_handled_key px_handled_put(px_txn *state, const char *tenant, const char *source, const char *id,
                              const uint8_t digest[PX_DIGEST_SIZE], bool claims,
                              const px_outcome *outcome)
{
    px_handled_key key = key_of_id(tenant, source, id);

    if (!claims)
        key = key_of_content(key, digest);
    put_record(state, key, digest, outcome);
    return key;
}

/* ---- forgetting ---- */

void px_handled_note(px_txn *state, px_handled_list *list, int64_t decided_at_us,
                     px_handled_key key)
{
    if (list->count == PX_HANDLED_LIST_MAX || decided_at_us != list->decided_at_us)
        px_handled_list_end(state, list);
    list->decided_at_us = decided_at_us;
    list->keys[list->count++] = key;
}

/* Key: when, log sequence, place among the rows of the batch; value: keys of answers. */
void px_handled_list_end(px_txn *state, px_handled_list *list)
{
    px_keybuf key = px_key_begin(PX_TABLE_HANDLED_AT);

    if (list->count == 0)
        return;
    px_key_u64(&key, (uint64_t)list->decided_at_us);
    px_key_u64(&key, px_txn_seq(state));
    px_key_u64(&key, list->rows++);
    px_put(state, PX_STATE, px_key_bytes(&key),
           (px_bytes){ list->keys, list->count * sizeof list->keys[0] });
    list->count = 0;
}

static void forget(px_txn *state, const px_handled_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        px_keybuf key = record_key(list->keys[i]);

        px_del(state, PX_STATE, px_key_bytes(&key));
    }
}

void px_handled_prune(px_txn *state, int64_t before_us)
{
    const uint8_t table = PX_TABLE_HANDLED_AT;
    px_scan scan;
    px_bytes stored, value;
    size_t forgotten = 0;

    px_scan_begin(&scan, state, PX_STATE, (px_bytes){ &table, 1 });
    while (forgotten + PX_HANDLED_LIST_MAX <= PX_HANDLED_PRUNE_MAX &&
           px_scan_next(&scan, &stored, &value)) {
        px_keyread read = px_keyread_begin(stored);
        px_handled_list list = { .count = value.size / sizeof list.keys[0] };

        if ((int64_t)px_keyread_u64(&read) >= before_us)
            break;
        PX_ASSERT(list.count <= PX_HANDLED_LIST_MAX);
        memcpy(list.keys, value.data, value.size);
        px_scan_del(&scan);
        forget(state, &list);
        forgotten += list.count;
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
