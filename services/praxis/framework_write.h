/* framework_write.h: a framework in the formats of framework_table.h, so that importing what was
 * exported changes nothing. */
#ifndef PRAXIS_SERVICES_PRAXIS_FRAMEWORK_WRITE_H
#define PRAXIS_SERVICES_PRAXIS_FRAMEWORK_WRITE_H

#include <stdio.h>

#include "praxis/competency/v1/query.pb-c.h"

typedef struct {
    const Competency__DefineFramework *framework;
    Competency__Competency **all;
    size_t count;
} px_framework;

/** Columns as demo/mappings/framework.json reads them: competencies only. */
void px_framework_write_csv(FILE *out, const px_framework *f);
void px_framework_write_moodle(FILE *out, const px_framework *f);
/** `now` is the time of the last change, as RFC 3339. */
void px_framework_write_case(FILE *out, const px_framework *f, const char *now);

/** "core", "career", "functional", "leadership" or "". */
const char *px_framework_family(const Competency__Competency *c);

#endif
