#include "services/praxis/demo_play.h"

#include <stdio.h>
#include <string.h>

#include "common/codec.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/praxis/clock.h"
#include "services/praxis/demo_many.h"
#include "services/praxis/print.h"

enum {
    CYCLE_ARENA_BYTES = 64 << 20,
    ANSWER_ARENA_BYTES = 4 << 20,
    SLICE_DAYS = 7, /* sent together; the next ones only when these have their results */
    SHARING_DAY = 24,
    EIGHT = 480
};

/* A cycle under way. */
typedef struct {
    px_demo_link *link;
    px_organisation *organisation;
    px_demo_played *played;
    uint32_t cycle;
    px_arena arena;
    px_arena answer;
    size_t reviews, plans, feedback, started, completed;
} playing;

/* ---- before the first cycle ---- */

static bool send_with(px_demo_link *link, px_programme *programme, const char *label)
{
    return px_programme_sort(programme) && px_demo_send_all(link, programme, label);
}

static bool settle_in(px_demo_link *link, const px_organisation *o, px_arena *arena)
{
    px_programme people = px_programme_begin(arena), rest = px_programme_begin(arena);

    px_demo_add_units(o, &people);
    px_demo_add_people(&people);
    px_demo_add_roles(o, &rest);
    px_demo_add_scale(&rest);
    return send_with(link, &people, "units and people") &&
           px_demo_settle(link, "people becoming known") &&
           send_with(link, &rest, "roles and scale") &&
           px_demo_settle(link, "roles becoming known");
}

bool px_demo_settle_in(px_demo_link *link, const px_organisation *organisation)
{
    px_arena arena;
    bool done = px_arena_init(&arena, CYCLE_ARENA_BYTES) && settle_in(link, organisation, &arena);

    if (done)
        px_print_text(3, "   ",
                      "%d people (generated from a seed: nobody is real), in %d teams of %d and 5 "
                      "blocks, each with a role of the framework.",
                      PX_DEMO_PEOPLE, PX_DEMO_TEAMS, PX_DEMO_TEAM_SIZE);
    px_arena_fini(&arena);
    return done;
}

/* ---- reviews ---- */

static bool move(playing *p, ReviewCycle__CyclePhase phase, uint32_t day, uint32_t minute)
{
    px_programme programme = px_programme_begin(&p->arena);

    px_demo_add_move(&programme, p->cycle, (int)phase, day, minute);
    return send_with(p->link, &programme, "moving the cycle");
}

static bool open_cycle(playing *p)
{
    px_programme programme = px_programme_begin(&p->arena);

    px_demo_add_cycle(&programme, p->cycle);
    px_demo_add_move(&programme, p->cycle, REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_SCHEDULED, 0,
                     EIGHT);
    px_demo_add_move(&programme, p->cycle, REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_WRITING, 7, 0);
    return send_with(p->link, &programme, "opening the cycle");
}

static void remember_times(playing *p, const px_programme *reviews, const int64_t *sent_ns)
{
    for (size_t i = 0; i < reviews->count && p->played->review_count < PX_DEMO_TIMED_MAX; i++) {
        const ReviewCycle__Submission *s = (const void *)reviews->items[i].message;

        p->played->reviews[p->played->review_count++] = (px_demo_timed){
            .person = px_demo_person_number(s->submit_review->subject_id),
            .cycle = p->cycle,
            .sent_ns = sent_ns[i],
        };
    }
}

static bool send_reviews(playing *p)
{
    px_programme reviews = px_programme_begin(&p->arena);
    px_demo_sending how = { .label = "reviews", .per_second = PX_DEMO_TIMED_PER_SECOND };

    px_demo_add_reviews(p->organisation, &reviews, p->cycle);
    how.count = p->reviews = reviews.count;
    how.sent_ns = px_arena_zalloc(&p->arena, reviews.count * sizeof *how.sent_ns);
    if (!px_programme_sort(&reviews) || !px_demo_send(p->link, &reviews, &how) ||
        !px_demo_settle(p->link, "ratings becoming levels, gaps and plans"))
        return false;
    remember_times(p, &reviews, how.sent_ns);
    p->played->quiet_ns[p->cycle] = px_clock_ns();
    return true;
}

/* ---- learning ---- */

/* The plan of this id, the newest without one; NULL in `plan`: there is none, or it is over. */
static bool read_plan(playing *p, const char *person_id, const char *plan_id,
                      const LearningRecommender__Plan **plan)
{
    LearningRecommender__GetPlan question = LEARNING_RECOMMENDER__GET_PLAN__INIT;
    char viewer_id[] = "p-240";
    px_asked asked;

    px_arena_reset(&p->answer);
    question.viewer_id = viewer_id;
    question.person_id = (char *)(uintptr_t)person_id;
    question.plan_id = (char *)(uintptr_t)plan_id;
    if (px_ask_message(&p->link->outside, "learning-recommender", "GetPlan", &question.base,
                       &learning_recommender__plan__descriptor, &p->answer, &asked) != PX_OK)
        return false;
    *plan = (const void *)asked.message;
    if (*plan && (*plan)->ended != LEARNING_RECOMMENDER__PLAN_END__PLAN_END_UNSPECIFIED)
        *plan = NULL;
    return true;
}

