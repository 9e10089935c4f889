#include "tests/integration/nats_raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    BUFFER_SIZE = 1 << 20,
    NAME_SIZE = 300,
    QUEUE_SIZE = 64,
    DEADLINE_MS = 10000,
    ANNOUNCE_MS = 500
};

typedef struct {
    char subject[NAME_SIZE];
    char reply[NAME_SIZE];
    char *payload;
} message;

struct nats_raw {
    int fd;
    char user[NAME_SIZE];
    char buffer[BUFFER_SIZE];
    size_t size;
    message queue[QUEUE_SIZE];
    size_t count;
    message last;
    unsigned subscriptions;
    unsigned asked;
};

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool send_text(nats_raw *c, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t sent = send(c->fd, text, left, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return false;
        if (sent > 0) {
            text += sent;
            left -= (size_t)sent;
        }
    }
    return true;
}

/* More bytes into the buffer; false at the deadline or at the end of the connection. */
static bool receive(nats_raw *c, long end_ms)
{
    struct pollfd readable = { .fd = c->fd, .events = POLLIN };
    long left_ms = end_ms - now_ms();

    if (left_ms <= 0 || c->size == BUFFER_SIZE - 1 || poll(&readable, 1, (int)left_ms) != 1)
        return false;
    ssize_t got = recv(c->fd, c->buffer + c->size, BUFFER_SIZE - 1 - c->size, 0);
    if (got <= 0)
        return false;
    c->size += (size_t)got;
    c->buffer[c->size] = '\0';
    return true;
}

static void drop(nats_raw *c, size_t size)
{
    c->size -= size;
    memmove(c->buffer, c->buffer + size, c->size + 1);
}

/* The end of the first line with its line break; 0 when it is not here. */
static size_t line_size(const nats_raw *c)
{
    const char *end = memmem(c->buffer, c->size, "\r\n", 2);

    return end ? (size_t)(end - c->buffer) + 2 : 0;
}

/* MSG <subject> <sid> [reply] <size>, HMSG <subject> <sid> [reply] <headers> <size> */
static size_t parse_head(const char *start, size_t size, message *m)
{
    char line[2 * NAME_SIZE + 64];
    char words[6][NAME_SIZE] = { { 0 } };
    bool headers = start[0] == 'H';

    snprintf(line, sizeof line, "%.*s", (int)size, start);
    int count = sscanf(line, "%299s %299s %299s %299s %299s %299s", words[0], words[1], words[2],
                       words[3], words[4], words[5]);
    bool reply = count == (headers ? 6 : 5);

    snprintf(m->subject, sizeof m->subject, "%s", words[1]);
    snprintf(m->reply, sizeof m->reply, "%s", reply ? words[3] : "");
    return (size_t)strtoul(words[count - 1], NULL, 10);
}

static bool take_message(nats_raw *c, size_t head, long end_ms)
{
    message m = { 0 };
    size_t size = parse_head(c->buffer, head, &m);

    while (c->size < head + size + 2)
        if (!receive(c, end_ms))
            return false;
    m.payload = strndup(c->buffer + head, size);
    for (size_t i = 0; m.payload && i < size; i++) /* payloads are looked at as text */
        m.payload[i] = c->buffer[head + i] ? c->buffer[head + i] : '?';
    drop(c, head + size + 2);
    if (c->count == QUEUE_SIZE || !m.payload)
        abort();
    c->queue[c->count++] = m;
    return true;
}

typedef enum { NOTHING, PONG, REFUSAL, MESSAGE } event;

/* The next thing the server says. */
static event next_event(nats_raw *c, long end_ms)
{
    for (;;) {
        size_t head = line_size(c);

        if (head == 0) {
            if (!receive(c, end_ms))
                return NOTHING;
        } else if (strncmp(c->buffer, "MSG ", 4) == 0 || strncmp(c->buffer, "HMSG ", 5) == 0) {
            return take_message(c, head, end_ms) ? MESSAGE : NOTHING;
        } else {
            event e = strncmp(c->buffer, "PONG", 4) == 0   ? PONG
                      : strncmp(c->buffer, "-ERR", 4) == 0 ? REFUSAL
                                                           : NOTHING;
            if (strncmp(c->buffer, "PING", 4) == 0)
                send_text(c, "PONG\r\n");
            drop(c, head);
            if (e != NOTHING)
                return e;
        }
    }
}

