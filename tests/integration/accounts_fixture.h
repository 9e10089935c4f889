/* accounts_fixture.h: a nats-server with the accounts of `praxis run` and the streams of the
 * daemons.
 *
 * Tenant acme has the sources hr, lms and board, tenant globex has hr.
 */
#ifndef PRAXIS_TESTS_INTEGRATION_ACCOUNTS_FIXTURE_H
#define PRAXIS_TESTS_INTEGRATION_ACCOUNTS_FIXTURE_H

#include "services/praxis/layout.h"
#include "tests/common/nats_fixture.h"
#include "tests/integration/nats_raw.h"

enum { USERS_MAX = 16, COME_MS = 10000, STAY_AWAY_MS = 200 };

typedef struct {
    char dir[64];
    px_sources sources;
    nats_fixture *nats;
    struct {
        char name[PX_USER_MAX + 1];
        nats_raw *connection;
    } users[USERS_MAX];
    size_t user_count;
} world;

/* cmocka setup and teardown; `*ctx` is a world. */
int world_setup(void **ctx);
int world_teardown(void **ctx);

/** The connection of a user, which stays open until the end. */
nats_raw *connect_as(world *w, const char *user);
/** How many messages a stream holds, as the operator sees it. */
long messages_in(world *w, const char *stream);
/** An event of the daemon competency, stored. */
void say_event(world *w, const char *tenant, const char *body);
/** A result of the daemon competency for a source of acme, stored. */
void say_result(world *w, const char *source, const char *body);
/**
 * Asks for a consumer of acme's events.
 * @param filter  in the body; the subject of the call says praxis.v1.acme.event.>
 * @param more    appended to its configuration
 */
const char *create_consumer(nats_raw *c, const char *name, const char *filter, const char *more);

#endif
