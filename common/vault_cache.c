#include "common/vault_cache.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 8, SETS = PX_VAULT_CACHE_KEYS / WAYS, PERSON_HASH_SIZE = 16 };

/** Whose key lies at the same index of `keys`. */
typedef struct {
    uint8_t person[PERSON_HASH_SIZE];
    uint32_t generation; /* 0: free */
    uint64_t used;       /* turn of the last use */
} slot;

/** All generations of a person share a set, so that forgetting a person looks at one set only. */
struct px_vault_cache {
    pthread_mutex_t lock;
    uint8_t hash_key[crypto_generichash_KEYBYTES];
    uint64_t turn;
    slot slots[SETS][WAYS];
    uint8_t (*keys)[WAYS][PX_VAULT_KEY_SIZE]; /* locked memory */
};

px_vault_cache *px_vault_cache_create(void)
{
    px_vault_cache *cache = calloc(1, sizeof *cache);

    if (!cache)
        return NULL;
    cache->keys = sodium_allocarray(SETS, sizeof *cache->keys);
    if (!cache->keys) {
        free(cache);
        return NULL;
    }
    pthread_mutex_init(&cache->lock, NULL);
    randombytes_buf(cache->hash_key, sizeof cache->hash_key);
    return cache;
}

void px_vault_cache_destroy(px_vault_cache *cache)
{
    if (!cache)
        return;
    sodium_free(cache->keys); /* wipes */
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

/** Finds the set of a person. */
static size_t set_of(px_vault_cache *cache, const char *tenant, const char *person,
                     uint8_t hash[PERSON_HASH_SIZE])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, cache->hash_key, sizeof cache->hash_key, PERSON_HASH_SIZE);
    crypto_generichash_update(&state, (const uint8_t *)tenant, strlen(tenant) + 1);
    crypto_generichash_update(&state, (const uint8_t *)person, strlen(person));
    crypto_generichash_final(&state, hash, PERSON_HASH_SIZE);
    return (hash[0] | (size_t)hash[1] << 8) % SETS;
}

/** Index in the set, or WAYS. */
static size_t find(const slot *set, const uint8_t *hash, uint32_t generation)
{
    size_t i = 0;

    while (i < WAYS &&
           (set[i].generation != generation || memcmp(set[i].person, hash, PERSON_HASH_SIZE) != 0))
        i++;
    return i;
}

bool px_vault_cache_get(px_vault_cache *cache, const px_vault_name *name,
                        uint8_t key[PX_VAULT_KEY_SIZE])
{
    uint8_t hash[PERSON_HASH_SIZE];
    size_t s = set_of(cache, name->tenant, name->person, hash), i;

    pthread_mutex_lock(&cache->lock);
    i = find(cache->slots[s], hash, name->generation);
    if (i < WAYS) {
        memcpy(key, cache->keys[s][i], PX_VAULT_KEY_SIZE);
        cache->slots[s][i].used = ++cache->turn;
    }
    pthread_mutex_unlock(&cache->lock);
    return i < WAYS;
}

void px_vault_cache_put(px_vault_cache *cache, const px_vault_name *name,
                        const uint8_t key[PX_VAULT_KEY_SIZE])
{
    uint8_t hash[PERSON_HASH_SIZE];
    size_t s = set_of(cache, name->tenant, name->person, hash), i;

    pthread_mutex_lock(&cache->lock);
    slot *set = cache->slots[s];
    i = find(set, hash, name->generation);
    if (i == WAYS) {
        i = 0;
        for (size_t j = 1; j < WAYS; j++) { /* free ones were used never: 0 */
            if (set[j].used < set[i].used)
                i = j;
        }
    }
    memcpy(set[i].person, hash, PERSON_HASH_SIZE);
    set[i].generation = name->generation;
    set[i].used = ++cache->turn;
    memcpy(cache->keys[s][i], key, PX_VAULT_KEY_SIZE);
    pthread_mutex_unlock(&cache->lock);
}

void px_vault_cache_forget(px_vault_cache *cache, const char *tenant, const char *person)
{
    uint8_t hash[PERSON_HASH_SIZE];
    size_t s = set_of(cache, tenant, person, hash);

    pthread_mutex_lock(&cache->lock);
    for (size_t i = 0; i < WAYS; i++) {
        if (memcmp(cache->slots[s][i].person, hash, PERSON_HASH_SIZE) == 0) {
            sodium_memzero(cache->keys[s][i], PX_VAULT_KEY_SIZE);
            sodium_memzero(&cache->slots[s][i], sizeof(slot));
        }
    }
    pthread_mutex_unlock(&cache->lock);
}
