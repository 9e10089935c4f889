#include "services/praxis/demo_story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "praxis/review_cycle/v1/event.pb-c.h"
#include "services/praxis/plan_words.h"
#include "services/praxis/print.h"

enum { DATE_INDENT = 3, TEXT_INDENT = 16 };

static void add(px_story *s, const px_demo_event *e, char *text)
{
    if (s->count == PX_STORY_STEPS_MAX || !text)
        return;
    s->steps[s->count] = (px_story_step){ .log_seq = e->log_seq,
                                          .order = s->count,
                                          .time_us = e->time_us,
                                          .event = px_arena_strdup(s->arena, e->name),
                                          .text = text };
    s->count++;
}

static const char *title(const px_story *s, const char *competency_id)
{
    return px_organisation_skill_title(s->organisation, competency_id);
}

static bool about(const px_story *s, const char *person_id)
{
    return strcmp(person_id, s->person_id) == 0;
}

static const char *date(const Google__Protobuf__Timestamp *time, char text[PX_PRINT_DATE_SIZE])
{
    return px_print_date(px_codec_time_us(time), text);
}

/* ---- ratings ---- */

static const char colleague[] = "A colleague writes a review of %s; the feed says neither who nor "
                                "what.";

static int rating_of(const ReviewCycle__ReviewSubmitted *m, const char *competency_id)
{
    for (size_t i = 0; i < m->n_ratings; i++)
        if (strcmp(m->ratings[i]->competency_id, competency_id) == 0)
            return m->ratings[i]->value;
    return 0;
}

static void hear_review(px_story *s, const px_demo_event *e)
{
    const ReviewCycle__ReviewSubmitted *m = (const void *)e->message;
    const char *what = title(s, s->competency_id);
    int value = rating_of(m, s->competency_id);

    if (!about(s, m->subject_id))
        return;
    if (m->relation == REVIEW_CYCLE__RELATION__RELATION_MANAGER)
        add(s, e,
            px_arena_printf(s->arena, "The manager, %s, rates %s in %zu competencies: %s %d of 5.",
                            m->rater_id, m->subject_id, m->n_ratings, what, value));
    else if (m->relation == REVIEW_CYCLE__RELATION__RELATION_SELF)
        add(s, e,
            px_arena_printf(s->arena, "%s rates their own work: %s %d of 5.", m->subject_id, what,
                            value));
    else
        add(s, e, px_arena_printf(s->arena, colleague, m->subject_id));
}

/* ---- levels and gaps ---- */

static void hear_level(px_story *s, const px_demo_event *e)
{
    const Competency__LevelChanged *m = (const void *)e->message;

    if (!about(s, m->person_id) || strcmp(m->competency_id, s->competency_id) != 0)
        return;
    add(s, e,
        px_arena_printf(
            s->arena, "The level in %s is estimated at %.1f (90 %% between %.1f and %.1f).",
            title(s, m->competency_id), m->estimate->level, m->estimate->low, m->estimate->high));
}

static void hear_gap_opened(px_story *s, const px_demo_event *e)
{
    const Competency__GapOpened *m = (const void *)e->message;

    if (!about(s, m->person_id))
        return;
    add(s, e,
        px_arena_printf(s->arena,
                        "A GAP OPENS in %s: the role needs %.1f, the level is about %.1f; the "
                        "chance of a gap is %.0f %%.",
                        title(s, m->competency_id), m->target, m->estimate->level,
                        100 * m->probability));
}

static void hear_gap_changed(px_story *s, const px_demo_event *e)
{
    const Competency__GapChanged *m = (const void *)e->message;

    if (about(s, m->person_id))
        add(s, e,
            px_arena_printf(s->arena,
                            "The gap in %s has moved: level about %.1f, needed %.1f, chance of a "
                            "gap %.0f %%.",
                            title(s, m->competency_id), m->estimate->level, m->target,
                            100 * m->probability));
}

static void hear_gap_closed(px_story *s, const px_demo_event *e)
{
    const Competency__GapClosed *m = (const void *)e->message;

    if (!about(s, m->person_id))
        return;
    add(s, e,
        px_arena_printf(
            s->arena,
            "THE GAP CLOSES in %s: level about %.1f, needed %.1f; the chance of a gap is "
            "down to %.0f %%.",
            title(s, m->competency_id), m->estimate->level, m->target, 100 * m->probability));
}

/* ---- plans ---- */

/* An issue is told once, with its first item. */
static char *issue_text(const px_story *s, LearningRecommender__PlanItem **items, size_t number)
{
    const LearningRecommender__Issue *i = items[number]->issue;
    char day[PX_PRINT_DATE_SIZE], behind[160] = "";

    for (size_t k = 0; k < number; k++)
        if (strcmp(items[k]->issue->competency_id, i->competency_id) == 0)
            return px_arena_printf(s->arena, "ISSUE %s, as in %zu.", i->title, k + 1);
    for (size_t k = 0; k < i->n_ratings && k < 2; k++)
        snprintf(
            behind + strlen(behind), sizeof behind - strlen(behind), "%s%s %s rated %.0f on %s",
            k ? ", " : "; behind it: ", i->ratings[k]->self ? "self" : "manager",
            i->ratings[k]->rater_id, i->ratings[k]->level, date(i->ratings[k]->occurred_at, day));
    return px_arena_printf(s->arena,
                           "ISSUE %s: about %.1f (%.1f to %.1f), needed %.1f, chance of a gap "
                           "%.0f %%%s.",
                           i->title, i->level, i->low, i->high, i->target, 100 * i->probability,
                           behind);
}

