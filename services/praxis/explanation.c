#include "services/praxis/explanation.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "common/codec.h"
#include "services/praxis/plan_words.h"

typedef LearningRecommender__PlanItem plan_item;

enum { DAY_SIZE = 40, NUMBER_SIZE = 32 };

/* "14 March 2026", in English whatever the locale. */
static const char *day(const void *timestamp, char text[DAY_SIZE])
{
    static const char *const months[] = { "January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December" };
    time_t seconds = (time_t)(px_codec_time_us(timestamp) / 1000000);
    struct tm parts;

    if (!timestamp || !gmtime_r(&seconds, &parts))
        return "a day not known";
    snprintf(text, DAY_SIZE, "%d %s %d", parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900);
    return text;
}

/* One place behind the point, none when it is zero. */
static const char *number(double value, char text[NUMBER_SIZE])
{
    double rounded = round(value * 10) / 10;

    if (!isfinite(rounded) || fabs(rounded) > 1e9)
        return "?";
    snprintf(text, NUMBER_SIZE, fmod(rounded, 1) == 0 ? "%.0f" : "%.1f", rounded);
    return text;
}

/* Nobody is 100 % sure. */
static unsigned percent(double probability)
{
    double whole = round(probability * 100);

    return whole >= 99 ? 99 : whole <= 1 ? 1 : (unsigned)whole;
}

const ReviewCycle__Review *px_explanation_review(const px_explanation *explanation, const char *id)
{
    for (size_t i = 0; i < explanation->review_count; i++)
        if (strcmp(explanation->reviews[i]->review_id, id) == 0)
            return explanation->reviews[i];
    return NULL;
}

/* --- ISSUE --- */

/* The value the rater gave, when it may be seen and says more than the level. */
static const ReviewCycle__CompetencyRating *given(const ReviewCycle__Review *review,
                                                  const char *competency_id)
{
    for (size_t i = 0; review && i < review->n_ratings; i++)
        if (!review->ratings[i]->not_applicable &&
            strcmp(review->ratings[i]->competency_id, competency_id) == 0)
            return review->ratings[i];
    return NULL;
}

static void print_rating(FILE *out, const px_explanation *e, const char *competency_id,
                         const LearningRecommender__RatingBehind *rating)
{
    const ReviewCycle__Review *review = px_explanation_review(e, rating->review_id);
    const ReviewCycle__CompetencyRating *value = given(review, competency_id);
    char when[DAY_SIZE], level[NUMBER_SIZE];

    fprintf(out, "     - %s %s rated %s of 5", rating->self ? "the person" : "manager",
            rating->rater_id, number(rating->level, level));
    if (value && fabs(value->value - rating->level) > 0.05)
        fprintf(out, " (%d on the scale of the cycle)", value->value);
    fprintf(out, " on %s", day(rating->occurred_at, when));
    if (review && *review->cycle_id)
        fprintf(out, " in cycle %s", review->cycle_id);
    fprintf(out, ", review %s%s\n", rating->review_id,
            review && review->withdrawn ? " (taken back since)" : "");
}

static void print_ratings(FILE *out, const px_explanation *e,
                          const LearningRecommender__Issue *issue)
{
    if (issue->n_ratings == 0 && issue->peer_ratings == 0 && issue->report_ratings == 0) {
        fputs("     No rating by the manager or the person stands behind it by name; ratings by\n"
              "     others are only counted, from three on.\n",
              out);
        return;
    }
    fputs("     This rests on:\n", out);
    for (size_t i = 0; i < issue->n_ratings; i++)
        print_rating(out, e, issue->competency_id, issue->ratings[i]);
    if (issue->peer_ratings > 0)
        fprintf(out, "     - %u ratings by colleagues\n", issue->peer_ratings);
    if (issue->report_ratings > 0)
        fprintf(out, "     - %u ratings by people who report to this person\n",
                issue->report_ratings);
}

static const char *title_of(const LearningRecommender__Issue *issue)
{
    return *issue->title ? issue->title : issue->competency_id;
}

