/* profile.c: how often what goes wrong, by name. */
#include "tests/simulator/profile.h"

#include <string.h>

#include "common/status.h"

static const sim_profile profiles[] = {
    { .name = "calm" },
    { .name = "net",
      .lost = 300,
      .unanswered = 300,
      .late = 500,
      .twice = 300,
      .request_lost = 50,
      .read_later = 300,
      .read_skipped = 20,
      .crash = 5,
      .link = 30 },
    { .name = "crash", .lost = 100, .unanswered = 100, .crash = 150, .machine_stop = 60 },
    { .name = "cut",
      .lost = 200,
      .unanswered = 200,
      .late = 800,
      .twice = 200,
      .crash = 20,
      .machine_stop = 10,
      .cut = 40 },
    { .name = "durable",
      .lost = 200,
      .unanswered = 200,
      .late = 300,
      .twice = 200,
      .crash = 60,
      .machine_stop = 30,
      .cut = 40,
      .durable = true },
    { .name = "upgrade",
      .lost = 100,
      .late = 200,
      .crash = 60,
      .machine_stop = 20,
      .upgrade = true,
      .relayout = true },
    { .name = "full", .lost = 100, .unanswered = 100, .crash = 20, .link = 10, .limit = 100 },
    { .name = "clock", .lost = 100, .late = 100, .crash = 20, .machine_stop = 10, .clock = 100 },
    { .name = "all",
      .lost = 300,
      .unanswered = 300,
      .late = 400,
      .twice = 300,
      .request_lost = 50,
      .read_later = 200,
      .read_skipped = 10,
      .crash = 60,
      .machine_stop = 30,
      .cut = 30,
      .link = 20,
      .limit = 10,
      .clock = 5,
      .unchecked = 500,
      .upgrade = true,
      .relayout = true },
};

const sim_profile *sim_profile_find(const char *name, chance *c)
{
    if (strcmp(name, "any") == 0)
        return &profiles[chance_below(c, (unsigned)PX_COUNT(profiles))];
    for (size_t i = 0; i < PX_COUNT(profiles); i++)
        if (strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    return NULL;
}