static char *learning_text(const px_story *s, const LearningRecommender__Learning *l)
{
    const LearningRecommender__RunnerUp *r = l->runner_up;

    return px_arena_printf(s->arena,
                           "LEARNING \"%s\" (%s, %.3g h): expected to add %.2f levels, give or "
                           "take %.2f.%s%s%s%s%s",
                           l->title, px_words_item_kind(l->kind), l->hours, l->gain, l->gain_margin,
                           r && *r->item_id ? " Next best: \"" : "", r ? r->title : "",
                           r && *r->item_id ? "\" (" : "", r ? r->reason : "",
                           r && *r->item_id ? ")." : "");
}

static char *raters_text(const px_story *s, char **rater_ids, size_t count)
{
    char *text = px_arena_strdup(s->arena, "");

    for (size_t i = 0; i < count && text; i++)
        text = px_arena_printf(s->arena, "%s%s%s", text, i ? " and " : "", rater_ids[i]);
    return text;
}

static char *follow_up_text(const px_story *s, const LearningRecommender__FollowUp *f)
{
    char done[PX_PRINT_DATE_SIZE], due[PX_PRINT_DATE_SIZE];

    return px_arena_printf(s->arena,
                           "FOLLOW-UP to be done by %s; %s are asked to rate again on %s.",
                           date(f->planned_completion, done),
                           raters_text(s, f->rater_ids, f->n_rater_ids), date(f->due_at, due));
}

/* Later events name items by id only. */
static void remember_titles(px_story *s, LearningRecommender__PlanItem **items, size_t count)
{
    for (size_t i = 0; i < count && s->item_count < PX_STORY_ITEMS_MAX; i++) {
        s->items[s->item_count].id = px_arena_strdup(s->arena, items[i]->learning->item_id);
        s->items[s->item_count++].title = px_arena_strdup(s->arena, items[i]->learning->title);
    }
}

static const char *item_title(const px_story *s, const char *item_id)
{
    for (size_t i = 0; i < s->item_count; i++)
        if (s->items[i].id && s->items[i].title && strcmp(s->items[i].id, item_id) == 0)
            return s->items[i].title;
    return item_id;
}

/* The newline separates what is printed as a line of its own. */
static char *items_text(const px_story *s, LearningRecommender__PlanItem **items, size_t count)
{
    char *text = px_arena_strdup(s->arena, "");

    for (size_t i = 0; i < count && text; i++)
        text = px_arena_printf(s->arena, "%s\n%zu. %s\n%s\n%s", text, i + 1,
                               issue_text(s, items, i), learning_text(s, items[i]->learning),
                               follow_up_text(s, items[i]->follow_up));
    return text;
}

static void hear_plan(px_story *s, const px_demo_event *e)
{
    const LearningRecommender__PlanProposed *m = (const void *)e->message;

    if (!about(s, m->person_id))
        return;
    remember_titles(s, m->items, m->n_items);
    add(s, e,
        px_arena_printf(s->arena, "A LEARNING PLAN is proposed: %zu %s, %.3g hours.%s", m->n_items,
                        m->n_items == 1 ? "item" : "items", m->hours,
                        items_text(s, m->items, m->n_items)));
}

static void hear_revision(px_story *s, const px_demo_event *e)
{
    const LearningRecommender__PlanRevised *m = (const void *)e->message;

    if (!about(s, m->person_id))
        return;
    remember_titles(s, m->items, m->n_items);
    add(s, e,
        px_arena_printf(s->arena,
                        "The plan is revised (wording %u): %zu added, %zu dropped; now %zu %s, "
                        "%.3g hours.",
                        m->revision, m->n_added_item_ids, m->n_dropped_item_ids, m->n_items,
                        m->n_items == 1 ? "item" : "items", m->hours));
}

static void hear_plan_end(px_story *s, const px_demo_event *e)
{
    const LearningRecommender__PlanEnded *m = (const void *)e->message;

    if (about(s, m->person_id))
        add(s, e, px_arena_printf(s->arena, "The plan is over: %s.", px_words_plan_end(m->reason)));
}

static void hear_start(px_story *s, const px_demo_event *e)
{
    const LearningRecommender__ItemStarted *m = (const void *)e->message;

    if (about(s, m->person_id))
        add(s, e,
            px_arena_printf(s->arena, "%s starts \"%s\".", m->person_id,
                            item_title(s, m->item_id)));
}

static void hear_completion(px_story *s, const px_demo_event *e)
{
    const LearningRecommender__ItemCompleted *m = (const void *)e->message;

    if (about(s, m->person_id))
        add(s, e,
            px_arena_printf(s->arena, "%s completes \"%s\".", m->person_id,
                            item_title(s, m->item_id)));
}

