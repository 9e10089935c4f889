/* oracle.c: the log: which batches count, and that every submission is decided once. */
#include "tests/simulator/oracle.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulator/oracle_impl.h"

enum {
    SCRATCH_BYTES = 4 * 1024 * 1024,
    ENTRIES_MAX = 1024,
    BATCH_BYTES_MAX = 256 * 1024,
    TAGS_REMEMBERED = 4096
};

static const char reused[] = "ID_REUSED";
static const char too_old[] = "CREATED_AT_OUT_OF_RANGE"; /* answers, but does not take the id */

void oracle_say_wrong(const oracle *o, const char *format, ...)
{
    char what[512];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    o->fail(o->context, what);
    abort(); /* it does not return */
}

void oracle_make_room(void **array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return;
    *capacity = *capacity ? *capacity * 2 : 64;
    *array = realloc(*array, *capacity * size);
    if (!*array)
        abort();
}

uint64_t oracle_hash64(const void *bytes, size_t size)
{
    uint8_t digest[ORACLE_DIGEST];
    uint64_t value = 0;

    crypto_generichash(digest, sizeof digest, bytes, size, NULL, 0);
    for (int i = 7; i >= 0; i--)
        value = value << 8 | digest[i];
    return value;
}

unsigned oracle_service_of(const oracle *o, const char *name, size_t size)
{
    for (unsigned i = 0; i < o->service_count; i++)
        if (strlen(o->services[i].name) == size && memcmp(o->services[i].name, name, size) == 0)
            return i;
    return ORACLE_SERVICES_MAX;
}

oracle *oracle_create(const oracle_service *services, unsigned count, oracle_fail_fn *fail,
                      void *context)
{
    oracle *o = calloc(1, sizeof *o);

    if (!o || count > ORACLE_SERVICES_MAX || !px_arena_init(&o->scratch, SCRATCH_BYTES))
        abort();
    memcpy(o->services, services, count * sizeof *services);
    o->service_count = count;
    o->fail = fail;
    o->context = context;
    return o;
}

void oracle_destroy(oracle *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < o->log_count; i++)
        praxis_log__batch__free_unpacked(o->log[i].batch, NULL);
    for (size_t i = 0; i < o->feed_count; i++)
        free(o->feed[i].subject);
    free(o->log);
    free(o->feed);
    free(o->counted);
    free(o->known);
    px_arena_fini(&o->scratch);
    free(o);
}

/* ---- which batches count ---- */

/* 8 bytes of BLAKE2b over the digest of the message's bytes and its server time. */
static uint64_t tag_of(const uint8_t digest[ORACLE_DIGEST], int64_t time_ns)
{
    uint8_t both[ORACLE_DIGEST + 8];

    memcpy(both, digest, ORACLE_DIGEST);
    for (unsigned i = 0; i < 8; i++)
        both[ORACLE_DIGEST + i] = (uint8_t)((uint64_t)time_ns >> (8 * i));
    return oracle_hash64(both, sizeof both);
}

static bool basis_is_here(const oracle *o, const PraxisLog__Batch *batch)
{
    uint64_t seq = batch->basis ? batch->basis->seq : 0;

    if (seq == 0)
        return !batch->basis || batch->basis->tag == 0;
    return seq <= o->log_count && seq + TAGS_REMEMBERED > o->log_count &&
           o->log[seq - 1].tag == batch->basis->tag;
}

static bool extends_chain(const oracle *o, const PraxisLog__Batch *batch, unsigned service)
{
    const chain_end *end = &o->ends[service];

    return strcmp(batch->service, o->services[service].name) == 0 &&
           batch->number == end->number + 1 && batch->previous_digest.len == ORACLE_DIGEST &&
           memcmp(batch->previous_digest.data, end->digest, ORACLE_DIGEST) == 0 &&
           basis_is_here(o, batch);
}

/* ---- what a batch says ---- */

static bool same_id(const PraxisLog__SubmissionCause *a, const char *tenant, const char *source,
                    const char *id)
{
    return strcmp(a->submission_id, id) == 0 && strcmp(a->tenant, tenant) == 0 &&
           strcmp(a->source, source) == 0;
}

static bool same_content(const PraxisLog__SubmissionCause *a, const uint8_t *digest)
{
    return a->content_digest.len == ORACLE_DIGEST &&
           memcmp(a->content_digest.data, digest, ORACLE_DIGEST) == 0;
}

