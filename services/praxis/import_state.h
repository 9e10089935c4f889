/* import_state.h: the file that remembers what was imported, so that an import can go on or come
 * again.
 *
 * Lines of text, only ever appended, of all tenants and sources that use the file:
 *   at <tenant> <source> <time in microseconds>   what follows was sent with this created_at
 *   + <service> <id>                              accepted
 *   - <service> <id> <attempt> <CODE>             refused; asked again under the next attempt
 *   done                                          everything of this run has its result
 * A run that was cut off is gone on with at its own created_at, so that what was sent is the same.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_IMPORT_STATE_H
#define PRAXIS_SERVICES_PRAXIS_IMPORT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

typedef struct px_import_state px_import_state;

/** What is remembered of an id. */
typedef struct {
    bool accepted;
    unsigned refused; /* attempts refused so far */
} px_import_known;

/** Reads what concerns this tenant and source. PX_EMALFORMED: the file is not ours; PX_EIO: errno.
 */
px_status px_import_state_open(px_import_state **state, const char *path, const char *tenant,
                               const char *source);
/** Also writes what is not written yet. NULL is fine. */
void px_import_state_close(px_import_state *state);

px_import_known px_import_state_get(const px_import_state *state, const char *service,
                                    const char *id);
/**
 * The latest id that was accepted, and the created_at of its run; false when none is remembered.
 * The texts live as long as the state.
 */
bool px_import_state_sample(const px_import_state *state, const char **service, const char **id,
                            int64_t *at_us);
/** Forgets what was read: it is about another place. */
void px_import_state_forget(px_import_state *state);

/**
 * Begins a run. @return its created_at: that of a run which was cut off less than 30 days before
 * `now_us`, else `now_us`
 */
int64_t px_import_state_begin(px_import_state *state, int64_t now_us);
/** Remembers a result, in the file as well. `code` NULL: accepted. PX_EIO: errno. */
px_status px_import_state_put(px_import_state *state, const char *service, const char *id,
                              unsigned attempt, const char *code);
/** The run is complete. */
px_status px_import_state_end(px_import_state *state);

#endif
