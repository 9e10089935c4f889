/* decide_potential.c: high potentials: the rule, and the answers of named people. Only people
 * decide about people: what is suggested does nothing until an HR partner has confirmed it. */
#include <string.h>

#include "common/people.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "services/competency/service.h"
#include "services/competency/state_potential.h"

px_verdict decide_define_high_potential_rule(const px_view *state, const px_submission *sub,
                                             px_facts *out)
{
    const Competency__DefineHighPotentialRule *cmd = sub->body;

    if (cmd->of_cycles < cmd->top_cell_in)
        return px_reject(PX_REASON_FIELD_INVALID, "of_cycles");

    CompetencyFact__HighPotentialRuleDefined *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_RULE_DEFINED);
    fact->version = competency_state_get_potential_rule(state, sub->tenant).version + 1;
    fact->top_cell_in = cmd->top_cell_in;
    fact->of_cycles = cmd->of_cycles;
    fact->leadership_competencies = cmd->leadership_competencies;
    fact->reason = cmd->reason;
    fact->by_id = (char *)sub->actor; /* borrowed; protobuf-c knows no const */
    return px_accept();
}

/* Who may not answer does not learn whether there is anything to answer. */
static px_verdict check_answer(const px_view *state, const px_submission *sub,
                               const char *person_id, bool takes_back)
{
    potential_record record;

    if (!px_people_is_active(state, sub->tenant, sub->actor))
        return px_reject(PX_REASON_ACTOR_UNKNOWN, "actor");
    if (!px_people_is_hr_partner(state, sub->tenant, sub->actor) ||
        strcmp(sub->actor, person_id) == 0)
        return px_reject(PX_REASON_NOT_ALLOWED, "actor");
    if (!px_people_is_known(state, sub->tenant, person_id))
        return px_reject(PX_REASON_PERSON_UNKNOWN, "person_id");
    competency_state_get_potential(state, sub->tenant, person_id, &record);
    if (record.status != POTENTIAL_SUGGESTED &&
        !(takes_back && record.status == POTENTIAL_CONFIRMED))
        return px_reject(PX_REASON_NOT_SUGGESTED, "person_id");
    return px_accept();
}

px_verdict decide_confirm_high_potential(const px_view *state, const px_submission *sub,
                                         px_facts *out)
{
    const Competency__ConfirmHighPotential *cmd = sub->body;
    px_verdict verdict = check_answer(state, sub, cmd->person_id, false);

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    CompetencyFact__HighPotentialConfirmed *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_CONFIRMED);
    fact->person_id = cmd->person_id;
    fact->by_id = (char *)sub->actor;
    return px_accept();
}

/* Also of who was confirmed before: the confirmation is taken back. */
px_verdict decide_decline_high_potential(const px_view *state, const px_submission *sub,
                                         px_facts *out)
{
    const Competency__DeclineHighPotential *cmd = sub->body;
    px_verdict verdict = check_answer(state, sub, cmd->person_id, true);

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    CompetencyFact__HighPotentialDeclined *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_DECLINED);
    fact->person_id = cmd->person_id;
    fact->by_id = (char *)sub->actor;
    return px_accept();
}
