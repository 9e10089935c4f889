/* framework_write.c: frameworks as CSV: our own columns, and Moodle's. */
#include "services/praxis/framework_write.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS_MAX = 10 };

/* ---- cells ---- */

static void put_cell(FILE *out, const char *text, bool last)
{
    bool quoted = text[strcspn(text, ",\"\r\n")] || *text == ' ';

    if (quoted)
        fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputs(quoted ? "\"" : "", out);
    fputc(last ? '\n' : ',', out);
}

static void put_json(FILE *out, json_t *value, bool last)
{
    char *text =
        json_object_size(value) || json_array_size(value) ? json_dumps(value, JSON_COMPACT) : NULL;

    put_cell(out, text ? text : "", last);
    free(text);
    json_decref(value);
}

const char *px_framework_family(const Competency__Competency *c)
{
    switch (c->definition->family) {
    case COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_CORE:
        return "core";
    case COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_CAREER:
        return "career";
    case COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_FUNCTIONAL:
        return "functional";
    case COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_LEADERSHIP:
        return "leadership";
    default:
        return "";
    }
}

static void put_number(FILE *out, uint64_t number, bool last)
{
    char text[24];

    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    put_cell(out, text, last);
}

/* ---- our own ---- */

void px_framework_write_csv(FILE *out, const px_framework *f)
{
    fputs("framework_id,id,parent_id,title,description,family,proficient_from,default_level,"
          "valid_days",
          out);
    for (int i = 1; i <= LEVELS_MAX; i++)
        fprintf(out, ",level_%d,text_%d", i, i);
    fputc('\n', out);
    for (size_t i = 0; i < f->count; i++) {
        const Competency__DefineCompetency *d = f->all[i]->definition;

        put_cell(out, d->framework_id, false);
        put_cell(out, d->competency_id, false);
        put_cell(out, d->parent_id, false);
        put_cell(out, d->title, false);
        put_cell(out, d->description, false);
        put_cell(out, px_framework_family(f->all[i]), false);
        put_cell(out, d->proficient_from, false);
        put_cell(out, d->default_level, false);
        put_number(out, d->valid_days, false);
        for (size_t l = 0; l < LEVELS_MAX; l++) {
            put_cell(out, l < d->n_levels ? d->levels[l]->name : "", false);
            put_cell(out, l < d->n_levels ? d->levels[l]->text : "", l + 1 == LEVELS_MAX);
        }
    }
}

/* ---- Moodle ---- */

static void put_scale(FILE *out, const Competency__DefineCompetency *d)
{
    char names[LEVELS_MAX * 322] = "";
    size_t used = 0;
    json_t *config = json_array();
    bool proficient = false;

    json_array_append_new(config, json_pack("{s:s}", "scaleid", "1"));
    for (size_t l = 0; l < d->n_levels; l++) {
        const char *name = d->levels[l]->name;

        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", l ? "," : "", name);
        for (char *at = names + used - strlen(name); *at; at++)
            *at = *at == ',' ? ';' : *at; /* a comma would end the name; the true one is ours */
        proficient = proficient || strcmp(name, d->proficient_from) == 0;
        json_array_append_new(config, json_pack("{s:i, s:i, s:i}", "id", (int)l + 1, "scaledefault",
                                                strcmp(name, d->default_level) == 0, "proficient",
                                                proficient));
    }
    put_cell(out, names, false);
    put_json(out, config, false);
}

/* The ids of the site it comes from, which rules name competencies by: places in this file. */
static size_t exported_id(const px_framework *f, const char *competency_id)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->all[i]->definition->competency_id, competency_id) == 0)
            return i + 1;
    return 0;
}

