/* organisation_review.c: what people really can do, and how raters and colleagues say so. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/codec.h"
#include "praxis/common/v1/text.pb-c.h"
#include "praxis/feedback_ingest/v1/submission.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/praxis/organisation_impl.h"

/* A kind of rater: what the ratings of such raters are made of, and when they write. */
typedef struct {
    ReviewCycle__Relation relation;
    char letter;                                /* in ids */
    double weight, bias, leniency, dyad, noise; /* the last three are variances */
    double rates;                               /* each skill with this probability */
    uint32_t first_day, last_day;
} rater_kind;

static const rater_kind kind_self = {
    REVIEW_CYCLE__RELATION__RELATION_SELF, 's', .4, .50, .35, .20, .12, 1, 7, 12
};
static const rater_kind kind_manager = {
    REVIEW_CYCLE__RELATION__RELATION_MANAGER, 'm', 1, .15, .22, .18, .11, 1, 9, 16
};
static const rater_kind kind_peer = {
    REVIEW_CYCLE__RELATION__RELATION_PEER, 'p', 1, .25, .33, .33, .14, .7, 8, 19
};
static const rater_kind kind_report = {
    REVIEW_CYCLE__RELATION__RELATION_REPORT, 'r', 1, .20, .60, .64, .17, .6, 8, 19
};

/* One rater about one person in one cycle. */
typedef struct {
    const px_organisation *o;
    const rater_kind *kind;
    uint32_t rater, person, cycle;
    uint32_t story_place; /* in the story's table; STORY_NONE for everybody else */
} pair;

enum { STORY_RATERS = 5, STORY_NONE = STORY_RATERS };
enum { FEEDBACK_FIRST_DAY = 40, FEEDBACK_DAYS = 41 };

/* The story: manager, self and three peers, on these days; ratings by cycle. */
static const uint32_t story_days[STORY_RATERS] = { 9, 10, 11, 12, 13 };
static const int story_security[PX_DEMO_CYCLES][STORY_RATERS] = { { 2, 3, 2, 3, 3 },
                                                                  { 4, 4, 4, 5, 5 },
                                                                  { 5, 4, 4, 5, 5 } };
static const int story_practitioner[STORY_RATERS] = { 5, 4, 5, 4, 5 };
static const int story_other[STORY_RATERS] = { 3, 3, 3, 4, 3 };

/* ---- levels ---- */

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

double px_demo_true_level(const px_organisation *o, uint32_t person, px_demo_target target)
{
    double ability = px_draw_normal(o->seed, (px_draw){ PX_DRAW_ABILITY, { person } }, .20);
    double strength =
        px_draw_normal(o->seed, (px_draw){ PX_DRAW_STRENGTH, { person, target.skill } }, .30);

    return clamp(.5 * 3 + .5 * target.level + ability + strength + o->learned[person][target.skill],
                 1, 5);
}

/* ---- ratings ---- */

static int story_rating(const pair *p, px_demo_target target)
{
    if (strcmp(p->o->skills[target.skill].id, "information-security") == 0)
        return story_security[p->cycle - 1][p->story_place];
    return fabs(target.level - 11.0 / 3) < .01 ? story_practitioner[p->story_place]
                                               : story_other[p->story_place];
}

static int drawn_rating(const pair *p, px_demo_target target)
{
    const rater_kind *k = p->kind;
    uint64_t seed = p->o->seed, relation = (uint64_t)k->relation;
    px_draw leniency = { PX_DRAW_LENIENCY, { p->rater, relation } };
    px_draw dyad = { PX_DRAW_DYAD, { p->rater, p->person, relation } };
    px_draw noise = { PX_DRAW_NOISE, { p->rater, p->person, target.skill, p->cycle, relation } };
    double value = 3 + k->weight * (px_demo_true_level(p->o, p->person, target) - 3) + k->bias +
                   px_draw_normal(seed, leniency, k->leniency) +
                   px_draw_normal(seed, dyad, k->dyad) + px_draw_normal(seed, noise, k->noise);

    return (int)clamp(floor(value + .5), 1, 5);
}

static double rates_draw(const pair *p, px_demo_target target)
{
    px_draw draw = { PX_DRAW_RATES,
                     { p->rater, p->person, target.skill, p->cycle, (uint64_t)p->kind->relation } };

    return px_draw_uniform(p->o->seed, draw);
}

/* Everybody rates at least one skill: the one with the lowest draw. */
static size_t always_rated(const pair *p, const px_demo_role *role)
{
    size_t lowest = 0;

    for (size_t i = 1; i < role->target_count; i++)
        if (rates_draw(p, role->targets[i]) < rates_draw(p, role->targets[lowest]))
            lowest = i;
    return lowest;
}

/* ---- a review ---- */

