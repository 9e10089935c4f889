/* test_demo_story.c: events about one person, told in the order of the log and in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/codec.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "praxis/review_cycle/v1/event.pb-c.h"
#include "services/praxis/demo_story.h"
#include "services/praxis/print.h"

enum { ARENA_BYTES = 4 << 20 };

typedef struct {
    px_arena arena;
    px_organisation *organisation;
    px_story story;
    char *told; /* what px_story_print() printed */
} world;

static int setup(void **state)
{
    const char *source = getenv("PRAXIS_SOURCE");
    char data_dir[1024], error[PX_DEMO_ERROR_MAX];
    world *w = calloc(1, sizeof *w);

    assert_true(w && px_arena_init(&w->arena, ARENA_BYTES));
    snprintf(data_dir, sizeof data_dir, "%s/services/praxis/demo", source ? source : ".");
    w->organisation = px_organisation_load(data_dir, PX_DEMO_SEED, error);
    assert_non_null(w->organisation);
    w->story = (px_story){ .organisation = w->organisation,
                           .person_id = "p-012",
                           .competency_id = "information-security",
                           .arena = &w->arena };
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

/* ---- events ---- */

static void hear(world *w, uint64_t log_seq, const ProtobufCMessage *message)
{
    px_demo_event event = { .name = px_codec_short_name(message->descriptor),
                            .log_seq = log_seq,
                            .time_us = px_demo_time_us(1, 9, 600) + (int64_t)log_seq * 86400000000,
                            .message = message,
                            .arena = &w->arena };

    px_story_hear(&w->story, &event);
}

static void *new_message(world *w, const ProtobufCMessageDescriptor *type)
{
    return px_codec_new(type, &w->arena);
}

static char *text(world *w, const char *value)
{
    return px_arena_strdup(&w->arena, value);
}

static void hear_level(world *w, uint64_t log_seq, const char *person_id, const char *competency_id,
                       double level)
{
    Competency__LevelChanged *m = new_message(w, &competency__level_changed__descriptor);

    m->person_id = text(w, person_id);
    m->competency_id = text(w, competency_id);
    m->estimate = new_message(w, &competency__estimate__descriptor);
    m->estimate->level = level;
    m->estimate->low = level - .5;
    m->estimate->high = level + .5;
    hear(w, log_seq, &m->base);
}

static LearningRecommender__PlanItem *new_item(world *w)
{
    LearningRecommender__PlanItem *item =
        new_message(w, &learning_recommender__plan_item__descriptor);

    item->issue = new_message(w, &learning_recommender__issue__descriptor);
    item->issue->title = text(w, "Information security");
    item->issue->level = 2.5;
    item->issue->target = 3.667;
    item->learning = new_message(w, &learning_recommender__learning__descriptor);
    item->learning->item_id = text(w, "item-1");
    item->learning->title = text(w, "Locks and keys");
    item->learning->hours = 6;
    item->follow_up = new_message(w, &learning_recommender__follow_up__descriptor);
    item->follow_up->due_at = px_codec_timestamp(px_demo_time_us(2, 0, 0), &w->arena);
    item->follow_up->n_rater_ids = 1;
    item->follow_up->rater_ids = px_arena_alloc(&w->arena, sizeof(char *));
    item->follow_up->rater_ids[0] = text(w, "p-009");
    return item;
}

static void hear_plan(world *w, uint64_t log_seq)
{
    LearningRecommender__PlanProposed *m =
        new_message(w, &learning_recommender__plan_proposed__descriptor);

    m->person_id = text(w, "p-012");
    m->hours = 6;
    m->n_items = 1;
    m->items = px_arena_alloc(&w->arena, sizeof *m->items);
    m->items[0] = new_item(w);
    hear(w, log_seq, &m->base);
}

static void hear_completion(world *w, uint64_t log_seq, const char *item_id)
{
    LearningRecommender__ItemCompleted *m =
        new_message(w, &learning_recommender__item_completed__descriptor);

    m->person_id = text(w, "p-012");
    m->item_id = text(w, item_id);
    hear(w, log_seq, &m->base);
}

/* ---- what is told ---- */

/* Prints into a file in place of stdout, and reads that back. */
static const char *tell(world *w)
{
    FILE *file = tmpfile();
    int before = dup(STDOUT_FILENO);
    long size;

    assert_non_null(file);
    fflush(stdout);
    dup2(fileno(file), STDOUT_FILENO);
    px_story_print(&w->story);
    fflush(stdout);
    dup2(before, STDOUT_FILENO);
    close(before);
    size = lseek(fileno(file), 0, SEEK_END);
    w->told = px_arena_zalloc(&w->arena, (size_t)size + 1);
    assert_int_equal(pread(fileno(file), w->told, (size_t)size, 0), size);
    fclose(file);
    return w->told;
}

static void told__in_the_order_of_the_log(void **state)
{
    world *w = *state;
    const char *told;

    hear_completion(w, 7, "item-1");
    hear_level(w, 3, "p-012", "information-security", 2.5);
    told = tell(w);
    assert_non_null(strstr(told, "estimated at 2.5 (90 % between 2.0 and 3.0)"));
    assert_true(strstr(told, "estimated at 2.5") < strstr(told, "p-012 completes"));
    assert_true(strstr(told, "17 Jan 2026") < strstr(told, "21 Jan 2026"));
}

static void told__only_of_this_person_and_competency(void **state)
{
    world *w = *state;

    hear_level(w, 1, "p-013", "information-security", 2.5);
    hear_level(w, 2, "p-012", "prototyping", 4.5);
    assert_int_equal(w->story.count, 0);
    assert_string_equal(tell(w), "");
}

static void told__a_level_that_reads_the_same_is_told_once(void **state)
{
    world *w = *state;
    const char *first;

    hear_level(w, 1, "p-012", "information-security", 2.51);
    hear_level(w, 2, "p-012", "information-security", 2.52);
    first = strstr(tell(w), "[LevelChanged]");
    assert_non_null(first);
    assert_null(strstr(first + 1, "[LevelChanged]"));
}

static void told__a_plan_says_issue_learning_and_follow_up(void **state)
{
    world *w = *state;
    const char *told;

    hear_plan(w, 1);
    told = tell(w);
    assert_non_null(strstr(told, "A LEARNING PLAN is proposed: 1 item, 6 hours. [PlanProposed]"));
    assert_non_null(strstr(told, "1. ISSUE Information security: about 2.5"));
    assert_non_null(strstr(told, "LEARNING \"Locks and keys\""));
    assert_non_null(strstr(told, "p-009 are asked to rate again on 5 Apr 2026."));
}

static void told__an_item_of_a_plan_is_named_by_its_title(void **state)
{
    world *w = *state;

    hear_plan(w, 1);
    hear_completion(w, 2, "item-1");
    hear_completion(w, 3, "item-2");
    assert_non_null(strstr(tell(w), "p-012 completes \"Locks and keys\"."));
    assert_non_null(strstr(w->told, "p-012 completes \"item-2\"."));
}

static void hear_colleague(world *w, uint64_t log_seq)
{
    ReviewCycle__ReviewSubmitted *m = new_message(w, &review_cycle__review_submitted__descriptor);

    m->subject_id = text(w, "p-012");
    m->relation = REVIEW_CYCLE__RELATION__RELATION_PEER;
    hear(w, log_seq, &m->base);
}

static void told__a_colleague_is_not_named(void **state)
{
    world *w = *state;

    hear_colleague(w, 1);
    assert_non_null(strstr(tell(w), "A colleague writes a review of p-012; the feed says neither"));
}

static void told__reviews_by_colleagues_are_one_step(void **state)
{
    world *w = *state;
    const char *told;

    hear_colleague(w, 1);
    hear_colleague(w, 2);
    hear_level(w, 3, "p-012", "information-security", 2.5);
    hear_colleague(w, 4);
    told = tell(w);
    assert_non_null(strstr(told, "15 Jan 2026  2 colleagues write reviews of p-012, the last one "
                                 "on 16 Jan 2026;"));
    assert_non_null(strstr(told, "A colleague writes a review of p-012"));
}

static void told__an_issue_of_two_items_is_told_once(void **state)
{
    world *w = *state;
    LearningRecommender__PlanProposed *m =
        new_message(w, &learning_recommender__plan_proposed__descriptor);
    LearningRecommender__PlanItem *item = new_item(w);

    m->person_id = text(w, "p-012");
    m->n_items = 2;
    m->items = px_arena_alloc(&w->arena, 2 * sizeof *m->items);
    m->items[0] = m->items[1] = item;
    hear(w, 1, &m->base);
    assert_non_null(strstr(tell(w), "2. ISSUE Information security, as in 1."));
}

static void told__within_100_columns(void **state)
{
    world *w = *state;

    hear_plan(w, 1);
    for (const char *line = tell(w); *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= PX_PRINT_COLUMNS);
}

static void number__has_its_thousands_set_apart(void **state)
{
    char number[PX_PRINT_NUMBER_SIZE];

    (void)state;
    assert_string_equal(px_print_number(0, number), "0");
    assert_string_equal(px_print_number(999, number), "999");
    assert_string_equal(px_print_number(1809, number), "1,809");
    assert_string_equal(px_print_number(UINT64_MAX, number), "18,446,744,073,709,551,615");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(told__in_the_order_of_the_log),
        TEST(told__only_of_this_person_and_competency),
        TEST(told__a_level_that_reads_the_same_is_told_once),
        TEST(told__a_plan_says_issue_learning_and_follow_up),
        TEST(told__an_item_of_a_plan_is_named_by_its_title),
        TEST(told__a_colleague_is_not_named),
        TEST(told__reviews_by_colleagues_are_one_step),
        TEST(told__an_issue_of_two_items_is_told_once),
        TEST(told__within_100_columns),
        cmocka_unit_test(number__has_its_thousands_set_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
