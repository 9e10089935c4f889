/* archive_impl.h: the bytes of a segment; what archive.c and archive_writer.c share. */
#ifndef PRAXIS_COMMON_ARCHIVE_IMPL_H
#define PRAXIS_COMMON_ARCHIVE_IMPL_H

#include "common/archive.h"

enum {
    PX_SEGMENT_HEAD = 8 + 8 + PX_ARCHIVE_DIGEST_SIZE, /* magic, first sequence, digest before */
    PX_RECORD_HEAD = 4 + 8 + 8 + 2, /* size of it all, sequence, time, subject's */
    PX_RECORD_MAX = 16 << 20,
    PX_SUBJECT_SIZE_MAX = 512
};

extern const char px_segment_magic[8];

const char *px_archive_generation_path(const char *directory, unsigned generation,
                                       char path[PX_ARCHIVE_PATH_MAX]);
const char *px_archive_segment_path(const char *directory, unsigned generation, uint64_t first_seq,
                                    char path[PX_ARCHIVE_PATH_MAX]);
/** The segments of a generation in order, by their first sequence; free() them. */
px_status px_archive_segments(const char *directory, unsigned generation, uint64_t **firsts,
                              size_t *count);
/** digest := BLAKE2b-256(digest, bytes) */
void px_archive_chain(uint8_t digest[PX_ARCHIVE_DIGEST_SIZE], px_bytes bytes);
/** Where the reader is in its segment: behind the last good record. */
uint64_t px_archive_offset(const px_archive *archive);

#endif
