/* state_catalogue.h: the catalogue: items, their words, and what is known of their effects. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_STATE_CATALOGUE_H
#define PRAXIS_LEARNING_RECOMMENDER_STATE_CATALOGUE_H

#include "common/effect.h"
#include "common/people.h"

enum {
    OUTCOMES_MAX = 8,
    REQUIRES_MAX = 3,
    PROMPTS_MAX = 12,
    ITEM_TITLE_SIZE = 4 * 300 + 1, /* characters of UTF-8 */
    ITEM_URL_SIZE = 4 * 1000 + 1,
    ITEM_CREDIT_SIZE = 4 * 400 + 1
};

typedef struct {
    char competency_id[PX_ID_SIZE];
    double share, level_from, level_to;
} item_outcome;

typedef struct {
    uint32_t version;
    uint8_t kind; /* ItemKind of the contract */
    double hours;
    bool retired;
    bool mandatory; /* may be objected to, not declined */
    uint32_t cost;  /* for one person, in the smallest coin */
    uint32_t completions;
    uint8_t outcome_count;
    item_outcome outcomes[OUTCOMES_MAX];
    uint8_t require_count;
    char required[REQUIRES_MAX][PX_ID_SIZE];
    char activity[PX_ID_SIZE];   /* learning_activity_token(); "" for none */
    uint8_t completion_evidence; /* CompletionEvidence of the contract */
    bool attendance_completes;
    uint8_t prompt_count;
    uint32_t prompt_days[PROMPTS_MAX]; /* after the start, ascending */
} item_record;

typedef struct {
    char title[ITEM_TITLE_SIZE];
    char url[ITEM_URL_SIZE];
    char credit[ITEM_CREDIT_SIZE];
    char activity_id[ITEM_URL_SIZE];
} item_texts;

/**
 * What an item teaches of one competency, with all that planning needs, so that one walk over a
 * competency finds its candidates. Stays when the item is retired or stops teaching it: what was
 * learned of its effect is not forgotten.
 */
typedef struct {
    bool offered;
    bool has_requires;
    uint32_t version;
    double hours, share, level_from, level_to;
    px_effect effect;
    uint32_t results; /* observed completions behind the effect; 0 = the usual effect of its kind */
} teaching_record;

bool learning_state_get_item(const px_view *state, const char *tenant, const char *item_id,
                             item_record *out);
void learning_state_put_item(px_txn *state, const char *tenant, const char *item_id,
                             item_record *item);
/** The next item after `by_id` ("" for the first) that requires this one. */
bool learning_state_next_requiring(const px_view *state, const char *tenant, const char *item_id,
                                   char by_id[PX_ID_SIZE]);
/** All empty when there is no such item. */
void learning_state_get_texts(const px_view *state, const char *tenant, const char *item_id,
                              item_texts *out);
void learning_state_put_texts(px_txn *state, const char *tenant, const char *item_id,
                              item_texts *texts);

bool learning_state_get_teaching(const px_view *state, const char *tenant,
                                 const char *competency_id, const char *item_id,
                                 teaching_record *out);
void learning_state_put_teaching(px_txn *state, const char *tenant, const char *competency_id,
                                 const char *item_id, teaching_record *teaching);

/** Walks the items that teach, or taught, a competency in the order of item ids. */
typedef struct {
    px_scan scan;
} teaching_scan;
void learning_state_scan_teaching(teaching_scan *scan, const px_view *state, const char *tenant,
                                  const char *competency_id);
bool learning_state_next_teaching(teaching_scan *scan, char item_id[PX_ID_SIZE],
                                  teaching_record *out);
void learning_state_end_teaching(teaching_scan *scan);

#endif
