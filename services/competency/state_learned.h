/* state_learned.h: what is known of raters, sources and items, and of ratings in general. */
#ifndef PRAXIS_COMPETENCY_STATE_LEARNED_H
#define PRAXIS_COMPETENCY_STATE_LEARNED_H

#include "common/effect.h"
#include "common/people.h"

/** Short form of a rater's or an item's id. */
void competency_state_hash(const char *id, uint8_t out[PX_METHOD_ID]);

px_bias competency_state_get_rater(const px_view *state, const char *tenant,
                                   const uint8_t rater[PX_METHOD_ID], px_evidence source);
void competency_state_put_rater(px_txn *state, const char *tenant,
                                const uint8_t rater[PX_METHOD_ID], px_evidence source,
                                const px_bias *bias);
px_bias competency_state_get_source(const px_view *state, const char *tenant, px_evidence source);
void competency_state_put_source(px_txn *state, const char *tenant, px_evidence source,
                                 const px_bias *bias);

typedef struct {
    char item_id[PX_ID_SIZE];
    px_effect effect;
} item_record;

/** Ratings of those who were not learning: how far they were above what was expected, added up. */
typedef struct {
    double sum;
    uint64_t count;
} control_record;

/** Quarters are 91 days, counted from 1970. */
control_record competency_state_get_control(const px_view *state, const char *tenant,
                                            uint64_t quarter);
void competency_state_put_control(px_txn *state, const char *tenant, uint64_t quarter,
                                  const control_record *control);

bool competency_state_get_item(const px_view *state, const char *tenant,
                               const uint8_t item[PX_METHOD_ID], const char *competency_id,
                               item_record *out);
void competency_state_put_item(px_txn *state, const char *tenant, const uint8_t item[PX_METHOD_ID],
                               const char *competency_id, const item_record *record);
/** What was learned of items for one competency is a first guess for another; what is known there
 * stays. */
void competency_state_copy_items(px_txn *state, const char *tenant, const char *from_id,
                                 const char *to_id);

#endif
