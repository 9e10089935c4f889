/* test_method_golden.c: the filter against 240 events made by an independent reading of the method.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/effect.h"
#include "common/level_record.h"
#include "common/method.h"
#include "common/status.h"

static void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("got %.12g, want %.12g", got, want);
}

enum { KEYS = 4, RATERS = 8, ITEMS = 3, COLUMNS = 12 };

typedef struct {
    px_level levels[KEYS];
    bool known[KEYS];
    px_bias raters[PX_SOURCE_COUNT][RATERS];
    px_bias sources[PX_SOURCE_COUNT];
    px_effect items[ITEMS];
} world;

typedef struct {
    double day;
    const char *kind;
    size_t key, id;
    px_evidence source;
    double value;
    char *columns[COLUMNS];
} golden_row;

static void world_init(world *w)
{
    static const double priors[ITEMS] = { .30, .22, .035 };

    memset(w, 0, sizeof *w);
    for (size_t s = 0; s < PX_SOURCE_COUNT; s++) {
        w->sources[s] = px_source_start((px_evidence)s);
        for (size_t r = 0; r < RATERS; r++)
            w->raters[s][r] = px_rater_start((px_evidence)s);
    }
    for (size_t i = 0; i < ITEMS; i++)
        w->items[i] =
            (px_effect){ priors[i], 2 * priors[i] * priors[i], .5 * priors[i] * priors[i] };
}

static px_evidence source_named(const char *name)
{
    static const char *const names[] = { "manager", "peer", "self", "report" };

    for (size_t i = 0; i < PX_COUNT(names); i++)
        if (!strcmp(name, names[i]))
            return (px_evidence)i;
    return PX_MANAGER;
}

static golden_row parse(char *line)
{
    golden_row row = { 0 };

    line[strcspn(line, "\r\n")] = '\0';
    for (size_t i = 0; i < COLUMNS; i++)
        row.columns[i] = line ? strsep(&line, "\t") : NULL;
    for (size_t i = 0; i < COLUMNS; i++)
        assert_non_null(row.columns[i]);
    row.day = strtod(row.columns[0], NULL);
    row.kind = row.columns[1];
    row.key = (size_t)(row.columns[2][0] - '0') * 2 + (size_t)(row.columns[2][2] - '0');
    row.id = (size_t)strtoul(row.columns[3], NULL, 10);
    row.source = source_named(row.columns[4]);
    row.value = strtod(row.columns[5], NULL);
    return row;
}

static void harvest(world *w, px_level *level, double day)
{
    px_effect effects[PX_PENDING_MAX];
    px_pending pending[PX_PENDING_MAX];
    uint32_t n = level->pending_count;

    memcpy(pending, level->pending, sizeof pending);
    for (uint32_t i = 0; i < n; i++)
        effects[i] = w->items[pending[i].item[0]];
    px_level_harvest(level, day, effects);
    for (uint32_t i = 0; i < n; i++)
        w->items[pending[i].item[0]] = effects[i];
}

static void rate(world *w, px_level *level, const golden_row *row)
{
    px_bias *rater = &w->raters[row->source][row->id];
    px_bias *source = &w->sources[row->source];
    px_rating rating = { .days = row->day,
                         .value = row->value,
                         .rater = { (uint8_t)row->id },
                         .source = row->source,
                         .rater_bias = *rater,
                         .source_bias = *source };
    px_heard heard = px_level_rate(level, &rating);

    *rater = heard.rater_bias;
    *source = heard.source_bias;
}

static void complete(world *w, px_level *level, const golden_row *row)
{
    px_completion completion = { .days = row->day, .item = { (uint8_t)row->id }, .z = row->value };

    if (px_level_must_harvest(level, &completion))
        harvest(w, level, row->day);
    completion.effect = w->items[row->id];
    px_level_complete(level, &completion);
}

static void apply(world *w, const golden_row *row)
{
    px_level *level = &w->levels[row->key];

    if (!w->known[row->key])
        px_level_init(level, row->day);
    w->known[row->key] = true;
    if (!strcmp(row->kind, "rating"))
        rate(w, level, row);
    else if (!strcmp(row->kind, "feedback"))
        px_level_tag(level, row->day, (int)row->value);
    else if (!strcmp(row->kind, "assessment"))
        px_level_assess(level, row->day, row->value);
    else if (!strcmp(row->kind, "complete"))
        complete(w, level, row);
    else if (!strcmp(row->kind, "followup"))
        harvest(w, level, row->day);
    else
        fail_msg("unknown kind %s", row->kind);
}

static void check(const world *w, const golden_row *row, size_t shown_item)
{
    px_estimate now = px_level_estimate(&w->levels[row->key], row->day);

    assert_near(now.mu, strtod(row->columns[6], NULL), 1e-8);
    assert_near(now.var, strtod(row->columns[7], NULL), 1e-8);
    if (!strcmp(row->kind, "rating")) {
        assert_near(w->raters[row->source][row->id].mean, strtod(row->columns[8], NULL), 1e-8);
        assert_near(w->raters[row->source][row->id].var, strtod(row->columns[9], NULL), 1e-8);
    }
    if (!strcmp(row->kind, "complete") || !strcmp(row->kind, "followup")) {
        assert_near(w->items[shown_item].mean, strtod(row->columns[10], NULL), 1e-8);
        assert_near(w->items[shown_item].var, strtod(row->columns[11], NULL), 1e-8);
    }
}

static uint64_t fnv(uint64_t hash, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

static uint64_t fnv_bias(uint64_t hash, px_bias bias)
{
    uint8_t bytes[16];
    px_record r = px_record_writer(bytes, sizeof bytes);

    px_record_bias(&r, &bias);
    return fnv(hash, bytes, sizeof bytes);
}

static uint64_t fnv_effect(uint64_t hash, px_effect effect)
{
    uint8_t bytes[24];
    px_record r = px_record_writer(bytes, sizeof bytes);

    px_record_effect(&r, &effect);
    return fnv(hash, bytes, sizeof bytes);
}

static uint64_t digest(const world *w)
{
    uint64_t hash = 0xcbf29ce484222325u;
    uint8_t bytes[PX_LEVEL_BYTES_MAX];

    for (size_t i = 0; i < KEYS; i++)
        hash = fnv(hash, bytes, px_level_encode(&w->levels[i], bytes));
    for (size_t s = 0; s < PX_SOURCE_COUNT; s++) {
        for (size_t r = 0; r < RATERS; r++)
            hash = fnv_bias(hash, w->raters[s][r]);
        hash = fnv_bias(hash, w->sources[s]);
    }
    for (size_t i = 0; i < ITEMS; i++)
        hash = fnv_effect(hash, w->items[i]);
    return hash;
}

static FILE *open_golden(void)
{
    const char *root = getenv("PRAXIS_SOURCE");
    char path[4096];

    snprintf(path, sizeof path, "%s/tests/common/golden_filter.tsv", root ? root : ".");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

/* The digest was printed by gcc -O0; any compiler and level that differs in one bit fails here. */
static void golden_rows__match_and_are_the_same_bytes_on_every_compiler(void **ctx)
{
    static world w;
    FILE *file = open_golden();
    char line[512];
    size_t rows = 0;

    (void)ctx;
    world_init(&w);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        golden_row row = parse(line);
        const px_level *level = &w.levels[row.key];
        size_t shown = level->pending_count ? level->pending[0].item[0] : row.id;

        apply(&w, &row);
        check(&w, &row, shown);
        rows++;
    }
    fclose(file);
    assert_int_equal(rows, 240);
    printf("digest %016llx\n", (unsigned long long)digest(&w));
    assert_int_equal(digest(&w), 0x2735115661973a1cu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_rows__match_and_are_the_same_bytes_on_every_compiler),
    };

    return cmocka_run_group_tests_name("method golden", tests, NULL, NULL);
}
