/* framework_case.c: a CFPackage of 1EdTech CASE 1.0 (also 1.1): the document is the framework, its
 * items are competencies by their identifier, isChildOf makes the tree, and the levels of an item
 * are those of the rubric criterion that names it. Other associations say nothing that Praxis asks.
 */
#include <stdio.h>
#include <string.h>

#include "services/praxis/framework_table.h"

enum { TITLE_MAX = 200 /* characters */ };

typedef struct {
    json_t *package;
    const json_t *document, *items;
    json_t *parents;  /* identifier -> identifier of the one above */
    json_t *criteria; /* identifier of an item -> its criterion */
    json_t *ids;      /* identifier -> our id */
} package;

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static const json_t *extra(const json_t *object)
{
    return json_object_get(json_object_get(object, "extensions"), "praxis");
}

static void set(json_t *to, const char *name, const char *text)
{
    json_object_set_new(to, name, json_string(text));
}

static void set_extra(json_t *to, const json_t *from, const char *name, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(extra(from), name));

    set(to, name, text ? text : otherwise);
}

/* ---- the package ---- */

static const char *identifier_at(const json_t *object, const char *name)
{
    return text_of(json_object_get(object, name), "identifier");
}

static void index_items(package *p)
{
    size_t i;
    json_t *item;

    json_array_foreach(p->items, i, item)
    {
        const char *own = json_string_value(json_object_get(extra(item), "id"));

        set(p->ids, text_of(item, "identifier"), own ? own : text_of(item, "identifier"));
    }
}

/* Of several the first: an item may hang in the document and below another. */
static void index_parents(package *p)
{
    size_t i;
    json_t *association;

    json_array_foreach(json_object_get(p->package, "CFAssociations"), i, association)
    {
        const char *child = identifier_at(association, "originNodeURI");
        const char *parent = identifier_at(association, "destinationNodeURI");

        if (strcmp(text_of(association, "associationType"), "isChildOf") == 0 &&
            json_object_get(p->ids, parent) && !json_object_get(p->parents, child))
            set(p->parents, child, parent);
    }
}

static void index_criteria(package *p)
{
    size_t i, j;
    json_t *rubric, *criterion;

    json_array_foreach(json_object_get(p->package, "CFRubrics"), i, rubric)
        json_array_foreach(json_object_get(rubric, "CFRubricCriteria"), j, criterion)
            json_object_set(p->criteria, identifier_at(criterion, "CFItemURI"), criterion);
}

static bool open_package(package *p, px_bytes text, char error[PX_FRAMEWORK_ERROR_MAX])
{
    json_error_t why;

    *p = (package){ .package = json_loadb(text.data, text.size, 0, &why) };
    const json_t *whole = json_object_get(p->package, "CFPackage");
    p->document = json_object_get(whole ? whole : p->package, "CFDocument");
    if (!p->package)
        snprintf(error, PX_FRAMEWORK_ERROR_MAX, "line %d: %.200s", why.line, why.text);
    else if (!json_is_object(p->document))
        snprintf(error, PX_FRAMEWORK_ERROR_MAX, "not a CASE package: it has no CFDocument");
    if (!json_is_object(p->document)) {
        json_decref(p->package);
        return false;
    }
    if (whole) { /* some publishers wrap it */
        json_t *inner = json_incref((json_t *)(uintptr_t)whole);
        json_decref(p->package);
        p->package = inner;
    }
    p->items = json_object_get(p->package, "CFItems");
    p->parents = json_object();
    p->criteria = json_object();
    p->ids = json_object();
    index_items(p);
    index_parents(p);
    index_criteria(p);
    return true;
}

static void close_package(package *p)
{
    json_decref(p->parents);
    json_decref(p->criteria);
    json_decref(p->ids);
    json_decref(p->package);
}

static const char *our_id(const package *p, const char *identifier)
{
    return text_of(p->ids, identifier);
}

static const char *framework_id(const package *p)
{
    const char *own = json_string_value(json_object_get(extra(p->document), "id"));

    return own ? own : text_of(p->document, "identifier");
}

/* ---- parts ---- */

