/* mark.h: may files written without fsync be believed? A note beside them says how the last use
 * ended. */
#ifndef PRAXIS_COMMON_MARK_H
#define PRAXIS_COMMON_MARK_H

#include <stdbool.h>

#include "common/status.h"

/**
 * The note is the file `mark` in the directory: "clean", "open <boot id>" or "distrusted". It is
 * kept outside LMDB because it must be read before LMDB looks at pages that a power cut may have
 * mixed up. Embedded by the caller; the fields are private.
 */
typedef struct {
    int directory;   /* borrowed descriptor of the directory */
    char opened[64]; /* the note of a running process of this boot */
    bool boot_known; /* false: no note of a running process is ever believed */
} px_mark;

/**
 * @param directory     open descriptor, must outlive the mark
 * @param boot_id_file  first line = id of this boot; NULL = the kernel's own. Unreadable: unknown.
 */
void px_mark_init(px_mark *mark, int directory, const char *boot_id_file);
/**
 * True when the files are as their writer left them: closed cleanly, or never noted (somebody put
 * them there: a restored snapshot), or left by a process that died in this boot (the kernel still
 * had all its writes). Anything else, a damaged note included, is false.
 */
bool px_mark_trusted(const px_mark *mark);
/** Each replaces the note and returns when it is on the disk: PX_OK or PX_EIO. */
px_status px_mark_opened(const px_mark *mark);
px_status px_mark_clean(const px_mark *mark);
px_status px_mark_distrusted(const px_mark *mark);

#endif
