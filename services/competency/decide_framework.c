/* decide_framework.c: frameworks, and how competencies end: submission + state -> facts, or why
 * not. What a competency means after its end is said once, in CompetencyReplaced.
 */
#include <string.h>

#include "common/method.h"
#include "common/replaced.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "services/competency/framework.h"
#include "services/competency/prerequisite.h"
#include "services/competency/service.h"
#include "services/competency/state_framework.h"

enum {
    RENAMED = COMPETENCY__REPLACEMENT_KIND__REPLACEMENT_KIND_RENAMED,
    MERGED = COMPETENCY__REPLACEMENT_KIND__REPLACEMENT_KIND_MERGED,
    SPLIT = COMPETENCY__REPLACEMENT_KIND__REPLACEMENT_KIND_SPLIT,
    RETIRED = COMPETENCY__REPLACEMENT_KIND__REPLACEMENT_KIND_RETIRED
};

/* ---- frameworks ---- */

static bool is_same_framework(const framework_record *known, const Competency__DefineFramework *cmd)
{
    return strcmp(known->title, cmd->title) == 0 && strcmp(known->version, cmd->version) == 0 &&
           strcmp(known->publisher, cmd->publisher) == 0 &&
           strcmp(known->source_url, cmd->source_url) == 0 &&
           strcmp(known->attribution, cmd->attribution) == 0 &&
           strcmp(known->description, cmd->description) == 0;
}

px_verdict decide_define_framework(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__DefineFramework *cmd = sub->body;
    framework_record known;

    if (competency_state_get_framework(state, sub->tenant, cmd->framework_id, &known) &&
        is_same_framework(&known, cmd))
        return px_accept(); /* an import repeated says nothing new */
    CompetencyFact__FrameworkDefined *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_FRAMEWORK_DEFINED);
    fact->framework_id = cmd->framework_id;
    fact->title = cmd->title;
    fact->version = cmd->version;
    fact->publisher = cmd->publisher;
    fact->source_url = cmd->source_url;
    fact->attribution = cmd->attribution;
    fact->description = cmd->description;
    return px_accept();
}

/* ---- what takes a competency's place ---- */

static CompetencyFact__CompetencyReplaced *state_end(char *competency_id, uint32_t kind,
                                                     size_t successors, px_facts *out)
{
    CompetencyFact__CompetencyReplaced *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_COMPETENCY_REPLACED);

    fact->competency_id = competency_id;
    fact->kind = kind;
    fact->successors =
        px_arena_alloc(px_facts_arena(out), (successors + 1) * sizeof *fact->successors);
    return fact;
}

/* NULL when the arena is full, which the round sees. */
static CompetencyFact__Successor *add_successor(CompetencyFact__CompetencyReplaced *fact,
                                                char *competency_id, size_t levels, double share,
                                                px_facts *out)
{
    px_arena *arena = px_facts_arena(out);
    CompetencyFact__Successor *s = px_arena_alloc(arena, sizeof *s);

    if (!s)
        return NULL;
    *s = (CompetencyFact__Successor)COMPETENCY_FACT__SUCCESSOR__INIT;
    s->competency_id = competency_id;
    s->share = share;
    s->levels = px_arena_alloc(arena, (levels + 1) * sizeof *s->levels);
    fact->successors[fact->n_successors++] = s;
    return s;
}

/* Each level becomes the one at its place on the scale 1..5, or the next below. */
static void map_by_place(CompetencyFact__Successor *s, const competency_record *from,
                         const competency_record *to)
{
    for (uint8_t i = 1; s && s->levels && i <= from->level_count; i++) {
        double level = px_scale_level(i, from->level_count);
        uint8_t place = to->level_count;

        while (place > 1 && px_scale_level(place, to->level_count) > level)
            place--;
        s->levels[s->n_levels++] = px_scale_level(place, to->level_count);
    }
}

/* ---- renaming ---- */

