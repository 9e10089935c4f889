/* publish.c: own facts -> public events: the only door to the outside. What must wait for company
 * was held back before it became a fact (said.h); here small groups of raters lose their counts,
 * what learning did waits as the level does, and nothing is said of a person erased meanwhile.
 */
#include "common/people.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "services/competency/figures_event.h"
#include "services/competency/figures_fact.h"
#include "services/competency/service.h"
#include "services/competency/state.h"

static bool is_gone(const px_view *state, const px_fact *fact, const char *person_id)
{
    return !px_people_is_known(state, fact->tenant, person_id);
}

/* ---- competencies and roles ---- */

void publish_competency_defined(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__CompetencyDefined *f = fact->body;
    Competency__CompetencyDefined event = COMPETENCY__COMPETENCY_DEFINED__INIT;
    char **names = px_arena_alloc(px_out_arena(out), f->n_levels * sizeof *names);

    (void)state;
    event.competency_id = f->competency_id;
    event.title = f->title;
    event.family = (Competency__CompetencyFamily)f->family;
    if (f->proficient_from > 0 && f->proficient_from <= f->n_levels)
        event.proficient_from = f->levels[f->proficient_from - 1]->name;
    if (f->default_level > 0 && f->default_level <= f->n_levels)
        event.default_level = f->levels[f->default_level - 1]->name;
    event.valid_days = f->valid_days;
    event.framework_id = f->framework_id;
    event.parent_id = f->parent_id;
    event.framework_version = f->framework_version;
    for (size_t i = 0; names && i < f->n_levels; i++)
        names[i] = f->levels[i]->name;
    event.level_names = names;
    event.n_level_names = names ? f->n_levels : 0;
    px_out_event(out, "CompetencyDefined", f->competency_id, &event.base);
}

void publish_role_defined(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__RoleDefined *f = fact->body;
    Competency__RoleDefined event = COMPETENCY__ROLE_DEFINED__INIT;

    (void)state;
    event.role_id = f->role_id;
    event.title = f->title;
    event.role_family = f->role_family;
    event.holders = (Competency__RoleHolders)f->holders;
    event.unit_id = f->unit_id;
    px_out_event(out, "RoleDefined", f->role_id, &event.base);
}

void publish_role_target_set(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__RoleTargetSet *f = fact->body;
    Competency__RoleTargetSet event = COMPETENCY__ROLE_TARGET_SET__INIT;

    (void)state;
    event.role_id = f->role_id;
    event.competency_id = f->competency_id;
    event.level_name = f->level_name;
    event.target = f->target;
    event.weight = f->weight;
    px_out_event(out, "RoleTargetSet", f->role_id, &event.base);
}

void publish_role_assigned(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__RoleAssigned *f = fact->body;
    Competency__RoleAssigned event = COMPETENCY__ROLE_ASSIGNED__INIT;

    if (is_gone(state, fact, f->person_id))
        return;
    event.person_id = f->person_id;
    event.role_id = f->role_id;
    event.slot = (Competency__RoleSlot)f->slot;
    event.gained_competency_ids = f->gained_competency_ids;
    event.n_gained_competency_ids = f->n_gained_competency_ids;
    event.lost_competency_ids = f->lost_competency_ids;
    event.n_lost_competency_ids = f->n_lost_competency_ids;
    px_out_event(out, "RoleAssigned", f->person_id, &event.base);
}

void publish_assessment_recorded(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__AssessmentRecorded *f = fact->body;
    Competency__AssessmentRecorded event = COMPETENCY__ASSESSMENT_RECORDED__INIT;

    if (is_gone(state, fact, f->person_id))
        return;
    event.assessment_id = f->assessment_id;
    event.person_id = f->person_id;
    event.competency_id = f->competency_id;
    event.score = f->score;
    px_out_event(out, "AssessmentRecorded", f->person_id, &event.base);
}

/* ---- levels and gaps ---- */

/* How many of the competency's own levels lie between the estimate and the target. */
static double steps_below(const px_view *state, const px_fact *fact, const char *competency_id,
                          const figures *now, double target)
{
    competency_record c;

    if (!now->known || now->mu >= target ||
        !competency_state_get(state, fact->tenant, competency_id, &c) || c.level_count < 2)
        return 0.0;
    return (target - now->mu) * ((double)c.level_count - 1.0) / 4.0;
}

void publish_level_changed(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__LevelChanged *f = fact->body;
    Competency__LevelChanged event = COMPETENCY__LEVEL_CHANGED__INIT;
    figures now = figures_from_fact(f->estimate);

    if (is_gone(state, fact, f->person_id))
        return;
    event.person_id = f->person_id;
    event.competency_id = f->competency_id;
    event.estimate = figures_to_event(&now, px_out_arena(out));
    event.previous_level = f->previous_mu;
    event.reason = (Competency__ChangeReason)f->reason;
    event.assessed = now.assessed;
    px_out_event(out, "LevelChanged", f->person_id, &event.base);
}

