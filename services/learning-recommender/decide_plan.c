/* decide_plan.c: how plans begin, and who moves one from where to where. */
#include <string.h>

#include "services/learning-recommender/plan.h"
#include "services/learning-recommender/plan_fact.h"
#include "services/learning-recommender/plan_say.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_policy.h"
#include "services/learning-recommender/state_template.h"

static const int64_t DAY_US = INT64_C(86400) * 1000000;

/* ---- SetPlanPolicy ---- */

enum { PERIOD_DAYS = 90 /* where the policy says nothing else */ };

px_verdict decide_set_plan_policy(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__SetPlanPolicy *cmd = sub->body;
    LearningRecommenderFact__PlanPolicySet *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_POLICY_SET);

    fact->version = learning_state_get_policy(state, sub->tenant).version + 1;
    fact->review_needed = cmd->review_needed;
    fact->consent = (uint32_t)cmd->consent;
    fact->minutes_per_period = cmd->minutes_per_period;
    fact->cost_per_period = cmd->cost_per_period;
    fact->period_days = cmd->period_days ? cmd->period_days : PERIOD_DAYS;
    return px_accept();
}

/* ---- MovePlan ---- */

/* Who may make a move. The reviewer is the manager or an HR partner, and never the person. */
typedef enum { BY_OWNER = 1, BY_REVIEWER = 2, BY_REQUESTER = 4 } mover;

enum {
    DRAFT = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_DRAFT,
    WAITING = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_WAITING_FOR_REVIEW,
    IN_REVIEW = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_IN_REVIEW,
    ACTIVE = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_ACTIVE,
    COMPLETE = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_COMPLETE,
    CANCELLED = LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_CANCELLED
};

static const struct {
    int from, to, by;
} moves[] = {
    { DRAFT, WAITING, BY_OWNER | BY_REVIEWER }, /* please look at it */
    { WAITING, DRAFT, BY_REQUESTER },           /* not yet */
    { WAITING, IN_REVIEW, BY_REVIEWER },        /* I am looking */
    { IN_REVIEW, DRAFT, BY_REVIEWER },          /* it needs work */
    { DRAFT, ACTIVE, BY_REVIEWER },             /* approved */
    { WAITING, ACTIVE, BY_REVIEWER },           /* approved */
    { IN_REVIEW, ACTIVE, BY_REVIEWER },         /* approved */
    { ACTIVE, DRAFT, BY_REVIEWER },             /* the approval is taken back */
    { ACTIVE, COMPLETE, BY_REVIEWER },          /* that will do */
    { COMPLETE, ACTIVE, BY_REVIEWER },          /* opened again */
    { DRAFT, CANCELLED, BY_REVIEWER },
    { WAITING, CANCELLED, BY_REVIEWER },
    { IN_REVIEW, CANCELLED, BY_REVIEWER },
    { ACTIVE, CANCELLED, BY_REVIEWER },
};

/* Who may make the move; 0 when there is none. */
static int movers(int from, int to)
{
    for (size_t i = 0; i < PX_COUNT(moves); i++)
        if (moves[i].from == from && moves[i].to == to)
            return moves[i].by;
    return 0;
}

static bool may_move(const px_view *state, const px_submission *sub, const char *person_id,
                     const plan_record *plan, int by)
{
    bool is_owner = strcmp(sub->actor, person_id) == 0;
    bool is_reviewer = !is_owner && px_people_may_view(state, sub->tenant, sub->actor, person_id);
    /* What the rule sent to review the person may take back. */
    bool is_requester = plan->requester_id[0] ? strcmp(sub->actor, plan->requester_id) == 0
                                              : is_owner || is_reviewer;

    return ((by & BY_OWNER) && is_owner) || ((by & BY_REVIEWER) && is_reviewer) ||
           ((by & BY_REQUESTER) && is_requester);
}

static void say_moved(const plan_subject *s, const plan_record *plan, int to, const char *actor)
{
    px_arena *arena = px_facts_arena(s->out);
    char plan_id[PX_ID_SIZE];
    LearningRecommenderFact__PlanMoved *fact =
        px_facts_add(s->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_MOVED);

    learning_plan_id(plan_id, s->person_id, s->number);
    fact->plan_id = px_arena_strdup(arena, plan_id);
    fact->person_id = px_arena_strdup(arena, s->person_id);
    fact->from = plan->state;
    fact->to = (uint32_t)to;
    fact->of_template = plan->template_id[0] != '\0';
    fact->actor_id = px_arena_strdup(arena, actor);
}

/* The weeks of a plan are counted from its approval. */
static void say_new_dates(const plan_subject *s, const plan_record *plan, int64_t now_us)
{
    plan_record dated = *plan;

    if (plan->state == COMPLETE || now_us - plan->revised_at_us < DAY_US)
        return;
    plan_date_anew(&dated, now_us);
    dated.revision++;
    plan_say_revised(s, plan, &dated);
}

static void make_move(const plan_subject *s, const plan_record *plan, int to,
                      const px_submission *sub)
{
    if (to == COMPLETE) {
        plan_say_ended(s, plan, LEARNING_RECOMMENDER__PLAN_END__PLAN_END_COMPLETED, sub->actor);
    } else if (to == CANCELLED) {
        plan_say_ended(s, plan, LEARNING_RECOMMENDER__PLAN_END__PLAN_END_CANCELLED, sub->actor);
    } else {
        say_moved(s, plan, to, sub->actor);
        if (to == ACTIVE)
            say_new_dates(s, plan, sub->now_us);
    }
}

px_verdict decide_move_plan(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__MovePlan *cmd = sub->body;
    uint32_t number = learning_plan_number(cmd->plan_id, cmd->person_id);
    plan_subject subject = { state, sub->tenant, cmd->person_id, number, out };
    plan_record plan;

    if (!px_people_is_known(state, sub->tenant, cmd->person_id))
        return px_reject(PX_REASON_PERSON_UNKNOWN, "person_id");
    if (!px_people_is_active(state, sub->tenant, cmd->person_id))
        return px_reject(PX_REASON_PERSON_INACTIVE, "person_id");
    if (!number || !learning_state_get_plan(state, sub->tenant, cmd->person_id, number, &plan))
        return px_reject(PX_REASON_PLAN_UNKNOWN, "plan_id");
    int by = movers(plan.state, (int)cmd->to);
    bool is_linked =
        learning_state_get_template_plan(state, sub->tenant, cmd->person_id, plan.template_id)
            .linked;
    if (!by || (is_linked && (int)cmd->to == DRAFT)) /* a linked plan is not reviewed */
        return px_reject(PX_REASON_ILLEGAL_TRANSITION, "to");
    if (!may_move(state, sub, cmd->person_id, &plan, by))
        return px_reject(PX_REASON_NOT_ALLOWED, "actor");
    if (plan.state == COMPLETE && !plan.template_id[0] &&
        learning_state_get_learner(state, sub->tenant, cmd->person_id).open_plan)
        return px_reject(PX_REASON_PLAN_OPEN, "plan_id");
    make_move(&subject, &plan, (int)cmd->to, sub);
    return px_accept();
}
