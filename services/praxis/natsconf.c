#include "services/praxis/natsconf.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

enum { LINES_MAX = 48, LINE_MAX_SIZE = 320 };

/* Of each tenant: connections in all, subscriptions of each, bytes of one message (a bundle with
 * its headers). */
enum { TENANT_CONNECTIONS = 1000, TENANT_SUBSCRIPTIONS = 1000, TENANT_PAYLOAD = 128 * 1024 };

/* ---- lists of subjects ---- */

typedef struct {
    char lines[LINES_MAX][LINE_MAX_SIZE];
    size_t count;
} subject_list;

__attribute__((format(printf, 2, 3))) static void add(subject_list *list, const char *format, ...)
{
    va_list arguments;

    PX_ASSERT(list->count < LINES_MAX);
    va_start(arguments, format);
    int size = vsnprintf(list->lines[list->count++], LINE_MAX_SIZE, format, arguments);
    va_end(arguments);
    PX_ASSERT(size > 0 && size < LINE_MAX_SIZE);
}

static void print_list(FILE *out, const char *name, const subject_list *list)
{
    fprintf(out, "%s: [\n", name);
    for (size_t i = 0; i < list->count; i++)
        fprintf(out, "          \"%s\"\n", list->lines[i]);
    fputs("        ]", out);
}

/* Never for anybody, also where a list of what is allowed should one day be too wide. */
static const subject_list denied = {
    .lines = { "$SYS.>", "$JS.API.ACCOUNT.>", "$JS.API.SERVER.>", "$JS.API.META.>",
               "$JS.API.STREAM.DELETE.>", "$JS.API.STREAM.UPDATE.>", "$JS.API.STREAM.RESTORE.>",
               "$JS.API.STREAM.PEER.>", "$JS.API.STREAM.PURGE.PRAXIS_LOG",
               "$JS.API.STREAM.PURGE.PRAXIS_FEED", "$JS.API.STREAM.PURGE.PRAXIS_KEYS",
               "$JS.API.STREAM.PURGE.KV_PRAXIS_REPORTS", "$JS.API.STREAM.MSG.DELETE.PRAXIS_LOG",
               "$JS.API.STREAM.MSG.DELETE.PRAXIS_FEED",
               "$JS.API.STREAM.MSG.DELETE.KV_PRAXIS_REPORTS" },
    .count = 15,
};

/* ---- users ---- */

static px_status print_user(FILE *out, const px_natsconf *conf, const char *user,
                            const subject_list *publish, const subject_list *subscribe,
                            bool responds)
{
    char password[PX_PASSWORD_SIZE] = "<password>";
    px_status status = conf->dir ? px_layout_password(conf->dir, user, password) : PX_OK;

    fprintf(out, "      { user: \"%s\", password: \"%s\", permissions: {\n        ", user,
            password);
    fputs("publish: {\n        ", out);
    print_list(out, "allow", publish);
    fputs("\n        ", out);
    print_list(out, "deny", &denied);
    fputs(" }\n        ", out);
    print_list(out, "subscribe", subscribe);
    if (responds)
        fputs("\n        allow_responses: { max: 1, expires: \"5s\" }", out);
    fputs(" } }\n", out);
    return status;
}

/* ---- the daemons ---- */

typedef struct {
    const char *name;
    bool texts;   /* seals and opens texts: makes, reads and erases keys */
    bool reports; /* writes report values */
} daemon_rights;

static const daemon_rights daemons[PX_DAEMONS] = {
    { "feedback-ingest", true, false }, { "review-cycle", true, false },
    { "competency", false, false },     { "learning-recommender", false, false },
    { "reporting", false, true },
};

/* PRAXIS_INBOX_FEEDBACK_INGEST */
static void inbox_name(const char *service, char name[64])
{
    int size = snprintf(name, 64, "PRAXIS_INBOX_%s", service);

    for (int i = 0; i < size; i++)
        name[i] = name[i] == '-' ? '_' : (char)toupper((unsigned char)name[i]);
}

/* Makes the streams it uses when they are missing, and looks at single messages. */
static void add_stream(subject_list *publish, const char *stream)
{
    add(publish, "$JS.API.STREAM.INFO.%s", stream);
    add(publish, "$JS.API.STREAM.CREATE.%s", stream);
    add(publish, "$JS.API.STREAM.MSG.GET.%s", stream);
}

static void add_reading(subject_list *publish, const char *stream)
{
    add(publish, "$JS.API.CONSUMER.CREATE.%s", stream);
    add(publish, "$JS.API.CONSUMER.MSG.NEXT.%s.*", stream);
    add(publish, "$JS.API.CONSUMER.INFO.%s.*", stream);
}