static void add_rating(const pair *p, px_programme *out, ReviewCycle__SubmitReview *review,
                       px_demo_target target)
{
    ReviewCycle__CompetencyRating *rating =
        (void *)px_codec_new(&review_cycle__competency_rating__descriptor, out->arena);

    if (!rating)
        return;
    rating->competency_id = px_arena_strdup(out->arena, p->o->skills[target.skill].id);
    rating->value =
        p->story_place != STORY_NONE ? story_rating(p, target) : drawn_rating(p, target);
    review->ratings[review->n_ratings++] = rating;
}

static ReviewCycle__OverallRating *overall(const ReviewCycle__SubmitReview *review, px_arena *arena)
{
    ReviewCycle__OverallRating *rating =
        (void *)px_codec_new(&review_cycle__overall_rating__descriptor, arena);
    int sum = 0, count = (int)review->n_ratings;

    for (size_t i = 0; i < review->n_ratings; i++)
        sum += review->ratings[i]->value;
    if (rating && count > 0)
        rating->value = (2 * sum + count) / (2 * count); /* the mean, rounded */
    return rating;
}

static void rate(const pair *p, px_programme *out, ReviewCycle__SubmitReview *review)
{
    const px_demo_role *role = p->o->role_of[p->person];
    size_t always = always_rated(p, role);
    bool story = p->story_place != STORY_NONE;

    review->ratings = px_arena_alloc(out->arena, role->target_count * sizeof *review->ratings);
    for (size_t i = 0; review->ratings && i < role->target_count; i++)
        if (story || i == always || rates_draw(p, role->targets[i]) < p->kind->rates)
            add_rating(p, out, review, role->targets[i]);
    if (p->kind == &kind_manager || p->kind == &kind_self) {
        review->what = overall(review, out->arena);
        review->how = overall(review, out->arena);
    }
}

static int64_t review_time_us(const pair *p)
{
    const rater_kind *k = p->kind;
    uint32_t days = k->last_day - k->first_day + 1;
    px_draw draw = { PX_DRAW_HOUR, { p->rater, p->person, p->cycle, (uint64_t)k->relation } };

    if (p->story_place != STORY_NONE)
        return px_demo_time_us(p->cycle, story_days[p->story_place], 600);
    return px_demo_time_us(p->cycle, k->first_day, px_draw_below(p->o->seed, draw, days * 24) * 60);
}

static void add_review(const pair *p, px_programme *out)
{
    char id[PX_DEMO_ID_SIZE], rater_id[PX_DEMO_ID_SIZE], person_id[PX_DEMO_ID_SIZE];

    snprintf(id, sizeof id, "review-%u-%c-%03u-%03u", p->cycle, p->kind->letter, p->person,
             p->rater);
    ReviewCycle__SubmitReview *review =
        px_programme_add(out, "review-cycle", REVIEW_CYCLE__SUBMISSION__BODY_SUBMIT_REVIEW, id,
                         px_demo_person_id(p->rater, rater_id), review_time_us(p));
    if (!review)
        return;
    review->review_id = px_arena_strdup(out->arena, id);
    review->cycle_id = px_arena_printf(out->arena, "cycle-%u", p->cycle);
    review->subject_id = px_arena_strdup(out->arena, px_demo_person_id(p->person, person_id));
    review->relation = p->kind->relation;
    rate(p, out, review);
}

static void add_reviews_of(const px_organisation *o, px_programme *out, uint32_t person,
                           uint32_t cycle)
{
    bool story = person == PX_DEMO_STORY;
    pair p = { o, &kind_self, person, person, cycle, story ? 1 : STORY_NONE };
    uint32_t raters[3];
    size_t count;

    add_review(&p, out);
    p = (pair){
        o, &kind_manager, px_demo_manager_of(person), person, cycle, story ? 0 : STORY_NONE
    };
    if (p.rater != 0)
        add_review(&p, out);
    count = px_demo_peers(o, person, cycle, raters);
    for (size_t i = 0; i < count; i++) {
        p = (pair){ o, &kind_peer, raters[i], person, cycle, story ? (uint32_t)i + 2 : STORY_NONE };
        add_review(&p, out);
    }
    count = px_demo_reports(o, person, cycle, raters);
    for (size_t i = 0; i < count; i++) {
        p = (pair){ o, &kind_report, raters[i], person, cycle, STORY_NONE };
        add_review(&p, out);
    }
}

void px_demo_add_reviews(const px_organisation *o, px_programme *out, uint32_t cycle)
{
    for (uint32_t person = 1; person <= PX_DEMO_PEOPLE; person++)
        add_reviews_of(o, out, person, cycle);
}

/* ---- feedback between cycles ---- */

