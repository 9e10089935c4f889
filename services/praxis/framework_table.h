/* framework_table.h: competency frameworks as other systems exchange them, as flat rows: Moodle's
 * competency framework CSV and 1EdTech CASE 1.0 packages (CFPackage as JSON).
 *
 * What those formats have no place for, `praxis export` puts where they ignore it: a column
 * "Praxis" behind Moodle's own, `extensions.praxis` in CASE. It is read back from there.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_FRAMEWORK_TABLE_H
#define PRAXIS_SERVICES_PRAXIS_FRAMEWORK_TABLE_H

#include <jansson.h>

#include "common/store.h" /* px_bytes */

/** Which rows of the file. */
typedef enum {
    /** The framework, one row: framework_id, title, version, publisher, source_url, attribution,
     * description. */
    PX_FRAMEWORK_ITSELF,
    /** Parents before their children: framework_id, id, parent_id, title, description, family,
     * proficient_from, default_level, valid_days. */
    PX_FRAMEWORK_COMPETENCIES,
    /** Lowest first: id, name, text. */
    PX_FRAMEWORK_LEVELS,
    /** Competencies with a rule: id, kind, outcome, points_needed. */
    PX_FRAMEWORK_RULES,
    /** What rules name: id, child_id, points, required. */
    PX_FRAMEWORK_CHILDREN
} px_framework_part;

enum { PX_FRAMEWORK_ERROR_MAX = 300 };

/**
 * An array of objects of texts; `line` is where the row stands. An integer in place of an object is
 * a row that makes no sense: its line. The caller's to decref; NULL and one line in `error`.
 */
json_t *px_framework_from_moodle(px_bytes text, px_framework_part part,
                                 char error[PX_FRAMEWORK_ERROR_MAX]);
json_t *px_framework_from_case(px_bytes text, px_framework_part part,
                               char error[PX_FRAMEWORK_ERROR_MAX]);

/** The levels of a competency whose framework names none, lowest first; ended by NULL. */
extern const char *const px_framework_usual_levels[];

#endif
