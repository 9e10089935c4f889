/* bus_memory_faults.c: asks the simulation, if there is one, what becomes of a message. */
#include "common/bus_memory_faults.h"

#include <string.h>

#include "common/bus_memory_impl.h"

void px_bus_server_set_faults(px_bus_server *server, const px_bus_faults *faults)
{
    px_memory_lock(server);
    server->faults = faults != NULL ? *faults : (px_bus_faults){ 0 };
    px_memory_unlock(server);
}

void px_bus_server_sync_purges(px_bus_server *server)
{
    px_memory_lock(server);
    for (size_t i = 0; i < server->stream_count; i++)
        px_memory_stream_sync(server->streams[i]);
    px_memory_unlock(server);
}

void px_bus_server_limit(px_bus_server *server, const char *stream, bool full,
                         uint32_t max_msg_bytes)
{
    px_memory_lock(server);
    for (size_t i = 0; i < server->stream_count; i++)
        if (strcmp(px_memory_stream_name(server->streams[i]), stream) == 0)
            px_memory_stream_limit(server->streams[i], full, max_msg_bytes);
    px_memory_unlock(server);
}

void px_bus_server_lose_front(px_bus_server *server, const char *stream, uint64_t seq)
{
    px_memory_lock(server);
    for (size_t i = 0; i < server->stream_count; i++)
        if (strcmp(px_memory_stream_name(server->streams[i]), stream) == 0)
            px_memory_stream_purge(server->streams[i], seq);
    px_memory_unlock(server);
}

void px_bus_memory_break(px_bus *bus)
{
    memory_bus *b = memory_bus_of(bus);

    px_memory_lock(b->server);
    b->breaks++;
    b->acks_begin = b->acks_end = 0;
    px_memory_drop_deliveries(b->server, b);
    px_memory_tell_everybody(b->server);
    px_memory_unlock(b->server);
}

px_fate px_memory_publish_fate(const px_bus *from, const px_bus_out *out)
{
    const px_bus_faults *f = &((const memory_bus *)from)->server->faults;

    return f->publish != NULL ? f->publish(f->context, from, out) : PX_FATE_ARRIVES;
}

bool px_memory_request_lost(const px_bus *from, const char *stream)
{
    const px_bus_faults *f = &((const memory_bus *)from)->server->faults;

    return f->request != NULL && f->request(f->context, from, stream);
}

px_read_fate px_memory_read_fate(const px_bus *from, const char *stream, uint64_t seq)
{
    const px_bus_faults *f = &((const memory_bus *)from)->server->faults;

    return f->read != NULL ? f->read(f->context, from, stream, seq) : PX_READ_COMES;
}
