/* prerequisite.h: what comes before a competency, and who is ready for it. */
#ifndef PRAXIS_COMPETENCY_PREREQUISITE_H
#define PRAXIS_COMPETENCY_PREREQUISITE_H

#include "common/replaced.h"
#include "common/service.h"
#include "services/competency/state.h"

enum { PREREQUISITES_MAX = 16 };

/** What comes before a competency, each once. */
typedef struct {
    uint8_t count;
    char ids[PREREQUISITES_MAX][PX_ID_SIZE];
} prerequisites;

prerequisites competency_state_get_prerequisites(const px_view *state, const char *tenant,
                                                 const char *competency_id);

/** Whether what comes before `competency_id`, and so on, leads to `first_id`; true as well when it
 * is too much to follow, and of the competency itself. */
bool competency_comes_after(const px_view *state, const char *tenant, const char *competency_id,
                            const char *first_id);
/** A competency ended: what named it names what took its place; its own go to each of those that
 * has none. */
void competency_replace_prerequisites(px_txn *state, const char *tenant, const char *old_id,
                                      const px_successors *by);

/** Whether the person is proficient: by the level as last said, or by what evidence gives. */
bool competency_is_proficient(const px_view *state, const level_key *key);

/* Rows of service.c. */
px_decider_fn decide_set_prerequisites;
px_evolver_fn evolve_prerequisites_set;
px_publisher_fn publish_prerequisites_set;

#endif
