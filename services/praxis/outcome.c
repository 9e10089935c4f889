#include "services/praxis/outcome.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool px_outcome_accepted(const px_outcome_line *outcome)
{
    return outcome->result && outcome->result->outcome_case == PRAXIS__RESULT__OUTCOME_ACCEPTED;
}

/* The refusal in words, from the daemon or from here. */
static void refusal_of(const px_outcome_line *o, const char **code, const char **field,
                       const char **text)
{
    const Praxis__Rejected *rejected = NULL;

    if (o->result && o->result->outcome_case == PRAXIS__RESULT__OUTCOME_REJECTED)
        rejected = o->result->rejected;
    *code = rejected ? rejected->code : o->code ? o->code : "";
    *field = rejected ? rejected->field : o->field ? o->field : "";
    *text = rejected ? rejected->text : o->text ? o->text : "";
}

static void set_text(json_t *object, const char *name, const char *text)
{
    if (text && *text)
        json_object_set_new(object, name, json_string(text));
}

void px_outcome_print_json(const px_outcome_line *outcome)
{
    json_t *object = json_object();
    const char *code, *field, *text;

    set_text(object, "file", outcome->file);
    json_object_set_new(object, "line", json_integer((json_int_t)outcome->line));
    set_text(object, "service", outcome->service);
    set_text(object, "submissionId", outcome->id);
    json_object_set_new(object, "accepted", json_boolean(px_outcome_accepted(outcome)));
    if (px_outcome_accepted(outcome)) {
        const Praxis__Accepted *accepted = outcome->result->accepted;
        json_object_set_new(object, "logSeq", json_integer((json_int_t)accepted->log_seq));
        json_object_set_new(object, "facts", json_integer(accepted->facts));
    } else {
        refusal_of(outcome, &code, &field, &text);
        set_text(object, "code", code);
        set_text(object, "field", field);
        set_text(object, "text", text);
        json_object_set_new(object, "decided", json_boolean(outcome->result != NULL));
    }
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_place(const px_outcome_line *o)
{
    if (o->file)
        printf("%s ", o->file);
    printf("line %zu", o->line);
    if (o->key && *o->key)
        printf(" (%s)", o->key);
    else if (o->id && *o->id)
        printf(" (%s)", o->id);
}

void px_outcome_print(const px_outcome_line *outcome)
{
    const char *code, *field, *text;

    refusal_of(outcome, &code, &field, &text);
    print_place(outcome);
    printf(": %s%s%s: %s\n", code, *field ? " " : "", field, text);
}

/* --- collected --- */

typedef struct {
    char *place; /* "line 7 (skill_id=...)" */
    char *what;  /* "CODE field: text": what groups them */
    size_t number;
} refusal;

struct px_refusals {
    refusal *items;
    size_t count;
    size_t capacity;
};

px_refusals *px_refusals_create(void)
{
    return calloc(1, sizeof(px_refusals));
}

void px_refusals_destroy(px_refusals *refusals)
{
    if (!refusals)
        return;
    for (size_t i = 0; i < refusals->count; i++) {
        free(refusals->items[i].place);
        free(refusals->items[i].what);
    }
    free(refusals->items);
    free(refusals);
}

static bool reserve(px_refusals *r)
{
    if (r->count < r->capacity)
        return true;
    size_t capacity = r->capacity ? r->capacity * 2 : 64;
    refusal *items = realloc(r->items, capacity * sizeof *items);
    if (!items)
        return false;
    r->items = items;
    r->capacity = capacity;
    return true;
}

bool px_refusals_add(px_refusals *refusals, const px_outcome_line *outcome)
{
    const char *code, *field, *text;
    refusal new = { .number = refusals->count };

    if (!reserve(refusals))
        return false;
    refusal_of(outcome, &code, &field, &text);
    if (asprintf(&new.place, "%s line %zu%s%s%s", outcome->file ? outcome->file : "", outcome->line,
                 *outcome->key ? " (" : "", outcome->key, *outcome->key ? ")" : "") < 0)
        return false;
    if (asprintf(&new.what, "%s%s%s: %s", code, *field ? " " : "", field, text) < 0) {
        free(new.place);
        return false;
    }
    refusals->items[refusals->count++] = new;
    return true;
}

static int by_what(const void *a, const void *b)
{
    const refusal *left = a;
    const refusal *right = b;
    int order = strcmp(left->what, right->what);

    return order != 0 ? order : (left->number > right->number) - (left->number < right->number);
}

void px_refusals_print(const px_refusals *refusals, size_t most)
{
    size_t count = refusals->count;

    if (count > 0)
        qsort(refusals->items, count, sizeof *refusals->items, by_what);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count; end++)
            if (strcmp(refusals->items[i].what, refusals->items[end].what) != 0)
                break;
        printf("  %zu x %s\n", end - i, refusals->items[i].what);
        for (size_t j = i; j < end && (j < i + most || end == i + most + 1); j++)
            printf("      %s\n", refusals->items[j].place);
        if (end - i > most + 1)
            printf("      ... and %zu more (--all names every one)\n", end - i - most);
    }
}
