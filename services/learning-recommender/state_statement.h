/* state_statement.h: statements of learning systems, by their ids, and the activities they are
 * about. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_STATE_STATEMENT_H
#define PRAXIS_LEARNING_RECOMMENDER_STATE_STATEMENT_H

#include "services/learning-recommender/state.h"

/** A statement that was taken, or (without a person) one that was voided before it came, or that
 * voids another. */
typedef struct {
    char person_id[PX_ID_SIZE];
    char item_id[PX_ID_SIZE];
    bool completes; /* it says that the item was completed */
    bool made;      /* the item is completed because of it */
    bool voided;
} statement_record;

bool learning_state_get_statement(const px_view *state, const char *tenant,
                                  const char *statement_id, statement_record *out);
/** Keeps the statements of a person and item findable. */
void learning_state_put_statement(px_txn *state, const char *tenant, const char *statement_id,
                                  statement_record *statement);
/** Another statement than this that says, and was not voided, that the person completed the item.
 * @return false when there is none */
bool learning_state_other_completing(const px_view *state, const char *tenant,
                                     const char *statement_id, const statement_record *statement,
                                     char other_id[PX_ID_SIZE]);
/** Forgets all of a person's. */
void learning_state_drop_statements(px_txn *state, const char *tenant, const char *person_id);

/** Activity ids are longer than keys may be: their digest; "" for "". */
void learning_activity_token(char token[PX_ID_SIZE], const char *activity_id);
/** The item with this activity id. @return false when there is none, or the id is empty */
bool learning_state_get_activity(const px_view *state, const char *tenant, const char *activity_id,
                                 char item_id[PX_ID_SIZE]);
/** The item has another activity now; either token may be "". */
void learning_state_move_activity(px_txn *state, const char *tenant, const char *before,
                                  const char *after, const char *item_id);

#endif
