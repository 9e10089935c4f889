/* main.c: runs seeds and says which failed and how to see one again. */
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/diag.h"
#include "common/status.h"
#include "tests/simulator/crash_points.h"
#include "tests/simulator/profile.h"

enum { JOBS_MAX = 64 };

typedef struct {
    uint64_t start, seeds;
    double seconds; /* 0 = all seeds */
    uint64_t steps, jobs;
    uint64_t again; /* every so manyth seed is played twice; 0 = none */
    uint64_t failures_max;
    const char *profile, *directory, *log_file;
    uint64_t points; /* every so manyth crash point of the script; 0 = seeds instead */
    uint64_t point;  /* only this one, step by step */
    bool one_point;
    bool trace;
} settings;

typedef struct {
    uint64_t runs, plays, failed, batches, voids, feed, submissions, crashes, cuts, checked;
} sums;

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void usage(FILE *to, const char *program)
{
    fprintf(
        to,
        "%s [--seeds N] [--start SEED] [--profile NAME] [--steps N] [--seconds S]\n"
        "   [--jobs N] [--again N] [--failures N] [--trace SEED] [--dir DIRECTORY] [--log FILE]\n"
        "  profiles: calm net crash cut durable upgrade full clock all any (default: any)\n"
        "  --points N: the scripted run instead, with a crash at every Nth point (1 = at each)\n"
        "  --point N shows one of them, from the crash on\n"
        "  --jobs N: so many processes share the seeds\n"
        "  --again N: every Nth seed is played twice and has to be the same run (default 1)\n"
        "  --trace shows one seed step by step\n"
        "  --log writes the log of the last run that was good, as tests/golden reads it\n"
        "  PRAXIS_SEED in the environment is the seed to start with\n",
        program);
}

static bool read_number(uint64_t *to)
{
    char *end;

    *to = strtoull(optarg, &end, 10);
    return end != optarg && *end == 0;
}

static bool read_option(settings *s, int option)
{
    switch (option) {
    case 'n':
        return read_number(&s->seeds);
    case 's':
        return read_number(&s->start);
    case 'p':
        s->profile = optarg;
        return true;
    case 'l':
        return read_number(&s->steps);
    case 't':
        s->seconds = strtod(optarg, NULL);
        return s->seconds > 0;
    case 'j':
        return read_number(&s->jobs) && s->jobs > 0 && s->jobs <= JOBS_MAX;
    case 'o':
        s->points = s->jobs = 1;
        s->one_point = true;
        return read_number(&s->point);
    case 'c':
        return read_number(&s->points) && s->points > 0;
    case 'a':
        return read_number(&s->again);
    case 'f':
        return read_number(&s->failures_max);
    case 'd':
        s->directory = optarg;
        return true;
    case 'g':
        s->log_file = optarg;
        return true;
    case 'v':
        s->seeds = s->jobs = 1;
        s->again = 0;
        s->trace = true;
        return read_number(&s->start);
    default:
        return false;
    }
}

static bool read_settings(settings *s, int argc, char **argv)
{
    static const struct option options[] = {
        { "seeds", 1, 0, 'n' },  { "start", 1, 0, 's' }, { "profile", 1, 0, 'p' },
        { "steps", 1, 0, 'l' },  { "jobs", 1, 0, 'j' },  { "seconds", 1, 0, 't' },
        { "trace", 1, 0, 'v' },  { "again", 1, 0, 'a' }, { "failures", 1, 0, 'f' },
        { "points", 1, 0, 'c' }, { "point", 1, 0, 'o' }, { "dir", 1, 0, 'd' },
        { "help", 0, 0, 'h' },   { "log", 1, 0, 'g' },   { 0, 0, 0, 0 }
    };
    const char *seed = getenv("PRAXIS_SEED");
    chance any = chance_of_seed(1);
    bool right = true;
    int c;

    *s = (settings){ .start = seed ? strtoull(seed, NULL, 10) : 1,
                     .seeds = 100,
                     .steps = 2000,
                     .jobs = 1,
                     .again = 1,
                     .failures_max = 10,
                     .profile = "any" };
    while (right && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'h') {
            usage(stdout, argv[0]);
            exit(0);
        }
        right = read_option(s, c);
    }
    if (right && sim_profile_find(s->profile, &any))
        return true;
    usage(stderr, argv[0]);
    return false;
}

