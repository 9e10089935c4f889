/* framework_write_case.c: a framework as a CFPackage of CASE 1.0. Ids that are no UUID, which CASE
 * wants, get one made of their digest: the same id the same UUID, wherever it is exported.
 */
#include <ctype.h>
#include <jansson.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "services/praxis/framework_write.h"

enum { UUID_SIZE = 37 };

static bool is_uuid(const char *id)
{
    size_t i = 0;

    for (; id[i]; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23 ? id[i] != '-'
                                                    : !isxdigit((unsigned char)id[i]))
            return false;
    return i == UUID_SIZE - 1;
}

/* RFC 9562 version 8: the digest of what it stands for. */
static void uuid_of(const char *kind, const char *id, char out[UUID_SIZE])
{
    unsigned char b[16];
    crypto_generichash_state state;

    if (is_uuid(id) && !*kind) {
        snprintf(out, UUID_SIZE, "%s", id);
        return;
    }
    crypto_generichash_init(&state, NULL, 0, sizeof b);
    crypto_generichash_update(&state, (const unsigned char *)kind, strlen(kind) + 1);
    crypto_generichash_update(&state, (const unsigned char *)id, strlen(id));
    crypto_generichash_final(&state, b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x80);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    snprintf(out, UUID_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
}

/* What everything in CASE begins with. */
static json_t *new_object(const char *kind, const char *id, const char *now)
{
    char uuid[UUID_SIZE], uri[UUID_SIZE + 16];

    uuid_of(kind, id, uuid);
    snprintf(uri, sizeof uri, "urn:uuid:%s", uuid);
    return json_pack("{s:s, s:s, s:s}", "identifier", uuid, "uri", uri, "lastChangeDateTime", now);
}

static json_t *link_to(const char *id, const char *title)
{
    char uuid[UUID_SIZE], uri[UUID_SIZE + 16];

    uuid_of("", id, uuid);
    snprintf(uri, sizeof uri, "urn:uuid:%s", uuid);
    return json_pack("{s:s, s:s, s:s}", "title", title, "identifier", uuid, "uri", uri);
}

static void set_text(json_t *object, const char *name, const char *text)
{
    if (*text)
        json_object_set_new(object, name, json_string(text));
}

static json_t *document(const Competency__DefineFramework *f, const char *now)
{
    json_t *d = new_object("", f->framework_id, now);

    json_object_set_new(d, "title", json_string(f->title));
    json_object_set_new(d, "creator", json_string(*f->publisher ? f->publisher : "Praxis"));
    set_text(d, "publisher", f->publisher);
    set_text(d, "version", f->version);
    set_text(d, "officialSourceURL", f->source_url);
    set_text(d, "notes", f->attribution);
    set_text(d, "description", f->description);
    json_object_set_new(
        d, "extensions",
        json_pack("{s:{s:s, s:s}}", "praxis", "id", f->framework_id, "publisher", f->publisher));
    return d;
}

static json_t *item(const px_framework *f, const Competency__Competency *c, const char *now)
{
    const Competency__DefineCompetency *d = c->definition;
    json_t *i = new_object("", d->competency_id, now);
    char days[16];

    snprintf(days, sizeof days, "%u", d->valid_days);
    json_object_set_new(i, "fullStatement",
                        json_string(*d->description ? d->description : d->title));
    json_object_set_new(i, "abbreviatedStatement", json_string(d->title));
    json_object_set_new(i, "humanCodingScheme", json_string(d->competency_id));
    json_object_set_new(i, "CFItemType", json_string("Competency"));
    json_object_set_new(i, "CFDocumentURI",
                        link_to(f->framework->framework_id, f->framework->title));
    json_object_set_new(i, "extensions",
                        json_pack("{s:{s:s, s:s, s:s, s:s, s:s}}", "praxis", "id", d->competency_id,
                                  "family", px_framework_family(c), "proficient_from",
                                  d->proficient_from, "default_level", d->default_level,
                                  "valid_days", d->valid_days ? days : ""));
    return i;
}

static json_t *association(const px_framework *f, const Competency__DefineCompetency *d,
                           const char *now)
{
    json_t *a = new_object("isChildOf", d->competency_id, now);
    const char *parent = *d->parent_id ? d->parent_id : f->framework->framework_id;

    json_object_set_new(a, "associationType", json_string("isChildOf"));
    json_object_set_new(a, "originNodeURI", link_to(d->competency_id, d->title));
    json_object_set_new(a, "destinationNodeURI", link_to(parent, parent));
    return a;
}

/* One rubric, a criterion for each item: where CASE keeps levels. */
static json_t *criterion(const Competency__DefineCompetency *d, const char *now)
{
    json_t *c = new_object("criterion", d->competency_id, now), *levels = json_array();

    json_object_set_new(c, "CFItemURI", link_to(d->competency_id, d->title));
    for (size_t l = 0; l < d->n_levels; l++) {
        char id[80];

        snprintf(id, sizeof id, "%s %zu", d->competency_id, l);
        json_t *level = new_object("level", id, now);
        json_object_set_new(level, "quality", json_string(d->levels[l]->name));
        set_text(level, "description", d->levels[l]->text);
        json_object_set_new(level, "score", json_real((double)l + 1));
        json_object_set_new(level, "position", json_integer((json_int_t)l + 1));
        json_array_append_new(levels, level);
    }
    json_object_set_new(c, "CFRubricCriterionLevels", levels);
    return c;
}

void px_framework_write_case(FILE *out, const px_framework *f, const char *now)
{
    json_t *items = json_array(), *associations = json_array(), *criteria = json_array();
    json_t *rubric = new_object("rubric", f->framework->framework_id, now);

    for (size_t i = 0; i < f->count; i++) {
        json_array_append_new(items, item(f, f->all[i], now));
        json_array_append_new(associations, association(f, f->all[i]->definition, now));
        json_array_append_new(criteria, criterion(f->all[i]->definition, now));
    }
    json_object_set_new(rubric, "title", json_string("Levels"));
    json_object_set_new(rubric, "CFRubricCriteria", criteria);
    json_t *package =
        json_pack("{s:o, s:o, s:o, s:[o]}", "CFDocument", document(f->framework, now), "CFItems",
                  items, "CFAssociations", associations, "CFRubrics", rubric);
    json_dumpf(package, out, JSON_INDENT(1));
    fputc('\n', out);
    json_decref(package);
}
