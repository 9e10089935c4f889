/* mapping_set.c: names in a set are relative to its folder. */
#include "services/praxis/mapping_set.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static bool has_mappings(const json_t *json)
{
    return json_is_array(json_object_get(json, "mappings"));
}

bool px_mapping_set_is(const char *path)
{
    json_t *json = json_load_file(path, 0, NULL);
    bool is = has_mappings(json);

    json_decref(json);
    return is;
}

px_mapping_set px_mapping_set_of(const char *path)
{
    json_t *json = json_load_file(path, 0, NULL), *name;
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    px_mapping_set set = { 0 };
    size_t i;

    if (has_mappings(json))
        json_array_foreach(json_object_get(json, "mappings"), i, name)
        {
            if (set.count < PX_MAPPING_SET_MAX && json_is_string(name))
                snprintf(set.paths[set.count++], PX_PATH_MAX, "%.*s%s", folder, path,
                         json_string_value(name));
        }
    else
        snprintf(set.paths[set.count++], PX_PATH_MAX, "%s", path);
    json_decref(json);
    return set;
}
