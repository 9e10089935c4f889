/* import_impl.h: inside import*.c: an import under way. */
#ifndef PRAXIS_SERVICES_PRAXIS_IMPORT_IMPL_H
#define PRAXIS_SERVICES_PRAXIS_IMPORT_IMPL_H

#include "services/praxis/ask.h"
#include "services/praxis/import_state.h"
#include "services/praxis/mapping.h"
#include "services/praxis/outcome.h"
#include "services/praxis/progress.h"
#include "services/praxis/sender.h"

/* What became of the rows of one mapping. */
typedef struct {
    uint64_t accepted;
    uint64_t refused;
    uint64_t known; /* accepted in an earlier run */
    uint64_t skipped;
} px_import_tally;

typedef struct {
    const char *state_path;
    const char *actor;
    const char *occurred_at;
    bool dry_run;
    bool history;
    bool json;
    bool all;
    uint64_t bundle;
    uint64_t after_seq;
    px_client client;
    px_sender *sender;
    px_import_state *state;
    px_refusals *refusals;
    px_progress progress;
    px_stamp stamp;
    px_arena arena;        /* of the row being sent */
    px_arena result_arena; /* of the row whose result is here */
    const px_mapping *mapping;
    const char *file; /* name of its table */
    px_import_tally rows;
    uint64_t refused; /* of all mappings */
    size_t *reused;   /* rows whose id was used before, and no state says so */
    size_t reused_count;
    bool broken;
} importing;

/** Says what broke and stops the import. Returns false. */
bool px_import_fail(importing *im, const char *what);
/** The first result of an id, from the daemon, in the result arena. */
px_asked px_import_ask_result(importing *im, const char *service, const char *id);
/** Sends every row of a mapping and waits for the results. `context` of the sender is `im`. */
void px_import_mapping(importing *im, const px_mapping *mapping, const char *name);
/** For the sender. */
void px_import_on_result(void *context, uint64_t tag, const Praxis__Result *result);
void px_import_on_note(void *context, const char *note);

#endif
