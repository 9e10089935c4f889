#include "services/praxis/probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static struct sockaddr_in local(uint16_t port)
{
    return (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_port = htons(port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

bool px_probe_free(uint16_t port)
{
    struct sockaddr_in address = local(port);
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* Connections that have just ended do not count, listeners do. */
    bool bound = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                 bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0;

    if (fd >= 0)
        close(fd);
    return bound;
}

/* Sends `request` and compares the start of the answer. */
static bool answers(uint16_t port, const char *request, const char *start)
{
    const struct timeval limit = { 0, 250000 };
    struct sockaddr_in address = local(port);
    char answer[64] = "";
    size_t got = 0, wanted = strlen(start);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return false;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request)) {
        ssize_t more = 1;
        while (got < wanted && (more = recv(fd, answer + got, wanted - got, 0)) > 0)
            got += (size_t)more;
    }
    close(fd);
    return got == wanted && memcmp(answer, start, wanted) == 0;
}

bool px_probe_nats(uint16_t port)
{
    return answers(port, "", "INFO ");
}

bool px_probe_ready(uint16_t port)
{
    return answers(port, "GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
                   "HTTP/1.1 200");
}
