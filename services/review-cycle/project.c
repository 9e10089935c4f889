/* project.c: facts of feedback-ingest (people) and competency -> state. */
#include <string.h>

#include "common/people.h"
#include "common/replaced.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "services/review-cycle/potential.h"
#include "services/review-cycle/service.h"
#include "services/review-cycle/state.h"
#include "services/review-cycle/state_score.h"

/*
 * Takes a person as now recorded into the number of manager reviews expected (sign 1), or out of it
 * (-1): the one they should get themself, and those of everybody whose manager they are. Taking out
 * before a change and in after it keeps the number right without a walk over all people.
 */
static void count_person(px_txn *state, const char *tenant, const char *person_id, int32_t sign)
{
    int32_t expected;
    px_person person;

    if (!px_people_get(state, tenant, person_id, &person) || !person.active)
        return;
    expected = (int32_t)review_state_get_reports(state, tenant, person_id);
    /* Nobody reviews themself as their manager; counted, they would be taken out as their own
     * report too. */
    if (person.manager_id[0] && strcmp(person.manager_id, person_id) != 0) {
        review_state_add_reports(state, tenant, person.manager_id, sign);
        if (px_people_is_active(state, tenant, person.manager_id))
            expected++;
    }
    review_state_add_expected(state, tenant, sign * expected);
}

void review_project_person_recorded(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__PersonRecorded *f = fact->body;

    count_person(state, fact->tenant, f->person_id, -1);
    px_people_project_recorded(state, fact);
    count_person(state, fact->tenant, f->person_id, 1);
}

void review_project_person_erased(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__PersonErased *f = fact->body;

    count_person(state, fact->tenant, f->person_id, -1);
    review_state_drop_reviews_of(state, fact->tenant, f->person_id);
    review_state_drop_scores_of(state, fact->tenant, f->person_id);
    review_state_drop_potential(state, fact->tenant, f->person_id);
    px_people_project_erased(state, fact);
}

void review_project_competency_defined(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__CompetencyDefined *f = fact->body;

    review_state_put_competency(state, fact->tenant, f->competency_id);
}

void review_project_role_defined(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__RoleDefined *f = fact->body;

    review_state_put_role(state, fact->tenant, f->role_id);
}

/* Templates and reviews keep the id they named: scores look up what it means now. */
void review_project_competency_replaced(px_txn *state, const px_fact *fact)
{
    px_replaced_project(state, fact, NULL); /* what roles ask for is nothing of ours */
}

/* By the role of their job people are scored; tracks and aspirations have no template. */
void review_project_role_assigned(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__RoleAssigned *f = fact->body;

    if (f->slot == 0 && px_people_is_known(state, fact->tenant, f->person_id))
        review_state_put_main_role(state, fact->tenant, f->person_id, f->role_id);
}
