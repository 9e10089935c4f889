/* level_record.c: one walk over a level's fields serves both directions, so they cannot disagree.
 */
#include "common/level_record.h"

#include <string.h>

static void slot(px_record *r, px_level_slot *s)
{
    uint8_t source = (uint8_t)s->source;

    px_record_bytes(r, s->rater, sizeof s->rater);
    px_record_u8(r, &source);
    px_record_i32(r, &s->last_day);
    s->source = (px_evidence)source;
}

static void matrix(px_record *r, px_level *level)
{
    uint32_t n = PX_SLOT0 + level->slot_count;

    for (uint32_t i = 0; i < n; i++)
        px_record_f64(r, &level->mean[i]);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = i; j < n; j++) {
            px_record_f64(r, &level->cov[i][j]);
            level->cov[j][i] = level->cov[i][j];
        }
}

static void pending(px_record *r, px_level *level)
{
    px_record_f64(r, &level->pending_days);
    px_record_f64(r, &level->effect_mean0);
    px_record_f64(r, &level->effect_var0);
    px_record_u32(r, &level->pending_seen);
    for (uint32_t i = 0; i < level->pending_count; i++) {
        px_record_bytes(r, level->pending[i].item, PX_METHOD_ID);
        px_record_f64(r, &level->pending[i].z);
    }
}

static void body(px_record *r, px_level *level)
{
    px_record_f64(r, &level->days);
    for (uint32_t i = 0; i < PX_EVIDENCE_COUNT; i++)
        px_record_u32(r, &level->counts[i]);
    matrix(r, level);
    for (uint32_t i = 0; i < level->slot_count; i++)
        slot(r, &level->slots[i]);
    if (level->pending_count > 0)
        pending(r, level);
}

static size_t level_size(uint32_t slots, uint32_t pendings)
{
    size_t n = PX_SLOT0 + slots;

    return 2 + 8 + 4 * PX_EVIDENCE_COUNT + 8 * n + 4 * n * (n + 1) + 21 * slots +
           (pendings ? 28 + 24 * pendings : 0);
}

size_t px_level_encode(const px_level *level, uint8_t out[PX_LEVEL_BYTES_MAX])
{
    px_level copy = *level;
    uint8_t slots = (uint8_t)level->slot_count, pendings = (uint8_t)level->pending_count;
    px_record r = px_record_writer(out, PX_LEVEL_BYTES_MAX);

    PX_ASSERT(level->slot_count <= PX_RATER_SLOTS && level->pending_count <= PX_PENDING_MAX);
    px_record_u8(&r, &slots);
    px_record_u8(&r, &pendings);
    body(&r, &copy);
    return r.at;
}

bool px_level_decode(px_level *level, const uint8_t *bytes, size_t size)
{
    px_record r = px_record_reader((px_bytes){ bytes, size });

    memset(level, 0, sizeof *level);
    if (size < 2 || bytes[0] > PX_RATER_SLOTS || bytes[1] > PX_PENDING_MAX ||
        size != level_size(bytes[0], bytes[1]))
        return false;
    level->slot_count = bytes[0];
    level->pending_count = bytes[1];
    r.at = 2;
    body(&r, level);
    for (uint32_t i = 0; i < level->slot_count; i++)
        if ((unsigned)level->slots[i].source >= PX_SOURCE_COUNT)
            return false;
    return true;
}

void px_record_bias(px_record *r, px_bias *bias)
{
    px_record_f64(r, &bias->mean);
    px_record_f64(r, &bias->var);
}

void px_record_effect(px_record *r, px_effect *effect)
{
    px_record_f64(r, &effect->mean);
    px_record_f64(r, &effect->var);
    px_record_f64(r, &effect->spread);
}
