#include "common/vault.h"

#include <pthread.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/diag.h"
#include "common/metrics.h"
#include "common/vault_cache.h"
#include "common/vault_keys.h"
#include "common/vault_master.h"
#include "common/vault_seal.h"

enum {
    TEXT_MAX = 1 << 24,
    BURST = 128,
    TRIES_MAX = 16 /* messages looked at for one key; more would mean that somebody fights us */
};

_Static_assert(crypto_kdf_KEYBYTES == PX_VAULT_KEY_SIZE, "key size");

const char px_vault_stream[] = "PRAXIS_KEYS";

struct px_vault {
    px_bus *bus;
    /**
     * Held while the bus is asked (a connection is driven by one thread at a time), until what it
     * said is in the cache: so a key read just before it was destroyed cannot be cached just after.
     */
    pthread_mutex_t bus_lock;
    px_vault_cache *cache;
    px_masters masters; /* under bus_lock after the start */
};

/** What a person key is used for; each use has a key of its own derived from it. */
typedef enum { FOR_TEXT = 1, FOR_MAC = 2 } purpose;

/** Turns a person's key into the one for this purpose. */
static void derive(uint8_t key[PX_VAULT_KEY_SIZE], purpose what)
{
    uint8_t derived[PX_VAULT_KEY_SIZE];

    crypto_kdf_derive_from_key(derived, sizeof derived, (uint64_t)what, "praxtext", key);
    memcpy(key, derived, sizeof derived);
    sodium_memzero(derived, sizeof derived);
}

/* ---- key messages; the bus lock is held ---- */

typedef struct {
    char text[2 * PX_SEAL_ID_MAX + 16];
} subject;

static subject subject_of(const char *tenant, const char *person)
{
    subject s;

    snprintf(s.text, sizeof s.text, "praxis.key.%s.%s", tenant, person);
    return s;
}

/** Keys that are asked for, or made, at once. */
typedef struct {
    px_vault_name names[BURST];
    subject subjects[BURST];
    size_t count;
} burst;

static void add_to(burst *b, const px_vault_name *name)
{
    b->names[b->count] = *name;
    b->subjects[b->count++] = subject_of(name->tenant, name->person);
}

static px_status last_message(px_vault *vault, const subject *s, px_bus_msg **msg)
{
    if (!vault->bus)
        return PX_EDISCONNECTED;
    return px_bus_get_last(vault->bus, px_vault_stream, s->text, msg);
}

/** Unseals the key of a message and remembers it. A master that is new here may be in the file. */
static px_status take_key(px_vault *vault, const px_vault_name *name, px_bytes data,
                          uint8_t key[PX_VAULT_KEY_SIZE])
{
    if (px_vault_key_opens(&vault->masters, name, data, key) < 0 &&
        (!px_masters_refresh(&vault->masters) ||
         px_vault_key_opens(&vault->masters, name, data, key) < 0)) {
        px_error("the key of a person does not open; was it sealed under another master key?",
                 PX_TEXT("tenant", name->tenant), PX_NUMBER("generation", name->generation));
        return PX_ECORRUPT;
    }
    px_vault_cache_put(vault->cache, name, key);
    return PX_OK;
}

/**
 * Takes over the keys that were stored. Whoever changes the master meanwhile may not have seen
 * them: then they are sealed again here.
 */
static px_status take_made(px_vault *vault, const burst *b, const px_bus_out *outs,
                           const px_bus_ack *acks, uint8_t (*keys)[PX_VAULT_KEY_SIZE])
{
    bool new_master = px_masters_refresh(&vault->masters);
    px_status status = PX_OK;

    for (size_t i = 0; i < b->count; i++) {
        px_status made = acks[i].status;

        if (made == PX_OK && new_master)
            made = px_vault_reseal_key(vault->bus, &vault->masters, outs[i].subject, acks[i].seq,
                                       outs[i].data);
        if (made == PX_OK)
            px_vault_cache_put(vault->cache, &b->names[i], keys[i]);
        else if (status == PX_OK || status == PX_ESEQUENCE)
            status = made;
    }
    return status;
}

/**
 * Makes keys for people who have none. The first of two makers wins: a message counts only while
 * its subject holds no other one; PX_ESEQUENCE when that was another's.
 */
