#include "tests/faults/cluster.h"

#include <inttypes.h>
#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
        ports[i] = world_choose_port();
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

/* Direct gets are answered by the server that is asked, when it has a copy. "" when there is none
 * of this number. */
static void time_stamp(px_bus *bus, const char *stream, uint64_t seq, char stamp[64])
{
    char subject[96], body[64];
    const char *text;
    px_bus_msg *reply;

    snprintf(subject, sizeof subject, "$JS.API.DIRECT.GET.%s", stream);
    snprintf(body, sizeof body, "{\"seq\":%" PRIu64 "}", seq);
    const px_bus_out out = { .subject = subject, .data = { body, strlen(body) } };
    assert_int_equal(px_bus_request(bus, &out, ASK_MS, &reply), PX_OK);
    text = px_bus_msg_header(reply, "Nats-Time-Stamp");
    snprintf(stamp, 64, "%s", text ? text : "");
    px_bus_msg_free(reply);
}

unsigned cluster_odd_copy(const cluster *c, const char *stream, uint64_t seq)
{
    char first[64] = "", stamp[64], behind[64];
    bool odd = false;
    unsigned node;

    for (node = 0; node < CLUSTER_NODES && !odd; node += !odd) {
        px_bus *bus;

        assert_int_equal(
            px_bus_open(&bus, &(px_bus_options){ .url = nats_fixture_url(c->nodes[node]) }), PX_OK);
        while (px_bus_epoch(bus) == 0)
            px_bus_wait(bus, 50);
        time_stamp(bus, stream, seq, stamp);
        time_stamp(bus, stream, seq + 1, behind);
        px_bus_close(bus);
        if (node == 0)
            memcpy(first, stamp, sizeof first);
        odd = stamp[0] == '\0' || strcmp(stamp, first) != 0 || behind[0] != '\0';
    }
    return node;
}
