/* The level filter through the real fold: 240 events made by an independent reading of the method
 * go in as facts, and levels, raters and items come out equal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/competency/service.h"
#include "tests/services/competency/fixtures.h"

/* The vectors know each item once, so all their keys are of one competency here. */
#define COMPETENCY "c"
enum { COLUMNS = 12, RATERS = 7, ITEMS = 3 };

typedef struct {
    int day;
    const char *kind;
    char person_id[8], rater_id[4], item_id[4], ref[16];
    const char *source;
    double value;
    char *columns[COLUMNS];
} golden_row;

static golden_row parse(char *line, unsigned number)
{
    golden_row row = { 0 };

    line[strcspn(line, "\r\n")] = '\0';
    for (size_t i = 0; i < COLUMNS; i++) {
        row.columns[i] = strsep(&line, "\t");
        assert_non_null(row.columns[i]);
    }
    row.day = (int)strtol(row.columns[0], NULL, 10);
    row.kind = row.columns[1];
    snprintf(row.person_id, sizeof row.person_id, "e%.1sc%.1s", row.columns[2], row.columns[2] + 2);
    snprintf(row.rater_id, sizeof row.rater_id, "r%.1s", row.columns[3]);
    snprintf(row.item_id, sizeof row.item_id, "i%.1s", row.columns[3]);
    snprintf(row.ref, sizeof row.ref, "ref-%u", number);
    row.source = row.columns[4];
    row.value = strtod(row.columns[5], NULL);
    return row;
}

static px_evidence source_of(const golden_row *row)
{
    static const char *const names[] = { "manager", "peer", "self", "report" };

    for (size_t i = 0; i < PX_COUNT(names); i++)
        if (strcmp(row->source, names[i]) == 0)
            return (px_evidence)i;
    fail_msg("no source %s", row->source);
    return PX_MANAGER;
}

static int relation_of(const golden_row *row)
{
    static const int relations[] = { MANAGER, PEER, SELF, REPORT };

    return relations[source_of(row)];
}

/* Items 0, 1, 2 of the vectors have the priors of a course and a task of ten hours and of micro. */
static void complete(spec *s, const golden_row *row)
{
    static const int kinds[ITEMS] = { COURSE, TASK, MICRO };

    given_item_completed(s, item_completed(s, row->person_id, row->item_id,
                                           kinds[row->item_id[1] - '0'], 10, COMPETENCY, row->value,
                                           row->day));
}

static bool find_item(spec *s, const uint8_t hash[PX_METHOD_ID], item_record *item)
{
    return competency_state_get_item(spec_state(s), SPEC_TENANT, hash, COMPETENCY, item);
}

static void follow_up_pending(spec *s, const golden_row *row)
{
    standing now = standing_of(s, row->person_id, COMPETENCY);
    item_record items[PX_PENDING_MAX];
    const char *ids[PX_PENDING_MAX + 1] = { NULL };

    for (size_t i = 0; i < now.level.pending_count; i++) {
        assert_true(find_item(s, now.level.pending[i].item, &items[i]));
        ids[i] = items[i].item_id;
    }
    if (now.level.pending_count > 0)
        given_followed_up(s, row->person_id, COMPETENCY, ids);
}

/* One vector follows a key up before anything was heard of it, which only sets its clock. */
static void begin(spec *s, const golden_row *row)
{
    given_item_completed(
        s, item_completed(s, row->person_id, "i9", MICRO, 1, COMPETENCY, 0.04, row->day));
}

/* The value is the number of the row that is taken back. */
static void retract(spec *s, const golden_row *row)
{
    char ref[16];

    snprintf(ref, sizeof ref, "ref-%u", (unsigned)row->value);
    given_review_withdrawn(s, ref, row->rater_id, relation_of(row), row->person_id, COMPETENCY);
}

static void apply(spec *s, const golden_row *row)
{
    if (strcmp(row->kind, "rating") == 0)
        given_rating(s, row->ref, row->rater_id, relation_of(row), row->person_id, COMPETENCY,
                     (unsigned)row->value, row->day);
    else if (strcmp(row->kind, "feedback") == 0)
        given_feedback(s, row->ref, "r0", row->person_id, COMPETENCY, NULL, (int)row->value,
                       row->day);
    else if (strcmp(row->kind, "assessment") == 0)
        given_assessed(s, row->ref, row->person_id, COMPETENCY, row->value, row->day);
    else if (strcmp(row->kind, "complete") == 0)
        complete(s, row);
    else if (strcmp(row->kind, "retract") == 0)
        retract(s, row);
    else if (standing_of(s, row->person_id, COMPETENCY).known)
        follow_up_pending(s, row);
    else
        begin(s, row);
}

