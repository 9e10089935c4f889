/* reconcile_potential.c: says that somebody is suggested as a high potential, and takes it back
 * when what it rested on no longer holds before anybody has answered. */
#include <string.h>

#include "common/people.h"
#include "common/record.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "services/competency/prerequisite.h"
#include "services/competency/service.h"
#include "services/competency/state_attainment.h"
#include "services/competency/state_potential.h"

/* ---- cycles ---- */

/* The person's last cycles, newest first. */
typedef struct {
    size_t count;
    char ids[POTENTIAL_CYCLES_MAX][PX_ID_SIZE];
    placement places[POTENTIAL_CYCLES_MAX];
} last_cycles;

/* Of two that end together the one with the lower id comes first. */
static void add_cycle(last_cycles *last, size_t max, const char *cycle_id, const placement *place)
{
    size_t at = last->count;

    while (at > 0 && last->places[at - 1].cycle_ends_us < place->cycle_ends_us)
        at--;
    if (at == max)
        return;
    size_t kept = last->count < max ? last->count : max - 1;
    memmove(last->ids[at + 1], last->ids[at], (kept - at) * sizeof last->ids[0]);
    memmove(&last->places[at + 1], &last->places[at], (kept - at) * sizeof last->places[0]);
    px_record_set_text(last->ids[at], PX_ID_SIZE, cycle_id);
    last->places[at] = *place;
    last->count = kept + 1;
}

static bool is_top_cell(const placement *place)
{
    return place->column == place->columns && place->row == place->rows;
}

static void find_cycles(const px_view *state, const char *tenant, const char *person_id,
                        const potential_rule *rule, potential_evidence *found)
{
    char cycle_id[PX_ID_SIZE] = "";
    last_cycles last = { 0 };
    placement place;

    while (competency_state_next_placement(state, tenant, person_id, cycle_id, &place))
        if (place.column > 0)
            add_cycle(&last, rule->of_cycles, cycle_id, &place);
    for (size_t i = 0; i < last.count; i++)
        if (is_top_cell(&last.places[i]))
            memcpy(found->cycle_ids[found->cycle_count++], last.ids[i], PX_ID_SIZE);
}

/* ---- leadership competencies: what waits for company does not count ---- */

/* The next one after `competency_id` in which anything was heard or attained. */
static bool next_known(const px_view *state, const char *tenant, const char *person_id,
                       char competency_id[PX_ID_SIZE])
{
    char attained_id[PX_ID_SIZE];

    memcpy(attained_id, competency_id, PX_ID_SIZE);
    bool heard = competency_state_next_heard(state, tenant, person_id, competency_id);
    bool attained = competency_state_next_attained(state, tenant, person_id, attained_id);
    if (attained && (!heard || strcmp(attained_id, competency_id) < 0))
        memcpy(competency_id, attained_id, PX_ID_SIZE);
    return heard || attained;
}

static void find_competencies(const px_view *state, const char *tenant, const char *person_id,
                              potential_evidence *found)
{
    char competency_id[PX_ID_SIZE] = "";
    competency_record c;

    while (found->competency_count < POTENTIAL_COMPETENCIES_MAX &&
           next_known(state, tenant, person_id, competency_id)) {
        level_key key = { tenant, person_id, competency_id };

        if (competency_state_get(state, tenant, competency_id, &c) &&
            c.family == COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_LEADERSHIP &&
            competency_is_proficient(state, &key))
            memcpy(found->competency_ids[found->competency_count++], competency_id, PX_ID_SIZE);
    }
}

/* ---- what is said ---- */

/* A cycle or a competency that was not there when it was declined. */
static bool has_something_new(const potential_evidence *now, const potential_evidence *declined)
{
    for (size_t i = 0; i < now->cycle_count; i++)
        if (!px_ids_has(declined->cycle_ids, declined->cycle_count, now->cycle_ids[i]))
            return true;
    for (size_t i = 0; i < now->competency_count; i++)
        if (!px_ids_has(declined->competency_ids, declined->competency_count,
                        now->competency_ids[i]))
            return true;
    return false;
}

static void suggest(const char *person_id, const potential_rule *rule,
                    const potential_evidence *found, px_facts *out)
{
    px_arena *arena = px_facts_arena(out);
    CompetencyFact__HighPotentialSuggested *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_SUGGESTED);

    fact->person_id = px_arena_strdup(arena, person_id);
    fact->rule_version = rule->version;
    fact->cycle_ids = px_ids_copy(found->cycle_ids, found->cycle_count, arena);
    fact->n_cycle_ids = fact->cycle_ids ? found->cycle_count : 0;
    fact->competency_ids = px_ids_copy(found->competency_ids, found->competency_count, arena);
    fact->n_competency_ids = fact->competency_ids ? found->competency_count : 0;
}

static void take_back(const char *person_id, px_facts *out)
{
    CompetencyFact__HighPotentialLapsed *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_LAPSED);

    fact->person_id = px_arena_strdup(px_facts_arena(out), person_id);
}

void competency_find_potential(const px_view *state, const char *tenant, const char *person_id,
                               potential_evidence *found)
{
    potential_rule rule = competency_state_get_potential_rule(state, tenant);

    PX_ASSERT(rule.of_cycles <= POTENTIAL_CYCLES_MAX);
    *found = (potential_evidence){ 0 };
    if (rule.top_cell_in == 0 || !px_people_is_active(state, tenant, person_id))
        return;
    find_cycles(state, tenant, person_id, &rule, found);
    find_competencies(state, tenant, person_id, found);
}

/* What a person has answered stays answered. */
void reconcile_potential(const px_view *state, const px_key *dirty, int64_t now_us, px_facts *out)
{
    potential_rule rule = competency_state_get_potential_rule(state, dirty->tenant);
    char person_id[PX_ID_SIZE] = "";
    potential_evidence found;
    potential_record record;

    (void)now_us;
    PX_ASSERT(dirty->rest.size < sizeof person_id);
    memcpy(person_id, dirty->rest.data, dirty->rest.size);
    competency_state_get_potential(state, dirty->tenant, person_id, &record);
    competency_find_potential(state, dirty->tenant, person_id, &found);
    bool met = rule.top_cell_in > 0 && found.cycle_count >= rule.top_cell_in &&
               found.competency_count >= rule.leadership_competencies;
    if (!met && record.status == POTENTIAL_SUGGESTED)
        take_back(person_id, out);
    if (met && (record.status == POTENTIAL_NONE || record.status == POTENTIAL_DECLINED) &&
        has_something_new(&found, &record.declined))
        suggest(person_id, &rule, &found, out);
}
