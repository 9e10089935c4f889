/* bus_memory_impl.h: what the bus_memory*.c files share. Everything is under the lock of the
 * server. */
#ifndef PRAXIS_COMMON_BUS_MEMORY_IMPL_H
#define PRAXIS_COMMON_BUS_MEMORY_IMPL_H

#include <pthread.h>
#include <time.h>

#include "common/bus_impl.h"
#include "common/bus_memory_faults.h"
#include "common/bus_memory_stream.h"

typedef struct memory_bus memory_bus;

typedef struct memory_service {
    struct memory_service *next;
    memory_bus *owner;
    char *subject;
    char *queue; /* NULL = every server gets every request */
    px_bus_handler handler;
    void *context;
    uint64_t served; /* in a queue group the one that served least is next */
} memory_service;

/* A message on its way to a handler. */
typedef struct memory_delivery {
    struct memory_delivery *next;
    memory_service *to;
    px_bus_msg *msg;
} memory_delivery;

/* A caller of px_bus_request() waiting for its answer; lives on that caller's stack. */
typedef struct memory_asking {
    struct memory_asking *next;
    char inbox[40];
    px_bus_msg *reply;
} memory_asking;

struct px_bus_server {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    memory_bus *buses;
    px_memory_stream **streams;
    size_t stream_count;
    memory_service *services; /* in the order they came */
    memory_delivery *deliveries;
    memory_delivery **deliveries_end;
    memory_asking *askings;
    uint64_t inboxes; /* numbers of reply subjects given out */
    uint64_t epoch;   /* grows whenever every connection breaks */
    bool up;
    int64_t (*now_ns)(void *context);
    void *now_context;
    int64_t ticks_ns; /* the default clock */
    px_bus_faults faults;
};

struct memory_bus {
    px_bus base;
    memory_bus *next;
    px_bus_server *server;
    bool news;        /* something happened since px_bus_wait() last returned */
    uint64_t breaks;  /* of this connection alone */
    unsigned running; /* handlers of this connection now at work */
    px_bus_ack *acks; /* from `acks_begin` to `acks_end` */
    size_t acks_begin;
    size_t acks_end;
    size_t acks_capacity;
    char error[160];
};

/* --- bus_memory.c --- */

static inline memory_bus *memory_bus_of(px_bus *bus)
{
    return (memory_bus *)bus;
}

void px_memory_lock(px_bus_server *server);
void px_memory_unlock(px_bus_server *server);
/** 0 while the server is down. */
uint64_t px_memory_current_epoch(const memory_bus *bus);
/** Every px_bus_wait() on this server ends. */
void px_memory_tell_everybody(px_bus_server *server);
int64_t px_memory_peek_clock(const px_bus_server *server);
/** The time of one more message. */
int64_t px_memory_take_clock(px_bus_server *server);
struct timespec px_memory_deadline_after(int64_t timeout_ms);

/* --- bus_memory_faults.c --- */

px_fate px_memory_publish_fate(const px_bus *from, const px_bus_out *out);
bool px_memory_request_lost(const px_bus *from, const char *stream);
px_read_fate px_memory_read_fate(const px_bus *from, const char *stream, uint64_t seq);

/* --- bus_memory_send.c --- */

/** Runs the handlers of all messages under way, each without the lock. */
void px_memory_run_deliveries(px_bus_server *server);
/** Forgets messages under way: to one connection, or all (NULL). */
void px_memory_drop_deliveries(px_bus_server *server, const memory_bus *owner);
void px_memory_remove_services(px_bus_server *server, const memory_bus *owner);
px_status px_memory_publish(px_bus *bus, uint64_t epoch, const px_bus_out *out, uint64_t token);
bool px_memory_next_ack(px_bus *bus, px_bus_ack *ack);
px_status px_memory_publish_wait(px_bus *bus, const px_bus_out *out, px_bus_ack *ack);
px_status px_memory_send(px_bus *bus, const px_bus_out *out);
px_status px_memory_serve(px_bus *bus, const char *subject, const char *queue,
                          px_bus_handler handler, void *context);
px_status px_memory_respond(px_bus *bus, const px_bus_msg *request, const px_bus_out *out);
px_status px_memory_request(px_bus *bus, const px_bus_out *out, int64_t timeout_ms,
                            px_bus_msg **reply);

#endif