static px_status make_keys(px_vault *vault, const burst *b)
{
    uint8_t messages[BURST][PX_KEY_MESSAGE_SIZE], keys[BURST][PX_VAULT_KEY_SIZE];
    px_bus_out outs[BURST];
    px_bus_ack acks[BURST];

    px_masters_refresh(&vault->masters);
    for (size_t i = 0; i < b->count; i++) {
        randombytes_buf(keys[i], sizeof keys[i]);
        px_seal_key(messages[i], &b->names[i], keys[i], px_masters_key(&vault->masters, 0));
        outs[i] = (px_bus_out){ .subject = b->subjects[i].text,
                                .data = { messages[i], sizeof messages[i] },
                                .expect_subject_seq = true,
                                .last_subject_seq = 0 };
    }
    px_status status = px_bus_publish_all(vault->bus, outs, b->count, acks);
    if (status == PX_OK)
        status = take_made(vault, b, outs, acks, keys);
    sodium_memzero(keys, sizeof keys);
    return status;
}

static px_status erase(px_vault *vault, uint64_t seq)
{
    px_status status = px_bus_erase(vault->bus, px_vault_stream, seq);

    return status == PX_ENOTFOUND ? PX_OK : status; /* somebody else was faster */
}

/** One look at what is there and one step towards the wanted key. PX_EEMPTY: look again. */
static px_status ensure_step(px_vault *vault, const px_vault_name *name, const subject *s)
{
    uint8_t key[PX_VAULT_KEY_SIZE];
    px_bus_msg *msg = NULL;
    px_status status = last_message(vault, s, &msg);

    if (status == PX_ENOTFOUND) {
        burst one = { .count = 0 };
        add_to(&one, name);
        status = make_keys(vault, &one);
        return status == PX_ESEQUENCE ? PX_EEMPTY : status;
    }
    if (status != PX_OK)
        return status;
    uint32_t there = px_seal_generation(msg->data);
    if (there == name->generation) {
        status = take_key(vault, name, msg->data, key);
        sodium_memzero(key, sizeof key);
    } else if (there > name->generation) {
        status = PX_EFORBIDDEN;
    } else { /* left over from before the person was erased */
        status = erase(vault, msg->seq);
        status = status == PX_OK ? PX_EEMPTY : status;
    }
    px_bus_msg_free(msg);
    return status;
}

static px_status ensure_on_bus(px_vault *vault, const px_vault_name *name)
{
    subject s = subject_of(name->tenant, name->person);
    px_status status = PX_EEMPTY;

    for (int i = 0; i < TRIES_MAX && status == PX_EEMPTY; i++)
        status = ensure_step(vault, name, &s);
    return status == PX_EEMPTY ? PX_ETIMEOUT : status;
}

/** Those that are there are taken over; those that are not, and never were, remain. */
static px_status look_up(px_vault *vault, burst *b)
{
    const char *subjects[BURST];
    px_bus_msg *found[BURST];
    uint8_t key[PX_VAULT_KEY_SIZE];
    burst missing = { .count = 0 };

    for (size_t i = 0; i < b->count; i++)
        subjects[i] = b->subjects[i].text;
    px_status status = px_bus_get_last_all(vault->bus, px_vault_stream, subjects, b->count, found);
    for (size_t i = 0; status == PX_OK && i < b->count; i++) {
        /* Before a later generation an earlier one may lie, which has to be erased first. */
        if (found[i] == NULL && b->names[i].generation == 1)
            add_to(&missing, &b->names[i]);
        else if (found[i] && px_seal_generation(found[i]->data) == b->names[i].generation)
            (void)take_key(vault, &b->names[i], found[i]->data, key);
        px_bus_msg_free(found[i]);
    }
    sodium_memzero(key, sizeof key);
    *b = missing;
    return status;
}

static px_status ensure_burst(px_vault *vault, burst *b)
{
    px_status status = vault->bus ? look_up(vault, b) : PX_EDISCONNECTED;

    if (status == PX_OK && b->count > 0)
        status = make_keys(vault, b);
    return status == PX_ESEQUENCE ? PX_OK : status;
}

static px_status fetch_from_bus(px_vault *vault, const px_vault_name *name,
                                uint8_t key[PX_VAULT_KEY_SIZE])
{
    subject s = subject_of(name->tenant, name->person);
    px_bus_msg *msg = NULL;
    px_status status = last_message(vault, &s, &msg);

    if (status != PX_OK)
        return status;
    status = px_seal_generation(msg->data) == name->generation
                 ? take_key(vault, name, msg->data, key)
                 : PX_ENOTFOUND;
    px_bus_msg_free(msg);
    return status;
}

