/* query.c: how a cycle stands, and a review with its comment for whom may see it. Default deny. */
#include <string.h>

#include "common/codec.h"
#include "common/people.h"
#include "praxis/review_cycle/v1/query.pb-c.h"
#include "services/review-cycle/potential.h"
#include "services/review-cycle/ratings.h"
#include "services/review-cycle/service.h"
#include "services/review-cycle/state_score.h"

/* Until it opens: then the templates are what they are. */
static void add_roles_without_template(const px_view *state, const px_request *req,
                                       ReviewCycle__Cycle *answer)
{
    role_ids roles;

    if (answer->phase != REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_DRAFT &&
        answer->phase != REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_SCHEDULED)
        return;
    review_state_roles_without_template(state, req->tenant, &roles);
    answer->roles_without_template =
        px_ids_copy((const char(*)[PX_ID_SIZE])roles.ids, roles.count, req->arena);
    answer->n_roles_without_template = answer->roles_without_template ? roles.count : 0;
}

px_status query_get_cycle(const px_view *state, const px_request *req, px_reply *reply)
{
    const ReviewCycle__GetCycle *q = req->body;
    cycle_record cycle;

    if (!review_state_get_cycle(state, req->tenant, q->cycle_id, &cycle))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "cycle_id");
    ReviewCycle__Cycle *answer = px_reply_new(reply, &review_cycle__cycle__descriptor);
    cycle_counts counts = review_state_get_counts(state, req->tenant, q->cycle_id);

    answer->cycle_id = q->cycle_id;
    answer->label = px_arena_strdup(req->arena, cycle.label);
    answer->phase = (ReviewCycle__CyclePhase)cycle.phase;
    answer->starts_at = px_codec_timestamp(cycle.starts_at_us, req->arena);
    answer->ends_at = px_codec_timestamp(cycle.ends_at_us, req->arena);
    answer->scale_id = px_arena_strdup(req->arena, cycle.scale_id);
    answer->scale_version = cycle.scale_version;
    answer->self_reviews = counts.self;
    answer->manager_reviews = counts.managed;
    answer->manager_reviews_expected = review_state_get_expected(state, req->tenant);
    answer->peer_reviews = counts.peer;
    answer->report_reviews = counts.report;
    answer->as_of_seq = px_view_cursor(state);
    add_roles_without_template(state, req, answer);
    return px_arena_overflowed(req->arena) ? PX_ENOMEM : PX_OK;
}

/* Reviews by peers and reports are shown to nobody but their rater. */
static bool may_view(const px_view *state, const char *tenant, const char *viewer_id,
                     const review_record *review)
{
    if (strcmp(viewer_id, review->rater_id) == 0)
        return true;
    if (review->relation != PX_RELATION_SELF && review->relation != PX_RELATION_MANAGER)
        return false;
    /* Before the HR partner's right: about themself an HR partner is a person like any other. */
    if (strcmp(viewer_id, review->subject_id) == 0)
        return review_state_cycle_shares(state, tenant, review->cycle_id);
    return px_people_may_view(state, tenant, viewer_id, review->subject_id);
}

static void copy_ratings(ReviewCycle__Review *answer, const review_record *review, px_arena *arena)
{
    public_ratings ratings = public_ratings_begin(arena, review->rating_count);

    for (size_t i = 0; i < review->rating_count; i++) {
        const review_rating *rating = &review->ratings[i];
        char *competency_id = px_arena_strdup(arena, rating->competency_id);

        if (competency_id)
            public_ratings_add(&ratings, arena, competency_id, rating->facet, rating->value,
                               rating->position);
    }
    answer->what = ratings.what;
    answer->how = ratings.how;
    answer->ratings = ratings.rows;
    answer->n_ratings = ratings.count;
    answer->criteria = px_arena_alloc(arena, review->criterion_count * sizeof *answer->criteria);
    for (size_t i = 0; answer->criteria && i < review->criterion_count; i++) {
        const review_criterion *c = &review->criteria[i];

        answer->criteria[i] =
            public_criterion(arena, px_arena_strdup(arena, c->criterion_id), c->value, c->position);
        answer->n_criteria += answer->criteria[i] != NULL;
    }
}

