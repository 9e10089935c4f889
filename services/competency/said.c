/* said.c: when there is something to say. */
#include "services/competency/said.h"

#include <string.h>

static const double WORTH_SAYING = 0.01; /* of a level, in the level or in its deviation */

uint64_t said_hear(said_record *said, bool is_protected, change_reason reason)
{
    said->heard++;
    said->reason = reason;
    if (is_protected) {
        for (size_t i = PROTECTED_MIN - 1; i > 0; i--)
            said->protected_at[i] = said->protected_at[i - 1];
        said->protected_at[0] = said->heard;
    } else {
        said->open_at = said->heard;
    }
    return said->heard;
}

uint64_t said_skip(said_record *said)
{
    return ++said->heard;
}

void said_share(said_record *said)
{
    said->open_at = said->heard;
}

bool said_waits(const said_record *said)
{
    bool any = said->protected_at[0] > said->told;
    bool enough = said->protected_at[PROTECTED_MIN - 1] > said->told;

    return any && !enough && said->open_at <= said->told;
}

/* What was said last, be it under another id. */
static const figures *said_before(const said_record *said)
{
    return said->level.known ? &said->level : &said->carried;
}

bool said_holds_back(const said_record *said, const figures *now)
{
    bool taken_back = said_before(said)->assessed && !now->assessed;

    return said_waits(said) && !taken_back;
}

figures said_showable(const said_record *said, const figures *now)
{
    return said_holds_back(said, now) ? *said_before(said) : *now;
}

static bool moved(double from, double to)
{
    double d = to - from;

    return d >= WORTH_SAYING || d <= -WORTH_SAYING;
}

bool said_level_is_news(const said_record *said, const figures *now)
{
    if (!now->known || !said->level.known)
        return now->known != said->level.known;
    return moved(said->level.mu, now->mu) ||
           moved(figures_estimate(&said->level).sd, figures_estimate(now).sd);
}

px_gap_news said_gap_news(const said_gap *said, const figures *now, const px_requirement *asked,
                          bool fresh)
{
    px_gap gap = { said->open, said->mu, said->asked.target };

    if (asked->target == 0.0 || !now->known)
        return said->open ? PX_GAP_CLOSED : PX_GAP_SAME;

    px_estimate estimate = figures_estimate(now);
    px_gap_news news = px_gap_decide(&gap, &estimate, asked->target);
    bool other = strcmp(said->asked.role_id, asked->role_id) != 0 ||
                 said->asked.weight != asked->weight || (said->from_history && fresh);
    return news == PX_GAP_SAME && said->open && other ? PX_GAP_CHANGED : news;
}
