/* bus_nats_link.c: connections: made in the background, thrown away when broken, freed when unused.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "common/bus_nats_impl.h"

enum {
    CONNECT_TIMEOUT_MS = 2000,
    RECONNECT_WAIT_MS = 250,
    RECONNECT_JITTER_MS = 250,
    PING_INTERVAL_MS = 5000,
    PINGS_OUT_MAX = 2,
    FLUSH_TIMEOUT_MS = 1000,
    UNTOLD_MS = 10000,           /* a connection that is closed, and nobody was called */
    HANG_MS = 300000,            /* every step of connecting has a time limit of seconds */
    PENDING_MSGS_MAX = 64 * 1024 /* acknowledgements, of which there are never so many */
};

/* --- links --- */

nats_link *px_nats_link_use(nats_bus *bus)
{
    pthread_mutex_lock(&bus->lock);
    nats_link *link = bus->link;
    if (link && atomic_load(&link->lost))
        link = NULL;
    if (link)
        link->users++;
    pthread_mutex_unlock(&bus->lock);
    return link;
}

void px_nats_link_release(nats_link *link)
{
    nats_bus *bus = link->bus;

    pthread_mutex_lock(&bus->lock);
    link->users--;
    if (atomic_load(&link->lost))
        pthread_cond_signal(&bus->changed);
    pthread_mutex_unlock(&bus->lock);
}

/* Whoever notices first: a broken connection delivers nothing more, so nothing waits for it. */
static void link_closed(natsConnection *nc, void *context)
{
    nats_link *link = context;
    nats_bus *bus = link->bus;

    (void)nc;
    pthread_mutex_lock(&bus->lock);
    atomic_store(&link->lost, true);
    link->closed = true;
    if (bus->link == link) {
        bus->link = NULL;
        link->next = bus->lost;
        bus->lost = link;
        bus->acks_begin = bus->acks_end = 0;
        snprintf(bus->error, sizeof bus->error, "connection lost");
    }
    px_nats_bus_arrived(bus, false);
    pthread_cond_signal(&bus->changed);
    pthread_mutex_unlock(&bus->lock);
}

/* When the library has no memory it may never call link_closed(), or never come back from
 * connecting. The first is made good here; out of the second only a new process helps. */
void px_nats_link_watch(nats_bus *bus)
{
    int64_t now_ms = px_nats_now_ms();
    nats_link *link = px_nats_link_use(bus);
    bool closed = link && natsConnection_IsClosed(link->nc);

    pthread_mutex_lock(&bus->lock);
    PX_ASSERT(bus->connecting_since_ms == 0 || now_ms - bus->connecting_since_ms < HANG_MS);
    if (!closed || bus->closed_since_ms == 0)
        bus->closed_since_ms = closed ? now_ms : 0;
    closed = closed && now_ms - bus->closed_since_ms > UNTOLD_MS;
    if (closed)
        link->unwatched = true; /* it may call yet */
    pthread_mutex_unlock(&bus->lock);
    if (closed)
        link_closed(NULL, link);
    if (link)
        px_nats_link_release(link);
}

/* The subscription may be gone already and is not touched. */
static void link_error(natsConnection *nc, natsSubscription *sub, natsStatus status, void *context)
{
    nats_link *link = context;
    const char *text = nats_GetLastError(NULL);

    (void)nc;
    (void)sub;
    px_nats_bus_set_error(link->bus, natsStatus_GetText(status), text ? text : "no details");
    if (status == NATS_NOT_PERMITTED)
        atomic_fetch_add(&link->bus->forbidden, 1);
}

static void thread_ended(void *context)
{
    nats_link *link = context;
    nats_bus *bus = link->bus;

    pthread_mutex_lock(&bus->lock);
    link->threads--;
    pthread_cond_signal(&bus->changed);
    pthread_mutex_unlock(&bus->lock);
}

static void watch_thread(nats_link *link, natsSubscription *sub)
{
    pthread_mutex_lock(&link->bus->lock);
    link->threads++;
    pthread_mutex_unlock(&link->bus->lock);
    if (natsSubscription_SetOnCompleteCB(sub, thread_ended, link) == NATS_OK)
        return;
    /* The connection broke this very moment. */
    pthread_mutex_lock(&link->bus->lock);
    link->threads--;
    link->unwatched = true;
    pthread_mutex_unlock(&link->bus->lock);
}

