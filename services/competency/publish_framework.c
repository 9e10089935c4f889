/* publish_framework.c: own facts about frameworks, and about competencies that ended -> public
 * events. */
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "services/competency/service.h"

void publish_framework_defined(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__FrameworkDefined *f = fact->body;
    Competency__FrameworkDefined event = COMPETENCY__FRAMEWORK_DEFINED__INIT;

    (void)state;
    event.framework_id = f->framework_id;
    event.title = f->title;
    event.version = f->version;
    event.publisher = f->publisher;
    event.source_url = f->source_url;
    event.attribution = f->attribution;
    px_out_event(out, "FrameworkDefined", f->framework_id, &event.base);
}

static Competency__CompetencySuccessor *successor(const CompetencyFact__Successor *f,
                                                  px_arena *arena)
{
    Competency__CompetencySuccessor *s = px_arena_alloc(arena, sizeof *s);

    if (!s)
        return NULL;
    *s = (Competency__CompetencySuccessor)COMPETENCY__COMPETENCY_SUCCESSOR__INIT;
    s->competency_id = f->competency_id;
    s->levels = f->levels;
    s->n_levels = f->n_levels;
    s->moves_ratings = f->moves_ratings;
    s->share = f->share;
    return s;
}

void publish_competency_replaced(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__CompetencyReplaced *f = fact->body;
    Competency__CompetencyReplaced event = COMPETENCY__COMPETENCY_REPLACED__INIT;
    px_arena *arena = px_out_arena(out);

    (void)state;
    event.competency_id = f->competency_id;
    event.kind = (Competency__ReplacementKind)f->kind;
    event.reason_code = f->reason_code;
    event.successors = px_arena_alloc(arena, (f->n_successors + 1) * sizeof *event.successors);
    for (size_t i = 0; event.successors && i < f->n_successors; i++) {
        event.successors[i] = successor(f->successors[i], arena);
        if (!event.successors[i])
            return; /* the outbound side sees that the arena is full */
        event.n_successors++;
    }
    px_out_event(out, "CompetencyReplaced", f->competency_id, &event.base);
}
