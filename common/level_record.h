/* level_record.h: levels, biases and effects as bytes, 8 IEEE bytes a double, little endian. */
#ifndef PRAXIS_COMMON_LEVEL_RECORD_H
#define PRAXIS_COMMON_LEVEL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/effect.h"
#include "common/method.h"
#include "common/record.h"

/*
 * A level: slot count s and pending count p (1 byte each), days, seven counts of 4 bytes, means and
 * upper half of the covariance row by row over 2 + s dimensions, s times (rater 16, source 1, last
 * day 4), and if p > 0: pending days, effect mean, effect variance, observations (4), p times (item
 * 16, z 8). The first two bytes fix the size: 78 without raters, 192 with two, 338 with four, 510
 * at most. Equal levels give equal bytes.
 */
enum { PX_LEVEL_BYTES_MAX = 510 };

/** Writes a level. @return bytes used */
size_t px_level_encode(const px_level *level, uint8_t out[PX_LEVEL_BYTES_MAX]);
/** Reads a level back, bit for bit. @return false when the bytes are not a level. */
bool px_level_decode(px_level *level, const uint8_t *bytes, size_t size);

void px_record_bias(px_record *r, px_bias *bias);
void px_record_effect(px_record *r, px_effect *effect);

#endif
