/* state_score.h: the records of templates, of who is scored by which, and of scores as last said.
 */
#ifndef PRAXIS_REVIEW_CYCLE_STATE_SCORE_H
#define PRAXIS_REVIEW_CYCLE_STATE_SCORE_H

#include "common/people.h"
#include "services/review-cycle/score.h"
#include "services/review-cycle/state.h"

/* ---- templates ---- */

typedef struct {
    char criterion_id[PX_ID_SIZE];
    char competency_id[PX_ID_SIZE]; /* "" = reviews rate the criterion itself */
    uint8_t facet;
    uint32_t weight; /* hundredths of a percent */
} template_criterion;

typedef struct {
    uint8_t columns, rows;
    uint8_t criterion_count;
    template_criterion criteria[REVIEW_CRITERIA_MAX];
} template_record;

/** Which version of which role's template; version 0 = none. */
typedef struct {
    char role_id[PX_ID_SIZE]; /* "" = everybody's */
    uint32_t version;
} template_ref;

/** Without a template (version 0): no criteria, and the usual matrix. */
void review_state_get_template(const px_view *state, const char *tenant, const template_ref *ref,
                               template_record *out);
/** 0 when the role has none. */
uint32_t review_state_last_template(const px_view *state, const char *tenant, const char *role_id);
void review_state_put_template(px_txn *state, const char *tenant, const template_ref *ref,
                               const template_record *record);
/** A cycle opens: it keeps the last version of each template there is. */
void review_state_pin_templates(px_txn *state, const char *tenant, const char *cycle_id);
/** Of the person's role in this cycle, or everybody's. */
template_ref review_state_template_of(const px_view *state, const char *tenant,
                                      const char *cycle_id, const char *person_id);

/* ---- roles ---- */

enum { ROLES_LISTED_MAX = 64 };

typedef struct {
    size_t count;
    char ids[ROLES_LISTED_MAX][PX_ID_SIZE];
} role_ids;

/** The roles of active people's jobs that no template is for, in the order they are met: none where
 * one is for everybody, and none where there is no template at all. Walks over all people. */
void review_state_roles_without_template(const px_view *state, const char *tenant, role_ids *out);

bool review_state_has_role(const px_view *state, const char *tenant, const char *role_id);
void review_state_put_role(px_txn *state, const char *tenant, const char *role_id);
/** "" takes it away. */
void review_state_put_main_role(px_txn *state, const char *tenant, const char *person_id,
                                const char *role_id);

/* ---- scores ---- */

/** A score as last said. */
typedef struct {
    char review_id[PX_ID_SIZE];
    template_ref used; /* stays, also when the cycle is reopened */
    score what, how;
    uint8_t column, row; /* 0 = no place */
    uint8_t columns, rows;
} scored_record;

/** @return false when nothing was ever said; `out` is then all zero */
bool review_state_get_person_scored(const px_view *state, const char *tenant, const char *cycle_id,
                                    const char *person_id, scored_record *out);
void review_state_put_scored(px_txn *state, const char *tenant, const char *cycle_id,
                             const char *person_id, const scored_record *scored);
/** Forgets scores and role of a person. */
void review_state_drop_scores_of(px_txn *state, const char *tenant, const char *person_id);

/** The last review by a manager that is not withdrawn. @return false when there is none */
bool review_state_last_manager_review(const px_view *state, const char *tenant,
                                      const char *cycle_id, const char *person_id,
                                      char review_id[PX_ID_SIZE], review_record *out);
/** Everybody with a manager review in the cycle or a score of it is to be looked at. */
void review_state_mark_scores(px_txn *state, const char *tenant, const char *cycle_id);

/** The ids in a dirty KEY_SCORE. */
typedef struct {
    char cycle_id[PX_ID_SIZE], person_id[PX_ID_SIZE];
} score_key;
score_key review_state_score_key(px_bytes rest);

#endif
