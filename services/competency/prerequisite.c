/* prerequisite.c: which competencies come before which: said, kept, and never in a circle. */
#include "services/competency/prerequisite.h"

#include <string.h>

#include "common/method.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "services/competency/framework.h"
#include "services/competency/state_attainment.h"
#include "services/competency/state_keys.h"

enum { FOLLOWED_MAX = 256 };

/* ---- state ---- */

static void walk_prerequisites(px_record *r, void *record)
{
    prerequisites *p = record;

    px_record_u8(r, &p->count);
    PX_ASSERT(p->count <= PREREQUISITES_MAX);
    for (size_t i = 0; i < p->count; i++)
        px_record_text(r, p->ids[i], PX_ID_SIZE);
}

prerequisites competency_state_get_prerequisites(const px_view *state, const char *tenant,
                                                 const char *competency_id)
{
    px_keybuf key = level_keybuf(TABLE_PREREQUISITE, tenant, competency_id, NULL);
    prerequisites found = { 0 };

    level_get(state, &key, walk_prerequisites, &found);
    return found;
}

static void put_prerequisites(px_txn *state, const char *tenant, const char *competency_id,
                              const prerequisites *set)
{
    px_keybuf key = level_keybuf(TABLE_PREREQUISITE, tenant, competency_id, NULL);
    prerequisites copy = *set;

    if (set->count)
        level_put(state, &key, walk_prerequisites, &copy);
    else
        level_del(state, &key);
}

static bool is_named(const prerequisites *set, const char *competency_id)
{
    return px_ids_has(set->ids, set->count, competency_id);
}

bool competency_is_proficient(const px_view *state, const level_key *key)
{
    competency_record c;
    attained_record attained;
    said_record said;

    competency_state_get_attained(state, key, &attained);
    if (attained.now.proficient)
        return true;
    competency_state_get_said(state, key, &said);
    return said.level.assessed &&
           competency_state_get(state, key->tenant, key->competency_id, &c) && c.level_count >= 2 &&
           said.level.mu >= px_scale_level(c.proficient_from, c.level_count);
}

/* ---- a competency ended ---- */

/* Nothing comes before itself, and each once. */
static void add(prerequisites *set, const char *owner_id, const char *competency_id)
{
    if (set->count < PREREQUISITES_MAX && strcmp(owner_id, competency_id) != 0 &&
        !is_named(set, competency_id))
        px_record_set_text(set->ids[set->count++], PX_ID_SIZE, competency_id);
}

static prerequisites with_successors(const prerequisites *before, const char *owner_id,
                                     const char *old_id, const px_successors *by)
{
    prerequisites set = { 0 };

    for (uint8_t i = 0; i < before->count; i++)
        if (strcmp(before->ids[i], old_id) != 0)
            add(&set, owner_id, before->ids[i]);
        else
            for (size_t j = 0; j < by->count; j++)
                add(&set, owner_id, by->all[j].competency_id);
    return set;
}

/* As in learning-recommender: what had to come before the whole comes before each part. */
static void move_own(px_txn *state, const char *tenant, const char *old_id, const px_successors *by)
{
    static const prerequisites none;
    prerequisites own = competency_state_get_prerequisites(state, tenant, old_id);

    for (size_t i = 0; i < by->count; i++) {
        const char *to_id = by->all[i].competency_id;
        prerequisites theirs = with_successors(&own, to_id, "", by);

        if (competency_state_get_prerequisites(state, tenant, to_id).count == 0)
            put_prerequisites(state, tenant, to_id, &theirs);
    }
    put_prerequisites(state, tenant, old_id, &none);
}

void competency_replace_prerequisites(px_txn *state, const char *tenant, const char *old_id,
                                      const px_successors *by)
{
    px_keybuf prefix = level_keybuf(TABLE_PREREQUISITE, tenant, NULL, NULL);
    char competency_id[PX_ID_SIZE] = "";

    while (px_key_next(state, &prefix, competency_id, PX_ID_SIZE)) {
        prerequisites set = competency_state_get_prerequisites(state, tenant, competency_id);

        if (!is_named(&set, old_id))
            continue;
        set = with_successors(&set, competency_id, old_id, by);
        put_prerequisites(state, tenant, competency_id, &set);
    }
    move_own(state, tenant, old_id, by);
}

