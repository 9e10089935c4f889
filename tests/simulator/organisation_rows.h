/* organisation_rows.h: what the small company sends, as rows.
 *
 * In actor and body, ' is a quote, <2-6> draws a number, <a|b|> one of these words (the last one is
 * empty), and <=1> says again what was drawn first, from the actor on.
 */
#ifndef PRAXIS_TESTS_SIMULATOR_ORGANISATION_ROWS_H
#define PRAXIS_TESTS_SIMULATOR_ORGANISATION_ROWS_H

#include <stddef.h>

typedef struct {
    unsigned number; /* of the setup: its phase; of daily life: how often, beside the others */
    unsigned daemon; /* in sim_services */
    const char *type, *actor, *body;
} organisation_row;

typedef struct {
    const organisation_row *rows;
    size_t count;
} organisation_rows;

/** What everything rests on: a phase begins when all of the one before is accepted. */
extern const organisation_rows organisation_setup;
/** Then, in this order: where each comes to rest before the next, every type of submission that
 * there is has been accepted once by the end. */
extern const organisation_rows organisation_story;
/** And then whatever is drawn. */
extern const organisation_rows organisation_daily;

#endif
