#include "tests/services/starved.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/chain.h"
#include "common/codec.h"
#include "common/service_impl.h"

#if defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

enum {
    ROWS_MAX = 128,
    STEP_BYTES = 64,
    SIZES_MAX = SANITIZED ? 5 : 40, /* sanitizers make each call dear */
    CALLS_MAX = SANITIZED ? 20 : 100,
    ENOUGH = 16 * 1024 * 1024
};

static struct {
    const px_service *service;
    px_service shown;
    px_decider_fn *deciders[ROWS_MAX];
    px_publisher_fn *publishers[ROWS_MAX];
    px_reconciler_fn *reconcilers[ROWS_MAX];
    unsigned decided, published, reconciled, reported;
    px_arena enough; /* what one comparison packs */
} now;

size_t starved_step(size_t used)
{
    return used / SIZES_MAX > STEP_BYTES ? used / SIZES_MAX : STEP_BYTES;
}

static px_arena little(size_t size)
{
    px_arena arena;

    assert_true(px_arena_init(&arena, size));
    return arena;
}

static void assert_same_message(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
    px_bytes packed = px_codec_pack(a, &now.enough), other = px_codec_pack(b, &now.enough);

    assert_int_equal(packed.size, other.size);
    assert_memory_equal(packed.data, other.data, packed.size);
    px_arena_reset(&now.enough);
}

static void assert_same_facts(const px_facts *a, const px_facts *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++)
        assert_same_message(a->messages[i], b->messages[i]);
}

/* ---- decide ---- */

static void decide_with(const px_view *state, const px_submission *sub, size_t size,
                        px_verdict verdict, const px_facts *facts)
{
    px_arena arena = little(size), rest = little(ENOUGH);
    px_submission asked = *sub;
    px_facts stated;

    asked.arena = &arena;
    px_facts_init(&stated, now.service, &rest);
    stated.given = &arena;
    px_verdict again = now.service->deciders[sub->type](state, &asked, &stated);

    if (!px_arena_overflowed(&arena)) {
        assert_int_equal(again.reason, verdict.reason);
        assert_string_equal(again.field, verdict.field);
        assert_same_facts(&stated, facts);
    }
    px_arena_fini(&arena);
    px_arena_fini(&rest);
}

static px_verdict decide(const px_view *state, const px_submission *sub, px_facts *out)
{
    size_t before = sub->arena->used;
    px_verdict verdict = now.service->deciders[sub->type](state, sub, out);
    size_t used = sub->arena->used - before;

    if (now.decided++ < CALLS_MAX)
        for (size_t size = 0; size <= used; size += starved_step(used))
            decide_with(state, sub, size, verdict, out);
    return verdict;
}

/* ---- reconcile ---- */

static void reconcile_with(const px_view *state, const px_key *key, int64_t now_us, size_t size,
                           const px_facts *facts)
{
    px_arena arena = little(size), rest = little(ENOUGH);
    px_facts stated;

    px_facts_init(&stated, now.service, &rest);
    stated.given = &arena;
    now.service->reconcilers[key->kind](state, key, now_us, &stated);
    if (!px_arena_overflowed(&arena))
        assert_same_facts(&stated, facts);
    px_arena_fini(&arena);
    px_arena_fini(&rest);
}

static void reconcile(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    size_t before = out->arena->used;

    now.service->reconcilers[key->kind](state, key, now_us, out);
    size_t used = out->arena->used - before;

    if (now.reconciled++ < CALLS_MAX)
        for (size_t size = 0; size <= used; size += starved_step(used))
            reconcile_with(state, key, now_us, size, out);
}

/* ---- publish ---- */

/* All that one fact publishes: its size, and a digest of what it says. */
typedef struct {
    px_arena *arena;
    size_t events;
    uint8_t digest[PX_DIGEST_SIZE];
} published;

static void note_event(void *context, const char *name, const char *subject,
                       const ProtobufCMessage *message, bool attributed)
{
    published *p = context;

    p->events++;
    if (px_arena_overflowed(p->arena))
        return;
    px_bytes bytes = px_codec_pack(message, &now.enough);
    char *line = px_arena_alloc(&now.enough, bytes.size + 512);
    int size = snprintf(line, 512, "%s %s %d ", name, subject, attributed);

    memcpy(line + size, p->digest, sizeof p->digest);
    memcpy(line + size + sizeof p->digest, bytes.data, bytes.size);
    px_chain_digest((px_bytes){ line, (size_t)size + sizeof p->digest + bytes.size }, p->digest);
    px_arena_reset(&now.enough);
}

static published publish_with(const px_view *state, const px_fact *fact, px_arena *arena)
{
    published p = { .arena = arena };
    px_out out = { .arena = arena, .event = note_event, .context = &p };

    now.service->publishers[fact->type](state, fact, &out);
    return p;
}

static void publish_hungry(const px_view *state, const px_fact *fact)
{
    px_arena enough = little(ENOUGH);
    published all = publish_with(state, fact, &enough);
    size_t used = enough.used;

    for (size_t size = 0; size <= used; size += starved_step(used)) {
        px_arena arena = little(size);
        published p = publish_with(state, fact, &arena);

        if (!px_arena_overflowed(&arena)) {
            assert_int_equal(p.events, all.events);
            assert_memory_equal(p.digest, all.digest, sizeof p.digest);
        }
        px_arena_fini(&arena);
    }
    px_arena_fini(&enough);
}

static void publish(const px_view *state, const px_fact *fact, px_out *out)
{
    if (now.published++ < CALLS_MAX)
        publish_hungry(state, fact);
    now.service->publishers[fact->type](state, fact, out);
}

/* ---- report ---- */

static const ProtobufCMessage *report(const px_view *state, const char *tenant, const char *key,
                                      px_arena *arena)
{
    size_t before = arena->used;
    const ProtobufCMessage *value = now.service->report(state, tenant, key, arena);
    size_t used = arena->used - before;

    if (now.reported++ >= CALLS_MAX)
        return value;
    for (size_t size = 0; size <= used; size += starved_step(used)) {
        px_arena small = little(size);
        const ProtobufCMessage *again = now.service->report(state, tenant, key, &small);

        if (px_arena_overflowed(&small))
            assert_null(again);
        else if (value)
            assert_same_message(again, value);
        px_arena_fini(&small);
    }
    return value;
}

/* ---- the service ---- */

#define SHOW(rows, row, count)                                                                     \
    do {                                                                                           \
        assert_true(now.service->count <= ROWS_MAX);                                               \
        for (size_t i = 0; i < now.service->count; i++)                                            \
            now.rows[i] = now.service->rows[i] ? (row) : NULL;                                     \
        now.shown.rows = now.rows;                                                                 \
    } while (0)

const px_service *starved(const px_service *service)
{
    if (!now.enough.base)
        assert_true(px_arena_init(&now.enough, ENOUGH));
    now.service = service;
    now.shown = *service;
    now.decided = now.published = now.reconciled = now.reported = 0;
    SHOW(deciders, decide, decider_count);
    SHOW(publishers, publish, publisher_count);
    SHOW(reconcilers, reconcile, reconciler_count);
    if (service->report)
        now.shown.report = report;
    return &now.shown;
}
