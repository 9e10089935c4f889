/* decide_mentor.c: offers to be a mentor, and answers of those who were suggested. */
#include <string.h>

#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "services/learning-recommender/check.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_mentor.h"

/* ---- OfferMentoring ---- */

static px_verdict check_competencies(const px_view *state, const px_submission *sub,
                                     const LearningRecommender__OfferMentoring *cmd)
{
    for (size_t i = 0; i < cmd->n_competency_ids; i++) {
        if (!learning_state_has_competency(state, sub->tenant, cmd->competency_ids[i]))
            return px_reject(PX_REASON_COMPETENCY_UNKNOWN,
                             px_field_at(sub, "competency_ids", i, ""));
        for (size_t j = 0; j < i; j++)
            if (strcmp(cmd->competency_ids[i], cmd->competency_ids[j]) == 0)
                return px_reject(PX_REASON_COMPETENCY_TWICE,
                                 px_field_at(sub, "competency_ids", i, ""));
    }
    if (cmd->n_competency_ids > 0 && cmd->slots == 0)
        return px_reject(PX_REASON_FIELD_MISSING, "slots");
    return px_accept();
}

px_verdict decide_offer_mentoring(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__OfferMentoring *cmd = sub->body;

    if (!px_people_is_known(state, sub->tenant, sub->actor))
        return px_reject(PX_REASON_PERSON_UNKNOWN, "actor");
    if (!px_people_is_active(state, sub->tenant, sub->actor))
        return px_reject(PX_REASON_PERSON_INACTIVE, "actor");
    px_verdict verdict = check_competencies(state, sub, cmd);

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    LearningRecommenderFact__MentoringOffered *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTORING_OFFERED);
    fact->person_id = px_arena_strdup(sub->arena, sub->actor);
    fact->competency_ids = cmd->competency_ids;
    fact->n_competency_ids = cmd->n_competency_ids;
    fact->slots = cmd->slots;
    return px_accept();
}

/* ---- AnswerMentoring ---- */

/* The coaching comes into the open plan, where it stays, put in by the mentor. */
static px_verdict take_on(const px_view *state, const px_submission *sub, char *person_id,
                          const mentoring_record *mentoring, px_facts *out)
{
    char plan_id[PX_ID_SIZE];
    item_record item;
    px_verdict verdict = learning_check_item(state, sub, person_id, mentoring->item_id, &item);
    plan_record plan;
    uint32_t number;

    if (verdict.reason != PX_REASON_NONE)
        return px_reject(verdict.reason, "person_id");
    if (item.retired)
        return px_reject(PX_REASON_ITEM_RETIRED, "person_id");
    if (!learning_state_get_open_plan(state, sub->tenant, person_id, &number, &plan))
        return px_reject(PX_REASON_PLAN_NONE, "person_id");
    if (learning_plan_find(&plan, mentoring->item_id) >= 0)
        return px_accept(); /* it came there otherwise */
    if (plan.item_count == PLAN_ITEMS_MAX)
        return px_reject(PX_REASON_PLAN_FULL, "person_id");
    LearningRecommenderFact__ItemChosen *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_CHOSEN);
    learning_plan_id(plan_id, person_id, number);
    fact->person_id = person_id;
    fact->item_id = px_arena_strdup(sub->arena, mentoring->item_id);
    fact->plan_id = px_arena_strdup(sub->arena, plan_id);
    fact->actor_id = px_arena_strdup(sub->arena, sub->actor);
    fact->mentoring = true;
    return px_accept();
}

/* What the actor was suggested for; it may have got another id since. @return NULL: nothing */
static char *find_asked(const px_view *state, const px_submission *sub,
                        const LearningRecommender__AnswerMentoring *cmd,
                        mentoring_record *mentoring)
{
    px_successors now = px_replaced_resolve(state, sub->tenant, cmd->competency_id);

    for (size_t i = 0; i < now.count; i++) {
        const char *id = now.all[i].competency_id;

        *mentoring = learning_state_get_mentoring(state, sub->tenant, cmd->person_id, id);
        if (mentoring->state == MENTORING_SUGGESTED &&
            strcmp(mentoring->mentor_id, sub->actor) == 0)
            return px_arena_strdup(sub->arena, id);
    }
    return NULL;
}

px_verdict decide_answer_mentoring(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__AnswerMentoring *cmd = sub->body;
    mentoring_record mentoring;

    if (!px_people_is_known(state, sub->tenant, cmd->person_id))
        return px_reject(PX_REASON_PERSON_UNKNOWN, "person_id");
    char *competency_id = find_asked(state, sub, cmd, &mentoring);

    if (!competency_id)
        return px_reject(PX_REASON_MENTORING_UNKNOWN, "competency_id");
    px_verdict verdict =
        cmd->accepted ? take_on(state, sub, cmd->person_id, &mentoring, out) : px_accept();

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    LearningRecommenderFact__MentoringAnswered *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTORING_ANSWERED);
    fact->person_id = cmd->person_id;
    fact->mentor_id = px_arena_strdup(sub->arena, sub->actor);
    fact->competency_id = competency_id;
    fact->accepted = cmd->accepted;
    return px_accept();
}
