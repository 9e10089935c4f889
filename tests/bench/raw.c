/* raw.c: the ceilings by themselves: what the bus and the database allow on this machine.
 *
 * The other benchmarks measure the ones they compare with again, between their own rounds.
 */
#include <stdio.h>

#include "tests/bench/kit/raw.h"
#include "tests/bench/kit/report.h"

enum { ROUNDS_MAX = 100, KINDS = 4 };

typedef struct {
    const char *name;
    const char *unit;
    double rate[ROUNDS_MAX], own_us[ROUNDS_MAX], server_us[ROUNDS_MAX], others;
} ceiling;

static void keep(ceiling *c, size_t round, bench_raw r)
{
    c->rate[round] = r.rate;
    c->own_us[round] = r.own_us;
    c->server_us[round] = r.server_us;
    c->others = r.others > c->others ? r.others : c->others;
}

static void say(ceiling *c, size_t rounds)
{
    char name[96];

    bench_report_row(&(bench_row){ .name = c->name,
                                   .value = bench_median(c->rate, rounds),
                                   .unit = c->unit,
                                   .others_cores = c->others });
    snprintf(name, sizeof name, "  CPU of who does it");
    bench_report_row(&(bench_row){ .name = name,
                                   .value = bench_median(c->own_us, rounds),
                                   .unit = "us",
                                   .others_cores = c->others });
    if (bench_median(c->server_us, rounds) <= 0)
        return;
    snprintf(name, sizeof name, "  CPU of nats-server");
    bench_report_row(&(bench_row){ .name = name,
                                   .value = bench_median(c->server_us, rounds),
                                   .unit = "us",
                                   .others_cores = c->others });
}

int main(int argc, char **argv)
{
    static ceiling all[KINDS] = { { .name = "publish, 4,096 under way", .unit = "messages/s" },
                                  { .name = "read, nothing acknowledged", .unit = "messages/s" },
                                  { .name = "read and publish", .unit = "messages/s" },
                                  { .name = "LMDB read-modify-write", .unit = "updates/s" } };
    size_t messages = 400000, updates = 1000000, rounds = 3;
    const bench_setting settings[] = {
        { "messages", &messages, 2000, "of 149 bytes" },
        { "updates", &updates, 20000, "of 120,000 keys" },
        { "rounds", &rounds, 1, "of which the median is said" },
        { NULL, NULL, 0, NULL },
    };

    bench_settings_read(argc, argv, settings);
    if (messages == 0 || updates == 0 || rounds == 0 || rounds > ROUNDS_MAX)
        bench_fail("messages, updates and rounds must be at least 1, rounds at most %d",
                   ROUNDS_MAX);
    bench_world *world = bench_world_start(FIXTURE_SYNC_NONE);
    bench_raw_bus *bus = bench_raw_open(world, messages);
    for (size_t round = 0; round < rounds; round++) {
        bench_progress("round %zu of %zu", round + 1, rounds);
        keep(&all[0], round, bench_raw_publish(bus));
        keep(&all[1], round, bench_raw_read(bus));
        keep(&all[2], round, bench_raw_relay(bus));
        keep(&all[3], round, bench_raw_lmdb(world, updates));
    }
    bench_raw_close(bus);
    for (size_t i = 0; i < KINDS; i++)
        say(&all[i], rounds);
    bench_report_end("raw");
    bench_world_stop(world);
    return 0;
}