static void print_level(FILE *out, const LearningRecommender__Issue *issue, const char *who_needs)
{
    char level[NUMBER_SIZE], low[NUMBER_SIZE], high[NUMBER_SIZE], target[NUMBER_SIZE];

    if (issue->level < 1) { /* the lowest there is */
        fprintf(out, "     Nothing is known of the level yet; %s needs %s of 5.\n", who_needs,
                number(issue->target, target));
        return;
    }
    fprintf(out,
            "     The level is estimated at %s of 5 (very likely between %s and %s); %s needs "
            "%s.\n     It is %u %% likely that there is something to learn here.\n",
            number(issue->level, level), number(issue->low, low), number(issue->high, high),
            who_needs, number(issue->target, target), percent(issue->probability));
}

static void print_issue(FILE *out, const px_explanation *e, const LearningRecommender__Issue *issue)
{
    bool of_gaps = !*e->plan->template_id;

    fprintf(out, "ISSUE: %s\n", title_of(issue));
    print_level(out, issue, of_gaps ? "the role" : "the initiative");
    if (of_gaps)
        print_ratings(out, e, issue);
    if (issue->more_evidence_needed)
        fputs(
            "     The estimate is still uncertain: two colleagues should be asked for a rating.\n",
            out);
}

/* Nothing is short: somebody wants it in the plan. */
static void print_wish(FILE *out, const plan_item *item)
{
    fprintf(out, "FOR: %s\n",
            item->issue && *item->issue->competency_id ? title_of(item->issue) : "what it teaches");
}

/* --- LEARNING --- */

/* Plans from before there were reasons tell it by what else they say. */
static LearningRecommender__ItemReason reason_of(const LearningRecommender__Plan *plan,
                                                 const plan_item *item)
{
    if (item->reason != LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_UNSPECIFIED)
        return item->reason;
    if (*item->chosen_by_id)
        return LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_ADDED;
    if (!*plan->template_id || (item->issue && item->issue->target > 0))
        return LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_UNSPECIFIED;
    return item->optional ? LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_TEMPLATE_CHOICE
                          : LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_TEMPLATE;
}

static void print_basis(FILE *out, const plan_item *item)
{
    fprintf(
        out,
        "     It comes first because \"%s\" builds on this competency; what teaches that comes\n"
        "     after it, or in a later plan.\n",
        *item->basis_for_title ? item->basis_for_title : item->basis_for_id);
}

static void print_reason(FILE *out, const LearningRecommender__Plan *plan, const plan_item *item)
{
    switch (reason_of(plan, item)) {
    case LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_BEST_FOR_GAP:
        fputs("     It was chosen because it brings the most for its hours.\n", out);
        break;
    case LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_FOUNDATION:
        print_basis(out, item);
        break;
    case LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_REQUIRED:
        fputs("     It comes first because another item of the plan requires it.\n", out);
        break;
    case LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_STARTED_BEFORE:
        fputs("     It was under way when the plan was made, and stays.\n", out);
        break;
    case LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_ADDED:
        fprintf(out, "     %s put it into the plan.\n", item->chosen_by_id);
        break;
    case LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_SWAPPED_IN:
        fprintf(out, "     %s put it into the plan, in the place of another item.\n",
                item->chosen_by_id);
        break;
    case LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_MENTORING:
        fprintf(out, "     %s is ready to be the mentor for it.\n", item->chosen_by_id);
        break;
    case LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_TEMPLATE:
        fputs("     The template asks for it.\n", out);
        break;
    case LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_TEMPLATE_CHOICE:
        fputs("     The template asks for it, as one of several to choose from.\n", out);
        break;
    case LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_INITIATIVE:
        fputs(
            "     It was chosen because the initiative asks for the competency, and it brings the\n"
            "     most of it for its hours.\n",
            out);
        break;
    default:
        break;
    }
}

