/* test_network.c: the network between daemons and server misbehaves, in every way that TCP can.
 *
 * Long form: PRAXIS_FAULT_ROUNDS times through all scenes, in another order each time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/faults/pace.h"
#include "tests/faults/proxy.h"
#include "tests/faults/scene.h"

enum {
    PEOPLE = 24,
    AFTER_ORGANISATION = 5,
    STEPS = 30, /* of each scene, for each of two daemons */
    HEALED_MS_MAX = 60000
};

typedef struct {
    const char *what;
    unsigned hold_ms; /* how long it lasts at least */
    bool cuts;        /* and until a connection was cut by it */
    proxy_faults faults;
} disturbance;

static const disturbance disturbances[] = {
    { "40 ms late", 400, false, { .delay_ms = 40 } },
    { "one byte at a time", 400, false, { .piece = 1 } },
    { "cut", 0, true, { .cut = true } },
    { "cut inside a message to the server", 0, true, { .cut_after = { [PROXY_UP] = 1501 } } },
    { "cut inside a message to a daemon", 0, true, { .cut_after = { [PROXY_DOWN] = 5003 } } },
    { "cut in the greeting", 300, true, { .cut = true, .cut_after = { [PROXY_DOWN] = 20 } } },
    { "cut and refused", 1000, true, { .cut = true, .refuse = true } },
    { "cut, then nobody speaks", 1000, true, { .cut = true, .mute = true } },
    { "nothing to the server", 1500, false, { .hold = { [PROXY_UP] = true } } },
    { "nothing to the daemons", 1500, false, { .hold = { [PROXY_DOWN] = true } } },
    { "nothing at all", 1500, false, { .hold = { true, true } } },
    { "half-open for ever", 0, false, { .dead = true } },
};
enum { DISTURBANCES = PX_COUNT(disturbances) };

static load *load_of(unsigned waves)
{
    load *l = load_create_empty(1000 + waves * 2 * STEPS);

    load_add_organisation(l, PEOPLE);
    for (unsigned w = 0; w < waves; w++) {
        for (unsigned i = 0; i < STEPS; i++) {
            load_add(l, AFTER_ORGANISATION + w, FEEDBACK, "p1", "",
                     "\"giveFeedback\":{\"feedbackId\":\"f%u-%u\",\"aboutId\":\"p%u\",\"kind\":1,"
                     "\"tags\":[{\"competencyId\":\"k1\",\"tone\":1}],"
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

/* The submissions of the wave are on their way while it lasts. */
static void disturb(scene *s, proxy *p, const disturbance *d, unsigned wave)
{
    unsigned cuts = proxy_cuts(p);
    int64_t since = world_now_ms();

    proxy_set(p, &d->faults);
    for (size_t i = 0; i < s->load->count; i++)
        if (s->load->steps[i].wave == wave)
            drive_send(&s->drive, i);
    while (world_now_ms() - since < d->hold_ms || (d->cuts && proxy_cuts(p) == cuts)) {
        if (world_now_ms() - since > WORLD_DEADLINE_MS)
            world_fail(s->world, "%s: nothing to cut", d->what);
        world_check(s->world);
        px_bus_wait(s->drive.bus, 20);
    }
}

static void live_through(scene *s, proxy *p, const disturbance *d, unsigned wave)
{
    int64_t healed, answered;

    disturb(s, p, d, wave);
    proxy_set(p, &(proxy_faults){ 0 });
    healed = world_now_ms();
    world_wait_all(s->world, "/livez", 200);
    drive_waves(&s->drive, wave, wave);
    answered = world_now_ms() - healed;
    print_message("%s: all answered %lld ms after it healed\n", d->what, (long long)answered);
    pace_figure("T12", d->faults.dead ? "half_open_noticed" : "healed_all_answered",
                (double)answered, "ms");
    if (answered > HEALED_MS_MAX)
        world_fail(s->world, "%s: too late", d->what);
}

static uint16_t port_of(const char *url)
{
    return (uint16_t)strtoul(strrchr(url, ':') + 1, NULL, 10);
}

static void shuffle(unsigned order[DISTURBANCES], uint64_t *random)
{
    for (unsigned i = 0; i < DISTURBANCES; i++) {
        unsigned j = (unsigned)(world_random(random) % (i + 1));

        order[i] = order[j];
        order[j] = i;
    }
}

static void network_misbehaves__nothing_lost_nothing_doubled(void **ctx)
{
    scene *s = *ctx;
    size_t rounds = world_setting("PRAXIS_FAULT_ROUNDS", 1);
    uint64_t random = world_seed();
    unsigned order[DISTURBANCES];
    proxy *p;

    s->load = load_of((unsigned)rounds * DISTURBANCES);
    s->began_ms = world_now_ms();
    s->world = world_start(&(world_options){ .daemons_later = true });
    p = proxy_start(port_of(world_servers(s->world)));
    world_redirect(s->world, proxy_url(p));
    world_run_all(s->world);
    world_wait_all(s->world, "/readyz", 200);
    drive_init(&s->drive, s->world, s->load, world_seed());
    drive_waves(&s->drive, 0, AFTER_ORGANISATION - 1);
    for (unsigned w = 0; w < rounds * DISTURBANCES; w++) {
        if (w % DISTURBANCES == 0)
            shuffle(order, &random);
        live_through(s, p, &disturbances[order[w % DISTURBANCES]], AFTER_ORGANISATION + w);
    }
    world_wait_all(s->world, "/readyz", 200);
    scene_judge(s);
    scene_clear(s);
    proxy_stop(p);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(network_misbehaves__nothing_lost_nothing_doubled,
                                        scene_setup, scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
