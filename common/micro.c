#include "common/micro.h"

#include <jansson.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef PRAXIS_VERSION
#error "the build names the version: -DPRAXIS_VERSION"
#endif

enum { ID_BYTES = 12, INSTANCE_MAX = 256, SUBJECT_MAX = 256 };

const char px_micro_queue[] = "q";

typedef struct {
    _Atomic uint64_t requests;
    _Atomic uint64_t errors;
    _Atomic int64_t ns;
    _Atomic(const char *) last_error;
} counter;

struct px_micro {
    const px_service *service;
    px_micro_state_fn *state;
    void *context;
    char id[2 * ID_BYTES + 1];
    char instance[INSTANCE_MAX];
    char started[32];   /* RFC 3339 */
    counter counters[]; /* by query */
};

/** What every answer begins with. NULL when memory is out, like all of these. */
static json_t *identity(const px_micro *micro, const char *type)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:{s:s}}", "type", type, "name", micro->service->name,
                     "id", micro->id, "version", PRAXIS_VERSION, "metadata", "instance",
                     micro->instance);
}

static json_t *endpoint(const px_micro *micro, size_t query)
{
    const char *name = micro->service->queries[query].name;
    char subject[SUBJECT_MAX];

    snprintf(subject, sizeof subject, "praxis.v1.*.query.%s.%s", micro->service->name, name);
    return json_pack("{s:s, s:s, s:s, s:{}}", "name", name, "subject", subject, "queue_group",
                     px_micro_queue, "metadata");
}

static json_t *endpoint_stats(const px_micro *micro, size_t query, const px_micro_state *state)
{
    const counter *c = &micro->counters[query];
    uint64_t requests = atomic_load(&c->requests);
    int64_t ns = atomic_load(&c->ns);
    json_t *stats = endpoint(micro, query);
    json_t *more = json_pack(
        "{s:I, s:I, s:s, s:I, s:I, s:{s:I, s:b, s:s}}", "num_requests", (json_int_t)requests,
        "num_errors", (json_int_t)atomic_load(&c->errors), "last_error",
        atomic_load(&c->last_error), "processing_time", (json_int_t)ns, "average_processing_time",
        (json_int_t)(requests > 0 ? ns / (int64_t)requests : 0), "data", "cursor",
        (json_int_t)state->cursor, "ready", (int)state->ready, "why_not", state->why_not);

    json_object_update(stats, more);
    json_decref(more);
    return stats;
}

static json_t *ping(const px_micro *micro)
{
    return identity(micro, "io.nats.micro.v1.ping_response");
}

static json_t *info(const px_micro *micro)
{
    json_t *answer = identity(micro, "io.nats.micro.v1.info_response");
    json_t *endpoints = json_array();

    for (size_t i = 0; i < micro->service->query_count; i++)
        json_array_append_new(endpoints, endpoint(micro, i));
    json_object_set_new(answer, "description", json_string(micro->service->summary));
    json_object_set_new(answer, "endpoints", endpoints);
    return answer;
}

static json_t *stats(const px_micro *micro)
{
    json_t *answer = identity(micro, "io.nats.micro.v1.stats_response");
    json_t *endpoints = json_array();
    px_micro_state state = micro->state(micro->context);

    for (size_t i = 0; i < micro->service->query_count; i++)
        json_array_append_new(endpoints, endpoint_stats(micro, i, &state));
    json_object_set_new(answer, "started", json_string(micro->started));
    json_object_set_new(answer, "endpoints", endpoints);
    return answer;
}

/** A missing answer is what a requester must be ready for anyway, so a failure ends here. */
static void respond(px_bus *bus, const px_bus_msg *request, json_t *answer)
{
    char *text = json_dumps(answer, JSON_COMPACT);

    if (text)
        (void)px_bus_respond(bus, request, (px_bytes){ text, strlen(text) }, NULL, 0);
    free(text);
    json_decref(answer);
}

static void on_ping(void *context, px_bus *bus, const px_bus_msg *request)
{
    respond(bus, request, ping(context));
}

static void on_info(void *context, px_bus *bus, const px_bus_msg *request)
{
    respond(bus, request, info(context));
}

static void on_stats(void *context, px_bus *bus, const px_bus_msg *request)
{
    respond(bus, request, stats(context));
}

static px_status serve_verb(px_micro *micro, px_bus *bus, const char *verb, px_bus_handler handler)
{
    char all[SUBJECT_MAX], named[SUBJECT_MAX], one[SUBJECT_MAX];
    const char *const subjects[] = { all, named, one };
    px_status status = PX_OK;

    snprintf(all, sizeof all, "$SRV.%s", verb);
    snprintf(named, sizeof named, "$SRV.%s.%s", verb, micro->service->name);
    snprintf(one, sizeof one, "$SRV.%s.%s.%s", verb, micro->service->name, micro->id);
    /* No queue: each copy answers for itself. */
    for (size_t i = 0; i < PX_COUNT(subjects) && status == PX_OK; i++)
        status = px_bus_serve(bus, subjects[i], NULL, handler, micro);
    return status;
}

static void name_self(px_micro *micro, const char *instance)
{
    uint8_t random[ID_BYTES];
    time_t now = time(NULL);
    struct tm utc;

    randombytes_buf(random, sizeof random);
    sodium_bin2hex(micro->id, sizeof micro->id, random, sizeof random);
    snprintf(micro->instance, sizeof micro->instance, "%s", instance);
    gmtime_r(&now, &utc);
    strftime(micro->started, sizeof micro->started, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

px_status px_micro_start(px_micro **micro, px_bus *bus, const px_service *service,
                         const char *instance, px_micro_state_fn *state, void *context)
{
    px_micro *m;
    px_status status;

    *micro = NULL;
    if (sodium_init() < 0)
        return PX_EIO;
    m = calloc(1, sizeof *m + service->query_count * sizeof(counter));
    if (!m)
        return PX_ENOMEM;
    m->service = service;
    m->state = state;
    m->context = context;
    for (size_t i = 0; i < service->query_count; i++)
        atomic_init(&m->counters[i].last_error, "");
    name_self(m, instance);
    /* Kept on failure too: what was subscribed before it answers until the connection is closed. */
    *micro = m;
    status = serve_verb(m, bus, "PING", on_ping);
    if (status == PX_OK)
        status = serve_verb(m, bus, "INFO", on_info);
    if (status == PX_OK)
        status = serve_verb(m, bus, "STATS", on_stats);
    return status;
}

void px_micro_destroy(px_micro *micro)
{
    free(micro);
}

void px_micro_count(px_micro *micro, size_t query, const char *error, int64_t ns)
{
    PX_ASSERT(query < micro->service->query_count);
    counter *c = &micro->counters[query];

    atomic_fetch_add(&c->requests, 1);
    atomic_fetch_add(&c->ns, ns);
    if (error) {
        atomic_fetch_add(&c->errors, 1);
        atomic_store(&c->last_error, error);
    }
}
