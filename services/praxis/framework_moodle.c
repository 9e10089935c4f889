/* framework_moodle.c: the file of Moodle's "Export competency framework" (tool_lpimportcsv), as it
 * stands in Moodle 3.1 to 5: 14 columns by their place, the framework's own row marked, rules
 * naming competencies by the ids of the site they come from.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/praxis/csv.h"
#include "services/praxis/framework_table.h"

const char *const px_framework_usual_levels[] = { "Beginning", "Developing", "Proficient",
                                                  "Advanced", NULL };

/* By place, whatever language the header is in. */
enum {
    PARENT,
    ID,
    SHORT_NAME,
    DESCRIPTION,
    DESCRIPTION_FORMAT,
    SCALE_VALUES,
    SCALE_CONFIGURATION,
    RULE_TYPE,
    RULE_OUTCOME,
    RULE_CONFIG,
    RELATED,
    EXPORTED_ID,
    IS_FRAMEWORK,
    TAXONOMY,
    PRAXIS, /* ours */
    COLUMNS
};
static const char *const names[COLUMNS] = { "parent",       "id",          "title",   "description",
                                            "format",       "scale",       "config",  "rule",
                                            "rule_outcome", "rule_config", "related", "exported",
                                            "is",           "taxonomy",    "praxis" };

/* ---- the file ---- */

static bool is_true(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));

    return text && *text && strcmp(text, "0") != 0;
}

static const char *cell(const json_t *row, int column)
{
    const char *text = json_string_value(json_object_get(row, names[column]));

    return text ? text : "";
}

static json_t *row_of(const px_csv_row *from)
{
    json_t *row = json_object();

    for (size_t i = 0; i < from->count && i < COLUMNS; i++)
        json_object_set_new(row, names[i], json_string(from->fields[i]));
    json_object_set_new(row, "line", json_integer((json_int_t)from->line));
    return row;
}

static json_t *read_rows(px_bytes text, char error[PX_FRAMEWORK_ERROR_MAX])
{
    json_t *rows = json_array();
    px_csv csv;
    px_csv_row row;

    px_csv_init(&csv, text);
    bool good = px_csv_next(&csv, &row) && row.count >= TAXONOMY;
    if (!good)
        snprintf(error, PX_FRAMEWORK_ERROR_MAX,
                 "not a framework from Moodle: its first row has 14 columns");
    while (good && px_csv_next(&csv, &row))
        json_array_append_new(rows, row.utf8 && row.count >= TAXONOMY
                                        ? row_of(&row)
                                        : json_integer((json_int_t)row.line));
    if (good && csv.error) {
        snprintf(error, PX_FRAMEWORK_ERROR_MAX, "line %zu: %s", csv.line, csv.error);
        good = false;
    }
    px_csv_fini(&csv);
    if (good)
        return rows;
    json_decref(rows);
    return NULL;
}

static const json_t *framework_row(const json_t *rows)
{
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row) if (is_true(row, "is")) return row;
    return NULL;
}

static const char *framework_id(const json_t *rows)
{
    const json_t *row = framework_row(rows);

    return row ? cell(row, ID) : "";
}

/* What only Praxis knows; decref. */
static json_t *extra(const json_t *row)
{
    json_t *object = json_loads(cell(row, PRAXIS), 0, NULL);

    if (json_is_object(object))
        return object;
    json_decref(object);
    return json_object();
}

static void set(json_t *to, const char *name, const char *text)
{
    json_object_set_new(to, name, json_string(text));
}

static void set_extra(json_t *to, const json_t *from, const char *name, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(from, name));

    set(to, name, text ? text : otherwise);
}

static json_t *new_row(const json_t *from)
{
    json_t *row = json_object();

    json_object_set(row, "line", json_object_get(from, "line"));
    return row;
}

/* ---- descriptions ---- */

static size_t entity(const char *at, char *out)
{
    static const struct {
        const char *name;
        char c;
    } known[] = { { "&amp;", '&' },  { "&lt;", '<' },   { "&gt;", '>' },
                  { "&quot;", '"' }, { "&#39;", '\'' }, { "&nbsp;", ' ' } };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(at, known[i].name, strlen(known[i].name)) == 0) {
            *out = known[i].c;
            return strlen(known[i].name);
        }
    return 0;
}

