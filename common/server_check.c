#include "common/server_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "common/diag.h"
#include "common/fold.h"
#include "common/metrics.h"
#include "common/outbound.h"
#include "common/vault.h"

enum { REPLICAS_DURABLE = 3 };

/* ---- streams ---- */

typedef struct {
    px_bus *bus;
    const px_service *service;
    const px_config *config;
    char *why;
} server_check;

__attribute__((format(printf, 2, 3))) static px_status refuse(char why[PX_SERVER_WHY_MAX],
                                                              const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, PX_SERVER_WHY_MAX, format, arguments);
    va_end(arguments);
    return PX_EREFUSED;
}

/* Trouble that passes by itself is no verdict about the server. */
static bool passes(px_status status)
{
    return status == PX_EDISCONNECTED || status == PX_ETIMEOUT || status == PX_ENOMEM ||
           status == PX_EEXHAUSTED;
}

static px_status ensure(server_check *c, px_stream_config stream)
{
    stream.replicas = (uint32_t)c->config->replicas;
    px_status status = px_bus_stream_ensure(c->bus, &stream);

    if (status == PX_OK || passes(status))
        return status;
    if (status == PX_EINVALID)
        return refuse(c->why, "stream %s", px_bus_last_error(c->bus));
    return refuse(c->why, "stream %s can be neither seen nor made: %s", stream.name,
                  px_bus_last_error(c->bus));
}

static px_status ensure_inbox(server_check *c)
{
    char subject[128], name[64];
    const char *subjects[] = { subject };

    px_inbox_stream_name(c->service->name, name, sizeof name);
    snprintf(subject, sizeof subject, "praxis.v1.*.submit.%s.*.*", c->service->name);
    return ensure(c, (px_stream_config){ .name = name,
                                         .subjects = subjects,
                                         .subject_count = 1,
                                         .retention = PX_KEEP_UNTIL_PURGED,
                                         .dedupe_ms = PX_INBOX_DEDUPE_MS,
                                         .max_bytes = c->config->inbox_max_bytes });
}

static px_status ensure_feed(server_check *c)
{
    static const char *const feed[] = { "praxis.v1.*.event.>", "praxis.v1.*.result.>" };

    return ensure(c, (px_stream_config){ .name = px_feed_stream,
                                         .subjects = feed,
                                         .subject_count = 2,
                                         .retention = PX_KEEP_UNTIL_PURGED,
                                         .max_bytes = c->config->feed_max_bytes,
                                         .max_consumers = PX_FEED_CONSUMERS_MAX,
                                         .max_age_ns = (int64_t)c->config->feed_max_age_days *
                                                       86400 * INT64_C(1000000000) });
}

/* Every daemon makes what it uses, so none has to be started first. */
static px_status ensure_streams(server_check *c, bool keys)
{
    static const char *const log[] = { "praxis.log.*" }, *const key[] = { "praxis.key.>" };
    static const char *const reports[] = { "$KV.PRAXIS_REPORTS.>" };
    px_status status = ensure(c, (px_stream_config){ .name = px_log_stream,
                                                     .subjects = log,
                                                     .subject_count = 1,
                                                     .retention = PX_KEEP_FOREVER });

    if (status == PX_OK)
        status = ensure_feed(c);
    if (status == PX_OK)
        status = ensure_inbox(c);
    if (status == PX_OK && keys)
        status = ensure(c, (px_stream_config){ .name = px_vault_stream,
                                               .subjects = key,
                                               .subject_count = 1,
                                               .retention = PX_KEEP_UNTIL_PURGED });
    if (status == PX_OK && c->service->report != NULL)
        status = ensure(c, (px_stream_config){ .name = px_reports_stream,
                                               .subjects = reports,
                                               .subject_count = 1,
                                               .retention = PX_KEEP_LAST_PER_SUBJECT });
    return status;
}

/* ---- limits ---- */

/* -1: no bound. */
static bool suffices(const char *setting, int64_t found, int64_t needed,
                     char why[PX_SERVER_WHY_MAX])
{
    if (found < 0 || found >= needed)
        return true;
    refuse(why, "the server's %s is %" PRId64 ", at least %" PRId64 " is needed", setting, found,
           needed);
    return false;
}

bool px_server_limits_suffice(const px_bus_limits *limits, uint64_t inbox_bytes,
                              char why[PX_SERVER_WHY_MAX])
{
    return suffices("max_payload", limits->max_payload, PX_SERVER_PAYLOAD_MIN, why) &&
           suffices("max_file of the account", limits->max_file_bytes, (int64_t)inbox_bytes, why) &&
           suffices("disk_max_stream_bytes of the account", limits->max_stream_bytes,
                    (int64_t)inbox_bytes, why) &&
           suffices("max_consumers of the account", limits->max_consumers, PX_SERVER_CONSUMERS_MIN,
                    why);
}

static px_status check_limits(server_check *c)
{
    px_bus_limits limits;
    px_status status = px_bus_limits_of(c->bus, &limits);

    if (status == PX_OK)
        return px_server_limits_suffice(&limits, c->config->inbox_max_bytes, c->why) ? PX_OK
                                                                                     : PX_EREFUSED;
    if (passes(status))
        return status;
    return refuse(c->why,
                  "no JetStream for user \"%s\": it must be enabled on the server, and for the "
                  "account of the daemons (%s)",
                  c->config->nats_user, px_bus_last_error(c->bus));
}

px_status px_server_check(px_bus *bus, const px_service *service, const px_config *config,
                          bool keys, char why[PX_SERVER_WHY_MAX])
{
    server_check c = { bus, service, config, why };
    px_status status = check_limits(&c);

    return status == PX_OK ? ensure_streams(&c, keys) : status;
}

/* ---- durability ---- */

px_status px_server_say_durable(px_bus *bus, const px_config *config)
{
    static atomic_flag warned = ATOMIC_FLAG_INIT;
    px_stream_info info;
    px_status status = px_bus_stream_info(bus, px_log_stream, &info);

    if (status != PX_OK)
        return status;
    bool durable = config->durable || info.replicas >= REPLICAS_DURABLE;
    px_metric_set(PX_METRIC_SERVER_DURABLE, durable);
    if (!durable && !atomic_flag_test_and_set(&warned))
        px_warning("the server is not known to be durable: a power cut can take what it has "
                   "acknowledged (README: What survives what)",
                   PX_NUMBER("replicas", info.replicas), PX_TEXT("durable", "no"));
    return PX_OK;
}
