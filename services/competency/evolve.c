/* evolve.c: own facts -> state. A person may have been erased between a decision and its batch:
 * then nothing about them may come back.
 */
#include <string.h>

#include "common/people.h"
#include "common/record.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "services/competency/figures_fact.h"
#include "services/competency/follow_up.h"
#include "services/competency/hear.h"
#include "services/competency/hear_evidence.h"
#include "services/competency/service.h"
#include "services/competency/state_framework.h"
#include "services/competency/state_need.h"
#include "services/competency/state_potential.h"

/* ---- competencies and roles ---- */

static void keep_words(px_txn *state, const char *tenant,
                       const CompetencyFact__CompetencyDefined *f)
{
    competency_words words;

    memset(&words, 0, sizeof words);
    px_record_set_text(words.description, sizeof words.description, f->description);
    words.level_count = (uint8_t)f->n_levels;
    for (size_t i = 0; i < f->n_levels; i++)
        px_record_set_text(words.level_texts[i], LEVEL_TEXT_SIZE, f->levels[i]->text);
    competency_state_put_words(state, tenant, f->competency_id, &words);
}

void evolve_competency_defined(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__CompetencyDefined *f = fact->body;
    competency_record competency = { .family = (uint8_t)f->family,
                                     .proficient_from = (uint8_t)f->proficient_from,
                                     .default_level = (uint8_t)f->default_level,
                                     .valid_days = f->valid_days,
                                     .level_count = (uint8_t)f->n_levels };

    PX_ASSERT(f->n_levels <= LEVELS_MAX);
    px_record_set_text(competency.title, sizeof competency.title, f->title);
    for (size_t i = 0; i < f->n_levels; i++)
        px_record_set_text(competency.level_names[i], LEVEL_NAME_SIZE, f->levels[i]->name);
    if (competency.proficient_from == 0) /* from before it was said */
        competency.proficient_from = (uint8_t)(f->n_levels / 2 + 1);
    if (competency.default_level == 0)
        competency.default_level = competency.proficient_from;
    px_record_set_text(competency.framework_id, PX_ID_SIZE, f->framework_id);
    px_record_set_text(competency.framework_version, VERSION_SIZE, f->framework_version);
    px_record_set_text(competency.parent_id, PX_ID_SIZE, f->parent_id);
    competency_state_put(state, fact->tenant, f->competency_id, &competency);
    keep_words(state, fact->tenant, f);
    hear_competency_redefined(state, fact->tenant, f->competency_id);
    competency_mark_potentials(state, fact->tenant); /* it may be a leadership one from now on */
}

void evolve_role_defined(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__RoleDefined *f = fact->body;
    role_record role = { .holders = (uint8_t)f->holders };

    px_record_set_text(role.title, sizeof role.title, f->title);
    px_record_set_text(role.family, sizeof role.family, f->role_family);
    px_record_set_text(role.unit_id, sizeof role.unit_id, f->unit_id);
    competency_state_put_role(state, fact->tenant, f->role_id, &role);
    px_roles_project_defined(state, fact, hear_roles_moved);
}

/* One pass over everybody with the role, in one fold: 10,000 marks where 10,000 people have it. */
void evolve_role_target_set(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__RoleTargetSet *f = fact->body;
    char person_id[PX_ID_SIZE] = "";
    target_words words = { 0 };

    px_record_set_text(words.level_name, sizeof words.level_name, f->level_name);
    px_record_set_text(words.indicator, sizeof words.indicator, f->indicator);
    if (f->target == 0.0)
        competency_state_del_target(state, fact->tenant, f->role_id, f->competency_id);
    else
        competency_state_put_target(state, fact->tenant, f->role_id, f->competency_id, &words);
    px_roles_project_target(state, fact);
    while (px_roles_next_holder(state, fact->tenant, f->role_id, person_id)) {
        level_key key = { fact->tenant, person_id, f->competency_id };

        hear_requirement(state, &key);
    }
}

void evolve_role_assigned(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__RoleAssigned *f = fact->body;

    px_roles_project_assigned(state, fact, hear_roles_moved);
    if (f->slot == PX_ROLE_ASPIRATION)
        hear_roles_moved(state, fact->tenant, f->person_id, NULL, NULL);
}

/* ---- evidence ---- */

void evolve_assessment_recorded(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__AssessmentRecorded *f = fact->body;
    level_key key = { fact->tenant, f->person_id, f->competency_id };
    evidence e = { .kind = EVIDENCE_ASSESSMENT,
                   .at_us = f->occurred_at_us,
                   .value = f->score,
                   .history = fact->history };

    competency_state_put_assessment(state, fact->tenant, f->assessment_id);
    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    px_record_set_text(e.ref, sizeof e.ref, f->assessment_id);
    hear_evidence(state, &key, &e);
}

