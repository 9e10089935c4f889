#include "common/status.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const lines[PX_STATUS_COUNT] = {
    [PX_OK] = "fine",
    [PX_ENOTFOUND] = "not found",
    [PX_EEMPTY] = "nothing waiting",
    [PX_ENOMEM] = "out of memory",
    [PX_EFULL] = "the store's map is full",
    [PX_ENOSPACE] = "no space left on the volume",
    [PX_EIO] = "input or output failed",
    [PX_ECORRUPT] = "stored bytes are damaged",
    [PX_EMALFORMED] = "malformed bytes",
    [PX_ETOOBIG] = "over a limit",
    [PX_ETIMEOUT] = "no answer in time",
    [PX_EDISCONNECTED] = "not connected",
    [PX_ESEQUENCE] = "not the expected last sequence",
    [PX_EEXHAUSTED] = "the server has no space left for its streams",
    [PX_EREFUSED] = "refused by the server",
    [PX_EFORBIDDEN] = "not allowed",
    [PX_EINVALID] = "invalid setting or argument",
    [PX_EBUSY] = "in use by somebody else",
};

const char *px_strerror(px_status status)
{
    size_t index = (size_t)status; /* a negative number becomes a huge one */

    return index < PX_COUNT(lines) && lines[index] ? lines[index] : "unknown status";
}

void px_assert_failed(const char *condition, const char *file, int line, const char *function)
{
    fprintf(stderr, "%s:%d: %s: this must hold and does not: %s\n", file, line, function,
            condition);
    abort();
}

#ifdef PRAXIS_COVERAGE
void px_assert_that(bool holds, const char *condition, const char *file, int line,
                    const char *function)
{
    if (!holds)
        px_assert_failed(condition, file, line, function);
}
#endif
