/* evolve_potential.c: facts about high potentials, and where people were placed -> state. A person
 * may have been erased meanwhile: then nothing about them may come back. */
#include <string.h>

#include "common/people.h"
#include "common/record.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "services/competency/service.h"
#include "services/competency/state_potential.h"

void competency_project_matrix_placed(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__MatrixPlaced *f = fact->body;
    placement place = { .cycle_ends_us = f->cycle_ends_at_us,
                        .column = (uint8_t)f->column,
                        .row = (uint8_t)f->row,
                        .columns = (uint8_t)f->columns,
                        .rows = (uint8_t)f->rows };

    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    competency_state_put_placement(state, fact->tenant, f->person_id, f->cycle_id, &place);
    competency_mark_potential(state, fact->tenant, f->person_id);
}

void evolve_high_potential_rule_defined(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__HighPotentialRuleDefined *f = fact->body;
    potential_rule rule = { .version = f->version,
                            .top_cell_in = (uint8_t)f->top_cell_in,
                            .of_cycles = (uint8_t)f->of_cycles,
                            .leadership_competencies = (uint8_t)f->leadership_competencies };

    competency_state_put_potential_rule(state, fact->tenant, &rule);
    competency_mark_potentials(state, fact->tenant);
}

static void copy_ids(char (*out)[PX_ID_SIZE], uint8_t *count, char *const *ids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        px_record_set_text(out[i], PX_ID_SIZE, ids[i]);
    *count = (uint8_t)n;
}

void evolve_high_potential_suggested(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__HighPotentialSuggested *f = fact->body;
    potential_record record;

    PX_ASSERT(f->n_cycle_ids <= POTENTIAL_CYCLES_MAX);
    PX_ASSERT(f->n_competency_ids <= POTENTIAL_COMPETENCIES_MAX);
    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    competency_state_get_potential(state, fact->tenant, f->person_id, &record);
    record.status = POTENTIAL_SUGGESTED;
    record.rule_version = f->rule_version;
    record.by_id[0] = '\0';
    copy_ids(record.evidence.cycle_ids, &record.evidence.cycle_count, f->cycle_ids, f->n_cycle_ids);
    copy_ids(record.evidence.competency_ids, &record.evidence.competency_count, f->competency_ids,
             f->n_competency_ids);
    competency_state_put_potential(state, fact->tenant, f->person_id, &record);
}

static void add_ids(char (*to)[PX_ID_SIZE], uint8_t *count, uint8_t max,
                    const char (*ids)[PX_ID_SIZE], uint8_t n)
{
    for (uint8_t i = 0; i < n && *count < max; i++)
        if (!px_ids_has((const char(*)[PX_ID_SIZE])to, *count, ids[i]))
            memcpy(to[(*count)++], ids[i], PX_ID_SIZE);
}

/* What it was suggested for, and what has come since: all of it was there to be seen. */
static potential_evidence declined_of(const px_view *state, const char *tenant,
                                      const char *person_id, const potential_record *record)
{
    potential_evidence all = record->evidence, now;

    competency_find_potential(state, tenant, person_id, &now);
    add_ids(all.cycle_ids, &all.cycle_count, POTENTIAL_CYCLES_MAX,
            (const char(*)[PX_ID_SIZE])now.cycle_ids, now.cycle_count);
    add_ids(all.competency_ids, &all.competency_count, POTENTIAL_COMPETENCIES_MAX,
            (const char(*)[PX_ID_SIZE])now.competency_ids, now.competency_count);
    return all;
}

static void note_answer(px_txn *state, const px_fact *fact, const char *person_id,
                        potential_status status, const char *by_id)
{
    potential_record record;

    if (!competency_state_get_potential(state, fact->tenant, person_id, &record))
        return;
    record.status = (uint8_t)status;
    px_record_set_text(record.by_id, sizeof record.by_id, by_id);
    if (status == POTENTIAL_DECLINED)
        record.declined = declined_of(state, fact->tenant, person_id, &record);
    competency_state_put_potential(state, fact->tenant, person_id, &record);
}

void evolve_high_potential_confirmed(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__HighPotentialConfirmed *f = fact->body;

    note_answer(state, fact, f->person_id, POTENTIAL_CONFIRMED, f->by_id);
}

/* It may be looked at again only when there is something new, so nothing is marked. */
void evolve_high_potential_declined(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__HighPotentialDeclined *f = fact->body;

    note_answer(state, fact, f->person_id, POTENTIAL_DECLINED, f->by_id);
}

void evolve_high_potential_lapsed(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__HighPotentialLapsed *f = fact->body;

    note_answer(state, fact, f->person_id, POTENTIAL_NONE, "");
}
