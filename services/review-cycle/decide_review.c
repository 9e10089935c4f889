/* decide_review.c: reviews: submission -> facts. Cheapest checks first, in a fixed order. */
#include <string.h>

#include "common/people.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/review-cycle/service.h"
#include "services/review-cycle/state_score.h"

/* The reporting lines speak px_relation, the contract Relation: the same numbers. */
_Static_assert((int)PX_RELATION_SELF == (int)REVIEW_CYCLE__RELATION__RELATION_SELF, "self");
_Static_assert((int)PX_RELATION_MANAGER == (int)REVIEW_CYCLE__RELATION__RELATION_MANAGER,
               "manager");
_Static_assert((int)PX_RELATION_PEER == (int)REVIEW_CYCLE__RELATION__RELATION_PEER, "peer");
_Static_assert((int)PX_RELATION_REPORT == (int)REVIEW_CYCLE__RELATION__RELATION_REPORT, "report");

static px_verdict check_rated_once(const px_submission *sub, const ReviewCycle__SubmitReview *cmd)
{
    for (size_t i = 1; i < cmd->n_ratings; i++)
        for (size_t j = 0; j < i; j++)
            if (cmd->ratings[i]->facet == cmd->ratings[j]->facet &&
                strcmp(cmd->ratings[i]->competency_id, cmd->ratings[j]->competency_id) == 0)
                return px_reject(PX_REASON_RATING_TWICE,
                                 px_field_at(sub, "ratings", i, "competency_id"));
    for (size_t i = 1; i < cmd->n_criteria; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(cmd->criteria[i]->criterion_id, cmd->criteria[j]->criterion_id) == 0)
                return px_reject(PX_REASON_RATING_TWICE,
                                 px_field_at(sub, "criteria", i, "criterion_id"));
    return px_accept();
}

px_verdict review_check_open(const px_view *state, const px_submission *sub, const char *cycle_id,
                             cycle_record *cycle)
{
    if (!review_state_get_cycle(state, sub->tenant, cycle_id, cycle))
        return px_reject(PX_REASON_CYCLE_UNKNOWN, "cycle_id");
    if (cycle->phase != REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_WRITING)
        return px_reject(PX_REASON_CYCLE_NOT_OPEN, "cycle_id");
    return px_accept();
}

static px_verdict check_subject(const px_view *state, const px_submission *sub,
                                const ReviewCycle__SubmitReview *cmd)
{
    px_person subject;

    if (!px_people_get(state, sub->tenant, cmd->subject_id, &subject))
        return px_reject(PX_REASON_PERSON_UNKNOWN, "subject_id");
    if (!subject.active)
        return px_reject(PX_REASON_PERSON_INACTIVE, "subject_id");
    if ((int)cmd->relation !=
        (int)px_people_relation(state, sub->tenant, sub->actor, cmd->subject_id))
        return px_reject(PX_REASON_RELATION_MISMATCH, "relation");
    return px_accept();
}

static px_verdict check_rating(const px_view *state, const px_submission *sub,
                               const scale_record *scale, size_t i)
{
    const ReviewCycle__SubmitReview *cmd = sub->body;
    const ReviewCycle__CompetencyRating *rating = cmd->ratings[i];

    if (rating->not_applicable && !scale->allows_not_applicable)
        return px_reject(PX_REASON_BAD_SCALE_VALUE,
                         px_field_at(sub, "ratings", i, "not_applicable"));
    if (!rating->not_applicable && !scale_position(scale, rating->value))
        return px_reject(PX_REASON_BAD_SCALE_VALUE, px_field_at(sub, "ratings", i, "value"));
    if (!review_state_has_competency(state, sub->tenant, rating->competency_id))
        return px_reject(PX_REASON_COMPETENCY_UNKNOWN,
                         px_field_at(sub, "ratings", i, "competency_id"));
    return px_accept();
}

/* One of the person's template, and rated for itself. */
static bool is_criterion(const template_record *template, const char *criterion_id)
{
    for (size_t i = 0; i < template->criterion_count; i++)
        if (strcmp(template->criteria[i].criterion_id, criterion_id) == 0)
            return template->criteria[i].competency_id[0] == '\0';
    return false;
}