static void add(sums *sum, const sim_outcome *o)
{
    sum->runs++;
    sum->plays++;
    sum->failed += o->failed;
    sum->batches += o->batches;
    sum->voids += o->voids;
    sum->feed += o->feed;
    sum->submissions += o->submissions;
    sum->crashes += o->crashes;
    sum->cuts += o->cuts;
    sum->checked += o->checked;
}

/* What the daemons write while everything goes wrong is of interest only in a trace. */
static void quieten(bool trace)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    px_diag_init("sim", "sim", trace ? PX_LEVEL_DEBUG : PX_LEVEL_ERROR, false);
    if (trace)
        setvbuf(stdout, NULL, _IOLBF, 0);
    else if (null >= 0)
        dup2(null, STDERR_FILENO);
}

static void play_seed(const settings *s, const sim_options *options, sums *sum)
{
    sim_outcome first, second;

    sim_run(options, &first);
    add(sum, &first);
    if (!first.failed && s->again > 0 && options->seed % s->again == 0) {
        sim_run(options, &second);
        sum->plays++;
        first.failed = memcmp(first.digest, second.digest, sizeof first.digest) != 0;
        sum->failed += first.failed;
        snprintf(first.why, sizeof first.why, "the same seed gave another run: %.500s", second.why);
    }
    if (first.failed)
        printf("seed %" PRIu64 " (%s): %s\n    again: simulator --profile %s --steps %" PRIu64
               " --trace %" PRIu64 "\n",
               options->seed, first.profile, first.why, s->profile, s->steps, options->seed);
    fflush(stdout);
}

static const char *make_directory(const settings *s)
{
    static char directory[96];

    snprintf(directory, sizeof directory, "%s/praxis-sim-XXXXXX",
             s->directory                    ? s->directory
             : access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                                             : "/tmp");
    return mkdtemp(directory);
}

/* Every `jobs`th seed, from the first that is this worker's. */
static void play_seeds(const settings *s, uint64_t worker, const char *directory, sums *sum)
{
    double began = now_s();
    char own[128];

    snprintf(own, sizeof own, "%s/%" PRIu64, directory, worker);
    for (uint64_t i = worker; i < s->seeds && sum->failed < s->failures_max; i += s->jobs) {
        const sim_options options = { s->start + i, s->profile, (unsigned)s->steps,
                                      s->trace,     own,        s->log_file };

        play_seed(s, &options, sum);
        if (s->seconds > 0 && now_s() - began > s->seconds)
            break;
    }
    (void)rmdir(own);
}

/* @return where the worker's sums come from; -1 = there is none */
static int start_worker(const settings *s, uint64_t worker, const char *directory, pid_t *pid)
{
    int ends[2];
    sums sum = { 0 };

    if (pipe(ends) != 0)
        return -1;
    *pid = fork();
    if (*pid != 0) {
        close(ends[1]);
        return ends[0];
    }
    play_seeds(s, worker, directory, &sum);
    _exit(write(ends[1], &sum, sizeof sum) == (ssize_t)sizeof sum ? 0 : 1);
}

static void add_sums(sums *to, const sums *from)
{
    uint64_t *a = (uint64_t *)to;
    const uint64_t *b = (const uint64_t *)from;

    for (size_t i = 0; i < sizeof *to / sizeof *a; i++)
        a[i] += b[i];
}

/* A worker that dies has failed: what it was playing is in no sum. */
static void share_seeds(const settings *s, const char *directory, sums *sum)
{
    int from[JOBS_MAX];
    pid_t pids[JOBS_MAX];

    for (uint64_t i = 0; i < s->jobs; i++)
        from[i] = start_worker(s, i, directory, &pids[i]);
    for (uint64_t i = 0; i < s->jobs; i++) {
        sums own = { .failed = 1 };

        if (from[i] < 0 || read(from[i], &own, sizeof own) != (ssize_t)sizeof own)
            printf("worker %" PRIu64 " of %" PRIu64 " died\n", i, s->jobs);
        add_sums(sum, &own);
        if (from[i] >= 0) {
            close(from[i]);
            (void)waitpid(pids[i], NULL, 0);
        }
    }
}

