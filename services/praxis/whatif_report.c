#include "services/praxis/whatif_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool has(const whatif_plan *plan, const char *item_id)
{
    for (uint8_t i = 0; i < plan->count; i++)
        if (strcmp(plan->items[i].id, item_id) == 0)
            return true;
    return false;
}

static bool same_items(const whatif_plan *a, const whatif_plan *b)
{
    for (uint8_t i = 0; i < a->count; i++)
        if (!has(b, a->items[i].id))
            return false;
    return a->count == b->count;
}

/* ---- one person ---- */

static void print_missing(char sign, const whatif_plan *of, const whatif_plan *in)
{
    for (uint8_t i = 0; i < of->count; i++)
        if (!has(in, of->items[i].id))
            printf("  %c %s (%.1f h)\n", sign, of->items[i].id, of->items[i].hours);
}

static void print_person(const whatif_person *p)
{
    printf("%s %s: %.1f h -> %.1f h\n", p->tenant, p->person_id, p->before.hours, p->after.hours);
    print_missing('-', &p->before, &p->after);
    print_missing('+', &p->after, &p->before);
}

static json_t *missing(const whatif_plan *of, const whatif_plan *in)
{
    json_t *list = json_array();

    for (uint8_t i = 0; i < of->count; i++)
        if (!has(in, of->items[i].id))
            json_array_append_new(list, json_pack("{s:s, s:f}", "item", of->items[i].id, "hours",
                                                  of->items[i].hours));
    return list;
}

static json_t *figures(double before, double after)
{
    return json_pack("{s:f, s:f}", "before", before, "after", after);
}

static json_t *person_json(const whatif_person *p)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "tenant", p->tenant, "person", p->person_id,
                     "dropped", missing(&p->before, &p->after), "added",
                     missing(&p->after, &p->before), "hours",
                     figures(p->before.hours, p->after.hours), "value",
                     figures(p->before.value, p->after.value));
}

void px_whatif_add(void *report, const whatif_person *person)
{
    px_whatif_report *r = report;

    r->people++;
    r->hours_before += person->before.hours;
    r->hours_after += person->after.hours;
    r->value_before += person->before.value;
    r->value_after += person->after.value;
    if (same_items(&person->before, &person->after))
        return;
    r->changed++;
    if (r->rows)
        json_array_append_new(r->rows, person_json(person));
    else
        print_person(person);
}

/* ---- all of them ---- */

static void print_totals(const px_whatif_report *r, uint64_t seq, const char *time)
{
    printf("%slog up to sequence %" PRIu64 ", as of %s\n"
           "people with a plan or a gap: %" PRIu64 ", with another plan: %" PRIu64 "\n"
           "hours: %.1f -> %.1f\n"
           "value: %.3f -> %.3f (each by its own settings)\n",
           r->changed > 0 ? "\n" : "", seq, time, r->people, r->changed, r->hours_before,
           r->hours_after, r->value_before, r->value_after);
}

void px_whatif_finish(px_whatif_report *r, uint64_t seq, const char *time)
{
    if (!r->rows) {
        print_totals(r, seq, time);
        return;
    }
    json_t *all =
        json_pack("{s:I, s:s, s:I, s:I, s:o, s:o, s:o}", "seq", (json_int_t)seq, "time", time,
                  "people", (json_int_t)r->people, "changed", (json_int_t)r->changed, "hours",
                  figures(r->hours_before, r->hours_after), "value",
                  figures(r->value_before, r->value_after), "plans", r->rows);
    r->rows = NULL;
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}
