/* publish_mentor.c: mentors as public events. */
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/service.h"

void publish_mentoring_offered(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__MentoringOffered *f = fact->body;
    LearningRecommender__MentoringOffered event = LEARNING_RECOMMENDER__MENTORING_OFFERED__INIT;

    (void)state;
    event.person_id = f->person_id;
    event.competency_ids = f->competency_ids;
    event.n_competency_ids = f->n_competency_ids;
    event.slots = f->slots;
    px_out_event(out, "MentoringOffered", f->person_id, &event.base);
}

void publish_mentor_suggested(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__MentorSuggested *f = fact->body;
    LearningRecommender__MentorSuggested event = LEARNING_RECOMMENDER__MENTOR_SUGGESTED__INIT;

    (void)state;
    event.person_id = f->person_id;
    event.mentor_id = f->mentor_id;
    event.competency_id = f->competency_id;
    event.item_id = f->item_id;
    px_out_event(out, "MentorSuggested", f->person_id, &event.base);
}

void publish_mentoring_answered(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__MentoringAnswered *f = fact->body;
    LearningRecommender__MentoringAnswered event = LEARNING_RECOMMENDER__MENTORING_ANSWERED__INIT;

    (void)state;
    event.person_id = f->person_id;
    event.mentor_id = f->mentor_id;
    event.competency_id = f->competency_id;
    event.accepted = f->accepted;
    px_out_event(out, "MentoringAnswered", f->person_id, &event.base);
}