static const char *code_of(const PraxisLog__Entry *entry)
{
    return entry->rejection ? entry->rejection->code : "";
}

static bool is_submission(const PraxisLog__Entry *entry)
{
    return entry->cause_case == PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION;
}

/* Handled ids are forgotten after 35 days of decided_at: then the time of making decides. */
static bool is_forgotten(const PraxisLog__Batch *before, const PraxisLog__Batch *now)
{
    return now->decided_at_us - before->decided_at_us >= INT64_C(35) * 86400 * 1000000;
}

/* One entry against all before it; `upto` and `place` say where it stands. */
static void check_once(const oracle *o, unsigned service, const PraxisLog__Batch *batch,
                       size_t place)
{
    const PraxisLog__SubmissionCause *cause = batch->entries[place]->submission;
    bool says_taken = strcmp(code_of(batch->entries[place]), reused) == 0;
    bool says_old = strcmp(code_of(batch->entries[place]), too_old) == 0;
    bool taken = false, perhaps = false; /* a claim that may be forgotten */

    for (size_t i = 0; i <= o->log_count; i++) {
        const PraxisLog__Batch *at = i < o->log_count ? o->log[i].batch : batch;
        size_t count = i < o->log_count ? (at ? at->n_entries : 0) : place;

        if (!at || (i < o->log_count && o->log[i].service != service))
            continue;
        for (size_t k = 0; k < count; k++) {
            const PraxisLog__Entry *other = at->entries[k];

            if (!is_submission(other) ||
                !same_id(other->submission, cause->tenant, cause->source, cause->submission_id))
                continue;
            if (cause->submission_id[0] == 0) {
                if (!o->was_cut && other->submission->inbox_seq == cause->inbox_seq &&
                    other->submission->bundle_index == cause->bundle_index)
                    oracle_say_wrong(o, "unreadable bytes %" PRIu64 " are answered twice",
                                     cause->inbox_seq);
                continue;
            }
            if (is_forgotten(at, batch)) {
                perhaps = true;
                if (says_old || strcmp(code_of(other), too_old) == 0)
                    continue; /* the time of making was wrong, then or now */
            }
            if (same_content(other->submission, cause->content_digest.data))
                oracle_say_wrong(o, "%s of %s/%s is decided twice by %s: %s and %s",
                                 cause->submission_id, cause->tenant, cause->source,
                                 o->services[service].name, code_of(other),
                                 code_of(batch->entries[place]));
            taken |= strcmp(code_of(other), reused) != 0 && strcmp(code_of(other), too_old) != 0;
        }
    }
    if (cause->submission_id[0] != 0 && says_taken != taken && !says_old && !perhaps)
        oracle_say_wrong(o, "%s of %s/%s: %s, but the id is %s", cause->submission_id,
                         cause->tenant, cause->source, code_of(batch->entries[place]),
                         taken ? "taken" : "free");
}

static void check_entry(const oracle *o, unsigned service, const PraxisLog__Batch *batch,
                        size_t place)
{
    const PraxisLog__Entry *entry = batch->entries[place];
    uint64_t basis = batch->basis ? batch->basis->seq : 0;

    if (entry->rejection && entry->n_facts > 0)
        oracle_say_wrong(o, "a rejection with facts in %s %" PRIu64, batch->service, batch->number);
    if (is_submission(entry)) {
        check_once(o, service, batch, place);
        return;
    }
    if (entry->cause_case != PRAXIS_LOG__ENTRY__CAUSE_KEY || entry->rejection)
        oracle_say_wrong(o, "an entry without a cause in %s %" PRIu64, batch->service,
                         batch->number);
    if (entry->n_facts == 0 || entry->key->first_mark > entry->key->last_mark ||
        entry->key->last_mark > basis)
        oracle_say_wrong(o, "a key of %s %" PRIu64 " says nothing, or was not dirty",
                         batch->service, batch->number);
}

