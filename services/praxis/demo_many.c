#include "services/praxis/demo_many.h"

#include <stdio.h>
#include <string.h>

#include "common/codec.h"
#include "common/record.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "services/praxis/print.h"

enum { MANY_MINUTE = 480, DUE_DAYS = 42 };

static const char hr_partner[] = "p-240";
static const char template_id[] = "keeping-versions",
                  template_title[] = "Keeping versions with Git";
static const char template_unit[] = "u-block-4";
static const char initiative_id[] = "secure-platform", initiative_unit[] = "u-block-3";
static const char initiative_skill[] = "information-security";
static const double initiative_level = 3.0;

/* The first is for everybody; of the others one is needed. */
static const char *const template_items[] = {
    "fpc-git-tutorial-for-beginners-learn-git-in-760b8f",
    "fpc-git-become-an-expert-in-git-github-in-4-3ad1d7",
    "fpc-introduction-to-version-control-with-git-9eb365",
};

/* ---- what is sent ---- */

static void *add(px_programme *out, unsigned type, const char *id)
{
    return px_programme_add(out, "learning-recommender", type, id, hr_partner,
                            px_demo_time_us(PX_MANY_CYCLE, PX_DEMO_READING_DAY, MANY_MINUTE));
}

static char *text(px_programme *out, const char *value)
{
    return px_arena_strdup(out->arena, value);
}

static void add_template(px_programme *out)
{
    LearningRecommender__DefineTemplate *body =
        add(out, LEARNING_RECOMMENDER__SUBMISSION__BODY_DEFINE_TEMPLATE, "define-template");

    if (!body)
        return;
    body->template_id = text(out, template_id);
    body->title = text(out, template_title);
    body->optional_needed = 1;
    body->items = px_arena_alloc(out->arena, PX_COUNT(template_items) * sizeof *body->items);
    for (size_t i = 0; body->items && i < PX_COUNT(template_items); i++) {
        LearningRecommender__TemplateItem *item =
            (void *)px_codec_new(&learning_recommender__template_item__descriptor, out->arena);

        if (!item)
            return;
        item->item_id = text(out, template_items[i]);
        item->optional = i > 0;
        item->due_days = DUE_DAYS;
        body->items[body->n_items++] = item;
    }
}

static void add_audience(px_programme *out)
{
    LearningRecommender__AssignTemplate *body =
        add(out, LEARNING_RECOMMENDER__SUBMISSION__BODY_ASSIGN_TEMPLATE, "assign-template");

    if (!body)
        return;
    body->template_id = text(out, template_id);
    body->audience = LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_UNIT;
    body->unit_id = text(out, template_unit);
}

static void add_initiative(px_programme *out)
{
    LearningRecommender__DeclareInitiative *body =
        add(out, LEARNING_RECOMMENDER__SUBMISSION__BODY_DECLARE_INITIATIVE, "declare-initiative");
    LearningRecommender__InitiativeCompetency *asked =
        (void *)px_codec_new(&learning_recommender__initiative_competency__descriptor, out->arena);

    if (!body || !asked)
        return;
    asked->competency_id = text(out, initiative_skill);
    asked->level = initiative_level;
    body->initiative_id = text(out, initiative_id);
    body->title = text(out, "A platform that is secure");
    body->competencies = px_arena_alloc(out->arena, sizeof *body->competencies);
    if (body->competencies)
        body->competencies[body->n_competencies++] = asked;
    body->audience = LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_UNIT;
    body->unit_id = text(out, initiative_unit);
    body->until =
        px_codec_timestamp(px_demo_time_us(PX_DEMO_CYCLES, PX_DEMO_CYCLE_DAYS - 1, 0), out->arena);
}

void px_demo_add_many(px_programme *out)
{
    add_template(out);
    add_audience(out);
    add_initiative(out);
}

/* ---- what is heard ---- */

static void hear_plan(px_many *m, const px_demo_event *e)
{
    const LearningRecommender__PlanProposed *plan = (const void *)e->message;

    if (strcmp(plan->template_id, template_id) == 0 && m->count < PX_MANY_PLANS_MAX)
        px_record_set_text(m->plans[m->count++].id, PX_ID_SIZE, plan->plan_id);
}

