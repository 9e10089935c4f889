/* fixtures_framework.h: submissions about frameworks, and about competencies that end. */
#ifndef PRAXIS_TESTS_COMPETENCY_FIXTURES_FRAMEWORK_H
#define PRAXIS_TESTS_COMPETENCY_FIXTURES_FRAMEWORK_H

#include "tests/services/competency/fixtures.h"

/** Framework "ddat". */
Competency__Submission *define_framework(spec *s, const char *version);
Competency__Submission *define_within(spec *s, const char *competency_id, const char *framework_id,
                                      const char *parent_id);
Competency__Submission *rename_to(spec *s, const char *from, const char *to);
/** `also` may be NULL. */
Competency__Submission *merge(spec *s, const char *from, const char *also, const char *into);
/** Into two; the first part's levels are named, if any are (NULL ends them). */
Competency__Submission *split(spec *s, const char *whole, const char *first, const char *second,
                              const char *const *level_names);
Competency__Submission *retire(spec *s, const char *competency_id);
/** Of ann: an observation that raises. */
Competency__Submission *evidence_of(spec *s, const char *evidence_id, const char *competency_id,
                                    const char *level_name);

/** What GetCompetency answers. */
const Competency__Competency *entry_of(spec *s, const char *competency_id);

#endif
