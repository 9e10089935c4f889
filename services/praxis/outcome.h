/* outcome.h: results as people and programs read them, and the refusals collected for the end. */
#ifndef PRAXIS_SERVICES_PRAXIS_OUTCOME_H
#define PRAXIS_SERVICES_PRAXIS_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>

#include "praxis/common/v1/result.pb-c.h"

/** What one line or row came to. Borrowed. */
typedef struct {
    const char *file; /* NULL: not said */
    size_t line;
    const char *key; /* the row's key columns, "" for none */
    const char *service;
    const char *id;                  /* of the submission, may be "" */
    const Praxis__Result *result;    /* NULL: refused here, before sending */
    const char *code, *field, *text; /* of a refusal here */
} px_outcome_line;

/** True for an accepted result. */
bool px_outcome_accepted(const px_outcome_line *outcome);
/** One JSON object per line on stdout: everything above, and the result. */
void px_outcome_print_json(const px_outcome_line *outcome);
/** A refusal in one line on stdout. */
void px_outcome_print(const px_outcome_line *outcome);

/** Refusals kept for the end, grouped by what is wrong. */
typedef struct px_refusals px_refusals;

px_refusals *px_refusals_create(void);
void px_refusals_destroy(px_refusals *refusals); /* NULL is fine */
/** Copies a refusal. False when memory is out. */
bool px_refusals_add(px_refusals *refusals, const px_outcome_line *outcome);
/** Prints them: each by name; of a group of more than `most`, the first ones and how many more. */
void px_refusals_print(const px_refusals *refusals, size_t most);

#endif
