/* bus_nats.c: opening and closing, and what the driving thread sees of a connection. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "common/bus_nats_impl.h"

/* --- time --- */

int64_t px_nats_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct timespec px_nats_deadline_at(int64_t ms)
{
    return (struct timespec){ .tv_sec = (time_t)(ms / 1000),
                              .tv_nsec = (long)(ms % 1000) * 1000000 };
}

/* --- errors --- */

void px_nats_bus_set_error(nats_bus *bus, const char *what, const char *why)
{
    pthread_mutex_lock(&bus->lock);
    snprintf(bus->error, sizeof bus->error, "%s: %s", what, why);
    pthread_mutex_unlock(&bus->lock);
}

px_status px_nats_bus_failed(nats_bus *bus, natsStatus status, const char *what)
{
    if (status == NATS_OK)
        return PX_OK;
    px_nats_bus_set_error(bus, what, natsStatus_GetText(status));
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

void px_nats_bus_arrived(nats_bus *bus, bool calm)
{
    bus->news |= !calm;
    bus->calm_news |= calm;
    /* a signal per message would cost more than the message */
    if (bus->sleeping && !(calm && bus->sleeping_calmly))
        pthread_cond_signal(&bus->arrived);
}

static uint64_t bus_epoch(px_bus *base)
{
    nats_bus *bus = nats_bus_of(base);

    px_nats_link_watch(bus);
    pthread_mutex_lock(&bus->lock);
    uint64_t epoch = bus->link && !atomic_load(&bus->link->lost) ? bus->link->epoch : 0;
    pthread_mutex_unlock(&bus->lock);
    return epoch;
}

/* Lock held. @return false when it is time */
static bool sleep_until(nats_bus *bus, int64_t at_ms)
{
    struct timespec deadline = px_nats_deadline_at(at_ms);

    return pthread_cond_timedwait(&bus->arrived, &bus->lock, &deadline) != ETIMEDOUT;
}

/* The first calm arrival after a silence ends the sleep only to set its end; as long as they keep
 * coming the end is set from the start, and none of them wakes anybody. */
static void bus_wait_calmly(px_bus *base, int64_t timeout_ms, int64_t calm_ms)
{
    nats_bus *bus = nats_bus_of(base);
    int64_t renewed_ms = px_nats_readers_pump(bus), now_ms = px_nats_now_ms();
    int64_t end_ms = now_ms + (timeout_ms < renewed_ms ? timeout_ms : renewed_ms);
    bool more = end_ms > now_ms;

    pthread_mutex_lock(&bus->lock);
    bus->sleeping = true;
    bus->sleeping_calmly = false;
    while (more && !bus->news && (!bus->calm_news || calm_ms > 0)) {
        if (calm_ms > 0 && (bus->calm_news || bus->calm_lately) && !bus->sleeping_calmly) {
            int64_t calm_end_ms = px_nats_now_ms() + calm_ms;

            end_ms = calm_end_ms < end_ms ? calm_end_ms : end_ms;
            bus->sleeping_calmly = true;
        }
        more = sleep_until(bus, end_ms);
    }
    bus->sleeping = false;
    bus->calm_lately = bus->calm_news && calm_ms > 0;
    bus->news = bus->calm_news = false;
    pthread_mutex_unlock(&bus->lock);
}

static void bus_wait(px_bus *base, int64_t timeout_ms)
{
    bus_wait_calmly(base, timeout_ms, 0);
}

static void bus_set_calm(px_bus *base, px_calm_fn *is_calm, const void *context)
{
    nats_bus *bus = nats_bus_of(base);

    pthread_mutex_lock(&bus->lock);
    bus->is_calm = is_calm;
    bus->calm_context = context;
    pthread_mutex_unlock(&bus->lock);
}

static void bus_wake(px_bus *base)
{
    nats_bus *bus = nats_bus_of(base);

    pthread_mutex_lock(&bus->lock);
    px_nats_bus_arrived(bus, false);
    pthread_mutex_unlock(&bus->lock);
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
    .wait_calmly = bus_wait_calmly,
    .set_calm = bus_set_calm,
    .wake = bus_wake,
    .stream_ensure = px_nats_stream_ensure,
    .stream_info = px_nats_stream_info,
    .limits = px_nats_limits,
    .get = px_nats_get,
    .get_last = px_nats_get_last,
    .purge = px_nats_purge,
    .erase = px_nats_erase,
    .erase_all = px_nats_erase_all,
    .get_last_all = px_nats_get_last_all,
    .publish_all = px_nats_publish_all,
    .reader_open = px_nats_reader_open,
    .reader_close = px_nats_reader_close,
    .reader_next = px_nats_reader_next,
    .reader_caught_up = px_nats_reader_caught_up,
    .publish = px_nats_publish,
    .next_ack = px_nats_next_ack,
    .publish_wait = px_nats_publish_wait,
    .send = px_nats_send,
    .serve = px_nats_serve,
    .respond = px_nats_respond,
    .request = px_nats_request,
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
    if (status == PX_OK &&
        pthread_create(&opened->connector, NULL, px_nats_connect_loop, opened) != 0)
        status = PX_ENOMEM;
    if (status != PX_OK) {
        bus_free(opened);
        return status;
    }
    *bus = &opened->base;
    return PX_OK;
}