px_status px_nats_link_subscribe(nats_link *link, const char *subject, const char *queue,
                                 natsMsgHandler handler, void *context, void *owned,
                                 nats_sub **made)
{
    nats_sub *sub = calloc(1, sizeof *sub);
    if (!sub)
        return PX_ENOMEM;
    sub->link = link;
    sub->context = context;

    natsStatus status =
        queue ? natsConnection_QueueSubscribe(&sub->sub, link->nc, subject, queue, handler, sub)
              : natsConnection_Subscribe(&sub->sub, link->nc, subject, handler, sub);
    if (status != NATS_OK) {
        free(sub);
        return px_nats_bus_failed(link->bus, status, subject);
    }
    sub->owned = owned;
    watch_thread(link, sub->sub);
    pthread_mutex_lock(&link->bus->lock);
    sub->next = link->subs;
    link->subs = sub;
    pthread_mutex_unlock(&link->bus->lock);
    if (made)
        *made = sub;
    return PX_OK;
}

static void link_free(nats_link *link)
{
    for (nats_sub *sub = link->subs, *next; sub; sub = next) {
        next = sub->next;
        natsSubscription_Destroy(sub->sub);
        free(sub->owned);
        free(sub);
    }
    natsSubscription_Destroy(link->answers);
    natsConnection_Destroy(link->nc);
    free(link);
}

/* Frees the lost links that nobody can touch any more; true when none is left. Lock held. */
static bool reap(nats_bus *bus)
{
    for (nats_link **at = &bus->lost; *at;) {
        nats_link *link = *at;
        if (link->users > 0 || link->threads > 0 || !link->closed || link->unwatched) {
            at = &link->next;
            continue;
        }
        *at = link->next;
        pthread_mutex_unlock(&bus->lock);
        link_free(link);
        pthread_mutex_lock(&bus->lock);
        at = &bus->lost; /* the list may have changed meanwhile */
    }
    return bus->lost == NULL;
}

/* --- connecting --- */

/* Many daemons lose the same server at the same moment; they must not come back at the same moment.
 */
static int64_t jitter_ms(void)
{
    uint32_t random = 0;

    return getrandom(&random, sizeof random, 0) == sizeof random ? random % RECONNECT_JITTER_MS : 0;
}

static bool read_password(const nats_bus *bus, char *password, int size)
{
    FILE *file = fopen(bus->password_file, "re");
    bool read = file && fgets(password, size, file);

    if (file)
        fclose(file);
    if (read)
        password[strcspn(password, "\r\n")] = '\0';
    return read;
}

static natsStatus set_user(nats_bus *bus, natsOptions *options)
{
    char password[512] = "";

    if (!bus->user)
        return NATS_OK;
    if (bus->password_file && !read_password(bus, password, sizeof password)) {
        px_nats_bus_set_error(bus, bus->password_file, "cannot read the password");
        return NATS_NOT_PERMITTED;
    }
    natsStatus status = natsOptions_SetUserInfo(options, bus->user, password);
    explicit_bzero(password, sizeof password);
    return status;
}

static natsStatus set_options(nats_link *link, natsOptions *o)
{
    nats_bus *bus = link->bus;
    natsStatus s =
        natsOptions_SetServers(o, (const char **)(void *)bus->servers, bus->server_count);

    /* Our own loop connects again: see bus_nats_impl.h. */
    s = s ? s : natsOptions_SetAllowReconnect(o, false);
    s = s ? s : natsOptions_SetTimeout(o, CONNECT_TIMEOUT_MS);
    s = s ? s : natsOptions_SetPingInterval(o, PING_INTERVAL_MS);
    s = s ? s : natsOptions_SetMaxPingsOut(o, PINGS_OUT_MAX);
    s = s ? s : natsOptions_SetFailRequestsOnDisconnect(o, true);
    s = s ? s : natsOptions_SetSendAsap(o, true); /* the flusher thread would wait 1 ms */
    s = s ? s : natsOptions_SetMaxPendingMsgs(o, PENDING_MSGS_MAX);
    s = s ? s : natsOptions_SetCustomInboxPrefix(o, bus->inbox_prefix);
    s = s ? s : natsOptions_SetName(o, bus->name);
    s = s ? s : natsOptions_SetClosedCB(o, link_closed, link);
    s = s ? s : natsOptions_SetErrorHandler(o, link_error, link);
    return s ? s : set_user(bus, o);
}

