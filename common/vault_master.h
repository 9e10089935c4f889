/* vault_master.h: the file that holds the master key. */
#ifndef PRAXIS_COMMON_VAULT_MASTER_H
#define PRAXIS_COMMON_VAULT_MASTER_H

#include <stdint.h>

#include "common/status.h"

enum { PX_MASTER_KEY_SIZE = 32 };

/**
 * Reads a master key. PX_ENOTFOUND: no such file. PX_EINVALID: not a file of exactly 32 bytes that
 * only its owner may read (mode 0600 or 0400). PX_EIO otherwise. The log says why.
 */
px_status px_vault_master_read(const char *path, uint8_t key[PX_MASTER_KEY_SIZE]);

#endif
