#include "tests/services/learning-recommender/fixtures_plan.h"

#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"

LearningRecommender__Submission *submission_of(spec *s, unsigned type, void *body)
{
    LearningRecommender__Submission *sub =
        (void *)px_codec_new(&learning_recommender__submission__descriptor, spec_arena(s));

    *(void **)body = px_codec_set_oneof(&sub->base, type, spec_arena(s));
    return sub;
}

static char *text(spec *s, const char *value)
{
    return px_arena_strdup(spec_arena(s), value);
}

LearningRecommender__Submission *set_plan_policy(spec *s)
{
    LearningRecommender__SetPlanPolicy *b;

    return submission_of(s, LEARNING_RECOMMENDER__SUBMISSION__BODY_SET_PLAN_POLICY, &b);
}

LearningRecommender__Submission *move_plan(spec *s, const char *actor, const char *plan_id, int to)
{
    LearningRecommender__MovePlan *b;
    LearningRecommender__Submission *sub =
        submission_of(s, LEARNING_RECOMMENDER__SUBMISSION__BODY_MOVE_PLAN, &b);

    sub->actor = text(s, actor);
    b->person_id = text(s, "ann");
    b->plan_id = text(s, plan_id);
    b->to = (LearningRecommender__PlanState)to;
    return sub;
}

/* The ids all submissions about an item have, and the actor. */
#define ABOUT(type, body_case)                                                                     \
    LearningRecommender__##type *b;                                                                \
    LearningRecommender__Submission *sub =                                                         \
        submission_of(s, LEARNING_RECOMMENDER__SUBMISSION__BODY_##body_case, &b);                  \
                                                                                                   \
    sub->actor = text(s, actor);                                                                   \
    b->person_id = text(s, person_id);                                                             \
    b->item_id = text(s, item_id)

LearningRecommender__Submission *accept_item(spec *s, const char *actor, const char *person_id,
                                             const char *item_id)
{
    ABOUT(AcceptItem, ACCEPT_ITEM);
    return sub;
}

LearningRecommender__Submission *add_item(spec *s, const char *actor, const char *person_id,
                                          const char *item_id)
{
    ABOUT(AddItem, ADD_ITEM);
    return sub;
}

LearningRecommender__Submission *swap_item(spec *s, const char *actor, const char *person_id,
                                           const char *item_id, const char *instead_of_id)
{
    ABOUT(SwapItem, SWAP_ITEM);
    b->instead_of_id = text(s, instead_of_id);
    return sub;
}

LearningRecommender__Submission *answer_prompt(spec *s, const char *person_id, const char *item_id,
                                               uint32_t number)
{
    const char *actor = person_id;
    ABOUT(AnswerPrompt, ANSWER_PROMPT);
    b->number = number;
    return sub;
}

LearningRecommender__Submission *define_template(spec *s, const char *template_id,
                                                 const char *items)
{
    LearningRecommender__DefineTemplate *b;
    LearningRecommender__Submission *sub =
        submission_of(s, LEARNING_RECOMMENDER__SUBMISSION__BODY_DEFINE_TEMPLATE, &b);
    char *rest = text(s, items), *word;

    b->template_id = text(s, template_id);
    b->title = px_arena_printf(spec_arena(s), "All of %s", template_id);
    b->items = px_arena_alloc(spec_arena(s), 24 * sizeof *b->items);
    while ((word = strsep(&rest, " ")) != NULL) {
        LearningRecommender__TemplateItem *item =
            (void *)px_codec_new(&learning_recommender__template_item__descriptor, spec_arena(s));
        char *days = strchr(word, ':');

        item->due_days = days ? (uint32_t)strtoul(days + 1, NULL, 10) : 0;
        if (days)
            *days = '\0';
        item->optional = *word == '?';
        item->item_id = word + item->optional;
        b->items[b->n_items++] = item;
    }
    return sub;
}

LearningRecommender__Submission *assign_template(spec *s, const char *actor,
                                                 const char *template_id, int audience)
{
    LearningRecommender__AssignTemplate *b;
    LearningRecommender__Submission *sub =
        submission_of(s, LEARNING_RECOMMENDER__SUBMISSION__BODY_ASSIGN_TEMPLATE, &b);

    sub->actor = text(s, actor);
    b->template_id = text(s, template_id);
    b->audience = (LearningRecommender__AudienceKind)audience;
    return sub;
}

LearningRecommender__Submission *unlink_plan(spec *s, const char *actor, const char *plan_id)
{
    LearningRecommender__UnlinkPlan *b;
    LearningRecommender__Submission *sub =
        submission_of(s, LEARNING_RECOMMENDER__SUBMISSION__BODY_UNLINK_PLAN, &b);

    sub->actor = text(s, actor);
    b->person_id = text(s, "ann");
    b->plan_id = text(s, plan_id);
    return sub;
}

LearningRecommender__Submission *declare(spec *s, const char *initiative_id)
{
    LearningRecommender__DeclareInitiative *b;
    LearningRecommender__Submission *sub =
        submission_of(s, LEARNING_RECOMMENDER__SUBMISSION__BODY_DECLARE_INITIATIVE, &b);
    LearningRecommender__InitiativeCompetency *competency = (void *)px_codec_new(
        &learning_recommender__initiative_competency__descriptor, spec_arena(s));

    sub->actor = text(s, "hanna");
    b->initiative_id = text(s, initiative_id);
    b->title = text(s, "Everybody codes");
    b->audience = LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_EVERYBODY;
    b->until = px_codec_timestamp(SPEC_START_US + UNTIL_DAYS * DAY_US, spec_arena(s));
    competency->competency_id = text(s, "coding");
    competency->level = 3;
    b->competencies = px_arena_alloc(spec_arena(s), 2 * sizeof *b->competencies);
    b->competencies[b->n_competencies++] = competency;
    return sub;
}

void also_asks(spec *s, LearningRecommender__Submission *sub, const char *competency_id)
{
    LearningRecommender__DeclareInitiative *b = sub->declare_initiative;
    LearningRecommender__InitiativeCompetency *competency = (void *)px_codec_new(
        &learning_recommender__initiative_competency__descriptor, spec_arena(s));

    competency->competency_id = text(s, competency_id);
    competency->level = 3;
    b->competencies[b->n_competencies++] = competency;
}

void given_evidence(spec *s, const char *evidence_id, const char *person_id,
                    const char *competency_id)
{
    ProtobufCMessage *fact = px_codec_new(&competency_fact__fact__descriptor, spec_arena(s));
    CompetencyFact__EvidenceRecorded *f = (void *)px_codec_set_oneof(
        fact, COMPETENCY_FACT__FACT__BODY_EVIDENCE_RECORDED, spec_arena(s));

    f->evidence_id = text(s, evidence_id);
    f->person_id = text(s, person_id);
    f->competency_id = text(s, competency_id);
    f->earned_at_us = spec_now(s);
    given(s, "competency", fact);
}

int state_of(spec *s, const char *plan_id)
{
    return (int)get_plan(s, "ann", "ann", plan_id)->state;
}
