/* events.c: ratings as they happen, in every fourth quarter a 360 instead; feedback and tests. */
#include "tests/quality/events.h"

#include <string.h>

#include "tests/quality/draw.h"

typedef struct {
    const world *w;
    int quarter;
    event *events;
    int count;
} list;

static uint64_t hash(const list *l, draw_purpose purpose, int key, int nth)
{
    return draw_hash(l->w->seed, purpose, (uint32_t)key, (uint32_t)l->quarter, (uint32_t)nth, 0);
}

/* Sparse worlds lose ratings, not tags and tests. */
static bool is_lost(const list *l, int key, px_evidence source, int nth)
{
    if ((unsigned)source >= PX_SOURCE_COUNT)
        return l->w->kind.only_ratings;
    return draw_uniform(hash(l, DRAW_KEEP, key, nth)) >= l->w->kind.kept;
}

/* `nth` tells the events of one key and quarter apart. */
static void add(list *l, int key, int nth, int rater, px_evidence source, int week)
{
    if (!is_lost(l, key, source, nth))
        l->events[l->count++] = (event){ .key = key,
                                         .week = l->quarter * QUARTER_WEEKS + week,
                                         .rater = rater,
                                         .nth = nth,
                                         .source = source };
}

static void chance(list *l, double p, int key, int nth, int rater, px_evidence source)
{
    if (draw_uniform(hash(l, DRAW_EVENT, key, nth)) < p)
        add(l, key, nth, rater, source,
            (int)draw_below(hash(l, DRAW_WEEK, key, nth), QUARTER_WEEKS));
}

static void ratings(list *l, int key)
{
    int person = key / COMPETENCIES, nonce = l->quarter * KEYS + key;

    chance(l, 0.5, key, 0, world_manager(person), PX_MANAGER);
    chance(l, 0.3, key, 1, person, PX_SELF);
    chance(l, 0.15, key, 2, world_peer(l->w, person, nonce, 0), PX_PEER);
    chance(l, 0.15, key, 3, world_peer(l->w, person, nonce, 1), PX_PEER);
    if (world_manages(person)) {
        chance(l, 0.1, key, 4, world_report(l->w, person, nonce, 0), PX_REPORT);
        chance(l, 0.1, key, 5, world_report(l->w, person, nonce, 1), PX_REPORT);
    }
}

/* Goes on whatever the quarter. */
static void feedback_and_tests(list *l, int key)
{
    int nonce = l->quarter * KEYS + key;

    chance(l, 0.25, key, 8, world_teammate(l->w, key / COMPETENCIES, nonce, 2), PX_TAG);
    chance(l, 0.04, key, 9, NOBODY, PX_TEST);
}

/* Everybody answers in a week of their own, about everything. */
static void answer(list *l, int key, int nth, int rater, px_evidence source)
{
    enum { FIRST = 9, LENGTH = 3 };
    uint64_t h = draw_hash(l->w->seed, DRAW_ANSWER, (uint32_t)rater, (uint32_t)(key / COMPETENCIES),
                           (uint32_t)l->quarter, (uint32_t)source);

    add(l, key, nth, rater, source, FIRST + (int)draw_below(h, LENGTH));
}

static void full_circle(list *l, int key)
{
    enum { RATERS = 3 };
    int person = key / COMPETENCIES, nonce = -1 - l->quarter;

    answer(l, key, 0, world_manager(person), PX_MANAGER);
    answer(l, key, 1, person, PX_SELF);
    for (int k = 0; k < RATERS; k++)
        answer(l, key, 2 + k, world_peer(l->w, person, nonce, k), PX_PEER);
    for (int k = 0; k < RATERS && world_manages(person); k++)
        answer(l, key, 5 + k, world_report(l->w, person, nonce, k), PX_REPORT);
}

/* A counting sort by week: keeps the order within it. */
static void sort_by_week(list *l)
{
    static event sorted[EVENTS_MAX];
    int n = 0;

    for (int week = l->quarter * QUARTER_WEEKS; week < (l->quarter + 1) * QUARTER_WEEKS; week++)
        for (int i = 0; i < l->count; i++)
            if (l->events[i].week == week)
                sorted[n++] = l->events[i];
    memcpy(l->events, sorted, (size_t)n * sizeof *sorted);
}

int events_of_quarter(const world *w, int quarter, event *events)
{
    list l = { .w = w, .quarter = quarter, .events = events };

    for (int key = 0; key < KEYS; key++) {
        if (quarter % 4 == 3)
            full_circle(&l, key);
        else
            ratings(&l, key);
        feedback_and_tests(&l, key);
    }
    sort_by_week(&l);
    return l.count;
}