static px_status destroy_on_bus(px_vault *vault, const px_vault_name *name)
{
    subject s = subject_of(name->tenant, name->person);

    for (int i = 0; i < TRIES_MAX; i++) {
        px_bus_msg *msg = NULL;
        px_status status = last_message(vault, &s, &msg);
        if (status != PX_OK)
            return status == PX_ENOTFOUND ? PX_OK : status;
        bool newer = px_seal_generation(msg->data) > name->generation;
        status = newer ? PX_OK : erase(vault, msg->seq);
        px_bus_msg_free(msg);
        if (newer || status != PX_OK)
            return status;
    }
    return PX_ETIMEOUT;
}

/* ---- the rest is for any thread ---- */

/** Ids are checked long before they get here; a subject with a stray dot would be another one's. */
static bool id_valid(const char *id)
{
    size_t size = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    return size >= 1 && size <= PX_SEAL_ID_MAX && id[size] == '\0';
}

static bool name_valid(const px_vault_name *name)
{
    return id_valid(name->tenant) && id_valid(name->person) && name->generation > 0;
}

/** Counts what an operator must look at; a key that is gone or superseded is everyday life. */
static px_status counted(px_status status)
{
    if (status != PX_OK && status != PX_ENOTFOUND && status != PX_EFORBIDDEN)
        px_metric_add(PX_METRIC_KEY_ERRORS, 1);
    return status;
}

static px_status fetch(px_vault *vault, const px_vault_name *name, uint8_t key[PX_VAULT_KEY_SIZE])
{
    px_status status;

    if (!name_valid(name))
        return PX_EINVALID;
    if (px_vault_cache_get(vault->cache, name, key))
        return PX_OK;
    pthread_mutex_lock(&vault->bus_lock);
    status = fetch_from_bus(vault, name, key);
    pthread_mutex_unlock(&vault->bus_lock);
    return counted(status);
}

static bool cached(px_vault *vault, const px_vault_name *name)
{
    uint8_t key[PX_VAULT_KEY_SIZE];
    bool found = px_vault_cache_get(vault->cache, name, key);

    sodium_memzero(key, sizeof key);
    return found;
}

px_status px_vault_open(px_vault **vault, const char *master_key_file, px_bus *bus)
{
    px_vault *v;
    px_status status = PX_ENOMEM;

    *vault = NULL;
    if (sodium_init() < 0)
        return PX_EIO;
    v = calloc(1, sizeof *v);
    if (!v)
        return PX_ENOMEM;
    v->bus = bus;
    pthread_mutex_init(&v->bus_lock, NULL);
    v->cache = px_vault_cache_create();
    if (v->cache)
        status = px_masters_read(&v->masters, master_key_file);
    if (status != PX_OK) {
        px_vault_close(v);
        return status;
    }
    *vault = v;
    return PX_OK;
}

void px_vault_close(px_vault *vault)
{
    if (!vault)
        return;
    px_masters_fini(&vault->masters);
    px_vault_cache_destroy(vault->cache);
    pthread_mutex_destroy(&vault->bus_lock);
    free(vault);
}

px_status px_vault_ensure(px_vault *vault, const char *tenant, const char *person,
                          uint32_t generation)
{
    px_vault_name name = { tenant, person, generation };
    px_status status;

    if (!name_valid(&name))
        return PX_EINVALID;
    if (cached(vault, &name))
        return PX_OK;
    pthread_mutex_lock(&vault->bus_lock);
    status = ensure_on_bus(vault, &name);
    pthread_mutex_unlock(&vault->bus_lock);
    return counted(status);
}

static bool same_name(const px_vault_name *a, const px_vault_name *b)
{
    return a->generation == b->generation && strcmp(a->person, b->person) == 0 &&
           strcmp(a->tenant, b->tenant) == 0;
}

static bool is_in(const burst *b, const px_vault_name *name)
{
    for (size_t i = 0; i < b->count; i++)
        if (same_name(&b->names[i], name))
            return true;
    return false;
}

px_status px_vault_ensure_all(px_vault *vault, const px_vault_name *names, size_t count)
{
    px_status status = PX_OK;

    for (size_t at = 0; at < count && status == PX_OK;) {
        burst b = { .count = 0 };

        for (; at < count && b.count < BURST; at++)
            if (name_valid(&names[at]) && !is_in(&b, &names[at]) && !cached(vault, &names[at]))
                add_to(&b, &names[at]);
        if (b.count == 0)
            break;
        pthread_mutex_lock(&vault->bus_lock);
        status = ensure_burst(vault, &b);
        pthread_mutex_unlock(&vault->bus_lock);
    }
    return counted(status);
}