static px_verdict check_criteria(const px_view *state, const px_submission *sub,
                                 const scale_record *scale)
{
    const ReviewCycle__SubmitReview *cmd = sub->body;
    template_record template;
    template_ref ref;

    if (cmd->n_criteria == 0)
        return px_accept();
    ref = review_state_template_of(state, sub->tenant, cmd->cycle_id, cmd->subject_id);
    review_state_get_template(state, sub->tenant, &ref, &template);
    for (size_t i = 0; i < cmd->n_criteria; i++) {
        const ReviewCycle__CriterionRating *rating = cmd->criteria[i];

        if (rating->not_applicable && !scale->allows_not_applicable)
            return px_reject(PX_REASON_BAD_SCALE_VALUE,
                             px_field_at(sub, "criteria", i, "not_applicable"));
        if (!rating->not_applicable && !scale_position(scale, rating->value))
            return px_reject(PX_REASON_BAD_SCALE_VALUE, px_field_at(sub, "criteria", i, "value"));
        if (!is_criterion(&template, rating->criterion_id))
            return px_reject(PX_REASON_CRITERION_UNKNOWN,
                             px_field_at(sub, "criteria", i, "criterion_id"));
    }
    return px_accept();
}

static px_verdict check_ratings(const px_view *state, const px_submission *sub,
                                const scale_record *scale)
{
    const ReviewCycle__SubmitReview *cmd = sub->body;

    if (cmd->what && !scale_position(scale, cmd->what->value))
        return px_reject(PX_REASON_BAD_SCALE_VALUE, "what.value");
    if (cmd->how && !scale_position(scale, cmd->how->value))
        return px_reject(PX_REASON_BAD_SCALE_VALUE, "how.value");
    for (size_t i = 0; i < cmd->n_ratings; i++) {
        px_verdict rating = check_rating(state, sub, scale, i);

        if (rating.reason != PX_REASON_NONE)
            return rating;
    }
    return check_criteria(state, sub, scale);
}

static bool is_empty(const ReviewCycle__SubmitReview *cmd)
{
    return !cmd->what && !cmd->how && cmd->n_ratings == 0 && cmd->n_criteria == 0 &&
           (!cmd->comment || cmd->comment->sealed.len == 0);
}

/* Fills in the cycle and its scale when they are needed and found. */
static px_verdict check_review(const px_view *state, const px_submission *sub, cycle_record *cycle,
                               scale_record *scale)
{
    const ReviewCycle__SubmitReview *cmd = sub->body;
    review_record existing;
    px_verdict verdict = check_rated_once(sub, cmd);

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    if (!px_people_is_active(state, sub->tenant, sub->actor))
        return px_reject(PX_REASON_ACTOR_UNKNOWN, "actor");
    if (review_state_get_review(state, sub->tenant, cmd->review_id, &existing))
        return px_reject(PX_REASON_REVIEW_EXISTS, "review_id");
    verdict = review_check_open(state, sub, cmd->cycle_id, cycle);
    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    verdict = check_subject(state, sub, cmd);
    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    /* Only now: a comment about somebody unknown was dropped for want of a key. */
    if (is_empty(cmd))
        return px_reject(PX_REASON_REVIEW_EMPTY, "ratings");
    if (review_state_has_review_by(state, sub->tenant, cmd->cycle_id, cmd->subject_id, sub->actor))
        return px_reject(PX_REASON_REVIEW_EXISTS, "subject_id");
    bool defined =
        review_state_get_scale(state, sub->tenant, cycle->scale_id, cycle->scale_version, scale);
    PX_ASSERT(defined); /* a cycle names a defined scale, and scales stay */
    return check_ratings(state, sub, scale);
}

typedef struct {
    ReviewCycleFact__Rating *rows;
    const scale_record *scale;
    ReviewCycleFact__ReviewSubmitted *fact;
} rating_list;

static void add_rating(rating_list *list, char *competency_id, ReviewCycle__Facet facet,
                       int32_t value, bool not_applicable)
{
    size_t n = list->fact->n_ratings;
    ReviewCycleFact__Rating *rating = &list->rows[n];

    *rating = (ReviewCycleFact__Rating)REVIEW_CYCLE_FACT__RATING__INIT;
    rating->competency_id = competency_id;
    rating->facet = (uint32_t)facet;
    rating->value = not_applicable ? 0 : value;
    rating->position = not_applicable ? 0 : scale_position(list->scale, value);
    rating->scale_size = list->scale->value_count;
    list->fact->ratings[n] = rating;
    list->fact->n_ratings = n + 1;
}

static void copy_ratings(ReviewCycleFact__ReviewSubmitted *fact,
                         const ReviewCycle__SubmitReview *cmd, const scale_record *scale,
                         px_arena *arena)
{
    size_t count = 2 + cmd->n_ratings;
    rating_list list = { .rows = px_arena_alloc(arena, count * sizeof *list.rows),
                         .scale = scale,
                         .fact = fact };

    fact->ratings = px_arena_alloc(arena, count * sizeof *fact->ratings);
    if (!list.rows || !fact->ratings) /* the overflow sticks and fails the batch */
        return;
    if (cmd->what)
        add_rating(&list, "", REVIEW_CYCLE__FACET__FACET_WHAT, cmd->what->value, false);
    if (cmd->how)
        add_rating(&list, "", REVIEW_CYCLE__FACET__FACET_HOW, cmd->how->value, false);
    for (size_t i = 0; i < cmd->n_ratings; i++)
        add_rating(&list, cmd->ratings[i]->competency_id, cmd->ratings[i]->facet,
                   cmd->ratings[i]->value, cmd->ratings[i]->not_applicable);
}