static json_t *itself(const package *p)
{
    const json_t *d = p->document;
    json_t *to = json_object();
    const char *version = text_of(d, "version");
    const char *publisher = text_of(d, "publisher");

    set(to, "framework_id", framework_id(p));
    set(to, "title", text_of(d, "title"));
    set(to, "version", *version ? version : "1");
    set_extra(to, d, "publisher", *publisher ? publisher : text_of(d, "creator"));
    set(to, "source_url", text_of(d, "officialSourceURL"));
    set(to, "attribution", text_of(d, "notes"));
    set(to, "description", text_of(d, "description"));
    return to;
}

/* Bytes of the first characters, not more than fit a title, and not half a character. */
static size_t title_size(const char *text)
{
    size_t size = 0, characters = 0;

    for (; text[size]; size++)
        if (((unsigned char)text[size] & 0xC0) != 0x80 && ++characters > TITLE_MAX)
            break;
    return size;
}

/* A statement too long for a title is cut there, and stands in the description in full. */
static void set_words(json_t *to, const json_t *item)
{
    const char *full = text_of(item, "fullStatement");
    const char *brief = text_of(item, "abbreviatedStatement");
    const char *title = *brief ? brief : full;
    size_t size = title_size(title);

    json_object_set_new(to, "title", json_stringn(title, size));
    set(to, "description", strcmp(full, title) != 0 || title[size] ? full : "");
}

static json_t *competency(const package *p, const json_t *item)
{
    const char *identifier = text_of(item, "identifier");
    json_t *to = json_object();

    set(to, "framework_id", framework_id(p));
    set(to, "id", our_id(p, identifier));
    set(to, "parent_id", our_id(p, text_of(p->parents, identifier)));
    set_words(to, item);
    set_extra(to, item, "family", "functional");
    set_extra(to, item, "proficient_from", "");
    set_extra(to, item, "default_level", "");
    set_extra(to, item, "valid_days", "");
    return to;
}

static void add_level(json_t *out, const char *id, const char *name, const char *text, size_t row)
{
    json_t *to = json_object();

    json_object_set_new(to, "line", json_integer((json_int_t)row + 1));
    set(to, "id", id);
    set(to, "name", name);
    set(to, "text", text);
    json_array_append_new(out, to);
}

static double position(const json_t *level)
{
    const json_t *at = json_object_get(level, "position");
    const json_t *score = json_object_get(level, "score");

    return json_number_value(json_is_number(score) ? score : at);
}

/* The lowest score first, as written where there is none. */
static void add_levels(json_t *out, const package *p, const json_t *item, size_t row)
{
    const char *identifier = text_of(item, "identifier"), *id = our_id(p, identifier);
    const json_t *criterion = json_object_get(p->criteria, identifier);
    json_t *levels = json_copy(json_object_get(criterion, "CFRubricCriterionLevels"));
    size_t count = json_array_size(levels);

    while (json_array_size(levels) > 0) {
        size_t lowest = 0;

        for (size_t i = 1; i < json_array_size(levels); i++)
            if (position(json_array_get(levels, i)) < position(json_array_get(levels, lowest)))
                lowest = i;
        const json_t *level = json_array_get(levels, lowest);
        add_level(out, id, text_of(level, "quality"), text_of(level, "description"), row);
        json_array_remove(levels, lowest);
    }
    for (size_t i = 0; count == 0 && px_framework_usual_levels[i]; i++)
        add_level(out, id, px_framework_usual_levels[i], "", row);
    json_decref(levels);
}

static void add_item(json_t *out, const package *p, const json_t *item, size_t row,
                     px_framework_part part)
{
    json_t *to;

    if (!*text_of(item, "identifier")) {
        if (part == PX_FRAMEWORK_COMPETENCIES)
            json_array_append_new(out, json_integer((json_int_t)row + 1));
        return;
    }
    if (part == PX_FRAMEWORK_LEVELS)
        add_levels(out, p, item, row);
    if (part != PX_FRAMEWORK_COMPETENCIES)
        return;
    to = competency(p, item);
    json_object_set_new(to, "line", json_integer((json_int_t)row + 1));
    json_array_append_new(out, to);
}

json_t *px_framework_from_case(px_bytes text, px_framework_part part,
                               char error[PX_FRAMEWORK_ERROR_MAX])
{
    json_t *out, *item;
    package p;
    size_t i;

    if (!open_package(&p, text, error))
        return NULL;
    out = json_array();
    if (part == PX_FRAMEWORK_ITSELF)
        json_array_append_new(out, itself(&p));
    json_array_foreach(p.items, i, item) add_item(out, &p, item, i, part);
    close_package(&p);
    return out;
}
