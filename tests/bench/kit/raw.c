#include "tests/bench/kit/raw.h"

#include <inttypes.h>
#include <nats/nats.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/status.h"
#include "tests/bench/kit/clock.h"
#include "tests/bench/kit/usage.h"

enum {
    SIZE = 149,
    WINDOW = 4096,
    REQUEST_MESSAGES = 8192,
    REQUESTS = 2,
    STALL_S = 20, /* nothing has moved for so long: it never will */
    CALL_MS = 5000,
    NAME_SIZE = 64
};

static const char source_stream[] = "BENCH_RAW", target_stream[] = "BENCH_RAW_OUT";

struct bench_raw_bus {
    const bench_world *world;
    size_t count;
    natsConnection *nc;
    jsCtx *js;
    natsSubscription *acks, *messages;
    char ack_inbox[NAME_SIZE], inbox[NAME_SIZE], next_call[2 * NAME_SIZE];
    pthread_mutex_t lock;
    pthread_cond_t moved;
    size_t sent, acked, read, asked; /* under the lock, but `sent` */
    bool relaying;
};

static void must(natsStatus status, const char *what)
{
    if (status != NATS_OK)
        bench_fail("raw: %s: %s", what, natsStatus_GetText(status));
}

/* ---- publishing ---- */

static void ack_arrived(natsConnection *nc, natsSubscription *sub, natsMsg *msg, void *context)
{
    bench_raw_bus *b = context;

    (void)nc;
    (void)sub;
    if (memmem(natsMsg_GetData(msg), (size_t)natsMsg_GetDataLength(msg), "\"error\"", 7))
        bench_fail("raw: %s", natsMsg_GetData(msg));
    pthread_mutex_lock(&b->lock);
    b->acked++;
    if (b->sent - b->acked == WINDOW / 2 || b->acked == b->count)
        pthread_cond_broadcast(&b->moved);
    pthread_mutex_unlock(&b->lock);
    natsMsg_Destroy(msg);
}

/* With the lock held, until `moved` is signalled; fails when nothing moves. */
static void wait_for(bench_raw_bus *b, const char *what)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STALL_S;
    if (pthread_cond_timedwait(&b->moved, &b->lock, &until) != 0)
        bench_fail("raw: %s: nothing has come for %d s; %zu sent, %zu acknowledged, %zu read", what,
                   STALL_S, b->sent, b->acked, b->read);
}

static void publish(bench_raw_bus *b, const char *subject, const void *data, int size)
{
    pthread_mutex_lock(&b->lock);
    while (b->sent - b->acked >= WINDOW)
        wait_for(b, "publishing");
    b->sent++;
    pthread_mutex_unlock(&b->lock);
    must(natsConnection_PublishRequest(b->nc, subject, b->ack_inbox, data, size), "publish");
}

static void wait_for_acks(bench_raw_bus *b)
{
    pthread_mutex_lock(&b->lock);
    while (b->acked < b->count)
        wait_for(b, "publishing");
    pthread_mutex_unlock(&b->lock);
}

/* ---- reading ---- */

static void ask(bench_raw_bus *b)
{
    char body[64];

    snprintf(body, sizeof body, "{\"batch\":%d,\"expires\":%d000000000}", REQUEST_MESSAGES,
             2 * STALL_S);
    must(natsConnection_PublishRequestString(b->nc, b->next_call, b->inbox, body), "pull request");
}

static void message_arrived(natsConnection *nc, natsSubscription *sub, natsMsg *msg, void *context)
{
    bench_raw_bus *b = context;

    (void)nc;
    (void)sub;
    if (natsMsg_GetDataLength(msg) != SIZE) { /* the server's word on a request: after the end */
        natsMsg_Destroy(msg);
        return;
    }
    if (b->relaying)
        publish(b, target_stream, natsMsg_GetData(msg), SIZE);
    natsMsg_Destroy(msg);
    pthread_mutex_lock(&b->lock);
    if (++b->read == b->count)
        pthread_cond_broadcast(&b->moved);
    bool used_up = b->read % REQUEST_MESSAGES == 0;
    pthread_mutex_unlock(&b->lock);
    if (used_up)
        ask(b);
}

