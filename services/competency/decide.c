/* decide.c: submission + state -> facts, or why not. */
#include <string.h>

#include "common/people.h"
#include "common/replaced.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "services/competency/framework.h"
#include "services/competency/service.h"
#include "services/competency/state.h"
#include "services/competency/state_framework.h"

static const char TAKE_AWAY[] = "-"; /* in place of the name of a level */

enum { ASKED_MAX = 1024 }; /* competencies that one assignment is said to gain or lose */

/* ---- competencies and roles ---- */

static bool is_named_before(const Competency__DefineCompetency *cmd, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(cmd->levels[j]->name, cmd->levels[i]->name) == 0)
            return true;
    return false;
}

static void copy_levels(const Competency__DefineCompetency *cmd,
                        CompetencyFact__CompetencyDefined *fact, px_arena *arena)
{
    fact->levels = px_arena_alloc(arena, cmd->n_levels * sizeof *fact->levels);
    for (size_t i = 0; fact->levels && i < cmd->n_levels; i++) {
        CompetencyFact__LevelDescription *level = px_arena_alloc(arena, sizeof *level);

        if (!level)
            return; /* the round sees that the arena is full */
        *level = (CompetencyFact__LevelDescription)COMPETENCY_FACT__LEVEL_DESCRIPTION__INIT;
        level->name = cmd->levels[i]->name;
        level->text = cmd->levels[i]->text;
        fact->levels[fact->n_levels++] = level;
    }
}

/* Place of the level with this name, from 1: `unsaid` for an empty one, 0 when there is none. */
static uint32_t place_in(const Competency__DefineCompetency *cmd, const char *name, size_t unsaid)
{
    if (!name[0])
        return (uint32_t)unsaid;
    for (uint32_t i = 0; i < cmd->n_levels; i++)
        if (strcmp(cmd->levels[i]->name, name) == 0)
            return i + 1;
    return 0;
}

px_verdict decide_define_competency(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__DefineCompetency *cmd = sub->body;
    competency_record before;

    if (px_replaced_has_ended(state, sub->tenant, cmd->competency_id))
        return px_reject(PX_REASON_COMPETENCY_REPLACED, "competency_id");
    for (size_t i = 0; i < cmd->n_levels; i++)
        if (is_named_before(cmd, i))
            return px_reject(PX_REASON_LEVEL_NAME_TWICE, px_field_at(sub, "levels", i, "name"));
    if (competency_state_get(state, sub->tenant, cmd->competency_id, &before) &&
        before.level_count != cmd->n_levels)
        return px_reject(PX_REASON_LEVELS_CHANGED, "levels");
    uint32_t proficient_from = place_in(cmd, cmd->proficient_from, cmd->n_levels / 2 + 1);
    if (proficient_from == 0)
        return px_reject(PX_REASON_BAD_SCALE_VALUE, "proficient_from");
    uint32_t default_level = place_in(cmd, cmd->default_level, proficient_from);
    if (default_level == 0)
        return px_reject(PX_REASON_BAD_SCALE_VALUE, "default_level");
    px_verdict verdict = competency_check_tree(state, sub);
    if (verdict.reason != PX_REASON_NONE)
        return verdict;

    CompetencyFact__CompetencyDefined said = COMPETENCY_FACT__COMPETENCY_DEFINED__INIT;
    framework_record framework;
    competency_state_get_framework(state, sub->tenant, cmd->framework_id, &framework);
    said.competency_id = cmd->competency_id;
    said.title = cmd->title;
    said.description = cmd->description;
    said.family = (uint32_t)cmd->family;
    said.proficient_from = proficient_from;
    said.default_level = default_level;
    said.valid_days = cmd->valid_days;
    said.framework_id = cmd->framework_id;
    said.framework_version = framework.version; /* for the comparison; it is on the stack */
    said.parent_id = cmd->parent_id;
    copy_levels(cmd, &said, px_facts_arena(out));
    if (competency_is_as_known(state, sub->tenant, &said))
        return px_accept(); /* an import repeated says nothing new */
    CompetencyFact__CompetencyDefined *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_COMPETENCY_DEFINED);
    *fact = said;
    fact->framework_version = px_arena_strdup(sub->arena, framework.version);
    return px_accept();
}

