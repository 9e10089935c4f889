/* bus_memory.c: the memory twin: a server in this process, deterministic, with one lock for all. */
#include "common/bus_memory_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t tick_ns = 1000000;

typedef struct {
    px_reader base;
    memory_bus *bus;
    px_memory_stream *stream;
    uint64_t epoch; /* of the connection this reader belongs to */
    uint64_t next_seq;
    char *filter;
} memory_reader;

void px_memory_lock(px_bus_server *s)
{
    pthread_mutex_lock(&s->lock);
}

void px_memory_unlock(px_bus_server *s)
{
    pthread_mutex_unlock(&s->lock);
}

static px_status fail(memory_bus *b, px_status status, const char *what, const char *name)
{
    snprintf(b->error, sizeof b->error, "%s: %s", name, what);
    return status;
}

uint64_t px_memory_current_epoch(const memory_bus *b)
{
    return b->server->up ? b->server->epoch + b->breaks : 0;
}

void px_memory_tell_everybody(px_bus_server *s)
{
    for (memory_bus *b = s->buses; b; b = b->next)
        b->news = true;
    pthread_cond_broadcast(&s->changed);
}

int64_t px_memory_peek_clock(const px_bus_server *s)
{
    return s->now_ns ? s->now_ns(s->now_context) : s->ticks_ns;
}

int64_t px_memory_take_clock(px_bus_server *s)
{
    if (!s->now_ns)
        s->ticks_ns += tick_ns;
    return px_memory_peek_clock(s);
}

