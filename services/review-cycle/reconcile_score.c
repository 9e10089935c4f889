/* reconcile_score.c: says what a person's score is, and their place in the matrix, once the cycle
 * shares. */
#include <string.h>

#include "common/record.h"
#include "common/replaced.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/review-cycle/service.h"
#include "services/review-cycle/state_score.h"

enum {
    WHAT = REVIEW_CYCLE__FACET__FACET_WHAT,
    HOW = REVIEW_CYCLE__FACET__FACET_HOW,
    PARTS_MAX = 2 + REVIEW_CRITERIA_MAX
};

/* What this pass works on. */
typedef struct {
    const px_view *state;
    const char *tenant;
    const char *cycle_id, *person_id;
    cycle_record cycle;
    bool said_before;
    scored_record said, now;
    template_record template;
    score_part parts[PARTS_MAX];
    size_t part_count;
} pass;

/* ---- the parts ---- */

static const review_rating *rating_by_id(const review_record *review, const char *competency_id,
                                         uint8_t facet)
{
    for (size_t i = 0; i < review->rating_count; i++)
        if (review->ratings[i].facet == facet &&
            strcmp(review->ratings[i].competency_id, competency_id) == 0)
            return &review->ratings[i];
    return NULL;
}

/* "" for one that was split or retired. */
static void present_id(const pass *p, const char *competency_id, char now[PX_ID_SIZE])
{
    px_successors by = px_replaced_resolve(p->state, p->tenant, competency_id);

    px_record_set_text(now, PX_ID_SIZE, by.count == 1 ? by.all[0].competency_id : "");
}

/* A competency that was renamed or merged is rated by its old id and by its new one. */
static const review_rating *rating_in(const pass *p, const review_record *review,
                                      const char *competency_id, uint8_t facet)
{
    const review_rating *exact = rating_by_id(review, competency_id, facet);
    char wanted[PX_ID_SIZE], rated[PX_ID_SIZE];

    if (exact || !competency_id[0])
        return exact;
    present_id(p, competency_id, wanted);
    for (size_t i = 0; wanted[0] && i < review->rating_count; i++) {
        if (review->ratings[i].facet != facet || !review->ratings[i].competency_id[0])
            continue;
        present_id(p, review->ratings[i].competency_id, rated);
        if (strcmp(rated, wanted) == 0)
            return &review->ratings[i];
    }
    return NULL;
}

/* Where a review does not tell facets apart, its rating stands for either. */
static void rate_by_competency(const pass *p, score_part *part, const review_record *review)
{
    const review_rating *rating = rating_in(p, review, part->competency_id, part->facet);

    if (!rating && part->competency_id[0])
        rating = rating_in(p, review, part->competency_id, REVIEW_CYCLE__FACET__FACET_UNSPECIFIED);
    if (rating && rating->position) {
        part->counts = true;
        part->value = rating->value;
    }
}

static void rate_by_criterion(score_part *part, const review_record *review)
{
    for (size_t i = 0; i < review->criterion_count; i++) {
        const review_criterion *c = &review->criteria[i];

        if (c->position && strcmp(c->criterion_id, part->criterion_id) == 0) {
            part->counts = true;
            part->value = c->value;
        }
    }
}

static void add_part(pass *p, const review_record *review, score_part part)
{
    if (part.criterion_id[0] && !part.competency_id[0])
        rate_by_criterion(&part, review);
    else
        rate_by_competency(p, &part, review);
    p->parts[p->part_count++] = part;
}

/* A facet without criteria is the overall rating. */
static void add_facet(pass *p, const review_record *review, uint8_t facet)
{
    size_t before = p->part_count;

    for (size_t i = 0; i < p->template.criterion_count; i++) {
        const template_criterion *c = &p->template.criteria[i];

        if (c->facet == facet)
            add_part(p, review,
                     (score_part){ .facet = facet,
                                   .weight = c->weight,
                                   .criterion_id = c->criterion_id,
                                   .competency_id = c->competency_id });
    }
    if (p->part_count == before)
        add_part(p, review,
                 (score_part){ .facet = facet,
                               .weight = SCORE_WEIGHTS_TOTAL,
                               .criterion_id = "",
                               .competency_id = "" });
}

/* ---- the place ---- */

static void place(pass *p)
{
    scale_record scale;

    p->now.columns = p->template.columns;
    p->now.rows = p->template.rows;
    if (!p->now.what.known || !p->now.how.known ||
        !review_state_get_scale(p->state, p->tenant, p->cycle.scale_id, p->cycle.scale_version,
                                &scale))
        return;
    if (scale.value_count < 2 || !p->now.columns || !p->now.rows) /* not a fact of ours */
        return;
    int32_t low = scale.values[0], high = scale.values[scale.value_count - 1];
    if (low >= high)
        return;
    p->now.column = score_slice(p->now.what.hundredths, low, high, p->now.columns);
    p->now.row = score_slice(p->now.how.hundredths, low, high, p->now.rows);
}

/* ---- what is said ---- */

