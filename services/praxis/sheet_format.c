/* sheet_format.c: the formats of tables by name. */
#include "services/praxis/sheet_format.h"

#include <string.h>

#include "common/status.h"

const px_sheet_format_row px_sheet_formats[] = {
    [PX_SHEET_CSV] = { "csv", NULL, 0, { NULL } },
    [PX_SHEET_JSON] = { "json", NULL, 0, { NULL } },
    [PX_SHEET_XAPI] = { "xapi", NULL, 0, { NULL } },
#define ITSELF                                                                                     \
    {                                                                                              \
        "framework_id", "title", "version", "publisher", "source_url", "attribution",              \
            "description"                                                                          \
    }
#define COMPETENCIES                                                                               \
    {                                                                                              \
        "framework_id", "id", "parent_id", "title", "description", "family", "proficient_from",    \
            "default_level", "valid_days"                                                          \
    }
#define LEVELS                                                                                     \
    {                                                                                              \
        "id", "name", "text"                                                                       \
    }
    [PX_SHEET_MOODLE_FRAMEWORK] = { "moodle-framework", px_framework_from_moodle,
                                    PX_FRAMEWORK_ITSELF, ITSELF },
    [PX_SHEET_MOODLE_COMPETENCIES] = { "moodle-competencies", px_framework_from_moodle,
                                       PX_FRAMEWORK_COMPETENCIES, COMPETENCIES },
    [PX_SHEET_MOODLE_LEVELS] = { "moodle-levels", px_framework_from_moodle, PX_FRAMEWORK_LEVELS,
                                 LEVELS },
    [PX_SHEET_MOODLE_RULES] = { "moodle-rules",
                                px_framework_from_moodle,
                                PX_FRAMEWORK_RULES,
                                { "id", "kind", "outcome", "points_needed" } },
    [PX_SHEET_MOODLE_CHILDREN] = { "moodle-children",
                                   px_framework_from_moodle,
                                   PX_FRAMEWORK_CHILDREN,
                                   { "id", "child_id", "points", "required" } },
    [PX_SHEET_CASE_FRAMEWORK] = { "case-framework", px_framework_from_case, PX_FRAMEWORK_ITSELF,
                                  ITSELF },
    [PX_SHEET_CASE_COMPETENCIES] = { "case-competencies", px_framework_from_case,
                                     PX_FRAMEWORK_COMPETENCIES, COMPETENCIES },
    [PX_SHEET_CASE_LEVELS] = { "case-levels", px_framework_from_case, PX_FRAMEWORK_LEVELS, LEVELS },
#undef ITSELF
#undef COMPETENCIES
#undef LEVELS
};

bool px_sheet_format_named(const char *name, px_sheet_format *format)
{
    for (size_t i = 0; i < PX_COUNT(px_sheet_formats); i++)
        if (strcmp(px_sheet_formats[i].name, name) == 0) {
            *format = (px_sheet_format)i;
            return true;
        }
    return false;
}
