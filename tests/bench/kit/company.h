/* company.h: the company of the benchmarks.
 *
 * People are numbered from 0; 0 is at the top, every tenth heads a team and reports to 0, the
 * others report to the head of their team. 200 competencies of 5 levels, up to 20 roles that each
 * ask for 12 of them at level 4, items of 2 to 8 hours, one scale of 1 to 5, one cycle that is
 * open.
 */
#ifndef PRAXIS_TESTS_BENCH_KIT_COMPANY_H
#define PRAXIS_TESTS_BENCH_KIT_COMPANY_H

#include <protobuf-c/protobuf-c.h>

#include "common/arena.h"
#include "tests/bench/kit/world.h"

#define BENCH_TENANT "acme"
#define BENCH_SOURCE "bench"

enum { BENCH_TEAM = 10, BENCH_ROLES = 20, BENCH_TARGETS = 12, BENCH_ITEMS = 300 };

typedef struct {
    const char *tenant; /* NULL: BENCH_TENANT */
    size_t people;
    size_t items; /* of the catalogue; 0: BENCH_ITEMS */
    size_t roles; /* person n has role n % roles; 0: BENCH_ROLES, which is the most */
    bool hurry;   /* return with the last result, though the daemons may still follow */
} bench_company;

/** Makes the company known, and waits until every submission is accepted and everything is quiet.
 */
void bench_company_set_up(const bench_world *world, const bench_company *company);
/** Asks every role for another level, 1 .. 5, in its first target. Returns with the results. */
void bench_company_ask(const bench_world *world, size_t roles, size_t level);
/** At least five teams, and whole ones. */
size_t bench_people(size_t wanted);
/** The competency at a place of the role's targets. */
size_t bench_target(size_t role, size_t place);

/** 0 for the others' heads, otherwise the head of the team. */
size_t bench_manager(size_t person);
/** "<kind>-<number>", in the arena. */
char *bench_name(px_arena *arena, const char *kind, size_t number);
/** An empty message, in the arena. */
void *bench_new(const ProtobufCMessageDescriptor *type, px_arena *arena);
/** The number after the dash of "r-12" or "p-12". */
size_t bench_number(const char *id);

uint64_t bench_last_seq(px_bus *bus, const char *stream);
/**
 * Waits until the feed has come to `feed_seq` and then neither it nor the log has grown for half a
 * second. Fails when that takes too long.
 * @param feed_seq  what was sent must bring so much: a daemon that has not begun is quiet too
 * @return seconds from `start_ns` to where they last grew
 */
double bench_wait_until_quiet(px_bus *bus, int64_t start_ns, uint64_t feed_seq);

#endif
