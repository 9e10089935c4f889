/* state.h: what learning-recommender knows of people beside people and roles (common/people.h,
 * common/roles.h): levels and gaps, and the ratings behind them. What they did with items is
 * state_progress.h, the catalogue is state_catalogue.h, plans are state_plan.h. All is by tenant.
 */
#ifndef PRAXIS_LEARNING_RECOMMENDER_STATE_H
#define PRAXIS_LEARNING_RECOMMENDER_STATE_H

#include "common/people.h"
#include "common/roles.h"

enum {
    TITLE_SIZE = 4 * 200 + 1, /* 200 characters of UTF-8 */
    RATINGS_KEPT = 8,         /* twice what a plan shows, so that a withdrawal leaves some */
    KEY_PERSON = 1,      /* kinds of dirty keys: what should hold for a person; rest = person id */
    KEY_FOLLOW_UP = 2,   /* a follow-up date; rest is made in state_follow_up.c */
    KEY_OFFER_AGAIN = 3, /* a declined item may be offered again; rest: learning_item_key() */
    KEY_IMPACT = 4,      /* what learning did for a competency; rest is made in state_impact.c */
    /* competency's answer to a rating has had its time; rest as KEY_FOLLOW_UP's */
    KEY_FOLLOW_UP_ANSWER = 16,
    KEY_QUIET = 5,       /* a new plan may be proposed again; rest = person id */
    KEY_PROMPT = 6,      /* the next unit of spaced learning; rest: learning_item_key() */
    KEY_ITEM_DUE = 7,    /* an item of a plan is due; rest is made in state_plan.c */
    KEY_TEMPLATES = 8,   /* plans of templates for a person; rest = person id */
    KEY_DEFERRED = 9,    /* another period begins for deferred items; rest = person id */
    KEY_INITIATIVE = 17, /* how far an initiative has come; rest = initiative id */
    KEY_MENTOR = 18,     /* mentors for the gaps of a person; rest = person id */
    KEY_MENTOR_ROOM = 19 /* a slot of a mentor is free again by time; rest = mentor id */
};

/** The id that is all the rest of a key. */
void learning_read_id(char id[PX_ID_SIZE], px_bytes rest);
/** The rest of a key of a person and an item, and what it says. */
typedef struct {
    char person_id[PX_ID_SIZE], item_id[PX_ID_SIZE];
} item_key;
item_key learning_item_key(px_bytes rest);

/* ---- competencies ---- */

bool learning_state_has_competency(const px_view *state, const char *tenant,
                                   const char *competency_id);
/** "" when unknown. */
void learning_state_get_title(const px_view *state, const char *tenant, const char *competency_id,
                              char title[TITLE_SIZE]);
void learning_state_put_title(px_txn *state, const char *tenant, const char *competency_id,
                              const char *title);

/* ---- people ---- */

/** Plans of a person. They stay after an erasure: plan numbers never repeat. */
typedef struct {
    uint32_t plan_count;
    uint32_t confidential_count; /* of those that are nobody's business: PLAN_CONFIDENTIAL_FROM */
    uint32_t open_plan;          /* number of the open plan; 0 for none */
    int64_t quiet_until_us;      /* somebody ended the last one: no new one before, without news */
} learner_record;

/** All zero for somebody of whom nothing is known. */
learner_record learning_state_get_learner(const px_view *state, const char *tenant,
                                          const char *person_id);
void learning_state_put_learner(px_txn *state, const char *tenant, const char *person_id,
                                const learner_record *learner);

/** Whether somebody has confirmed the person as a high potential, and nobody has taken it back. */
bool learning_state_is_potential(const px_view *state, const char *tenant, const char *person_id);
void learning_state_put_potential(px_txn *state, const char *tenant, const char *person_id,
                                  bool is_potential);

/** A copy of what competency last said of one level and its gap. */
typedef struct {
    double mu, var;
    uint32_t self_ratings, manager_ratings, peer_ratings, report_ratings, other_evidence;
    uint32_t raters;              /* distinct, other than the person */
    bool open;                    /* the gap to what the person's roles ask */
    bool from_history;            /* nothing but history was heard of it */
    uint8_t closed_by;            /* ChangeReason of the last closing */
    char evidence_id[PX_ID_SIZE]; /* the newest beside ratings; "" for none */
    int64_t evidence_us;          /* when it was earned */
} standing_record;

bool learning_state_get_standing(const px_view *state, const char *tenant, const char *person_id,
                                 const char *competency_id, standing_record *out);
/** Keeps the people with an open gap findable. */
void learning_state_put_standing(px_txn *state, const char *tenant, const char *person_id,
                                 const char *competency_id, const standing_record *standing);
/** Whether a gap is open in a competency that none of the person's roles asks for: a role or target
 * has just changed, and competency has not spoken yet. */
bool learning_state_gap_outside(const px_view *state, const char *tenant, const char *person_id);

/** The next person after `person_id` ("" for the first) with an open gap there. */
bool learning_state_next_with_gap(const px_view *state, const char *tenant,
                                  const char *competency_id, char person_id[PX_ID_SIZE]);

/** A rating by the manager or the person; of two facets in one review the mean. */
typedef struct {
    char review_id[PX_ID_SIZE];
    char rater_id[PX_ID_SIZE];
    uint8_t relation; /* px_relation */
    double level;
    int64_t occurred_at_us;
} rating_behind;

typedef struct {
    uint8_t count;
    rating_behind ratings[RATINGS_KEPT]; /* newest first */
} ratings_record;

ratings_record learning_state_get_ratings(const px_view *state, const char *tenant,
                                          const char *person_id, const char *competency_id);
void learning_state_put_ratings(px_txn *state, const char *tenant, const char *person_id,
                                const char *competency_id, ratings_record *ratings);

/** Forgets everything of a person but the plan numbers of learner_record, plans included. */
void learning_state_drop_person(px_txn *state, const char *tenant, const char *person_id);

#endif
