/* publish_score.c: own facts about templates and scores -> public events. A score is made of a
 * review by a manager, whose ratings are public already. Nothing is said of a person erased
 * meanwhile. */
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/event.pb-c.h"
#include "services/review-cycle/ratings.h"
#include "services/review-cycle/service.h"

void publish_template_defined(const px_view *state, const px_fact *fact, px_out *out)
{
    const ReviewCycleFact__TemplateDefined *f = fact->body;
    ReviewCycle__TemplateDefined event = REVIEW_CYCLE__TEMPLATE_DEFINED__INIT;
    px_arena *arena = px_out_arena(out);
    ReviewCycle__TemplateCriterion *rows = px_arena_alloc(arena, f->n_criteria * sizeof *rows);

    (void)state;
    event.role_id = f->role_id;
    event.version = f->version;
    event.criteria = px_arena_alloc(arena, f->n_criteria * sizeof *event.criteria);
    for (size_t i = 0; rows && event.criteria && i < f->n_criteria; i++) {
        rows[i] = (ReviewCycle__TemplateCriterion)REVIEW_CYCLE__TEMPLATE_CRITERION__INIT;
        rows[i].criterion_id = f->criteria[i]->criterion_id;
        rows[i].label = f->criteria[i]->label;
        rows[i].facet = (ReviewCycle__Facet)f->criteria[i]->facet;
        rows[i].weight_hundredths = f->criteria[i]->weight_hundredths;
        rows[i].competency_id = f->criteria[i]->competency_id;
        event.criteria[event.n_criteria++] = &rows[i];
    }
    event.columns = f->columns;
    event.rows = f->rows;
    px_out_event(out, "TemplateDefined", f->role_id[0] ? f->role_id : "everybody", &event.base);
}

static ReviewCycle__ScorePart **public_parts(const ReviewCycleFact__ScoreComputed *f,
                                             px_arena *arena)
{
    ReviewCycle__ScorePart *rows = px_arena_alloc(arena, f->n_parts * sizeof *rows);
    ReviewCycle__ScorePart **parts = px_arena_alloc(arena, f->n_parts * sizeof *parts);

    for (size_t i = 0; rows && parts && i < f->n_parts; i++) {
        rows[i] = (ReviewCycle__ScorePart)REVIEW_CYCLE__SCORE_PART__INIT;
        rows[i].criterion_id = f->parts[i]->criterion_id;
        rows[i].competency_id = f->parts[i]->competency_id;
        rows[i].facet = (ReviewCycle__Facet)f->parts[i]->facet;
        rows[i].weight_hundredths = f->parts[i]->weight_hundredths;
        rows[i].counts = f->parts[i]->counts;
        rows[i].value = f->parts[i]->value;
        parts[i] = &rows[i];
    }
    return rows ? parts : NULL;
}

void publish_score_computed(const px_view *state, const px_fact *fact, px_out *out)
{
    const ReviewCycleFact__ScoreComputed *f = fact->body;
    ReviewCycle__ScoreComputed event = REVIEW_CYCLE__SCORE_COMPUTED__INIT;
    px_arena *arena = px_out_arena(out);

    if (review_is_gone(state, fact, f->person_id))
        return;
    event.cycle_id = f->cycle_id;
    event.person_id = f->person_id;
    event.review_id = f->review_id;
    event.parts = public_parts(f, arena);
    event.n_parts = event.parts ? f->n_parts : 0;
    event.what = public_score(arena, f->what_known, f->what_hundredths);
    event.how = public_score(arena, f->how_known, f->how_hundredths);
    event.template_role_id = f->template_role_id;
    event.template_version = f->template_version;
    event.formula_version = f->formula_version;
    px_out_event(out, "ScoreComputed", f->person_id, &event.base);
}

void publish_matrix_placed(const px_view *state, const px_fact *fact, px_out *out)
{
    const ReviewCycleFact__MatrixPlaced *f = fact->body;
    ReviewCycle__MatrixPlaced event = REVIEW_CYCLE__MATRIX_PLACED__INIT;
    px_arena *arena = px_out_arena(out);

    if (review_is_gone(state, fact, f->person_id))
        return;
    event.cycle_id = f->cycle_id;
    event.person_id = f->person_id;
    event.what = public_score(arena, f->column != 0, f->what_hundredths);
    event.how = public_score(arena, f->row != 0, f->how_hundredths);
    event.column = f->column;
    event.row = f->row;
    event.columns = f->columns;
    event.rows = f->rows;
    event.rule_version = f->rule_version;
    px_out_event(out, "MatrixPlaced", f->person_id, &event.base);
}
