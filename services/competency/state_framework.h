/* state_framework.h: frameworks, and the long words of competencies, which nothing is worked out
 * from. */
#ifndef PRAXIS_COMPETENCY_STATE_FRAMEWORK_H
#define PRAXIS_COMPETENCY_STATE_FRAMEWORK_H

#include "services/competency/state.h"

enum {
    DESCRIPTION_SIZE = 4 * 2000 + 1, /* characters of UTF-8 */
    LEVEL_TEXT_SIZE = 4 * 1000 + 1,
    SOURCE_URL_SIZE = 4 * 1000 + 1,
    ATTRIBUTION_SIZE = 4 * 1000 + 1
};

typedef struct {
    char title[TITLE_SIZE];
    char version[VERSION_SIZE];
    char publisher[TITLE_SIZE];
    char source_url[SOURCE_URL_SIZE];
    char attribution[ATTRIBUTION_SIZE];
    char description[DESCRIPTION_SIZE];
} framework_record;

typedef struct {
    char description[DESCRIPTION_SIZE];
    uint8_t level_count;
    char level_texts[LEVELS_MAX][LEVEL_TEXT_SIZE];
} competency_words;

/** All empty when it is not known. */
bool competency_state_get_framework(const px_view *state, const char *tenant,
                                    const char *framework_id, framework_record *out);
void competency_state_put_framework(px_txn *state, const char *tenant, const char *framework_id,
                                    const framework_record *framework);
void competency_state_get_words(const px_view *state, const char *tenant, const char *competency_id,
                                competency_words *out);
void competency_state_put_words(px_txn *state, const char *tenant, const char *competency_id,
                                const competency_words *words);
/** The next competency after `competency_id` ("" to begin), ended ones among them. */
bool competency_state_next(const px_view *state, const char *tenant,
                           char competency_id[PX_ID_SIZE]);

#endif
