/* state_plan.h: plans with their items; past plans are kept. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_STATE_PLAN_H
#define PRAXIS_LEARNING_RECOMMENDER_STATE_PLAN_H

#include "services/learning-recommender/state.h"

enum {
    PLAN_ITEMS_MAX = 24, /* completed ones included: what a person can overlook */
    PLAN_CAUSES_MAX = 16,
    RATINGS_SHOWN = 4,
    RATERS_ASKED_MAX = 2 /* manager and self */
};

enum { PLAN_OTHERS_MAX = 2 };

/** A candidate that was not chosen. */
typedef struct {
    char item_id[PX_ID_SIZE];
    double value_per_hour;
    uint32_t reason; /* choose_reason */
} plan_other;

/** One item with the figures it was chosen by: PlanItem of the facts. */
typedef struct {
    char item_id[PX_ID_SIZE];
    uint32_t item_version;
    char competency_id[PX_ID_SIZE];
    double mu, variance, target, probability, weight;
    uint8_t rating_count;
    rating_behind ratings[RATINGS_SHOWN]; /* newest first */
    uint32_t peer_ratings, report_ratings;
    bool more_evidence_needed;
    double hours, gain, gain_margin, value;
    uint32_t results_behind;
    char runner_up_id[PX_ID_SIZE]; /* "" for none */
    double runner_up_value_per_hour;
    uint32_t runner_up_reason; /* choose_reason */
    uint8_t other_count;
    plan_other others[PLAN_OTHERS_MAX]; /* the next best after it, best first */
    int64_t planned_completion_us, follow_up_at_us;
    uint8_t rater_count;
    char rater_ids[RATERS_ASKED_MAX][PX_ID_SIZE];
    uint8_t state;                 /* ItemState of the contract */
    uint8_t accepted_by;           /* plan_agreed */
    char chosen_by_id[PX_ID_SIZE]; /* who put it into the plan; "" for the rule */
    uint8_t due_said;              /* plan_due_said: of planned_completion_us */
    bool optional;                 /* it may be left out: plan_record.optional_needed */
    uint8_t reason;                /* ItemReason of the contract; 0 where older facts said none */
    char basis_for_id[PX_ID_SIZE]; /* competency that builds on its own; "" for none */
} plan_item;

/** What was said of an item's date. Stored: only add. */
typedef enum { SAID_NOTHING = 0, SAID_DUE = 1, SAID_OVERDUE = 2 } plan_due_said;

/** Who has agreed to an item, by bit. Stored: only add. */
typedef enum { AGREED_PERSON = 1, AGREED_MANAGER = 2 } plan_agreed;

/** An item that is worth it, and did not fit into a person's minutes or money. */
typedef struct {
    char item_id[PX_ID_SIZE];
    bool over_minutes, over_cost;
} plan_deferral;

typedef struct {
    char role_id[PX_ID_SIZE];
    uint32_t revision; /* 1 = as proposed */
    int64_t proposed_at_us, revised_at_us;
    uint8_t ended;                 /* PlanEnd of the contract; 0 while it is open */
    uint8_t state;                 /* PlanState of the contract */
    char requester_id[PX_ID_SIZE]; /* who sent it to review; "" for the rule */
    char reviewer_id[PX_ID_SIZE];  /* who looks at it; "" for nobody */
    uint8_t completions;           /* how often it was completed: state_snapshot.h */
    bool kept_open;                /* opened again: no rule ends it before something is done */
    char template_id[PX_ID_SIZE];  /* it was made of; "" for one made of gaps */
    uint8_t optional_needed;       /* how many of its optional items */
    bool voluntary; /* what it rested on was taken back while something of it was under way */
    double value, hours;
    uint32_t rule_version;
    uint8_t cause_count;
    char cause_review_ids[PLAN_CAUSES_MAX][PX_ID_SIZE]; /* newest first */
    uint8_t item_count;
    plan_item items[PLAN_ITEMS_MAX];
    uint8_t deferred_count; /* of a plan being made; not stored with it */
    plan_deferral deferred[PLAN_ITEMS_MAX];
} plan_record;

/**
 * Plans that must not show on the feed have numbers of their own, so that the others have no holes
 * to find them by, and any fact that names one tells it by the id.
 */
#define PLAN_CONFIDENTIAL_FROM UINT32_C(2000000001)

/** "<person>-<number>", or with a digest for the person where that would be too long for an id. */
void learning_plan_id(char plan_id[PX_ID_SIZE], const char *person_id, uint32_t number);
/** The number of the person's plan with this id; 0 when it is none of theirs. */
uint32_t learning_plan_number(const char *plan_id, const char *person_id);
/** Whether nothing of the plan may go on the feed. */
bool learning_plan_is_confidential(const char *plan_id, const char *person_id);

bool learning_state_get_plan(const px_view *state, const char *tenant, const char *person_id,
                             uint32_t number, plan_record *out);
/** Keeps the people findable whose open plan has an item to do, and the next date of an item of an
 * active plan on the agenda (KEY_ITEM_DUE). */
void learning_state_put_plan(px_txn *state, const char *tenant, const char *person_id,
                             uint32_t number, plan_record *plan);
/** Forgets all plans of a person, but not how many they were (learner_record). */
void learning_state_drop_plans(px_txn *state, const char *tenant, const char *person_id);
/** The next person after `person_id` ("" for the first) with the item to do in their open plan. */
bool learning_state_next_planning(const px_view *state, const char *tenant, const char *item_id,
                                  char person_id[PX_ID_SIZE]);
/** The open plan; false when there is none. */
bool learning_state_get_open_plan(const px_view *state, const char *tenant, const char *person_id,
                                  uint32_t *number, plan_record *out);
/** It is completed. */
bool learning_plan_item_completed(const plan_item *item);
/** All is done that is needed: everything but optional items, and as many of those as it takes. */
bool learning_plan_done(const plan_record *plan);
/** Nothing is left to do about it: completed, or not needed any more. */
bool learning_plan_item_done(const plan_item *item);
/** The open plan that holds the item. @return false when there is none */
bool learning_state_find_planned(const px_view *state, const char *tenant, const char *person_id,
                                 const char *item_id, uint32_t *number, plan_record *out);
/** When something is to be said of the item's date next: that it is due, or two weeks later that it
 * is overdue; 0 for never. */
int64_t learning_plan_item_due(const plan_record *plan, uint8_t at);
/** A key of KEY_ITEM_DUE taken apart. */
typedef struct {
    char person_id[PX_ID_SIZE];
    uint32_t number;
} plan_key;
plan_key learning_plan_key(px_bytes rest);
/** The item's place in the plan, or -1. One that is done may be in it once more, for something else
 * that it teaches now: then that one. */
int learning_plan_find(const plan_record *plan, const char *item_id);

#endif
