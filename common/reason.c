#include "common/reason.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *code;
    const char *text;
} reasons[PX_REASON_COUNT] = { [PX_REASON_NONE] = { "", "" },
#define REASON_ROW(name, text) [PX_REASON_##name] = { #name, text },
                               PX_REASONS(REASON_ROW)
#undef REASON_ROW
};

const char *px_reason_code(px_reason reason)
{
    return (size_t)reason < PX_REASON_COUNT ? reasons[reason].code : "";
}

const char *px_reason_text(px_reason reason)
{
    return (size_t)reason < PX_REASON_COUNT ? reasons[reason].text : "";
}

px_reason px_reason_from_code(const char *code)
{
    for (size_t i = PX_REASON_NONE + 1; i < PX_REASON_COUNT; i++)
        if (strcmp(code, reasons[i].code) == 0)
            return (px_reason)i;
    return PX_REASON_NONE;
}
