/* organisation_learning.c: what a person does with a plan, and what that really teaches. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/codec.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "services/praxis/organisation_impl.h"

enum { LEARNING_DAYS = 42, STORY_DONE_DAY = 63 };

/* A kind of item: how often it is finished, and what it teaches in levels. */
typedef struct {
    char letter;
    double finished;
    double effect;
} item_kind;

static const item_kind kinds[] = { { 'c', .75, .45 }, { 'm', .9, .05 }, { 't', .8, .30 } };

static const item_kind *kind_of(const px_demo_item *item)
{
    for (size_t i = 1; i < PX_COUNT(kinds); i++)
        if (kinds[i].letter == item->kind)
            return &kinds[i];
    return &kinds[0];
}

static bool find_item(const px_organisation *o, const char *id, size_t *number)
{
    for (size_t i = 0; i < o->item_count; i++)
        if (strcmp(o->items[i].id, id) == 0) {
            *number = i;
            return true;
        }
    return false;
}

/* ---- what it teaches ---- */

/* 1 within the levels the item is made for, down to 0 at three quarters of a level beside them. */
static double zone(double level, double from, double to)
{
    double distance = level < from ? from - level : level > to ? level - to : 0;

    return distance < .75 ? 1 - distance / .75 : 0;
}

static double effect_of(const px_organisation *o, size_t item)
{
    const px_demo_item *i = &o->items[item];
    double strength = 1 + px_draw_normal(o->seed, (px_draw){ PX_DRAW_EFFECT, { item } }, .36);

    if (px_draw_uniform(o->seed, (px_draw){ PX_DRAW_USELESS, { item } }) < .25 || strength < 0)
        return 0;
    return kind_of(i)->effect * sqrt(i->hours / 10) * strength;
}

static void learn(px_organisation *o, uint32_t person, size_t item)
{
    const px_demo_role *role = o->role_of[person];
    const px_demo_item *i = &o->items[item];
    double effect = effect_of(o, item);

    for (size_t k = 0; k < i->outcome_count; k++)
        for (size_t t = 0; t < role->target_count; t++)
            if (role->targets[t].skill == i->outcomes[k].skill)
                o->learned[person][i->outcomes[k].skill] +=
                    effect * i->outcomes[k].share *
                    zone(px_demo_true_level(o, person, role->targets[t]), i->outcomes[k].from,
                         i->outcomes[k].to);
}

/* ---- what the person does ---- */

static bool teaches(const px_organisation *o, size_t item, const char *skill_id)
{
    const px_demo_item *i = &o->items[item];

    for (size_t k = 0; k < i->outcome_count; k++)
        if (strcmp(o->skills[i->outcomes[k].skill].id, skill_id) == 0)
            return true;
    return false;
}

static bool story_item(const px_organisation *o, uint32_t person, size_t item)
{
    return person == PX_DEMO_STORY && teaches(o, item, "information-security");
}

static bool finishes(const px_organisation *o, uint32_t person, size_t item, uint32_t cycle)
{
    px_draw draw = { PX_DRAW_FINISHES, { person, item, cycle } };

    return story_item(o, person, item) ||
           px_draw_uniform(o->seed, draw) < kind_of(&o->items[item])->finished;
}

/* The day on which a share of the plan's hours is done, in minutes from the reading. */
static uint32_t day_of(double hours, double plan_hours, uint32_t latest)
{
    uint32_t day = PX_DEMO_READING_DAY + (uint32_t)(LEARNING_DAYS * hours / plan_hours);

    return day < latest ? day : latest;
}

static void add_start(px_programme *out, uint32_t cycle, uint32_t person, const char *item_id,
                      uint32_t day)
{
    char id[PX_DEMO_ID_SIZE], person_id[PX_DEMO_ID_SIZE];

    snprintf(id, sizeof id, "start-%u-%03u-%zu", cycle, person, out->count);
    LearningRecommender__StartItem *body = px_programme_add(
        out, "learning-recommender", LEARNING_RECOMMENDER__SUBMISSION__BODY_START_ITEM, id,
        px_demo_person_id(person, person_id), px_demo_time_us(cycle, day, 540));

    if (!body)
        return;
    body->person_id = px_arena_strdup(out->arena, person_id);
    body->item_id = px_arena_strdup(out->arena, item_id);
}

static void add_completion(px_programme *out, uint32_t cycle, uint32_t person, const char *item_id,
                           uint32_t day)
{
    char id[PX_DEMO_ID_SIZE], person_id[PX_DEMO_ID_SIZE];

    snprintf(id, sizeof id, "complete-%u-%03u-%zu", cycle, person, out->count);
    LearningRecommender__CompleteItem *body = px_programme_add(
        out, "learning-recommender", LEARNING_RECOMMENDER__SUBMISSION__BODY_COMPLETE_ITEM, id,
        px_demo_person_id(person, person_id), px_demo_time_us(cycle, day, 1020));

    if (!body)
        return;
    body->person_id = px_arena_strdup(out->arena, person_id);
    body->item_id = px_arena_strdup(out->arena, item_id);
}

/* Two plans of a person may hold the same item. */
static bool is_taken(const px_programme *out, const char *person_id, const char *item_id)
{
    for (size_t i = 0; i < out->count; i++) {
        const LearningRecommender__Submission *s = (const void *)out->items[i].message;

        if (strcmp(out->items[i].type, "StartItem") == 0 &&
            strcmp(s->start_item->person_id, person_id) == 0 &&
            strcmp(s->start_item->item_id, item_id) == 0)
            return true;
        if (strcmp(out->items[i].type, "CompleteItem") == 0 &&
            strcmp(s->complete_item->person_id, person_id) == 0 &&
            strcmp(s->complete_item->item_id, item_id) == 0)
            return true;
    }
    return false;
}

static bool is_open(const LearningRecommender__PlanItem *item)
{
    return item->learning && item->state != LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_COMPLETED;
}

/* One open item: begun unless it was, then finished or left. `before`: hours of those before it. */
static void take_item(px_organisation *o, px_programme *out, uint32_t cycle, uint32_t person,
                      const LearningRecommender__PlanItem *i, double before, double hours)
{
    bool started = i->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED;
    const LearningRecommender__Learning *l = i->learning;
    uint32_t latest = PX_DEMO_READING_DAY + LEARNING_DAYS;
    char person_id[PX_DEMO_ID_SIZE];
    size_t item;

    if (!find_item(o, l->item_id, &item) ||
        is_taken(out, px_demo_person_id(person, person_id), l->item_id))
        return;
    if (story_item(o, person, item))
        latest = STORY_DONE_DAY;
    if (!started)
        add_start(out, cycle, person, l->item_id, day_of(before, hours, latest));
    if (!finishes(o, person, item, cycle))
        return;
    add_completion(out, cycle, person, l->item_id, day_of(before + l->hours, hours, latest));
    learn(o, person, item);
}

void px_demo_add_learning(px_organisation *o, px_programme *out, uint32_t cycle,
                          const LearningRecommender__Plan *plan)
{
    uint32_t person = px_demo_person_number(plan->person_id);
    double hours = 0, before = 0;

    for (size_t i = 0; i < plan->n_items; i++)
        hours += is_open(plan->items[i]) ? plan->items[i]->learning->hours : 0;
    for (size_t i = 0; i < plan->n_items && person != 0; i++) {
        if (!is_open(plan->items[i]))
            continue;
        take_item(o, out, cycle, person, plan->items[i], before, hours);
        before += plan->items[i]->learning->hours;
    }
}
