#include "services/praxis/demo_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "praxis/competency/v1/event.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "praxis/reporting/v1/query.pb-c.h"
#include "services/praxis/print.h"

enum { ANSWER_ARENA_BYTES = 8 << 20, ROWS_SHOWN = 20, BAR = 20, WITHHELD_SHOWN = 12 };

/* ---- counting ---- */

static void add_plan(px_demo_figures *f, const char *person_id, int64_t stored_ns)
{
    if (f->plan_count == PX_DEMO_PLANS_MAX)
        return;
    f->plans[f->plan_count].person = px_demo_person_number(person_id);
    f->plans[f->plan_count++].stored_ns = stored_ns;
}

void px_figures_hear(px_demo_figures *f, const px_demo_event *e)
{
    const struct {
        const char *event;
        uint64_t *count;
    } rows[] = {
        { "ReviewSubmitted", &f->reviews },   { "GapOpened", &f->gaps_opened },
        { "GapClosed", &f->gaps_closed },     { "PlanProposed", &f->plans_proposed },
        { "PlanRevised", &f->plans_revised }, { "PlanEnded", &f->plans_ended },
        { "ItemCompleted", &f->completions }, { "FollowUpDue", &f->follow_ups },
    };

    f->events++;
    for (size_t i = 0; i < PX_COUNT(rows); i++)
        *rows[i].count += strcmp(rows[i].event, e->name) == 0;
    if (strcmp(e->name, "PlanProposed") == 0)
        add_plan(f, ((const LearningRecommender__PlanProposed *)e->message)->person_id,
                 e->stored_ns);
    else if (strcmp(e->name, "PlanRevised") == 0)
        add_plan(f, ((const LearningRecommender__PlanRevised *)e->message)->person_id,
                 e->stored_ns);
}

/* ---- heat map ---- */

/* The largest gap first; those withheld last. */
static int by_gap(const void *left, const void *right)
{
    const Reporting__HeatMapCell *a = *(Reporting__HeatMapCell *const *)left;
    const Reporting__HeatMapCell *b = *(Reporting__HeatMapCell *const *)right;
    double gap_a =
        a->content_case == REPORTING__HEAT_MAP_CELL__CONTENT_FIGURES ? a->figures->mean_gap : -1;
    double gap_b =
        b->content_case == REPORTING__HEAT_MAP_CELL__CONTENT_FIGURES ? b->figures->mean_gap : -1;

    return gap_a != gap_b ? (gap_a > gap_b ? -1 : 1) : strcmp(a->competency_id, b->competency_id);
}

static void print_cell(const Reporting__HeatMapCell *cell)
{
    const Reporting__CompetencyFigures *f = cell->figures;
    int bar;

    if (cell->content_case != REPORTING__HEAT_MAP_CELL__CONTENT_FIGURES)
        return;
    bar = (int)(f->mean_gap * BAR / 1.5 + .5);
    px_print_title(cell->competency_title);
    printf(" %6u %8u %6.0f %%  %8.2f  ", f->people, f->assessed,
           f->assessed > 0 ? 100.0 * f->at_level / f->assessed : 0, f->mean_gap);
    for (int i = 0; i < bar && i < BAR; i++)
        putchar('#');
    putchar('\n');
}

static bool is_shown(const Reporting__HeatMap *map, const char *competency_id)
{
    for (size_t i = 0; i < map->n_cells; i++)
        if (strcmp(map->cells[i]->competency_id, competency_id) == 0)
            return true;
    return false;
}

static void print_map(const Reporting__HeatMap *map)
{
    size_t shown = map->n_cells < ROWS_SHOWN ? map->n_cells : ROWS_SHOWN;

    qsort(map->cells, map->n_cells, sizeof *map->cells, by_gap);
    printf("\n   %s\n", map->label);
    printf("   %-*s %6s %8s %8s  %8s\n", PX_PRINT_TITLE_COLUMNS, "competency", "people", "assessed",
           "at level", "mean gap");
    for (size_t i = 0; i < shown; i++)
        print_cell(map->cells[i]);
    if (map->n_cells > shown)
        printf("   ... and %zu more with smaller gaps\n", map->n_cells - shown);
}

static bool belongs(const px_organisation *o, uint32_t person, const char *unit_id)
{
    char id[PX_DEMO_ID_SIZE];

    snprintf(id, sizeof id, "u-team-%02u", px_demo_team_of(person));
    for (size_t i = 0; i < px_organisation_units(o); i++) {
        const px_demo_unit *unit = px_organisation_unit(o, i);

        if (strcmp(unit->id, id) == 0)
            return strcmp(id, unit_id) == 0 || strcmp(unit->parent_id, unit_id) == 0;
    }
    return false;
}

static void print_withheld_row(const px_demo_skill *skill, uint32_t minimum)
{
    px_print_title(skill->title);
    printf(" withheld: it could point at fewer than %u people\n", minimum);
}

/* That they are missing is no secret: the roles of the unit say what is asked for. */
static void print_withheld(const px_organisation *o, const Reporting__HeatMap *map)
{
    bool named[PX_DEMO_SKILLS_MAX] = { false };
    uint32_t count = 0;

    for (uint32_t p = 1; p <= PX_DEMO_PEOPLE; p++) {
        const px_demo_role *role = px_organisation_role(o, p);

        for (size_t t = 0; t < role->target_count && belongs(o, p, map->unit_id); t++) {
            const px_demo_skill *skill = px_organisation_skill(o, role->targets[t].skill);

            if (is_shown(map, skill->id) || named[role->targets[t].skill])
                continue;
            named[role->targets[t].skill] = true;
            if (count++ < WITHHELD_SHOWN)
                print_withheld_row(skill, map->minimum);
        }
    }
    if (count > WITHHELD_SHOWN)
        printf("   ... and %u more withheld\n", count - WITHHELD_SHOWN);
}

