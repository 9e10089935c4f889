/* level_record.c: one walk over a level's fields serves both directions, so they cannot disagree.
 */
#include "common/level_record.h"

#include <string.h>

#include "common/status.h"

typedef struct {
    bool reading;
    uint8_t *out;      /* when writing */
    const uint8_t *in; /* when reading */
    size_t at;
} record;

static void number(record *r, uint64_t *value, size_t size)
{
    uint64_t in = 0;

    for (size_t i = 0; i < size; i++) {
        if (r->reading)
            in |= (uint64_t)r->in[r->at + i] << (8 * i);
        else
            r->out[r->at + i] = (uint8_t)(*value >> (8 * i));
    }
    r->at += size;
    if (r->reading)
        *value = in;
}

static void real(record *r, double *value)
{
    uint64_t bits;

    memcpy(&bits, value, sizeof bits);
    number(r, &bits, sizeof bits);
    memcpy(value, &bits, sizeof bits);
}

static void count(record *r, uint32_t *value, size_t size)
{
    uint64_t wide = *value;

    number(r, &wide, size);
    *value = (uint32_t)wide;
}

static void id(record *r, uint8_t bytes[PX_METHOD_ID])
{
    if (r->reading)
        memcpy(bytes, r->in + r->at, PX_METHOD_ID);
    else
        memcpy(r->out + r->at, bytes, PX_METHOD_ID);
    r->at += PX_METHOD_ID;
}

static void slot(record *r, px_level_slot *s)
{
    uint32_t source = (uint32_t)s->source;
    uint32_t day = (uint32_t)s->last_day;

    id(r, s->rater);
    count(r, &source, 1);
    count(r, &day, 4);
    s->source = (px_evidence)source;
    s->last_day = (int32_t)day;
}

static void matrix(record *r, px_level *level)
{
    uint32_t n = PX_SLOT0 + level->slot_count;

    for (uint32_t i = 0; i < n; i++)
        real(r, &level->mean[i]);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = i; j < n; j++) {
            real(r, &level->cov[i][j]);
            level->cov[j][i] = level->cov[i][j];
        }
}

static void pending(record *r, px_level *level)
{
    real(r, &level->pending_days);
    real(r, &level->effect_mean0);
    real(r, &level->effect_var0);
    count(r, &level->pending_seen, 4);
    for (uint32_t i = 0; i < level->pending_count; i++) {
        id(r, level->pending[i].item);
        real(r, &level->pending[i].z);
    }
}

static void body(record *r, px_level *level)
{
    real(r, &level->days);
    for (uint32_t i = 0; i < PX_EVIDENCE_COUNT; i++)
        count(r, &level->counts[i], 4);
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
    record r = { .out = out };

    PX_ASSERT(level->slot_count <= PX_RATER_SLOTS && level->pending_count <= PX_PENDING_MAX);
    count(&r, &copy.slot_count, 1);
    count(&r, &copy.pending_count, 1);
    body(&r, &copy);
    return r.at;
}

bool px_level_decode(px_level *level, const uint8_t *bytes, size_t size)
{
    record r = { .reading = true, .in = bytes };

    memset(level, 0, sizeof *level);
    if (size < 2 || bytes[0] > PX_RATER_SLOTS || bytes[1] > PX_PENDING_MAX ||
        size != level_size(bytes[0], bytes[1]))
        return false;
    count(&r, &level->slot_count, 1);
    count(&r, &level->pending_count, 1);
    body(&r, level);
    for (uint32_t i = 0; i < level->slot_count; i++)
        if ((unsigned)level->slots[i].source >= PX_SOURCE_COUNT)
            return false;
    return true;
}

static void bias_fields(record *r, px_bias *bias)
{
    real(r, &bias->mean);
    real(r, &bias->var);
}

void px_bias_encode(const px_bias *bias, uint8_t out[PX_BIAS_BYTES])
{
    px_bias copy = *bias;

    bias_fields(&(record){ .out = out }, &copy);
}

bool px_bias_decode(px_bias *bias, const uint8_t *bytes, size_t size)
{
    if (size != PX_BIAS_BYTES)
        return false;
    bias_fields(&(record){ .reading = true, .in = bytes }, bias);
    return true;
}

static void effect_fields(record *r, px_effect *effect)
{
    real(r, &effect->mean);
    real(r, &effect->var);
    real(r, &effect->spread);
}

void px_effect_encode(const px_effect *effect, uint8_t out[PX_EFFECT_BYTES])
{
    px_effect copy = *effect;

    effect_fields(&(record){ .out = out }, &copy);
}

bool px_effect_decode(px_effect *effect, const uint8_t *bytes, size_t size)
{
    if (size != PX_EFFECT_BYTES)
        return false;
    effect_fields(&(record){ .reading = true, .in = bytes }, effect);
    return true;
}