/* Of one per-hour value to another, when they are not about the same. */
static void print_ratio(FILE *out, double other, double chosen)
{
    double ratio = chosen > 0 ? other / chosen : 0;

    if (ratio > 0 && ratio < 0.99)
        fprintf(out, " (it brings %.0f %% as much per hour)", 100 * ratio);
    else if (ratio > 1.01)
        fprintf(out, " (it would bring %.1f times as much per hour)", ratio);
}

static void print_runner_up(FILE *out, const LearningRecommender__Learning *learning)
{
    const LearningRecommender__RunnerUp *other = learning->runner_up;

    if (!other || !*other->item_id) {
        if (learning->gain > 0)
            fputs("     Nothing else in the catalogue came into question.\n", out);
        return;
    }
    fprintf(out, "     Next best was \"%s\"", *other->title ? other->title : other->item_id);
    if (*other->reason)
        fprintf(out, ",\n     not chosen: %s", other->reason);
    print_ratio(out, other->value_per_hour, learning->value_per_hour);
    fputs(".\n", out);
    for (size_t i = 0; i < learning->n_others; i++) {
        other = learning->others[i];
        fprintf(out, "     Then \"%s\":\n     %s", *other->title ? other->title : other->item_id,
                other->reason);
        print_ratio(out, other->value_per_hour, learning->value_per_hour);
        fputs(".\n", out);
    }
}

static void print_gain(FILE *out, const LearningRecommender__Learning *learning)
{
    fprintf(out, "     Expected gain: %.2f of a level, give or take %.2f; ", learning->gain,
            learning->gain_margin);
    if (learning->results_behind > 0)
        fprintf(out, "%u people's results stand behind this.\n", learning->results_behind);
    else
        fputs("this is the usual effect of its kind,\n     no results here stand behind it yet.\n",
              out);
}

static void print_learning(FILE *out, const LearningRecommender__Plan *plan, const plan_item *item)
{
    const LearningRecommender__Learning *learning = item->learning;
    char text[NUMBER_SIZE];
    const char *hours = number(learning->hours, text);

    fprintf(out, "   LEARNING: %s\n", learning->title);
    fprintf(out, "     It is %s of %s hour%s.\n", px_words_item_kind(learning->kind), hours,
            strcmp(hours, "1") == 0 ? "" : "s");
    print_reason(out, plan, item);
    if (learning->gain > 0)
        print_gain(out, learning);
    for (size_t i = 0; i < learning->n_requires; i++)
        fprintf(out, "     To be completed before: %s\n", learning->requires[i]);
    if (*learning->url)
        fprintf(out, "     Where: %s\n", learning->url);
    print_runner_up(out, learning);
}

/* --- FOLLOW-UP --- */

static void print_raters(FILE *out, const LearningRecommender__FollowUp *follow_up)
{
    for (size_t i = 0; i < follow_up->n_rater_ids; i++)
        fprintf(out, "%s%s",
                i == 0                            ? ""
                : i + 1 == follow_up->n_rater_ids ? " and "
                                                  : ", ",
                follow_up->rater_ids[i]);
}

/* What is left to do of it. */
static void print_standing(FILE *out, const plan_item *item)
{
    char done[DAY_SIZE];

    switch (item->state) {
    case LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_COMPLETED:
        fputs("The learning is completed.\n", out);
        return;
    case LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_WAIVED:
        fputs("It is not needed any more: the person can do by now what it teaches.\n", out);
        return;
    case LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_DEFERRED:
        fputs("It waits for the next period: this one has no more minutes or money for it.\n", out);
        return;
    case LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_DECLINED:
    case LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_WITHDRAWN:
        fprintf(out, "It is not in the plan any more: %s.\n", px_words_item_state(item->state));
        return;
    default:
        break;
    }
    if (item->follow_up->planned_completion)
        fprintf(out, "The learning should be completed by %s; ",
                day(item->follow_up->planned_completion, done));
    else
        fputs("The learning has no date; ", out);
    fputs(item->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED ? "it is under way.\n"
          : item->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_ACCEPTED
              ? "it is agreed to, and not started yet.\n"
              : "it is not started yet.\n",
          out);
}

