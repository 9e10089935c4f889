/* evolve_statement.c: statements of learning systems -> state. */
#include "common/record.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_statement.h"

void evolve_statement_taken(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__StatementTaken *f = fact->body;
    statement_record s = { .completes = f->completes, .made = f->made };

    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return; /* erased meanwhile: nothing of the person comes back */
    px_record_set_text(s.person_id, sizeof s.person_id, f->person_id);
    px_record_set_text(s.item_id, sizeof s.item_id, f->item_id);
    learning_state_put_statement(state, fact->tenant, f->statement_id, &s);
}

/* Another statement that says the same now stands for the completion. */
static void hand_over(px_txn *state, const char *tenant, const char *voided_id,
                      const statement_record *voided)
{
    char other_id[PX_ID_SIZE];
    statement_record other;

    if (!voided->made ||
        !learning_state_other_completing(state, tenant, voided_id, voided, other_id))
        return;
    learning_state_get_statement(state, tenant, other_id, &other);
    other.made = true;
    learning_state_put_statement(state, tenant, other_id, &other);
}

void evolve_statement_voided(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__StatementVoided *f = fact->body;
    statement_record voiding = { .person_id = "" }, voided;

    learning_state_put_statement(state, fact->tenant, f->statement_id, &voiding);
    /* One that is not known yet is voided when it comes. */
    learning_state_get_statement(state, fact->tenant, f->voided_id, &voided);
    hand_over(state, fact->tenant, f->voided_id, &voided);
    voided.voided = true;
    voided.made = false;
    learning_state_put_statement(state, fact->tenant, f->voided_id, &voided);
}
