/* child_log.h: what a process started by `praxis run` says: into its file, the important to people.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_CHILD_LOG_H
#define PRAXIS_SERVICES_PRAXIS_CHILD_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PX_LOG_FILE_MAX = 16 << 20, PX_LOG_LINE_MAX = 4096 };

typedef struct {
    const char *name;
    const char *path;    /* <path>.1 is the part before, when it has grown over PX_LOG_FILE_MAX */
    bool all;            /* every line on the terminal, not only warnings and errors */
    const bool *settled; /* warnings too; false while starting, when "not ready" is no news */
    int fd;
    uint64_t written;
    char line[PX_LOG_LINE_MAX];
    size_t size;
} px_child_log;

/** Opens the file for appending. @return false and errno */
bool px_child_log_open(px_child_log *log, const char *name, const char *path, bool all,
                       const bool *settled);
/** Some bytes that the process has written. */
void px_child_log_write(px_child_log *log, const char *bytes, size_t size);
void px_child_log_close(px_child_log *log);
/** Prints the last lines of a file to stderr, for one who wants to know why something ended. */
void px_child_log_tail(const char *path);

#endif