/* ---- the scripted run ---- */

static void print_points(const settings *s, const sim_script_outcome *o, double took)
{
    printf("script of %" PRIu64 " submissions, seed %" PRIu64 ": %" PRIu64 " points",
           o->submissions, s->start, o->points);
    for (unsigned i = 0; i < SIM_POINT_KINDS; i++)
        printf("%s %" PRIu64 " %s", i ? "," : ":", o->by_kind[i], point_kind_names[i]);
    printf("; %" PRIu64 " crashes in %.1f s, %" PRIu64 " with another empty batch, %" PRIu64
           " failed\n",
           o->played, took, o->otherwise, o->failed);
}

/* Worker i of n takes every nth of the points to be played; all of them play the script. */
static int start_script(const settings *s, uint64_t worker, const char *directory, pid_t *pid)
{
    const uint64_t stride = s->points * s->jobs;
    const sim_script wanted =
        s->one_point ? (sim_script){ UINT64_MAX, s->point, true }
                     : (sim_script){ stride, (s->start + worker * s->points) % stride, false };
    sim_script_outcome o;
    char own[128];
    int ends[2];

    if (pipe(ends) != 0)
        return -1;
    *pid = fork();
    if (*pid != 0) {
        close(ends[1]);
        return ends[0];
    }
    snprintf(own, sizeof own, "%s/%" PRIu64, directory, worker);
    const sim_options options = { s->start, "calm", (unsigned)s->steps, s->trace, own, NULL };
    sim_script_run(&options, &wanted, &o);
    if (o.run.failed)
        printf("the script itself: %s\n", o.run.why);
    fflush(stdout);
    (void)rmdir(own);
    _exit(write(ends[1], &o, sizeof o) == (ssize_t)sizeof o ? 0 : 1);
}

static uint64_t play_script(const settings *s, const char *directory)
{
    int from[JOBS_MAX];
    pid_t pids[JOBS_MAX];
    sim_script_outcome all = { 0 };
    double began = now_s();

    for (uint64_t i = 0; i < s->jobs; i++)
        from[i] = start_script(s, i, directory, &pids[i]);
    for (uint64_t i = 0; i < s->jobs; i++) {
        sim_script_outcome o = { .failed = 1 };
        uint64_t played = all.played, failed = all.failed, otherwise = all.otherwise;

        if (from[i] < 0 || read(from[i], &o, sizeof o) != (ssize_t)sizeof o)
            printf("worker %" PRIu64 " of %" PRIu64 " died\n", i, s->jobs);
        else
            all = o;
        all.played = played + o.played;
        all.failed = failed + o.failed;
        all.otherwise = otherwise + o.otherwise;
        if (from[i] >= 0) {
            close(from[i]);
            (void)waitpid(pids[i], NULL, 0);
        }
    }
    print_points(s, &all, now_s() - began);
    return all.failed;
}

int main(int argc, char **argv)
{
    settings s;
    sums sum = { 0 };
    double began = now_s(), took;

    if (!read_settings(&s, argc, argv))
        return 2;
    const char *directory = make_directory(&s);
    if (!directory) {
        perror("no directory for the stores");
        return 2;
    }
    quieten(s.trace || s.one_point);
    /* Large blocks come untouched from the system, and every copy that starts asks for some. */
    (void)mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    if (s.points > 0) {
        uint64_t failed = play_script(&s, directory);

        (void)rmdir(directory);
        return failed > 0 ? 1 : 0;
    }
    if (s.jobs > 1)
        share_seeds(&s, directory, &sum);
    else
        play_seeds(&s, 0, directory, &sum);
    took = now_s() - began;
    (void)rmdir(directory);
    printf("%" PRIu64 " seeds in %.1f s (%.1f runs/s): %" PRIu64 " failed; %" PRIu64
           " submissions, %" PRIu64 " batches, %" PRIu64 " void, %" PRIu64
           " feed messages, %" PRIu64 " crashes, %" PRIu64 " power cuts, %" PRIu64
           " projections compared\n",
           sum.runs, took, (double)sum.plays / took, sum.failed, sum.submissions, sum.batches,
           sum.voids, sum.feed, sum.crashes, sum.cuts, sum.checked);
    return sum.failed > 0 ? 1 : 0;
}
