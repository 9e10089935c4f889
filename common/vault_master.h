/* vault_master.h: the file that holds the master keys: usually one; while it is changed, the new
 * one and then the old.
 */
#ifndef PRAXIS_COMMON_VAULT_MASTER_H
#define PRAXIS_COMMON_VAULT_MASTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "common/status.h"

enum { PX_MASTER_KEY_SIZE = 32, PX_MASTERS_MAX = 4 };

/** The first one seals, every one opens. One user at a time. */
typedef struct {
    char *path;
    uint8_t *keys; /* `count` of them, in locked memory */
    size_t count;
    struct stat file; /* it was read from */
} px_masters;

/**
 * Reads the master keys. PX_ENOTFOUND: no such file. PX_EINVALID: not a file of one to four keys of
 * 32 bytes that only its owner may read (mode 0600 or 0400). PX_EIO, PX_ENOMEM. The log says why.
 * After a failure nothing is held.
 */
px_status px_masters_read(px_masters *masters, const char *path);
/** Wipes them. Safe on an all-zero one. */
void px_masters_fini(px_masters *masters);
/**
 * Reads them again when the file is another one by now; a file that cannot be read changes nothing.
 * @return true when they were read again
 */
bool px_masters_refresh(px_masters *masters);
const uint8_t *px_masters_key(const px_masters *masters, size_t index);

/** Puts a new master before those in the file, synced; the old file or the new one is there. */
px_status px_masters_add_new(px_masters *masters);
/** Leaves only the first one in the file, likewise. */
px_status px_masters_drop_old(px_masters *masters);

#endif
