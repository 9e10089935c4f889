/* state.h: the records of feedback-ingest beside the people (common/people.h): units, and feedback.
 */
#ifndef PRAXIS_FEEDBACK_INGEST_STATE_H
#define PRAXIS_FEEDBACK_INGEST_STATE_H

#include "common/arena.h"
#include "common/people.h"

enum { FEEDBACK_TAGS_MAX = 16 };

typedef struct {
    char competency_id[PX_ID_SIZE];
    int32_t tone; /* +1, 0, -1 */
} feedback_tag;

/** Feedback without its words. Once withdrawn it has no tags either, only its place is kept. */
typedef struct {
    char giver_id[PX_ID_SIZE];
    char about_id[PX_ID_SIZE];
    uint8_t kind;       /* FeedbackKind */
    uint8_t visibility; /* FeedbackVisibility */
    int64_t occurred_at_us;
    bool withdrawn;
    uint8_t tag_count;
    feedback_tag tags[FEEDBACK_TAGS_MAX];
} feedback_record;

bool ingest_state_has_unit(const px_view *state, const char *tenant, const char *unit_id);
/** The unit above, "" for none or when the unit is unknown. */
void ingest_state_get_parent(const px_view *state, const char *tenant, const char *unit_id,
                             char parent_id[PX_ID_SIZE]);
void ingest_state_put_unit(px_txn *state, const char *tenant, const char *unit_id,
                           const char *parent_id);

bool ingest_state_get_feedback(const px_view *state, const char *tenant, const char *feedback_id,
                               feedback_record *out);
/** New feedback with its sealed words. */
void ingest_state_add_feedback(px_txn *state, const char *tenant, const char *feedback_id,
                               const feedback_record *feedback, px_bytes sealed_text);
/** The sealed words, copied into the arena; empty when there are none (any more). */
px_bytes ingest_state_get_text(const px_view *state, const char *tenant, const char *feedback_id,
                               px_arena *arena);
/** Forgets words and tags; the id stays taken. */
void ingest_state_withdraw_feedback(px_txn *state, const char *tenant, const char *feedback_id);
/** Forgets all feedback about a person. */
void ingest_state_drop_feedback_about(px_txn *state, const char *tenant, const char *person_id);

/** Walks the feedback about a person, oldest first, withdrawn or not, behind `after_id` ("" to
 * begin) if that is about the person; embedded by the caller. */
typedef struct {
    px_scan scan;
    const px_view *state;
    const char *tenant;
} feedback_scan;

void ingest_state_scan_feedback(feedback_scan *scan, const px_view *state, const char *tenant,
                                const char *about_id, const char *after_id);
/** @return false at the end */
bool ingest_state_next_feedback(feedback_scan *scan, char feedback_id[PX_ID_SIZE],
                                feedback_record *out);
/** Must be called exactly once. */
void ingest_state_end_feedback(feedback_scan *scan);

#endif
