/* replace.h: what was known under the id of a competency that ended goes to what took its place
 * (common/replaced.h): people's evidence, rules, policies, what was learned of items. */
#ifndef PRAXIS_COMPETENCY_REPLACE_H
#define PRAXIS_COMPETENCY_REPLACE_H

#include "common/replaced.h"
#include "services/competency/state.h"

/** Turns a piece of evidence of the old competency into one of the new. */
void evidence_translate(evidence *e, const px_successor *to);
/** What took the place of the key's competency; itself when it is in use or was retired. */
px_successors replace_or_self(const px_view *state, const level_key *key);
/** The place of a level among those of the new competency; 0 stays 0. */
uint8_t replace_place(const px_view *state, const char *tenant, const px_successor *to,
                      uint8_t place);

/** Everything about people: the evidence of both, in the order of its time, is heard anew. */
void replace_of_people(px_txn *state, const char *tenant, const char *old_id,
                       const px_successors *by);
/** Rules and prerequisites that name it, its own rule and policy (kept where one takes its place
 * that has none), its own prerequisites, what was learned of items, and what was said of needs. */
void replace_of_framework(px_txn *state, const char *tenant, const char *old_id,
                          const px_successors *by);

#endif
