#include "tests/common/vault_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void make_stream(px_bus *bus)
{
    static const char *const subjects[] = { "praxis.key.>" };
    px_stream_config config = { .name = px_vault_stream,
                                .subjects = subjects,
                                .subject_count = 1,
                                .retention = PX_KEEP_UNTIL_PURGED };

    assert_int_equal(px_bus_stream_ensure(bus, &config), PX_OK);
}

int vault_setup(void **ctx)
{
    vault_world *w = calloc(1, sizeof *w);

    snprintf(w->folder, sizeof w->folder, "/tmp/praxis-vault-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->master, sizeof w->master, "%s/master", w->folder);
    assert_int_equal(px_vault_make_master(w->master), PX_OK);
    w->server = px_bus_server_create();
    assert_int_equal(px_bus_open_memory(&w->bus, w->server, "one"), PX_OK);
    assert_int_equal(px_bus_open_memory(&w->other_bus, w->server, "two"), PX_OK);
    make_stream(w->bus);
    assert_int_equal(px_vault_open(&w->vault, w->master, w->bus), PX_OK);
    assert_int_equal(px_vault_open(&w->other, w->master, w->other_bus), PX_OK);
    assert_true(px_arena_init(&w->arena, 1 << 24));
    *ctx = w;
    return 0;
}

int vault_teardown(void **ctx)
{
    vault_world *w = *ctx;

    px_arena_fini(&w->arena);
    px_vault_close(w->vault);
    px_vault_close(w->other);
    px_bus_close(w->bus);
    px_bus_close(w->other_bus);
    px_bus_server_destroy(w->server);
    unlink(w->master);
    assert_int_equal(rmdir(w->folder), 0); /* nothing else was left behind */
    free(w);
    return 0;
}

px_bytes vault_text(const char *s)
{
    return (px_bytes){ s, strlen(s) };
}

px_bytes vault_sealed(vault_world *w, px_vault *vault, const char *person, uint32_t generation,
                      px_bytes plain)
{
    px_bytes sealed = { 0 };

    assert_int_equal(px_vault_seal(vault, "acme", person, generation, plain, &w->arena, &sealed),
                     PX_OK);
    return sealed;
}

px_status vault_opened(vault_world *w, px_vault *vault, const char *person, px_bytes sealed,
                       px_bytes *plain)
{
    return px_vault_open_text(vault, "acme", person, sealed, &w->arena, plain);
}

uint64_t vault_key_messages(vault_world *w)
{
    px_stream_info info;

    assert_int_equal(px_bus_stream_info(w->bus, px_vault_stream, &info), PX_OK);
    return info.messages;
}