static void hear_plan_end(px_many *m, const px_demo_event *e)
{
    const LearningRecommender__PlanEnded *end = (const void *)e->message;

    for (size_t i = 0; i < m->count; i++)
        if (strcmp(m->plans[i].id, end->plan_id) == 0 &&
            end->reason == LEARNING_RECOMMENDER__PLAN_END__PLAN_END_COMPLETED)
            m->plans[i].completed = true;
}

static void hear_skipped(px_many *m, const px_demo_event *e)
{
    const LearningRecommender__TemplateSkipped *skipped = (const void *)e->message;

    m->skipped += strcmp(skipped->template_id, template_id) == 0;
}

static void hear_initiative(px_many *m, const px_demo_event *e)
{
    const LearningRecommender__InitiativeDeclared *declared = (const void *)e->message;

    m->declared_us = e->time_us;
    m->until_us = px_codec_time_us(declared->until);
}

static void hear_progress(px_many *m, const px_demo_event *e)
{
    const LearningRecommender__InitiativeProgress *p = (const void *)e->message;

    m->last = (px_many_progress){ .people = p->people,
                                  .have = p->have,
                                  .in_plan = p->in_plan,
                                  .refused = p->refused,
                                  .time_us = e->time_us };
    if (m->first.people == 0)
        m->first = m->last;
}

void px_many_hear(px_many *many, const px_demo_event *event)
{
    static const struct {
        const char *event;
        void (*hear)(px_many *many, const px_demo_event *event);
    } hearers[] = {
        { "PlanProposed", hear_plan },           { "PlanEnded", hear_plan_end },
        { "TemplateSkipped", hear_skipped },     { "InitiativeDeclared", hear_initiative },
        { "InitiativeProgress", hear_progress },
    };

    for (size_t i = 0; i < PX_COUNT(hearers); i++)
        if (strcmp(hearers[i].event, event->name) == 0)
            hearers[i].hear(many, event);
}

/* ---- what is told ---- */

static const char *label_of(const px_organisation *o, const char *unit_id)
{
    for (size_t i = 0; i < px_organisation_units(o); i++)
        if (strcmp(px_organisation_unit(o, i)->id, unit_id) == 0)
            return px_organisation_unit(o, i)->label;
    return unit_id;
}

static void print_template(const px_many *m, const px_organisation *o, const char *day)
{
    size_t completed = 0;

    for (size_t i = 0; i < m->count; i++)
        completed += m->plans[i].completed;
    px_print_text(16, day,
                  "The HR partner, %s, hands out a template to everybody in \"%s\": \"%s\", one "
                  "item for all and one "
                  "of two to choose from. [TemplateAssigned]",
                  hr_partner, label_of(o, template_unit), template_title);
    px_print_text(16, "",
                  "%zu people have that plan at once, beside the one made of their gaps; by the "
                  "end %zu have completed it. [PlanProposed, PlanEnded]",
                  m->count, completed);
    if (m->skipped > 0)
        px_print_text(16, "", "%u had nothing of it left to learn. [TemplateSkipped]", m->skipped);
}

static void print_progress(const px_many_progress *p)
{
    char day[PX_PRINT_DATE_SIZE];

    px_print_text(16, "",
                  "%s: of %u people %u are there, %u have a plan for it, %u refused. "
                  "[InitiativeProgress]",
                  px_print_date(p->time_us, day), p->people, p->have, p->in_plan, p->refused);
}

void px_many_print(const px_many *many, const px_organisation *organisation)
{
    char day[PX_PRINT_DATE_SIZE], until[PX_PRINT_DATE_SIZE], head[64];

    snprintf(head, sizeof head, "   %11s", px_print_date(many->declared_us, day));
    print_template(many, organisation, head);
    px_print_text(
        16, "",
        "The HR partner declares an initiative: everybody in \"%s\" is to have %s at level %.1f by "
        "%s; who lacks it gets the item that brings most of it per hour. "
        "[InitiativeDeclared]",
        label_of(organisation, initiative_unit),
        px_organisation_skill_title(organisation, initiative_skill), initiative_level,
        px_print_date(many->until_us, until));
    if (many->first.people > 0)
        print_progress(&many->first);
    if (many->last.time_us > many->first.time_us)
        print_progress(&many->last);
}
