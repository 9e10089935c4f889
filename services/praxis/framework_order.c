/* framework_order.c: parents before their children, so that each finds the one above it known. */
#include "services/praxis/framework_order.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 64 /* a row in a loop is this deep, and is refused by the daemon */ };

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));

    return text ? text : "";
}

static unsigned depth_of(const json_t *by_id, const json_t *row)
{
    unsigned depth = 0;

    while (row && *text_of(row, "parent_id") && depth < DEPTH_MAX) {
        row = json_object_get(by_id, text_of(row, "parent_id"));
        depth++;
    }
    return depth;
}

json_t *px_framework_parents_first(json_t *rows)
{
    json_t *by_id = json_object(), *ordered = json_array(), *row;
    size_t count = json_array_size(rows), i;
    unsigned *depths = calloc(count + 1, sizeof *depths), deepest = 0;

    json_array_foreach(rows, i, row) json_object_set(by_id, text_of(row, "id"), row);
    for (i = 0; depths && i < count; i++) {
        depths[i] = depth_of(by_id, json_array_get(rows, i));
        deepest = depths[i] > deepest ? depths[i] : deepest;
    }
    for (unsigned depth = 0; depths && depth <= deepest; depth++)
        for (i = 0; i < count; i++)
            if (depths[i] == depth)
                json_array_append(ordered, json_array_get(rows, i));
    free(depths);
    json_decref(by_id);
    json_decref(rows);
    return ordered;
}
