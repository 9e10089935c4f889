#include "common/health.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/diag.h"
#include "common/metrics.h"

enum {
    CONNECTIONS_MAX = 16,
    CONNECTION_BYTES = 16 * 1024, /* read and write buffer; larger requests are refused */
    CONNECTION_SECONDS = 10,      /* idle or slow */
    TURN_SECONDS_MAX = 30         /* a loop that has not turned for longer hangs */
};

struct px_health {
    char service[64];
    struct MHD_Daemon *http; /* NULL: answers nobody */
    _Atomic int64_t turned_ms;
    pthread_mutex_t lock; /* of the next two, which change together */
    bool ready;
    char why_not[PX_HEALTH_WHY_MAX]; /* "" while ready */
};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- what is answered; each gives a heap text, NULL when memory is out ---- */

static char *status_text(const char *why_not, size_t *size)
{
    char *text;
    int length;

    if (why_not && *why_not)
        length = asprintf(&text, "{\"status\":\"unavailable\",\"reason\":\"%s\"}\n", why_not);
    else
        length = asprintf(&text, "{\"status\":\"ok\"}\n");
    if (length < 0)
        return NULL;
    *size = (size_t)length;
    return text;
}

static char *answer_live(px_health *health, unsigned *code, size_t *size)
{
    bool live = px_health_live(health);

    *code = live ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
    return status_text(live ? NULL : "the loop has not turned for 30 s", size);
}

static char *answer_ready(px_health *health, unsigned *code, size_t *size)
{
    char why_not[PX_HEALTH_WHY_MAX];
    bool ready = px_health_ready(health, why_not);

    *code = ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
    return status_text(why_not, size);
}

static char *answer_metrics(px_health *health, unsigned *code, size_t *size)
{
    *code = MHD_HTTP_OK;
    return px_metrics_text(health->service, size);
}

static char *answer_nothing(px_health *health, unsigned *code, size_t *size)
{
    (void)health;
    *code = MHD_HTTP_NOT_FOUND;
    return status_text("there are /livez, /readyz and /metrics", size);
}

static char *answer_method(px_health *health, unsigned *code, size_t *size)
{
    (void)health;
    *code = MHD_HTTP_METHOD_NOT_ALLOWED;
    return status_text("GET and HEAD only", size);
}

typedef struct {
    const char *path;
    const char *content_type;
    char *(*answer)(px_health *health, unsigned *code, size_t *size);
} page;

static const page pages[] = {
    { "/livez", "application/json", answer_live },
    { "/readyz", "application/json", answer_ready },
    { "/metrics", "text/plain; version=0.0.4; charset=utf-8", answer_metrics },
};
static const page no_page = { "", "application/json", answer_nothing };
static const page no_method = { "", "application/json", answer_method };

static const page *page_of(const char *path, const char *method)
{
    bool reads =
        strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;

    for (size_t i = 0; i < PX_COUNT(pages); i++) {
        if (strcmp(path, pages[i].path) == 0)
            return reads ? &pages[i] : &no_method;
    }
    return &no_page;
}

/* ---- HTTP ---- */

static enum MHD_Result send_page(px_health *health, struct MHD_Connection *connection,
                                 const page *p)
{
    unsigned code;
    size_t size = 0;
    char *text = p->answer(health, &code, &size);
    struct MHD_Response *response;
    enum MHD_Result queued;

    if (!text)
        return MHD_NO; /* closes the connection */
    response = MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        free(text);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, p->content_type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    if (code == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    queued = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return queued;
}

/**
 * Answers as soon as the head is there: no body is read, and the connection ends with the answer,
 * so that nobody holds one of the few for longer than a question takes.
 */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *body,
                              size_t *body_size, void **request)
{
    (void)version;
    (void)body;
    (void)request;
    *body_size = 0;
    return send_page(context, connection, page_of(path, method));
}

/* ---- start and stop ---- */

static px_status listen_at(const char *address, uint16_t port, int *listener)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    struct addrinfo *found;
    char service[8];
    px_status status = PX_OK;

    snprintf(service, sizeof service, "%u", port);
    if (getaddrinfo(address, service, &hints, &found) != 0)
        return PX_EINVALID;
    *listener = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* or a restart would have to wait for the connections of the run before to time out */
    if (*listener >= 0)
        setsockopt(*listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
    if (*listener < 0)
        status = PX_EIO;
    else if (bind(*listener, found->ai_addr, found->ai_addrlen) != 0 ||
             listen(*listener, CONNECTIONS_MAX) != 0)
        status = errno == EADDRINUSE ? PX_EBUSY : PX_EINVALID;
    freeaddrinfo(found);
    if (status != PX_OK && *listener >= 0)
        close(*listener);
    return status;
}

static px_status start_http(px_health *health, const char *address, uint16_t port)
{
    int listener;
    px_status status = listen_at(address, port, &listener);

    if (status != PX_OK)
        return status;
    health->http = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO, 0, NULL, NULL, handle, health,
        MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)CONNECTION_SECONDS, MHD_OPTION_END);
    if (health->http)
        return PX_OK;
    close(listener);
    return PX_EIO;
}

/* Part of it may be the server's words; it has to fit between the quotes of the answers. */
static void set_why_not(px_health *health, const char *why_not)
{
    snprintf(health->why_not, sizeof health->why_not, "%s", why_not);
    for (char *c = health->why_not; *c; c++)
        if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ' || (unsigned char)*c > '~')
            *c = '\'';
}

px_status px_health_start(px_health **health, const char *service, const char *address,
                          uint16_t port)
{
    px_health *h = calloc(1, sizeof *h);
    px_status status = PX_OK;

    *health = NULL;
    if (!h)
        return PX_ENOMEM;
    snprintf(h->service, sizeof h->service, "%s", service);
    pthread_mutex_init(&h->lock, NULL);
    set_why_not(h, "starting");
    px_health_tick(h);
    if (port != 0)
        status = start_http(h, address, port);
    if (status != PX_OK) {
        px_health_stop(h);
        return status;
    }
    *health = h;
    return PX_OK;
}

void px_health_stop(px_health *health)
{
    if (!health)
        return;
    if (health->http)
        MHD_stop_daemon(health->http);
    pthread_mutex_destroy(&health->lock);
    free(health);
}

void px_health_tick(px_health *health)
{
    atomic_store(&health->turned_ms, now_ms());
}

bool px_health_live(px_health *health)
{
    return now_ms() - atomic_load(&health->turned_ms) <= TURN_SECONDS_MAX * 1000;
}

void px_health_set(px_health *health, bool ready, const char *why_not)
{
    char before[PX_HEALTH_WHY_MAX], now[PX_HEALTH_WHY_MAX];

    PX_ASSERT(ready || why_not);
    pthread_mutex_lock(&health->lock);
    memcpy(before, health->why_not, sizeof before);
    set_why_not(health, ready ? "" : why_not);
    memcpy(now, health->why_not, sizeof now);
    health->ready = ready;
    pthread_mutex_unlock(&health->lock);
    px_metric_set(PX_METRIC_READY, ready);
    if (strcmp(before, now) == 0)
        return;
    if (ready)
        px_info("ready");
    else
        px_warning("not ready", PX_TEXT("reason", now));
}

bool px_health_ready(px_health *health, char why_not[PX_HEALTH_WHY_MAX])
{
    bool ready;

    pthread_mutex_lock(&health->lock);
    ready = health->ready;
    if (why_not)
        memcpy(why_not, health->why_not, sizeof health->why_not);
    pthread_mutex_unlock(&health->lock);
    return ready;
}
