/* whatif_settings.h: the words of `praxis whatif` as settings of the rule. */
#ifndef PRAXIS_SERVICES_PRAXIS_WHATIF_SETTINGS_H
#define PRAXIS_SERVICES_PRAXIS_WHATIF_SETTINGS_H

#include "services/learning-recommender/settings.h"
#include "services/praxis/options.h"

/** As typed; NULL and none where a setting stays as it is. */
typedef struct {
    const char *hours;
    const char *least;
    px_texts weights; /* COMPETENCY=FACTOR */
    px_texts targets; /* ROLE:COMPETENCY=LEVEL */
} px_whatif_words;

/** Owns what `settings` points to. */
typedef struct {
    plan_settings settings;
    plan_weight weights[PX_TEXTS_MAX];
    plan_target targets[PX_TEXTS_MAX];
} px_whatif_settings;

/** False, and said in one line on stderr: nothing is to be different, or a word cannot be read. */
bool px_whatif_settings_read(px_whatif_settings *out, const px_whatif_words *words);

#endif
