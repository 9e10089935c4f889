/* diag.h: structured logs to stderr, one record per line; never payloads, names or free text of
 * people. */
#ifndef PRAXIS_COMMON_DIAG_H
#define PRAXIS_COMMON_DIAG_H

#include <stdbool.h>
#include <stdint.h>

typedef enum { PX_LEVEL_ERROR, PX_LEVEL_WARNING, PX_LEVEL_INFO, PX_LEVEL_DEBUG } px_level;

/** One field of a record: a text or a number. Made by PX_TEXT and PX_NUMBER. */
typedef struct {
    const char *key;
    const char *text; /* NULL: a number */
    int64_t number;
} px_field;

#define PX_TEXT(key, value)                                                                        \
    {                                                                                              \
        (key), (value), 0                                                                          \
    }
#define PX_NUMBER(key, value)                                                                      \
    {                                                                                              \
        (key), NULL, (int64_t)(value)                                                              \
    }

/* px_info("attached", PX_TEXT("stream", name), PX_NUMBER("seq", seq)); fields are optional. */
#define px_log(level, message, ...)                                                                \
    px_diag_write((level), (message), (const px_field[]){ { 0 }, ##__VA_ARGS__ },                  \
                  sizeof((const px_field[]){ { 0 }, ##__VA_ARGS__ }) / sizeof(px_field))
#define px_error(message, ...)   px_log(PX_LEVEL_ERROR, message, ##__VA_ARGS__)
#define px_warning(message, ...) px_log(PX_LEVEL_WARNING, message, ##__VA_ARGS__)
#define px_info(message, ...)    px_log(PX_LEVEL_INFO, message, ##__VA_ARGS__)
#define px_debug(message, ...)   px_log(PX_LEVEL_DEBUG, message, ##__VA_ARGS__)

/** What every record carries, and from which level on records are written. Before the first call:
 * text, info. */
void px_diag_init(const char *service, const char *instance, px_level level, bool json);
/** Changes the level (SIGHUP). */
void px_diag_set_level(px_level level);
/** "warning" -> PX_LEVEL_WARNING. @return false when there is no such level. */
bool px_diag_level_from_name(const char *name, px_level *level);
/** Writes one record with one write(2), any thread. fields[0] is a placeholder (see px_log). */
void px_diag_write(px_level level, const char *message, const px_field *fields, unsigned count);

#endif
