/* state_template.h: templates, who gets their plans, and which plan each person has of them. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_STATE_TEMPLATE_H
#define PRAXIS_LEARNING_RECOMMENDER_STATE_TEMPLATE_H

#include "services/learning-recommender/state_plan.h"

typedef struct {
    char item_id[PX_ID_SIZE];
    bool optional;
    uint32_t due_days; /* after the plan becomes active; 0 for no date */
} template_item;

enum { INITIATIVE_COMPETENCIES_MAX = 8 };

typedef struct {
    char competency_id[PX_ID_SIZE];
    double level; /* that is enough */
} initiative_competency;

/** People of an initiative's audience: InitiativeProgress of the facts. */
typedef struct {
    uint32_t have, in_plan, refused, people;
} initiative_figures;

/**
 * What makes a template an initiative: instead of the same items for all, everybody gets what they
 * lack of some competencies.
 */
typedef struct {
    uint8_t count; /* 0: it is no initiative */
    initiative_competency competencies[INITIATIVE_COMPETENCIES_MAX];
    int64_t until_us; /* nobody gets a plan from then on */
    bool ended;       /* before that: what was not started is withdrawn */
    initiative_figures said;
} initiative_part;

typedef struct {
    uint32_t version; /* of its wording */
    uint8_t item_count;
    template_item items[PLAN_ITEMS_MAX];
    uint8_t optional_needed;
    uint8_t audience; /* AudienceKind of the contract; 0 = it was never assigned */
    char unit_id[PX_ID_SIZE], role_id[PX_ID_SIZE];
    char assigned_by[PX_ID_SIZE];
    initiative_part initiative;
} template_record;

bool learning_state_get_template(const px_view *state, const char *tenant, const char *template_id,
                                 template_record *out);
void learning_state_put_template(px_txn *state, const char *tenant, const char *template_id,
                                 template_record *record);
/** The next template after `template_id` ("" for the first). */
bool learning_state_next_template(const px_view *state, const char *tenant,
                                  char template_id[PX_ID_SIZE]);

/** What a person has of a template. */
typedef struct {
    uint32_t number; /* of the plan; 0 = none */
    bool linked;     /* the plan follows the template */
    uint8_t skipped; /* SkipReason of the contract that was said; 0 = none */
} template_plan;

/** All zero when nothing was said of it. */
template_plan learning_state_get_template_plan(const px_view *state, const char *tenant,
                                               const char *person_id, const char *template_id);
void learning_state_put_template_plan(px_txn *state, const char *tenant, const char *person_id,
                                      const char *template_id, template_plan plan);
/** The person's plan of the next template after `template_id` ("" for the first), open or not. */
bool learning_state_next_template_plan(const px_view *state, const char *tenant,
                                       const char *person_id, char template_id[PX_ID_SIZE],
                                       uint32_t *number, plan_record *out);

/** Figures of the initiative may be others: they are counted at the next full hour, unless it was
 * ended. */
void learning_count_initiative(px_txn *state, const char *tenant, const char *template_id,
                               int64_t now_us);
/** The same for all that ask for the competency. */
void learning_count_initiatives(px_txn *state, const char *tenant, const char *competency_id,
                                int64_t now_us);
/** The same for all: somebody may be in another audience now. */
void learning_count_audiences(px_txn *state, const char *tenant, int64_t now_us);
/** Whether the item is in a template. */
bool learning_template_names(const px_view *state, const char *tenant, const char *item_id);
/** Whether an initiative that was not ended asks for the competency: after its date plans go on. */
bool learning_initiative_asks(const px_view *state, const char *tenant, const char *competency_id);

bool learning_has_templates(const px_view *state, const char *tenant);
/** Something is new for a person: their plans are looked at again. */
void learning_mark_person(px_txn *state, const char *tenant, const char *person_id);
/** A plan of theirs, of a template or not, takes more or less than it did: under a cap the others
 * may take less or more. */
void learning_mark_sharing(px_txn *state, const char *tenant, const char *person_id,
                           bool of_template);
/** Who it is may assign to others now, or no longer: all are looked at if they assigned any. */
void learning_mark_assigned_by(px_txn *state, const char *tenant, const char *actor_id);
/** All people are looked at again, as far as templates go. */
void learning_mark_templates(px_txn *state, const char *tenant);

#endif
