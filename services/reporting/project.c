/* project.c: facts of feedback-ingest and competency -> who is where, what is asked, who can what.
 *
 * Facts about a person who has been erased may still come in, decided before the erasure was known:
 * they are passed over, so that nothing of the person comes back.
 */
#include <string.h>

#include "common/people.h"
#include "common/record.h"
#include "common/replaced.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "services/reporting/service.h"
#include "services/reporting/state.h"
#include "services/reporting/state_progress.h"
#include "services/reporting/touch.h"

/* ---- people ---- */

/* Where a person is to be counted. */
static place place_of(px_txn *state, const char *tenant, const char *person_id)
{
    px_role_list roles = px_roles_of(state, tenant, person_id);
    place at = { 0 };
    px_person person;

    if (!px_people_get(state, tenant, person_id, &person) || !person.active)
        return at;
    at.active = true;
    px_record_set_text(at.unit_id, sizeof at.unit_id, person.unit_id);
    reporting_state_name_role_set(state, tenant, &roles, at.role_set);
    return at;
}

static bool same_place(const place *a, const place *b)
{
    return a->active == b->active && strcmp(a->unit_id, b->unit_id) == 0 &&
           strcmp(a->role_set, b->role_set) == 0;
}

static void touch_place(px_txn *state, const char *tenant, const place *at)
{
    touch_cells_of_role_set(state, tenant, at->unit_id, at->role_set);
    touch_plans(state, tenant, at->unit_id);
}

/* From where the person was counted to where they are known to be. */
static void move(px_txn *state, const char *tenant, const char *person_id)
{
    place from = reporting_state_get_place(state, tenant, person_id);
    place to = place_of(state, tenant, person_id);

    if (same_place(&from, &to))
        return;
    reporting_state_put_place(state, tenant, person_id, &to);
    if (from.active)
        touch_place(state, tenant, &from);
    if (to.active)
        touch_place(state, tenant, &to);
    if (from.active != to.active) {
        reporting_state_add_headcount(state, tenant, to.active ? 1 : -1);
        touch_all_cycles(state, tenant);
    }
}

static void roles_moved(px_txn *state, const char *tenant, const char *person_id,
                        const px_role_list *before, const px_role_list *after)
{
    (void)before;
    (void)after;
    move(state, tenant, person_id);
}

void reporting_project_person_recorded(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__PersonRecorded *f = fact->body;

    px_roles_project_person(state, fact, roles_moved);
    move(state, fact->tenant, f->person_id);
}

static void drop_reviews(px_txn *state, const char *tenant, const char *person_id)
{
    char review_id[PX_ID_SIZE];
    bool any = false;

    while (reporting_state_first_review(state, tenant, person_id, review_id)) {
        reporting_state_del_review(state, tenant, person_id, review_id);
        any = true;
    }
    if (any)
        touch_all_cycles(state, tenant);
}

void reporting_project_person_erased(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__PersonErased *f = fact->body;

    px_roles_project_erased(state, fact, roles_moved);
    move(state, fact->tenant, f->person_id);
    reporting_state_drop_levels(state, fact->tenant, f->person_id);
    reporting_state_del_plans(state, fact->tenant, f->person_id);
    drop_reviews(state, fact->tenant, f->person_id);
}

void reporting_project_unit_recorded(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__UnitRecorded *f = fact->body;
    unit_record unit;

    px_record_set_text(unit.parent_id, sizeof unit.parent_id, f->parent_unit_id);
    px_record_set_text(unit.label, sizeof unit.label, f->label);
    reporting_state_put_unit(state, fact->tenant, f->unit_id, &unit);
    px_roles_project_unit(state, fact, roles_moved);
}

/* ---- competencies, roles, levels ---- */

void reporting_project_competency_defined(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__CompetencyDefined *f = fact->body;
    char before[TITLE_SIZE], role_id[PX_ID_SIZE];
    id_walk asking;

    reporting_state_get_title(state, fact->tenant, f->competency_id, before);
    if (strcmp(before, f->title) == 0)
        return;
    reporting_state_put_title(state, fact->tenant, f->competency_id, f->title);
    touch_impact(state, fact->tenant, f->competency_id);
    reporting_state_walk_asking(&asking, state, fact->tenant, f->competency_id);
    while (reporting_state_next(&asking, role_id))
        touch_cells_of_target(state, fact->tenant, role_id, f->competency_id);
    reporting_state_end(&asking);
}

void reporting_project_role_defined(px_txn *state, const px_fact *fact)
{
    px_roles_project_defined(state, fact, roles_moved);
}

void reporting_project_role_target_set(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__RoleTargetSet *f = fact->body;

    px_roles_project_target(state, fact);
    reporting_state_put_asking(state, fact->tenant, f->role_id, f->competency_id, f->target > 0);
    touch_cells_of_target(state, fact->tenant, f->role_id, f->competency_id);
}

static void retarget(px_txn *state, const char *tenant, const char *role_id,
                     const char *competency_id, const char *old_id, double target)
{
    (void)old_id;
    reporting_state_put_asking(state, tenant, role_id, competency_id, target > 0);
    touch_cells_of_target(state, tenant, role_id, competency_id);
}

/* Levels come anew, under the new id. */
void reporting_project_competency_replaced(px_txn *state, const px_fact *fact)
{
    px_replaced_project(state, fact, retarget);
}

void reporting_project_role_assigned(px_txn *state, const px_fact *fact)
{
    px_roles_project_assigned(state, fact, roles_moved);
}

void reporting_project_level_changed(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__LevelChanged *f = fact->body;
    place at = reporting_state_get_place(state, fact->tenant, f->person_id);

    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    if (f->estimate && f->estimate->assessed)
        reporting_state_put_level(state, fact->tenant, f->person_id, f->competency_id,
                                  f->estimate->mu);
    else
        reporting_state_del_level(state, fact->tenant, f->person_id, f->competency_id);
    if (at.active &&
        px_roles_requirement(state, fact->tenant, f->person_id, f->competency_id).target > 0)
        touch_cell(state, fact->tenant, at.unit_id, f->competency_id);
}
