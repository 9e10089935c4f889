#include "tests/integration/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/fold.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/log/v1/batch.pb-c.h"
#include "praxis/reporting/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "services/praxis/contract.h"
#include "services/praxis/log_walk.h"

enum { ARENA_BYTES = 256 * 1024 * 1024 };

static const int64_t START_US = INT64_C(1767571200000000); /* 5 January 2026 */
static const int64_t DAY_US = INT64_C(86400000000);

static const ProtobufCMessageDescriptor *const facts[WORLD_DAEMONS] = {
    &feedback_ingest_fact__fact__descriptor, &review_cycle_fact__fact__descriptor,
    &competency_fact__fact__descriptor, &learning_recommender_fact__fact__descriptor,
    &reporting_fact__fact__descriptor
};

int story_setup(void **ctx)
{
    story *s = calloc(1, sizeof *s);

    assert_true(s && px_arena_init(&s->arena, ARENA_BYTES));
    s->load = load_create_empty(STORY_STEPS_MAX);
    s->facts = calloc(STORY_FACTS_MAX, sizeof *s->facts);
    *ctx = s;
    return s->facts ? 0 : -1;
}

int story_teardown(void **ctx)
{
    story *s = *ctx;

    scene_clear(&s->scene);
    load_destroy(s->load);
    px_arena_fini(&s->arena);
    free(s->facts);
    free(s);
    return 0;
}

/* ---- telling ---- */

void story_say(story *s, unsigned daemon, int day, const char *actor, const char *body, ...)
{
    char text[4096];
    va_list words;

    va_start(words, body);
    int size = vsnprintf(text, sizeof text, body, words);
    va_end(words);
    assert_true(size > 0 && (size_t)size < sizeof text);
    load_step *step = load_add(s->load, s->wave, daemon, actor, "", "%s", text);
    step->after = true; /* every daemon knows what was answered before */
    /* A step is a minute after the one before it, so that their order is that of the telling. */
    void **occurred_at = px_contract_member(step->message, "occurred_at");
    *occurred_at = px_codec_timestamp(START_US + day * DAY_US + (int64_t)s->load->count * 60000000,
                                      &s->load->arena);
}

void story_next(story *s)
{
    s->wave++;
    assert_true(s->wave < STORY_WAVES_MAX);
}

void story_until(story *s, const char *name, const char *holding, size_t count)
{
    s->waits[s->wave] = (story_wait){ name, holding, count };
    story_next(s);
}

static const ProtobufCMessageDescriptor *facts_of(const char *service)
{
    for (unsigned i = 0; i < WORLD_DAEMONS; i++)
        if (strcmp(world_services[i], service) == 0)
            return facts[i];
    fail_msg("no service %s", service);
    return NULL;
}

/* "{"gapOpened":...": between the first two quotes. */
static const char *name_of(story *s, const char *json)
{
    const char *from = strchr(json, '"'), *to = from ? strchr(from + 1, '"') : NULL;

    return to ? px_arena_printf(&s->arena, "%.*s", (int)(to - from - 1), from + 1) : "";
}

static void add_fact(story *s, uint64_t seq, const PraxisLog__Batch *batch,
                     const PraxisLog__Entry *entry, px_bytes bytes)
{
    const ProtobufCMessageDescriptor *type = facts_of(batch->service);
    story_fact *f = &s->facts[s->count++];

    assert_true(s->count < STORY_FACTS_MAX);
    const ProtobufCMessage *fact = px_codec_unpack(type, bytes, &s->arena);
    assert_non_null(fact);
    *f = (story_fact){ .seq = seq,
                       .service = px_arena_strdup(&s->arena, batch->service),
                       .json = px_codec_to_json(fact, false, &s->arena),
                       .submission_id = "" };
    assert_non_null(f->json);
    f->name = name_of(s, f->json);
    if (entry->cause_case == PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION) {
        f->submission_id = px_arena_strdup(&s->arena, entry->submission->submission_id);
    } else {
        f->first_mark = entry->key->first_mark;
        f->last_mark = entry->key->last_mark;
    }
}

static px_status take_batch(void *context, const px_bus_msg *msg)
{
    story *s = context;
    const PraxisLog__Batch *batch = (const PraxisLog__Batch *)px_codec_unpack(
        &praxis_log__batch__descriptor, msg->data, &s->arena);

    assert_non_null(batch);
    for (size_t e = 0; e < batch->n_entries; e++)
        for (size_t i = 0; i < batch->entries[e]->n_facts; i++)
            add_fact(
                s, msg->seq, batch, batch->entries[e],
                (px_bytes){ batch->entries[e]->facts[i].data, batch->entries[e]->facts[i].len });
    return PX_OK;
}

static void read_log(story *s, uint64_t through)
{
    assert_int_equal(px_log_walk(s->scene.drive.bus, s->read_seq + 1, through, take_batch, s),
                     PX_OK);
    s->read_seq = through;
}

