/* framework.c: what a definition rests on, and whether it changes anything. */
#include "services/competency/framework.h"

#include <string.h>

#include "common/record.h"
#include "common/replaced.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "services/competency/state_framework.h"

enum { DEPTH_MAX = 64 /* of the tree */ };

px_reason competency_is_out_of_use(const px_view *state, const px_submission *sub,
                                   const char *competency_id)
{
    competency_record competency;

    if (!competency_state_get(state, sub->tenant, competency_id, &competency))
        return PX_REASON_COMPETENCY_UNKNOWN;
    if (px_replaced_has_ended(state, sub->tenant, competency_id))
        return PX_REASON_COMPETENCY_REPLACED;
    return PX_REASON_NONE;
}

px_reason competency_is_beyond_use(const px_view *state, const px_submission *sub,
                                   const char *competency_id)
{
    competency_record competency;

    if (!competency_state_get(state, sub->tenant, competency_id, &competency))
        return PX_REASON_COMPETENCY_UNKNOWN;
    if (px_replaced_resolve(state, sub->tenant, competency_id).count == 0)
        return PX_REASON_COMPETENCY_REPLACED;
    return PX_REASON_NONE;
}

/* ---- the tree ---- */

static bool is_below(const px_view *state, const char *tenant, const char *from,
                     const char *competency_id)
{
    char at[PX_ID_SIZE];
    competency_record competency;

    px_record_set_text(at, sizeof at, from);
    for (int depth = 0; at[0]; depth++) {
        if (strcmp(at, competency_id) == 0 || depth == DEPTH_MAX)
            return true;
        competency_state_get(state, tenant, at, &competency);
        px_record_set_text(at, sizeof at, competency.parent_id);
    }
    return false;
}

px_verdict competency_check_tree(const px_view *state, const px_submission *sub)
{
    const Competency__DefineCompetency *cmd = sub->body;
    framework_record framework;

    if (cmd->framework_id[0] &&
        !competency_state_get_framework(state, sub->tenant, cmd->framework_id, &framework))
        return px_reject(PX_REASON_FRAMEWORK_UNKNOWN, "framework_id");
    if (!cmd->parent_id[0])
        return px_accept();
    if (strcmp(cmd->parent_id, cmd->competency_id) == 0)
        return px_reject(PX_REASON_PARENT_LOOP, "parent_id");
    px_reason out_of_use = competency_is_out_of_use(state, sub, cmd->parent_id);
    if (out_of_use != PX_REASON_NONE)
        return px_reject(out_of_use, "parent_id");
    if (is_below(state, sub->tenant, cmd->parent_id, cmd->competency_id))
        return px_reject(PX_REASON_PARENT_LOOP, "parent_id");
    return px_accept();
}

/* ---- is it new ---- */

static bool has_same_levels(const CompetencyFact__CompetencyDefined *fact,
                            const competency_record *known, const competency_words *words)
{
    if (fact->n_levels != known->level_count || fact->n_levels != words->level_count)
        return false;
    for (size_t i = 0; i < fact->n_levels; i++)
        if (strcmp(fact->levels[i]->name, known->level_names[i]) != 0 ||
            strcmp(fact->levels[i]->text, words->level_texts[i]) != 0)
            return false;
    return true;
}

bool competency_is_as_known(const px_view *state, const char *tenant,
                            const CompetencyFact__CompetencyDefined *fact)
{
    competency_record known;
    competency_words words;

    if (!competency_state_get(state, tenant, fact->competency_id, &known))
        return false;
    competency_state_get_words(state, tenant, fact->competency_id, &words);
    return strcmp(fact->title, known.title) == 0 &&
           strcmp(fact->description, words.description) == 0 && fact->family == known.family &&
           fact->proficient_from == known.proficient_from &&
           fact->default_level == known.default_level && fact->valid_days == known.valid_days &&
           strcmp(fact->framework_id, known.framework_id) == 0 &&
           strcmp(fact->framework_version, known.framework_version) == 0 &&
           strcmp(fact->parent_id, known.parent_id) == 0 && has_same_levels(fact, &known, &words);
}