struct timespec px_memory_deadline_after(int64_t timeout_ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(timeout_ms / 1000);
    at.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* --- streams --- */

static px_memory_stream *stream_find(px_bus_server *s, const char *name)
{
    for (size_t i = 0; i < s->stream_count; i++) {
        if (strcmp(px_memory_stream_name(s->streams[i]), name) == 0) {
            px_memory_stream_expire(s->streams[i], px_memory_peek_clock(s));
            return s->streams[i];
        }
    }
    return NULL;
}

/* Every call on a stream starts here: takes the lock, and keeps it only when all is well. */
static px_status enter(memory_bus *b, const char *name, px_memory_stream **stream)
{
    px_memory_lock(b->server);
    *stream = stream_find(b->server, name);
    px_status status = PX_EDISCONNECTED;
    if (b->server->up && px_memory_request_lost(&b->base, name))
        status = PX_ETIMEOUT;
    else if (b->server->up)
        status = *stream ? PX_OK : fail(b, PX_ENOTFOUND, "no such stream", name);
    if (status == PX_OK)
        return PX_OK;
    px_memory_unlock(b->server);
    return status;
}

static px_status stream_add(memory_bus *b, const px_stream_config *config)
{
    px_bus_server *s = b->server;

    for (size_t i = 0; i < s->stream_count; i++)
        for (size_t k = 0; k < config->subject_count; k++)
            if (px_memory_stream_overlaps(s->streams[i], config->subjects[k]))
                return fail(b, PX_EREFUSED, "subjects overlap with another stream", config->name);

    px_memory_stream **streams = realloc(s->streams, (s->stream_count + 1) * sizeof *streams);
    if (!streams)
        return PX_ENOMEM;
    s->streams = streams;
    streams[s->stream_count] = px_memory_stream_create(config, px_memory_peek_clock(s));
    if (!streams[s->stream_count])
        return PX_ENOMEM;
    s->stream_count++;
    return PX_OK;
}

static px_status memory_stream_ensure(px_bus *bus, const px_stream_config *config)
{
    memory_bus *b = memory_bus_of(bus);
    px_status status = PX_EDISCONNECTED;

    px_memory_lock(b->server);
    if (b->server->up) {
        const px_memory_stream *there = stream_find(b->server, config->name);
        const char *what = there ? px_memory_stream_differs(there, config) : NULL;
        if (what)
            status = fail(b, PX_EINVALID, what, config->name);
        else
            status = there ? PX_OK : stream_add(b, config);
    }
    px_memory_unlock(b->server);
    return status;
}

static px_status memory_stream_info(px_bus *bus, const char *name, px_stream_info *info)
{
    px_memory_stream *stream;
    px_status status = enter(memory_bus_of(bus), name, &stream);

    if (status != PX_OK)
        return status;
    px_memory_stream_info(stream, info);
    px_memory_unlock(memory_bus_of(bus)->server);
    return PX_OK;
}

/* Those of a server that nobody has configured. */
static px_status memory_limits(px_bus *bus, px_bus_limits *limits)
{
    *limits = (px_bus_limits){ 1 << 20, -1, -1, -1 };
    return bus->ops->epoch(bus) != 0 ? PX_OK : PX_EDISCONNECTED;
}

static px_status copy_out(const px_bus_msg *found, uint64_t pending, px_bus_msg **msg)
{
    if (!found)
        return PX_ENOTFOUND;
    *msg = px_msg_copy(found);
    if (!*msg)
        return PX_ENOMEM;
    (*msg)->pending = pending;
    return PX_OK;
}

static px_status memory_get(px_bus *bus, const char *name, uint64_t seq, px_bus_msg **msg)
{
    px_memory_stream *stream;
    px_status status = enter(memory_bus_of(bus), name, &stream);

    if (status != PX_OK)
        return status;
    status = copy_out(px_memory_stream_get(stream, seq), 0, msg);
    px_memory_unlock(memory_bus_of(bus)->server);
    return status;
}

static px_status memory_get_last(px_bus *bus, const char *name, const char *subject,
                                 px_bus_msg **msg)
{
    px_memory_stream *stream;
    px_status status = enter(memory_bus_of(bus), name, &stream);

    if (status != PX_OK)
        return status;
    status = copy_out(px_memory_stream_get_last(stream, subject), 0, msg);
    px_memory_unlock(memory_bus_of(bus)->server);
    return status;
}

static px_status memory_purge(px_bus *bus, const char *name, uint64_t seq)
{
    px_memory_stream *stream;
    px_status status = enter(memory_bus_of(bus), name, &stream);

    if (status != PX_OK)
        return status;
    if (px_memory_stream_keeps(stream) == PX_KEEP_FOREVER)
        status = fail(memory_bus_of(bus), PX_EREFUSED, "purge not permitted", name);
    else
        px_memory_stream_purge(stream, seq);
    if (status == PX_OK && px_memory_request_lost(bus, name))
        status = PX_ETIMEOUT;
    px_memory_unlock(memory_bus_of(bus)->server);
    return status;
}

static px_status memory_erase(px_bus *bus, const char *name, uint64_t seq)
{
    px_memory_stream *stream;
    px_status status = enter(memory_bus_of(bus), name, &stream);

    if (status != PX_OK)
        return status;
    if (!px_memory_stream_get(stream, seq))
        status = PX_ENOTFOUND;
    else if (px_memory_stream_keeps(stream) != PX_KEEP_UNTIL_PURGED)
        status = fail(memory_bus_of(bus), PX_EREFUSED, "erase not permitted", name);
    else
        px_memory_stream_erase(stream, seq);
    if (status == PX_OK && px_memory_request_lost(bus, name))
        status = PX_ETIMEOUT;
    px_memory_unlock(memory_bus_of(bus)->server);
    return status;
}

/* --- readers --- */

static px_status memory_reader_open(px_reader **reader, px_bus *bus, const char *name,
                                    uint64_t from_seq, const char *filter)
{
    memory_bus *b = memory_bus_of(bus);
    px_memory_stream *stream;
    px_stream_info info;
    px_status status = enter(b, name, &stream);

    if (status != PX_OK)
        return status;
    memory_reader *r = calloc(1, sizeof *r);
    char *filter_copy = filter ? strdup(filter) : NULL;
    if (!r || (filter && !filter_copy)) {
        free(r);
        free(filter_copy);
        px_memory_unlock(b->server);
        return PX_ENOMEM;
    }
    px_memory_stream_info(stream, &info);
    if (from_seq > info.last_seq + 1)
        from_seq = info.last_seq + 1; /* like the server: a start beyond the end is the end */
    *r = (memory_reader){ { bus->ops, 0 }, b,          stream, px_memory_current_epoch(b),
                          from_seq,        filter_copy };
    r->base.opened_ns = b->server->now_ns ? px_memory_peek_clock(b->server) : 0;
    px_memory_unlock(b->server);
    *reader = &r->base;
    return PX_OK;
}

static void memory_reader_close(px_reader *reader)
{
    memory_reader *r = (memory_reader *)reader;

    free(r->filter);
    free(r);
}

static const px_bus_msg *reader_peek(memory_reader *r, uint64_t *pending)
{
    px_memory_stream_expire(r->stream, px_memory_peek_clock(r->bus->server));
    return px_memory_stream_next(r->stream, r->next_seq, r->filter, pending);
}

/* What the network lets through of it; a message skipped is never delivered. */
static const px_bus_msg *reader_take(memory_reader *r, uint64_t *pending)
{
    const char *name = px_memory_stream_name(r->stream);
    const px_bus_msg *found;

    while ((found = reader_peek(r, pending)) != NULL) {
        px_read_fate fate = px_memory_read_fate(&r->bus->base, name, found->seq);
        if (fate == PX_READ_LATER)
            return NULL;
        r->next_seq = found->seq + 1;
        if (fate == PX_READ_COMES)
            break;
    }
    return found;
}

static px_status memory_reader_next(px_reader *reader, px_bus_msg **msg)
{
    memory_reader *r = (memory_reader *)reader;
    px_status status = PX_EDISCONNECTED;
    uint64_t pending;

    px_memory_lock(r->bus->server);
    if (px_memory_current_epoch(r->bus) == r->epoch) {
        const px_bus_msg *found = reader_take(r, &pending);
        status = found ? copy_out(found, pending, msg) : PX_EEMPTY;
    }
    px_memory_unlock(r->bus->server);
    return status;
}

static bool memory_reader_caught_up(px_reader *reader)
{
    memory_reader *r = (memory_reader *)reader;
    uint64_t pending;

    px_memory_lock(r->bus->server);
    const px_bus_msg *more = reader_peek(r, &pending);
    bool caught_up = px_memory_current_epoch(r->bus) == r->epoch &&
                     (!more || px_memory_read_fate(&r->bus->base, px_memory_stream_name(r->stream),
                                                   more->seq) == PX_READ_LATER);
    px_memory_unlock(r->bus->server);
    return caught_up;
}

/* --- connections --- */

static uint64_t memory_epoch(px_bus *bus)
{
    px_bus_server *s = memory_bus_of(bus)->server;

    px_memory_lock(s);
    uint64_t epoch = px_memory_current_epoch(memory_bus_of(bus));
    px_memory_unlock(s);
    return epoch;
}

static const char *memory_last_error(px_bus *bus)
{
    px_memory_lock(memory_bus_of(bus)->server);
    const char *error =
        memory_bus_of(bus)->server->up ? memory_bus_of(bus)->error : "server is down";
    px_memory_unlock(memory_bus_of(bus)->server);
    return error;
}

static void memory_wait(px_bus *bus, int64_t timeout_ms)
{
    memory_bus *b = memory_bus_of(bus);
    struct timespec deadline = px_memory_deadline_after(timeout_ms);

    px_memory_lock(b->server);
    px_memory_run_deliveries(b->server);
    while (!b->news && timeout_ms > 0) {
        if (pthread_cond_timedwait(&b->server->changed, &b->server->lock, &deadline) != 0)
            break;
        px_memory_run_deliveries(b->server);
    }
    b->news = false;
    px_memory_unlock(b->server);
}

static void memory_wake(px_bus *bus)
{
    px_memory_lock(memory_bus_of(bus)->server);
    memory_bus_of(bus)->news = true;
    pthread_cond_broadcast(&memory_bus_of(bus)->server->changed);
    px_memory_unlock(memory_bus_of(bus)->server);
}

static void memory_close(px_bus *bus)
{
    memory_bus *b = memory_bus_of(bus);
    px_bus_server *s = b->server;
    memory_bus **at = &s->buses;

    px_memory_lock(s);
    px_memory_drop_deliveries(s, b);
    px_memory_remove_services(s, b);
    while (b->running > 0)
        pthread_cond_wait(&s->changed, &s->lock);
    while (*at != b)
        at = &(*at)->next;
    *at = b->next;
    px_memory_unlock(s);
    free(b->acks);
    free(b);
}

static const px_bus_ops memory_ops = {
    .close = memory_close,
    .epoch = memory_epoch,
    .last_error = memory_last_error,
    .wait = memory_wait,
    .wake = memory_wake,
    .stream_ensure = memory_stream_ensure,
    .stream_info = memory_stream_info,
    .limits = memory_limits,
    .get = memory_get,
    .get_last = memory_get_last,
    .purge = memory_purge,
    .erase = memory_erase,
    .reader_open = memory_reader_open,
    .reader_close = memory_reader_close,
    .reader_next = memory_reader_next,
    .reader_caught_up = memory_reader_caught_up,
    .publish = px_memory_publish,
    .next_ack = px_memory_next_ack,
    .publish_wait = px_memory_publish_wait,
    .send = px_memory_send,
    .serve = px_memory_serve,
    .respond = px_memory_respond,
    .request = px_memory_request,
};

px_status px_bus_open_memory(px_bus **bus, px_bus_server *server, const char *name)
{
    memory_bus *b = calloc(1, sizeof *b);
    if (!b)
        return PX_ENOMEM;
    (void)name; /* shown by a real server's monitoring only */
    *b = (memory_bus){ .base = { &memory_ops }, .server = server, .news = true };
    px_memory_lock(server);
    b->next = server->buses;
    server->buses = b;
    px_memory_unlock(server);
    *bus = &b->base;
    return PX_OK;
}

/* --- the server --- */

px_bus_server *px_bus_server_create(void)
{
    px_bus_server *s = calloc(1, sizeof *s);
    pthread_condattr_t attributes;

    if (!s)
        return NULL;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&s->lock, NULL);
    s->deliveries_end = &s->deliveries;
    s->epoch = 1;
    s->up = true;
    s->ticks_ns = tick_ns;
    return s;
}

