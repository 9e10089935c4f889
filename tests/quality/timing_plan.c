/* timing_plan.c: one plan through problem.h and plan.h from a store. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "services/learning-recommender/plan.h"
#include "tests/quality/timing.h"

enum { CATALOGUE = 5000, EACH = 20, GAPS = 5, TIMES = 200 };

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

static void add_item(scene *s, int i)
{
    char item_id[PX_ID_SIZE], competency_id[PX_ID_SIZE];
    double hours = 1.0 + i % 12, low = 1.0 + 0.1 * (i % 21);
    item_record item = { .version = 1, .kind = 1, .hours = hours, .outcome_count = 1 };

    snprintf(item_id, sizeof item_id, "i%04d", i);
    snprintf(competency_id, sizeof competency_id, "c%03d", i / EACH);
    snprintf(item.outcomes[0].competency_id, PX_ID_SIZE, "%s", competency_id);
    learning_state_put_item(s->txn, "t", item_id, &item);
    teaching_record teaching = { .offered = true,
                                 .version = 1,
                                 .hours = hours,
                                 .share = 1.0,
                                 .level_from = low,
                                 .level_to = low + 1.5,
                                 .effect = px_effect_start(PX_COURSE, hours) };
    learning_state_put_teaching(s->txn, "t", competency_id, item_id, &teaching);
}

static void add_gap(scene *s, int i)
{
    char competency_id[PX_ID_SIZE];
    standing_record standing = {
        .mu = 2.5, .var = 0.2, .manager_ratings = 2, .raters = 2, .open = true
    };

    snprintf(competency_id, sizeof competency_id, "c%03d", i);
    learning_state_put_target(s->txn, "t", "r", competency_id, (target_record){ 4.0, 1.0 });
    learning_state_put_standing(s->txn, "t", "p", competency_id, &standing);
}

static void scene_begin(scene *s)
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
    for (int i = 0; i < CATALOGUE; i++)
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
    plan_problem_begin(&problem, s->txn, "t", "p", "r", &s->arena);
    plan_problem_add_items(&problem, NULL);
    PX_ASSERT(plan_make(&problem, 1, &plan));
}

double timing_plan_us(void)
{
    scene s;

    scene_begin(&s);
    plan_once(&s); /* the first touches the memory */
    double start = now_us();
    for (int i = 0; i < TIMES; i++)
        plan_once(&s);
    double took = now_us() - start;
    scene_end(&s);
    return took / TIMES;
}