/* ---- what was said ---- */

/* False when there is nothing to note it in: the person was erased meanwhile. */
static bool get_said(const px_view *state, const level_key *key, said_record *said)
{
    return px_people_is_known(state, key->tenant, key->person_id) &&
           competency_state_get_said(state, key, said);
}

void evolve_level_changed(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__LevelChanged *f = fact->body;
    level_key key = { fact->tenant, f->person_id, f->competency_id };
    said_record said;

    if (!get_said(state, &key, &said))
        return;
    said.told = f->heard;
    said.level = figures_from_fact(f->estimate);
    said.carried = (figures){ 0 };
    competency_state_put_said(state, &key, &said);
    competency_mark_potential(state, fact->tenant, f->person_id);
}

/* Facts from before there were purposes say 0. */
static gap_purpose purpose_of(uint32_t purpose)
{
    return purpose > 1 ? FOR_CAREER : FOR_PRESENT;
}

static void note_gap(px_txn *state, const level_key *key, uint32_t purpose, const said_gap *gap)
{
    said_record said;

    if (!get_said(state, key, &said))
        return;
    said.gaps[purpose_of(purpose)] = *gap;
    competency_state_put_said(state, key, &said);
    need_refresh(state, key);
}

void evolve_gap_opened(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__GapOpened *f = fact->body;
    level_key key = { fact->tenant, f->person_id, f->competency_id };
    said_gap gap = { .open = true,
                     .from_history = f->from_history,
                     .mu = figures_from_fact(f->estimate).mu,
                     .asked = { .target = f->target, .weight = f->weight } };

    px_record_set_text(gap.asked.role_id, sizeof gap.asked.role_id, f->role_id);
    note_gap(state, &key, f->purpose, &gap);
}

void evolve_gap_changed(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__GapChanged *f = fact->body;
    level_key key = { fact->tenant, f->person_id, f->competency_id };
    said_gap gap = { .open = true,
                     .from_history = f->from_history,
                     .mu = figures_from_fact(f->estimate).mu,
                     .asked = { .target = f->target, .weight = f->weight } };

    px_record_set_text(gap.asked.role_id, sizeof gap.asked.role_id, f->role_id);
    note_gap(state, &key, f->purpose, &gap);
}

void evolve_gap_closed(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__GapClosed *f = fact->body;
    level_key key = { fact->tenant, f->person_id, f->competency_id };
    static const said_gap closed;

    note_gap(state, &key, f->purpose, &closed);
}

/* ---- learning ---- */

/* Whether the fact is about these items: something else may be pending by now. */
static bool is_about(const CompetencyFact__EffectObserved *f, const px_pending *pending,
                     size_t count)
{
    uint8_t hash[PX_METHOD_ID];

    if (f->n_items != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        competency_state_hash(f->items[i]->item_id, hash);
        if (memcmp(hash, pending[i].item, sizeof hash) != 0)
            return false;
    }
    return true;
}

enum { NO_EFFECT_PERCENT = 10 }; /* of a level: what ratings move by themselves */

/* Learning was finished, and the ratings after it show nothing; without ratings nobody knows. */
static void note_no_effect(px_txn *state, const level_key *key,
                           const CompetencyFact__EffectObserved *f)
{
    idle_items idle = { 0 };

    if (f->observed_variance <= 0.0 || !px_people_is_known(state, key->tenant, key->person_id))
        return;
    if (f->observed * 100 < NO_EFFECT_PERCENT)
        for (size_t i = 0; i < f->n_items && idle.count < PX_PENDING_MAX; i++)
            px_record_set_text(idle.item_ids[idle.count++], PX_ID_SIZE, f->items[i]->item_id);
    competency_state_note_no_effect(state, key, &idle);
    need_refresh(state, key);
}

/* Either an earlier look is said now, or this is the look itself. */
void evolve_effect_observed(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__EffectObserved *f = fact->body;
    level_key key = { fact->tenant, f->person_id, f->competency_id };
    observed_record earlier;
    uint64_t number = 0;

    note_no_effect(state, &key, f);
    if (competency_state_next_observed(state, &key, &number, &earlier) &&
        is_about(f, earlier.pending, earlier.count)) {
        competency_state_del_observed(state, &key, number);
        return;
    }
    standing s = competency_state_get_standing(state, &key);
    if (s.level.pending_count > 0 && is_about(f, s.level.pending, s.level.pending_count))
        hear_follow_up(state, &key);
}
