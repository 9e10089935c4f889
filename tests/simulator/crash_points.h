/* crash_points.h: where a process can die: before and after everything it does to the world.
 *
 * The linker puts the wrappers of crash_points.c between the engine and store and bus (--wrap), in
 * this program only.
 */
#ifndef PRAXIS_TESTS_SIMULATOR_CRASH_POINTS_H
#define PRAXIS_TESTS_SIMULATOR_CRASH_POINTS_H

#include <stdint.h>

/** The kinds of things, each with a point before and after (an acknowledgement: only after). */
typedef enum {
    POINT_COMMIT,
    POINT_PUBLISH,
    POINT_PUT, /* published and waited for: keys, report values */
    POINT_PURGE,
    POINT_ERASE,
    POINT_ACK,
    POINT_KINDS /* SIM_POINT_KINDS */
} point_kind;

extern const char *const point_kind_names[POINT_KINDS];

/** From now on points are counted; `died` is called at the one with number `at` (0 = the first).
 * From there to points_stop() nothing reaches the bus, and nothing is heard from it. */
void points_start(uint64_t at, void (*died)(void *context), void *context);
/** @return how many points there were, up to the death if there was one */
uint64_t points_stop(void);
/** The kind of a point seen since points_start(), for the first 4,096. */
point_kind point_kind_at(uint64_t at);

enum { POINTS_NEVER = -1 };

#endif
