/* statement.h: an xAPI statement (1.0.3, 2.0) as a row of texts. */
#ifndef PRAXIS_SERVICES_PRAXIS_STATEMENT_H
#define PRAXIS_SERVICES_PRAXIS_STATEMENT_H

#include <jansson.h>

/**
 * The parts of a statement that can count here, as a flat object of texts, "" for what it does not
 * say: statement_id, verb, account (name of the account of an actor who is one agent), activity_id,
 * voids (the statement referred to), failed and incomplete ("true" where the result says success or
 * completion false), timestamp. Names and addresses of people are left behind.
 * @return a new reference; NULL when out of memory; what is no object comes back as it is
 */
json_t *px_statement_row(json_t *statement);
/** The statements in a document: of an array, of a store's answer, or the document itself. New
 * reference to an array; NULL when out of memory. */
json_t *px_statement_list(json_t *document);

#endif
