#include "tests/integration/accounts_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "services/praxis/natsconf.h"

/* ---- the world: a server with its streams ---- */

/* The configuration without its own listen and store lines, which are the fixture's. */
static char *accounts(const world *w)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    const px_natsconf conf = { .address = "127.0.0.1",
                               .port = 4222,
                               .store_dir = "unused",
                               .max_file_bytes = UINT64_C(1) << 30,
                               .sources = &w->sources,
                               .dir = w->dir };

    assert_non_null(out);
    assert_int_equal(px_natsconf_write(out, &conf), PX_OK);
    fclose(out);
    char *start = strstr(text, "accounts {");
    assert_non_null(start);
    memmove(text, start, strlen(start) + 1);
    return text;
}

nats_raw *connect_as(world *w, const char *user)
{
    char password[PX_PASSWORD_SIZE];

    for (size_t i = 0; i < w->user_count; i++)
        if (strcmp(w->users[i].name, user) == 0)
            return w->users[i].connection;
    assert_int_equal(px_layout_password(w->dir, user, password), PX_OK);
    nats_raw *c = nats_raw_open(nats_fixture_url(w->nats), user, password);
    assert_non_null(c);
    assert_in_range(w->user_count, 0, USERS_MAX - 1);
    snprintf(w->users[w->user_count].name, sizeof w->users[0].name, "%s", user);
    w->users[w->user_count++].connection = c;
    return c;
}

static void make_stream(world *w, const char *user, const char *name, const char *subjects)
{
    char call[128], body[512];

    snprintf(call, sizeof call, "$JS.API.STREAM.CREATE.%s", name);
    snprintf(body, sizeof body,
             "{\"name\":\"%s\",\"subjects\":[%s],\"storage\":\"file\",\"allow_direct\":true}", name,
             subjects);
    const char *answer = nats_raw_ask(connect_as(w, user), call, body);
    assert_non_null(answer);
    assert_null(strstr(answer, "\"error\""));
}

int world_setup(void **ctx)
{
    world *w = calloc(1, sizeof *w);

    snprintf(w->dir, sizeof w->dir, "/tmp/praxis-accounts-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    assert_int_equal(px_layout_make(w->dir), PX_OK);
    assert_int_equal(px_sources_add(&w->sources, "acme", "hr"), PX_OK);
    assert_int_equal(px_sources_add(&w->sources, "acme", "lms"), PX_OK);
    assert_int_equal(px_sources_add(&w->sources, "acme", "board"), PX_OK);
    assert_int_equal(px_sources_add(&w->sources, "globex", "hr"), PX_OK);
    char *config = accounts(w);
    w->nats = nats_fixture_start(config);
    free(config);
    make_stream(w, "competency", "PRAXIS_LOG", "\"praxis.log.*\"");
    make_stream(w, "competency", "PRAXIS_FEED", "\"praxis.v1.*.event.>\",\"praxis.v1.*.result.>\"");
    make_stream(w, "competency", "PRAXIS_INBOX_COMPETENCY",
                "\"praxis.v1.*.submit.competency.*.*\"");
    make_stream(w, "feedback-ingest", "PRAXIS_KEYS", "\"praxis.key.>\"");
    make_stream(w, "reporting", "KV_PRAXIS_REPORTS", "\"$KV.PRAXIS_REPORTS.>\"");
    *ctx = w;
    return 0;
}

int world_teardown(void **ctx)
{
    world *w = *ctx;

    for (size_t i = 0; i < w->user_count; i++)
        nats_raw_close(w->users[i].connection);
    nats_fixture_stop(w->nats);
    px_layout_remove(w->dir);
    free(w);
    return 0;
}

/* ---- looking, as the operator ---- */

long messages_in(world *w, const char *stream)
{
    char call[128];

    snprintf(call, sizeof call, "$JS.API.STREAM.INFO.%s", stream);
    const char *info = nats_raw_ask(connect_as(w, "operator"), call, "");
    assert_non_null(info);
    const char *count = strstr(info, "\"messages\":");
    assert_non_null(count);
    return strtol(count + strlen("\"messages\":"), NULL, 10);
}

void say_event(world *w, const char *tenant, const char *body)
{
    char subject[128];

    snprintf(subject, sizeof subject, "praxis.v1.%s.event.competency.LevelChanged", tenant);
    const char *ack = nats_raw_ask(connect_as(w, "competency"), subject, body);
    assert_non_null(ack);
    assert_non_null(strstr(ack, "\"seq\""));
}

void say_result(world *w, const char *source, const char *body)
{
    char subject[128];

    snprintf(subject, sizeof subject, "praxis.v1.acme.result.competency.%s", source);
    assert_non_null(nats_raw_ask(connect_as(w, "competency"), subject, body));
}

static const char create_events[] =
    "FEED.API.CONSUMER.CREATE.PRAXIS_FEED.%s.praxis.v1.acme.event.>";

/* Makes a consumer of acme's events with more in its configuration. */
const char *create_consumer(nats_raw *c, const char *name, const char *filter, const char *more)
{
    char call[256], body[768];

    snprintf(call, sizeof call, create_events, name);
    snprintf(body, sizeof body,
             "{\"stream_name\":\"PRAXIS_FEED\",\"config\":{\"name\":\"%s\",\"deliver_policy\":"
             "\"all\",\"ack_policy\":\"none\",\"filter_subject\":\"%s\"%s}}",
             name, filter, more);
    return nats_raw_ask(c, call, body);
}
