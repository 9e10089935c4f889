/* publish.c: own facts -> public events. Of a review by a peer or a report the feed says only that
 * there is one more about this person; comments never leave. Nothing is said of a person erased
 * meanwhile. */
#include "common/codec.h"
#include "common/people.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/event.pb-c.h"
#include "services/review-cycle/ratings.h"
#include "services/review-cycle/service.h"

void publish_scale_defined(const px_view *state, const px_fact *fact, px_out *out)
{
    const ReviewCycleFact__ScaleDefined *f = fact->body;
    ReviewCycle__ScaleDefined event = REVIEW_CYCLE__SCALE_DEFINED__INIT;
    px_arena *arena = px_out_arena(out);
    ReviewCycle__ScaleValue *values = px_arena_alloc(arena, f->n_steps * sizeof *values);

    (void)state;
    event.scale_id = f->scale_id;
    event.version = f->version;
    event.values = px_arena_alloc(arena, f->n_steps * sizeof *event.values);
    for (size_t i = 0; values && event.values && i < f->n_steps; i++) {
        values[i] = (ReviewCycle__ScaleValue)REVIEW_CYCLE__SCALE_VALUE__INIT;
        values[i].value = f->steps[i]->value;
        values[i].label = f->steps[i]->label;
        values[i].proficient = f->steps[i]->proficient;
        event.values[event.n_values++] = &values[i];
    }
    event.default_value = f->default_value;
    event.allows_not_applicable = f->allows_not_applicable;
    px_out_event(out, "ScaleDefined", f->scale_id, &event.base);
}

void publish_cycle_defined(const px_view *state, const px_fact *fact, px_out *out)
{
    const ReviewCycleFact__CycleDefined *f = fact->body;
    ReviewCycle__CycleDefined event = REVIEW_CYCLE__CYCLE_DEFINED__INIT;

    (void)state;
    event.cycle_id = f->cycle_id;
    event.label = f->label;
    event.starts_at = px_codec_timestamp(f->starts_at_us, px_out_arena(out));
    event.ends_at = px_codec_timestamp(f->ends_at_us, px_out_arena(out));
    event.scale_id = f->scale_id;
    event.scale_version = f->scale_version;
    px_out_event(out, "CycleDefined", f->cycle_id, &event.base);
}

void publish_phase_changed(const px_view *state, const px_fact *fact, px_out *out)
{
    const ReviewCycleFact__PhaseChanged *f = fact->body;
    ReviewCycle__PhaseChanged event = REVIEW_CYCLE__PHASE_CHANGED__INIT;

    (void)state;
    event.cycle_id = f->cycle_id;
    event.from = (ReviewCycle__CyclePhase)f->from;
    event.to = (ReviewCycle__CyclePhase)f->to;
    event.reason = f->reason;
    px_out_event(out, "PhaseChanged", f->cycle_id, &event.base);
}

/* Only the person and their manager stand by their words in public. */
static bool is_attributed(uint32_t relation)
{
    return relation == PX_RELATION_SELF || relation == PX_RELATION_MANAGER;
}

bool review_is_gone(const px_view *state, const px_fact *fact, const char *person_id)
{
    return !px_people_is_known(state, fact->tenant, person_id);
}

/* Of a peer's or a report's review not even the submission may be told: its id could name the
 * rater. */
static px_out_event_fn *event_for(uint32_t relation)
{
    return is_attributed(relation) ? px_out_event : px_out_event_unattributed;
}

