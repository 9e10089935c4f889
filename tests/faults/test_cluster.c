/* test_cluster.c: three servers, every stream on all of them; the leader of the log is killed, two
 * of three are killed, the leader is stopped for a while.
 *
 * Long form: PRAXIS_FAULT_ROUNDS, more than one of which also stop the leader for a while.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/fold.h"
#include "tests/faults/cluster.h"
#include "tests/faults/pace.h"
#include "tests/faults/scene.h"

enum {
    PEOPLE = 24,
    AFTER_ORGANISATION = 5,
    STEPS = 40, /* of a wave, for each of two daemons */
    STOP_MS = 4000,
    PATIENCE_MS = 120000
};

static load *load_of(unsigned waves)
{
    load *l = load_create_empty(1000 + waves * 2 * STEPS);

    load_add_organisation(l, PEOPLE);
    for (unsigned w = 0; w < waves; w++) {
        for (unsigned i = 0; i < STEPS; i++) {
            load_add(l, AFTER_ORGANISATION + w, FEEDBACK, "p1", "",
                     "\"giveFeedback\":{\"feedbackId\":\"f%u-%u\",\"aboutId\":\"p%u\",\"kind\":1,"
                     "\"text\":{\"plain\":\"said\"},\"visibility\":1}",
                     w, i, 2 + i % (PEOPLE - 2));
            load_add(l, AFTER_ORGANISATION + w, COMPETENCY, "hr", "",
                     "\"recordAssessment\":{\"assessmentId\":\"a%u-%u\",\"personId\":\"p%u\","
                     "\"competencyId\":\"k%u\",\"score\":%u.5}",
                     w, i, i % PEOPLE, i % 5, 1 + (w + i) % 4);
        }
    }
    return l;
}

/* ---- waiting for the cluster ---- */

static unsigned wait_for_leader(scene *s)
{
    int64_t deadline = world_now_ms() + PATIENCE_MS;
    unsigned node;

    while ((node = cluster_leader(s->drive.bus, px_log_stream)) == CLUSTER_NODES) {
        if (world_now_ms() > deadline)
            world_fail(s->world, "nobody leads the log");
        px_bus_wait(s->drive.bus, 50);
    }
    return node;
}

static void wait_until_whole(scene *s)
{
    static const char *const streams[] = { px_log_stream, px_feed_stream,
                                           "PRAXIS_INBOX_FEEDBACK_INGEST",
                                           "PRAXIS_INBOX_COMPETENCY", "PRAXIS_KEYS" };
    int64_t deadline = world_now_ms() + PATIENCE_MS;

    for (size_t i = 0; i < PX_COUNT(streams); i++) {
        while (!cluster_is_whole(s->drive.bus, streams[i])) {
            if (world_now_ms() > deadline)
                world_fail(s->world, "%s is not whole again", streams[i]);
            px_bus_wait(s->drive.bus, 100);
        }
    }
}

/* ---- what happens ---- */

static void send_wave(scene *s, unsigned wave)
{
    for (size_t i = 0; i < s->load->count; i++)
        if (s->load->steps[i].wave == wave)
            drive_send(&s->drive, i);
}

static void answered(scene *s, unsigned wave, const char *what)
{
    int64_t since = world_now_ms();

    drive_waves(&s->drive, wave, wave);
    pace_figure("T7", what, (double)(world_now_ms() - since), "ms");
}

static void kill_leader(scene *s, cluster *c, unsigned wave)
{
    unsigned node = wait_for_leader(s);

    send_wave(s, wave);
    cluster_kill(c, node);
    answered(s, wave, "leader_killed_all_answered");
    cluster_restart(c, node);
    wait_until_whole(s);
}

static void stop_leader(scene *s, cluster *c, unsigned wave)
{
    unsigned node = wait_for_leader(s);
    int64_t since = world_now_ms();

    cluster_signal(c, node, SIGSTOP);
    while (world_now_ms() - since < STOP_MS) {
        world_check(s->world);
        px_bus_wait(s->drive.bus, 50);
    }
    cluster_signal(c, node, SIGCONT);
    answered(s, wave, "leader_stopped_4_s_all_answered");
    wait_until_whole(s);
}

static void kill_two(scene *s, cluster *c, unsigned wave)
{
    unsigned stays = (wait_for_leader(s) + 1) % CLUSTER_NODES;

    for (unsigned i = 0; i < CLUSTER_NODES; i++)
        if (i != stays)
            cluster_kill(c, i);
    world_wait_all(s->world, "/readyz", 503); /* one alone decides nothing */
    world_wait_all(s->world, "/livez", 200);
    for (unsigned i = 0; i < CLUSTER_NODES; i++)
        if (i != stays)
            cluster_restart(c, i);
    answered(s, wave, "two_killed_and_back_all_answered");
    wait_until_whole(s);
    world_wait_all(s->world, "/readyz", 200);
}

/* A server that stores something twice when it comes back numbers what follows differently: who
 * reads the feed by number, there and then elsewhere, misses as many messages. */
static void check_copies(scene *s, cluster *c)
{
    static const char *const streams[] = { px_log_stream, px_feed_stream };
    px_stream_info info;

    wait_until_whole(s);
    for (size_t i = 0; i < PX_COUNT(streams); i++) {
        if (px_bus_stream_info(s->drive.bus, streams[i], &info) != PX_OK)
            world_fail(s->world, "%s cannot be asked for", streams[i]);
        unsigned node = cluster_odd_copy(c, streams[i], info.last_seq);
        if (node < CLUSTER_NODES)
            world_fail(s->world, "the copy of %s on server %u does not end as the others do",
                       streams[i], node);
    }
}

static void cluster_loses_servers__nothing_lost_nothing_doubled(void **ctx)
{
    scene *s = *ctx;
    unsigned rounds = (unsigned)world_setting("PRAXIS_FAULT_ROUNDS", 1);
    unsigned waves_per_round = rounds > 1 ? 3 : 2;
    cluster *c = cluster_start();

    scene_begin(s, &(world_options){ .servers = cluster_urls(c), .flags = { "--replicas", "3" } },
                load_of(rounds * waves_per_round), world_seed());
    drive_waves(&s->drive, 0, AFTER_ORGANISATION - 1);
    wait_until_whole(s);
    for (unsigned w = AFTER_ORGANISATION; w < s->load->waves; w += waves_per_round) {
        kill_leader(s, c, w);
        kill_two(s, c, w + 1);
        if (rounds > 1)
            stop_leader(s, c, w + 2);
    }
    scene_judge(s);
    check_copies(s, c);
    scene_clear(s);
    cluster_stop(c);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cluster_loses_servers__nothing_lost_nothing_doubled,
                                        scene_setup, scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
