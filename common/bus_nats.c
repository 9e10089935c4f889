/* bus_nats.c: keeps one connection to the server alive, and hands it out while it lasts. */
#include <errno.h>
#include <inttypes.h>
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
    PENDING_MSGS_MAX = 64 * 1024 /* requests waiting for one handler */
};

/* --- time --- */

int64_t nats_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct timespec deadline_at(int64_t ms)
{
    return (struct timespec){ .tv_sec = (time_t)(ms / 1000),
                              .tv_nsec = (long)(ms % 1000) * 1000000 };
}

/* Many daemons lose the same server at the same moment; they must not come back at the same moment.
 */
static int64_t jitter_ms(void)
{
    uint32_t random = 0;

    return getrandom(&random, sizeof random, 0) == sizeof random ? random % RECONNECT_JITTER_MS : 0;
}

/* --- errors --- */

void nats_bus_set_error(nats_bus *bus, const char *what, const char *why)
{
    pthread_mutex_lock(&bus->lock);
    snprintf(bus->error, sizeof bus->error, "%s: %s", what, why);
    pthread_mutex_unlock(&bus->lock);
}

px_status nats_bus_failed(nats_bus *bus, natsStatus status, const char *what)
{
    if (status == NATS_OK)
        return PX_OK;
    nats_bus_set_error(bus, what, natsStatus_GetText(status));
    switch (status) {
    case NATS_TIMEOUT:
        return PX_ETIMEOUT;
    case NATS_MAX_PAYLOAD:
        return PX_ETOOBIG;
    case NATS_NO_MEMORY:
        return PX_ENOMEM;
    case NATS_NO_RESPONDERS:
        return PX_ENOTFOUND;
    case NATS_INVALID_ARG:
    case NATS_INVALID_SUBJECT:
        return PX_EINVALID;
    default:
        return PX_EDISCONNECTED;
    }
}

static const char *bus_last_error(px_bus *base)
{
    nats_bus *bus = nats_bus_of(base);

    pthread_mutex_lock(&bus->lock);
    memcpy(bus->shown_error, bus->error, sizeof bus->error);
    pthread_mutex_unlock(&bus->lock);
    return bus->shown_error;
}

/* --- what the driving thread sees --- */

void nats_bus_arrived(nats_bus *bus)
{
    bus->news = true;
    if (bus->sleeping) /* a signal per message would cost more than the message */
        pthread_cond_signal(&bus->arrived);
}

static uint64_t bus_epoch(px_bus *base)
{
    nats_bus *bus = nats_bus_of(base);

    pthread_mutex_lock(&bus->lock);
    uint64_t epoch = bus->link && !atomic_load(&bus->link->lost) ? bus->link->epoch : 0;
    pthread_mutex_unlock(&bus->lock);
    return epoch;
}

static void bus_wait(px_bus *base, int64_t timeout_ms)
{
    nats_bus *bus = nats_bus_of(base);
    int64_t renewed_ms = nats_readers_pump(bus);
    int64_t wait_ms = timeout_ms < renewed_ms ? timeout_ms : renewed_ms;
    struct timespec deadline = deadline_at(nats_now_ms() + (wait_ms > 0 ? wait_ms : 0));

    pthread_mutex_lock(&bus->lock);
    bus->sleeping = true;
    while (!bus->news && wait_ms > 0)
        if (pthread_cond_timedwait(&bus->arrived, &bus->lock, &deadline) == ETIMEDOUT)
            break;
    bus->sleeping = false;
    bus->news = false;
    pthread_mutex_unlock(&bus->lock);
}

static void bus_wake(px_bus *base)
{
    nats_bus *bus = nats_bus_of(base);

    pthread_mutex_lock(&bus->lock);
    nats_bus_arrived(bus);
    pthread_mutex_unlock(&bus->lock);
}

/* --- links --- */

nats_link *nats_link_use(nats_bus *bus)
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

void nats_link_release(nats_link *link)
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
    nats_bus_arrived(bus);
    pthread_cond_signal(&bus->changed);
    pthread_mutex_unlock(&bus->lock);
}

/* The subscription may be gone already and is not touched. */
static void link_error(natsConnection *nc, natsSubscription *sub, natsStatus status, void *context)
{
    nats_link *link = context;
    const char *text = nats_GetLastError(NULL);

    (void)nc;
    (void)sub;
    nats_bus_set_error(link->bus, natsStatus_GetText(status), text ? text : "no details");
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

px_status nats_link_subscribe(nats_link *link, const char *subject, const char *queue,
                              natsMsgHandler handler, void *context, void *owned, nats_sub **made)
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
        return nats_bus_failed(link->bus, status, subject);
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
        nats_bus_set_error(bus, bus->password_file, "cannot read the password");
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
            nats_bus_set_error(link->bus, "cannot connect", natsStatus_GetText(status));
    }
    natsOptions_Destroy(options);
    return status == NATS_OK ? PX_OK : PX_EDISCONNECTED;
}

/* Subscriptions come first, then the server must have seen them, then the link may be used. */
static px_status link_prepare(nats_link *link)
{
    px_status status = nats_link_subscribe_acks(link);

    if (status == PX_OK)
        status = nats_link_subscribe_services(link);
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
    nats_bus_arrived(bus);
    return true;
}