static px_status link_connect(nats_link *link)
{
    natsOptions *options = NULL;
    natsStatus status = natsOptions_Create(&options);

    if (status == NATS_OK)
        status = set_options(link, options);
    if (status == NATS_OK) {
        status = natsConnection_Connect(&link->nc, options);
        if (status != NATS_OK)
            px_nats_bus_set_error(link->bus, "cannot connect", natsStatus_GetText(status));
    }
    natsOptions_Destroy(options);
    return status == NATS_OK ? PX_OK : PX_EDISCONNECTED;
}

/* Subscriptions come first, then the server must have seen them, then the link may be used. */
static px_status link_prepare(nats_link *link)
{
    px_status status = px_nats_link_subscribe_acks(link);

    if (status == PX_OK)
        status = px_nats_link_subscribe_services(link);
    if (status == PX_OK && natsConnection_FlushTimeout(link->nc, CONNECT_TIMEOUT_MS) != NATS_OK)
        status = PX_EDISCONNECTED;
    return status;
}

/* Makes the link current, unless it was lost meanwhile or a service has been added. Lock held. */
static bool link_publish(nats_link *link)
{
    nats_bus *bus = link->bus;

    if (atomic_load(&link->lost) || link->served < bus->service_count)
        return false;
    link->epoch = ++bus->epochs;
    bus->link = link;
    bus->error[0] = '\0';
    px_nats_bus_arrived(bus, false);
    return true;
}

/* A link that never became current goes the way of all others. Lock held on return. */
static void link_discard(nats_link *link)
{
    nats_bus *bus = link->bus;

    natsConnection_Close(link->nc);
    pthread_mutex_lock(&bus->lock);
    bus->connecting_since_ms = 0;
    link->next = bus->lost;
    bus->lost = link;
}

/* Called and returns with the lock held; true when there is a current link now. */
static bool connect_once(nats_bus *bus)
{
    nats_link *link = calloc(1, sizeof *link);

    if (!link)
        return false;
    link->bus = bus;
    atomic_init(&link->lost, false);
    bus->connecting_since_ms = px_nats_now_ms();
    pthread_mutex_unlock(&bus->lock);
    if (link_connect(link) != PX_OK) {
        free(link);
        pthread_mutex_lock(&bus->lock);
        bus->connecting_since_ms = 0;
        return false;
    }
    while (link_prepare(link) == PX_OK) {
        pthread_mutex_lock(&bus->lock);
        bus->connecting_since_ms = 0;
        if (link_publish(link))
            return true;
        pthread_mutex_unlock(&bus->lock);
        if (atomic_load(&link->lost))
            break;
    }
    link_discard(link);
    return false;
}

static void pause_connecting(nats_bus *bus, int64_t ms)
{
    struct timespec deadline = px_nats_deadline_at(px_nats_now_ms() + ms);

    while (!bus->closing)
        if (pthread_cond_timedwait(&bus->changed, &bus->lock, &deadline) == ETIMEDOUT)
            break;
}

static void close_current(nats_bus *bus)
{
    nats_link *link = bus->link;

    if (!link)
        return;
    link->users++;
    pthread_mutex_unlock(&bus->lock);
    natsConnection_FlushTimeout(link->nc, FLUSH_TIMEOUT_MS);
    natsConnection_Close(link->nc);
    pthread_mutex_lock(&bus->lock);
    link->users--;
}

/* All that is left are links whose threads could not be watched; they stay, and so does the bus. */
static bool only_unwatched(const nats_bus *bus)
{
    for (const nats_link *link = bus->lost; link; link = link->next)
        if (!link->unwatched)
            return false;
    return true;
}

void *px_nats_connect_loop(void *context)
{
    nats_bus *bus = context;

    pthread_mutex_lock(&bus->lock);
    for (bool connected = false; !bus->closing;) {
        reap(bus);
        if (bus->closing) /* said while reap() had the lock open: nobody will say it again */
            break;
        if (bus->link) {
            connected = true;
            pthread_cond_wait(&bus->changed, &bus->lock);
            continue;
        }
        if (connected)
            pause_connecting(bus, jitter_ms());
        connected = false;
        if (!bus->closing && !connect_once(bus))
            pause_connecting(bus, RECONNECT_WAIT_MS + jitter_ms());
    }
    close_current(bus);
    while (bus->link || !(reap(bus) || only_unwatched(bus)))
        pthread_cond_wait(&bus->changed, &bus->lock);
    pthread_mutex_unlock(&bus->lock);
    return NULL;
}
