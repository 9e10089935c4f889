/* lines.h: lines from a file or pipe without waiting for ever: results arrive meanwhile. */
#ifndef PRAXIS_SERVICES_PRAXIS_LINES_H
#define PRAXIS_SERVICES_PRAXIS_LINES_H

#include <stdbool.h>
#include <stddef.h>

/** Embedded; all zero but `fd` at first. */
typedef struct {
    int fd;
    char *text;
    size_t begin; /* of the line to come */
    size_t end;   /* of what was read */
    size_t capacity;
    size_t searched; /* no newline before */
    bool ended;
} px_lines;

typedef enum { PX_LINE, PX_LINE_NOT_YET, PX_LINE_END, PX_LINE_FAILED } px_line_outcome;

/**
 * The next line, NUL-terminated in place of its newline, until the next call. NOT_YET: none came
 * within timeout_ms, or a signal did. FAILED: errno says why.
 */
px_line_outcome px_lines_next(px_lines *lines, int timeout_ms, char **line, size_t *size);
void px_lines_fini(px_lines *lines);

#endif
