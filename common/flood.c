#include "common/flood.h"

#include <stdio.h>
#include <string.h>

enum { MINUTE_MS = 60 * 1000 };

/* Its place, or that of the one whose minute began first. */
static size_t place_of(const px_flood *flood, const char *name)
{
    size_t oldest = 0;

    for (size_t i = 0; i < PX_FLOOD_SOURCES; i++) {
        if (strcmp(flood->sources[i].name, name) == 0)
            return i;
        if (flood->sources[i].since_ms < flood->sources[oldest].since_ms)
            oldest = i;
    }
    return oldest;
}

bool px_flood_note(px_flood *flood, const char *tenant, const char *source, int64_t clock_ms)
{
    char name[PX_FLOOD_NAME_SIZE];
    size_t i;

    snprintf(name, sizeof name, "%s/%s", tenant, source);
    i = place_of(flood, name);
    if (strcmp(flood->sources[i].name, name) != 0 ||
        clock_ms - flood->sources[i].since_ms >= MINUTE_MS) {
        memcpy(flood->sources[i].name, name, sizeof name);
        flood->sources[i].since_ms = clock_ms;
        flood->sources[i].count = 0;
    }
    return ++flood->sources[i].count == PX_FLOOD_PER_MINUTE + 1;
}
