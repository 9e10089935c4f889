/* decide.c: scales and cycles: submission -> facts. Cheapest checks first, in a fixed order. */
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"

#include "common/codec.h"
#include "common/people.h"
#include "services/review-cycle/service.h"
#include "services/review-cycle/state_score.h"

enum { DAYS_DEFAULT = 90 };

static const int64_t day_us = INT64_C(86400) * 1000 * 1000;

/* ---- scales ---- */

static px_verdict check_values(const px_submission *sub, const ReviewCycle__DefineScale *cmd)
{
    bool has_default = false;
    bool proficient = false;

    for (size_t i = 0; i < cmd->n_values; i++) {
        if (i > 0 && cmd->values[i]->value <= cmd->values[i - 1]->value)
            return px_reject(PX_REASON_SCALE_ORDER, px_field_at(sub, "values", i, "value"));
        has_default = has_default || cmd->values[i]->value == cmd->default_value;
    }
    if (!has_default)
        return px_reject(PX_REASON_SCALE_DEFAULT, "default_value");
    for (size_t i = 0; i < cmd->n_values; i++) {
        if (proficient && !cmd->values[i]->proficient)
            return px_reject(PX_REASON_SCALE_PROFICIENT,
                             px_field_at(sub, "values", i, "proficient"));
        proficient = cmd->values[i]->proficient;
    }
    return proficient ? px_accept() : px_reject(PX_REASON_SCALE_PROFICIENT, "values");
}

static void copy_values(ReviewCycleFact__ScaleDefined *fact, const ReviewCycle__DefineScale *cmd,
                        px_arena *arena)
{
    ReviewCycleFact__ScaleStep *steps = px_arena_alloc(arena, cmd->n_values * sizeof *steps);

    fact->steps = px_arena_alloc(arena, cmd->n_values * sizeof *fact->steps);
    if (!steps || !fact->steps) /* the overflow sticks and fails the batch */
        return;
    for (size_t i = 0; i < cmd->n_values; i++) {
        steps[i] = (ReviewCycleFact__ScaleStep)REVIEW_CYCLE_FACT__SCALE_STEP__INIT;
        steps[i].value = cmd->values[i]->value;
        steps[i].label = cmd->values[i]->label;
        steps[i].proficient = cmd->values[i]->proficient;
        fact->steps[i] = &steps[i];
    }
    fact->n_steps = cmd->n_values;
}

px_verdict decide_define_scale(const px_view *state, const px_submission *sub, px_facts *out)
{
    const ReviewCycle__DefineScale *cmd = sub->body;
    px_verdict values = check_values(sub, cmd);

    if (values.reason != PX_REASON_NONE)
        return values;
    if (cmd->version != review_state_last_version(state, sub->tenant, cmd->scale_id) + 1)
        return px_reject(PX_REASON_SCALE_VERSION, "version");

    ReviewCycleFact__ScaleDefined *fact =
        px_facts_add(out, REVIEW_CYCLE_FACT__FACT__BODY_SCALE_DEFINED);
    fact->scale_id = cmd->scale_id;
    fact->version = cmd->version;
    copy_values(fact, cmd, px_facts_arena(out));
    fact->default_value = cmd->default_value;
    fact->allows_not_applicable = cmd->allows_not_applicable;
    return px_accept();
}

/* ---- cycles ---- */

static px_verdict check_scale(const px_view *state, const char *tenant,
                              const ReviewCycle__DefineCycle *cmd)
{
    uint32_t last = review_state_last_version(state, tenant, cmd->scale_id);

    if (last == 0)
        return px_reject(PX_REASON_SCALE_UNKNOWN, "scale_id");
    if (cmd->scale_version > last) /* versions start at 1 and have no holes */
        return px_reject(PX_REASON_SCALE_UNKNOWN, "scale_version");
    return px_accept();
}

px_verdict decide_define_cycle(const px_view *state, const px_submission *sub, px_facts *out)
{
    const ReviewCycle__DefineCycle *cmd = sub->body;
    int64_t starts_at_us = px_codec_time_us(cmd->starts_at);
    int64_t ends_at_us =
        starts_at_us + (cmd->length_days ? cmd->length_days : DAYS_DEFAULT) * day_us;
    cycle_record existing;

    if (review_state_get_cycle(state, sub->tenant, cmd->cycle_id, &existing))
        return px_reject(PX_REASON_CYCLE_EXISTS, "cycle_id");
    px_verdict scale = check_scale(state, sub->tenant, cmd);
    if (scale.reason != PX_REASON_NONE)
        return scale;
    if (review_state_cycle_overlaps(state, sub->tenant, starts_at_us, ends_at_us))
        return px_reject(PX_REASON_OVERLAP, "starts_at");

    ReviewCycleFact__CycleDefined *fact =
        px_facts_add(out, REVIEW_CYCLE_FACT__FACT__BODY_CYCLE_DEFINED);
    fact->cycle_id = cmd->cycle_id;
    fact->label = cmd->label;
    fact->starts_at_us = starts_at_us;
    fact->ends_at_us = ends_at_us;
    fact->scale_id = cmd->scale_id;
    fact->scale_version = cmd->scale_version;
    return px_accept();
}

