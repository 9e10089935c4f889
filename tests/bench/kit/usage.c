#include "tests/bench/kit/usage.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/bench/kit/clock.h"

/* proc(5): utime and stime are fields 14 and 15; the name before them may hold blanks. */
static double process_cpu(pid_t pid)
{
    unsigned long long user = 0, system = 0;
    char path[64], line[1024];

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    const char *after = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    if (!after || sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user,
                         &system) != 2)
        bench_fail("%s cannot be read", path);
    fclose(file);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* user, nice, system, irq, softirq, steal; not idle and iowait. Guests are in user already. */
static double machine_cpu(void)
{
    unsigned long long user, nice, system, irq, softirq, steal;
    FILE *file = fopen("/proc/stat", "re");

    if (!file || fscanf(file, "cpu %llu %llu %llu %*u %*u %llu %llu %llu", &user, &nice, &system,
                        &irq, &softirq, &steal) != 6)
        bench_fail("/proc/stat cannot be read");
    fclose(file);
    return (double)(user + nice + system + irq + softirq + steal) / (double)sysconf(_SC_CLK_TCK);
}

static double own_cpu(void)
{
    struct rusage use;

    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

bench_usage bench_usage_read(const bench_world *world)
{
    bench_usage u = { .seconds = (double)bench_now_ns() / 1e9,
                      .bench_cpu_s = own_cpu(),
                      .machine_cpu_s = machine_cpu() };

    for (size_t i = 0; i < BENCH_PROCESSES; i++)
        u.cpu_s[i] = process_cpu(bench_world_pid(world, i));
    return u;
}

bench_usage bench_usage_since(const bench_world *world, const bench_usage *before)
{
    bench_usage u = bench_usage_read(world);

    u.seconds -= before->seconds;
    u.bench_cpu_s -= before->bench_cpu_s;
    u.machine_cpu_s -= before->machine_cpu_s;
    for (size_t i = 0; i < BENCH_PROCESSES; i++)
        u.cpu_s[i] -= before->cpu_s[i];
    return u;
}

void bench_usage_join(bench_usage *sum, const bench_usage *more)
{
    sum->seconds += more->seconds;
    sum->bench_cpu_s += more->bench_cpu_s;
    sum->machine_cpu_s += more->machine_cpu_s;
    for (size_t i = 0; i < BENCH_PROCESSES; i++)
        sum->cpu_s[i] += more->cpu_s[i];
}

double bench_usage_others(const bench_usage *usage)
{
    double others = usage->machine_cpu_s - usage->bench_cpu_s;

    for (size_t i = 0; i < BENCH_PROCESSES; i++)
        others -= usage->cpu_s[i];
    return others > 0 && usage->seconds > 0 ? others / usage->seconds : 0;
}

bench_memory bench_usage_memory(pid_t pid)
{
    char path[64], line[256];
    unsigned long long kib;
    bench_memory m = { 0 };

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "RssAnon: %llu", &kib) == 1)
            m.anonymous_mib = (double)kib / 1024;
        if (sscanf(line, "RssFile: %llu", &kib) == 1)
            m.mapped_mib = (double)kib / 1024;
        if (sscanf(line, "VmHWM: %llu", &kib) == 1)
            m.peak_mib = (double)kib / 1024;
    }
    if (file)
        fclose(file);
    return m;
}

static double disk_bytes;

static int add_file(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)path;
    (void)walk;
    if (kind == FTW_F)
        disk_bytes += (double)info->st_blocks * 512;
    return 0;
}

double bench_usage_disk(const char *path)
{
    disk_bytes = 0;
    nftw(path, add_file, 16, FTW_PHYS);
    return disk_bytes;
}
