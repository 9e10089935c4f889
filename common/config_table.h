/* config_table.h: the rows behind config.h, one per setting; only config.c includes it. */
#ifndef PRAXIS_COMMON_CONFIG_TABLE_H
#define PRAXIS_COMMON_CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/config.h"

typedef enum {
    PX_SETTING_TEXT,
    PX_SETTING_NUMBER,
    PX_SETTING_SIZE, /* a number that takes k, M or G */
    PX_SETTING_CHOICE,
    PX_SETTING_SWITCH /* true at the second of its two choices */
} px_setting_kind;

typedef struct {
    const char *group; /* heading in --help, on the first row of the group */
    const char *name;  /* as flag and in the file; the variable is PRAXIS_ and this in capitals */
    px_setting_kind kind;
    size_t offset;       /* of the member in px_config */
    const char *value;   /* default; NULL: worked out at run time, or required */
    uint64_t min, max;   /* of a NUMBER or SIZE */
    const char *choices; /* a|b|c; NULL for free values */
    const char *shown;   /* placeholder of the value in --help */
    const char *help;
} px_setting;

enum { PX_SETTINGS = 24, PX_SETTING_NAME_MAX = 64, PX_SETTING_ALLOWED_MAX = 220 };

extern const px_setting px_settings[PX_SETTINGS];

/** Index of the setting with this name; -1 when there is none. */
int px_setting_find(const char *name, size_t size);
/** "nats-url" -> "PRAXIS_NATS_URL". */
void px_setting_variable(const char *name, char variable[PX_SETTING_NAME_MAX]);
/** Puts a value into its member of the configuration. @return false when it is not allowed */
bool px_setting_store(const px_setting *setting, const char *value, px_config *config);
/** "must be ...": what px_setting_store() takes. Returns `what`. */
const char *px_setting_allowed(const px_setting *setting, char what[PX_SETTING_ALLOWED_MAX]);

#endif
