/* test_load.c: a steady rate of submissions: memory stays flat, files grow no faster than the log,
 * results come in time; and with troubles now and then, still nothing is lost.
 *
 * Long form: PRAXIS_FAULT_RATE (submissions a second), PRAXIS_FAULT_SECONDS, and
 * PRAXIS_FAULT_EVERY (seconds between two troubles).
 */
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/faults/pace.h"
#include "tests/faults/scene.h"

enum { PEOPLE = 200, WAVE = 5, RATE = 200, SECONDS = 4, EVERY = 2, PARTS = 4, KINDS = 4 };

/* What the last part of a run may add to the memory of a daemon: 5 %, and what a page or an arena
 * rounds up to. */
static const double growth_share = 1.05, growth_mib = 4;

/* Four daemons decide, each another kind; none of these depends on another. */
static void add_step(load *l, unsigned i)
{
    unsigned about = i / KINDS % (PEOPLE - 1) + 1;

    switch (i % KINDS) {
    case 0:
        load_add(l, WAVE, COMPETENCY, "hr", "",
                 "\"defineRole\":{\"roleId\":\"g%u\",\"title\":\"Role\"}", i);
        break;
    case 1:
        load_add(l, WAVE, LEARNING, "hr", "",
                 "\"defineCatalogueItem\":{\"itemId\":\"g%u\",\"title\":\"Item\",\"kind\":1,"
                 "\"hours\":1,\"outcomes\":[{\"competencyId\":\"k1\",\"share\":0.5,"
                 "\"levelFrom\":1,\"levelTo\":2}]}",
                 i);
        break;
    default:
        load_add(l, WAVE, FEEDBACK, "p0", "",
                 "\"giveFeedback\":{\"feedbackId\":\"g%u\",\"aboutId\":\"p%u\",\"kind\":1,"
                 "\"text\":{\"plain\":\"well done\"},\"visibility\":1}",
                 i, about);
        break;
    }
}

static load *steady_load(size_t count)
{
    load *l = load_create_empty(count + 1000);

    load_add_organisation(l, PEOPLE);
    for (size_t i = 0; i < count; i++)
        add_step(l, (unsigned)i);
    return l;
}

/* ---- what is measured ---- */

typedef struct {
    double mib[WORLD_DAEMONS]; /* RssAnon */
    double file_mib;           /* of everything in the world's directory */
} usage;

static double walked_bytes;

static int add_size(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)path;
    (void)walk;
    if (kind == FTW_F)
        walked_bytes += 512.0 * (double)info->st_blocks;
    return 0;
}

static usage measure(const world *w)
{
    usage u;

    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        u.mib[d] = world_rss_anon(w, d);
    walked_bytes = 0;
    nftw(world_directory(w), add_size, 16, FTW_PHYS);
    u.file_mib = walked_bytes / (1 << 20);
    return u;
}

static double most_of(const usage *u)
{
    double most = 0;

    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        most = u->mib[d] > most ? u->mib[d] : most;
    return most;
}

static void steady_load__memory_flat_and_results_in_time(void **ctx)
{
    scene *s = *ctx;
    size_t rate = world_setting("PRAXIS_FAULT_RATE", RATE);
    size_t part = rate * world_setting("PRAXIS_FAULT_SECONDS", SECONDS) / PARTS;
    load *l = steady_load(part * PARTS);
    size_t first = l->count - part * PARTS;
    usage at[PARTS + 1];
    double p50 = 0, p99 = 0;

    scene_begin(s, &(world_options){ 0 }, l, world_seed());
    drive_waves(&s->drive, 0, WAVE - 1);
    at[0] = measure(s->world);
    for (size_t i = 0; i < PARTS; i++) {
        pace_row row = {
            .first = first + i * part, .count = part, .rate = (double)rate, .measured = true
        };
        pace_times times = pace_run(&s->drive, &row, 1);

        assert_int_equal(times.count, part);
        p50 = pace_share(&times, .5) > p50 ? pace_share(&times, .5) : p50;
        p99 = pace_share(&times, .99) > p99 ? pace_share(&times, .99) : p99;
        pace_times_free(&times);
        at[i + 1] = measure(s->world);
    }
    pace_figure("T17", "rate", (double)rate, "1/s");
    pace_figure("T17", "submissions", (double)(part * PARTS), "submissions");
    pace_figure("T17", "p50_of_the_worst_quarter", p50, "ms");
    pace_figure("T17", "p99_of_the_worst_quarter", p99, "ms");
    pace_figure("T17", "RssAnon_after_a_quarter", most_of(&at[1]), "MiB");
    pace_figure("T17", "RssAnon_at_the_end", most_of(&at[PARTS]), "MiB");
    for (size_t i = 1; i <= PARTS; i++)
        pace_figure("T17", "files_grew_in_a_quarter", at[i].file_mib - at[i - 1].file_mib, "MiB");
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        if (at[PARTS].mib[d] > at[1].mib[d] * growth_share + growth_mib)
            fail_msg("%s grew from %.1f to %.1f MiB", world_services[d], at[1].mib[d],
                     at[PARTS].mib[d]);
    scene_judge(s);
}