static void may_publish(const daemon_rights *d, subject_list *publish)
{
    char inbox[64];

    inbox_name(d->name, inbox);
    add(publish, "$JS.API.INFO"); /* what the account allows */
    add(publish, "praxis.log.%s", d->name);
    add(publish, "praxis.v1.*.event.%s.>", d->name);
    add(publish, "praxis.v1.*.result.%s.*", d->name);
    add_stream(publish, "PRAXIS_LOG");
    add_reading(publish, "PRAXIS_LOG");
    add_stream(publish, inbox);
    add_reading(publish, inbox);
    add(publish, "$JS.API.STREAM.PURGE.%s", inbox);
    add(publish, "$JS.API.STREAM.MSG.DELETE.%s", inbox); /* overwritten before it is purged */
    add_stream(publish, "PRAXIS_FEED");
    if (d->texts) {
        add_stream(publish, "PRAXIS_KEYS");
        add(publish, "praxis.key.>");
        add(publish, "$JS.API.STREAM.MSG.DELETE.PRAXIS_KEYS");
    }
    if (d->reports) {
        add_stream(publish, "KV_PRAXIS_REPORTS");
        add(publish, "$KV.PRAXIS_REPORTS.>");
    }
}

static void may_subscribe(const daemon_rights *d, subject_list *subscribe)
{
    static const char *const verbs[] = { "PING", "INFO", "STATS" };

    add(subscribe, "_IN_%s.>", d->name);
    add(subscribe, "praxis.v1.*.query.%s.*", d->name);
    add(subscribe, "praxis.admin.%s.*", d->name);
    for (size_t i = 0; i < PX_COUNT(verbs); i++) {
        add(subscribe, "$SRV.%s", verbs[i]);
        add(subscribe, "$SRV.%s.%s", verbs[i], d->name);
        add(subscribe, "$SRV.%s.%s.*", verbs[i], d->name);
    }
}

static px_status print_daemon(FILE *out, const px_natsconf *conf, const daemon_rights *d)
{
    subject_list publish = { 0 }, subscribe = { 0 };

    may_publish(d, &publish);
    may_subscribe(d, &subscribe);
    return print_user(out, conf, d->name, &publish, &subscribe, true);
}

/* Reads everything and asks everybody; writes only as the source "operator". */
static px_status print_operator(FILE *out, const px_natsconf *conf)
{
    subject_list publish = { 0 }, subscribe = { 0 };

    add(&publish, "praxis.v1.*.submit.*.*.operator");
    add(&publish, "praxis.v1.*.query.*.*");
    add(&publish, "praxis.admin.*.*");
    add(&publish, "$SRV.>");
    add(&publish, "$JS.API.STREAM.INFO.*");
    add(&publish, "$JS.API.STREAM.MSG.GET.*");
    add(&publish, "$JS.API.DIRECT.GET.>");
    add(&publish, "$JS.API.CONSUMER.CREATE.>");
    add(&publish, "$JS.API.CONSUMER.MSG.NEXT.*.*");
    add(&publish, "$JS.API.CONSUMER.INFO.*.*");
    add(&publish, "$JS.API.STREAM.SNAPSHOT.*"); /* praxis backup */
    add(&publish, "$JS.SNAPSHOT.ACK.*.*.*.*");
    add(&subscribe, "_IN_operator.>");
    return print_user(out, conf, "operator", &publish, &subscribe, false);
}

/* Seals the keys of people under a new master key (praxis rotate-key); nothing else. */
static px_status print_keeper(FILE *out, const px_natsconf *conf)
{
    subject_list publish = { 0 }, subscribe = { 0 };

    add(&publish, "praxis.key.>");
    add(&publish, "$JS.API.STREAM.INFO.PRAXIS_KEYS");
    add(&publish, "$JS.API.STREAM.MSG.GET.PRAXIS_KEYS");
    add(&publish, "$JS.API.STREAM.MSG.DELETE.PRAXIS_KEYS");
    add_reading(&publish, "PRAXIS_KEYS");
    add(&subscribe, "_IN_keeper.>");
    return print_user(out, conf, "keeper", &publish, &subscribe, false);
}

/* ---- what crosses the border ---- */

typedef enum { SERVICE, SERVICE_STREAM, LIVE } crossing_kind;

/* %s is the tenant. Calls of the JetStream API are imported under FEED.API: unrenamed they would be
 * answered for the tenant's own account, which has no JetStream. */
