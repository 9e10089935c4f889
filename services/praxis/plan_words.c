#include "services/praxis/plan_words.h"

#include <stddef.h>

#include "common/status.h"

/* A number of a newer daemon has no word yet. */
#define WORD(words, number, otherwise)                                                             \
    ((size_t)(number) < PX_COUNT(words) && (words)[number] ? (words)[number] : (otherwise))

const char *px_words_item_kind(LearningRecommender__ItemKind kind)
{
    static const char *const words[] = {
        [LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COURSE] = "a course",
        [LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_MICRO] = "micro-learning",
        [LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_TASK] = "a task on the job",
        [LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COACHING] = "coaching",
        [LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_ROUNDTABLE] = "a roundtable",
        [LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_READING] = "something to read",
        [LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_EXTERNAL] = "learning elsewhere",
    };

    return WORD(words, kind, "learning");
}

const char *px_words_item_state(LearningRecommender__ItemState state)
{
    static const char *const words[] = {
        [LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_PROPOSED] = "proposed",
        [LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED] = "started",
        [LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_COMPLETED] = "completed",
        [LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_ACCEPTED] = "agreed to",
        [LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_DECLINED] = "declined",
        [LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_DEFERRED] = "put off",
        [LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_WAIVED] = "not needed",
        [LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_WITHDRAWN] = "given up",
    };

    return WORD(words, state, "?");
}

const char *px_words_plan_state(LearningRecommender__PlanState state)
{
    static const char *const words[] = {
        [LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_DRAFT] = "a draft",
        [LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_WAITING_FOR_REVIEW] = "waiting for review",
        [LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_IN_REVIEW] = "in review",
        [LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_ACTIVE] = "active",
        [LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_COMPLETE] = "complete",
        [LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_CANCELLED] = "cancelled",
        [LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_SUPERSEDED] = "superseded",
    };

    return WORD(words, state, "?");
}

const char *px_words_plan_end(LearningRecommender__PlanEnd end)
{
    static const char *const words[] = {
        [LEARNING_RECOMMENDER__PLAN_END__PLAN_END_COMPLETED] = "everything in it is completed",
        [LEARNING_RECOMMENDER__PLAN_END__PLAN_END_GAPS_CLOSED] = "the gaps are closed",
        [LEARNING_RECOMMENDER__PLAN_END__PLAN_END_WITHDRAWN] = "what it rested on was taken back",
        [LEARNING_RECOMMENDER__PLAN_END__PLAN_END_PERSON_GONE] = "the person left or was erased",
        [LEARNING_RECOMMENDER__PLAN_END__PLAN_END_NOTHING_LEFT] =
            "nothing is offered any more that is worth its hours",
        [LEARNING_RECOMMENDER__PLAN_END__PLAN_END_CANCELLED] =
            "the manager or an HR partner cancelled it",
    };

    return WORD(words, end, "for a reason this praxis does not know");
}