static void put_rule(FILE *out, const px_framework *f, const Competency__SetCompetencyRule *rule)
{
    static const char outcomes[] = "0132"; /* none, evidence, recommend, complete in Moodle */
    bool points =
        rule && rule->kind == COMPETENCY__COMPETENCY_RULE_KIND__COMPETENCY_RULE_KIND_POINTS;
    char outcome[2] = { rule ? outcomes[rule->outcome] : '0', 0 };

    put_cell(out,
             !rule    ? ""
             : points ? "core_competency\\competency_rule_points"
                      : "core_competency\\competency_rule_all",
             false);
    put_cell(out, outcome, false);
    if (!points) {
        put_cell(out, "null", false);
        return;
    }
    json_t *children = json_array();
    for (size_t i = 0; i < rule->n_children; i++)
        json_array_append_new(
            children, json_pack("{s:I, s:i, s:i}", "id",
                                (json_int_t)exported_id(f, rule->children[i]->competency_id),
                                "points", (int)rule->children[i]->points, "required",
                                (int)rule->children[i]->required));
    put_json(out,
             json_pack("{s:{s:i}, s:o}", "base", "points", (int)rule->points_needed, "competencies",
                       children),
             false);
}

static json_t *level_list(const Competency__DefineCompetency *d, bool texts)
{
    json_t *list = json_array();
    bool needed = false;

    for (size_t l = 0; l < d->n_levels; l++) {
        const char *text = texts ? d->levels[l]->text : d->levels[l]->name;

        needed = needed || (texts ? *text != 0 : strchr(text, ',') != NULL);
        json_array_append_new(list, json_string(text));
    }
    if (needed)
        return list;
    json_decref(list);
    return NULL;
}

static void put_extra(FILE *out, const Competency__Competency *c)
{
    const Competency__DefineCompetency *d = c->definition;
    json_t *own = json_pack("{s:s}", "family", px_framework_family(c));
    json_t *names = level_list(d, false), *texts = level_list(d, true);
    char days[16];

    snprintf(days, sizeof days, "%u", d->valid_days);
    if (d->valid_days)
        json_object_set_new(own, "valid_days", json_string(days));
    if (names)
        json_object_set_new(own, "level_names", names);
    if (texts)
        json_object_set_new(own, "level_texts", texts);
    put_json(out, own, true);
}

static void put_framework(FILE *out, const px_framework *f)
{
    const Competency__DefineFramework *d = f->framework;

    put_cell(out, "", false);
    put_cell(out, d->framework_id, false);
    put_cell(out, d->title, false);
    put_cell(out, d->description, false);
    put_cell(out, "2", false); /* plain text */
    if (f->count > 0)
        put_scale(out, f->all[0]->definition);
    else
        fputs(",,", out);
    fputs(",,,,,1,\"competency,competency,competency,competency\",", out);
    put_json(out,
             json_pack("{s:s, s:s, s:s, s:s}", "version", d->version, "publisher", d->publisher,
                       "source_url", d->source_url, "attribution", d->attribution),
             true);
}

void px_framework_write_moodle(FILE *out, const px_framework *f)
{
    fputs("\"Parent ID number\",\"ID number\",\"Short name\",Description,\"Description format\","
          "\"Scale values\",\"Scale configuration\",\"Rule type (optional)\",\"Rule outcome "
          "(optional)\",\"Rule config (optional)\",\"Cross-referenced competency ID numbers\","
          "\"Exported ID (optional)\",\"Is framework\",Taxonomy,Praxis\n",
          out);
    put_framework(out, f);
    for (size_t i = 0; i < f->count; i++) {
        const Competency__DefineCompetency *d = f->all[i]->definition;

        put_cell(out, d->parent_id, false);
        put_cell(out, d->competency_id, false);
        put_cell(out, d->title, false);
        put_cell(out, d->description, false);
        put_cell(out, "2", false);
        put_scale(out, d);
        put_rule(out, f, f->all[i]->rule);
        put_cell(out, "", false);
        put_number(out, i + 1, false);
        fputs(",,", out);
        put_extra(out, f->all[i]);
    }
}