/* ---- with troubles ---- */

static struct {
    uint64_t random;
    int64_t next_ms, stopped_until_ms;
    size_t every_ms;
    unsigned stopped; /* the daemon that does not run */
    unsigned count;
} trouble;

static void go_on(world *w)
{
    if (trouble.stopped_until_ms == 0)
        return;
    kill(world_pid(w, trouble.stopped, 0), SIGCONT);
    trouble.stopped_until_ms = 0;
}

static void make_trouble(world *w)
{
    unsigned daemon = (unsigned)(world_random(&trouble.random) % WORLD_DAEMONS);

    trouble.count++;
    switch (world_random(&trouble.random) % 4) {
    case 0:
        world_broker_kill(w);
        world_broker_start(w);
        break;
    case 1: /* a pause that nobody announced */
        kill(world_pid(w, daemon, 0), SIGSTOP);
        trouble.stopped = daemon;
        trouble.stopped_until_ms = world_now_ms() + 2000;
        break;
    case 2: /* its projection is lost too */
        world_kill(w, daemon, 0);
        world_forget(w, daemon, 0);
        world_run(w, daemon, 0);
        break;
    default:
        world_kill(w, daemon, 0);
        world_run(w, daemon, 0);
        break;
    }
}

static void trouble_turn(world *w)
{
    int64_t now_ms = world_now_ms();

    if (trouble.stopped_until_ms != 0 && now_ms >= trouble.stopped_until_ms)
        go_on(w);
    if (trouble.stopped_until_ms != 0 || now_ms < trouble.next_ms)
        return;
    trouble.next_ms = now_ms + (int64_t)trouble.every_ms;
    make_trouble(w);
}

static void steady_load_with_troubles__nothing_lost(void **ctx)
{
    scene *s = *ctx;
    size_t rate = world_setting("PRAXIS_FAULT_RATE", RATE);
    size_t count = rate * world_setting("PRAXIS_FAULT_SECONDS", SECONDS);
    load *l = steady_load(count);
    pace_row row = {
        .first = l->count - count, .count = count, .rate = (double)rate, .measured = true
    };

    scene_begin(s, &(world_options){ 0 }, l, world_seed());
    drive_waves(&s->drive, 0, WAVE - 1);
    trouble.random = s->seed ^ 0x7125;
    trouble.every_ms = 1000 * world_setting("PRAXIS_FAULT_EVERY", EVERY);
    trouble.next_ms = world_now_ms() + (int64_t)trouble.every_ms / 2;
    s->drive.watch = trouble_turn;
    pace_times times = pace_run(&s->drive, &row, 1);
    go_on(s->world);
    pace_figure("T25", "troubles", trouble.count, "troubles");
    pace_figure("T25", "submissions", (double)count, "submissions");
    pace_figure("T25", "p99", pace_share(&times, .99), "ms");
    assert_true(trouble.count > 0);
    assert_int_equal(times.count, count);
    pace_times_free(&times);
    scene_judge(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(steady_load__memory_flat_and_results_in_time, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(steady_load_with_troubles__nothing_lost, scene_setup,
                                        scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
