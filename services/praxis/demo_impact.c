#include "services/praxis/demo_impact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/record.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/praxis/print.h"

enum { ROWS_SHOWN = 8 };

/* ---- hearing ---- */

static px_impact_row *row_of(px_impact *impact, const LearningRecommender__ImpactUpdated *m)
{
    for (size_t i = 0; i < impact->count; i++)
        if (strcmp(impact->rows[i].competency_id, m->competency_id) == 0 &&
            strcmp(impact->rows[i].item_id, m->item_id) == 0)
            return &impact->rows[i];
    return impact->count < PX_IMPACT_MAX ? &impact->rows[impact->count++] : NULL;
}

static void hear_impact(px_impact *impact, const void *message)
{
    const LearningRecommender__ImpactUpdated *m = message;
    px_impact_row *row = row_of(impact, m);

    if (!row)
        return;
    *row = (px_impact_row){ .effect = m->effect,
                            .low = m->low,
                            .high = m->high,
                            .associated =
                                m->verdict == LEARNING_RECOMMENDER__VERDICT__VERDICT_ASSOCIATED,
                            .follow_ups = m->follow_ups };
    px_record_set_text(row->competency_id, sizeof row->competency_id, m->competency_id);
    px_record_set_text(row->item_id, sizeof row->item_id, m->item_id);
}

static void hear_recorded(px_impact *impact, const void *message)
{
    const LearningRecommender__FollowUpRecorded *m = message;

    impact->answered++;
    impact->at_level += m->at_level ? 1 : 0;
    impact->before += m->before;
    impact->after += m->after;
}

void px_impact_hear(px_impact *impact, const px_demo_event *event)
{
    if (strcmp(event->name, "ImpactUpdated") == 0)
        hear_impact(impact, event->message);
    else if (strcmp(event->name, "FollowUpRecorded") == 0)
        hear_recorded(impact, event->message);
    else if (strcmp(event->name, "FollowUpDue") == 0)
        impact->due++;
    else if (strcmp(event->name, "FollowUpOverdue") == 0)
        impact->overdue++;
}

/* ---- printing ---- */

/* What is surest first. */
static int by_lower_end(const void *left, const void *right)
{
    const px_impact_row *a = left, *b = right;

    if (a->low != b->low)
        return a->low > b->low ? -1 : 1;
    return strcmp(a->competency_id, b->competency_id);
}

static void print_follow_ups(const px_impact *impact)
{
    if (impact->answered == 0)
        return;
    px_print_text(
        3, "   ",
        "%u follow-ups fell due; %u of them had to wait for more than a fortnight, for here people "
        "rate only once a cycle. %u were answered by new ratings: the level was reached in %u of "
        "them, and went from %.1f to %.1f on average. Before and after is not what learning did: "
        "people learn what they were rated low in, and such ratings rise anyway.",
        impact->due, impact->overdue, impact->answered, impact->at_level,
        impact->before / impact->answered, impact->after / impact->answered);
}

static void print_row(const px_impact_row *row, const px_organisation *o)
{
    px_print_title(px_organisation_skill_title(o, row->competency_id));
    printf(" %+6.2f   %+.2f to %+.2f %11u  %s\n", row->effect, row->low, row->high, row->follow_ups,
           row->associated ? "associated" : "not enough evidence");
}

static void print_competencies(const px_impact *impact, const px_organisation *o, size_t all,
                               size_t associated)
{
    size_t shown = 0;

    px_print_text(
        3, "   ",
        "So Praxis asks what the ratings said beyond what was to be expected, and takes off what "
        "they said of people who were not learning in the same quarters. %zu competencies "
        "have five such looks or more; in %zu of them ratings rose by more than chance explains "
        "(an association: nobody was drawn by lot; where nothing helps at all, one in ten would "
        "look so). In the others there is not enough evidence, which is not the same as no effect.",
        all, associated);
    printf("\n   %-*s %6s   %-14s %11s\n", PX_PRINT_TITLE_COLUMNS, "competency", "levels",
           "90 % interval", "follow-ups");
    for (size_t i = 0; i < impact->count && shown < ROWS_SHOWN; i++) {
        if (impact->rows[i].item_id[0])
            continue;
        print_row(&impact->rows[i], o);
        shown++;
    }
    if (all > shown)
        printf("   ... and %zu more\n", all - shown);
}

void px_impact_print(px_impact *impact, const px_organisation *organisation)
{
    size_t all = 0, associated = 0;

    print_follow_ups(impact);
    if (impact->count > 0)
        qsort(impact->rows, impact->count, sizeof impact->rows[0], by_lower_end);
    for (size_t i = 0; i < impact->count; i++) {
        all += impact->rows[i].item_id[0] ? 0 : 1;
        associated += !impact->rows[i].item_id[0] && impact->rows[i].associated;
    }
    if (all > 0)
        print_competencies(impact, organisation, all, associated);
    else
        px_print_text(3, "   ", "There were too few follow-ups to say what learning did.");
}
