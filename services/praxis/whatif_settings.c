#include "services/praxis/whatif_settings.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double HOURS_MAX = 10000.0;
static const double LEAST_MAX = 1000.0;
static const double FACTOR_MAX = 1000.0;
static const double LEVEL_MAX = 5.0;

static bool wrong(const char *flag, const char *word, const char *wanted)
{
    fprintf(stderr, "praxis whatif: --%s %s: %s (--help says more)\n", flag, word, wanted);
    return false;
}

/* A plain decimal: no sign, no hexadecimal, nothing endless. */
static bool read_figure(const char *word, double max, double *out)
{
    char *end;

    if (!isdigit((unsigned char)*word) || strpbrk(word, "xX"))
        return false;
    *out = strtod(word, &end);
    return *end == '\0' && isfinite(*out) && *out <= max;
}

/* An id of `size` bytes, which need not be ended. */
static bool read_id(const char *word, size_t size, char id[PX_ID_SIZE])
{
    if (size == 0 || size >= PX_ID_SIZE)
        return false;
    memcpy(id, word, size);
    id[size] = '\0';
    return true;
}

static bool read_weight(const char *word, plan_weight *out)
{
    const char *sign = strchr(word, '=');

    return sign && read_id(word, (size_t)(sign - word), out->competency_id) &&
           read_figure(sign + 1, FACTOR_MAX, &out->factor);
}

static bool read_target(const char *word, plan_target *out)
{
    const char *colon = strchr(word, ':');
    const char *sign = strchr(word, '=');

    return colon && sign && colon < sign && read_id(word, (size_t)(colon - word), out->role_id) &&
           read_id(colon + 1, (size_t)(sign - colon - 1), out->competency_id) &&
           read_figure(sign + 1, LEVEL_MAX, &out->level);
}

bool px_whatif_settings_read(px_whatif_settings *out, const px_whatif_words *words)
{
    plan_settings *s = &out->settings;

    *s = plan_settings_usual;
    s->weights = out->weights;
    s->targets = out->targets;
    if (!words->hours && !words->least && words->weights.count + words->targets.count == 0) {
        fputs("praxis whatif: say what is to be different (--help says more)\n", stderr);
        return false;
    }
    if (words->hours && !read_figure(words->hours, HOURS_MAX, &s->hours))
        return wrong("hours", words->hours, "wants hours, such as 8 or 12.5");
    if (words->least && !read_figure(words->least, LEAST_MAX, &s->least))
        return wrong("least", words->least, "wants a value per hour, such as 0.02");
    for (; s->weight_count < words->weights.count; s->weight_count++)
        if (!read_weight(words->weights.items[s->weight_count], &out->weights[s->weight_count]))
            return wrong("weight", words->weights.items[s->weight_count],
                         "wants COMPETENCY=FACTOR, such as speaking=2");
    for (; s->target_count < words->targets.count; s->target_count++)
        if (!read_target(words->targets.items[s->target_count], &out->targets[s->target_count]))
            return wrong("target", words->targets.items[s->target_count],
                         "wants ROLE:COMPETENCY=LEVEL, such as clerk:accuracy=4");
    return true;
}