/* HTML (format 1) without its tags; an end of a paragraph and a line break are a blank. */
static char *plain_text(const char *text, bool is_html)
{
    char *out = malloc(strlen(text) + 1), *to = out;

    if (!out || !is_html)
        return out ? memcpy(out, text, strlen(text) + 1) : NULL;
    for (const char *at = text; *at;) {
        size_t size = *at == '&' ? entity(at, to) : 0;

        if (*at == '<' && strchr(at, '>')) {
            bool breaks = strncmp(at, "</p", 3) == 0 || strncmp(at, "<br", 3) == 0;
            if (breaks && to > out && to[-1] != ' ')
                *to++ = ' ';
            at = strchr(at, '>') + 1;
        } else if (size > 0) {
            to++;
            at += size;
        } else {
            *to++ = *at++;
        }
    }
    while (to > out && (to[-1] == ' ' || to[-1] == '\n' || to[-1] == '\r'))
        to--;
    *to = '\0';
    return out;
}

static void set_description(json_t *to, const json_t *row)
{
    char *text =
        plain_text(cell(row, DESCRIPTION), strcmp(cell(row, DESCRIPTION_FORMAT), "1") == 0);

    set(to, "description", text ? text : "");
    free(text);
}

/* ---- scales ---- */

/* The names between commas, without blanks around them; decref. */
static json_t *scale_names(const char *values)
{
    json_t *list = json_array();

    for (const char *at = values; *values && at;) {
        size_t size = strcspn(at, ",");
        const char *next = at[size] ? at + size + 1 : NULL;

        while (size > 0 && *at == ' ')
            at++, size--;
        while (size > 0 && at[size - 1] == ' ')
            size--;
        json_array_append_new(list, json_stringn(at, size));
        at = next;
    }
    return list;
}

/* A competency without a scale of its own has the framework's. */
static const json_t *scaled_row(const json_t *rows, const json_t *row)
{
    const json_t *framework = framework_row(rows);

    return *cell(row, SCALE_VALUES) || !framework ? row : framework;
}

static json_t *levels_of(const json_t *rows, const json_t *row)
{
    json_t *own = extra(row), *list = json_object_get(own, "level_names");

    list = json_is_array(list) ? json_incref(list)
                               : scale_names(cell(scaled_row(rows, row), SCALE_VALUES));
    json_decref(own);
    return list;
}

/* The lowest place marked so in Moodle's configuration of a scale; "" for none. */
static const char *marked(const json_t *rows, const json_t *row, const json_t *levels,
                          const char *mark)
{
    json_t *config = json_loads(cell(scaled_row(rows, row), SCALE_CONFIGURATION), 0, NULL), *entry;
    json_int_t lowest = 0;
    size_t i;

    json_array_foreach(config, i, entry)
    {
        json_int_t place = json_integer_value(json_object_get(entry, "id"));

        if (json_integer_value(json_object_get(entry, mark)) && place > 0 &&
            (lowest == 0 || place < lowest))
            lowest = place;
    }
    json_decref(config);
    const char *name =
        lowest ? json_string_value(json_array_get(levels, (size_t)lowest - 1)) : NULL;
    return name ? name : "";
}

/* ---- parts ---- */

static json_t *itself(const json_t *row)
{
    json_t *to = new_row(row), *own = extra(row);

    set(to, "framework_id", cell(row, ID));
    set(to, "title", cell(row, SHORT_NAME));
    set_description(to, row);
    set_extra(to, own, "version", "1");
    set_extra(to, own, "publisher", "");
    set_extra(to, own, "source_url", "");
    set_extra(to, own, "attribution", "");
    json_decref(own);
    return to;
}

static json_t *competency(const json_t *rows, const json_t *row)
{
    json_t *to = new_row(row), *own = extra(row), *levels = levels_of(rows, row);

    set(to, "framework_id", framework_id(rows));
    set(to, "id", cell(row, ID));
    set(to, "parent_id", cell(row, PARENT));
    set(to, "title", cell(row, SHORT_NAME));
    set_description(to, row);
    set(to, "proficient_from", marked(rows, row, levels, "proficient"));
    set(to, "default_level", marked(rows, row, levels, "scaledefault"));
    set_extra(to, own, "family", "functional");
    set_extra(to, own, "valid_days", "");
    json_decref(levels);
    json_decref(own);
    return to;
}

static void add_levels(json_t *out, const json_t *rows, const json_t *row)
{
    json_t *own = extra(row), *levels = levels_of(rows, row);
    const json_t *texts = json_object_get(own, "level_texts");

    for (size_t i = 0; i < json_array_size(levels); i++) {
        const char *text = json_string_value(json_array_get(texts, i));
        json_t *to = new_row(row);

        set(to, "id", cell(row, ID));
        json_object_set(to, "name", json_array_get(levels, i));
        set(to, "text", text ? text : "");
        json_array_append_new(out, to);
    }
    json_decref(levels);
    json_decref(own);
}

