/* test_health.c: what probes and scrapers get over real HTTP, well-behaved or not. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/health.h"
#include "common/metrics.h"

enum { ANSWER_MAX = 65536, DEADLINE_MS = 20000 };

static _Atomic long shift_seconds; /* of the monotonic clock */

/** Stands in front of the C library's, so that half a minute passes when a test says so. */
int clock_gettime(clockid_t id, struct timespec *time)
{
    long failed = syscall(SYS_clock_gettime, id, time);

    if (failed == 0 && id == CLOCK_MONOTONIC)
        time->tv_sec += atomic_load(&shift_seconds);
    return (int)failed;
}

typedef struct {
    px_health *health;
    uint16_t port;
    char answer[ANSWER_MAX];
} probe;

/** A socket bound to a port that nobody else has. */
static int bound_socket(uint16_t *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(s, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(s, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return s;
}

static int setup(void **ctx)
{
    probe *p = calloc(1, sizeof *p);
    px_status status = PX_EBUSY;

    if (!p)
        return -1;
    /* Another program may take the port between the two; then another one is free. */
    for (int tries = 0; status == PX_EBUSY && tries < 20; tries++) {
        close(bound_socket(&p->port));
        status = px_health_start(&p->health, "competency", "127.0.0.1", p->port);
    }
    *ctx = p;
    return status == PX_OK ? 0 : -1;
}

static int teardown(void **ctx)
{
    probe *p = *ctx;

    px_health_stop(p->health);
    atomic_store(&shift_seconds, 0);
    free(p);
    return 0;
}

static int connected(probe *p)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(p->port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(s, (struct sockaddr *)&address, sizeof address), 0);
    return s;
}

/** Reads until the other side closes; "" when it closed without a word. */
static const char *read_all(probe *p, int s)
{
    size_t used = 0;
    struct pollfd wait = { .fd = s, .events = POLLIN };

    while (used < ANSWER_MAX - 1) {
        assert_int_equal(poll(&wait, 1, DEADLINE_MS), 1);
        ssize_t got = recv(s, p->answer + used, ANSWER_MAX - 1 - used, 0);
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    p->answer[used] = '\0';
    close(s);
    return p->answer;
}

static const char *ask(probe *p, const char *method, const char *path)
{
    char request[256];
    int s = connected(p);
    int size = snprintf(request, sizeof request,
                        "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", method, path);

    assert_int_equal(send(s, request, (size_t)size, MSG_NOSIGNAL), size);
    return read_all(p, s);
}

static void assert_answer(const char *answer, const char *status, const char *body)
{
    char head[64];
    const char *blank = strstr(answer, "\r\n\r\n");

    snprintf(head, sizeof head, "HTTP/1.1 %s ", status);
    if (strncmp(answer, head, strlen(head)) != 0 || !blank)
        fail_msg("want status %s in:\n%s", status, answer);
    assert_string_equal(blank + 4, body);
}

static void livez__is_fine_while_the_loop_turns(void **ctx)
{
    probe *p = *ctx;

    assert_answer(ask(p, "GET", "/livez"), "200", "{\"status\":\"ok\"}\n");
    assert_non_null(strstr(p->answer, "Content-Type: application/json"));
}

static void livez__fails_after_30_s_without_a_turn(void **ctx)
{
    probe *p = *ctx;

    px_health_tick(p->health);
    atomic_store(&shift_seconds, 29);
    assert_answer(ask(p, "GET", "/livez"), "200", "{\"status\":\"ok\"}\n");
    atomic_store(&shift_seconds, 32);
    assert_answer(ask(p, "GET", "/livez"), "503",
                  "{\"status\":\"unavailable\",\"reason\":\"the loop has not turned for 30 s\"}\n");
    px_health_tick(p->health);
    assert_answer(ask(p, "GET", "/livez"), "200", "{\"status\":\"ok\"}\n");
}

static void readyz__says_why_not(void **ctx)
{
    probe *p = *ctx;
    char why_not[PX_HEALTH_WHY_MAX];

    assert_answer(ask(p, "GET", "/readyz"), "503",
                  "{\"status\":\"unavailable\",\"reason\":\"starting\"}\n");
    px_health_set(p->health, false, "not connected");
    assert_answer(ask(p, "GET", "/readyz"), "503",
                  "{\"status\":\"unavailable\",\"reason\":\"not connected\"}\n");
    assert_false(px_health_ready(p->health, why_not));
    assert_string_equal(why_not, "not connected");
    assert_int_equal(px_metric_get(PX_METRIC_READY), 0);

    px_health_set(p->health, true, NULL);
    assert_answer(ask(p, "GET", "/readyz"), "200", "{\"status\":\"ok\"}\n");
    assert_true(px_health_ready(p->health, NULL));
    assert_int_equal(px_metric_get(PX_METRIC_READY), 1);
}

static void metrics__are_the_text_format(void **ctx)
{
    const char *answer = ask(*ctx, "GET", "/metrics");

    assert_non_null(strstr(answer, "HTTP/1.1 200 "));
    assert_non_null(strstr(answer, "Content-Type: text/plain; version=0.0.4"));
    assert_non_null(strstr(answer, "\npraxis_build_info{service=\"competency\""));
}

static void head__gives_the_head_only(void **ctx)
{
    probe *p = *ctx;

    assert_answer(ask(p, "HEAD", "/livez"), "200", "");
    assert_non_null(strstr(p->answer, "Content-Length: 16"));
}

static void other_paths_and_methods__are_refused(void **ctx)
{
    probe *p = *ctx;
    static const char only[] = "{\"status\":\"unavailable\",\"reason\":\"GET and HEAD only\"}\n";
    static const char none[] =
        "{\"status\":\"unavailable\",\"reason\":\"there are /livez, /readyz and /metrics\"}\n";

    assert_answer(ask(p, "POST", "/livez"), "405", only);
    assert_non_null(strstr(p->answer, "Allow: GET, HEAD"));
    assert_answer(ask(p, "DELETE", "/metrics"), "405", only);
    assert_answer(ask(p, "GET", "/"), "404", none);
    assert_answer(ask(p, "GET", "/livez/"), "404", none);
    assert_answer(ask(p, "POST", "/nowhere"), "404", none);
}

static void body__is_not_waited_for(void **ctx)
{
    static const char request[] =
        "POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n";
    probe *p = *ctx;
    int s = connected(p);

    send(s, request, sizeof request - 1, MSG_NOSIGNAL);
    assert_non_null(strstr(read_all(p, s), "HTTP/1.1 405 "));
}

static void request__too_large_is_refused(void **ctx)
{
    probe *p = *ctx;
    char *request = malloc(100000);
    int s = connected(p);

    memset(request, 'x', 100000);
    memcpy(request, "GET /", 5);
    send(s, request, 100000, MSG_NOSIGNAL);
    const char *answer = read_all(p, s);
    assert_true(answer[0] == '\0' || strncmp(answer, "HTTP/1.1 4", 10) == 0);
    free(request);
    assert_answer(ask(p, "GET", "/livez"), "200", "{\"status\":\"ok\"}\n");
}

static void connections__beyond_16_wait_for_one_to_end(void **ctx)
{
    enum { BOUND = 16, QUIET_MS = 100 };
    static const char half[] = "GET /livez HTTP/1.1\r\nHost: x\r\n", rest[] = "\r\n";
    probe *p = *ctx;
    int open[BOUND];

    for (int i = 0; i < BOUND; i++) {
        open[i] = connected(p);
        send(open[i], half, sizeof half - 1, MSG_NOSIGNAL);
    }
    struct pollfd late = { .fd = connected(p), .events = POLLIN };
    send(late.fd, half, sizeof half - 1, MSG_NOSIGNAL);
    send(late.fd, rest, sizeof rest - 1, MSG_NOSIGNAL);
    assert_int_equal(poll(&late, 1, QUIET_MS), 0);

    send(open[0], rest, sizeof rest - 1, MSG_NOSIGNAL);
    assert_non_null(strstr(read_all(p, open[0]), "HTTP/1.1 200 "));
    assert_non_null(strstr(read_all(p, late.fd), "HTTP/1.1 200 "));
    for (int i = 1; i < BOUND; i++)
        close(open[i]);
}

static void port__taken_is_busy(void **ctx)
{
    uint16_t port;
    px_health *health = (px_health *)1;
    int taken = bound_socket(&port);

    (void)ctx;
    listen(taken, 1);
    assert_int_equal(px_health_start(&health, "competency", "127.0.0.1", port), PX_EBUSY);
    assert_null(health);
    close(taken);
}

static void address__that_is_none_is_invalid(void **ctx)
{
    px_health *health;

    (void)ctx;
    assert_int_equal(px_health_start(&health, "competency", "256.1.1.1", 1), PX_EINVALID);
    assert_int_equal(px_health_start(&health, "competency", "192.0.2.1", 1), PX_EINVALID);
}

static void port_0__keeps_the_state_only(void **ctx)
{
    px_health *health;

    (void)ctx;
    assert_int_equal(px_health_start(&health, "competency", "127.0.0.1", 0), PX_OK);
    assert_false(px_health_ready(health, NULL));
    px_health_set(health, true, NULL);
    assert_true(px_health_ready(health, NULL));
    px_health_stop(health);
    px_health_stop(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(livez__is_fine_while_the_loop_turns),
        TEST(livez__fails_after_30_s_without_a_turn),
        TEST(readyz__says_why_not),
        TEST(metrics__are_the_text_format),
        TEST(head__gives_the_head_only),
        TEST(other_paths_and_methods__are_refused),
        TEST(body__is_not_waited_for),
        TEST(request__too_large_is_refused),
        TEST(connections__beyond_16_wait_for_one_to_end),
        cmocka_unit_test(port__taken_is_busy),
        cmocka_unit_test(address__that_is_none_is_invalid),
        cmocka_unit_test(port_0__keeps_the_state_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
