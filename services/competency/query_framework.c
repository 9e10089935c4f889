/* query_framework.c: frameworks and competencies as submissions would say them, for people who look
 * after them and for `praxis export`; and what the id of an ended competency means now.
 */
#include <string.h>

#include "common/replaced.h"
#include "praxis/competency/v1/query.pb-c.h"
#include "services/competency/service.h"
#include "services/competency/state_attainment.h"
#include "services/competency/state_framework.h"

enum { PAGE_BYTES = 64 * 1024, PAGE_ENTRIES = 256 };

/* ---- one competency ---- */

static char *own(const px_request *req, const char *text)
{
    return px_arena_strdup(req->arena, text);
}

static void add_levels(const px_request *req, Competency__DefineCompetency *d,
                       const competency_record *c, const competency_words *words)
{
    d->levels = px_arena_alloc(req->arena, LEVELS_MAX * sizeof *d->levels);
    for (uint8_t i = 0; d->levels && i < c->level_count; i++) {
        Competency__CompetencyLevel *level = px_arena_alloc(req->arena, sizeof *level);

        if (!level)
            return;
        *level = (Competency__CompetencyLevel)COMPETENCY__COMPETENCY_LEVEL__INIT;
        level->name = own(req, c->level_names[i]);
        level->text = own(req, words->level_texts[i]);
        d->levels[d->n_levels++] = level;
    }
}

/* The one above, or what took its place. */
static char *parent_of(const px_view *state, const px_request *req, const competency_record *c)
{
    px_successors now = px_replaced_resolve(state, req->tenant, c->parent_id);

    return c->parent_id[0] && now.count == 1 ? own(req, now.all[0].competency_id) : own(req, "");
}

static const char *level_name(const competency_record *c, uint8_t place)
{
    return place > 0 && place <= c->level_count ? c->level_names[place - 1] : "";
}

static Competency__DefineCompetency *definition(const px_view *state, const px_request *req,
                                                const char *competency_id,
                                                const competency_record *c)
{
    Competency__DefineCompetency *d = px_arena_alloc(req->arena, sizeof *d);
    competency_words words;

    if (!d)
        return NULL;
    *d = (Competency__DefineCompetency)COMPETENCY__DEFINE_COMPETENCY__INIT;
    competency_state_get_words(state, req->tenant, competency_id, &words);
    d->competency_id = own(req, competency_id);
    d->title = own(req, c->title);
    d->description = own(req, words.description);
    d->family = (Competency__CompetencyFamily)c->family;
    d->proficient_from = own(req, level_name(c, c->proficient_from));
    d->default_level = own(req, level_name(c, c->default_level));
    d->valid_days = c->valid_days;
    d->framework_id = own(req, c->framework_id);
    d->parent_id = parent_of(state, req, c);
    add_levels(req, d, c, &words);
    return d;
}

static Competency__SetCompetencyRule *rule_of(const px_view *state, const px_request *req,
                                              const char *competency_id)
{
    Competency__SetCompetencyRule *r = px_arena_alloc(req->arena, sizeof *r);
    rule_record rule;

    if (!r || !competency_state_get_rule(state, req->tenant, competency_id, &rule))
        return NULL;
    *r = (Competency__SetCompetencyRule)COMPETENCY__SET_COMPETENCY_RULE__INIT;
    r->competency_id = own(req, competency_id);
    r->kind = (Competency__CompetencyRuleKind)rule.kind;
    r->outcome = (Competency__CompetencyRuleOutcome)rule.outcome;
    r->points_needed = rule.points_needed;
    r->children = px_arena_alloc(req->arena, RULE_CHILDREN_MAX * sizeof *r->children);
    for (uint8_t i = 0; r->children && i < rule.child_count; i++) {
        Competency__CompetencyChild *child = px_arena_alloc(req->arena, sizeof *child);

        if (!child)
            return NULL;
        *child = (Competency__CompetencyChild)COMPETENCY__COMPETENCY_CHILD__INIT;
        child->competency_id = own(req, rule.children[i].competency_id);
        child->points = rule.children[i].points;
        child->required = rule.children[i].required;
        r->children[r->n_children++] = child;
    }
    return r;
}