/* ---- rules ---- */

static bool has_rule(const json_t *row)
{
    return strstr(cell(row, RULE_TYPE), "competency_rule_") != NULL;
}

static bool counts_points(const json_t *row)
{
    return strstr(cell(row, RULE_TYPE), "competency_rule_points") != NULL;
}

static const char *outcome_of(const json_t *row)
{
    switch (*cell(row, RULE_OUTCOME)) {
    case '1':
        return "evidence";
    case '2':
        return "complete";
    case '3':
        return "recommend";
    default:
        return "none";
    }
}

/* A number that Moodle writes as a number or as a text. */
static json_int_t number(const json_t *value)
{
    return json_is_string(value) ? strtoll(json_string_value(value), NULL, 10)
                                 : json_integer_value(value);
}

static void set_number(json_t *to, const char *name, json_int_t value)
{
    char text[32];

    snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, value);
    set(to, name, text);
}

static json_t *rule(const json_t *row)
{
    json_t *to = new_row(row), *config = json_loads(cell(row, RULE_CONFIG), 0, NULL);
    const json_t *base = json_object_get(config, "base");

    set(to, "id", cell(row, ID));
    set(to, "kind", counts_points(row) ? "points" : "all");
    set(to, "outcome", outcome_of(row));
    if (counts_points(row))
        set_number(to, "points_needed", number(json_object_get(base, "points")));
    else
        set(to, "points_needed", "");
    json_decref(config);
    return to;
}

static void add_child(json_t *out, const json_t *row, const char *child_id, json_int_t points,
                      bool required)
{
    json_t *to = new_row(row);

    set(to, "id", cell(row, ID));
    set(to, "child_id", child_id);
    set_number(to, "points", points);
    set(to, "required", required ? "true" : "false");
    json_array_append_new(out, to);
}

static const char *id_of_exported(const json_t *rows, json_int_t exported)
{
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row) if (!is_true(row, "is") && *cell(row, EXPORTED_ID) &&
                                         strtoll(cell(row, EXPORTED_ID), NULL, 10) ==
                                             exported) return cell(row, ID);
    return "";
}

static void add_children(json_t *out, const json_t *rows, const json_t *row)
{
    json_t *config = json_loads(cell(row, RULE_CONFIG), 0, NULL), *entry, *other;
    size_t i;

    if (counts_points(row))
        json_array_foreach(json_object_get(config, "competencies"), i, entry)
            add_child(out, row, id_of_exported(rows, number(json_object_get(entry, "id"))),
                      number(json_object_get(entry, "points")),
                      number(json_object_get(entry, "required")) != 0);
    else /* every child in the tree */
        json_array_foreach(rows, i, other) if (!is_true(other, "is") &&
                                               strcmp(cell(other, PARENT), cell(row, ID)) == 0)
            add_child(out, row, cell(other, ID), 0, false);
    json_decref(config);
}

/* ---- all of it ---- */

static void add_row(json_t *out, const json_t *rows, const json_t *row, px_framework_part part)
{
    switch (part) {
    case PX_FRAMEWORK_ITSELF:
        break;
    case PX_FRAMEWORK_COMPETENCIES:
        json_array_append_new(out, competency(rows, row));
        break;
    case PX_FRAMEWORK_LEVELS:
        add_levels(out, rows, row);
        break;
    case PX_FRAMEWORK_RULES:
        if (has_rule(row))
            json_array_append_new(out, rule(row));
        break;
    case PX_FRAMEWORK_CHILDREN:
        if (has_rule(row))
            add_children(out, rows, row);
        break;
    }
}

json_t *px_framework_from_moodle(px_bytes text, px_framework_part part,
                                 char error[PX_FRAMEWORK_ERROR_MAX])
{
    json_t *rows = read_rows(text, error), *out, *row;
    const json_t *framework = framework_row(rows);
    size_t i;

    if (!rows)
        return NULL;
    if (!framework) {
        snprintf(error, PX_FRAMEWORK_ERROR_MAX, "no row is marked as the framework");
        json_decref(rows);
        return NULL;
    }
    out = json_array();
    if (part == PX_FRAMEWORK_ITSELF)
        json_array_append_new(out, itself(framework));
    json_array_foreach(rows, i, row)
    {
        if (json_is_integer(row) && part == PX_FRAMEWORK_COMPETENCIES)
            json_array_append(out, row);
        else if (json_is_object(row) && row != framework)
            add_row(out, rows, row, part);
    }
    json_decref(rows);
    return out;
}
