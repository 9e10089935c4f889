/* usage.h: what the processes of a world, and others on this machine, have used. */
#ifndef PRAXIS_TESTS_BENCH_KIT_USAGE_H
#define PRAXIS_TESTS_BENCH_KIT_USAGE_H

#include "tests/bench/kit/world.h"

/** At one moment, or between two. */
typedef struct {
    double seconds;                /* wall */
    double cpu_s[BENCH_PROCESSES]; /* user and system; a hundredth is the kernel's step */
    double bench_cpu_s;            /* this program */
    double machine_cpu_s;          /* everybody, all cores */
} bench_usage;

bench_usage bench_usage_read(const bench_world *world);
bench_usage bench_usage_since(const bench_world *world, const bench_usage *before);
void bench_usage_join(bench_usage *sum, const bench_usage *more);
/** Cores that neither this program nor its world used. */
double bench_usage_others(const bench_usage *usage);
typedef struct {
    double anonymous_mib; /* RssAnon: memory that is not a mapped file */
    double mapped_mib;    /* RssFile: pages of mapped files, which are the page cache's */
    double peak_mib;      /* both together at their highest */
} bench_memory;

bench_memory bench_usage_memory(pid_t pid);
/** Bytes that the files of a folder take on the disk; holes take none. */
double bench_usage_disk(const char *path);

#endif
