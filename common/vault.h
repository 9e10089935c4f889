/* vault.h: personal text under one key per person; destroying the key is what erases the person's
 * texts.
 *
 * Keys live sealed under the master key in the stream PRAXIS_KEYS, one message per person and
 * generation on `praxis.key.<tenant>.<person>`, and are erased by overwriting. Texts are
 * XChaCha20-Poly1305 with a random nonce, padded to 64, 256, 1024 or the next KiB, with {tenant,
 * person, generation} as associated data.
 */
#ifndef PRAXIS_COMMON_VAULT_H
#define PRAXIS_COMMON_VAULT_H

#include <stdint.h>

#include "common/arena.h"
#include "common/bus.h"
#include "common/status.h"
#include "common/store.h" /* px_bytes */

typedef struct px_vault px_vault;

/** One key of one person. Borrowed texts. */
typedef struct {
    const char *tenant;
    const char *person;
    uint32_t generation; /* 1, 2, ... */
} px_vault_name;

extern const char px_vault_stream[]; /* "PRAXIS_KEYS" */
enum { PX_VAULT_MAC_SIZE = 32 };

/**
 * Reads the master key (a file of 32 bytes, mode 0600 or 0400, or it is refused; more than one key
 * while it is changed: vault_master.h). The file is looked at again when a key does not open and
 * before one is made. The vault keeps a bounded cache of opened keys in locked memory. Calls may
 * come from the fold thread and from query threads.
 * @param bus  not owned; used for key messages; may be NULL for a vault that is only asked about
 * cached keys
 */
px_status px_vault_open(px_vault **vault, const char *master_key_file, px_bus *bus);
void px_vault_close(px_vault *vault);
/** Makes a new master key file (0600, never over an existing one: PX_EBUSY). */
px_status px_vault_make_master(const char *path);
/** Copies a master key file that can be used (0600, never over an existing one: PX_EBUSY). */
px_status px_vault_copy_master(const char *from, const char *path);

/**
 * Makes sure a person's key of this generation exists, making it (published and acknowledged) when
 * it does not. Two makers at once end with the same key. PX_EFORBIDDEN: destroyed, or an older
 * generation than the newest ever made.
 */
px_status px_vault_ensure(px_vault *vault, const char *tenant, const char *person,
                          uint32_t generation);
/**
 * The same for many people whose texts are about to be sealed, with a few round trips for all of
 * them. What it leaves out (a key that another daemon makes at this moment, an older generation in
 * the way, one that does not open) is for px_vault_ensure(). Other statuses than PX_OK: the bus.
 */
px_status px_vault_ensure_all(px_vault *vault, const px_vault_name *names, size_t count);
/** MAC of a text under the person's key, for content digests. The key must be ensured. */
px_status px_vault_mac(px_vault *vault, const char *tenant, const char *person, uint32_t generation,
                       px_bytes plain, uint8_t mac[PX_VAULT_MAC_SIZE]);
/** Seals a text; the result (generation, nonce, ciphertext) lives in the arena. The key must be
 * ensured. */
px_status px_vault_seal(px_vault *vault, const char *tenant, const char *person,
                        uint32_t generation, px_bytes plain, px_arena *arena, px_bytes *sealed);
/** Opens a sealed text. PX_ENOTFOUND: the key is gone. PX_ECORRUPT: not sealed by us for this
 * person. */
px_status px_vault_open_text(px_vault *vault, const char *tenant, const char *person,
                             px_bytes sealed, px_arena *arena, px_bytes *plain);
/**
 * Destroys the keys of a person up to and including this generation: overwrites their messages,
 * forgets them here. Doing it again is fine. PX_EDISCONNECTED, PX_ETIMEOUT: to be tried again.
 */
px_status px_vault_destroy(px_vault *vault, const char *tenant, const char *person,
                           uint32_t generation);
/** Forgets cached keys of a person (another daemon destroyed them). */
void px_vault_forget(px_vault *vault, const char *tenant, const char *person);

#endif
