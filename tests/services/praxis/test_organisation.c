/* test_organisation.c: the generated organisation is what its recipe says, and the same every time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/codec.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "praxis/feedback_ingest/v1/submission.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/praxis/draw.h"
#include "services/praxis/organisation.h"

enum {
    ARENA_BYTES = 128 << 20,
    DIGEST_BYTES = 32,
    OVERALL_PEERS_MIN = 480,
    OVERALL_PEERS_MAX = 717
};

typedef struct {
    px_organisation *organisation;
    px_arena arena;
    px_programme programme;
} world;

static px_organisation *load(uint64_t seed)
{
    const char *source = getenv("PRAXIS_SOURCE");
    char data_dir[1024], error[PX_DEMO_ERROR_MAX];
    px_organisation *o;

    snprintf(data_dir, sizeof data_dir, "%s/services/praxis/demo", source ? source : ".");
    o = px_organisation_load(data_dir, seed, error);
    if (!o)
        fail_msg("%s", error);
    return o;
}

static int setup(void **state)
{
    world *w = calloc(1, sizeof *w);

    assert_true(w && px_arena_init(&w->arena, ARENA_BYTES));
    w->organisation = load(PX_DEMO_SEED);
    w->programme = px_programme_begin(&w->arena);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;

    px_organisation_free(w->organisation);
    px_arena_fini(&w->arena);
    free(w);
    return 0;
}

/* ---- helpers: everything of a run; a plan as the recommender would answer ---- */

static LearningRecommender__Plan *plan_for(uint32_t person, const char *const *item_ids,
                                           size_t count, px_arena *arena)
{
    LearningRecommender__Plan *plan =
        (void *)px_codec_new(&learning_recommender__plan__descriptor, arena);
    char id[PX_DEMO_ID_SIZE];

    plan->person_id = px_arena_strdup(arena, px_demo_person_id(person, id));
    plan->items = px_arena_alloc(arena, count * sizeof *plan->items);
    for (size_t i = 0; i < count; i++) {
        LearningRecommender__PlanItem *item =
            (void *)px_codec_new(&learning_recommender__plan_item__descriptor, arena);

        item->learning = (void *)px_codec_new(&learning_recommender__learning__descriptor, arena);
        item->learning->item_id = px_arena_strdup(arena, item_ids[i]);
        item->learning->hours = 4;
        item->state = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_PROPOSED;
        plan->items[plan->n_items++] = item;
    }
    return plan;
}

static void add_everything(px_organisation *o, px_programme *out, px_arena *arena)
{
    static const char *const items[] = { "fpc-advanced-data-structures-9002b2",
                                         "ex-python-guidos-gorgeous-lasagna" };

    px_demo_add_units(o, out);
    px_demo_add_people(out);
    px_demo_add_roles(o, out);
    px_demo_add_scale(out);
    for (uint32_t cycle = 1; cycle <= PX_DEMO_CYCLES; cycle++) {
        px_demo_add_cycle(out, cycle);
        px_demo_add_move(out, cycle, REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_WRITING, 7, 0);
        px_demo_add_reviews(o, out, cycle);
        px_demo_add_feedback(o, out, cycle);
        px_demo_add_learning(o, out, cycle, plan_for(10, items, PX_COUNT(items), arena));
    }
    assert_true(px_programme_sort(out));
}

static void digest_of(uint64_t seed, uint8_t digest[DIGEST_BYTES])
{
    px_arena arena;
    px_organisation *o = load(seed);
    px_programme programme;
    crypto_generichash_state hash;

    assert_true(px_arena_init(&arena, ARENA_BYTES));
    programme = px_programme_begin(&arena);
    add_everything(o, &programme, &arena);
    crypto_generichash_init(&hash, NULL, 0, DIGEST_BYTES);
    for (size_t i = 0; i < programme.count; i++) {
        px_bytes bytes = px_codec_pack(programme.items[i].message, &arena);

        assert_non_null(bytes.data);
        crypto_generichash_update(&hash, bytes.data, bytes.size);
    }
    crypto_generichash_final(&hash, digest, DIGEST_BYTES);
    px_arena_fini(&arena);
    px_organisation_free(o);
}