static void read_all(bench_raw_bus *b)
{
    jsConsumerConfig config;
    jsConsumerInfo *info = NULL;
    size_t before = 0;

    jsConsumerConfig_Init(&config);
    config.AckPolicy = js_AckNone;
    config.DeliverPolicy = js_DeliverAll;
    config.MemoryStorage = true;
    config.InactiveThreshold = (int64_t)2 * STALL_S * 1000000000;
    config.Replicas = 1;
    must(js_AddConsumer(&info, b->js, source_stream, &config, NULL, NULL), "add a consumer");
    snprintf(b->next_call, sizeof b->next_call, "$JS.API.CONSUMER.MSG.NEXT.%s.%s", source_stream,
             info->Name);
    b->read = 0;
    for (int i = 0; i < REQUESTS; i++)
        ask(b);
    pthread_mutex_lock(&b->lock);
    while (b->read < b->count) {
        struct timespec until;

        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += STALL_S;
        if (pthread_cond_timedwait(&b->moved, &b->lock, &until) != 0 && b->read == before)
            bench_fail("raw: reading stopped at %zu of %zu", b->read, b->count);
        before = b->read;
    }
    pthread_mutex_unlock(&b->lock);
    js_DeleteConsumer(b->js, source_stream, info->Name, NULL, NULL);
    jsConsumerInfo_Destroy(info);
}

/* ---- the three ---- */

static bench_raw result(const bench_world *world, const bench_usage *before, size_t count)
{
    bench_usage used = bench_usage_since(world, before);

    return (bench_raw){ .rate = (double)count / used.seconds,
                        .own_us = used.bench_cpu_s / (double)count * 1e6,
                        .server_us = used.cpu_s[BENCH_SERVER] / (double)count * 1e6,
                        .others = bench_usage_others(&used) };
}

static void make_empty(bench_raw_bus *b, const char *name)
{
    jsStreamConfig config;
    const char *subject = name;

    js_DeleteStream(b->js, name, NULL, NULL);
    jsStreamConfig_Init(&config);
    config.Name = name;
    config.Subjects = &subject;
    config.SubjectsLen = 1;
    must(js_AddStream(NULL, b->js, &config, NULL, NULL), "add a stream");
    b->sent = b->acked = 0;
}

bench_raw bench_raw_publish(bench_raw_bus *b)
{
    char payload[SIZE];

    memset(payload, 'r', sizeof payload);
    make_empty(b, source_stream);
    bench_usage before = bench_usage_read(b->world);
    for (size_t i = 0; i < b->count; i++)
        publish(b, source_stream, payload, SIZE);
    wait_for_acks(b);
    return result(b->world, &before, b->count);
}

bench_raw bench_raw_read(bench_raw_bus *b)
{
    bench_usage before = bench_usage_read(b->world);

    b->relaying = false;
    read_all(b);
    return result(b->world, &before, b->count);
}

bench_raw bench_raw_relay(bench_raw_bus *b)
{
    make_empty(b, target_stream);
    bench_usage before = bench_usage_read(b->world);
    b->relaying = true;
    read_all(b);
    wait_for_acks(b);
    bench_raw r = result(b->world, &before, b->count);
    js_DeleteStream(b->js, target_stream, NULL, NULL);
    return r;
}

/* ---- the connection ---- */

static natsSubscription *subscribe(bench_raw_bus *b, char inbox[NAME_SIZE], natsMsgHandler handler)
{
    natsInbox *name = NULL;
    natsSubscription *sub = NULL;

    must(natsInbox_Create(&name), "make an inbox");
    snprintf(inbox, NAME_SIZE, "%s", name);
    natsInbox_Destroy(name);
    must(natsConnection_Subscribe(&sub, b->nc, inbox, handler, b), "subscribe");
    must(natsSubscription_SetPendingLimits(sub, -1, -1), "lift the limits");
    return sub;
}

bench_raw_bus *bench_raw_open(const bench_world *world, size_t count)
{
    bench_raw_bus *b = calloc(1, sizeof *b);
    natsOptions *options = NULL;
    jsOptions js;

    PX_ASSERT(b != NULL && count > 0);
    b->world = world;
    b->count = count;
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->moved, NULL);
    must(natsOptions_Create(&options), "options");
    must(natsOptions_SetURL(options, bench_world_url(world)), "address");
    must(natsConnection_Connect(&b->nc, options), "connect");
    natsOptions_Destroy(options);
    jsOptions_Init(&js);
    js.Wait = CALL_MS;
    must(natsConnection_JetStream(&b->js, b->nc, &js), "JetStream");
    b->acks = subscribe(b, b->ack_inbox, ack_arrived);
    b->messages = subscribe(b, b->inbox, message_arrived);
    return b;
}

void bench_raw_close(bench_raw_bus *b)
{
    js_DeleteStream(b->js, source_stream, NULL, NULL);
    natsSubscription_Destroy(b->acks);
    natsSubscription_Destroy(b->messages);
    jsCtx_Destroy(b->js);
    natsConnection_Close(b->nc);
    natsConnection_Destroy(b->nc);
    pthread_cond_destroy(&b->moved);
    pthread_mutex_destroy(&b->lock);
    free(b);
}