static void take_plan(playing *p, const LearningRecommender__Plan *plan, px_programme *out)
{
    if (!plan)
        return;
    p->plans++;
    px_demo_add_learning(p->organisation, out, p->cycle, plan);
}

/* The newest plan; when that is one that many have got, also the last one made of gaps. */
static bool read_plans(playing *p, uint32_t person, px_programme *out)
{
    char person_id[PX_DEMO_ID_SIZE], *gap_plan = p->played->gap_plans[person];
    const LearningRecommender__Plan *plan;

    px_demo_person_id(person, person_id);
    if (!read_plan(p, person_id, "", &plan))
        return false;
    take_plan(p, plan, out);
    if (plan && !*plan->template_id) {
        snprintf(gap_plan, PX_DEMO_ID_SIZE, "%s", plan->plan_id);
        return true;
    }
    if (!*gap_plan)
        return true;
    if (!read_plan(p, person_id, gap_plan, &plan))
        return false;
    take_plan(p, plan, out);
    return true;
}

/* Plans that many people get, when those made of gaps have been read. */
static bool plan_for_many(playing *p, px_programme *out)
{
    px_programme many = px_programme_begin(&p->arena);
    char person_id[PX_DEMO_ID_SIZE];
    const LearningRecommender__Plan *plan;

    px_demo_add_many(&many);
    if (!send_with(p->link, &many, "plans for many") ||
        !px_demo_settle(p->link, "plans for many being made"))
        return false;
    for (uint32_t person = 1; person <= PX_DEMO_PEOPLE; person++) {
        if (px_interrupted || !read_plan(p, px_demo_person_id(person, person_id), "", &plan))
            return false;
        if (plan && *plan->template_id)
            take_plan(p, plan, out);
    }
    return true;
}

static void count(playing *p, const px_programme *programme)
{
    for (size_t i = 0; i < programme->count; i++) {
        p->started += strcmp(programme->items[i].type, "StartItem") == 0;
        p->completed += strcmp(programme->items[i].type, "CompleteItem") == 0;
        p->feedback += strcmp(programme->items[i].type, "GiveFeedback") == 0;
    }
}

/* A week at a time, so that daemons which follow each other see the days in their order. */
static bool send_by_week(playing *p, const px_programme *programme)
{
    px_demo_sending how = { .label = "learning and feedback" };

    for (; how.from < programme->count; how.from += how.count) {
        int64_t end_us = programme->items[how.from].occurred_at_us + SLICE_DAYS * 86400000000;

        for (how.count = 0; how.from + how.count < programme->count &&
                            programme->items[how.from + how.count].occurred_at_us < end_us;)
            how.count++;
        if (!px_demo_send(p->link, programme, &how))
            return false;
    }
    return true;
}

static bool learn(playing *p)
{
    px_programme programme = px_programme_begin(&p->arena);

    for (uint32_t person = 1; person <= PX_DEMO_PEOPLE; person++)
        if (px_interrupted || !read_plans(p, person, &programme))
            return false;
    if (p->cycle == PX_MANY_CYCLE && !plan_for_many(p, &programme))
        return false;
    px_demo_add_feedback(p->organisation, &programme, p->cycle);
    count(p, &programme);
    return px_programme_sort(&programme) && send_by_week(p, &programme);
}

/* ---- a cycle ---- */

static void print_cycle(const playing *p)
{
    char from[PX_PRINT_DATE_SIZE], to[PX_PRINT_DATE_SIZE], reviews[PX_PRINT_NUMBER_SIZE];
    char head[64];

    snprintf(head, sizeof head, "   Cycle %u:", p->cycle);
    px_print_text(12, head,
                  "%s to %s. %s reviews are written. %zu learning plans are open; people start "
                  "%zu items and complete %zu. %zu pieces of feedback are given in between.",
                  px_print_date(px_demo_time_us(p->cycle, 0, 0), from),
                  px_print_date(px_demo_time_us(p->cycle, PX_DEMO_CYCLE_DAYS - 1, 0), to),
                  px_print_number(p->reviews, reviews), p->plans, p->started, p->completed,
                  p->feedback);
}

static bool play(playing *p)
{
    return open_cycle(p) && send_reviews(p) &&
           move(p, REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_SHARING, SHARING_DAY, EIGHT) &&
           px_demo_settle(p->link, "results being shared") && learn(p) &&
           px_demo_settle(p->link, "learning being folded") &&
           move(p, REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_CLOSED, PX_DEMO_CLOSING_DAY, EIGHT) &&
           px_demo_settle(p->link, "closing the cycle");
}

bool px_demo_play_cycle(px_demo_link *link, px_organisation *organisation, uint32_t cycle,
                        px_demo_played *played)
{
    playing p = { .link = link, .organisation = organisation, .played = played, .cycle = cycle };
    bool done = px_arena_init(&p.arena, CYCLE_ARENA_BYTES) &&
                px_arena_init(&p.answer, ANSWER_ARENA_BYTES) && play(&p);

    if (done)
        print_cycle(&p);
    px_arena_fini(&p.arena);
    px_arena_fini(&p.answer);
    return done;
}

bool px_demo_open_next_cycle(px_demo_link *link)
{
    playing p = { .link = link, .cycle = PX_DEMO_CYCLES + 1 };
    bool opened = px_arena_init(&p.arena, CYCLE_ARENA_BYTES) && open_cycle(&p);

    px_arena_fini(&p.arena);
    return opened;
}
