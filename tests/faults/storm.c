#include "tests/faults/storm.h"

#include <stdlib.h>
#include <string.h>

#include "tests/faults/pace.h"

enum { DELAY_MS = 40 };

void storm_init(storm *s, uint64_t seed, unsigned kills, size_t answers)
{
    size_t of_server = world_setting("PRAXIS_FAULT_SERVER_KILLS", 1);

    *s = (storm){ .random = seed ^ 0x5702, .kills = kills, .every = answers / (kills + 1) };
    s->victims =
        WORLD_DAEMONS + (unsigned)(of_server < STORM_SERVER_MAX ? of_server : STORM_SERVER_MAX);
    s->next_at = s->every / 2;
}

/* Everybody is hit in each round, in an order of its own. */
static unsigned next_victim(storm *s)
{
    unsigned at = s->done % s->victims;

    for (unsigned i = 0; at == 0 && i < s->victims; i++) {
        unsigned j = (unsigned)(world_random(&s->random) % (i + 1));

        s->order[i] = s->order[j];
        s->order[j] = i;
    }
    return s->order[at] < WORLD_DAEMONS ? s->order[at] : STORM_SERVER;
}

static void strike(storm *s, world *w)
{
    unsigned victim = next_victim(s);
    unsigned copy = (unsigned)(world_random(&s->random) % world_copies(w));

    s->done++;
    s->killed[victim]++;
    s->not_ready = 0;
    s->server_struck |= victim == STORM_SERVER;
    if (s->struck_ms == 0)
        s->struck_ms = world_now_ms();
    if (victim == STORM_SERVER) {
        world_broker_kill(w);
        world_broker_start(w);
    } else {
        world_kill(w, victim, copy);
        world_run(w, victim, copy);
    }
}

/* One question at a time: the load goes on meanwhile. */
static void watch_return(storm *s, world *w)
{
    unsigned all = WORLD_DAEMONS * world_copies(w);

    while (s->not_ready < all && world_get(w, s->not_ready % WORLD_DAEMONS,
                                           s->not_ready / WORLD_DAEMONS, "/readyz") == 200)
        s->not_ready++;
    if (s->not_ready < all)
        return;
    s->back[s->server_struck].ms[s->back[s->server_struck].count++ % STORM_BACK_MAX] =
        (double)(world_now_ms() - s->struck_ms);
    s->struck_ms = 0;
    s->server_struck = false;
}

void storm_turn(storm *s, world *w, size_t answered)
{
    if (s->struck_ms != 0)
        watch_return(s, w);
    if (s->done >= s->kills || answered < s->next_at)
        return;
    if (s->due_ms == 0)
        s->due_ms = world_now_ms() + (int64_t)(world_random(&s->random) % DELAY_MS);
    if (world_now_ms() < s->due_ms)
        return;
    s->due_ms = 0;
    s->next_at += s->every;
    strike(s, w);
    if (world_random(&s->random) % 4 == 0 && s->done < s->kills)
        strike(s, w); /* troubles seldom come alone */
}

static double longest_but_one_percent(const double *ms, unsigned count)
{
    double sorted[STORM_BACK_MAX];
    unsigned n = count < STORM_BACK_MAX ? count : STORM_BACK_MAX;

    if (n == 0)
        return 0;
    memcpy(sorted, ms, n * sizeof *ms);
    qsort(sorted, n, sizeof *sorted, pace_by_value);
    return sorted[(size_t)((double)(n - 1) * 0.99)];
}

void storm_say(const storm *s)
{
    unsigned daemons = 0;

    for (unsigned i = 0; i < WORLD_DAEMONS; i++)
        daemons += s->killed[i];
    pace_figure("T4", "kills_of_daemons", daemons, "kills");
    pace_figure("T4", "back_p99", longest_but_one_percent(s->back[0].ms, s->back[0].count), "ms");
    pace_figure("T5", "kills_of_the_server", s->killed[STORM_SERVER], "kills");
    pace_figure("T5", "back_p99", longest_but_one_percent(s->back[1].ms, s->back[1].count), "ms");
}
