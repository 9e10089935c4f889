/* options.c: the command line. */
#include "tests/quality/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEEDS = 24, STRESS_SEEDS = 8, SHORT_SEEDS = 3 };

static _Noreturn void usage(FILE *out, int code)
{
    fputs("usage: quality [--seeds N] [--seed-base N] [--stress-seeds N] [--short] [--digest]\n",
          out);
    exit(code);
}

static uint64_t number(const char *text, uint64_t max)
{
    char *end;
    unsigned long long n = strtoull(text, &end, 10);

    if (end == text || *end != '\0' || n > max)
        usage(stderr, 2);
    return n;
}

options options_read(int argc, char **argv)
{
    static const struct option all[] = { { "seeds", required_argument, NULL, 'n' },
                                         { "seed-base", required_argument, NULL, 'b' },
                                         { "stress-seeds", required_argument, NULL, 's' },
                                         { "short", no_argument, NULL, 'S' },
                                         { "digest", no_argument, NULL, 'd' },
                                         { "help", no_argument, NULL, 'h' },
                                         { NULL, 0, NULL, 0 } };
    const char *seeds = getenv("QUALITY_SEEDS");
    options o = { .seed_base = 1, .stress_seeds = STRESS_SEEDS };
    int c;

    if (seeds && *seeds)
        o.seeds = (int)number(seeds, SEEDS_MAX);
    while ((c = getopt_long(argc, argv, "", all, NULL)) != -1) {
        if (c == 'n')
            o.seeds = (int)number(optarg, SEEDS_MAX);
        else if (c == 'b')
            o.seed_base = number(optarg, UINT64_MAX / 2);
        else if (c == 's')
            o.stress_seeds = (int)number(optarg, SEEDS_MAX);
        else if (c == 'S')
            o.is_short = true;
        else if (c == 'd')
            o.digest = true;
        else if (c == 'h')
            usage(stdout, 0);
        else
            usage(stderr, 2);
    }
    if (o.seeds == 0)
        o.seeds = o.is_short ? SHORT_SEEDS : SEEDS;
    return o;
}
