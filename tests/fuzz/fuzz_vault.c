/* fuzz_vault.c: key messages and sealed texts that somebody has changed open to what was sealed, or
 * not at all.
 *
 * An input: a byte for what is changed (the key message or the text) and how, then the change.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/vault.h"
#include "tests/fuzz/decide_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHANGE_KEY = 1, RAW = 2, CUT = 4, OTHER_PERSON = 8, SUBJECTS = 2, ARENA_BYTES = 1 << 20 };

static const char plain[] = "what was said";
static const char *const people[SUBJECTS] = { "p-1", "p-2" };

static struct {
    px_bus_server *server;
    px_bus *bus;
    char master[64];
    px_bytes key;    /* as it lies in the stream, of p-1 */
    px_bytes sealed; /* under it */
    px_arena kept, arena;
} world;

static px_bytes copy_of(px_bytes bytes, px_arena *arena)
{
    px_bytes copy = { px_arena_copy(arena, bytes.data, bytes.size), bytes.size };

    PX_ASSERT(copy.data != NULL);
    return copy;
}

static px_vault *open_vault(void)
{
    px_vault *vault;

    PX_ASSERT(px_vault_open(&vault, world.master, world.bus) == PX_OK);
    return vault;
}

static void make_key_and_text(void)
{
    px_vault *vault = open_vault();
    px_bytes sealed;
    px_bus_msg *msg;

    PX_ASSERT(px_vault_ensure(vault, "acme", people[0], 1) == PX_OK);
    PX_ASSERT(px_vault_seal(vault, "acme", people[0], 1, (px_bytes){ plain, strlen(plain) },
                            &world.kept, &sealed) == PX_OK);
    world.sealed = sealed;
    PX_ASSERT(px_bus_get(world.bus, px_vault_stream, 1, &msg) == PX_OK);
    world.key = copy_of(msg->data, &world.kept);
    px_bus_msg_free(msg);
    px_vault_close(vault);
}

static void create(void)
{
    static const char *const subjects[] = { "praxis.key.>" };
    px_stream_config config = { .name = px_vault_stream,
                                .subjects = subjects,
                                .subject_count = 1,
                                .retention = PX_KEEP_UNTIL_PURGED };
    char directory[] = "/tmp/praxis-fuzz-XXXXXX";

    PX_ASSERT(mkdtemp(directory) != NULL);
    snprintf(world.master, sizeof world.master, "%s/master", directory);
    PX_ASSERT(px_vault_make_master(world.master) == PX_OK);
    world.server = px_bus_server_create();
    PX_ASSERT(world.server != NULL);
    PX_ASSERT(px_bus_open_memory(&world.bus, world.server, "fuzz") == PX_OK);
    PX_ASSERT(px_bus_stream_ensure(world.bus, &config) == PX_OK);
    PX_ASSERT(px_arena_init(&world.kept, ARENA_BYTES) && px_arena_init(&world.arena, ARENA_BYTES));
    make_key_and_text();
}

/* ---- a change ---- */

static px_bytes changed(decide_input *in, uint8_t how, px_bytes good)
{
    px_bytes bytes = copy_of(good, &world.arena);
    uint8_t *at = (uint8_t *)(uintptr_t)bytes.data;

    if ((how & RAW) != 0)
        return decide_take_chunk(in);
    if ((how & CUT) != 0)
        bytes.size = decide_take(in) % (bytes.size + 1);
    while (in->size >= 2 && bytes.size > 0) {
        size_t offset = decide_take(in) % bytes.size;

        at[offset] ^= decide_take(in);
    }
    return bytes;
}

static bool same(px_bytes a, px_bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static void put_key(const char *person, px_bytes key)
{
    char subject[64];
    px_bus_out out = { .subject = subject, .data = key };
    px_bus_ack ack;

    snprintf(subject, sizeof subject, "praxis.key.acme.%s", person);
    PX_ASSERT(px_bus_publish_wait(world.bus, &out, &ack) == PX_OK && ack.status == PX_OK);
}

static void empty_stream(void)
{
    px_stream_info info;

    PX_ASSERT(px_bus_stream_info(world.bus, px_vault_stream, &info) == PX_OK);
    PX_ASSERT(px_bus_purge(world.bus, px_vault_stream, info.last_seq + 1) == PX_OK);
}

static void use(px_vault *vault, const char *person, px_bytes key, px_bytes sealed)
{
    uint8_t mac[PX_VAULT_MAC_SIZE];
    px_bytes opened, said = { plain, strlen(plain) };
    bool good = same(key, world.key) && same(sealed, world.sealed) && person == people[0];
    px_status status = px_vault_open_text(vault, "acme", person, sealed, &world.arena, &opened);

    PX_ASSERT((status == PX_OK) == good);
    PX_ASSERT(!good || same(opened, said));
    if (px_vault_ensure(vault, "acme", person, 1) == PX_OK)
        PX_ASSERT(px_vault_mac(vault, "acme", person, 1, said, mac) == PX_OK);
    (void)px_vault_destroy(vault, "acme", person, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decide_input in = { data, size };
    uint8_t how = decide_take(&in);
    px_bytes key, sealed;
    px_vault *vault;
    const char *person;

    if (world.server == NULL)
        create();
    px_arena_reset(&world.arena);
    person = people[(how & OTHER_PERSON) != 0];
    key = (how & CHANGE_KEY) != 0 ? changed(&in, how, world.key) : world.key;
    sealed = (how & CHANGE_KEY) == 0 ? changed(&in, how, world.sealed) : world.sealed;
    empty_stream();
    put_key(person, key);
    vault = open_vault();
    use(vault, person, key, sealed);
    px_vault_close(vault);
    return 0;
}
