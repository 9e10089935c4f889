/* publish_statement.c: statements of learning systems -> public events. */
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/service.h"

void publish_statement_taken(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__StatementTaken *f = fact->body;
    LearningRecommender__StatementTaken event = LEARNING_RECOMMENDER__STATEMENT_TAKEN__INIT;

    (void)state;
    event.statement_id = f->statement_id;
    event.person_id = f->person_id;
    event.item_id = f->item_id;
    px_out_event(out, "StatementTaken", f->person_id, &event.base);
}

void publish_statement_voided(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__StatementVoided *f = fact->body;
    LearningRecommender__StatementVoided event = LEARNING_RECOMMENDER__STATEMENT_VOIDED__INIT;

    (void)state;
    event.statement_id = f->statement_id;
    event.voided_id = f->voided_id;
    px_out_event(out, "StatementVoided", f->voided_id, &event.base);
}
