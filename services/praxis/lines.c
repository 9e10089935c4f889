#include "services/praxis/lines.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 65536 };

static bool make_room(px_lines *l)
{
    if (l->begin > 0) {
        memmove(l->text, l->text + l->begin, l->end - l->begin);
        l->end -= l->begin;
        l->searched -= l->begin;
        l->begin = 0;
    }
    if (l->capacity - l->end > READ_BYTES)
        return true;
    size_t capacity = l->capacity ? l->capacity * 2 : READ_BYTES * 2;
    char *text = realloc(l->text, capacity);
    if (!text)
        return false;
    l->text = text;
    l->capacity = capacity;
    return true;
}

static px_line_outcome take(px_lines *l, size_t end, char **line, size_t *size)
{
    *line = l->text + l->begin;
    *size = end - l->begin;
    l->text[end] = 0;
    l->begin = l->searched = end < l->end ? end + 1 : end;
    return PX_LINE;
}

/* 1: there is more to look at; 0: nothing came; -1: failed. */
static int read_more(px_lines *l, int timeout_ms)
{
    struct pollfd ready = { .fd = l->fd, .events = POLLIN };
    int count = poll(&ready, 1, timeout_ms);

    if (count <= 0)
        return count == 0 || errno == EINTR ? 0 : -1;
    if (!make_room(l))
        return -1;
    ssize_t got = read(l->fd, l->text + l->end, l->capacity - l->end - 1);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : -1;
    l->ended = got == 0;
    l->end += (size_t)got;
    return 1;
}

px_line_outcome px_lines_next(px_lines *lines, int timeout_ms, char **line, size_t *size)
{
    for (;;) {
        char *newline = lines->end > lines->searched ? memchr(lines->text + lines->searched, '\n',
                                                              lines->end - lines->searched)
                                                     : NULL;
        if (newline)
            return take(lines, (size_t)(newline - lines->text), line, size);
        lines->searched = lines->end;
        if (lines->ended)
            return lines->begin < lines->end ? take(lines, lines->end, line, size) : PX_LINE_END;
        int more = read_more(lines, timeout_ms);
        if (more <= 0)
            return more == 0 ? PX_LINE_NOT_YET : PX_LINE_FAILED;
    }
}

void px_lines_fini(px_lines *lines)
{
    free(lines->text);
    lines->text = NULL;
}