/* The body of a submission of reviews, feedback or learning. */
static const ReviewCycle__SubmitReview *review_at(const px_programme *p, size_t i)
{
    return ((const ReviewCycle__Submission *)p->items[i].message)->submit_review;
}

static const char *actor_at(const px_programme *p, size_t i)
{
    return ((const ReviewCycle__Submission *)p->items[i].message)->actor;
}

static int rating_of(const ReviewCycle__SubmitReview *review, const char *competency_id)
{
    for (size_t i = 0; i < review->n_ratings; i++)
        if (strcmp(review->ratings[i]->competency_id, competency_id) == 0)
            return review->ratings[i]->value;
    return 0;
}

/* ---- the same seed ---- */

static void seed__same_seed_gives_the_same_bytes(void **state)
{
    uint8_t first[DIGEST_BYTES], second[DIGEST_BYTES], other[DIGEST_BYTES];

    (void)state;
    digest_of(PX_DEMO_SEED, first);
    digest_of(PX_DEMO_SEED, second);
    digest_of(PX_DEMO_SEED + 1, other);
    assert_memory_equal(first, second, DIGEST_BYTES);
    assert_memory_not_equal(first, other, DIGEST_BYTES);
}

/* ---- who is there ---- */

static void people__everybody_has_a_role_and_all_but_one_a_manager(void **state)
{
    world *w = *state;

    for (uint32_t p = 1; p <= PX_DEMO_PEOPLE; p++) {
        uint32_t manager = px_demo_manager_of(p);

        assert_true(px_organisation_role(w->organisation, p)->target_count > 0);
        assert_true((manager == 0) == (p == 1));
        assert_int_not_equal(manager, p);
        assert_true(manager == 0 || (manager - 1) % PX_DEMO_TEAM_SIZE == 0);
    }
}

static void people__managers_are_known_before_those_they_manage(void **state)
{
    world *w = *state;
    bool known[PX_DEMO_PEOPLE + 1] = { false };

    px_demo_add_people(&w->programme);
    assert_true(px_programme_sort(&w->programme));
    assert_int_equal(w->programme.count, PX_DEMO_PEOPLE);
    for (size_t i = 0; i < w->programme.count; i++) {
        const FeedbackIngest__RecordPerson *body =
            ((const FeedbackIngest__Submission *)w->programme.items[i].message)->record_person;
        uint32_t manager = px_demo_person_number(body->manager_id);

        assert_true(manager == 0 || known[manager]);
        assert_int_equal(manager, px_demo_manager_of(px_demo_person_number(body->person_id)));
        known[px_demo_person_number(body->person_id)] = true;
    }
}

static void units__a_unit_is_known_before_those_below_it(void **state)
{
    world *w = *state;

    assert_int_equal(px_organisation_units(w->organisation), 1 + 5 + PX_DEMO_TEAMS);
    for (size_t i = 0; i < px_organisation_units(w->organisation); i++) {
        const px_demo_unit *unit = px_organisation_unit(w->organisation, i);
        bool found = unit->parent_id[0] == '\0';

        for (size_t k = 0; k < i; k++)
            found |= strcmp(px_organisation_unit(w->organisation, k)->id, unit->parent_id) == 0;
        assert_true(found);
    }
}

/* ---- reviews ---- */

