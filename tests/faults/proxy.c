/* proxy.c: one thread, one poll(); a connection is a pair of sockets with a buffer for each way. */
#include "tests/faults/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/faults/world.h"

enum { PAIRS_MAX = 64, BUFFER_BYTES = 64 * 1024, TICK_MS = 5, PIECES_PER_TURN = 64 };

typedef struct {
    char bytes[BUFFER_BYTES];
    size_t begin, end;
    int64_t due_ms; /* not passed on before */
} way;

typedef struct {
    int ends[PROXY_WAYS]; /* where each way begins: [UP] the client, [DOWN] the server; -1 unused */
    bool dead;
    way ways[PROXY_WAYS];
} pair;

struct proxy {
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    bool stopping;
    proxy_faults faults;
    size_t passed[PROXY_WAYS]; /* since these faults were set */
    unsigned cuts;
    int listener;
    uint16_t server;
    char url[64];
    pair *pairs[PAIRS_MAX];
};

static struct sockaddr_in local(uint16_t port)
{
    return (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_port = htons(port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

/* ---- connections ---- */

static void reset(int fd)
{
    if (fd < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
    close(fd);
}

static void end_pair(proxy *p, size_t i)
{
    reset(p->pairs[i]->ends[PROXY_UP]);
    reset(p->pairs[i]->ends[PROXY_DOWN]);
    free(p->pairs[i]);
    p->pairs[i] = NULL;
}

static int connect_to_server(const proxy *p)
{
    struct sockaddr_in address = local(p->server);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    return fd;
}

static size_t free_place(const proxy *p)
{
    size_t i = 0;

    while (i < PAIRS_MAX && p->pairs[i])
        i++;
    return i;
}

static void take_client(proxy *p)
{
    int client = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
    size_t i = free_place(p);
    pair *made;

    if (client < 0)
        return;
    made = !p->faults.refuse && i < PAIRS_MAX ? calloc(1, sizeof *made) : NULL;
    if (!made) {
        reset(client);
        return;
    }
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    made->dead = p->faults.mute;
    made->ends[PROXY_UP] = client;
    made->ends[PROXY_DOWN] = made->dead ? -1 : connect_to_server(p);
    p->pairs[i] = made;
    if (!made->dead && made->ends[PROXY_DOWN] < 0)
        end_pair(p, i);
}

/* ---- bytes ---- */

/* False: the end it comes from is closed. */
static bool take_in(pair *c, int from, const proxy_faults *faults)
{
    way *w = &c->ways[from];
    ssize_t got = recv(c->ends[from], w->bytes, sizeof w->bytes, MSG_DONTWAIT);

    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    w->begin = 0;
    w->end = (size_t)got;
    w->due_ms = world_now_ms() + faults->delay_ms;
    return true;
}

/* What may be passed on now, cut where the connection is to break. */
static size_t portion(const proxy *p, const way *w, int from)
{
    size_t size = w->end - w->begin, limit = p->faults.cut_after[from];

    if (p->faults.piece > 0 && size > p->faults.piece)
        size = p->faults.piece;
    if (limit > p->passed[from] && size > limit - p->passed[from])
        size = limit - p->passed[from];
    return size;
}

/* False: the connection ends here. */
static bool pass_on(proxy *p, pair *c, int from)
{
    way *w = &c->ways[from];

    for (unsigned i = 0; i < PIECES_PER_TURN && w->begin < w->end; i++) {
        ssize_t sent = send(c->ends[!from], w->bytes + w->begin, portion(p, w, from),
                            MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        w->begin += (size_t)sent;
        p->passed[from] += (size_t)sent;
        if (p->passed[from] == p->faults.cut_after[from]) {
            p->cuts++;
            return false;
        }
    }
    return true;
}

static bool serve_way(proxy *p, pair *c, int from)
{
    way *w = &c->ways[from];

    if (p->faults.hold[from])
        return true;
    if (w->begin == w->end && !take_in(c, from, &p->faults))
        return false;
    return w->due_ms > world_now_ms() || pass_on(p, c, from);
}

static void serve(proxy *p)
{
    for (size_t i = 0; i < PAIRS_MAX; i++)
        if (p->pairs[i] && !p->pairs[i]->dead &&
            !(serve_way(p, p->pairs[i], PROXY_UP) && serve_way(p, p->pairs[i], PROXY_DOWN)))
            end_pair(p, i);
}

/* Who waits for bytes to arrive; what is held back is looked at every tick. */
static size_t gather(const proxy *p, struct pollfd *fds)
{
    size_t count = 0;

    fds[count++] = (struct pollfd){ .fd = p->listener, .events = POLLIN };
    for (size_t i = 0; i < PAIRS_MAX; i++)
        for (int from = 0; p->pairs[i] && !p->pairs[i]->dead && from < PROXY_WAYS; from++)
            if (!p->faults.hold[from] &&
                p->pairs[i]->ways[from].begin == p->pairs[i]->ways[from].end)
                fds[count++] = (struct pollfd){ .fd = p->pairs[i]->ends[from], .events = POLLIN };
    return count;
}

static void *run(void *context)
{
    struct pollfd fds[1 + PAIRS_MAX * PROXY_WAYS];
    proxy *p = context;

    pthread_mutex_lock(&p->lock);
    while (!p->stopping) {
        size_t count = gather(p, fds);

        pthread_mutex_unlock(&p->lock);
        poll(fds, count, TICK_MS);
        pthread_mutex_lock(&p->lock);
        if (fds[0].revents)
            take_client(p);
        serve(p);
    }
    for (size_t i = 0; i < PAIRS_MAX; i++)
        if (p->pairs[i])
            end_pair(p, i);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* ---- the outside ---- */

proxy *proxy_start(uint16_t port)
{
    struct sockaddr_in address = local(0);
    socklen_t size = sizeof address;
    proxy *p = calloc(1, sizeof *p);

    assert_non_null(p);
    p->server = port;
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(p->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(p->listener, PAIRS_MAX), 0);
    assert_int_equal(getsockname(p->listener, (struct sockaddr *)&address, &size), 0);
    snprintf(p->url, sizeof p->url, "nats://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    pthread_mutex_init(&p->lock, NULL);
    assert_int_equal(pthread_create(&p->thread, NULL, run, p), 0);
    return p;
}

void proxy_stop(proxy *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    close(p->listener);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

const char *proxy_url(const proxy *p)
{
    return p->url;
}

void proxy_set(proxy *p, const proxy_faults *faults)
{
    pthread_mutex_lock(&p->lock);
    p->faults = *faults;
    memset(p->passed, 0, sizeof p->passed);
    for (size_t i = 0; i < PAIRS_MAX; i++) {
        if (!p->pairs[i])
            continue;
        p->pairs[i]->dead |= faults->dead;
        p->cuts += faults->cut;
        if (faults->cut)
            end_pair(p, i);
    }
    pthread_mutex_unlock(&p->lock);
}

unsigned proxy_cuts(proxy *p)
{
    pthread_mutex_lock(&p->lock);
    unsigned cuts = p->cuts;
    pthread_mutex_unlock(&p->lock);
    return cuts;
}
