/* timing_plan.c: one plan through problem.h and plan.h from a store. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "services/learning-recommender/plan.h"
#include "services/learning-recommender/service.h"
#include "tests/quality/timing.h"

enum { EACH = 20, GAPS = 5, TIMES = 200 };

typedef struct {
    char directory[64];
    px_store *store;
    px_txn *txn;
    px_arena arena;
} scene;

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void tell(scene *s, px_evolver_fn *hear, const void *body)
{
    px_fact fact = { .tenant = "t", .body = body, .submission_id = "", .source = "" };

    fact.arena = &s->arena;
    hear(s->txn, &fact);
}

static void add_person(scene *s)
{
    FeedbackIngestFact__PersonRecorded person = FEEDBACK_INGEST_FACT__PERSON_RECORDED__INIT;
    CompetencyFact__RoleAssigned role = COMPETENCY_FACT__ROLE_ASSIGNED__INIT;
    static char person_id[] = "p", role_id[] = "r";

    person.person_id = role.person_id = person_id;
    person.active = true;
    role.role_id = role_id;
    tell(s, learning_project_person_recorded, &person);
    tell(s, learning_project_role_assigned, &role);
}

static void add_item(scene *s, int i)
{
    LearningRecommenderFact__CatalogueItemDefined item =
        LEARNING_RECOMMENDER_FACT__CATALOGUE_ITEM_DEFINED__INIT;
    LearningRecommenderFact__Outcome outcome = LEARNING_RECOMMENDER_FACT__OUTCOME__INIT;
    LearningRecommenderFact__Outcome *outcomes[] = { &outcome };
    char item_id[16], competency_id[16];

    snprintf(item_id, sizeof item_id, "i%04d", i);
    snprintf(competency_id, sizeof competency_id, "c%03d", i / EACH);
    item.item_id = item_id;
    item.kind = LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COURSE;
    item.hours = 1.0 + i % 12;
    item.version = 1;
    item.outcomes = outcomes;
    item.n_outcomes = 1;
    outcome.competency_id = competency_id;
    outcome.share = 1.0;
    outcome.level_from = 1.0 + 0.1 * (i % EACH);
    outcome.level_to = outcome.level_from + 1.5;
    tell(s, evolve_catalogue_item_defined, &item);
}

static void add_gap(scene *s, int i)
{
    CompetencyFact__RoleTargetSet target = COMPETENCY_FACT__ROLE_TARGET_SET__INIT;
    CompetencyFact__GapOpened gap = COMPETENCY_FACT__GAP_OPENED__INIT;
    CompetencyFact__LevelEstimate estimate = COMPETENCY_FACT__LEVEL_ESTIMATE__INIT;
    static char person_id[] = "p", role_id[] = "r";
    char competency_id[16];

    snprintf(competency_id, sizeof competency_id, "c%03d", i);
    target.role_id = role_id;
    target.competency_id = gap.competency_id = competency_id;
    target.target = 4.0;
    target.weight = 1.0;
    gap.person_id = person_id;
    gap.estimate = &estimate;
    estimate.mu = 2.5;
    estimate.variance = 0.2;
    estimate.manager_ratings = estimate.raters = 2;
    tell(s, learning_project_role_target_set, &target);
    tell(s, learning_project_gap_opened, &gap);
}

static void scene_begin(scene *s, int items)
{
    const char *root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    bool fresh;

    snprintf(s->directory, sizeof s->directory, "%s/praxis-quality-XXXXXX", root);
    PX_ASSERT(mkdtemp(s->directory));
    PX_ASSERT(px_store_open(&s->store,
                            &(px_store_options){ .directory = s->directory, .layout = 1 },
                            &fresh) == PX_OK);
    PX_ASSERT(px_arena_init(&s->arena, PROBLEM_ARENA_BYTES));
    s->txn = px_store_begin(s->store);
    px_txn_set_seq(s->txn, 1);
    add_person(s);
    for (int i = 0; i < items; i++)
        add_item(s, i);
    for (int i = 0; i < GAPS; i++)
        add_gap(s, i);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info, (void)type, (void)place;
    return remove(path);
}

static void scene_end(scene *s)
{
    px_txn_abort(s->txn);
    px_store_close(s->store);
    px_arena_fini(&s->arena);
    nftw(s->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void plan_once(scene *s)
{
    static plan_record plan;
    plan_problem problem;

    px_arena_reset(&s->arena);
    plan_problem_begin(&problem, s->txn, "t", "p", 1, &plan_settings_usual, &s->arena);
    plan_problem_add_items(&problem, NULL);
    PX_ASSERT(plan_make(&problem, 1, &plan));
}

double timing_plan_us(int items)
{
    scene s;

    scene_begin(&s, items);
    plan_once(&s); /* the first touches the memory */
    double start = now_us();
    for (int i = 0; i < TIMES; i++)
        plan_once(&s);
    double took = now_us() - start;
    scene_end(&s);
    return took / TIMES;
}