static bool is_same_role(const role_record *known, const Competency__DefineRole *cmd)
{
    return strcmp(known->title, cmd->title) == 0 && strcmp(known->family, cmd->role_family) == 0 &&
           known->holders == (uint8_t)cmd->holders && strcmp(known->unit_id, cmd->unit_id) == 0;
}

px_verdict decide_define_role(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__DefineRole *cmd = sub->body;
    bool of_unit = cmd->holders == COMPETENCY__ROLE_HOLDERS__ROLE_HOLDERS_UNIT;
    role_record known;

    if (of_unit && !px_roles_has_unit(state, sub->tenant, cmd->unit_id))
        return px_reject(PX_REASON_UNIT_UNKNOWN, "unit_id");
    if (!of_unit && cmd->unit_id[0])
        return px_reject(PX_REASON_FIELD_INVALID, "unit_id");
    if (competency_state_get_role(state, sub->tenant, cmd->role_id, &known) &&
        is_same_role(&known, cmd))
        return px_accept(); /* an import repeated says nothing new */

    CompetencyFact__RoleDefined *fact = px_facts_add(out, COMPETENCY_FACT__FACT__BODY_ROLE_DEFINED);
    fact->role_id = cmd->role_id;
    fact->title = cmd->title;
    fact->role_family = cmd->role_family;
    fact->holders = (uint32_t)cmd->holders;
    fact->unit_id = cmd->unit_id;
    return px_accept();
}

/* Place of a level on the scale 1..5; 0 when the competency has no level of that name. */
static double target_of(const competency_record *competency, const char *level_name)
{
    uint8_t place = competency_level_place(competency, level_name);

    return place ? px_scale_level(place, competency->level_count) : 0.0;
}

/* Said again it would have everybody with the role looked at again. */
static bool is_same_target(const px_view *state, const px_submission *sub, double target,
                           double weight)
{
    const Competency__SetRoleTarget *cmd = sub->body;
    px_requirement known = px_roles_target(state, sub->tenant, cmd->role_id, cmd->competency_id);
    target_words words;

    if (target == 0.0)
        return known.target == 0.0;
    competency_state_get_target(state, sub->tenant, cmd->role_id, cmd->competency_id, &words);
    return known.target == target && known.weight == weight &&
           strcmp(words.level_name, cmd->level_name) == 0 &&
           strcmp(words.indicator, cmd->indicator) == 0;
}

/* The name of the level comes last: whoever sends a whole framework learns which names do not fit.
 */
px_verdict decide_set_role_target(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__SetRoleTarget *cmd = sub->body;
    bool takes_away = strcmp(cmd->level_name, TAKE_AWAY) == 0;
    competency_record competency;
    role_record role;

    if (!competency_state_get_role(state, sub->tenant, cmd->role_id, &role))
        return px_reject(PX_REASON_ROLE_UNKNOWN, "role_id");
    px_reason out_of_use = competency_is_out_of_use(state, sub, cmd->competency_id);
    if (out_of_use != PX_REASON_NONE)
        return px_reject(out_of_use, "competency_id");
    competency_state_get(state, sub->tenant, cmd->competency_id, &competency);
    double target = takes_away ? 0.0 : target_of(&competency, cmd->level_name);
    double weight = cmd->weight == 0.0 ? 1.0 : cmd->weight;
    if (target == 0.0 && !takes_away)
        return px_reject(PX_REASON_BAD_SCALE_VALUE, "level_name");
    if (is_same_target(state, sub, target, weight))
        return px_accept();

    CompetencyFact__RoleTargetSet *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_ROLE_TARGET_SET);
    fact->role_id = cmd->role_id;
    fact->competency_id = cmd->competency_id;
    fact->level_name = cmd->level_name;
    fact->target = target;
    fact->weight = weight;
    fact->indicator = cmd->indicator;
    return px_accept();
}

/* ---- people ---- */