/* ---- decide ---- */

typedef struct {
    const px_view *state;
    const char *tenant, *to;
    unsigned followed;
} ascent;

static bool comes_after(ascent *a, const char *from)
{
    if (strcmp(from, a->to) == 0 || ++a->followed > FOLLOWED_MAX)
        return true;
    prerequisites before = competency_state_get_prerequisites(a->state, a->tenant, from);
    for (uint8_t i = 0; i < before.count; i++)
        if (comes_after(a, before.ids[i]))
            return true;
    return false;
}

bool competency_comes_after(const px_view *state, const char *tenant, const char *competency_id,
                            const char *first_id)
{
    ascent a = { .state = state, .tenant = tenant, .to = first_id };

    return comes_after(&a, competency_id);
}

static bool named_before(const Competency__SetPrerequisites *cmd, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(cmd->requires_ids[i], cmd->requires_ids[at]) == 0)
            return true;
    return false;
}

static bool is_as_known(const px_view *state, const px_submission *sub)
{
    const Competency__SetPrerequisites *cmd = sub->body;
    prerequisites known =
        competency_state_get_prerequisites(state, sub->tenant, cmd->competency_id);
    uint8_t at = 0;

    for (size_t i = 0; i < cmd->n_requires_ids; i++) {
        if (named_before(cmd, i))
            continue;
        if (at == known.count || strcmp(known.ids[at++], cmd->requires_ids[i]) != 0)
            return false;
    }
    return at == known.count;
}

px_verdict decide_set_prerequisites(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__SetPrerequisites *cmd = sub->body;
    px_reason out_of_use = competency_is_out_of_use(state, sub, cmd->competency_id);

    if (out_of_use != PX_REASON_NONE)
        return px_reject(out_of_use, "competency_id");
    for (size_t i = 0; i < cmd->n_requires_ids; i++) {
        const char *field = px_field_at(sub, "requires_ids", i, "");

        out_of_use = competency_is_out_of_use(state, sub, cmd->requires_ids[i]);
        if (out_of_use != PX_REASON_NONE)
            return px_reject(out_of_use, field);
        if (competency_comes_after(state, sub->tenant, cmd->requires_ids[i], cmd->competency_id))
            return px_reject(PX_REASON_PREREQ_CYCLE, field);
    }

    if (is_as_known(state, sub))
        return px_accept(); /* an import repeated says nothing new */
    CompetencyFact__PrerequisitesSet *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_PREREQUISITES_SET);
    fact->competency_id = cmd->competency_id;
    fact->requires_ids =
        px_arena_alloc(px_facts_arena(out), cmd->n_requires_ids * sizeof *fact->requires_ids);
    for (size_t i = 0; fact->requires_ids && i < cmd->n_requires_ids; i++)
        if (!named_before(cmd, i))
            fact->requires_ids[fact->n_requires_ids++] = cmd->requires_ids[i];
    return px_accept();
}

/* ---- evolve, publish ---- */

void evolve_prerequisites_set(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__PrerequisitesSet *f = fact->body;
    prerequisites set = { .count = (uint8_t)f->n_requires_ids };

    PX_ASSERT(f->n_requires_ids <= PREREQUISITES_MAX);
    for (size_t i = 0; i < f->n_requires_ids; i++)
        px_record_set_text(set.ids[i], PX_ID_SIZE, f->requires_ids[i]);
    put_prerequisites(state, fact->tenant, f->competency_id, &set);
}

void publish_prerequisites_set(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__PrerequisitesSet *f = fact->body;
    Competency__PrerequisitesSet event = COMPETENCY__PREREQUISITES_SET__INIT;

    (void)state;
    event.competency_id = f->competency_id;
    event.requires_ids = f->requires_ids;
    event.n_requires_ids = f->n_requires_ids;
    px_out_event(out, "PrerequisitesSet", f->competency_id, &event.base);
}