static const struct {
    crossing_kind kind;
    const char *subject;
    const char *renamed;
} crossings[] = {
    { SERVICE, "praxis.v1.%s.submit.*.*.*", NULL },
    { SERVICE, "praxis.v1.%s.query.*.*", NULL },
    { LIVE, "praxis.v1.%s.event.>", NULL },
    { LIVE, "praxis.v1.%s.result.*.*", NULL },
    { SERVICE, "$JS.API.CONSUMER.CREATE.PRAXIS_FEED.*.praxis.v1.%s.event.>",
      "FEED.API.CONSUMER.CREATE.PRAXIS_FEED.*.praxis.v1.%s.event.>" },
    { SERVICE, "$JS.API.CONSUMER.CREATE.PRAXIS_FEED.*.praxis.v1.%s.result.*.*",
      "FEED.API.CONSUMER.CREATE.PRAXIS_FEED.*.praxis.v1.%s.result.*.*" },
    { SERVICE_STREAM, "$JS.API.CONSUMER.MSG.NEXT.PRAXIS_FEED.*",
      "FEED.API.CONSUMER.MSG.NEXT.PRAXIS_FEED.*" },
    { SERVICE, "$JS.API.CONSUMER.INFO.PRAXIS_FEED.*", "FEED.API.CONSUMER.INFO.PRAXIS_FEED.*" },
    { SERVICE, "$JS.API.DIRECT.GET.PRAXIS_FEED.praxis.v1.%s.event.>",
      "FEED.API.DIRECT.GET.PRAXIS_FEED.praxis.v1.%s.event.>" },
    { SERVICE, "$JS.API.DIRECT.GET.PRAXIS_FEED.praxis.v1.%s.result.*.*",
      "FEED.API.DIRECT.GET.PRAXIS_FEED.praxis.v1.%s.result.*.*" },
    { SERVICE, "$JS.API.DIRECT.GET.KV_PRAXIS_REPORTS.$KV.PRAXIS_REPORTS.%s.>",
      "FEED.API.DIRECT.GET.KV_PRAXIS_REPORTS.$KV.PRAXIS_REPORTS.%s.>" },
};

/* Puts the tenant where %s stands, if it does. */
static void fill(const char *pattern, const char *tenant, char text[LINE_MAX_SIZE])
{
    const char *hole = strstr(pattern, "%s");

    if (hole)
        snprintf(text, LINE_MAX_SIZE, "%.*s%s%s", (int)(hole - pattern), pattern, tenant, hole + 2);
    else
        snprintf(text, LINE_MAX_SIZE, "%s", pattern);
}

static bool first_of_tenant(const px_sources *sources, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(sources->items[i].tenant, sources->items[index].tenant) == 0)
            return false;
    return true;
}

/* One export may be open to several accounts, but each subject is exported once. */
static void print_tenants(FILE *out, const px_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        if (first_of_tenant(sources, i))
            fprintf(out, "%sTENANT_%s", i > 0 ? ", " : "", sources->items[i].tenant);
}

static void print_export(FILE *out, size_t crossing, const px_sources *sources, size_t tenant)
{
    bool common = strstr(crossings[crossing].subject, "%s") == NULL;
    char subject[LINE_MAX_SIZE];

    if (common && tenant > 0)
        return;
    fill(crossings[crossing].subject, sources->items[tenant].tenant, subject);
    fprintf(out, "      { %s: \"%s\"", crossings[crossing].kind == LIVE ? "stream" : "service",
            subject);
    if (crossings[crossing].kind == SERVICE_STREAM)
        fputs(", response_type: stream", out);
    fputs(", accounts: [", out);
    if (common)
        print_tenants(out, sources);
    else
        fprintf(out, "TENANT_%s", sources->items[tenant].tenant);
    fputs("] }\n", out);
}

static void print_imports(FILE *out, const char *tenant)
{
    char subject[LINE_MAX_SIZE];

    fputs("    imports: [\n", out);
    for (size_t i = 0; i < PX_COUNT(crossings); i++) {
        fill(crossings[i].subject, tenant, subject);
        fprintf(out, "      { %s: { account: CORE, subject: \"%s\" }",
                crossings[i].kind == LIVE ? "stream" : "service", subject);
        if (crossings[i].renamed) {
            fill(crossings[i].renamed, tenant, subject);
            fprintf(out, ", to: \"%s\"", subject);
        }
        fputs(" }\n", out);
    }
    fputs("    ]\n", out);
}

/* ---- tenants ---- */