static void say_parts(ReviewCycleFact__ScoreComputed *fact, const pass *p, px_arena *arena)
{
    ReviewCycleFact__ScorePart *rows = px_arena_alloc(arena, p->part_count * sizeof *rows);

    fact->parts = px_arena_alloc(arena, p->part_count * sizeof *fact->parts);
    for (size_t i = 0; rows && fact->parts && i < p->part_count; i++) {
        rows[i] = (ReviewCycleFact__ScorePart)REVIEW_CYCLE_FACT__SCORE_PART__INIT;
        rows[i].criterion_id = px_arena_strdup(arena, p->parts[i].criterion_id);
        rows[i].competency_id = px_arena_strdup(arena, p->parts[i].competency_id);
        rows[i].facet = p->parts[i].facet;
        rows[i].weight_hundredths = p->parts[i].weight;
        rows[i].counts = p->parts[i].counts;
        rows[i].value = p->parts[i].value;
        fact->parts[fact->n_parts++] = &rows[i];
    }
}

static void say_score(const pass *p, px_facts *out)
{
    px_arena *arena = px_facts_arena(out);
    ReviewCycleFact__ScoreComputed *fact =
        px_facts_add(out, REVIEW_CYCLE_FACT__FACT__BODY_SCORE_COMPUTED);

    fact->cycle_id = px_arena_strdup(arena, p->cycle_id);
    fact->person_id = px_arena_strdup(arena, p->person_id);
    fact->review_id = px_arena_strdup(arena, p->now.review_id);
    say_parts(fact, p, arena);
    fact->what_known = p->now.what.known;
    fact->what_hundredths = p->now.what.hundredths;
    fact->how_known = p->now.how.known;
    fact->how_hundredths = p->now.how.hundredths;
    fact->template_role_id = px_arena_strdup(arena, p->now.used.role_id);
    fact->template_version = p->now.used.version;
    fact->formula_version = SCORE_FORMULA_VERSION;
}

static void say_place(const pass *p, px_facts *out)
{
    px_arena *arena = px_facts_arena(out);
    ReviewCycleFact__MatrixPlaced *fact =
        px_facts_add(out, REVIEW_CYCLE_FACT__FACT__BODY_MATRIX_PLACED);

    fact->cycle_id = px_arena_strdup(arena, p->cycle_id);
    fact->person_id = px_arena_strdup(arena, p->person_id);
    fact->what_hundredths = p->now.what.hundredths;
    fact->how_hundredths = p->now.how.hundredths;
    fact->column = p->now.column;
    fact->row = p->now.row;
    fact->columns = p->now.columns;
    fact->rows = p->now.rows;
    fact->rule_version = SCORE_SLICE_RULE_VERSION;
    fact->cycle_ends_at_us = p->cycle.ends_at_us;
}

static bool same_score(score a, score b)
{
    return a.known == b.known && a.hundredths == b.hundredths;
}

/* A first place, another one, none any more; or the same slices by another score. */
static bool place_is_news(const pass *p)
{
    if (!p->now.column && !p->said.column)
        return false;
    return p->now.column != p->said.column || p->now.row != p->said.row ||
           !same_score(p->now.what, p->said.what) || !same_score(p->now.how, p->said.how);
}

/* While a reopened cycle is written in, what was said of it stands. Who closes one while its scores
 * are still being said does not lose the rest. A review that was scored stays scored as it was:
 * what becomes of its competencies later, or of the formula, changes no cycle that was shared. */
void reconcile_score(const px_view *state, const px_key *dirty, int64_t now_us, px_facts *out)
{
    score_key ids = review_state_score_key(dirty->rest);
    pass p = { .state = state,
               .tenant = dirty->tenant,
               .cycle_id = ids.cycle_id,
               .person_id = ids.person_id };
    review_record review = { 0 };

    (void)now_us;
    if (!px_people_is_known(state, dirty->tenant, ids.person_id) ||
        !review_state_get_cycle(state, dirty->tenant, ids.cycle_id, &p.cycle) ||
        !cycle_shares(&p.cycle))
        return;
    p.said_before =
        review_state_get_person_scored(state, dirty->tenant, ids.cycle_id, ids.person_id, &p.said);
    bool reviewed = review_state_last_manager_review(state, dirty->tenant, ids.cycle_id,
                                                     ids.person_id, p.now.review_id, &review);
    if (p.said_before ? strcmp(p.said.review_id, p.now.review_id) == 0 : !reviewed)
        return;
    p.now.used = p.said_before
                     ? p.said.used
                     : review_state_template_of(state, dirty->tenant, ids.cycle_id, ids.person_id);
    review_state_get_template(state, dirty->tenant, &p.now.used, &p.template);
    add_facet(&p, &review, WHAT);
    add_facet(&p, &review, HOW);
    p.now.what = score_of(p.parts, p.part_count, WHAT);
    p.now.how = score_of(p.parts, p.part_count, HOW);
    place(&p);
    say_score(&p, out);
    if (place_is_news(&p))
        say_place(&p, out);
}