void px_bus_server_destroy(px_bus_server *server)
{
    if (!server)
        return;
    PX_ASSERT(!server->buses);
    for (size_t i = 0; i < server->stream_count; i++)
        px_memory_stream_destroy(server->streams[i]);
    free(server->streams);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

void px_bus_server_set_clock(px_bus_server *server, int64_t (*now_ns)(void *context), void *context)
{
    px_memory_lock(server);
    server->now_ns = now_ns;
    server->now_context = context;
    px_memory_unlock(server);
}

/* Everything that lived on the connections is gone: readers, answers under way, messages not
 * handled. */
static void break_connections(px_bus_server *s)
{
    s->epoch++;
    px_memory_drop_deliveries(s, NULL);
    for (memory_bus *b = s->buses; b; b = b->next)
        b->acks_begin = b->acks_end = 0;
    px_memory_tell_everybody(s);
}

void px_bus_server_set_up(px_bus_server *server, bool up)
{
    px_memory_lock(server);
    if (server->up != up) {
        server->up = up;
        break_connections(server);
    }
    px_memory_unlock(server);
}

px_status px_bus_server_cut(px_bus_server *server, const char *name, uint64_t last_seq)
{
    px_memory_lock(server);
    px_memory_stream *stream = stream_find(server, name);
    if (stream) {
        px_memory_stream_cut(stream, last_seq);
        break_connections(server);
    }
    px_memory_unlock(server);
    return stream ? PX_OK : PX_ENOTFOUND;
}