static const Reporting__HeatMap *ask_map(px_demo_link *link, const char *unit_id, bool below,
                                         px_arena *arena)
{
    Reporting__GetHeatMap question = REPORTING__GET_HEAT_MAP__INIT;
    px_asked asked;

    question.unit_id = (char *)(uintptr_t)unit_id;
    question.with_units_below = below;
    if (px_ask_message(&link->outside, "reporting", "GetHeatMap", &question.base,
                       &reporting__heat_map__descriptor, arena, &asked) != PX_OK)
        return NULL;
    if (asked.code)
        fprintf(stderr, "praxis demo: the heat map of %s: %s %s\n", unit_id, asked.code,
                asked.text);
    return (const Reporting__HeatMap *)asked.message;
}

bool px_report_heat_map(px_demo_link *link, const px_organisation *organisation,
                        const char *unit_id, bool with_units_below)
{
    px_arena arena;
    bool inited = px_arena_init(&arena, ANSWER_ARENA_BYTES);
    const Reporting__HeatMap *map =
        inited ? ask_map(link, unit_id, with_units_below, &arena) : NULL;

    if (map) {
        print_map(map);
        print_withheld(organisation, map);
    }
    px_arena_fini(&arena);
    return map != NULL;
}

/* ---- from rating to plan ---- */

static int by_size(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return a < b ? -1 : a > b;
}

/*
 * The last review about the person that had left before the plan was stored: the one that brought
 * it about. Reviews about one person are a second apart, a plan takes milliseconds. NULL when there
 * is none.
 */
static const px_demo_timed *review_before(const px_demo_played *played, uint32_t person,
                                          int64_t stored_ns)
{
    const px_demo_timed *last = NULL;

    for (size_t i = 0; i < played->review_count; i++) {
        const px_demo_timed *review = &played->reviews[i];

        if (review->person == person && review->sent_ns < stored_ns &&
            (!last || review->sent_ns > last->sent_ns))
            last = review;
    }
    return last;
}

static double milliseconds(const int64_t *sorted, size_t count, unsigned percent)
{
    size_t index = (count * percent + 99) / 100;

    return (double)sorted[index > 0 ? index - 1 : 0] / 1e6;
}

/* Plans said before all was quiet after the reviews of a cycle; later ones have other causes. */
static size_t collect_times(const px_demo_figures *f, const px_demo_played *played, int64_t *times)
{
    size_t count = 0;

    for (size_t i = 0; i < f->plan_count; i++) {
        const px_demo_timed *review =
            review_before(played, f->plans[i].person, f->plans[i].stored_ns);

        if (review && f->plans[i].stored_ns <= played->quiet_ns[review->cycle])
            times[count++] = f->plans[i].stored_ns - review->sent_ns;
    }
    return count;
}

/* Times on a machine with more work than processors say more of that work than of Praxis. */
static void print_load(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    double load;

    if (getloadavg(&load, 1) == 1 && processors > 0)
        px_print_text(3, "   ",
                      "The machine: %ld %s; during the last minute %.1f programs at a time, Praxis "
                      "among them, wanted to run.",
                      processors, processors == 1 ? "processor" : "processors", load);
}

void px_report_times(const px_demo_figures *figures, const px_demo_played *played)
{
    int64_t *times = calloc(PX_DEMO_PLANS_MAX, sizeof *times);
    size_t count = times && played->review_count > 0 ? collect_times(figures, played, times) : 0;
    char reviews[PX_PRINT_NUMBER_SIZE];

    if (count == 0) {
        px_print_text(3, "   ", "No plan followed while reviews were sent one by one.");
    } else {
        qsort(times, count, sizeof *times, by_size);
        px_print_text(3, "   ",
                      "Half of the plans were there within %.0f ms of the rating (p50), 99 of 100 "
                      "within %.0f ms (p99); the slowest took %.0f ms.",
                      milliseconds(times, count, 50), milliseconds(times, count, 99),
                      milliseconds(times, count, 100));
        px_print_text(3, "   ",
                      "Measured: %zu plans proposed or revised while the %s reviews of the three "
                      "cycles were sent one by one, %d a second; from the moment a review leaves "
                      "the sender to the moment the plan is stored on the feed. In between the "
                      "review is checked and recorded, turned into levels and gaps, and these into "
                      "a plan: three daemons, each reading what the one before it has written to "
                      "the log.",
                      count, px_print_number(played->review_count, reviews),
                      PX_DEMO_TIMED_PER_SECOND);
        print_load();
    }
    free(times);
}

/* ---- totals ---- */

static void print_total(uint64_t number, const char *what)
{
    char text[PX_PRINT_NUMBER_SIZE];

    printf("   %9s  %s\n", px_print_number(number, text), what);
}

void px_report_totals(const px_demo_figures *f, const px_demo_sent *sent, uint64_t facts)
{
    const struct {
        uint64_t number;
        const char *what;
    } rows[] = {
        { sent->accepted, "submissions accepted" },
        { sent->refused, "submissions refused, each with its reason" },
        { facts, "facts in the log" },
        { f->events, "events on the feed" },
        { f->reviews, "reviews" },
        { f->gaps_opened, "gaps opened" },
        { f->gaps_closed, "gaps closed" },
        { f->plans_proposed, "learning plans proposed" },
        { f->plans_revised, "revisions of open plans" },
        { f->plans_ended, "plans ended" },
        { f->completions, "learning items completed" },
        { f->follow_ups, "follow-ups that fell due" },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++)
        print_total(rows[i].number, rows[i].what);
    fflush(stdout);
}
