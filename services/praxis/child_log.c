#include "services/praxis/child_log.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TAIL_BYTES = 1500 };

static bool open_file(px_child_log *log)
{
    struct stat info;

    log->fd = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    log->written = log->fd >= 0 && fstat(log->fd, &info) == 0 ? (uint64_t)info.st_size : 0;
    return log->fd >= 0;
}

/* One file before this one is kept: logs never fill the disk. */
static bool make_room(px_child_log *log)
{
    char before[1100];

    if (log->written < PX_LOG_FILE_MAX)
        return true;
    snprintf(before, sizeof before, "%s.1", log->path);
    close(log->fd);
    rename(log->path, before);
    return open_file(log);
}

bool px_child_log_open(px_child_log *log, const char *name, const char *path, bool all,
                       const bool *settled)
{
    *log = (px_child_log){ .name = name, .path = path, .all = all, .settled = settled };
    return open_file(log) && make_room(log);
}

/* Records are "<time> <level> <service>: ..."; what is not a record is a cry of the run time. */
static const char *shown_part(const px_child_log *log, const char *line)
{
    const char *level = strchr(line, ' ');

    if (!isdigit((unsigned char)line[0]) || !level)
        return line;
    level++;
    if (log->all || strncmp(level, "error", 5) == 0 ||
        (*log->settled && strncmp(level, "warning", 7) == 0))
        return level;
    return NULL;
}

static void end_line(px_child_log *log)
{
    const char *shown;

    log->line[log->size] = '\0';
    shown = log->size > 0 ? shown_part(log, log->line) : NULL;
    if (shown)
        fprintf(stderr, "praxis: %s: %s\n", log->name, shown);
    log->size = 0;
}

static void write_file(px_child_log *log, const char *bytes, size_t size)
{
    if (log->fd < 0 || !make_room(log))
        return;
    while (size > 0) {
        ssize_t written = write(log->fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return; /* a log that cannot be written is nobody's reason to stop */
        bytes += written;
        size -= (size_t)written;
        log->written += (uint64_t)written;
    }
}

void px_child_log_write(px_child_log *log, const char *bytes, size_t size)
{
    write_file(log, bytes, size);
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n' || log->size == sizeof log->line - 1)
            end_line(log);
        if (bytes[i] != '\n')
            log->line[log->size++] = bytes[i];
    }
}

void px_child_log_close(px_child_log *log)
{
    end_line(log);
    if (log->fd >= 0)
        close(log->fd);
    log->fd = -1;
}

void px_child_log_tail(const char *path)
{
    char text[TAIL_BYTES + 1];
    FILE *file = fopen(path, "re");

    if (!file)
        return;
    if (fseek(file, -TAIL_BYTES, SEEK_END) != 0)
        rewind(file);
    text[fread(text, 1, TAIL_BYTES, file)] = '\0';
    fclose(file);
    const char *start = strlen(text) == TAIL_BYTES ? strchr(text, '\n') : NULL;
    fprintf(stderr, "praxis: the end of %s:\n%s", path, start ? start + 1 : text);
}