static void reviews__as_many_of_each_kind_as_the_recipe_says(void **state)
{
    world *w = *state;
    size_t count[5] = { 0 };

    px_demo_add_reviews(w->organisation, &w->programme, 1);
    for (size_t i = 0; i < w->programme.count; i++) {
        const ReviewCycle__SubmitReview *review = review_at(&w->programme, i);

        count[review->relation]++;
        assert_true(review->n_ratings > 0);
        for (size_t k = 0; k < review->n_ratings; k++)
            assert_in_range(review->ratings[k]->value, 1, 5);
    }
    assert_int_equal(count[REVIEW_CYCLE__RELATION__RELATION_SELF], PX_DEMO_PEOPLE);
    assert_int_equal(count[REVIEW_CYCLE__RELATION__RELATION_MANAGER], PX_DEMO_PEOPLE - 1);
    assert_int_equal(count[REVIEW_CYCLE__RELATION__RELATION_REPORT], 3 * PX_DEMO_TEAMS);
    assert_in_range(count[REVIEW_CYCLE__RELATION__RELATION_PEER], OVERALL_PEERS_MIN,
                    OVERALL_PEERS_MAX);
}

/* What review-cycle derives from the reporting lines must be what the review says. */
static void reviews__relation_agrees_with_the_reporting_lines(void **state)
{
    world *w = *state;

    px_demo_add_reviews(w->organisation, &w->programme, 2);
    for (size_t i = 0; i < w->programme.count; i++) {
        const ReviewCycle__SubmitReview *review = review_at(&w->programme, i);
        uint32_t rater = px_demo_person_number(actor_at(&w->programme, i));
        uint32_t person = px_demo_person_number(review->subject_id);
        ReviewCycle__Relation relation =
            rater == person                       ? REVIEW_CYCLE__RELATION__RELATION_SELF
            : px_demo_manager_of(person) == rater ? REVIEW_CYCLE__RELATION__RELATION_MANAGER
            : px_demo_manager_of(rater) == person ? REVIEW_CYCLE__RELATION__RELATION_REPORT
                                                  : REVIEW_CYCLE__RELATION__RELATION_PEER;

        assert_int_equal(review->relation, relation);
    }
}

static void reviews__one_per_rater_and_person_within_the_writing_phase(void **state)
{
    world *w = *state;
    static bool seen[PX_DEMO_PEOPLE + 1][PX_DEMO_PEOPLE + 1];

    memset(seen, 0, sizeof seen);
    px_demo_add_reviews(w->organisation, &w->programme, 3);
    for (size_t i = 0; i < w->programme.count; i++) {
        uint32_t rater = px_demo_person_number(actor_at(&w->programme, i));
        uint32_t person = px_demo_person_number(review_at(&w->programme, i)->subject_id);

        assert_false(seen[rater][person]);
        seen[rater][person] = true;
        assert_true(w->programme.items[i].occurred_at_us >= px_demo_time_us(3, 7, 0));
        assert_true(w->programme.items[i].occurred_at_us < px_demo_time_us(3, 20, 0));
    }
}

/* ---- the story ---- */

static const ReviewCycle__SubmitReview *story_review(world *w, uint32_t cycle, const char *rater_id)
{
    w->programme = px_programme_begin(&w->arena);
    px_demo_add_reviews(w->organisation, &w->programme, cycle);
    for (size_t i = 0; i < w->programme.count; i++)
        if (strcmp(review_at(&w->programme, i)->subject_id, "p-012") == 0 &&
            strcmp(actor_at(&w->programme, i), rater_id) == 0)
            return review_at(&w->programme, i);
    fail_msg("no review of p-012 by %s", rater_id);
    return NULL;
}

static void story__ratings_are_those_of_the_table(void **state)
{
    static const struct {
        const char *rater_id;
        int security[PX_DEMO_CYCLES], practitioner, other;
    } rows[] = {
        { "p-009", { 2, 4, 5 }, 5, 3 }, { "p-012", { 3, 4, 4 }, 4, 3 },
        { "p-010", { 2, 4, 4 }, 5, 3 }, { "p-011", { 3, 5, 5 }, 4, 4 },
        { "p-013", { 3, 5, 5 }, 5, 3 },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++)
        for (uint32_t cycle = 1; cycle <= PX_DEMO_CYCLES; cycle++) {
            const ReviewCycle__SubmitReview *r = story_review(*state, cycle, rows[i].rater_id);

            assert_int_equal(r->n_ratings, 10);
            assert_int_equal(rating_of(r, "information-security"), rows[i].security[cycle - 1]);
            assert_int_equal(rating_of(r, "prototyping"), rows[i].practitioner);
            assert_int_equal(rating_of(r, "systems-design"), rows[i].other);
        }
}

