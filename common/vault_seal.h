/* vault_seal.h: the bytes of a sealed text or key: head (version, generation as be32), nonce,
 * ciphertext and tag. Only the vault*.c files include it.
 */
#ifndef PRAXIS_COMMON_VAULT_SEAL_H
#define PRAXIS_COMMON_VAULT_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/store.h" /* px_bytes */
#include "common/vault_cache.h"

enum {
    PX_SEAL_ID_MAX = 64,
    PX_SEAL_HEAD = 5, /* version byte and generation: the same in every version to come */
    PX_SEAL_NONCE = 24,
    PX_SEAL_OVERHEAD = PX_SEAL_HEAD + PX_SEAL_NONCE + 16,
    PX_KEY_MESSAGE_SIZE = PX_SEAL_OVERHEAD + PX_VAULT_KEY_SIZE
};

typedef struct {
    char bytes[2 * PX_SEAL_ID_MAX + 32];
    size_t size;
} px_associated;

/** Ties sealed bytes to one person and generation, and to what they are. */
px_associated px_seal_associated(const char *what, const px_vault_name *name);
/** The generation named in the head of sealed bytes; 0 when there is none. */
uint32_t px_seal_generation(px_bytes sealed);
/** Seals `size` bytes that already stand at out + PX_SEAL_HEAD + PX_SEAL_NONCE, in place. */
void px_seal_in_place(uint8_t *out, size_t size, const px_associated *ad, uint32_t generation,
                      const uint8_t key[PX_VAULT_KEY_SIZE]);
/** Opens sealed bytes into `out`, which has room for sealed.size - PX_SEAL_OVERHEAD of them. */
bool px_seal_open(uint8_t *out, px_bytes sealed, const px_associated *ad,
                  const uint8_t key[PX_VAULT_KEY_SIZE]);

/** A person's key as the message that holds it. */
void px_seal_key(uint8_t message[PX_KEY_MESSAGE_SIZE], const px_vault_name *name,
                 const uint8_t key[PX_VAULT_KEY_SIZE], const uint8_t master[PX_VAULT_KEY_SIZE]);
bool px_seal_open_key(uint8_t key[PX_VAULT_KEY_SIZE], px_bytes message, const px_vault_name *name,
                      const uint8_t master[PX_VAULT_KEY_SIZE]);

#endif
