/* state_framework.c: keys and bytes of frameworks and of the words of competencies. */
#include "services/competency/state_framework.h"

#include <string.h>

#include "services/competency/state_keys.h"

enum {
    FRAMEWORK_BYTES = sizeof(framework_record) + 16,
    WORDS_BYTES = sizeof(competency_words) + 2 * LEVELS_MAX + 16
};

static void put(px_txn *state, const px_keybuf *key, level_walk *walk, void *record, void *bytes,
                size_t size)
{
    px_record r = px_record_writer(bytes, size);

    walk(&r, record);
    px_put(state, PX_STATE, px_key_bytes(key), px_record_end(&r));
}

static void walk_framework(px_record *r, void *record)
{
    framework_record *f = record;

    px_record_text(r, f->title, sizeof f->title);
    px_record_text(r, f->version, sizeof f->version);
    px_record_text(r, f->publisher, sizeof f->publisher);
    px_record_text(r, f->source_url, sizeof f->source_url);
    px_record_text(r, f->attribution, sizeof f->attribution);
    px_record_text(r, f->description, sizeof f->description);
}

bool competency_state_get_framework(const px_view *state, const char *tenant,
                                    const char *framework_id, framework_record *out)
{
    px_keybuf key = level_keybuf(TABLE_FRAMEWORK, tenant, framework_id, NULL);

    memset(out, 0, sizeof *out);
    return level_get(state, &key, walk_framework, out);
}

void competency_state_put_framework(px_txn *state, const char *tenant, const char *framework_id,
                                    const framework_record *framework)
{
    px_keybuf key = level_keybuf(TABLE_FRAMEWORK, tenant, framework_id, NULL);
    unsigned char bytes[FRAMEWORK_BYTES];
    framework_record copy = *framework;

    put(state, &key, walk_framework, &copy, bytes, sizeof bytes);
}

static void walk_words(px_record *r, void *record)
{
    competency_words *w = record;

    px_record_text(r, w->description, sizeof w->description);
    px_record_u8(r, &w->level_count);
    PX_ASSERT(w->level_count <= LEVELS_MAX);
    for (size_t i = 0; i < w->level_count; i++)
        px_record_text(r, w->level_texts[i], sizeof w->level_texts[i]);
}

void competency_state_get_words(const px_view *state, const char *tenant, const char *competency_id,
                                competency_words *out)
{
    px_keybuf key = level_keybuf(TABLE_WORDS, tenant, competency_id, NULL);

    memset(out, 0, sizeof *out);
    level_get(state, &key, walk_words, out);
}

void competency_state_put_words(px_txn *state, const char *tenant, const char *competency_id,
                                const competency_words *words)
{
    px_keybuf key = level_keybuf(TABLE_WORDS, tenant, competency_id, NULL);
    unsigned char bytes[WORDS_BYTES];
    competency_words copy = *words;

    put(state, &key, walk_words, &copy, bytes, sizeof bytes);
}

bool competency_state_next(const px_view *state, const char *tenant, char competency_id[PX_ID_SIZE])
{
    px_keybuf prefix = level_keybuf(TABLE_COMPETENCY, tenant, NULL, NULL);

    return px_key_next(state, &prefix, competency_id, PX_ID_SIZE);
}