static void wait_for(story *s, const story_wait *wait)
{
    int64_t deadline = world_now_ms() + WORLD_DEADLINE_MS;
    px_stream_info log;

    while (story_facts_of(s, wait->name, wait->holding) < wait->count) {
        if (world_now_ms() > deadline)
            world_fail(s->scene.world, "%zu of %zu %s of %s",
                       story_facts_of(s, wait->name, wait->holding), wait->count, wait->name,
                       wait->holding);
        px_bus_wait(s->scene.drive.bus, WORLD_STEP_MS);
        if (px_bus_stream_info(s->scene.drive.bus, px_log_stream, &log) == PX_OK &&
            log.last_seq > s->read_seq)
            read_log(s, log.last_seq);
    }
}

void story_tell(story *s)
{
    const world_options options = { .flags = { "--clock", "event" } };
    load *l = s->load;

    scene_begin(&s->scene, &options, l, world_seed());
    for (unsigned wave = 0; wave < l->waves; wave++) {
        drive_waves(&s->scene.drive, wave, wave);
        for (size_t i = 0; i < l->count; i++)
            if (l->steps[i].wave == wave && s->scene.drive.ledger.answers[i].code[0])
                world_fail(s->scene.world, "step %zu (%s): %s %s", i, l->steps[i].type,
                           s->scene.drive.ledger.answers[i].code,
                           s->scene.drive.ledger.answers[i].field);
        if (s->waits[wave].name)
            wait_for(s, &s->waits[wave]);
    }
    read_log(s, world_settle(s->scene.world));
}

/* ---- what the log says ---- */

static bool holds_all(const char *json, va_list texts)
{
    for (const char *text = va_arg(texts, const char *); text; text = va_arg(texts, const char *))
        if (!strstr(json, text))
            return false;
    return true;
}

size_t story_find(const story *s, size_t from, const char *name, ...)
{
    for (size_t i = from; i < s->count; i++) {
        va_list texts;

        va_start(texts, name);
        bool found = strcmp(s->facts[i].name, name) == 0 && holds_all(s->facts[i].json, texts);
        va_end(texts);
        if (found)
            return i;
    }
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->facts[i].name, name) == 0)
            print_message("%zu: %s\n", i, s->facts[i].json);
    fail_msg("the log says no such %s after fact %zu", name, from);
    return 0;
}

size_t story_facts_of(const story *s, const char *name, const char *holding)
{
    size_t n = 0;

    for (size_t i = 0; i < s->count; i++)
        n += strcmp(s->facts[i].name, name) == 0 && strstr(s->facts[i].json, holding) != NULL;
    return n;
}

/* ---- causes ---- */

/* The value of a text field; "" for none. */
static void named(const char *json, const char *field, char value[64])
{
    char quoted[80];

    snprintf(quoted, sizeof quoted, "\"%s\":\"", field);
    const char *at = strstr(json, quoted);
    value[0] = '\0';
    if (at)
        sscanf(at + strlen(quoted), "%63[^\"]", value);
}

static bool same(const char *a, const char *b, const char *field)
{
    char x[64], y[64];

    named(a, field, x);
    named(b, field, y);
    return x[0] && strcmp(x, y) == 0;
}

/* A batch that made its key dirty; the plan it names; or what was completed, which it looks at. */
static bool is_behind(const story *s, size_t effect, size_t cause, const char *about)
{
    const story_fact *e = &s->facts[effect], *c = &s->facts[cause];

    if (cause >= effect || !strstr(c->json, about))
        return false;
    if (e->first_mark && (c->seq == e->first_mark || c->seq == e->last_mark))
        return true;
    if (strcmp(c->name, "planProposed") == 0)
        return same(e->json, c->json, "planId");
    return strcmp(c->name, "itemCompleted") == 0 && same(e->json, c->json, "itemId") &&
           same(e->json, c->json, "personId");
}

static void print_chain(const story *s, const size_t *next, size_t at)
{
    for (; at != SIZE_MAX; at = next[at])
        print_message("  %4llu %-22s %s\n", (unsigned long long)s->facts[at].seq,
                      s->facts[at].service, s->facts[at].name);
}

/* Breadth first, so that the chain is a shortest one. */
void story_expect_chain(const story *s, size_t from, const char *about, const char *name,
                        const char *holding)
{
    size_t *queue = calloc(s->count, sizeof *queue), *next = calloc(s->count, sizeof *next);
    bool *seen = calloc(s->count, sizeof *seen), found = false;
    size_t head = 0, tail = 0;

    assert_true(queue && next && seen);
    queue[tail++] = from;
    seen[from] = true;
    next[from] = SIZE_MAX;
    while (head < tail && !found) {
        size_t at = queue[head++];

        found = strcmp(s->facts[at].name, name) == 0 && strstr(s->facts[at].json, holding);
        if (found)
            print_chain(s, next, at);
        for (size_t i = 0; !found && i < at; i++)
            if (!seen[i] && is_behind(s, at, i, about)) {
                seen[i] = true;
                next[i] = at;
                queue[tail++] = i;
            }
    }
    free(queue);
    free(next);
    free(seen);
    if (!found)
        fail_msg("no chain from %s back to %s", s->facts[from].name, name);
}