static void hear_follow_up(px_story *s, const px_demo_event *e)
{
    const LearningRecommender__FollowUpDue *m = (const void *)e->message;
    char due[PX_PRINT_DATE_SIZE];

    if (about(s, m->person_id))
        add(s, e,
            px_arena_printf(s->arena,
                            "THE FOLLOW-UP is due (since %s): did the learning help in %s? %s are "
                            "asked to rate it again.",
                            date(m->due_at, due), title(s, m->competency_id),
                            raters_text(s, m->rater_ids, m->n_rater_ids)));
}

static void hear_follow_up_answer(px_story *s, const px_demo_event *e)
{
    const LearningRecommender__FollowUpRecorded *m = (const void *)e->message;

    if (about(s, m->person_id))
        add(s, e,
            px_arena_printf(s->arena,
                            "THE FOLLOW-UP is answered by new ratings: %s was about %.1f when the "
                            "plan was made, is %.1f now, and %.1f is needed%s.",
                            title(s, m->competency_id), m->before, m->after, m->target,
                            m->at_level ? "" : "; another approach is looked for"));
}

static const struct {
    const char *event;
    void (*hear)(px_story *story, const px_demo_event *event);
} hearers[] = {
    { "ReviewSubmitted", hear_review }, { "LevelChanged", hear_level },
    { "GapOpened", hear_gap_opened },   { "GapChanged", hear_gap_changed },
    { "GapClosed", hear_gap_closed },   { "PlanProposed", hear_plan },
    { "PlanRevised", hear_revision },   { "PlanEnded", hear_plan_end },
    { "ItemStarted", hear_start },      { "ItemCompleted", hear_completion },
    { "FollowUpDue", hear_follow_up },  { "FollowUpRecorded", hear_follow_up_answer },
};

void px_story_hear(px_story *story, const px_demo_event *event)
{
    for (size_t i = 0; i < PX_COUNT(hearers); i++)
        if (strcmp(hearers[i].event, event->name) == 0)
            hearers[i].hear(story, event);
}

/* ---- telling ---- */

static int in_order(const void *left, const void *right)
{
    const px_story_step *a = left, *b = right;

    if (a->log_seq != b->log_seq)
        return a->log_seq < b->log_seq ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static void print_step(const char *day, const char *text, const char *event)
{
    char head[64];
    const char *rest = strchr(text, '\n');

    snprintf(head, sizeof head, "%*s%11s", DATE_INDENT, "", day);
    px_print_text(TEXT_INDENT, head, "%.*s [%s]", rest ? (int)(rest - text) : (int)strlen(text),
                  text, event);
    while (rest) {
        const char *line = rest + 1;

        rest = strchr(line, '\n');
        px_print_text(TEXT_INDENT + 3, *line >= '0' && *line <= '9' ? "                " : "",
                      "%.*s", rest ? (int)(rest - line) : (int)strlen(line), line);
    }
}

/* Reviews by colleagues, of whom nothing is told that would tell one from another. */
static size_t reviews_alike(const px_story *story, size_t first)
{
    const px_story_step *step = &story->steps[first];
    size_t count = 1;

    while (strcmp(step->event, "ReviewSubmitted") == 0 && first + count < story->count &&
           strcmp(step[count].text, step->text) == 0)
        count++;
    return count;
}

static void print_reviews(const px_story *story, size_t first, size_t count)
{
    char day[PX_PRINT_DATE_SIZE], last[PX_PRINT_DATE_SIZE];

    px_print_date(story->steps[first].time_us, day);
    px_print_date(story->steps[first + count - 1].time_us, last);
    print_step(day,
               px_arena_printf(story->arena,
                               "%zu colleagues write reviews of %s, the last one on %s; the feed "
                               "says neither who nor what.",
                               count, story->person_id, last),
               story->steps[first].event);
}

/* The same words as the last time the event was told: a level that moved by less than is shown. */
static bool is_old(const px_story *story, size_t index)
{
    const px_story_step *step = &story->steps[index];

    for (size_t i = index; i-- > 0;)
        if (strcmp(story->steps[i].event, step->event) == 0)
            return strcmp(step->event, "LevelChanged") == 0 &&
                   strcmp(story->steps[i].text, step->text) == 0;
    return false;
}

void px_story_print(px_story *story)
{
    char day[PX_PRINT_DATE_SIZE], before[PX_PRINT_DATE_SIZE] = "";

    if (story->count > 0)
        qsort(story->steps, story->count, sizeof *story->steps, in_order);
    for (size_t i = 0, alike; i < story->count; i += alike) {
        alike = reviews_alike(story, i);
        if (is_old(story, i))
            continue;
        if (alike > 1)
            print_reviews(story, i, alike);
        px_print_date(story->steps[i + alike - 1].time_us, day);
        if (alike == 1)
            print_step(strcmp(day, before) == 0 ? "" : day, story->steps[i].text,
                       story->steps[i].event);
        memcpy(before, day, sizeof before);
    }
}