static void add_what_is_attributed(ReviewCycle__ReviewSubmitted *event,
                                   const ReviewCycleFact__ReviewSubmitted *f, px_arena *arena)
{
    public_ratings ratings = public_ratings_begin(arena, f->n_ratings);

    for (size_t i = 0; i < f->n_ratings; i++)
        public_ratings_add(&ratings, arena, f->ratings[i]->competency_id, f->ratings[i]->facet,
                           f->ratings[i]->value, f->ratings[i]->position);
    event->review_id = f->review_id;
    event->what = ratings.what;
    event->how = ratings.how;
    event->ratings = ratings.rows;
    event->n_ratings = ratings.count;
    event->criteria = px_arena_alloc(arena, f->n_criteria * sizeof *event->criteria);
    for (size_t i = 0; event->criteria && i < f->n_criteria; i++) {
        const ReviewCycleFact__CriterionRating *c = f->criteria[i];

        event->criteria[i] = public_criterion(arena, c->criterion_id, c->value, c->position);
        event->n_criteria += event->criteria[i] != NULL;
    }
    event->occurred_at = px_codec_timestamp(f->occurred_at_us, arena);
}

void publish_review_submitted(const px_view *state, const px_fact *fact, px_out *out)
{
    const ReviewCycleFact__ReviewSubmitted *f = fact->body;
    ReviewCycle__ReviewSubmitted event = REVIEW_CYCLE__REVIEW_SUBMITTED__INIT;

    if (review_is_gone(state, fact, f->subject_id))
        return;
    event.cycle_id = f->cycle_id;
    event.subject_id = f->subject_id;
    event.relation = (ReviewCycle__Relation)f->relation;
    if (is_attributed(f->relation))
        add_what_is_attributed(&event, f, px_out_arena(out));
    if (is_attributed(f->relation) && !review_is_gone(state, fact, f->rater_id))
        event.rater_id = f->rater_id;
    event_for(f->relation)(out, "ReviewSubmitted", f->subject_id, &event.base);
}

void publish_review_withdrawn(const px_view *state, const px_fact *fact, px_out *out)
{
    const ReviewCycleFact__ReviewWithdrawn *f = fact->body;
    ReviewCycle__ReviewWithdrawn event = REVIEW_CYCLE__REVIEW_WITHDRAWN__INIT;

    if (review_is_gone(state, fact, f->subject_id))
        return;
    if (is_attributed(f->relation))
        event.review_id = f->review_id;
    event.cycle_id = f->cycle_id;
    event.subject_id = f->subject_id;
    event.relation = (ReviewCycle__Relation)f->relation;
    event_for(f->relation)(out, "ReviewWithdrawn", f->subject_id, &event.base);
}

void publish_strategy_item_declared(const px_view *state, const px_fact *fact, px_out *out)
{
    const ReviewCycleFact__StrategyItemDeclared *f = fact->body;
    ReviewCycle__StrategyItemDeclared event = REVIEW_CYCLE__STRATEGY_ITEM_DECLARED__INIT;

    (void)state;
    event.strategy_item_id = f->strategy_item_id;
    event.title = f->title;
    event.starts_at = px_codec_timestamp(f->starts_at_us, px_out_arena(out));
    if (f->ends_at_us)
        event.ends_at = px_codec_timestamp(f->ends_at_us, px_out_arena(out));
    event.weight = f->weight;
    event.competency_ids = f->competency_ids;
    event.n_competency_ids = f->n_competency_ids;
    px_out_event(out, "StrategyItemDeclared", f->strategy_item_id, &event.base);
}

void publish_strategy_item_retired(const px_view *state, const px_fact *fact, px_out *out)
{
    const ReviewCycleFact__StrategyItemRetired *f = fact->body;
    ReviewCycle__StrategyItemRetired event = REVIEW_CYCLE__STRATEGY_ITEM_RETIRED__INIT;

    (void)state;
    event.strategy_item_id = f->strategy_item_id;
    event.ended = f->ended;
    px_out_event(out, "StrategyItemRetired", f->strategy_item_id, &event.base);
}

void effect_comment_key_of_erased_person(const px_view *state, const px_fact *fact, px_out *out)
{
    const FeedbackIngestFact__PersonErased *f = fact->body;

    (void)state;
    px_out_destroy_key(out, f->person_id, f->key_generation);
}