/* A link that never became current goes the way of all others. Lock held on return. */
static void link_discard(nats_link *link)
{
    nats_bus *bus = link->bus;

    natsConnection_Close(link->nc);
    pthread_mutex_lock(&bus->lock);
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
    pthread_mutex_unlock(&bus->lock);
    if (link_connect(link) != PX_OK) {
        free(link);
        pthread_mutex_lock(&bus->lock);
        return false;
    }
    while (link_prepare(link) == PX_OK) {
        pthread_mutex_lock(&bus->lock);
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
    struct timespec deadline = deadline_at(nats_now_ms() + ms);

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

static void *connect_loop(void *context)
{
    nats_bus *bus = context;

    pthread_mutex_lock(&bus->lock);
    for (bool connected = false; !bus->closing;) {
        reap(bus);
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

/* --- opening and closing --- */

static void bus_free(nats_bus *bus)
{
    for (int i = 0; i < bus->server_count; i++)
        free(bus->servers[i]);
    free(bus->servers);
    for (size_t i = 0; i < bus->service_count; i++) {
        free(bus->services[i]->subject);
        free(bus->services[i]->queue);
        free(bus->services[i]);
    }
    free(bus->services);
    free(bus->user);
    free(bus->password_file);
    free(bus->name);
    free(bus->inbox_prefix);
    free(bus->js_prefix);
    free(bus->inbox);
    free(bus->acks);
    pthread_mutex_destroy(&bus->lock);
    pthread_cond_destroy(&bus->arrived);
    pthread_cond_destroy(&bus->changed);
    free(bus);
}

static void bus_close(px_bus *base)
{
    nats_bus *bus = nats_bus_of(base);

    PX_ASSERT(!bus->readers);
    pthread_mutex_lock(&bus->lock);
    bus->closing = true;
    pthread_cond_signal(&bus->changed);
    pthread_mutex_unlock(&bus->lock);
    pthread_join(bus->connector, NULL);
    if (!bus->lost)
        bus_free(bus);
}

static const px_bus_ops nats_ops = {
    .close = bus_close,
    .epoch = bus_epoch,
    .last_error = bus_last_error,
    .wait = bus_wait,
    .wake = bus_wake,
    .stream_ensure = nats_stream_ensure,
    .stream_info = nats_stream_info,
    .get = nats_get,
    .get_last = nats_get_last,
    .purge = nats_purge,
    .erase = nats_erase,
    .reader_open = nats_reader_open,
    .reader_close = nats_reader_close,
    .reader_next = nats_reader_next,
    .reader_caught_up = nats_reader_caught_up,
    .publish = nats_publish,
    .next_ack = nats_next_ack,
    .publish_wait = nats_publish_wait,
    .send = nats_send,
    .serve = nats_serve,
    .respond = nats_respond,
    .request = nats_request,
};

static bool copy_servers(nats_bus *bus, const char *url)
{
    size_t count = 1;

    for (const char *c = url; *c; c++)
        count += *c == ',';
    bus->servers = calloc(count, sizeof *bus->servers);
    while (bus->servers && *url) {
        size_t size = strcspn(url, ",");
        if (size > 0) {
            bus->servers[bus->server_count] = strndup(url, size);
            if (!bus->servers[bus->server_count])
                return false;
            bus->server_count++;
        }
        url += size + (url[size] == ',');
    }
    return bus->servers != NULL;
}

static bool copy_text(char **to, const char *from, const char *fallback)
{
    const char *text = from ? from : fallback;

    *to = text ? strdup(text) : NULL;
    return *to || !text;
}

/* NUIDs of nats.c come from rand(); an inbox that others can guess would let them forge answers. */
static bool make_inbox(nats_bus *bus)
{
    uint64_t id[2];

    if (getrandom(id, sizeof id, 0) != sizeof id)
        return false;
    return asprintf(&bus->inbox, "%s.%016" PRIx64 "%016" PRIx64, bus->inbox_prefix, id[0], id[1]) >=
           0;
}

static bool copy_options(nats_bus *bus, const px_bus_options *o)
{
    bus->request_timeout_ms =
        o->request_timeout_ms > 0 ? o->request_timeout_ms : PX_REQUEST_TIMEOUT_MS;
    return copy_servers(bus, o->url) && copy_text(&bus->user, o->user, NULL) &&
           copy_text(&bus->password_file, o->password_file, NULL) &&
           copy_text(&bus->name, o->name, "praxis") &&
           copy_text(&bus->inbox_prefix, o->inbox_prefix, "_INBOX") &&
           copy_text(&bus->js_prefix, o->js_prefix, "$JS.API") && make_inbox(bus);
}

static void init_locks(nats_bus *bus)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&bus->arrived, &monotonic);
    pthread_cond_init(&bus->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&bus->lock, NULL);
}

px_status px_bus_open(px_bus **bus, const px_bus_options *options)
{
    if (!options->url ||
        (options->inbox_prefix && !px_subject_valid(options->inbox_prefix, false)) ||
        (options->js_prefix && !px_subject_valid(options->js_prefix, false)))
        return PX_EINVALID;

    nats_bus *opened = calloc(1, sizeof *opened);
    if (!opened)
        return PX_ENOMEM;
    opened->base.ops = &nats_ops;
    init_locks(opened);
    px_status status = copy_options(opened, options) ? PX_OK : PX_ENOMEM;
    if (status == PX_OK && opened->server_count == 0)
        status = PX_EINVALID;
    if (status == PX_OK && pthread_create(&opened->connector, NULL, connect_loop, opened) != 0)
        status = PX_ENOMEM;
    if (status != PX_OK) {
        bus_free(opened);
        return status;
    }
    *bus = &opened->base;
    return PX_OK;
}
