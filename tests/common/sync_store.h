/* sync_store.h: makes a nats-server's store wait for the disk (chattr +S): version 2.9 has no
 * setting for it. */
#ifndef PRAXIS_TESTS_COMMON_SYNC_STORE_H
#define PRAXIS_TESTS_COMMON_SYNC_STORE_H

#include <stdbool.h>

/** Of which streams what is stored is on the disk before it is acknowledged. */
typedef enum {
    FIXTURE_SYNC_NONE,
    FIXTURE_SYNC_TRUTH, /* log, inboxes and keys: what the feed loses is sent again from the log */
    FIXTURE_SYNC_ALL
} fixture_sync;

/** From now on; what is there already is put on the disk first. Files and folders that the server
 * makes later inherit it. The streams must be there. @return false when this file system cannot */
bool fixture_sync_store(const char *store, fixture_sync sync);

#endif
