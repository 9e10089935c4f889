#include "tests/common/choose_port.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PORT_LOW = 12000 /* below the ports that outgoing connections are given */,
    PORT_SPAN = 18000
};

static bool port_is_free(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int one = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    bool is_free = bind(s, (struct sockaddr *)&address, sizeof address) == 0;
    close(s);
    return is_free;
}

uint16_t fixture_choose_port(void)
{
    static unsigned next; /* never the same twice: who got it may not listen yet */
    uint16_t port;

    if (next == 0)
        next = ((unsigned)getpid() * 1009u + (unsigned)time(NULL)) % PORT_SPAN;
    do
        port = (uint16_t)(PORT_LOW + next++ % PORT_SPAN);
    while (!port_is_free(port));
    return port;
}