static void check_batch(const oracle *o, unsigned service, const PraxisLog__Batch *batch,
                        size_t size)
{
    const chain_end *end = &o->ends[service];

    if (batch->n_entries > ENTRIES_MAX || size > BATCH_BYTES_MAX)
        oracle_say_wrong(o, "%s %" PRIu64 " is over the limit", batch->service, batch->number);
    if (batch->decided_at_us < end->decided_at_us)
        oracle_say_wrong(o, "time goes back in %s %" PRIu64, batch->service, batch->number);
    if (batch->code_version < end->code_version)
        oracle_say_wrong(o, "older code decided %s %" PRIu64, batch->service, batch->number);
    for (size_t i = 0; i < batch->n_entries; i++)
        check_entry(o, service, batch, i);
}

static void remember_counted(oracle *o, unsigned service, uint64_t number, uint64_t tag)
{
    oracle_make_room((void **)&o->counted, o->counted_count, &o->counted_capacity,
                     sizeof *o->counted);
    o->counted[o->counted_count++] = (row_id){ service, number, tag, 0 };
}

/* ---- the log ---- */

static void append(oracle *o, log_message m)
{
    uint64_t both[2] = { o->log_count > 0 ? o->log[o->log_count - 1].prefix : 0, m.tag };

    m.prefix = oracle_hash64(both, sizeof both);
    oracle_make_room((void **)&o->log, o->log_count, &o->log_capacity, sizeof *o->log);
    o->log[o->log_count++] = m;
}

static void follow_end(chain_end *end, const log_message *m)
{
    end->number = m->batch->number;
    memcpy(end->digest, m->digest, ORACLE_DIGEST);
    end->decided_at_us = m->batch->decided_at_us;
    end->code_version = m->batch->code_version;
}

bool oracle_take_log(oracle *o, const px_bus_msg *msg)
{
    const char *name = strrchr(msg->subject, '.') + 1;
    log_message m = { .service = oracle_service_of(o, name, strlen(name)) };
    PraxisLog__Batch *batch = praxis_log__batch__unpack(NULL, msg->data.size, msg->data.data);

    if (msg->seq != o->log_count + 1 || m.service == ORACLE_SERVICES_MAX || !batch)
        oracle_say_wrong(o, "log message %" PRIu64 " is no batch of %s", msg->seq, name);
    crypto_generichash(m.digest, sizeof m.digest, msg->data.data, msg->data.size, NULL, 0);
    m.tag = tag_of(m.digest, msg->time_ns);
    if (extends_chain(o, batch, m.service)) {
        check_batch(o, m.service, batch, msg->data.size);
        remember_counted(o, m.service, batch->number, m.tag);
        m.batch = batch;
        follow_end(&o->ends[m.service], &m);
    } else {
        if (!o->was_cut && !o->races)
            oracle_say_wrong(o, "log message %" PRIu64 " is void, and nothing was lost", msg->seq);
        praxis_log__batch__free_unpacked(batch, NULL);
    }
    append(o, m);
    return m.batch != NULL;
}

void oracle_cut_any(oracle *o)
{
    o->was_cut = true;
}

void oracle_server_races(oracle *o)
{
    o->races = true;
}

void oracle_cut_log(oracle *o, uint64_t last_seq)
{
    while (o->log_count > last_seq)
        praxis_log__batch__free_unpacked(o->log[--o->log_count].batch, NULL);
    memset(o->ends, 0, sizeof o->ends);
    for (size_t i = 0; i < o->log_count; i++)
        if (o->log[i].batch)
            follow_end(&o->ends[o->log[i].service], &o->log[i]);
}

bool oracle_find(const oracle *o, const char *service, const char *tenant, const char *source,
                 const char *id, const uint8_t digest[32], oracle_answer *answer)
{
    unsigned wanted = oracle_service_of(o, service, strlen(service));
    bool found = false;

    *answer = (oracle_answer){ 0 };
    for (size_t i = 0; i < o->log_count; i++) {
        const PraxisLog__Batch *batch = o->log[i].batch;

        for (size_t k = 0; batch && o->log[i].service == wanted && k < batch->n_entries; k++) {
            const PraxisLog__Entry *entry = batch->entries[k];

            if (!is_submission(entry) || !same_id(entry->submission, tenant, source, id))
                continue;
            answer->contents++;
            if (found || (digest && !same_content(entry->submission, digest)))
                continue;
            found = true;
            answer->code = code_of(entry);
            answer->field = entry->rejection ? entry->rejection->field : "";
            answer->facts = entry->n_facts;
            answer->log_seq = i + 1;
        }
    }
    return found;
}

