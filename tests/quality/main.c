/* main.c: a process a seed, as many at a time as there are cores; then the table. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/quality/options.h"
#include "tests/quality/table.h"
#include "tests/quality/timing.h"

/* Shared with the children. */
typedef struct {
    double metrics[SEEDS_MAX][METRIC_COUNT];
    uint8_t digests[SEEDS_MAX][32];
} results;

static scope scope_of(const options *o, int i)
{
    if (o->digest)
        return SCOPE_REPLAY;
    if (o->is_short)
        return SCOPE_SHORT;
    return i < o->stress_seeds ? SCOPE_STRESS : SCOPE_PLAIN;
}

static void start(const options *o, results *r, int i)
{
    fflush(NULL);
    pid_t child = fork();

    if (child < 0) {
        perror("quality: fork");
        exit(2);
    }
    if (child > 0)
        return;
    metrics_of_seed(o->seed_base + (uint64_t)i, scope_of(o, i), r->metrics[i], r->digests[i]);
    _exit(0);
}

static void await_one(void)
{
    int status;

    if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "quality: a seed has failed\n");
        exit(2);
    }
}

/* The long ones come first, so that both cores end together. */
static void run_all(const options *o, results *r)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int running = 0;

    for (int i = 0; i < o->seeds; i++) {
        if (running == (cores > 1 ? cores : 1)) {
            await_one();
            running--;
        }
        start(o, r, i);
        running++;
    }
    while (running-- > 0)
        await_one();
}

static void print_digests(const options *o, const results *r)
{
    for (int i = 0; i < o->seeds; i++) {
        printf("%llu ", (unsigned long long)(o->seed_base + (uint64_t)i));
        for (int b = 0; b < 32; b++)
            printf("%02x", r->digests[i][b]);
        printf("\n");
    }
}

/* The first seed once more: every byte the same. */
static bool replay(const options *o, const results *r)
{
    double again[METRIC_COUNT];
    uint8_t digest[32];

    metrics_of_seed(o->seed_base, SCOPE_REPLAY, again, digest);
    bool same = memcmp(digest, r->digests[0], sizeof digest) == 0;
    printf("%-38s %8s %8s    %-6s %4d  %-13s %s\n", "replay of the first seed", "",
           same ? "same" : "differs", "", 1, "same bytes", same ? "met" : "NOT MET");
    return same;
}

int main(int argc, char **argv)
{
    options o = options_read(argc, argv);
    results *r = mmap(NULL, sizeof *r, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (r == MAP_FAILED) {
        perror("quality: mmap");
        return 2;
    }
    run_all(&o, r);
    if (o.digest) {
        print_digests(&o, r);
        return 0;
    }
    printf("seeds %llu to %llu\n\n", (unsigned long long)o.seed_base,
           (unsigned long long)(o.seed_base + (uint64_t)o.seeds - 1));
    const double(*metrics)[METRIC_COUNT] = (const double(*)[METRIC_COUNT])r->metrics;
    bool met = o.is_short ? table_print_short(metrics, o.seeds) : table_print(metrics, o.seeds);
    met &= replay(&o, r);
    timing_print();
    printf("\n%s\n", met ? "all targets are met" : "a target is missed");
    return met ? 0 : 1;
}
