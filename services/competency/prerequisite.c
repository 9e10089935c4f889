/* prerequisite.c: which competencies come before which: said, kept, and never in a circle. */
#include "services/competency/prerequisite.h"

#include <string.h>

#include "common/method.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
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

/* ---- decide ---- */

/* Whether what comes before `from`, and so on, leads to `to`; true as well when it is too much. */
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

static bool named_before(const Competency__SetPrerequisites *cmd, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(cmd->requires_ids[i], cmd->requires_ids[at]) == 0)
            return true;
    return false;
}

px_verdict decide_set_prerequisites(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__SetPrerequisites *cmd = sub->body;
    competency_record c;

    if (!competency_state_get(state, sub->tenant, cmd->competency_id, &c))
        return px_reject(PX_REASON_COMPETENCY_UNKNOWN, "competency_id");
    for (size_t i = 0; i < cmd->n_requires_ids; i++) {
        ascent a = { .state = state, .tenant = sub->tenant, .to = cmd->competency_id };
        const char *field = px_field_at(sub, "requires_ids", i, "");

        if (!competency_state_get(state, sub->tenant, cmd->requires_ids[i], &c))
            return px_reject(PX_REASON_COMPETENCY_UNKNOWN, field);
        if (comes_after(&a, cmd->requires_ids[i]))
            return px_reject(PX_REASON_PREREQ_CYCLE, field);
    }

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
    px_keybuf key = level_keybuf(TABLE_PREREQUISITE, fact->tenant, f->competency_id, NULL);
    prerequisites set = { .count = (uint8_t)f->n_requires_ids };

    PX_ASSERT(f->n_requires_ids <= PREREQUISITES_MAX);
    for (size_t i = 0; i < f->n_requires_ids; i++)
        px_record_set_text(set.ids[i], PX_ID_SIZE, f->requires_ids[i]);
    if (set.count)
        level_put(state, &key, walk_prerequisites, &set);
    else
        level_del(state, &key);
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