void publish_gap_opened(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__GapOpened *f = fact->body;
    Competency__GapOpened event = COMPETENCY__GAP_OPENED__INIT;
    figures now = figures_from_fact(f->estimate);

    if (is_gone(state, fact, f->person_id))
        return;
    event.person_id = f->person_id;
    event.competency_id = f->competency_id;
    event.role_id = f->role_id;
    event.target = f->target;
    event.estimate = figures_to_event(&now, px_out_arena(out));
    event.probability = f->probability;
    event.shortfall = f->shortfall;
    event.weight = f->weight;
    event.from_history = f->from_history;
    event.purpose = f->purpose > 1 ? COMPETENCY__GAP_PURPOSE__GAP_PURPOSE_CAREER
                                   : COMPETENCY__GAP_PURPOSE__GAP_PURPOSE_PRESENT;
    event.steps = steps_below(state, fact, f->competency_id, &now, f->target);
    event.evidence_ids = f->evidence_ids; /* f->protected_ids stay inside */
    event.n_evidence_ids = f->n_evidence_ids;
    px_out_event(out, "GapOpened", f->person_id, &event.base);
}

void publish_gap_changed(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__GapChanged *f = fact->body;
    Competency__GapChanged event = COMPETENCY__GAP_CHANGED__INIT;
    figures now = figures_from_fact(f->estimate);

    if (is_gone(state, fact, f->person_id))
        return;
    event.person_id = f->person_id;
    event.competency_id = f->competency_id;
    event.role_id = f->role_id;
    event.target = f->target;
    event.estimate = figures_to_event(&now, px_out_arena(out));
    event.probability = f->probability;
    event.shortfall = f->shortfall;
    event.weight = f->weight;
    event.from_history = f->from_history;
    event.purpose = f->purpose > 1 ? COMPETENCY__GAP_PURPOSE__GAP_PURPOSE_CAREER
                                   : COMPETENCY__GAP_PURPOSE__GAP_PURPOSE_PRESENT;
    event.steps = steps_below(state, fact, f->competency_id, &now, f->target);
    event.evidence_ids = f->evidence_ids; /* f->protected_ids stay inside */
    event.n_evidence_ids = f->n_evidence_ids;
    px_out_event(out, "GapChanged", f->person_id, &event.base);
}

void publish_gap_closed(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__GapClosed *f = fact->body;
    Competency__GapClosed event = COMPETENCY__GAP_CLOSED__INIT;
    figures now = figures_from_fact(f->estimate);

    if (is_gone(state, fact, f->person_id))
        return;
    event.person_id = f->person_id;
    event.competency_id = f->competency_id;
    event.role_id = f->role_id;
    event.target = f->target;
    event.estimate = figures_to_event(&now, px_out_arena(out));
    event.probability = f->probability;
    event.reason = (Competency__ChangeReason)f->reason;
    event.purpose = f->purpose > 1 ? COMPETENCY__GAP_PURPOSE__GAP_PURPOSE_CAREER
                                   : COMPETENCY__GAP_PURPOSE__GAP_PURPOSE_PRESENT;
    event.steps = steps_below(state, fact, f->competency_id, &now, f->target);
    event.evidence_ids = f->evidence_ids; /* f->protected_ids stay inside */
    event.n_evidence_ids = f->n_evidence_ids;
    px_out_event(out, "GapClosed", f->person_id, &event.base);
}

/* ---- learning ---- */

/* What the ratings since then say would give away a rating that still waits for company. */
static bool is_waiting(const px_view *state, const px_fact *fact)
{
    const CompetencyFact__EffectObserved *f = fact->body;
    level_key key = { fact->tenant, f->person_id, f->competency_id };
    said_record said;

    return competency_state_get_said(state, &key, &said) && said_waits(&said);
}

void publish_effect_observed(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__EffectObserved *f = fact->body;
    Competency__EffectObserved event = COMPETENCY__EFFECT_OBSERVED__INIT;
    char **item_ids = px_arena_alloc(px_out_arena(out), f->n_items * sizeof *item_ids);
    double exposure = 0.0;

    for (size_t i = 0; item_ids && i < f->n_items; i++) {
        item_ids[i] = f->items[i]->item_id;
        exposure += f->items[i]->exposure;
    }
    if (f->observed_variance == 0.0 || exposure == 0.0 || is_gone(state, fact, f->person_id) ||
        is_waiting(state, fact))
        return;
    event.person_id = f->person_id;
    event.competency_id = f->competency_id;
    event.item_ids = item_ids;
    event.n_item_ids = f->n_items;
    event.effect = f->observed / exposure;
    event.variance = f->observed_variance / (exposure * exposure);
    px_out_event(out, "EffectObserved", f->person_id, &event.base);
}

/* ---- high potentials: the rule, which everybody may know; never who ---- */

void publish_high_potential_rule_defined(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__HighPotentialRuleDefined *f = fact->body;
    Competency__HighPotentialRuleDefined event = COMPETENCY__HIGH_POTENTIAL_RULE_DEFINED__INIT;

    (void)state;
    event.version = f->version;
    event.top_cell_in = f->top_cell_in;
    event.of_cycles = f->of_cycles;
    event.leadership_competencies = f->leadership_competencies;
    event.reason = f->reason;
    event.by_id = f->by_id;
    px_out_event(out, "HighPotentialRuleDefined", "high-potential-rule", &event.base);
}
