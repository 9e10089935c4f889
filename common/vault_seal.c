#include "common/vault_seal.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { VERSION = 1 };

_Static_assert((int)PX_SEAL_NONCE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce");
_Static_assert((int)PX_SEAL_OVERHEAD == (int)PX_SEAL_HEAD + (int)PX_SEAL_NONCE +
                                            crypto_aead_xchacha20poly1305_ietf_ABYTES,
               "overhead");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == PX_VAULT_KEY_SIZE, "key size");

px_associated px_seal_associated(const char *what, const px_vault_name *name)
{
    px_associated a;
    int size = snprintf(a.bytes, sizeof a.bytes, "%s|%s|%s|%u", what, name->tenant, name->person,
                        name->generation);

    PX_ASSERT(size > 0 && (size_t)size < sizeof a.bytes);
    a.size = (size_t)size;
    return a;
}

static void put_be32(uint8_t out[4], uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

uint32_t px_seal_generation(px_bytes sealed)
{
    const uint8_t *in = sealed.data;

    if (sealed.size < PX_SEAL_HEAD)
        return 0;
    return (uint32_t)in[1] << 24 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 8 | in[4];
}

void px_seal_in_place(uint8_t *out, size_t size, const px_associated *ad, uint32_t generation,
                      const uint8_t key[PX_VAULT_KEY_SIZE])
{
    uint8_t *nonce = out + PX_SEAL_HEAD, *body = nonce + PX_SEAL_NONCE;

    out[0] = VERSION;
    put_be32(out + 1, generation);
    randombytes_buf(nonce, PX_SEAL_NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(body, NULL, body, size, (const uint8_t *)ad->bytes,
                                               ad->size, NULL, nonce, key);
}

bool px_seal_open(uint8_t *out, px_bytes sealed, const px_associated *ad,
                  const uint8_t key[PX_VAULT_KEY_SIZE])
{
    const uint8_t *in = sealed.data, *nonce = in + PX_SEAL_HEAD, *body = nonce + PX_SEAL_NONCE;

    if (sealed.size < PX_SEAL_OVERHEAD || in[0] != VERSION)
        return false;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(
               out, NULL, NULL, body, sealed.size - PX_SEAL_HEAD - PX_SEAL_NONCE,
               (const uint8_t *)ad->bytes, ad->size, nonce, key) == 0;
}

void px_seal_key(uint8_t message[PX_KEY_MESSAGE_SIZE], const px_vault_name *name,
                 const uint8_t key[PX_VAULT_KEY_SIZE], const uint8_t master[PX_VAULT_KEY_SIZE])
{
    px_associated ad = px_seal_associated("key", name);

    memcpy(message + PX_SEAL_HEAD + PX_SEAL_NONCE, key, PX_VAULT_KEY_SIZE);
    px_seal_in_place(message, PX_VAULT_KEY_SIZE, &ad, name->generation, master);
}

bool px_seal_open_key(uint8_t key[PX_VAULT_KEY_SIZE], px_bytes message, const px_vault_name *name,
                      const uint8_t master[PX_VAULT_KEY_SIZE])
{
    px_associated ad = px_seal_associated("key", name);

    return message.size == PX_KEY_MESSAGE_SIZE && px_seal_open(key, message, &ad, master);
}
