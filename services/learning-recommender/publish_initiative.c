/* publish_initiative.c: initiatives as public events. */
#include "common/codec.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "services/learning-recommender/service.h"

enum { GROUP_MIN = 5 }; /* figures of fewer people say too much of each (DESIGN, privacy) */

void publish_initiative_declared(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__InitiativeDeclared *f = fact->body;
    LearningRecommender__InitiativeDeclared event = LEARNING_RECOMMENDER__INITIATIVE_DECLARED__INIT;
    px_arena *arena = px_out_arena(out);

    (void)state;
    event.initiative_id = f->initiative_id;
    event.title = f->title;
    event.strategy_item_id = f->strategy_item_id;
    event.competencies = px_arena_alloc(arena, f->n_competencies * sizeof *event.competencies);
    for (size_t i = 0; event.competencies && i < f->n_competencies; i++) {
        LearningRecommender__InitiativeCompetency *competency =
            (void *)px_codec_new(&learning_recommender__initiative_competency__descriptor, arena);

        if (!competency)
            return; /* the full arena sticks */
        competency->competency_id = f->competencies[i]->competency_id;
        competency->level = f->competencies[i]->level;
        event.competencies[event.n_competencies++] = competency;
    }
    event.audience = (LearningRecommender__AudienceKind)f->audience;
    event.unit_id = f->unit_id;
    event.role_id = f->role_id;
    event.until = px_codec_timestamp(f->until_us, arena);
    event.actor_id = f->actor_id;
    px_out_event(out, "InitiativeDeclared", f->initiative_id, &event.base);
}

void publish_initiative_ended(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__InitiativeEnded *f = fact->body;
    LearningRecommender__InitiativeEnded event = LEARNING_RECOMMENDER__INITIATIVE_ENDED__INIT;

    (void)state;
    event.initiative_id = f->initiative_id;
    event.actor_id = f->actor_id;
    px_out_event(out, "InitiativeEnded", f->initiative_id, &event.base);
}

void publish_initiative_progress(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__InitiativeProgress *f = fact->body;
    LearningRecommender__InitiativeProgress event = LEARNING_RECOMMENDER__INITIATIVE_PROGRESS__INIT;

    (void)state;
    if (f->people < GROUP_MIN)
        return;
    event.initiative_id = f->initiative_id;
    event.have = f->have;
    event.in_plan = f->in_plan;
    event.refused = f->refused;
    event.people = f->people;
    px_out_event(out, "InitiativeProgress", f->initiative_id, &event.base);
}
