/* vault_fixture.h: two daemons' vaults with one master key on a memory bus. */
#ifndef PRAXIS_TESTS_COMMON_VAULT_FIXTURE_H
#define PRAXIS_TESTS_COMMON_VAULT_FIXTURE_H

#include "common/vault.h"

typedef struct {
    char folder[64];
    char master[96];
    px_bus_server *server;
    px_bus *bus, *other_bus;
    px_vault *vault, *other; /* of two daemons with the same master key */
    px_arena arena;
} vault_world;

int vault_setup(void **ctx);
int vault_teardown(void **ctx);

px_bytes vault_text(const char *text);
/** Sealed in w->arena, for a person of the tenant acme; must work. */
px_bytes vault_sealed(vault_world *w, px_vault *vault, const char *person, uint32_t generation,
                      px_bytes plain);
px_status vault_opened(vault_world *w, px_vault *vault, const char *person, px_bytes sealed,
                       px_bytes *plain);
/** Keys in the stream. */
uint64_t vault_key_messages(vault_world *w);

#endif
