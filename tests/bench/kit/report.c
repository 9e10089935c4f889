#include "tests/bench/kit/report.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/status.h"
#include "tests/bench/kit/world.h"

static json_t *rows;

/* ---- settings ---- */

static size_t number(const char *name, const char *text)
{
    char *end;

    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end || errno != 0 || value > 10000000)
        bench_fail("%s wants a number from 0 to 10000000, not %s", name, text);
    return (size_t)value;
}

static void read_environment(const bench_setting *setting)
{
    char variable[64];
    int size = snprintf(variable, sizeof variable, "PRAXIS_BENCH_%s", setting->name);

    for (int i = 0; i < size; i++)
        variable[i] = variable[i] == '-' ? '_' : (char)toupper((unsigned char)variable[i]);
    const char *value = getenv(variable);
    if (value)
        *setting->value = number(variable, value);
}

_Noreturn static void usage(const char *program, const bench_setting *settings)
{
    printf("%s [--short]", program);
    for (const bench_setting *s = settings; s->name; s++)
        printf(" [--%s N]", s->name);
    printf("\n  --short  seconds, few people: only to see that it works\n");
    for (const bench_setting *s = settings; s->name; s++)
        printf("  --%s N  %s (%zu)\n", s->name, s->help, *s->value);
    exit(0);
}

static void read_flag(const bench_setting *settings, const char *flag, const char *value)
{
    for (const bench_setting *s = settings; s->name; s++)
        if (strncmp(flag, "--", 2) == 0 && strcmp(flag + 2, s->name) == 0 && value) {
            *s->value = number(flag, value);
            return;
        }
    bench_fail("%s is not understood; see --help", flag);
}

void bench_settings_read(int argc, char **argv, const bench_setting *settings)
{
    bool brief = argc > 1 && strcmp(argv[1], "--short") == 0;

    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        usage(argv[0], settings);
    for (const bench_setting *s = settings; s->name; s++) {
        if (brief)
            *s->value = s->short_one;
        read_environment(s);
    }
    for (int i = brief ? 2 : 1; i < argc; i += 2)
        read_flag(settings, argv[i], argv[i + 1]);
}

/* ---- rows ---- */

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return a < b ? -1 : a > b;
}

double bench_median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, ascending);
    return values[count / 2];
}

static bool is_met(const bench_row *row)
{
    double reached = row->to ? row->ratio : row->value;

    return row->aim == BENCH_AT_LEAST ? reached >= row->target : reached <= row->target;
}

static void print(const bench_row *row)
{
    char target[32] = "";

    if (!rows)
        printf("%-52s %12s %-10s %7s %-14s %6s  %s\n", "", "value", "unit", "ratio", "to", "others",
               "target");
    printf("%-52s %12.2f %-10s ", row->name, row->value, row->unit);
    if (row->to)
        printf("%7.3f %-14s ", row->ratio, row->to);
    else
        printf("%7s %-14s ", "", "");
    if (row->aim != BENCH_NO_TARGET)
        snprintf(target, sizeof target, "  %s %g %s",
                 row->aim == BENCH_AT_LEAST ? ">=" : "<=", row->target,
                 is_met(row) ? "met" : "MISSED");
    printf("%6.2f%s\n", row->others_cores, target);
    fflush(stdout);
}

void bench_report_row(const bench_row *row)
{
    json_t *object = json_pack("{s:s, s:f, s:s, s:f}", "name", row->name, "value", row->value,
                               "unit", row->unit, "others_cores", row->others_cores);

    print(row);
    if (!rows)
        rows = json_array();
    PX_ASSERT(object != NULL);
    if (row->to) {
        json_object_set_new(object, "ratio", json_real(row->ratio));
        json_object_set_new(object, "to", json_string(row->to));
    }
    if (row->aim != BENCH_NO_TARGET) {
        json_object_set_new(object, row->aim == BENCH_AT_LEAST ? "at_least" : "at_most",
                            json_real(row->target));
        json_object_set_new(object, "met", json_boolean(is_met(row)));
    }
    json_array_append_new(rows, object);
}

void bench_report_end(const char *benchmark)
{
    const char *path = getenv("PRAXIS_BENCH_OUT");
    json_t *object = json_pack("{s:s, s:o}", "benchmark", benchmark, "rows", rows);

    PX_ASSERT(object != NULL);
    rows = NULL;
    if (path && json_dump_file(object, path, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) != 0)
        bench_fail("%s cannot be written", path);
    json_decref(object);
}
