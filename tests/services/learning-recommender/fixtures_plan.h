/* fixtures_plan.h: submissions about plans and what may be done with them, with plain defaults. */
#ifndef PRAXIS_TESTS_LEARNING_RECOMMENDER_FIXTURES_PLAN_H
#define PRAXIS_TESTS_LEARNING_RECOMMENDER_FIXTURES_PLAN_H

#include "tests/services/learning-recommender/fixtures.h"

enum {
    POLICY_SET = LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_POLICY_SET,
    MOVED = LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_MOVED,
    ACCEPTED = LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_ACCEPTED,
    CHOSEN = LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_CHOSEN,
    OBJECTED = LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_OBJECTED,
    ITEM_DUE = LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DUE,
    PROMPT_DUE = LEARNING_RECOMMENDER_FACT__FACT__BODY_PROMPT_DUE,
    PROMPT_ANSWERED = LEARNING_RECOMMENDER_FACT__FACT__BODY_PROMPT_ANSWERED,
    TEMPLATE_DEFINED = LEARNING_RECOMMENDER_FACT__FACT__BODY_TEMPLATE_DEFINED,
    TEMPLATE_SKIPPED = LEARNING_RECOMMENDER_FACT__FACT__BODY_TEMPLATE_SKIPPED,
    FOR_NOBODY = LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_NOBODY,
    FOR_EVERYBODY = LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_EVERYBODY,
    FOR_UNIT = LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_UNIT,
    FOR_MANAGERS = LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_MANAGERS,
    FOR_ROLE = LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_ROLE,
    FOR_HIGH_POTENTIALS = LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_HIGH_POTENTIALS,
    DEFERRED = LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DEFERRED,
    STATE_ACCEPTED = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_ACCEPTED,
    STATE_DEFERRED = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_DEFERRED,
    STATE_WAIVED = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_WAIVED,
    END_CANCELLED = LEARNING_RECOMMENDER__PLAN_END__PLAN_END_CANCELLED,
    DRAFT = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_DRAFT,
    WAITING = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_WAITING_FOR_REVIEW,
    IN_REVIEW = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_IN_REVIEW,
    ACTIVE = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_ACTIVE,
    COMPLETE = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_COMPLETE,
    CANCELLED = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_CANCELLED,
    UNTIL_DAYS = 60,
    SUPERSEDED = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_SUPERSEDED
};

/** A submission of this type (a case of the oneof); *body gets its empty body. */
LearningRecommender__Submission *submission_of(spec *s, unsigned type, void *body);

/** All of it off; a test turns on what it is about. */
LearningRecommender__Submission *set_plan_policy(spec *s);
LearningRecommender__Submission *move_plan(spec *s, const char *actor, const char *plan_id, int to);

LearningRecommender__Submission *accept_item(spec *s, const char *actor, const char *person_id,
                                             const char *item_id);
LearningRecommender__Submission *add_item(spec *s, const char *actor, const char *person_id,
                                          const char *item_id);
LearningRecommender__Submission *swap_item(spec *s, const char *actor, const char *person_id,
                                           const char *item_id, const char *instead_of_id);
LearningRecommender__Submission *answer_prompt(spec *s, const char *person_id, const char *item_id,
                                               uint32_t number);
/** Items by id, space between them; a leading '?' makes one optional, ":30" behind gives it a date.
 */
LearningRecommender__Submission *define_template(spec *s, const char *template_id,
                                                 const char *items);
LearningRecommender__Submission *assign_template(spec *s, const char *actor,
                                                 const char *template_id, int audience);
LearningRecommender__Submission *unlink_plan(spec *s, const char *actor, const char *plan_id);
/** Coding at 3 by day UNTIL_DAYS for everybody, said by hanna. */
LearningRecommender__Submission *declare(spec *s, const char *initiative_id);
/** And one more competency at 3; there is room for one. */
void also_asks(spec *s, LearningRecommender__Submission *sub, const char *competency_id);
/** Evidence beside ratings, as competency records it. */
void given_evidence(spec *s, const char *evidence_id, const char *person_id,
                    const char *competency_id);

/** Where ann's plan stands now. */
int state_of(spec *s, const char *plan_id);

#endif
