#include "common/tries.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/status.h"

enum { DOUBT_AGAIN_S = 3600 };

static const char tries_file[] = "tries";
static const char tries_file_new[] = "tries.new";
static const char crash_file[] = "crashed";

/* ---- the file: "<deaths> <place> <when doubted>" ---- */

static void read_file(px_tries *t)
{
    char text[80];
    int fd = openat(t->directory, tries_file, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;

    if (fd >= 0)
        close(fd);
    if (size <= 0)
        return;
    text[size] = '\0';
    if (sscanf(text, "%" SCNu64 " %" SCNu64 " %" SCNd64, &t->deaths, &t->at, &t->doubted_s) != 3)
        t->deaths = t->at = 0, t->doubted_s = 0;
}

/* Not synced: after a power cut the files are thrown away anyway. On a full volume the old count
 * stays. */
static void write_file(const px_tries *t, uint64_t deaths)
{
    char text[80];
    int size = snprintf(text, sizeof text, "%" PRIu64 " %" PRIu64 " %" PRId64 "\n", deaths, t->at,
                        t->doubted_s);
    int fd = openat(t->directory, tries_file_new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0)
        return;
    bool written = write(fd, text, (size_t)size) == size;
    if (close(fd) == 0 && written)
        (void)renameat(t->directory, tries_file_new, t->directory, tries_file);
}

/* ---- one start ---- */

void px_tries_begin(px_tries *t, int directory)
{
    *t = (px_tries){ .directory = directory };
    read_file(t);
    write_file(t, t->deaths + 1);
}

bool px_tries_doubt(px_tries *t)
{
    const int64_t now_s = time(NULL);
    bool crashed = unlinkat(t->directory, crash_file, 0) == 0;
    bool lately =
        t->doubted_s != 0 && now_s >= t->doubted_s && now_s - t->doubted_s < DOUBT_AGAIN_S;

    if (lately || !(crashed || t->deaths >= PX_TRIES_DOUBT))
        return false;
    t->doubted_s = now_s;
    t->doubted = true;
    write_file(t, t->deaths + 1);
    return true;
}

uint64_t px_tries_stuck(const px_tries *t, uint64_t *at)
{
    *at = t->at;
    return !t->doubted && t->deaths >= PX_TRIES_DOUBT ? t->deaths : 0;
}

void px_tries_settle(px_tries *t)
{
    if (t->settled)
        return;
    t->settled = true;
    t->deaths = 0;
    write_file(t, 0);
}

void px_tries_reached(px_tries *t, uint64_t place)
{
    if (t->settled || (t->placed && place <= t->at))
        return;
    if (t->placed) {
        t->at = place;
        px_tries_settle(t);
        return;
    }
    t->placed = true;
    if (place > t->at) {
        t->at = place;
        write_file(t, t->deaths + 1);
    }
}

/* ---- signals ---- */

static const int faults[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
static struct sigaction before[PX_COUNT(faults)];
static int watched = -1; /* descriptor of the directory */

/* Only what a signal handler may call. Then the signal does what it did before: by itself, when the
 * fault happens again or abort() goes on. */
static void leave_trace(int number)
{
    int fd = openat(watched, crash_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    if (fd >= 0)
        close(fd);
    for (size_t i = 0; i < PX_COUNT(faults); i++)
        if (faults[i] == number)
            sigaction(number, &before[i], NULL);
}

void px_tries_watch(const char *directory)
{
    struct sigaction action = { .sa_handler = leave_trace };

    watched = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < PX_COUNT(faults) && watched >= 0; i++)
        sigaction(faults[i], &action, &before[i]);
}