static const struct {
    FeedbackIngest__TagTone tone;
    FeedbackIngest__FeedbackKind kind;
    const char *texts[2];
} tones[] = {
    { FEEDBACK_INGEST__TAG_TONE__TAG_TONE_POSITIVE,
      FEEDBACK_INGEST__FEEDBACK_KIND__FEEDBACK_KIND_PRAISE,
      { "This went better than I had hoped. Thank you.",
        "I learned something from how this was done." } },
    { FEEDBACK_INGEST__TAG_TONE__TAG_TONE_NEUTRAL,
      FEEDBACK_INGEST__FEEDBACK_KIND__FEEDBACK_KIND_OBSERVATION,
      { "This was done as we had agreed.", "I saw this for the first time and took note of it." } },
    { FEEDBACK_INGEST__TAG_TONE__TAG_TONE_NEGATIVE,
      FEEDBACK_INGEST__FEEDBACK_KIND__FEEDBACK_KIND_CONSTRUCTIVE,
      { "We had to do part of this again.", "I would have needed to hear of this earlier." } },
};

static uint32_t team_mate(const px_organisation *o, uint32_t person, uint32_t cycle)
{
    px_draw draw = { PX_DRAW_FEEDBACK_FROM, { person, cycle } };
    uint32_t first = (px_demo_team_of(person) - 1) * PX_DEMO_TEAM_SIZE + 1;
    uint32_t mate = first + px_draw_below(o->seed, draw, PX_DEMO_TEAM_SIZE - 1);

    return mate < person ? mate : mate + 1;
}

/* 0, 1, 2: an index into tones. */
static size_t tone_of(const px_organisation *o, uint32_t person, uint32_t cycle,
                      px_demo_target target)
{
    px_draw draw = { PX_DRAW_FEEDBACK_NOISE, { person, cycle } };
    double seen = px_demo_true_level(o, person, target) - 3 + px_draw_normal(o->seed, draw, .64);

    return seen > .5 ? 0 : seen < -.5 ? 2 : 1;
}

static void add_tag(FeedbackIngest__GiveFeedback *body, const char *skill_id, size_t tone,
                    px_arena *arena)
{
    FeedbackIngest__CompetencyTag *tag =
        (void *)px_codec_new(&feedback_ingest__competency_tag__descriptor, arena);

    body->tags = px_arena_alloc(arena, sizeof *body->tags);
    if (!tag || !body->tags)
        return;
    tag->competency_id = px_arena_strdup(arena, skill_id);
    tag->tone = tones[tone].tone;
    body->tags[body->n_tags++] = tag;
}

static void fill_feedback(const px_organisation *o, FeedbackIngest__GiveFeedback *body,
                          uint32_t person, uint32_t cycle, px_arena *arena)
{
    const px_demo_role *role = o->role_of[person];
    px_draw skill_draw = { PX_DRAW_FEEDBACK_SKILL, { person, cycle } };
    px_draw text_draw = { PX_DRAW_FEEDBACK_TEXT, { person, cycle } };
    px_demo_target target =
        role->targets[px_draw_below(o->seed, skill_draw, (uint32_t)role->target_count)];
    size_t tone = tone_of(o, person, cycle, target);

    body->kind = tones[tone].kind;
    body->visibility = FEEDBACK_INGEST__FEEDBACK_VISIBILITY__FEEDBACK_VISIBILITY_PERSON_AND_MANAGER;
    add_tag(body, o->skills[target.skill].id, tone, arena);
    body->text = (void *)px_codec_new(&praxis__personal_text__descriptor, arena);
    if (body->text)
        body->text->plain =
            px_arena_strdup(arena, tones[tone].texts[px_draw_below(o->seed, text_draw, 2)]);
}

static void add_feedback(const px_organisation *o, px_programme *out, uint32_t person,
                         uint32_t cycle)
{
    char id[PX_DEMO_ID_SIZE], giver_id[PX_DEMO_ID_SIZE], person_id[PX_DEMO_ID_SIZE];
    px_draw hour = { PX_DRAW_FEEDBACK_HOUR, { person, cycle } };
    uint32_t minute = px_draw_below(o->seed, hour, FEEDBACK_DAYS * 24) * 60;

    snprintf(id, sizeof id, "feedback-%u-%03u", cycle, person);
    FeedbackIngest__GiveFeedback *body =
        px_programme_add(out, "feedback-ingest", FEEDBACK_INGEST__SUBMISSION__BODY_GIVE_FEEDBACK,
                         id, px_demo_person_id(team_mate(o, person, cycle), giver_id),
                         px_demo_time_us(cycle, FEEDBACK_FIRST_DAY, minute));
    if (!body)
        return;
    body->feedback_id = px_arena_strdup(out->arena, id);
    body->about_id = px_arena_strdup(out->arena, px_demo_person_id(person, person_id));
    fill_feedback(o, body, person, cycle, out->arena);
}

void px_demo_add_feedback(const px_organisation *o, px_programme *out, uint32_t cycle)
{
    for (uint32_t person = 1; person <= PX_DEMO_PEOPLE; person++) {
        px_draw draw = { PX_DRAW_FEEDBACK, { person, cycle } };

        /* Nothing but the table above moves the story. */
        if (person != PX_DEMO_STORY && px_draw_uniform(o->seed, draw) < .3)
            add_feedback(o, out, person, cycle);
    }
}
