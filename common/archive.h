/* archive.h: the log as plain files that are only ever appended to, enough to fold it without NATS.
 *
 * <directory>/<generation, 4 digits>/<first sequence, 16 digits>.seg. A segment is a head (the
 * digest the one before ended with) and records: size, sequence, server time, subject, bytes, and
 * BLAKE2b-256 over the digest of the record before and all of these. So every record proves itself,
 * its place, and everything before it in its generation. Headers are not kept: neither tags nor
 * chains nor any fold look at them. A new generation begins when the log is another one.
 */
#ifndef PRAXIS_COMMON_ARCHIVE_H
#define PRAXIS_COMMON_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/status.h"
#include "common/store.h" /* px_bytes */

enum { PX_ARCHIVE_DIGEST_SIZE = 32, PX_ARCHIVE_PROBLEM_SIZE = 256, PX_ARCHIVE_PATH_MAX = 1100 };

/** A message of the log. Subject and bytes live until the next call on the same reader. */
typedef struct {
    uint64_t seq; /* 0: none */
    int64_t time_ns;
    const char *subject;
    px_bytes data;
} px_archive_record;

/* ---- reading ---- */

typedef struct px_archive px_archive;

/**
 * Opens a generation for reading at `from_seq`; 0 is the newest one. PX_ENOTFOUND: there is none.
 * Nothing of the disk is read yet. `problem` (may be NULL) is told why it cannot be opened.
 */
px_status px_archive_open(px_archive **archive, const char *directory, unsigned generation,
                          uint64_t from_seq);
/** NULL is fine. */
void px_archive_close(px_archive *archive);
/**
 * The next message. PX_EEMPTY: the end. PX_ECORRUPT: see px_archive_problem(); the reader stays
 * before the damage.
 */
px_status px_archive_next(px_archive *archive, px_archive_record *record);
/** What is damaged and where; "" while nothing is. */
const char *px_archive_problem(const px_archive *archive);
/** True when only the end of the last segment is missing, as a killed writer leaves it. */
bool px_archive_torn(const px_archive *archive);
/** The digest of the last record read: of all of them, when read from the first. */
const uint8_t *px_archive_digest(const px_archive *archive);
/** First and last sequence of a generation (0: newest), by reading its last segment; both 0: empty.
 * A torn end does not count. */
px_status px_archive_range(const char *directory, unsigned generation, uint64_t *first,
                           uint64_t *last);
/** The newest generation; 0 when there is none. */
unsigned px_archive_generation(const char *directory);

/* ---- writing ---- */

typedef struct px_archive_writer px_archive_writer;

typedef struct {
    uint64_t segment_bytes; /* a segment is ended when it is longer; 0 = 256 MiB */
    bool new_generation;    /* begin another one, whatever is there */
} px_archive_options;

/** Where a writer goes on. */
typedef struct {
    unsigned generation;
    uint64_t seq; /* of the last record; 0: none */
    int64_t time_ns;
    uint8_t message[PX_ARCHIVE_DIGEST_SIZE]; /* BLAKE2b-256 of its bytes */
    uint64_t cut_bytes;                      /* of a torn end, taken away now */
} px_archive_end;

/**
 * Opens the newest generation for appending, or makes the first one, and takes a torn end away.
 * PX_EBUSY: another writer has it. PX_ECORRUPT: its last segment is damaged before its end: nothing
 * is changed, and `problem` says where.
 */
px_status px_archive_append_to(px_archive_writer **writer, const char *directory,
                               const px_archive_options *options, px_archive_end *end,
                               char problem[PX_ARCHIVE_PROBLEM_SIZE]);
/** Appends the record that follows. Only px_archive_sync() makes it durable. */
px_status px_archive_append(px_archive_writer *writer, const px_archive_record *record);
px_status px_archive_sync(px_archive_writer *writer);
/** Syncs. NULL is fine. */
px_status px_archive_writer_close(px_archive_writer *writer);

#endif
