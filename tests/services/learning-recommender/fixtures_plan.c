#include "tests/services/learning-recommender/fixtures_plan.h"

#include "common/codec.h"

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

int state_of(spec *s, const char *plan_id)
{
    return (int)get_plan(s, "ann", "ann", plan_id)->state;
}
