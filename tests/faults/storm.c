#include "tests/faults/storm.h"

#include <string.h>

enum { VICTIMS = WORLD_DAEMONS + 1, SERVER = WORLD_DAEMONS, DELAY_MS = 40 };

void storm_init(storm *s, uint64_t seed, unsigned kills, size_t answers)
{
    *s = (storm){ .random = seed ^ 0x5702, .kills = kills, .every = answers / (kills + 1) };
    s->next_at = s->every / 2;
}

/* Everybody is hit once in each round, in an order of its own. */
static unsigned next_victim(storm *s)
{
    unsigned at = s->done % VICTIMS;

    for (unsigned i = 0; at == 0 && i < VICTIMS; i++) {
        unsigned j = (unsigned)(world_random(&s->random) % (i + 1));

        s->order[i] = s->order[j];
        s->order[j] = i;
    }
    return s->order[at];
}

static void strike(storm *s, world *w)
{
    unsigned victim = next_victim(s);
    unsigned copy = (unsigned)(world_random(&s->random) % world_copies(w));

    s->done++;
    s->killed[victim]++;
    if (victim == SERVER) {
        world_broker_kill(w);
        world_broker_start(w);
    } else {
        world_kill(w, victim, copy);
        world_run(w, victim, copy);
    }
}

void storm_turn(storm *s, world *w, size_t answered)
{
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
