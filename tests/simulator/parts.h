/* parts.h: what the files of the simulator do for each other. */
#ifndef PRAXIS_TESTS_SIMULATOR_PARTS_H
#define PRAXIS_TESTS_SIMULATOR_PARTS_H

#include "tests/simulator/sim.h"

/* run.c */
/** A world that has a server and nobody else. sim_end() frees it, and says what came of it. */
sim *sim_begin(const sim_options *options, sim_outcome *outcome);
void sim_end(sim *s);
/** From now on every draw of random bytes gives the same. */
void sim_random_stands(uint64_t state);

/* follow.c */
/** Tells the oracle what is new on log and feed, and looks at what was purged. */
void sim_follow(sim *s);

/* network.c */
void network_begin(sim *s);
void network_deliver(sim *s);
void network_submit(sim *s, const px_bus_out *out);
void network_break(sim *s, copy *c);
void network_end(sim *s);
void network_power_cut(sim *s);
void network_sync(sim *s);
void network_set_up(sim *s, bool up);
/** Some stream has no room for a while, or takes only small messages. */
void network_limit(sim *s);
/** Those whose time is over, or all, take everything again. */
void network_unlimit(sim *s, bool all);

/* copies.c */
void copies_make(sim *s);
void copy_make(sim *s, copy *c, unsigned daemon, unsigned index);
/** A file. @return false when there is none of the first name */
bool copy_bytes(const char *from, const char *to);
void remove_files(const char *directory);
void copy_start(copy *c);
void copy_stop(copy *c);
void copy_turn(copy *c, bool *busy);
/** The process dies between two turns; with the machine its store is lost or an older one is back.
 */
void copy_crash(copy *c, bool machine);
void copy_save(copy *c);
void copy_upgrade(copy *c);
/** It becomes a version whose projection has another layout, or goes back to the one before. */
void copy_change_layout(copy *c);
/** Right, or an hour, a day or decades wrong. */
void copy_set_clock(copy *c);
void copies_end(sim *s);
uint64_t copy_cursor(const copy *c);
/** The projection against every other that has read the same log. false: it has not attached. */
bool copy_check_digest(copy *c);
/** At the end: a projection built from the log alone is the same. */
void copies_check_rebuild(sim *s);
/** At the end: what stands in the bucket is what would be put there now. */
void copies_check_reports(sim *s);

/* organisation.c */
/** Makes the next submission that makes sense; NULL when there is no room for more. */
submission *organisation_next(sim *s);
/** Whether something of the story is still to come (sim.in_order: nothing comes in between). */
bool organisation_tells_story(const sim *s);
/** At the end of a story told in order: every type of submission was accepted once. */
void organisation_check_played(sim *s);
/** Bytes that are no submission of anybody. */
void organisation_nonsense(sim *s);

/* submitter.c */
void submitter_turn(sim *s);
/** In one encoding or the other, or in a bundle with others. */
void submitter_send(sim *s, const submission *sub);
void submitter_look(sim *s);
/** Submissions nobody has answered yet. */
unsigned submitter_waiting(const sim *s);
void submitter_resend_all(sim *s);
bool submitter_answered(const sim *s, const submission *sub, oracle_answer *answer);
void submitter_check(sim *s);

#endif