static px_status print_source(FILE *out, const px_natsconf *conf, const px_source *s)
{
    static const char *const own[] = { "CONSUMER.CREATE.PRAXIS_FEED.*", "DIRECT.GET.PRAXIS_FEED" };
    subject_list publish = { 0 }, subscribe = { 0 };

    add(&publish, "praxis.v1.%s.submit.*.*.%s", s->tenant, s->name);
    add(&publish, "praxis.v1.%s.query.*.*", s->tenant);
    for (size_t i = 0; i < PX_COUNT(own); i++) {
        add(&publish, "FEED.API.%s.praxis.v1.%s.event.>", own[i], s->tenant);
        add(&publish, "FEED.API.%s.praxis.v1.%s.result.*.%s", own[i], s->tenant, s->name);
    }
    add(&publish, "FEED.API.CONSUMER.MSG.NEXT.PRAXIS_FEED.*");
    add(&publish, "FEED.API.CONSUMER.INFO.PRAXIS_FEED.*");
    add(&publish, "FEED.API.DIRECT.GET.KV_PRAXIS_REPORTS.$KV.PRAXIS_REPORTS.%s.>", s->tenant);
    add(&subscribe, "_IN_%s.>", s->user);
    add(&subscribe, "praxis.v1.%s.event.>", s->tenant);
    add(&subscribe, "praxis.v1.%s.result.*.%s", s->tenant, s->name);
    return print_user(out, conf, s->user, &publish, &subscribe, false);
}

static px_status print_tenant(FILE *out, const px_natsconf *conf, const char *tenant)
{
    px_status status = PX_OK;

    fprintf(out, "\n  # Tenant %s: everybody outside lives here.\n  TENANT_%s {\n", tenant, tenant);
    fprintf(out, "    limits: { max_connections: %d, max_subscriptions: %d, max_payload: %d }\n",
            TENANT_CONNECTIONS, TENANT_SUBSCRIPTIONS, TENANT_PAYLOAD);
    print_imports(out, tenant);
    fputs("    users: [\n", out);
    for (size_t i = 0; i < conf->sources->count && status == PX_OK; i++)
        if (strcmp(conf->sources->items[i].tenant, tenant) == 0)
            status = print_source(out, conf, &conf->sources->items[i]);
    fputs("    ]\n  }\n", out);
    return status;
}

/* ---- the whole ---- */

static px_status print_system(FILE *out, const px_natsconf *conf)
{
    char password[PX_PASSWORD_SIZE] = "<password>";
    px_status status = conf->dir ? px_layout_password(conf->dir, "sys", password) : PX_OK;

    fprintf(out,
            "  # The server's own account; nothing of Praxis uses it.\n"
            "  SYS { users: [ { user: \"sys\", password: \"%s\" } ] }\n\n",
            password);
    return status;
}

static px_status print_core(FILE *out, const px_natsconf *conf)
{
    px_status status = PX_OK;

    fprintf(out,
            "  # The streams, the daemons, the operator and the keeper of keys.\n  CORE {\n"
            "    jetstream: { max_file: %" PRIu64 ", max_memory: %u }\n    exports: [\n",
            conf->max_file_bytes, 64u << 20);
    for (size_t t = 0; t < conf->sources->count; t++)
        for (size_t i = 0; i < PX_COUNT(crossings) && first_of_tenant(conf->sources, t); i++)
            print_export(out, i, conf->sources, t);
    fputs("    ]\n    users: [\n", out);
    for (size_t i = 0; i < PX_COUNT(daemons) && status == PX_OK; i++)
        status = print_daemon(out, conf, &daemons[i]);
    if (status == PX_OK)
        status = print_operator(out, conf);
    if (status == PX_OK)
        status = print_keeper(out, conf);
    fputs("    ]\n  }\n", out);
    return status;
}

px_status px_natsconf_write(FILE *out, const px_natsconf *conf)
{
    px_status status;

    fprintf(out,
            "# nats-server configuration for Praxis; written by `praxis run`, do not edit.\n"
            "listen: \"%s:%u\"\nserver_name: \"praxis\"\n"
            "jetstream { store_dir: \"%s\", max_file_store: %" PRIu64
            ", max_memory_store: %u }\n\naccounts {\n",
            conf->address, (unsigned)conf->port, conf->store_dir, conf->max_file_bytes, 64u << 20);
    status = print_system(out, conf);
    if (status == PX_OK)
        status = print_core(out, conf);
    for (size_t i = 0; i < conf->sources->count && status == PX_OK; i++)
        if (first_of_tenant(conf->sources, i))
            status = print_tenant(out, conf, conf->sources->items[i].tenant);
    fputs("}\nsystem_account: SYS\n", out);
    return ferror(out) ? PX_EIO : status;
}