/* The same competency, under its new id. */
static void state_copy(const px_view *state, const px_submission *sub,
                       const competency_record *known, px_facts *out)
{
    const Competency__RenameCompetency *cmd = sub->body;
    px_arena *arena = px_facts_arena(out);
    CompetencyFact__CompetencyDefined *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_COMPETENCY_DEFINED);
    competency_words words;

    competency_state_get_words(state, sub->tenant, cmd->competency_id, &words);
    fact->competency_id = cmd->new_competency_id;
    fact->title = cmd->title[0] ? cmd->title : px_arena_strdup(arena, known->title);
    fact->description = px_arena_strdup(arena, words.description);
    fact->family = known->family;
    fact->proficient_from = known->proficient_from;
    fact->default_level = known->default_level;
    fact->valid_days = known->valid_days;
    fact->framework_id = px_arena_strdup(arena, known->framework_id);
    fact->framework_version = px_arena_strdup(arena, known->framework_version);
    fact->parent_id = px_arena_strdup(arena, known->parent_id);
    fact->levels = px_arena_alloc(arena, LEVELS_MAX * sizeof *fact->levels);
    for (uint8_t i = 0; fact->levels && i < known->level_count; i++) {
        CompetencyFact__LevelDescription *level = px_arena_alloc(arena, sizeof *level);

        if (!level)
            return; /* the round sees that the arena is full */
        *level = (CompetencyFact__LevelDescription)COMPETENCY_FACT__LEVEL_DESCRIPTION__INIT;
        level->name = px_arena_strdup(arena, known->level_names[i]);
        level->text = px_arena_strdup(arena, words.level_texts[i]);
        fact->levels[fact->n_levels++] = level;
    }
}

px_verdict decide_rename_competency(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__RenameCompetency *cmd = sub->body;
    px_reason out_of_use = competency_is_out_of_use(state, sub, cmd->competency_id);
    competency_record known, taken;

    if (out_of_use != PX_REASON_NONE)
        return px_reject(out_of_use, "competency_id");
    if (competency_state_get(state, sub->tenant, cmd->new_competency_id, &taken))
        return px_reject(PX_REASON_COMPETENCY_EXISTS, "new_competency_id");

    competency_state_get(state, sub->tenant, cmd->competency_id, &known);
    state_copy(state, sub, &known, out);
    CompetencyFact__CompetencyReplaced *fact = state_end(cmd->competency_id, RENAMED, 1, out);
    map_by_place(add_successor(fact, cmd->new_competency_id, known.level_count, 1.0, out), &known,
                 &known);
    return px_accept();
}

/* ---- merging ---- */

static bool is_merged_before(const Competency__MergeCompetencies *cmd, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(cmd->competency_ids[j], cmd->competency_ids[i]) == 0)
            return true;
    return strcmp(cmd->competency_ids[i], cmd->into_id) == 0;
}

/* Neither may lead to the other by a rule, or come before it: what is one then would lead to
 * itself.
 */
static px_reason joined_by(const px_view *state, const px_submission *sub, const char *a,
                           const char *b)
{
    if (competency_leads_to(state, sub->tenant, a, b) ||
        competency_leads_to(state, sub->tenant, b, a))
        return PX_REASON_RULE_LOOP;
    if (competency_comes_after(state, sub->tenant, a, b) ||
        competency_comes_after(state, sub->tenant, b, a))
        return PX_REASON_PREREQ_CYCLE;
    return PX_REASON_NONE;
}

static px_verdict check_merged(const px_view *state, const px_submission *sub, size_t i)
{
    const Competency__MergeCompetencies *cmd = sub->body;
    const char *competency_id = cmd->competency_ids[i];
    px_reason out_of_use = competency_is_out_of_use(state, sub, competency_id);
    const char *field = px_field_at(sub, "competency_ids", i, "");

    if (out_of_use != PX_REASON_NONE)
        return px_reject(out_of_use, field);
    if (is_merged_before(cmd, i))
        return px_reject(PX_REASON_PART_TWICE, field);
    px_reason joined = joined_by(state, sub, competency_id, cmd->into_id);
    for (size_t j = 0; j < i && joined == PX_REASON_NONE; j++)
        joined = joined_by(state, sub, competency_id, cmd->competency_ids[j]);
    return joined == PX_REASON_NONE ? px_accept() : px_reject(joined, field);
}

px_verdict decide_merge_competencies(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__MergeCompetencies *cmd = sub->body;
    px_reason out_of_use = competency_is_out_of_use(state, sub, cmd->into_id);
    competency_record from, into;

    if (out_of_use != PX_REASON_NONE)
        return px_reject(out_of_use, "into_id");
    for (size_t i = 0; i < cmd->n_competency_ids; i++) {
        px_verdict verdict = check_merged(state, sub, i);

        if (verdict.reason != PX_REASON_NONE)
            return verdict;
    }

    competency_state_get(state, sub->tenant, cmd->into_id, &into);
    for (size_t i = 0; i < cmd->n_competency_ids; i++) {
        CompetencyFact__CompetencyReplaced *fact =
            state_end(cmd->competency_ids[i], MERGED, 1, out);

        competency_state_get(state, sub->tenant, cmd->competency_ids[i], &from);
        map_by_place(add_successor(fact, cmd->into_id, from.level_count, 1.0, out), &from, &into);
    }
    return px_accept();
}

