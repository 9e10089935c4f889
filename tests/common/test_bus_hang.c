/* test_bus_hang.c: the library does not do its part: it never comes back from connecting, or closes
 * a connection and tells nobody. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/bus_nats_impl.h"
#include "tests/common/bus_world.h"

/* ---- connecting never ends ---- */

/* A port that takes connections and says nothing on them. */
static int listen_in_silence(char *url, size_t size)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 4) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        abort();
    snprintf(url, size, "nats://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    return fd;
}

/* As if connecting had begun so long ago. */
static bool has_begun(nats_bus *bus, int64_t ago_ms)
{
    pthread_mutex_lock(&bus->lock);
    bool connecting = bus->connecting_since_ms != 0;

    if (connecting)
        bus->connecting_since_ms = px_nats_now_ms() - ago_ms;
    pthread_mutex_unlock(&bus->lock);
    return connecting;
}

/* What a daemon does all the time; it dies of the second look when the first was too long ago. */
static void connect_for(int64_t ago_ms)
{
    char url[64];
    int fd = listen_in_silence(url, sizeof url);
    px_bus *bus;

    if (px_bus_open(&bus, &(px_bus_options){ .url = url }) != PX_OK)
        _exit(2);
    for (int64_t start = bus_now_ms(); !has_begun(nats_bus_of(bus), ago_ms);)
        if (bus_now_ms() - start > BUS_DEADLINE_MS)
            _exit(3);
    (void)px_bus_epoch(bus);
    close(fd);
    _exit(0);
}

static int end_of(int64_t ago_ms)
{
    const struct rlimit none = { 0, 0 };
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        (void)setrlimit(RLIMIT_CORE, &none);
        connect_for(ago_ms);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* Before any test of this program has used the library: it does not survive a fork. */
static void connecting_that_never_ends__ends_the_process(void **state)
{
    int status = end_of(60 * 1000);

    (void)state;
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    status = end_of(10 * 60 * 1000);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

/* ---- nobody is told of a closed connection ---- */

static nats_link *link_of(nats_bus *bus)
{
    nats_link *link = px_nats_link_use(bus);

    assert_non_null(link);
    px_nats_link_release(link);
    return link;
}

/* The library has one thread that tells of closed connections: it waits for the lock of `other`. */
static void close_untold(nats_bus *other, px_bus *bus)
{
    natsConnection *nc = link_of(other)->nc;

    pthread_mutex_lock(&other->lock);
    natsConnection_Close(nc);
    natsConnection_Close(link_of(nats_bus_of(bus))->nc);
}

static void closed_connection_nobody_tells_of__is_made_anew(void **state)
{
    static px_bus *kept; /* what the library may touch yet is never freed */
    bus_world *w = *state;
    px_bus *other = bus_open(w, "_IN_other");
    uint64_t epoch;
    nats_bus *bus;

    kept = bus_open(w, "_IN_kept");
    bus = nats_bus_of(kept);
    epoch = px_bus_epoch(kept);
    close_untold(nats_bus_of(other), kept);
    assert_int_equal(px_bus_epoch(kept), epoch); /* it may be told yet */
    pthread_mutex_lock(&bus->lock);
    assert_true(bus->closed_since_ms != 0);
    bus->closed_since_ms -= 60 * 1000;
    pthread_mutex_unlock(&bus->lock);
    assert_int_equal(px_bus_epoch(kept), 0);
    assert_true(bus_connected(kept) > epoch);
    pthread_mutex_unlock(&nats_bus_of(other)->lock);
    px_bus_close(other);
    px_bus_close(kept);
}

int main(void)
{
    const struct CMUnitTest first[] = {
        cmocka_unit_test(connecting_that_never_ends__ends_the_process),
    };
    const struct CMUnitTest then[] = {
        cmocka_unit_test(closed_connection_nobody_tells_of__is_made_anew),
    };

    return cmocka_run_group_tests(first, NULL, NULL) + bus_run_on_nats(then, PX_COUNT(then));
}
