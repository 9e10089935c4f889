#include "common/metrics.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/process.h"
#include "common/status.h"

#ifndef PRAXIS_VERSION
#error "the build names the version: -DPRAXIS_VERSION"
#endif

/** Upper bounds of praxis_round_seconds, in the unit rounds are counted in. */
static const struct {
    uint64_t ns;
    const char *label;
} buckets[] = {
    { 500000, "0.0005" },  { 1000000, "0.001" },  { 2500000, "0.0025" }, { 5000000, "0.005" },
    { 10000000, "0.01" },  { 25000000, "0.025" }, { 50000000, "0.05" },  { 100000000, "0.1" },
    { 250000000, "0.25" }, { 500000000, "0.5" },  { 1000000000, "1" },
};

enum { BUCKETS = sizeof buckets / sizeof buckets[0] };

static _Atomic uint64_t values[PX_METRIC_COUNT];
static _Atomic uint64_t rejections[PX_REASON_COUNT];
static _Atomic uint64_t rounds[BUCKETS + 1]; /* each value in one bucket only; the last is above */
static _Atomic uint64_t rounds_ns;

static uint64_t load(_Atomic uint64_t *value)
{
    return atomic_load_explicit(value, memory_order_relaxed);
}

static void add(_Atomic uint64_t *value, uint64_t n)
{
    atomic_fetch_add_explicit(value, n, memory_order_relaxed);
}

void px_metric_add(px_metric metric, uint64_t n)
{
    PX_ASSERT(metric < PX_METRIC_COUNT);
    add(&values[metric], n);
}

void px_metric_set(px_metric metric, uint64_t value)
{
    PX_ASSERT(metric < PX_METRIC_COUNT);
    atomic_store_explicit(&values[metric], value, memory_order_relaxed);
}

uint64_t px_metric_get(px_metric metric)
{
    PX_ASSERT(metric < PX_METRIC_COUNT);
    return load(&values[metric]);
}

void px_metric_rejected(px_reason reason)
{
    PX_ASSERT(reason < PX_REASON_COUNT);
    add(&rejections[reason], 1);
}

void px_metric_round(double seconds)
{
    /* A clock that jumped must not spoil the sum for ever. */
    uint64_t ns = seconds > 0 && seconds < 1e6 ? (uint64_t)(seconds * 1e9) : 0;
    size_t i = 0;

    while (i < BUCKETS && ns > buckets[i].ns)
        i++;
    add(&rounds[i], 1);
    add(&rounds_ns, ns);
}

static void write_head(FILE *out, const char *name, const char *kind, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static void write_plain(FILE *out)
{
    static const struct {
        const char *kind, *name, *help;
    } rows[] = {
#define PX_METRIC_ROW(id, kind, name, help) { #kind, name, help },
        PX_METRICS(PX_METRIC_ROW)
#undef PX_METRIC_ROW
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        write_head(out, rows[i].name, rows[i].kind, rows[i].help);
        fprintf(out, "%s %llu\n", rows[i].name, (unsigned long long)load(&values[i]));
    }
}

static void write_rejections(FILE *out)
{
    static const char name[] = "praxis_rejections_total";

    write_head(out, name, "counter", "Submissions and queries refused, by reason");
    for (int i = PX_REASON_NONE + 1; i < PX_REASON_COUNT; i++) {
        uint64_t n = load(&rejections[i]);
        if (n > 0) /* some sixty series, most of them never used */
            fprintf(out, "%s{code=\"%s\"} %llu\n", name, px_reason_code((px_reason)i),
                    (unsigned long long)n);
    }
}

static void write_rounds(FILE *out)
{
    static const char name[] = "praxis_round_seconds";
    uint64_t ns = load(&rounds_ns);
    unsigned long long sum = 0;

    write_head(out, name, "histogram", "Time to decide one round");
    for (size_t i = 0; i < BUCKETS; i++) {
        sum += load(&rounds[i]);
        fprintf(out, "%s_bucket{le=\"%s\"} %llu\n", name, buckets[i].label, sum);
    }
    sum += load(&rounds[BUCKETS]);
    fprintf(out, "%s_bucket{le=\"+Inf\"} %llu\n", name, sum);
    fprintf(out, "%s_sum %llu.%09llu\n", name, (unsigned long long)(ns / 1000000000),
            (unsigned long long)(ns % 1000000000));
    fprintf(out, "%s_count %llu\n", name, sum);
}

static void write_build(FILE *out, const char *service)
{
    write_head(out, "praxis_build_info", "gauge", "Always 1; its labels say what is running");
    fprintf(out, "praxis_build_info{service=\"%s\",version=\"%s\"} 1\n", service, PRAXIS_VERSION);
}

static void write_process(FILE *out)
{
    px_process p = px_process_read();
    const struct {
        const char *name, *kind, *help;
        double value;
    } rows[] = {
        { "process_cpu_seconds_total", "counter", "User and system CPU time spent", p.cpu_seconds },
        { "process_start_time_seconds", "gauge", "Start time since the Unix epoch",
          p.start_seconds },
        { "process_resident_memory_bytes", "gauge", "Resident memory", p.resident_bytes },
        { "process_resident_anonymous_bytes", "gauge", "Resident memory without mapped files",
          p.anonymous_bytes },
        { "process_virtual_memory_bytes", "gauge", "Virtual memory", p.virtual_bytes },
        { "process_open_fds", "gauge", "Open file descriptors", p.open_files },
        { "process_max_fds", "gauge", "Most open file descriptors allowed", p.max_files },
        { "process_threads", "gauge", "Threads", p.threads },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        write_head(out, rows[i].name, rows[i].kind, rows[i].help);
        fprintf(out, "%s %.17g\n", rows[i].name, rows[i].value);
    }
}

char *px_metrics_text(const char *service, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);

    if (!out)
        return NULL;
    write_build(out, service);
    write_plain(out);
    write_rejections(out);
    write_rounds(out);
    write_process(out);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