/* ---- phases ---- */

enum {
    DRAFT = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_DRAFT,
    SCHEDULED = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_SCHEDULED,
    WRITING = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_WRITING,
    SHARING = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_SHARING,
    CLOSED = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_CLOSED,
    CANCELLED = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_CANCELLED
};

/* What has to be there for a move, unless it is forced. */
typedef enum { NOTHING, TEMPLATES, MANAGER_REVIEWS } guard;

typedef struct {
    unsigned from, to;
    bool needs_reason;
    guard wants;
} move;

/* Every move there is. */
static const move moves[] = {
    { DRAFT, SCHEDULED, false, TEMPLATES },       { SCHEDULED, WRITING, false, NOTHING },
    { WRITING, SHARING, false, MANAGER_REVIEWS }, { SHARING, CLOSED, false, NOTHING },
    { SHARING, WRITING, true, NOTHING },          { CLOSED, WRITING, true, NOTHING },
    { DRAFT, CANCELLED, true, NOTHING },          { SCHEDULED, CANCELLED, true, NOTHING },
    { WRITING, CANCELLED, true, NOTHING },
};

static const move *find_move(unsigned from, unsigned to)
{
    for (size_t i = 0; i < PX_COUNT(moves); i++)
        if (moves[i].from == from && moves[i].to == to)
            return &moves[i];
    return NULL;
}

/*
 * Counts alone do not tell: a person reviewed may have left since. So everybody is looked at, up to
 * the first who lacks a review; a cycle asks for this a few times in its life.
 */
static bool manager_reviews_missing(const px_view *state, const char *tenant, const char *cycle_id)
{
    char person_id[PX_ID_SIZE];
    px_people_scan scan;
    bool missing = false;
    px_person person;

    px_people_scan_begin(&scan, state, tenant);
    while (!missing && px_people_scan_next(&scan, person_id, &person))
        missing = person.active && person.manager_id[0] &&
                  px_people_is_active(state, tenant, person.manager_id) &&
                  !review_state_has_manager_review(state, tenant, cycle_id, person_id);
    px_people_scan_end(&scan);
    return missing;
}

static px_reason missing_for(const px_view *state, const char *tenant, const char *cycle_id,
                             guard wanted)
{
    role_ids roles;

    switch (wanted) {
    case NOTHING:
        return PX_REASON_NONE;
    case TEMPLATES:
        review_state_roles_without_template(state, tenant, &roles);
        return roles.count ? PX_REASON_TEMPLATE_MISSING : PX_REASON_NONE;
    case MANAGER_REVIEWS:
        return manager_reviews_missing(state, tenant, cycle_id) ? PX_REASON_REVIEWS_MISSING
                                                                : PX_REASON_NONE;
    }
    return PX_REASON_NONE;
}

px_verdict decide_move_cycle(const px_view *state, const px_submission *sub, px_facts *out)
{
    const ReviewCycle__MoveCycle *cmd = sub->body;
    cycle_record cycle;

    if (!review_state_get_cycle(state, sub->tenant, cmd->cycle_id, &cycle))
        return px_reject(PX_REASON_CYCLE_UNKNOWN, "cycle_id");
    const move *m = find_move(cycle.phase, (unsigned)cmd->to);
    if (!m)
        return px_reject(PX_REASON_ILLEGAL_TRANSITION, "to");
    bool force = m->wants != NOTHING && cmd->force;
    if ((m->needs_reason || force) && !cmd->reason[0])
        return px_reject(PX_REASON_REASON_MISSING, "reason");
    px_reason missing = missing_for(state, sub->tenant, cmd->cycle_id, m->wants);
    if (missing != PX_REASON_NONE && !force)
        return px_reject(missing, "to");

    ReviewCycleFact__PhaseChanged *fact =
        px_facts_add(out, REVIEW_CYCLE_FACT__FACT__BODY_PHASE_CHANGED);
    fact->cycle_id = cmd->cycle_id;
    fact->from = m->from;
    fact->to = m->to;
    fact->forced = missing != PX_REASON_NONE;
    fact->reason = cmd->reason;
    return px_accept();
}