/* ---- splitting ---- */

static bool is_part_before(const Competency__SplitCompetency *cmd, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(cmd->parts[j]->competency_id, cmd->parts[i]->competency_id) == 0)
            return true;
    return strcmp(cmd->parts[i]->competency_id, cmd->competency_id) == 0;
}

/* Every level of the whole has a name of the part, or none has; they never descend. */
static px_verdict check_levels(const px_submission *sub, size_t i, const competency_record *whole,
                               const competency_record *part)
{
    const Competency__SplitCompetency *cmd = sub->body;
    const Competency__CompetencyPart *named = cmd->parts[i];
    uint8_t before = 0;

    if (named->n_level_names && named->n_level_names != whole->level_count)
        return px_reject(PX_REASON_LEVELS_CHANGED, px_field_at(sub, "parts", i, "level_names"));
    for (size_t l = 0; l < named->n_level_names; l++) {
        uint8_t place = competency_level_place(part, named->level_names[l]);

        if (place == 0)
            return px_reject(PX_REASON_BAD_SCALE_VALUE,
                             px_field_at(sub, "parts", i, "level_names"));
        if (place < before)
            return px_reject(PX_REASON_SCALE_ORDER, px_field_at(sub, "parts", i, "level_names"));
        before = place;
    }
    return px_accept();
}

static px_verdict check_part(const px_view *state, const px_submission *sub, size_t i,
                             const competency_record *whole)
{
    const Competency__SplitCompetency *cmd = sub->body;
    const char *part_id = cmd->parts[i]->competency_id;
    px_reason out_of_use = competency_is_out_of_use(state, sub, part_id);
    const char *field = px_field_at(sub, "parts", i, "competency_id");
    competency_record part;

    if (out_of_use != PX_REASON_NONE)
        return px_reject(out_of_use, field);
    if (is_part_before(cmd, i))
        return px_reject(PX_REASON_PART_TWICE, field);
    px_reason joined = joined_by(state, sub, cmd->competency_id, part_id);
    if (joined != PX_REASON_NONE)
        return px_reject(joined, field);
    competency_state_get(state, sub->tenant, part_id, &part);
    return check_levels(sub, i, whole, &part);
}

static void state_part(const px_view *state, const px_submission *sub,
                       const Competency__CompetencyPart *part, const competency_record *whole,
                       CompetencyFact__CompetencyReplaced *fact, px_facts *out)
{
    const Competency__SplitCompetency *cmd = sub->body;
    competency_record to;

    competency_state_get(state, sub->tenant, part->competency_id, &to);
    CompetencyFact__Successor *s = add_successor(fact, part->competency_id, whole->level_count,
                                                 1.0 / (double)cmd->n_parts, out);
    if (!part->n_level_names) {
        map_by_place(s, whole, &to);
        return;
    }
    for (size_t l = 0; s && s->levels && l < part->n_level_names; l++)
        s->levels[s->n_levels++] =
            px_scale_level(competency_level_place(&to, part->level_names[l]), to.level_count);
    if (s)
        s->moves_ratings = true;
}

px_verdict decide_split_competency(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__SplitCompetency *cmd = sub->body;
    px_reason out_of_use = competency_is_out_of_use(state, sub, cmd->competency_id);
    competency_record whole;

    if (out_of_use != PX_REASON_NONE)
        return px_reject(out_of_use, "competency_id");
    competency_state_get(state, sub->tenant, cmd->competency_id, &whole);
    for (size_t i = 0; i < cmd->n_parts; i++) {
        px_verdict verdict = check_part(state, sub, i, &whole);

        if (verdict.reason != PX_REASON_NONE)
            return verdict;
    }

    CompetencyFact__CompetencyReplaced *fact =
        state_end(cmd->competency_id, SPLIT, cmd->n_parts, out);
    for (size_t i = 0; i < cmd->n_parts; i++)
        state_part(state, sub, cmd->parts[i], &whole, fact, out);
    return px_accept();
}

/* ---- retiring ---- */

px_verdict decide_retire_competency(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__RetireCompetency *cmd = sub->body;
    px_reason out_of_use = competency_is_out_of_use(state, sub, cmd->competency_id);

    if (out_of_use != PX_REASON_NONE)
        return px_reject(out_of_use, "competency_id");
    state_end(cmd->competency_id, RETIRED, 0, out)->reason_code = cmd->reason_code;
    return px_accept();
}