/* A follow-up moves nothing in time, so the level is read as of the day of the row. */
static void check_level(spec *s, const golden_row *row)
{
    standing now = standing_of(s, row->person_id, COMPETENCY);
    px_estimate at_row = px_level_estimate(&now.level, px_days(SPEC_START_US + row->day * DAY_US));

    assert_near(at_row.mu, strtod(row->columns[6], NULL), 1e-8);
    assert_near(at_row.var, strtod(row->columns[7], NULL), 1e-8);
}

static bool check_said(spec *s, const golden_row *row)
{
    if (facts_of(s, LEVEL_CHANGED) == 0)
        return false;
    const CompetencyFact__LevelChanged *f = then_some_fact(s, LEVEL_CHANGED);
    assert_string_equal(f->person_id, row->person_id);
    assert_near(f->estimate->mu, strtod(row->columns[6], NULL), 1e-8);
    assert_near(f->estimate->variance, strtod(row->columns[7], NULL), 1e-8);
    assert_true(f->estimate->as_of_us == SPEC_START_US + row->day * DAY_US);
    return true;
}

static void check_rater(spec *s, const golden_row *row)
{
    uint8_t hash[PX_METHOD_ID];

    competency_state_hash(row->rater_id, hash);
    px_bias bias = competency_state_get_rater(spec_state(s), SPEC_TENANT, hash, source_of(row));
    assert_near(bias.mean, strtod(row->columns[8], NULL), 1e-8);
    assert_near(bias.var, strtod(row->columns[9], NULL), 1e-8);
}

static void check_item(spec *s, const golden_row *row, const uint8_t hash[PX_METHOD_ID])
{
    static const double priors[ITEMS] = { .30, .22, .035 };
    double prior = priors[row->item_id[1] - '0'];
    item_record item;

    if (!find_item(s, hash, &item))
        item.effect = (px_effect){ .mean = prior, .var = 2 * prior * prior };
    assert_near(item.effect.mean, strtod(row->columns[10], NULL), 1e-8);
    assert_near(item.effect.var, strtod(row->columns[11], NULL), 1e-8);
}

/* The item columns show the first pending item, or else the row's own. */
static void shown_item(spec *s, const golden_row *row, uint8_t hash[PX_METHOD_ID])
{
    standing now = standing_of(s, row->person_id, COMPETENCY);

    competency_state_hash(row->item_id, hash);
    if (now.level.pending_count > 0)
        memcpy(hash, now.level.pending[0].item, PX_METHOD_ID);
}

/* @return whether the row moved what is said */
static bool run_row(spec *s, const golden_row *row)
{
    uint8_t item[PX_METHOD_ID];

    shown_item(s, row, item);
    apply(s, row);
    bool said = strcmp(row->kind, "followup") != 0 && strcmp(row->kind, "retract") != 0 &&
                check_said(s, row);
    check_level(s, row);
    if (strcmp(row->kind, "rating") == 0)
        check_rater(s, row);
    if (strcmp(row->kind, "complete") == 0 || strcmp(row->kind, "followup") == 0)
        check_item(s, row, item);
    return said;
}

static FILE *open_golden(const char *name)
{
    const char *root = getenv("PRAXIS_SOURCE");
    char path[4096];

    snprintf(path, sizeof path, "%s/tests/common/%s", root ? root : ".", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

static void given_everybody(spec *s)
{
    static const char *const ids[] = { "e0c0", "e0c1", "e1c0", "e1c1", "r0", "r1",
                                       "r2",   "r3",   "r4",   "r5",   "r6" };

    for (size_t i = 0; i < PX_COUNT(ids); i++)
        given_person(s, ids[i], "");
}

/* @return how many rows moved what is said */
static unsigned run_file(spec *s, const char *name, unsigned rows_wanted)
{
    FILE *file = open_golden(name);
    char line[512];
    unsigned rows = 0, said = 0;

    given_everybody(s);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        golden_row row = parse(line, ++rows);

        said += run_row(s, &row);
    }
    fclose(file);
    assert_int_equal(rows, rows_wanted);
    return said;
}

static void golden_rows__come_out_of_the_fold(void **ctx)
{
    /* The others moved too little, or wait for company. */
    assert_true(run_file(*ctx, "golden_filter.tsv", 240) > 100);
}

/* Items completed within a week share one look; a rating taken back leaves what it taught. */
static void shared_looks_and_retractions__come_out_of_the_fold(void **ctx)
{
    run_file(*ctx, "golden_pending.tsv", 200);
}

static int setup_bare(void **state)
{
    return spec_setup_with(state, &px_competency_service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(golden_rows__come_out_of_the_fold, setup_bare,
                                        spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(shared_looks_and_retractions__come_out_of_the_fold,
                                        setup_bare, spec_teardown_looking_again),
    };

    return cmocka_run_group_tests_name("competency golden", tests, NULL, NULL);
}