/* Sends, and reads until the server has dealt with it. False when it refused something. */
static bool send_and_settle(nats_raw *c, const char *text)
{
    long end_ms = now_ms() + DEADLINE_MS;
    bool fine = send_text(c, text) && send_text(c, "PING\r\n");

    for (event e; fine && (e = next_event(c, end_ms)) != PONG;) {
        if (e == NOTHING)
            return false;
        if (e == REFUSAL) {
            while ((e = next_event(c, end_ms)) != PONG && e != NOTHING)
                continue;
            return false;
        }
    }
    return fine;
}

nats_raw *nats_raw_open(const char *url, const char *user, const char *password)
{
    const char *colon = strrchr(url, ':');
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    nats_raw *c = calloc(1, sizeof *c);
    char hello[700] = "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,"
                      "\"no_responders\":true,\"lang\":\"raw\",\"version\":\"1\"}\r\n";

    if (!c)
        abort();
    if (user)
        snprintf(hello, sizeof hello,
                 "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,"
                 "\"no_responders\":true,\"lang\":\"raw\",\"version\":\"1\","
                 "\"user\":\"%s\",\"pass\":\"%s\"}\r\n",
                 user, password);
    snprintf(c->user, sizeof c->user, "%s", user ? user : "anonymous");
    const int at_once = 1; /* a PING that waits for the ACK of what went before costs 40 ms */
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd >= 0)
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    if (c->fd >= 0 && connect(c->fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        send_and_settle(c, hello))
        return c;
    nats_raw_close(c);
    return NULL;
}

void nats_raw_close(nats_raw *c)
{
    if (!c)
        return;
    if (c->fd >= 0)
        close(c->fd);
    for (size_t i = 0; i < c->count; i++)
        free(c->queue[i].payload);
    free(c->last.payload);
    free(c);
}

bool nats_raw_publish(nats_raw *c, const char *subject, const char *reply, const char *body)
{
    char text[4096];

    snprintf(text, sizeof text, "PUB %s %s %zu\r\n%s\r\n", subject, reply, strlen(body), body);
    return send_and_settle(c, text);
}

bool nats_raw_publish_with(nats_raw *c, const char *subject, const char *reply, const char *headers,
                           const char *body)
{
    char text[4096];
    size_t head = strlen("NATS/1.0\r\n") + strlen(headers) + 2;

    snprintf(text, sizeof text, "HPUB %s %s %zu %zu\r\nNATS/1.0\r\n%s\r\n%s\r\n", subject, reply,
             head, head + strlen(body), headers, body);
    return send_and_settle(c, text);
}

bool nats_raw_announce(nats_raw *c, const char *subject, size_t size)
{
    char text[NAME_SIZE * 2];
    event e;

    snprintf(text, sizeof text, "PUB %s %zu\r\n", subject, size);
    if (!send_text(c, text))
        return false;
    for (long end_ms = now_ms() + ANNOUNCE_MS; (e = next_event(c, end_ms)) != NOTHING;)
        if (e == REFUSAL)
            return false;
    return true;
}

bool nats_raw_subscribe(nats_raw *c, const char *subject)
{
    char text[NAME_SIZE * 3];

    snprintf(text, sizeof text, "SUB %s %u\r\n", subject, ++c->subscriptions);
    return send_and_settle(c, text);
}

const char *nats_raw_next(nats_raw *c, int timeout_ms)
{
    long end_ms = now_ms() + timeout_ms;

    while (c->count == 0)
        if (next_event(c, end_ms) == NOTHING)
            return NULL;
    free(c->last.payload);
    c->last = c->queue[0];
    c->count--;
    memmove(c->queue, c->queue + 1, c->count * sizeof c->queue[0]);
    return c->last.payload;
}

const char *nats_raw_subject(const nats_raw *c)
{
    return c->last.subject;
}

const char *nats_raw_reply(const nats_raw *c)
{
    return c->last.reply;
}

const char *nats_raw_ask(nats_raw *c, const char *subject, const char *body)
{
    char inbox[NAME_SIZE + 32];
    const char *answer;

    if (c->asked == 0) {
        snprintf(inbox, sizeof inbox, "_IN_%s.raw.*", c->user);
        if (!nats_raw_subscribe(c, inbox))
            return NULL;
    }
    snprintf(inbox, sizeof inbox, "_IN_%s.raw.%u", c->user, ++c->asked);
    if (!nats_raw_publish(c, subject, inbox, body))
        return NULL;
    while ((answer = nats_raw_next(c, DEADLINE_MS)) && strcmp(c->last.subject, inbox) != 0)
        continue;
    return answer && !strstr(answer, "NATS/1.0 503") ? answer : NULL;
}