static void add_successors(const px_view *state, const px_request *req,
                           Competency__Competency *entry, const char *competency_id)
{
    px_successors now = px_replaced_resolve(state, req->tenant, competency_id);

    if (!now.ended)
        return;
    entry->ended = (Competency__ReplacementKind)now.kind;
    entry->successors = px_arena_alloc(req->arena, PX_SUCCESSORS_MAX * sizeof *entry->successors);
    for (size_t i = 0; entry->successors && i < now.count; i++) {
        Competency__CompetencySuccessor *s = px_arena_alloc(req->arena, sizeof *s);

        if (!s)
            return;
        *s = (Competency__CompetencySuccessor)COMPETENCY__COMPETENCY_SUCCESSOR__INIT;
        s->competency_id = own(req, now.all[i].competency_id);
        s->share = now.all[i].share;
        s->moves_ratings = now.all[i].moves_ratings;
        s->n_levels = now.all[i].level_count;
        s->levels = px_arena_copy(req->arena, now.all[i].levels, s->n_levels * sizeof *s->levels);
        entry->successors[entry->n_successors++] = s;
    }
}

static void fill(const px_view *state, const px_request *req, const char *competency_id,
                 const competency_record *c, Competency__Competency *entry)
{
    entry->definition = definition(state, req, competency_id, c);
    entry->rule = rule_of(state, req, competency_id);
    entry->framework_version = own(req, c->framework_version);
    add_successors(state, req, entry, competency_id);
    entry->as_of_seq = px_view_cursor(state);
}

px_status query_get_competency(const px_view *state, const px_request *req, px_reply *reply)
{
    const Competency__GetCompetency *q = req->body;
    competency_record competency;

    if (!competency_state_get(state, req->tenant, q->competency_id, &competency))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "competency_id");
    Competency__Competency *entry = px_reply_new(reply, &competency__competency__descriptor);
    fill(state, req, q->competency_id, &competency, entry);
    return px_arena_overflowed(req->arena) ? PX_ENOMEM : PX_OK;
}

/* ---- many ---- */

/* The next one in use after `competency_id` of this framework, "" for any. */
static bool next_in_use(const px_view *state, const char *tenant, const char *framework_id,
                        char competency_id[PX_ID_SIZE], competency_record *out)
{
    while (competency_state_next(state, tenant, competency_id)) {
        competency_state_get(state, tenant, competency_id, out);
        if (!px_replaced_has_ended(state, tenant, competency_id) &&
            (!framework_id[0] || strcmp(out->framework_id, framework_id) == 0))
            return true;
    }
    return false;
}

px_status query_list_competencies(const px_view *state, const px_request *req, px_reply *reply)
{
    const Competency__ListCompetencies *q = req->body;
    Competency__CompetenciesList *page =
        px_reply_new(reply, &competency__competencies_list__descriptor);
    char competency_id[PX_ID_SIZE];
    competency_record competency;
    size_t bytes = 0;

    memcpy(competency_id, q->after_id, strlen(q->after_id) + 1);
    page->as_of_seq = px_view_cursor(state);
    page->competencies = px_arena_alloc(req->arena, PAGE_ENTRIES * sizeof *page->competencies);
    while (page->competencies &&
           next_in_use(state, req->tenant, q->framework_id, competency_id, &competency)) {
        if (page->n_competencies == PAGE_ENTRIES || bytes >= PAGE_BYTES) {
            page->more = true;
            break;
        }
        Competency__Competency *entry = px_arena_alloc(req->arena, sizeof *entry);

        if (!entry)
            break;
        *entry = (Competency__Competency)COMPETENCY__COMPETENCY__INIT;
        fill(state, req, competency_id, &competency, entry);
        page->competencies[page->n_competencies++] = entry;
        if (!px_arena_overflowed(req->arena))
            bytes += competency__competency__get_packed_size(entry);
    }
    return px_arena_overflowed(req->arena) ? PX_ENOMEM : PX_OK;
}

/* ---- frameworks ---- */

px_status query_get_framework(const px_view *state, const px_request *req, px_reply *reply)
{
    const Competency__GetFramework *q = req->body;
    char competency_id[PX_ID_SIZE] = "";
    competency_record competency;
    framework_record known;

    if (!competency_state_get_framework(state, req->tenant, q->framework_id, &known))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "framework_id");
    Competency__Framework *framework = px_reply_new(reply, &competency__framework__descriptor);
    Competency__DefineFramework *d = px_arena_alloc(req->arena, sizeof *d);
    if (!d)
        return PX_ENOMEM;
    *d = (Competency__DefineFramework)COMPETENCY__DEFINE_FRAMEWORK__INIT;
    d->framework_id = q->framework_id;
    d->title = own(req, known.title);
    d->version = own(req, known.version);
    d->publisher = own(req, known.publisher);
    d->source_url = own(req, known.source_url);
    d->attribution = own(req, known.attribution);
    d->description = own(req, known.description);
    framework->definition = d;
    framework->as_of_seq = px_view_cursor(state);
    while (next_in_use(state, req->tenant, q->framework_id, competency_id, &competency))
        framework->competencies++;
    return px_arena_overflowed(req->arena) ? PX_ENOMEM : PX_OK;
}
