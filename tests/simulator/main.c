/* main.c: runs seeds and says which failed and how to see one again. */
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/diag.h"
#include "common/status.h"
#include "tests/simulator/profile.h"

typedef struct {
    uint64_t start, seeds;
    double seconds; /* 0 = all seeds */
    unsigned steps, failures_max;
    const char *profile, *directory;
    bool trace, once;
    sim_wants wants;
    const char *with;
} settings;

typedef struct {
    uint64_t runs, failed, batches, voids, feed, submissions, crashes, cuts, checked;
} sums;

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void usage(FILE *to, const char *program)
{
    fprintf(to,
            "%s [--seeds N] [--start SEED] [--profile NAME] [--steps N] [--seconds S]\n"
            "   [--failures N] [--trace SEED] [--once] [--dir DIRECTORY]\n"
            "  profiles: calm net crash cut durable upgrade all any (default: any)\n"
            "  --with leader,forgotten: what else to ask for\n"
            "  --trace shows one seed step by step; --once does not play every seed twice\n"
            "  PRAXIS_SEED in the environment is the seed to start with\n",
            program);
}

static bool read_wants(const char *list, sim_wants *wants)
{
    const struct {
        const char *name;
        bool *want;
    } all[] = { { "leader", &wants->leader }, { "forgotten", &wants->forgotten } };

    for (const char *at = list; *at; at += strspn(at, ",")) {
        size_t size = strcspn(at, ","), i = 0;

        while (i < PX_COUNT(all) &&
               (strlen(all[i].name) != size || memcmp(all[i].name, at, size) != 0))
            i++;
        if (i == PX_COUNT(all))
            return false;
        *all[i].want = true;
        at += size;
    }
    return true;
}

static bool read_settings(settings *s, int argc, char **argv)
{
    static const struct option options[] = { { "seeds", 1, 0, 'n' },   { "start", 1, 0, 's' },
                                             { "profile", 1, 0, 'p' }, { "steps", 1, 0, 'l' },
                                             { "seconds", 1, 0, 't' }, { "trace", 1, 0, 'v' },
                                             { "once", 0, 0, 'o' },    { "failures", 1, 0, 'f' },
                                             { "dir", 1, 0, 'd' },     { "help", 0, 0, 'h' },
                                             { "with", 1, 0, 'w' },    { 0, 0, 0, 0 } };
    const char *seed = getenv("PRAXIS_SEED");
    int c;

    *s = (settings){ .start = seed ? strtoull(seed, NULL, 10) : 1,
                     .seeds = 100,
                     .steps = 2000,
                     .failures_max = 10,
                     .profile = "any",
                     .with = "" };
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (c) {
        case 'n':
            s->seeds = strtoull(optarg, NULL, 10);
            break;
        case 's':
            s->start = strtoull(optarg, NULL, 10);
            break;
        case 'p':
            s->profile = optarg;
            break;
        case 'l':
            s->steps = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 't':
            s->seconds = strtod(optarg, NULL);
            break;
        case 'f':
            s->failures_max = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'd':
            s->directory = optarg;
            break;
        case 'w':
            s->with = optarg;
            break;
        case 'o':
            s->once = true;
            break;
        case 'v':
            s->start = strtoull(optarg, NULL, 10);
            s->seeds = 1;
            s->trace = s->once = true;
            break;
        case 'h':
            usage(stdout, argv[0]);
            exit(0);
        default:
            usage(stderr, argv[0]);
            return false;
        }
    }
    chance any = chance_of_seed(1);
    if (sim_profile_find(s->profile, &any) && read_wants(s->with, &s->wants))
        return true;
    usage(stderr, argv[0]);
    return false;
}

static void add(sums *sum, const sim_outcome *o)
{
    sum->runs++;
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

static bool play_seed(const settings *s, const sim_options *options, sums *sum)
{
    sim_outcome first, second;

    sim_run(options, &first);
    add(sum, &first);
    if (!first.failed && !s->once) {
        sim_run(options, &second);
        first.failed = memcmp(first.digest, second.digest, sizeof first.digest) != 0;
        sum->failed += first.failed;
        snprintf(first.why, sizeof first.why, "the same seed gave another run: %.500s", second.why);
    }
    if (first.failed)
        printf("seed %" PRIu64
               " (%s): %s\n    again: simulator --profile %s --steps %u --trace %" PRIu64 "%s%s\n",
               options->seed, first.profile, first.why, s->profile, s->steps, options->seed,
               s->with[0] ? " --with " : "", s->with);
    fflush(stdout);
    return !first.failed;
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
    quieten(s.trace);
    /* Large blocks come untouched from the system, and every copy that starts asks for some. */
    (void)mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    for (uint64_t i = 0; i < s.seeds && sum.failed < s.failures_max; i++) {
        const sim_options options = {
            s.start + i, s.profile, s.steps, s.trace, s.wants, directory
        };

        play_seed(&s, &options, &sum);
        if (s.seconds > 0 && now_s() - began > s.seconds)
            break;
    }
    took = now_s() - began;
    (void)rmdir(directory);
    printf("%" PRIu64 " seeds in %.1f s (%.1f runs/s): %" PRIu64 " failed; %" PRIu64
           " submissions, %" PRIu64 " batches, %" PRIu64 " void, %" PRIu64
           " feed messages, %" PRIu64 " crashes, %" PRIu64 " power cuts, %" PRIu64
           " projections compared\n",
           sum.runs, took, (double)sum.runs * (s.once ? 1 : 2) / took, sum.failed, sum.submissions,
           sum.batches, sum.voids, sum.feed, sum.crashes, sum.cuts, sum.checked);
    return sum.failed > 0 ? 1 : 0;
}
