/* backup_part.h: one directory of a backup: copies of streams, and a manifest with the digest of
 * each.
 *
 * A backup has two parts that are kept for different times: "log" (log, feed, reports) and "keys"
 * (keys of people, inboxes), which must not outlive an erasure for long.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_BACKUP_PART_H
#define PRAXIS_SERVICES_PRAXIS_BACKUP_PART_H

#include "services/praxis/layout.h"
#include "services/praxis/stream_copy.h"

enum { PX_BACKUP_STREAMS_MAX = 8 };

/** A log message, told from every other by its tag. All zero: none. */
typedef struct {
    uint64_t seq;
    int64_t time_ns;
    uint64_t tag;
} px_backup_mark;

typedef struct {
    char name[64];
    px_stream_copy copy;
} px_backup_stream;

typedef struct {
    const char *kind;     /* "log" or "keys" */
    int64_t made_s;       /* when it was begun, seconds since 1970 */
    int64_t delete_by_s;  /* keys: what was promised; 0 in a log part */
    px_backup_mark first; /* the first log message: which installation this is */
    px_backup_mark last;  /* the last one when the copy of the log was begun */
    char *tenants;        /* owned; the file `tenants` of praxis run; "" without one */
    px_backup_stream streams[PX_BACKUP_STREAMS_MAX];
    size_t count;
} px_backup_part;

void px_backup_part_fini(px_backup_part *part);

/** The directory holds one, or what is left of it. */
bool px_backup_is(const char *dir);

/** Path of a stream's copy in a part's directory. Returns `path`. */
const char *px_backup_path(const char *dir, const char *stream, char path[PX_PATH_MAX]);
/** Writes the manifest, synced. What does not work is said on stderr. */
px_status px_backup_write(const char *dir, const px_backup_part *part);
/**
 * Reads a manifest. PX_ENOTFOUND: there is none; PX_ECORRUPT: it is not as it was written;
 * PX_EINVALID: of another kind or version. What is wrong is said in one line on stderr.
 */
px_status px_backup_read(const char *dir, const char *kind, px_backup_part *part);
/**
 * Compares size and digest of every file with the manifest. PX_ECORRUPT with one line on stderr for
 * the first that differs. `shown` (may be NULL) is told the bytes so far.
 */
px_status px_backup_check(const char *dir, const px_backup_part *part,
                          void (*shown)(void *context, uint64_t bytes), void *context);

#endif
