/* store_copy.h: whole copies of a store: made beside the writer, looked at, put in its place. */
#ifndef PRAXIS_COMMON_STORE_COPY_H
#define PRAXIS_COMMON_STORE_COPY_H

#include "common/store.h"

/** Closes without a sync or a note: one to be moved or thrown away, or opened as a copy. */
void px_store_drop(px_store *store);
/**
 * Writes a compact copy of what is committed now to an empty file; any thread, beside the writer.
 * Growing, replacing and closing wait for it. Not synced.
 */
px_status px_store_copy(px_store *store, int file);
/** Opens such a file, which must be whole, for views only; px_store_drop() ends it. */
px_status px_store_open_copy(px_store **store, const char *file);
/**
 * Puts such a file (which is moved from its place) where the store's data is, or empties the store
 * (NULL): whatever has failed before, it works again. Views wait, and see the old or the new data;
 * the fold thread may have none open. After a power cut neither is believed. fresh: as at the open
 */
px_status px_store_replace(px_store *store, const char *file, bool *fresh);
/** Removes the files of a store that nobody has open, and its directory. */
px_status px_store_remove(const char *directory);
/** The layout number of the data; 0 = none. */
uint32_t px_store_layout(const px_view *view);

#endif
