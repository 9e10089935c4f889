/* reconcile_template.c: what should hold of templates: one plan for everybody in the audience,
 * which reads as the template and the person have it, and who gets none is named. */
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "services/learning-recommender/plan_say.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/template.h"

/* A person, and the number of their next plan. */
typedef struct {
    const px_view *state;
    const char *tenant;
    char person_id[PX_ID_SIZE];
    uint32_t next_number, next_confidential;
    int64_t now_us;
    px_facts *out;
} member;

/* ---- who has none ---- */

static void skip(const member *m, const char *template_id, const template_record *of,
                 const template_plan *row, LearningRecommender__SkipReason reason)
{
    if (row->skipped == reason)
        return;
    LearningRecommenderFact__TemplateSkipped *fact =
        px_facts_add(m->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_TEMPLATE_SKIPPED);
    fact->template_id = px_arena_strdup(px_facts_arena(m->out), template_id);
    fact->person_id = px_arena_strdup(px_facts_arena(m->out), m->person_id);
    fact->reason = (uint32_t)reason;
    fact->confidential = template_is_confidential(of);
}

/* A system or an HR partner reaches everybody, a manager their reports. */
static bool may_assign(const member *m, const char *actor_id)
{
    return !px_people_is_known(m->state, m->tenant, actor_id) ||
           px_people_may_view(m->state, m->tenant, actor_id, m->person_id);
}

static void propose(member *m, const char *template_id, const template_record *of,
                    const template_plan *row)
{
    uint32_t *next = template_is_confidential(of) ? &m->next_confidential : &m->next_number;
    template_case c = { .state = m->state,
                        .tenant = m->tenant,
                        .person_id = m->person_id,
                        .of = of,
                        .template_id = template_id,
                        .number = *next,
                        .now_us = m->now_us };
    plan_subject subject = { m->state, m->tenant, m->person_id, *next, m->out };
    plan_record plan;

    if (!may_assign(m, of->assigned_by)) {
        skip(m, template_id, of, row, LEARNING_RECOMMENDER__SKIP_REASON__SKIP_REASON_NOT_MANAGED);
        return;
    }
    template_make(&c, &plan);
    if (plan.item_count == 0) {
        skip(m, template_id, of, row, LEARNING_RECOMMENDER__SKIP_REASON__SKIP_REASON_NOTHING_LEFT);
        return;
    }
    plan_say_proposed(&subject, &plan);
    plan_say_deferred(&subject, &plan, m->now_us);
    ++*next;
}

/* ---- who has one ---- */

static void end_empty(const template_case *c, const plan_subject *subject)
{
    bool was_ended = c->of && c->of->initiative.ended;
    LearningRecommender__PlanEnd reason = LEARNING_RECOMMENDER__PLAN_END__PLAN_END_NOTHING_LEFT;

    if (was_ended)
        reason = LEARNING_RECOMMENDER__PLAN_END__PLAN_END_CANCELLED;
    else if (template_is_over(c))
        reason = LEARNING_RECOMMENDER__PLAN_END__PLAN_END_WITHDRAWN;
    plan_say_ended(subject, c->before, reason, was_ended ? c->of->assigned_by : "");
}

/* A plan that was taken back is none: who is confirmed anew gets one. */
static bool has_plan(const member *m, const template_plan *row)
{
    plan_record plan;

    return row->number &&
           !(row->number >= PLAN_CONFIDENTIAL_FROM &&
             learning_state_get_plan(m->state, m->tenant, m->person_id, row->number, &plan) &&
             plan.ended == LEARNING_RECOMMENDER__PLAN_END__PLAN_END_WITHDRAWN);
}

static void look_at(const member *m, const char *template_id, const template_record *of,
                    const template_plan *row)
{
    plan_subject subject = { m->state, m->tenant, m->person_id, row->number, m->out };
    template_case c = { .state = m->state,
                        .tenant = m->tenant,
                        .person_id = m->person_id,
                        .of = row->linked ? of : NULL,
                        .template_id = template_id,
                        .number = row->number,
                        .now_us = m->now_us };
    plan_record before, now;

    if (!learning_state_get_plan(m->state, m->tenant, m->person_id, row->number, &before) ||
        before.ended)
        return;
    if (!px_people_is_active(m->state, m->tenant, m->person_id)) {
        plan_say_ended(&subject, &before, LEARNING_RECOMMENDER__PLAN_END__PLAN_END_PERSON_GONE, "");
        return;
    }
    c.before = &before;
    template_make(&c, &now);
    if (now.item_count == 0) {
        end_empty(&c, &subject);
        return;
    }
    if (!template_is_same(&before, &now))
        plan_say_revised(&subject, &before, &now);
    plan_say_deferred(&subject, &now, m->now_us);
    if (learning_plan_done(&now) && !before.kept_open)
        plan_say_ended(&subject, &now, LEARNING_RECOMMENDER__PLAN_END__PLAN_END_COMPLETED, "");
}

/* An initiative does so until it ends. */
static bool hands_out(const template_record *of, int64_t now_us)
{
    return !of->initiative.count || (!of->initiative.ended && now_us < of->initiative.until_us);
}

void reconcile_templates(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    member m = { .state = state, .tenant = key->tenant, .now_us = now_us, .out = out };
    char template_id[PX_ID_SIZE] = "";
    template_record of;

    learning_read_id(m.person_id, key->rest);
    if (!px_people_is_known(state, m.tenant, m.person_id))
        return;
    learner_record learner = learning_state_get_learner(state, m.tenant, m.person_id);
    m.next_number = learner.plan_count + 1;
    m.next_confidential = PLAN_CONFIDENTIAL_FROM + learner.confidential_count;
    while (learning_state_next_template(state, m.tenant, template_id)) {
        template_plan row =
            learning_state_get_template_plan(state, m.tenant, m.person_id, template_id);

        if (!learning_state_get_template(state, m.tenant, template_id, &of))
            continue;
        if (has_plan(&m, &row))
            look_at(&m, template_id, &of, &row);
        else if (hands_out(&of, now_us) && template_is_for(state, m.tenant, m.person_id, &of))
            propose(&m, template_id, &of, &row);
    }
}
