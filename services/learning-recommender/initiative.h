/* initiative.h: what an initiative asks of a person, and what they would learn it from. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_INITIATIVE_H
#define PRAXIS_LEARNING_RECOMMENDER_INITIATIVE_H

#include "services/learning-recommender/state_catalogue.h"
#include "services/learning-recommender/state_template.h"

/** What a competency of an initiative was split into counts, too. */
enum { INITIATIVE_ASKED_MAX = 32 };

typedef struct {
    const px_view *state;
    const char *tenant;
    const char *person_id;
    size_t count;
    initiative_competency all[INITIATIVE_ASKED_MAX];
} initiative_lacks;

/**
 * What a person lacks of it. Nobody has what nothing is known of, nor what only fewer than three
 * peers or reports have spoken of: a plan left out because of them would show what they said.
 */
void initiative_lacks_find(initiative_lacks *out, const px_view *state, const char *tenant,
                           const char *person_id, const initiative_part *of);
/** Whether the item teaches something that is lacking. */
bool initiative_teaches(const initiative_lacks *lacks, const char *item_id);
/**
 * The item that brings most of it per hour: offered, not declined, not completed, and all that it
 * requires is completed or known. @return false when there is none
 */
bool initiative_best_item(const initiative_lacks *lacks, const initiative_competency *lack,
                          char item_id[PX_ID_SIZE]);
/** Whether the person declined something that teaches what is lacking. */
bool initiative_is_refused(const initiative_lacks *lacks);

#endif