px_status px_vault_mac(px_vault *vault, const char *tenant, const char *person, uint32_t generation,
                       px_bytes plain, uint8_t mac[PX_VAULT_MAC_SIZE])
{
    px_vault_name name = { tenant, person, generation };
    uint8_t key[PX_VAULT_KEY_SIZE];
    px_status status = fetch(vault, &name, key);

    if (status == PX_OK) {
        derive(key, FOR_MAC);
        crypto_generichash(mac, PX_VAULT_MAC_SIZE, plain.data, plain.size, key, sizeof key);
    }
    sodium_memzero(key, sizeof key);
    return status;
}

/** Lengths say less when there are few of them: 64, 256, then steps of 1,024. */
static size_t block_for(size_t size)
{
    return size <= 64 ? 64 : size <= 256 ? 256 : 1024;
}

px_status px_vault_seal(px_vault *vault, const char *tenant, const char *person,
                        uint32_t generation, px_bytes plain, px_arena *arena, px_bytes *sealed)
{
    px_vault_name name = { tenant, person, generation };
    uint8_t key[PX_VAULT_KEY_SIZE];
    size_t block = block_for(plain.size + 1), padded = (plain.size / block + 1) * block;
    px_status status;

    if (plain.size > TEXT_MAX)
        return PX_ETOOBIG;
    status = fetch(vault, &name, key);
    uint8_t *out = status == PX_OK ? px_arena_alloc(arena, PX_SEAL_OVERHEAD + padded) : NULL;
    if (out) {
        px_associated ad = px_seal_associated("text", &name);
        uint8_t *body = out + PX_SEAL_HEAD + PX_SEAL_NONCE;
        if (plain.size > 0)
            memcpy(body, plain.data, plain.size);
        sodium_pad(&padded, body, plain.size, block, padded);
        derive(key, FOR_TEXT);
        px_seal_in_place(out, padded, &ad, generation, key);
        *sealed = (px_bytes){ out, PX_SEAL_OVERHEAD + padded };
    } else if (status == PX_OK) {
        status = PX_ENOMEM;
    }
    sodium_memzero(key, sizeof key);
    return status;
}

/** Opens and unpads; the key is that of the person. */
static px_status open_padded(const px_vault_name *name, px_bytes sealed, uint8_t *key, uint8_t *out,
                             size_t *size)
{
    px_associated ad = px_seal_associated("text", name);
    size_t padded = sealed.size - PX_SEAL_OVERHEAD;

    derive(key, FOR_TEXT);
    if (!px_seal_open(out, sealed, &ad, key) ||
        sodium_unpad(size, out, padded, block_for(padded)) != 0)
        return PX_ECORRUPT;
    return PX_OK;
}

px_status px_vault_open_text(px_vault *vault, const char *tenant, const char *person,
                             px_bytes sealed, px_arena *arena, px_bytes *plain)
{
    px_vault_name name = { tenant, person, px_seal_generation(sealed) };
    uint8_t key[PX_VAULT_KEY_SIZE];
    size_t size;
    px_status status;

    if (sealed.size <= PX_SEAL_OVERHEAD || name.generation == 0)
        return PX_ECORRUPT;
    status = fetch(vault, &name, key);
    uint8_t *out = status == PX_OK ? px_arena_alloc(arena, sealed.size - PX_SEAL_OVERHEAD) : NULL;
    if (out) {
        status = open_padded(&name, sealed, key, out, &size);
        if (status == PX_OK)
            *plain = (px_bytes){ out, size };
    } else if (status == PX_OK) {
        status = PX_ENOMEM;
    }
    sodium_memzero(key, sizeof key);
    return status;
}

px_status px_vault_destroy(px_vault *vault, const char *tenant, const char *person,
                           uint32_t generation)
{
    px_vault_name name = { tenant, person, generation };
    px_status status;

    if (!name_valid(&name))
        return PX_EINVALID;
    pthread_mutex_lock(&vault->bus_lock);
    status = destroy_on_bus(vault, &name);
    /* Also when the bus failed: no text is sealed or shown any more once this was asked for. */
    px_vault_cache_forget(vault->cache, tenant, person);
    pthread_mutex_unlock(&vault->bus_lock);
    return counted(status);
}

void px_vault_forget(px_vault *vault, const char *tenant, const char *person)
{
    pthread_mutex_lock(&vault->bus_lock);
    px_vault_cache_forget(vault->cache, tenant, person);
    pthread_mutex_unlock(&vault->bus_lock);
}