static void story__manager_writes_first_then_self_then_peers(void **state)
{
    static const char *const raters[] = { "p-009", "p-012", "p-010", "p-011", "p-013" };
    world *w = *state;
    size_t next = 0;

    px_demo_add_reviews(w->organisation, &w->programme, 1);
    assert_true(px_programme_sort(&w->programme));
    for (size_t i = 0; i < w->programme.count; i++)
        if (strcmp(review_at(&w->programme, i)->subject_id, "p-012") == 0) {
            assert_true(next < PX_COUNT(raters));
            assert_string_equal(actor_at(&w->programme, i), raters[next++]);
        }
    assert_int_equal(next, PX_COUNT(raters));
}

/* ---- learning ---- */

static size_t count_completions(const px_programme *p, int64_t *last_us)
{
    size_t count = 0;

    for (size_t i = 0; i < p->count; i++)
        if (strcmp(p->items[i].type, "CompleteItem") == 0) {
            count++;
            *last_us = p->items[i].occurred_at_us;
        }
    return count;
}

/* An item of the catalogue that teaches information security. */
static const char *security_item(char id[PX_DEMO_ID_SIZE])
{
    const char *source = getenv("PRAXIS_SOURCE");
    char path[1024], line[256];
    FILE *file;

    *id = '\0';
    snprintf(path, sizeof path, "%s/services/praxis/demo/catalogue/items_competencies.csv",
             source ? source : ".");
    file = fopen(path, "r");
    assert_non_null(file);
    while (!*id && fgets(line, sizeof line, file))
        if (strstr(line, ",information-security,"))
            snprintf(id, PX_DEMO_ID_SIZE, "%.*s", (int)strcspn(line, ","), line);
    fclose(file);
    assert_true(*id);
    return id;
}

static void story__what_teaches_security_is_done_by_day_63(void **state)
{
    world *w = *state;
    char id[PX_DEMO_ID_SIZE];
    const char *const items[] = { security_item(id) };
    int64_t last_us = 0;

    px_demo_add_learning(w->organisation, &w->programme, 1,
                         plan_for(PX_DEMO_STORY, items, 1, &w->arena));
    assert_true(px_programme_sort(&w->programme));
    assert_int_equal(count_completions(&w->programme, &last_us), 1);
    assert_true(last_us < px_demo_time_us(1, 64, 0));
}

static void learning__what_was_left_is_not_started_again_but_has_another_chance(void **state)
{
    world *w = *state;
    static const char *const items[] = { "fpc-advanced-data-structures-9002b2" };
    int64_t last_us = 0;

    for (uint32_t p = 1; p <= PX_DEMO_PEOPLE; p++) {
        LearningRecommender__Plan *plan = plan_for(p, items, 1, &w->arena);

        plan->items[0]->state = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED;
        px_demo_add_learning(w->organisation, &w->programme, 2, plan);
        plan->items[0]->state = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_COMPLETED;
        px_demo_add_learning(w->organisation, &w->programme, 3, plan);
    }
    /* Three of four complete it; nothing else happens. */
    assert_in_range(w->programme.count, PX_DEMO_PEOPLE * 65 / 100, PX_DEMO_PEOPLE * 85 / 100);
    assert_int_equal(count_completions(&w->programme, &last_us), w->programme.count);
}

