/* vault_keys.h: all keys of people at once: which master opens them, and sealing them under the
 * newest one while daemons go on.
 *
 * A key is sealed again by publishing it with the sequence of the message it replaces, which is
 * erased after that: a key destroyed or made meanwhile is neither brought back nor written over,
 * and a crash between the two leaves both, of which the later one counts.
 */
#ifndef PRAXIS_COMMON_VAULT_KEYS_H
#define PRAXIS_COMMON_VAULT_KEYS_H

#include "common/bus.h"
#include "common/vault_cache.h"
#include "common/vault_master.h"

/** What a walk over the key stream found. */
typedef struct {
    uint64_t newest;     /* keys sealed under the first master */
    uint64_t older;      /* under another one */
    uint64_t unreadable; /* under none of them */
    uint64_t resealed;   /* by this walk */
    uint64_t seen;       /* messages so far */
    uint64_t messages;   /* there were at the start */
} px_vault_census;

typedef void px_vault_shown(void *context, const px_vault_census *census);

/** Which master opens a key message, its index; -1 for none. The key must be wiped by the caller.
 */
int px_vault_key_opens(const px_masters *masters, const px_vault_name *name, px_bytes message,
                       uint8_t key[PX_VAULT_KEY_SIZE]);
/**
 * Seals one key under the first master unless it is; message and sequence as read. PX_ESEQUENCE: it
 * was destroyed or replaced meanwhile. PX_ECORRUPT: no master opens it.
 */
px_status px_vault_reseal_key(px_bus *bus, const px_masters *masters, const char *subject,
                              uint64_t seq, px_bytes message);

/** Opens every key that is there now, with as many masters as there are. */
px_status px_vault_count_keys(px_bus *bus, const px_masters *masters, px_vault_census *census,
                              px_vault_shown *shown, void *context);
/** Seals every key that is there now under the first master; `older` counts those that were not. */
px_status px_vault_reseal_keys(px_bus *bus, const px_masters *masters, px_vault_census *census,
                               px_vault_shown *shown, void *context);

#endif
