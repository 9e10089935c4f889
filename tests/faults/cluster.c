#include "tests/faults/cluster.h"
#include "tests/common/choose_port.h"

#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/common/choose_port.h"
#include "tests/common/nats_fixture.h"
#include "tests/faults/world.h"

enum { ASK_MS = 2000 };

struct cluster {
    nats_fixture *nodes[CLUSTER_NODES];
    char urls[256];
};

static const char cluster_name_prefix = 'n';

static nats_fixture *start_node(unsigned node, const uint16_t ports[CLUSTER_NODES])
{
    char config[512];

    snprintf(config, sizeof config,
             "server_name: %c%u\n"
             "cluster { name: praxis, listen: \"127.0.0.1:%u\", routes: [\n"
             "  \"nats://127.0.0.1:%u\", \"nats://127.0.0.1:%u\", \"nats://127.0.0.1:%u\" ] }\n",
             cluster_name_prefix, node, (unsigned)ports[node], (unsigned)ports[0],
             (unsigned)ports[1], (unsigned)ports[2]);
    return nats_fixture_start(config);
}

cluster *cluster_start(void)
{
    cluster *c = calloc(1, sizeof *c);
    uint16_t ports[CLUSTER_NODES];

    assert_non_null(c);
    for (unsigned i = 0; i < CLUSTER_NODES; i++)
        ports[i] = fixture_choose_port();
    for (unsigned i = 0; i < CLUSTER_NODES; i++) {
        size_t used = strlen(c->urls);

        c->nodes[i] = start_node(i, ports);
        snprintf(c->urls + used, sizeof c->urls - used, "%s%s", i > 0 ? "," : "",
                 nats_fixture_url(c->nodes[i]));
    }
    return c;
}

void cluster_stop(cluster *c)
{
    for (unsigned i = 0; c && i < CLUSTER_NODES; i++)
        nats_fixture_stop(c->nodes[i]);
    free(c);
}

const char *cluster_urls(const cluster *c)
{
    return c->urls;
}

void cluster_kill(cluster *c, unsigned node)
{
    nats_fixture_kill(c->nodes[node]);
}

void cluster_restart(cluster *c, unsigned node)
{
    nats_fixture_restart(c->nodes[node]);
}

void cluster_signal(cluster *c, unsigned node, int number)
{
    kill(nats_fixture_pid(c->nodes[node]), number);
}

/* ---- what it says of a stream ---- */

/* The "cluster" part of the stream's description; NULL when nobody tells. */
static json_t *ask(px_bus *bus, const char *stream)
{
    px_bus_msg *reply;
    char subject[96];
    json_t *answer, *part;

    snprintf(subject, sizeof subject, "$JS.API.STREAM.INFO.%s", stream);
    if (px_bus_request(bus, &(px_bus_out){ .subject = subject }, ASK_MS, &reply) != PX_OK)
        return NULL;
    answer = json_loadb(reply->data.data, reply->data.size, 0, NULL);
    px_bus_msg_free(reply);
    part = json_incref(json_object_get(answer, "cluster"));
    json_decref(answer);
    return part;
}

unsigned cluster_leader(px_bus *bus, const char *stream)
{
    json_t *part = ask(bus, stream);
    const char *name = json_string_value(json_object_get(part, "leader"));
    unsigned node = name && name[0] == cluster_name_prefix ? (unsigned)(name[1] - '0')
                                                           : (unsigned)CLUSTER_NODES;

    json_decref(part);
    return node < CLUSTER_NODES ? node : CLUSTER_NODES;
}

bool cluster_is_whole(px_bus *bus, const char *stream)
{
    json_t *part = ask(bus, stream);
    const json_t *replica, *replicas = json_object_get(part, "replicas");
    bool whole = json_string_value(json_object_get(part, "leader")) &&
                 json_array_size(replicas) == CLUSTER_NODES - 1;
    size_t i;

    json_array_foreach(replicas, i, replica) whole &=
        json_is_true(json_object_get(replica, "current")) &&
        !json_is_true(json_object_get(replica, "offline"));
    json_decref(part);
    return whole;
}

/* ---- what each server has itself ---- */

/* Of its file, for nobody can be asked for one server's copy: each record begins with its size (the
 * top bit says that it has headers), sequence and time. */
enum { RECORD_HEAD = 22 };

typedef struct {
    uint32_t size;
    uint64_t seq, time_ns;
} record;

static bool read_record(FILE *file, record *r)
{
    uint8_t head[RECORD_HEAD];

    if (fread(head, 1, sizeof head, file) != sizeof head)
        return false;
    memcpy(&r->size, head, 4);
    memcpy(&r->seq, head + 4, 8);
    memcpy(&r->time_ns, head + 12, 8);
    r->size &= INT32_MAX;
    return r->size >= RECORD_HEAD && fseek(file, (long)r->size - RECORD_HEAD, SEEK_CUR) == 0;
}

static record last_record(const cluster *c, unsigned node, const char *stream)
{
    record r, last = { 0 };
    char path[320];
    FILE *file;

    for (unsigned block = 1;; block++) {
        snprintf(path, sizeof path, "%s/store/jetstream/$G/streams/%s/msgs/%u.blk",
                 nats_fixture_directory(c->nodes[node]), stream, block);
        file = fopen(path, "re");
        if (!file)
            return last;
        while (read_record(file, &r))
            last = r;
        fclose(file);
    }
}

unsigned cluster_odd_copy(const cluster *c, const char *stream, uint64_t seq)
{
    const record first = last_record(c, 0, stream);

    for (unsigned node = 0; node < CLUSTER_NODES; node++) {
        const record last = last_record(c, node, stream);

        if (last.seq != seq || last.time_ns != first.time_ns)
            return node;
    }
    return CLUSTER_NODES;
}