/* Over all people, who then completed the item, levels rise; they never fall. */
static void learning__raises_true_levels(void **state)
{
    world *w = *state;
    static const char *const items[] = { "fpc-algorithms-and-data-structures-tutorial-864984" };
    double rise = 0;

    for (uint32_t p = 1; p <= PX_DEMO_PEOPLE; p++) {
        const px_demo_role *role = px_organisation_role(w->organisation, p);
        double before[PX_DEMO_TARGETS_MAX];

        for (size_t t = 0; t < role->target_count; t++)
            before[t] = px_demo_true_level(w->organisation, p, role->targets[t]);
        px_demo_add_learning(w->organisation, &w->programme, 1, plan_for(p, items, 1, &w->arena));
        for (size_t t = 0; t < role->target_count; t++) {
            double after = px_demo_true_level(w->organisation, p, role->targets[t]);

            assert_true(after >= before[t] && after <= 5);
            rise += after - before[t];
        }
    }
    assert_true(rise > 1);
}

/* ---- everything ---- */

static void submissions__all_pass_the_contract_and_have_an_id_of_their_own(void **state)
{
    world *w = *state;

    add_everything(w->organisation, &w->programme, &w->arena);
    for (size_t i = 0; i < w->programme.count; i++) {
        const px_programme_item *item = &w->programme.items[i];
        px_codec_error error;

        if (!px_codec_check(item->message, &w->arena, &error))
            fail_msg("%s %s: %s", item->type, item->id, error.field);
    }
    for (size_t i = 0; i < w->programme.count; i++)
        for (size_t k = i + 1; k < w->programme.count; k++)
            assert_string_not_equal(w->programme.items[i].id, w->programme.items[k].id);
}

static void draw__normal_has_mean_and_variance(void **state)
{
    enum { DRAWS = 20000 };
    double sum = 0, squares = 0;

    (void)state;
    for (uint64_t i = 0; i < DRAWS; i++) {
        double x = px_draw_normal(1, (px_draw){ PX_DRAW_NOISE, { i } }, .25);

        sum += x;
        squares += x * x;
    }
    assert_true(sum / DRAWS > -.02 && sum / DRAWS < .02);
    assert_true(squares / DRAWS > .24 && squares / DRAWS < .26);
}

static void draw__does_not_depend_on_order(void **state)
{
    px_draw a = { PX_DRAW_ROLE, { 1 } }, b = { PX_DRAW_ROLE, { 2 } };
    uint64_t first = px_draw_hash(7, a);

    (void)state;
    assert_true(px_draw_hash(7, b) != first);
    assert_true(px_draw_hash(7, a) == first);
    assert_true(px_draw_hash(8, a) != first);
}

static void load__missing_data_is_said_in_one_line(void **state)
{
    char error[PX_DEMO_ERROR_MAX];

    (void)state;
    assert_null(px_organisation_load("/nonexistent", 1, error));
    assert_non_null(strstr(error, "/nonexistent"));
    assert_null(strchr(error, '\n'));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seed__same_seed_gives_the_same_bytes),
        TEST(people__everybody_has_a_role_and_all_but_one_a_manager),
        TEST(people__managers_are_known_before_those_they_manage),
        TEST(units__a_unit_is_known_before_those_below_it),
        TEST(reviews__as_many_of_each_kind_as_the_recipe_says),
        TEST(reviews__relation_agrees_with_the_reporting_lines),
        TEST(reviews__one_per_rater_and_person_within_the_writing_phase),
        TEST(story__ratings_are_those_of_the_table),
        TEST(story__manager_writes_first_then_self_then_peers),
        TEST(story__what_teaches_security_is_done_by_day_63),
        TEST(learning__what_was_left_is_not_started_again_but_has_another_chance),
        TEST(learning__raises_true_levels),
        TEST(submissions__all_pass_the_contract_and_have_an_id_of_their_own),
        cmocka_unit_test(draw__normal_has_mean_and_variance),
        cmocka_unit_test(draw__does_not_depend_on_order),
        cmocka_unit_test(load__missing_data_is_said_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
