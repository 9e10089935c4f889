/* state.h: the records of review-cycle beside the people (common/people.h): scales, cycles,
 * reviews, known competencies, and how many manager reviews there should be. */
#ifndef PRAXIS_REVIEW_CYCLE_STATE_H
#define PRAXIS_REVIEW_CYCLE_STATE_H

#include "common/arena.h"
#include "common/people.h"

enum {
    SCALE_VALUES_MAX = 20,
    REVIEW_RATINGS_MAX = 2 + 64, /* what, how, and per competency */
    REVIEW_CRITERIA_MAX = 40,    /* of a template */
    LABEL_SIZE = 120 + 1         /* a label is at most 120 bytes, and its NUL */
};

typedef struct {
    bool allows_not_applicable;
    uint8_t value_count;
    int32_t values[SCALE_VALUES_MAX]; /* ascending */
} scale_record;

typedef struct {
    char label[LABEL_SIZE];
    uint8_t phase; /* CyclePhase */
    int64_t starts_at_us;
    int64_t ends_at_us; /* first moment after it */
    char scale_id[PX_ID_SIZE];
    uint32_t scale_version;
} cycle_record;

/** Reviews of a cycle that are in and not withdrawn. */
typedef struct {
    uint32_t self;
    uint32_t managed; /* people with at least one manager review */
    uint32_t peer;
    uint32_t report;
} cycle_counts;

typedef struct {
    char competency_id[PX_ID_SIZE]; /* "" for an overall rating */
    uint8_t facet;                  /* Facet */
    int32_t value;
    uint8_t position; /* on the scale, 1 = lowest; 0 = not applicable */
} review_rating;

/** The rating of a criterion that is no competency. */
typedef struct {
    char criterion_id[PX_ID_SIZE];
    int32_t value;
    uint8_t position; /* on the scale, 1 = lowest; 0 = not applicable */
} review_criterion;

/** A review without its comment. Once withdrawn it has no ratings either, only its place is kept.
 */
typedef struct {
    char cycle_id[PX_ID_SIZE];
    char subject_id[PX_ID_SIZE];
    char rater_id[PX_ID_SIZE];
    uint8_t relation; /* px_relation */
    int64_t occurred_at_us;
    bool withdrawn;
    uint8_t rating_count;
    review_rating ratings[REVIEW_RATINGS_MAX];
    uint8_t criterion_count;
    review_criterion criteria[REVIEW_CRITERIA_MAX];
} review_record;

/* ---- scales ---- */

bool review_state_get_scale(const px_view *state, const char *tenant, const char *scale_id,
                            uint32_t version, scale_record *out);
/** 0 when the scale is unknown. */
uint32_t review_state_last_version(const px_view *state, const char *tenant, const char *scale_id);
void review_state_put_scale(px_txn *state, const char *tenant, const char *scale_id,
                            uint32_t version, const scale_record *scale);

/** Place of a value, 1 = lowest; 0 when it is not on the scale. */
uint32_t scale_position(const scale_record *scale, int32_t value);

/* ---- cycles ---- */

bool review_state_get_cycle(const px_view *state, const char *tenant, const char *cycle_id,
                            cycle_record *out);
void review_state_put_cycle(px_txn *state, const char *tenant, const char *cycle_id,
                            const cycle_record *cycle);
/** Whether a cycle that is not cancelled shares a moment with [starts_at_us, ends_at_us). */
bool review_state_cycle_overlaps(const px_view *state, const char *tenant, int64_t starts_at_us,
                                 int64_t ends_at_us);
/** Whether the people reviewed see their results: the cycle is sharing or closed. */
bool cycle_shares(const cycle_record *cycle);
bool review_state_cycle_shares(const px_view *state, const char *tenant, const char *cycle_id);
/** All zero for a cycle without reviews. */
cycle_counts review_state_get_counts(const px_view *state, const char *tenant,
                                     const char *cycle_id);

/* ---- reviews ---- */

bool review_state_get_review(const px_view *state, const char *tenant, const char *review_id,
                             review_record *out);
/** The sealed comment, copied into the arena; empty when there is none (any more). */
px_bytes review_state_get_comment(const px_view *state, const char *tenant, const char *review_id,
                                  px_arena *arena);
/** Whether this rater has a review of this person in this cycle that is not withdrawn. */
bool review_state_has_review_by(const px_view *state, const char *tenant, const char *cycle_id,
                                const char *subject_id, const char *rater_id);
bool review_state_has_manager_review(const px_view *state, const char *tenant, const char *cycle_id,
                                     const char *subject_id);
/** A new review; counts it. */
void review_state_add_review(px_txn *state, const char *tenant, const char *review_id,
                             const review_record *review, px_bytes sealed_comment);
/** Forgets ratings and comment and takes the review out of the counts; the id stays taken. */
void review_state_withdraw_review(px_txn *state, const char *tenant, const char *review_id);
/** Forgets all reviews of a person, and takes them out of the counts. */
void review_state_drop_reviews_of(px_txn *state, const char *tenant, const char *subject_id);

/* ---- competencies ---- */

/** Whether it was ever defined; ratings by the id of one that ended are still taken. */
bool review_state_has_competency(const px_view *state, const char *tenant,
                                 const char *competency_id);
/** PX_REASON_NONE when it is known and in use. */
px_reason review_state_out_of_use(const px_view *state, const char *tenant,
                                  const char *competency_id);
void review_state_put_competency(px_txn *state, const char *tenant, const char *competency_id);

/* ---- how many manager reviews there should be ---- */

/** Active people who name this person as their manager. */
uint32_t review_state_get_reports(const px_view *state, const char *tenant, const char *manager_id);
void review_state_add_reports(px_txn *state, const char *tenant, const char *manager_id,
                              int32_t change);
/** Active people whose manager is active. */
uint32_t review_state_get_expected(const px_view *state, const char *tenant);
void review_state_add_expected(px_txn *state, const char *tenant, int32_t change);

#endif
