/* heatmap.c: walks from units over role sets to people. Role sets come first because what is asked
 * of a person is theirs: it is read once for everybody who holds the same roles. */
#include "services/reporting/heatmap.h"

#include <string.h>

/* ---- one cell ---- */

static void count_set_in_cell(const px_view *state, const char *tenant, const char *unit_id,
                              const char *role_set, const char *competency_id, tally *t)
{
    px_role_list roles = reporting_state_get_role_set(state, tenant, role_set);
    double target = px_roles_strongest(state, tenant, &roles, competency_id).target, level;
    char person_id[PX_ID_SIZE];
    id_walk members;

    if (target <= 0)
        return;
    reporting_state_walk_members(&members, state, tenant, unit_id, role_set);
    while (reporting_state_next(&members, person_id)) {
        bool assessed = reporting_state_get_level(state, tenant, person_id, competency_id, &level);

        tally_add(t, target, assessed ? &level : NULL);
    }
    reporting_state_end(&members);
}

tally heatmap_count_cell(const px_view *state, const char *tenant, const char *unit_id,
                         const char *competency_id)
{
    char role_set[ROLE_SET_SIZE];
    tally t = { 0 };
    id_walk sets;

    reporting_state_walk_role_sets(&sets, state, tenant, unit_id);
    while (reporting_state_next(&sets, role_set))
        count_set_in_cell(state, tenant, unit_id, role_set, competency_id, &t);
    reporting_state_end(&sets);
    return t;
}

/* ---- all cells of a unit ---- */

/* What a role set asks for: of each competency its slot and the level. */
typedef struct {
    size_t count;
    uint16_t slots[HEATMAP_COMPETENCIES_MAX];
    double targets[HEATMAP_COMPETENCIES_MAX];
} demand;

/* A count under way. A competency gets the next slot when it is first met. */
typedef struct {
    const px_view *state;
    const char *tenant;
    px_arena *arena;
    uint32_t minimum;
    bool with_units_below;
    px_status status; /* of the count; nothing is done after the first failure */
    size_t competencies, people, units;
    char (*ids)[PX_ID_SIZE];          /* by slot */
    uint16_t *sorted;                 /* slots by id */
    demand *demand;                   /* of the role set at hand */
    group *groups[HEATMAP_DEPTH_MAX]; /* by slot, of the unit at hand on each level; made when
                                         needed */
} count;

static void fail(count *c, px_status status)
{
    if (c->status == PX_OK)
        c->status = status;
}

/* Where the id is in `sorted`, or would have to go. */
static size_t find_id(const count *c, const char *competency_id, bool *found)
{
    size_t low = 0, high = c->competencies;

    *found = false;
    while (low < high && !*found) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(competency_id, c->ids[c->sorted[middle]]);

        *found = order == 0;
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return high;
}

/* The slot of a competency, a new one if need be; SIZE_MAX when there are too many. */
static size_t slot_of(count *c, const char *competency_id)
{
    bool found;
    size_t at = find_id(c, competency_id, &found);

    if (found)
        return c->sorted[at];
    if (c->competencies == HEATMAP_COMPETENCIES_MAX)
        return SIZE_MAX;
    size_t slot = c->competencies++;
    memmove(&c->sorted[at + 1], &c->sorted[at], (slot - at) * sizeof *c->sorted);
    c->sorted[at] = (uint16_t)slot;
    memcpy(c->ids[slot], competency_id, strlen(competency_id) + 1);
    return slot;
}

static void read_demand(count *c, const char *role_set)
{
    px_role_list roles = reporting_state_get_role_set(c->state, c->tenant, role_set);
    char competency_id[PX_ID_SIZE] = "";
    demand *d = c->demand;

    d->count = 0;
    while (c->status == PX_OK && px_roles_next_asked(c->state, c->tenant, &roles, competency_id)) {
        size_t slot = slot_of(c, competency_id);

        if (slot == SIZE_MAX) {
            fail(c, PX_ETOOBIG);
        } else {
            d->slots[d->count] = (uint16_t)slot;
            d->targets[d->count++] =
                px_roles_strongest(c->state, c->tenant, &roles, competency_id).target;
        }
    }
}