bool oracle_at(const oracle *o, uint64_t seq, uint64_t *tag, uint64_t *prefix)
{
    if (seq == 0 || seq > o->log_count)
        return false;
    *tag = o->log[seq - 1].tag;
    *prefix = o->log[seq - 1].prefix;
    return true;
}

uint64_t oracle_log_last(const oracle *o)
{
    return o->log_count;
}

uint64_t oracle_counted(const oracle *o)
{
    return o->log_count - oracle_voids(o);
}

uint64_t oracle_voids(const oracle *o)
{
    uint64_t voids = 0;

    for (size_t i = 0; i < o->log_count; i++)
        voids += o->log[i].batch == NULL;
    return voids;
}

static bool is_of_key(const PraxisLog__Entry *entry, const PraxisLog__Entry *other)
{
    return !is_submission(entry) && entry->key->key.len == other->key->key.len &&
           memcmp(entry->key->key.data, other->key->key.data, other->key->key.len) == 0;
}

/* Up to log sequence `until` an effect was observed after this plan of the service was last looked
 * at. */
static bool moved_by_an_effect(const oracle *o, size_t until, unsigned service,
                               const PraxisLog__Entry *plan)
{
    for (size_t i = until; i > 0; i--) {
        const log_message *at = &o->log[i - 1];

        for (size_t k = 0; at->batch && k < at->batch->n_entries; k++) {
            const PraxisLog__Entry *entry = at->batch->entries[k];

            if (at->service == service && is_of_key(entry, plan))
                return false;
            for (size_t f = 0; f < entry->n_facts; f++)
                if (strcmp(oracle_fact_name(o, at->service, entry->facts[f]), "EffectObserved") ==
                    0)
                    return true;
        }
    }
    return false;
}

static uint64_t due_in(const oracle *o, size_t until, const log_message *at,
                       const PraxisLog__Entry *entry)
{
    uint64_t facts = 0;

    for (size_t f = 0; f < entry->n_facts; f++)
        facts += strncmp(oracle_fact_name(o, at->service, entry->facts[f]), "Plan", 4) != 0 ||
                 !moved_by_an_effect(o, until, at->service, entry);
    return facts;
}

uint64_t oracle_forgotten_after(const oracle *o, uint64_t seq)
{
    uint64_t facts = 0;

    for (size_t i = seq; i < o->log_count; i++)
        for (size_t k = 0; o->log[i].batch && k < o->log[i].batch->n_entries; k++)
            if (!is_submission(o->log[i].batch->entries[k]))
                facts += due_in(o, seq, &o->log[i], o->log[i].batch->entries[k]);
    return facts;
}

static void take_bytes(crypto_generichash_state *hash, const void *bytes, size_t size)
{
    crypto_generichash_update(hash, (const uint8_t *)&size, sizeof size);
    crypto_generichash_update(hash, bytes, size);
}

static void take_entry(crypto_generichash_state *hash, const PraxisLog__Entry *entry)
{
    if (is_submission(entry)) {
        take_bytes(hash, entry->submission->tenant, strlen(entry->submission->tenant));
        take_bytes(hash, entry->submission->submission_id,
                   strlen(entry->submission->submission_id));
    } else {
        take_bytes(hash, entry->key->key.data, entry->key->key.len);
    }
    take_bytes(hash, code_of(entry), strlen(code_of(entry)));
    for (size_t i = 0; i < entry->n_facts; i++)
        take_bytes(hash, entry->facts[i].data, entry->facts[i].len);
}

uint64_t oracle_stated_after(const oracle *o, const char *service, uint64_t seq)
{
    unsigned wanted = oracle_service_of(o, service, strlen(service));
    crypto_generichash_state hash;
    uint8_t digest[ORACLE_DIGEST];
    uint64_t value;

    crypto_generichash_init(&hash, NULL, 0, sizeof digest);
    for (size_t i = seq; i < o->log_count; i++)
        for (size_t k = 0;
             o->log[i].batch && o->log[i].service == wanted && k < o->log[i].batch->n_entries; k++)
            take_entry(&hash, o->log[i].batch->entries[k]);
    crypto_generichash_final(&hash, digest, sizeof digest);
    memcpy(&value, digest, sizeof value);
    return value;
}
