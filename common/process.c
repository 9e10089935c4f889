#include "common/process.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/** The start of a small file of /proc as text; "" when it cannot be read. */
static void read_start(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "re");

    text[0] = '\0';
    if (!file)
        return;
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

/** proc(5), /proc/pid/stat: the name in parentheses may hold anything, so fields count from its
 * end. */
static void read_stat(px_process *p)
{
    char text[1024];
    unsigned long user, system;
    unsigned long long start;
    double tick = 1.0 / (double)sysconf(_SC_CLK_TCK);
    struct timespec now, up;

    read_start("/proc/self/stat", text, sizeof text);
    const char *fields = strrchr(text, ')');
    if (!fields || sscanf(fields,
                          ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d "
                          "%*d %*d %*d %llu",
                          &user, &system, &start) != 3)
        return;
    p->cpu_seconds = (double)(user + system) * tick;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_BOOTTIME, &up);
    p->start_seconds = (double)(now.tv_sec - up.tv_sec) + (double)start * tick;
}

/** A line such as "RssAnon:  1234 kB" of /proc/self/status. */
static double status_line(const char *text, const char *name)
{
    const char *line = strstr(text, name);
    unsigned long long number = 0;

    if (line)
        sscanf(line + strlen(name), " %llu", &number);
    return (double)number;
}

static void read_status(px_process *p)
{
    char text[4096];

    read_start("/proc/self/status", text, sizeof text);
    p->virtual_bytes = 1024 * status_line(text, "\nVmSize:");
    p->resident_bytes = 1024 * status_line(text, "\nVmRSS:");
    p->anonymous_bytes = 1024 * status_line(text, "\nRssAnon:");
    p->threads = status_line(text, "\nThreads:");
}

static void read_files(px_process *p)
{
    struct rlimit limit;
    DIR *folder = opendir("/proc/self/fd");

    if (folder) {
        for (struct dirent *entry; (entry = readdir(folder));)
            p->open_files += entry->d_name[0] != '.';
        p->open_files -= 1; /* the folder itself, being read */
        closedir(folder);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        p->max_files = (double)limit.rlim_cur;
}

px_process px_process_read(void)
{
    px_process p = { 0 };

    read_stat(&p);
    read_status(&p);
    read_files(&p);
    return p;
}