static void count_person(count *c, const char *person_id, group *groups)
{
    const demand *d = c->demand;
    double level;

    for (size_t i = 0; i < d->count; i++) {
        bool assessed =
            reporting_state_get_level(c->state, c->tenant, person_id, c->ids[d->slots[i]], &level);

        tally_add(&groups[d->slots[i]].sum, d->targets[i], assessed ? &level : NULL);
    }
}

static void count_role_set(count *c, const char *unit_id, const char *role_set, group *groups)
{
    char person_id[PX_ID_SIZE];
    id_walk members;

    read_demand(c, role_set);
    reporting_state_walk_members(&members, c->state, c->tenant, unit_id, role_set);
    while (c->status == PX_OK && reporting_state_next(&members, person_id)) {
        if (++c->people > HEATMAP_PEOPLE_MAX)
            fail(c, PX_ETOOBIG);
        else
            count_person(c, person_id, groups);
    }
    reporting_state_end(&members);
}

static void count_own(count *c, const char *unit_id, group *groups)
{
    char role_set[ROLE_SET_SIZE];
    id_walk sets;

    reporting_state_walk_role_sets(&sets, c->state, c->tenant, unit_id);
    while (c->status == PX_OK && reporting_state_next(&sets, role_set))
        count_role_set(c, unit_id, role_set, groups);
    reporting_state_end(&sets);
    for (size_t slot = 0; slot < c->competencies; slot++)
        groups[slot] = group_of(groups[slot].sum, c->minimum);
}

/* Empty groups for a unit `depth` levels down; NULL and failed when there are no more. */
static group *groups_at(count *c, size_t depth)
{
    if (depth == HEATMAP_DEPTH_MAX || ++c->units > HEATMAP_UNITS_MAX) {
        fail(c, PX_ETOOBIG);
        return NULL;
    }
    size_t size = HEATMAP_COMPETENCIES_MAX * sizeof *c->groups[depth];
    if (!c->groups[depth])
        c->groups[depth] = px_arena_alloc(c->arena, size);
    if (!c->groups[depth])
        fail(c, PX_ENOMEM);
    else
        memset(c->groups[depth], 0, size);
    return c->groups[depth];
}

/* Deep first: a unit's groups are complete before they are taken into those above. */
static group *count_unit(count *c, const char *unit_id, size_t depth)
{
    group *groups = groups_at(c, depth);
    char below_id[PX_ID_SIZE];
    id_walk below;

    if (!groups)
        return NULL;
    count_own(c, unit_id, groups);
    if (!c->with_units_below)
        return groups;
    reporting_state_walk_below(&below, c->state, c->tenant, unit_id);
    while (c->status == PX_OK && reporting_state_next(&below, below_id)) {
        const group *inner = count_unit(c, below_id, depth + 1);

        for (size_t slot = 0; inner && slot < c->competencies; slot++)
            group_join(&groups[slot], &inner[slot], c->minimum);
    }
    reporting_state_end(&below);
    return groups;
}

static void copy_rows(count *c, const group *groups, heatmap *out)
{
    out->count = 0;
    out->rows = px_arena_alloc(c->arena, c->competencies * sizeof *out->rows);
    if (!out->rows) {
        fail(c, PX_ENOMEM);
        return;
    }
    for (size_t i = 0; i < c->competencies; i++)
        out->rows[out->count++] =
            (heatmap_row){ .competency_id = c->ids[c->sorted[i]], .figures = groups[c->sorted[i]] };
}

px_status heatmap_count_unit(const px_view *state, const char *tenant, const char *unit_id,
                             bool with_units_below, px_arena *arena, heatmap *out)
{
    count c = { .state = state,
                .tenant = tenant,
                .arena = arena,
                .minimum = reporting_state_get_minimum(state, tenant),
                .with_units_below = with_units_below,
                .status = PX_OK,
                .ids = px_arena_alloc(arena, HEATMAP_COMPETENCIES_MAX * sizeof *c.ids),
                .sorted = px_arena_alloc(arena, HEATMAP_COMPETENCIES_MAX * sizeof *c.sorted),
                .demand = px_arena_alloc(arena, sizeof *c.demand) };

    if (!c.ids || !c.sorted || !c.demand)
        return PX_ENOMEM;
    const group *groups = count_unit(&c, unit_id, 0);
    if (c.status == PX_OK)
        copy_rows(&c, groups, out);
    return c.status;
}