px_status query_get_review(const px_view *state, const px_request *req, px_reply *reply)
{
    const ReviewCycle__GetReview *q = req->body;
    review_record review;

    if (!review_state_get_review(state, req->tenant, q->review_id, &review))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "review_id");
    if (!may_view(state, req->tenant, q->viewer_id, &review))
        return px_reply_refuse(reply, PX_REASON_FORBIDDEN, "viewer_id");
    ReviewCycle__Review *answer = px_reply_new(reply, &review_cycle__review__descriptor);
    px_bytes comment = review_state_get_comment(state, req->tenant, q->review_id, req->arena);

    answer->review_id = q->review_id;
    answer->cycle_id = px_arena_strdup(req->arena, review.cycle_id);
    answer->subject_id = px_arena_strdup(req->arena, review.subject_id);
    answer->rater_id = px_arena_strdup(req->arena, review.rater_id);
    answer->relation = (ReviewCycle__Relation)review.relation;
    copy_ratings(answer, &review, req->arena);
    answer->comment = (char *)px_reply_open_text(reply, review.subject_id, comment);
    answer->occurred_at = px_codec_timestamp(review.occurred_at_us, req->arena);
    answer->withdrawn = review.withdrawn;
    answer->as_of_seq = px_view_cursor(state);
    return px_arena_overflowed(req->arena) ? PX_ENOMEM : PX_OK;
}

/* The grid of performance and potential, for who decides about people. */
static void add_potential(const px_view *state, const px_request *req, const scored_record *scored,
                          ReviewCycle__PersonScore *answer)
{
    const ReviewCycle__GetPersonScore *q = req->body;
    score performance = score_mean(scored->what, scored->how);
    score potential = review_state_get_potential(state, req->tenant, q->cycle_id, q->person_id);
    cycle_record cycle;
    scale_record scale;

    answer->performance = public_score(req->arena, performance.known, performance.hundredths);
    answer->potential = public_score(req->arena, potential.known, potential.hundredths);
    if (!performance.known || !potential.known || !scored->columns || !scored->rows ||
        !review_state_get_cycle(state, req->tenant, q->cycle_id, &cycle) ||
        !review_state_get_scale(state, req->tenant, cycle.scale_id, cycle.scale_version, &scale) ||
        scale.value_count < 2)
        return;
    int32_t low = scale.values[0], high = scale.values[scale.value_count - 1];
    answer->performance_slice = score_slice(performance.hundredths, low, high, scored->columns);
    answer->potential_slice = score_slice(potential.hundredths, low, high, scored->rows);
}

/* There are scores only of cycles that share, so the person may see theirs. */
px_status query_get_person_score(const px_view *state, const px_request *req, px_reply *reply)
{
    const ReviewCycle__GetPersonScore *q = req->body;
    scored_record scored;

    if (!px_people_is_known(state, req->tenant, q->person_id))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "person_id");
    if (!px_people_may_view(state, req->tenant, q->viewer_id, q->person_id))
        return px_reply_refuse(reply, PX_REASON_FORBIDDEN, "viewer_id");
    if (!review_state_get_person_scored(state, req->tenant, q->cycle_id, q->person_id, &scored))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "cycle_id");
    ReviewCycle__PersonScore *answer = px_reply_new(reply, &review_cycle__person_score__descriptor);

    answer->cycle_id = q->cycle_id;
    answer->person_id = q->person_id;
    answer->what = public_score(req->arena, scored.what.known, scored.what.hundredths);
    answer->how = public_score(req->arena, scored.how.known, scored.how.hundredths);
    answer->column = scored.column;
    answer->row = scored.row;
    answer->columns = scored.columns;
    answer->rows = scored.rows;
    answer->as_of_seq = px_view_cursor(state);
    if (strcmp(q->viewer_id, q->person_id) != 0)
        add_potential(state, req, &scored, answer);
    return px_arena_overflowed(req->arena) ? PX_ENOMEM : PX_OK;
}
