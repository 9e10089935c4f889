#include "services/praxis/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/praxis/clock.h"
#include "services/praxis/commands.h"

const char px_client_feed_stream[] = "PRAXIS_FEED";
const char px_client_feed_api[] = "FEED.API";

enum { WAIT_DEFAULT_S = 10 };

const px_option *px_client_options(px_client_flags *flags, px_option rows[PX_CLIENT_OPTIONS])
{
    const px_option table[PX_CLIENT_OPTIONS] = {
        { "dir", "DIR", PX_OPTION_TEXT, &flags->dir,
          "directory of praxis run (praxis-data; PRAXIS_DIR)", 0, 0 },
        { "url", "URL", PX_OPTION_TEXT, &flags->url, "NATS server to connect to", 0, 0 },
        { "user", "NAME", PX_OPTION_TEXT, &flags->user, "user to connect as", 0, 0 },
        { "password-file", "FILE", PX_OPTION_TEXT, &flags->password_file,
          "file with that user's password", 0, 0 },
        { "tenant", "NAME", PX_OPTION_TEXT, &flags->tenant, "tenant to speak for", 0, 0 },
        { "source", "NAME", PX_OPTION_TEXT, &flags->source, "source to submit as", 0, 0 },
        { "wait", "SECONDS", PX_OPTION_NUMBER, &flags->wait_s,
          "how long to wait for the connection (10)", 1, 3600 },
        { 0 },
    };

    memcpy(rows, table, sizeof table);
    return rows;
}

const char *px_client_directory(const px_client_flags *flags)
{
    const char *variable = getenv("PRAXIS_DIR");

    if (flags->dir)
        return flags->dir;
    return variable && *variable ? variable : "praxis-data";
}

/* ---- where, and as whom ---- */

static void choose(char *out, size_t size, const char *flag, const char *path, const char *name)
{
    if (flag)
        snprintf(out, size, "%s", flag);
    else if (!px_layout_value(path, name, out, size))
        out[0] = '\0';
}

/* The user that `praxis run` made for this source of this tenant. */
static void user_of_source(px_client *c)
{
    px_sources *sources = calloc(1, sizeof *sources);

    snprintf(c->user, sizeof c->user, "%s", c->source);
    if (sources && px_layout_sources(c->dir, sources) == PX_OK)
        for (size_t i = 0; i < sources->count; i++)
            if (strcmp(sources->items[i].tenant, c->tenant) == 0 &&
                strcmp(sources->items[i].name, c->source) == 0)
                snprintf(c->user, sizeof c->user, "%s", sources->items[i].user);
    free(sources);
}

/* The first source of a tenant other than the default one. */
static void source_of_tenant(px_client *c)
{
    px_sources *sources = calloc(1, sizeof *sources);

    if (sources && px_layout_sources(c->dir, sources) == PX_OK)
        for (size_t i = sources->count; i-- > 0;)
            if (strcmp(sources->items[i].tenant, c->tenant) == 0)
                snprintf(c->source, sizeof c->source, "%s", sources->items[i].name);
    free(sources);
}

static px_status wrong(const char *what, const char *why)
{
    fprintf(stderr, "praxis: %s: %s\n", what, why);
    return PX_EINVALID;
}

static void identify(px_client *c, const px_client_flags *flags, px_client_kind kind)
{
    char connection[PX_PATH_MAX];

    snprintf(c->dir, sizeof c->dir, "%s", px_client_directory(flags));
    px_layout_path(c->dir, "connection", connection);
    choose(c->url, sizeof c->url, flags->url, connection, "url");
    choose(c->tenant, sizeof c->tenant, flags->tenant, connection, "tenant");
    if (kind == PX_CLIENT_OPERATOR) {
        snprintf(c->source, sizeof c->source, "operator");
        snprintf(c->user, sizeof c->user, "operator");
    } else {
        choose(c->source, sizeof c->source, flags->source, connection, "source");
        if (flags->tenant && !flags->source)
            source_of_tenant(c);
        user_of_source(c);
    }
    if (flags->user)
        snprintf(c->user, sizeof c->user, "%s", flags->user);
}

static px_status check(const px_client *c)
{
    if (!c->url[0]) {
        fprintf(stderr,
                "praxis: %s holds no connection: start `praxis run --dir %s`, or give --url, "
                "--tenant, --source and --password-file\n",
                c->dir, c->dir);
        return PX_EINVALID;
    }
    if (!px_name_valid(c->tenant))
        return wrong("--tenant", "letters, digits, - and _ are needed, at most 64");
    if (!px_name_valid(c->source))
        return wrong("--source", "letters, digits, - and _ are needed, at most 64");
    return PX_OK;
}

/* ---- connecting ---- */

static px_status wait_connected(px_client *c, uint64_t wait_s)
{
    int64_t end_ms = px_clock_ms() + (int64_t)(wait_s ? wait_s : WAIT_DEFAULT_S) * 1000;

    for (int64_t left_ms; px_bus_epoch(c->bus) == 0;) {
        left_ms = end_ms - px_clock_ms();
        if (left_ms <= 0) {
            fprintf(stderr, "praxis: no connection to %s as %s: %s\n", c->url, c->user,
                    px_bus_last_error(c->bus));
            return PX_ETIMEOUT;
        }
        px_bus_wait(c->bus, left_ms < 200 ? left_ms : 200);
    }
    return PX_OK;
}

static px_status open_bus(px_client *c, const char *password_file, px_client_kind kind)
{
    char path[PX_PATH_MAX], name[PX_USER_MAX + 20], prefix[PX_USER_MAX + 8];
    px_bus_options options = { .url = c->url, .user = c->user, .name = "praxis" };

    snprintf(name, sizeof name, "credentials/%s", c->user);
    snprintf(prefix, sizeof prefix, "_IN_%s", c->user);
    options.password_file = password_file ? password_file : px_layout_path(c->dir, name, path);
    options.inbox_prefix = prefix;
    options.js_prefix = kind == PX_CLIENT_SOURCE ? px_client_feed_api : NULL;
    if (access(options.password_file, R_OK) != 0) {
        fprintf(stderr, "praxis: there is no password for user %s at %s\n", c->user,
                options.password_file);
        return PX_EINVALID;
    }
    return px_bus_open(&c->bus, &options);
}

int px_client_open(px_client *client, const px_client_flags *flags, px_client_kind kind)
{
    px_status status;

    *client = (px_client){ 0 };
    identify(client, flags, kind);
    status = check(client);
    if (status == PX_OK)
        status = open_bus(client, flags->password_file, kind);
    if (status == PX_OK)
        status = wait_connected(client, flags->wait_s);
    if (status == PX_OK)
        return PX_EXIT_OK;
    px_client_close(client);
    return status == PX_EINVALID ? PX_EXIT_WRONG : PX_EXIT_FAILED;
}

void px_client_close(px_client *client)
{
    if (client->bus)
        px_bus_close(client->bus);
    client->bus = NULL;
}
