/* vault_cache.h: the keys of people that were used lately, in memory that is locked and left out of
 * core dumps where the system allows it. Only vault.c includes it. */
#ifndef PRAXIS_COMMON_VAULT_CACHE_H
#define PRAXIS_COMMON_VAULT_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/vault.h"

enum { PX_VAULT_KEY_SIZE = 32, PX_VAULT_CACHE_KEYS = 32768 };

typedef struct px_vault_cache px_vault_cache;

/** NULL when memory is out. */
px_vault_cache *px_vault_cache_create(void);
/** Wipes every key. NULL is fine. */
void px_vault_cache_destroy(px_vault_cache *cache);

/* Any thread. */
bool px_vault_cache_get(px_vault_cache *cache, const px_vault_name *name,
                        uint8_t key[PX_VAULT_KEY_SIZE]);
/** May push out another key, the one not used for longest among a few. */
void px_vault_cache_put(px_vault_cache *cache, const px_vault_name *name,
                        const uint8_t key[PX_VAULT_KEY_SIZE]);
/** Wipes every generation of a person. */
void px_vault_cache_forget(px_vault_cache *cache, const char *tenant, const char *person);

#endif