static void print_follow_up(FILE *out, const plan_item *item)
{
    const LearningRecommender__FollowUp *follow_up = item->follow_up;
    char due[DAY_SIZE];

    if (!follow_up)
        return;
    if (follow_up->due_at && follow_up->n_rater_ids > 0) {
        fprintf(out, "   FOLLOW-UP: on %s ", day(follow_up->due_at, due));
        print_raters(out, follow_up);
        fputs(" will be asked to rate it again.\n     ", out);
    } else {
        fputs("   FOLLOW-UP: nobody is asked to rate it again.\n     ", out);
    }
    print_standing(out, item);
}

/* --- the whole --- */

/* Several items may be for one issue: it is told once. @return the number of its first item */
static size_t told_before(const LearningRecommender__Plan *plan, size_t number)
{
    const LearningRecommender__Issue *issue = plan->items[number]->issue;

    for (size_t i = 0; issue && i < number; i++)
        if (plan->items[i]->issue &&
            strcmp(plan->items[i]->issue->competency_id, issue->competency_id) == 0)
            return i;
    return number;
}

static void print_item(FILE *out, const px_explanation *e, size_t number)
{
    const plan_item *item = e->plan->items[number];
    size_t first = told_before(e->plan, number);

    fprintf(out, "\n%zu. ", number + 1);
    if (!item->issue || item->issue->target <= 0)
        print_wish(out, item);
    else if (first < number)
        fprintf(out, "ISSUE: %s, as in item %zu\n", title_of(item->issue), first + 1);
    else
        print_issue(out, e, item->issue);
    if (item->learning)
        print_learning(out, e->plan, item);
    print_follow_up(out, item);
}

static void print_head(FILE *out, const px_explanation *e)
{
    const LearningRecommender__Plan *plan = e->plan;
    bool titled =
        e->profile && strcmp(e->profile->role_id, plan->role_id) == 0 && *e->profile->role_title;
    char when[DAY_SIZE], hours[NUMBER_SIZE];

    fprintf(out, "Learning plan of %s for the %s %s\n", plan->person_id,
            *plan->template_id ? "template or initiative" : "role",
            *plan->template_id ? plan->template_id
            : titled           ? e->profile->role_title
                               : plan->role_id);
    fprintf(out, "Plan %s, proposed on %s", plan->plan_id, day(plan->proposed_at, when));
    if (plan->revision > 1)
        fprintf(out, ", wording %u of %s", plan->revision, day(plan->revised_at, when));
    fprintf(out, ": %zu item%s, %s hours in all.\n", plan->n_items, plan->n_items == 1 ? "" : "s",
            number(plan->hours, hours));
    if (plan->ended != LEARNING_RECOMMENDER__PLAN_END__PLAN_END_UNSPECIFIED)
        fprintf(out, "It has ended: %s.\n", px_words_plan_end(plan->ended));
    else if (plan->state != LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_UNSPECIFIED &&
             plan->state != LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_ACTIVE)
        fprintf(out, "It is %s.\n", px_words_plan_state(plan->state));
    if (plan->voluntary)
        fputs("The ratings it rested on were taken back: it goes on as the person's own wish.\n",
              out);
    for (size_t i = 0; i < plan->n_cause_review_ids; i++)
        fprintf(out, "%s%s%s",
                i > 0                          ? ", "
                : plan->n_cause_review_ids > 1 ? "It was caused by the reviews "
                                               : "It was caused by review ",
                plan->cause_review_ids[i], i + 1 == plan->n_cause_review_ids ? ".\n" : "");
}

void px_explanation_print(FILE *out, const px_explanation *explanation)
{
    const LearningRecommender__Plan *plan = explanation->plan;

    print_head(out, explanation);
    for (size_t i = 0; i < plan->n_items; i++)
        print_item(out, explanation, i);
    fprintf(out,
            "\nAs of log sequence %" PRIu64
            ", planning rule %u. Levels are on a scale of 1 to 5.\n",
            plan->as_of_seq, plan->rule_version);
}
