/* mapping_set.h: a file that names mappings for the same table: `{"mappings": ["a.json", ...]}`. */
#ifndef PRAXIS_SERVICES_PRAXIS_MAPPING_SET_H
#define PRAXIS_SERVICES_PRAXIS_MAPPING_SET_H

#include <stdbool.h>

#include "services/praxis/layout.h" /* PX_PATH_MAX */

enum { PX_MAPPING_SET_MAX = 8 };

typedef struct {
    unsigned count;
    char paths[PX_MAPPING_SET_MAX][PX_PATH_MAX];
} px_mapping_set;

/** The mappings of a set, in its order; of any other file itself. */
px_mapping_set px_mapping_set_of(const char *path);
/** The file is a set. */
bool px_mapping_set_is(const char *path);

#endif