static void copy_criteria(ReviewCycleFact__ReviewSubmitted *fact,
                          const ReviewCycle__SubmitReview *cmd, const scale_record *scale,
                          px_arena *arena)
{
    ReviewCycleFact__CriterionRating *rows = px_arena_alloc(arena, cmd->n_criteria * sizeof *rows);

    fact->criteria = px_arena_alloc(arena, cmd->n_criteria * sizeof *fact->criteria);
    for (size_t i = 0; rows && fact->criteria && i < cmd->n_criteria; i++) {
        const ReviewCycle__CriterionRating *rating = cmd->criteria[i];

        rows[i] = (ReviewCycleFact__CriterionRating)REVIEW_CYCLE_FACT__CRITERION_RATING__INIT;
        rows[i].criterion_id = rating->criterion_id;
        rows[i].value = rating->not_applicable ? 0 : rating->value;
        rows[i].position = rating->not_applicable ? 0 : scale_position(scale, rating->value);
        fact->criteria[fact->n_criteria++] = &rows[i];
    }
}

px_verdict decide_submit_review(const px_view *state, const px_submission *sub, px_facts *out)
{
    const ReviewCycle__SubmitReview *cmd = sub->body;
    px_arena *arena = px_facts_arena(out);
    cycle_record cycle;
    scale_record scale;
    px_verdict verdict = check_review(state, sub, &cycle, &scale);

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    ReviewCycleFact__ReviewSubmitted *fact =
        px_facts_add(out, REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_SUBMITTED);
    fact->review_id = cmd->review_id;
    fact->cycle_id = cmd->cycle_id;
    fact->subject_id = cmd->subject_id;
    fact->rater_id = (char *)sub->actor; /* borrowed; protobuf-c knows no const */
    fact->relation = (uint32_t)cmd->relation;
    copy_ratings(fact, cmd, &scale, arena);
    copy_criteria(fact, cmd, &scale, arena);
    if (cmd->comment)
        fact->sealed_comment = cmd->comment->sealed;
    fact->occurred_at_us = sub->occurred_at_us;
    fact->scale_id = px_arena_strdup(arena, cycle.scale_id);
    fact->scale_version = cycle.scale_version;
    return px_accept();
}

/* Each competency once, though it may be rated in two facets. */
static void copy_competencies(ReviewCycleFact__ReviewWithdrawn *fact, const review_record *review,
                              px_arena *arena)
{
    fact->competency_ids =
        px_arena_alloc(arena, review->rating_count * sizeof *fact->competency_ids);
    for (size_t i = 0; fact->competency_ids && i < review->rating_count; i++) {
        const char *id = review->ratings[i].competency_id;
        bool named = id[0] == '\0'; /* an overall rating */

        for (size_t j = 0; j < i && !named; j++)
            named = strcmp(review->ratings[j].competency_id, id) == 0;
        if (!named)
            fact->competency_ids[fact->n_competency_ids++] = px_arena_strdup(arena, id);
    }
}

px_verdict decide_withdraw_review(const px_view *state, const px_submission *sub, px_facts *out)
{
    const ReviewCycle__WithdrawReview *cmd = sub->body;
    px_arena *arena = px_facts_arena(out);
    review_record review;

    if (!review_state_get_review(state, sub->tenant, cmd->review_id, &review))
        return px_reject(PX_REASON_REVIEW_UNKNOWN, "review_id");
    if (strcmp(review.rater_id, sub->actor) != 0)
        return px_reject(PX_REASON_NOT_ALLOWED, "actor");
    if (review.withdrawn)
        return px_reject(PX_REASON_ALREADY_WITHDRAWN, "review_id");
    if (review_state_cycle_shares(state, sub->tenant, review.cycle_id))
        return px_reject(PX_REASON_TOO_LATE, "review_id");

    ReviewCycleFact__ReviewWithdrawn *fact =
        px_facts_add(out, REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_WITHDRAWN);
    fact->review_id = cmd->review_id;
    fact->cycle_id = px_arena_strdup(arena, review.cycle_id);
    fact->subject_id = px_arena_strdup(arena, review.subject_id);
    fact->rater_id = px_arena_strdup(arena, review.rater_id);
    fact->relation = review.relation;
    copy_competencies(fact, &review, arena);
    return px_accept();
}