px_reason competency_is_away(const px_view *state, const px_submission *sub, const char *person_id)
{
    if (!px_people_is_known(state, sub->tenant, person_id))
        return PX_REASON_PERSON_UNKNOWN;
    if (!px_people_is_active(state, sub->tenant, person_id))
        return PX_REASON_PERSON_INACTIVE;
    return PX_REASON_NONE;
}

/* The competencies that the roles of `more` ask for and those of `less` do not, ascending. */
static size_t asked_beyond(const px_view *state, const px_submission *sub, const px_role_list *more,
                           const px_role_list *less, char ***ids)
{
    char in_more[PX_ID_SIZE] = "", in_less[PX_ID_SIZE] = "";
    bool less_left = px_roles_next_asked(state, sub->tenant, less, in_less);
    size_t count = 0;

    *ids = px_arena_alloc(sub->arena, ASKED_MAX * sizeof **ids);
    while (*ids && count < ASKED_MAX && px_roles_next_asked(state, sub->tenant, more, in_more)) {
        while (less_left && strcmp(in_less, in_more) < 0)
            less_left = px_roles_next_asked(state, sub->tenant, less, in_less);
        if (!less_left || strcmp(in_less, in_more) != 0)
            (*ids)[count++] = px_arena_strdup(sub->arena, in_more);
    }
    return count;
}

/* What the assignment swaps; an aspiration asks nothing of the person yet. */
static void state_difference(const px_view *state, const px_submission *sub,
                             CompetencyFact__RoleAssigned *fact)
{
    px_role_list before = px_roles_of(state, sub->tenant, fact->person_id);
    px_role_list after =
        px_roles_with(state, sub->tenant, fact->person_id, (px_role_slot)fact->slot, fact->role_id);

    fact->n_gained_competency_ids =
        asked_beyond(state, sub, &after, &before, &fact->gained_competency_ids);
    fact->n_lost_competency_ids =
        asked_beyond(state, sub, &before, &after, &fact->lost_competency_ids);
}

static bool is_held_by_rule(const role_record *role)
{
    return role->holders != PX_HOLDERS_ASSIGNED;
}

px_verdict decide_assign_role(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__AssignRole *cmd = sub->body;
    px_reason away = competency_is_away(state, sub, cmd->person_id);
    char known_id[PX_ID_SIZE];
    role_record role;

    if (away != PX_REASON_NONE)
        return px_reject(away, "person_id");
    if (cmd->role_id[0] && !competency_state_get_role(state, sub->tenant, cmd->role_id, &role))
        return px_reject(PX_REASON_ROLE_UNKNOWN, "role_id");
    if (cmd->role_id[0] && is_held_by_rule(&role))
        return px_reject(PX_REASON_ROLE_BY_RULE, "role_id");
    px_roles_get_slot(state, sub->tenant, cmd->person_id, (px_role_slot)cmd->slot, known_id);
    if (strcmp(known_id, cmd->role_id) == 0)
        return px_accept(); /* a directory that sends everybody every night says nothing new */

    CompetencyFact__RoleAssigned *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_ROLE_ASSIGNED);
    fact->person_id = cmd->person_id;
    fact->role_id = cmd->role_id;
    fact->slot = (uint32_t)cmd->slot;
    state_difference(state, sub, fact);
    return px_accept();
}

px_verdict decide_record_assessment(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__RecordAssessment *cmd = sub->body;
    px_reason away = competency_is_away(state, sub, cmd->person_id);
    px_reason beyond = competency_is_beyond_use(state, sub, cmd->competency_id);

    if (competency_state_has_assessment(state, sub->tenant, cmd->assessment_id))
        return px_reject(PX_REASON_ASSESSMENT_EXISTS, "assessment_id");
    if (away != PX_REASON_NONE)
        return px_reject(away, "person_id");
    if (beyond != PX_REASON_NONE)
        return px_reject(beyond, "competency_id");

    CompetencyFact__AssessmentRecorded *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_ASSESSMENT_RECORDED);
    fact->assessment_id = cmd->assessment_id;
    fact->person_id = cmd->person_id;
    fact->competency_id = cmd->competency_id;
    fact->score = cmd->score;
    fact->occurred_at_us = sub->occurred_at_us;
    return px_accept();
}
