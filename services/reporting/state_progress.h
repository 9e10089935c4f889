/* state_progress.h: the records behind a cycle's progress, a unit's plans, and what learning did.
 */
#ifndef PRAXIS_REPORTING_STATE_PROGRESS_H
#define PRAXIS_REPORTING_STATE_PROGRESS_H

#include "services/reporting/state.h"

/* ---- cycles and reviews ---- */

typedef struct {
    char label[LABEL_SIZE];
    uint8_t phase; /* CyclePhase of review-cycle */
} cycle_progress;

/** Reviews of a cycle that are in and not withdrawn. */
typedef struct {
    uint32_t self;    /* people with a self review */
    uint32_t managed; /* people with at least one manager review */
    uint32_t peer;    /* reviews */
    uint32_t report;  /* reviews */
} review_counts;

/** A review as far as it is counted. */
typedef struct {
    char cycle_id[PX_ID_SIZE];
    uint8_t relation; /* px_relation */
} counted_review;

bool reporting_state_get_cycle(const px_view *state, const char *tenant, const char *cycle_id,
                               cycle_progress *out);
void reporting_state_put_cycle(px_txn *state, const char *tenant, const char *cycle_id,
                               const cycle_progress *cycle);
void reporting_state_walk_cycles(id_walk *walk, const px_view *state, const char *tenant);
/** All zero for a cycle without reviews. */
review_counts reporting_state_get_reviews(const px_view *state, const char *tenant,
                                          const char *cycle_id);
/** Counts a new review of a person. */
void reporting_state_add_review(px_txn *state, const char *tenant, const char *subject_id,
                                const char *review_id, const counted_review *review);
/** Takes it out of the counts again; fine when it is not in them. */
void reporting_state_del_review(px_txn *state, const char *tenant, const char *subject_id,
                                const char *review_id);
/** Any one review of the person. @return false when there is none (left) */
bool reporting_state_first_review(const px_view *state, const char *tenant, const char *subject_id,
                                  char review_id[PX_ID_SIZE]);

/* ---- plans ---- */

/** What has become of a person's plans. */
typedef struct {
    char open_plan_id[PX_ID_SIZE]; /* "" for none */
    bool under_way;                /* something of the open plan was started */
    uint32_t completed;
    uint32_t ended_otherwise;
    uint32_t items_completed; /* planned or not */
    uint32_t items_waived;    /* of plans: known already */
    uint32_t minutes_saved;   /* by that */
} plan_history;

/** All zero for a person without plans. */
plan_history reporting_state_get_plans(const px_view *state, const char *tenant,
                                       const char *person_id);
void reporting_state_put_plans(px_txn *state, const char *tenant, const char *person_id,
                               const plan_history *plans);
void reporting_state_del_plans(px_txn *state, const char *tenant, const char *person_id);

/* ---- what learning did ---- */

/** For a competency, of an item or of all learning: as learning-recommender measured it last. */
typedef struct {
    double effect, low, high; /* levels; the 90 % interval */
    bool enough_evidence;     /* the interval does not cover 0 */
    uint32_t follow_ups;
    uint64_t control_ratings;
} impact_figures;

/** All zero, and false, when it was never measured. */
bool reporting_state_get_impact(const px_view *state, const char *tenant, const char *competency_id,
                                const char *item_id, impact_figures *out);
void reporting_state_put_impact(px_txn *state, const char *tenant, const char *competency_id,
                                const char *item_id, const impact_figures *figures);
/** The items that were measured, "" for all learning among them. */
void reporting_state_walk_impact(id_walk *walk, const px_view *state, const char *tenant,
                                 const char *competency_id);

#endif
