/* fold.h: the one loop of all five daemons: fold the log, decide what waits, publish one batch,
 * read it back.
 *
 * DESIGN: a daemon is a fold. The projection (LMDB) is a pure function of a prefix of the log; a
 * decision changes it only when its batch is read back from the log.
 */
#ifndef PRAXIS_COMMON_FOLD_H
#define PRAXIS_COMMON_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/bus.h"
#include "common/config.h"
#include "common/health.h"
#include "common/micro.h"
#include "common/service.h"
#include "common/vault.h"
#include "praxis/log/v1/projection.pb-c.h"

typedef struct px_fold px_fold;

extern const char px_log_stream[];  /* "PRAXIS_LOG" */
extern const char px_feed_stream[]; /* "PRAXIS_FEED" */
enum { PX_ROUND_ENTRIES_MAX = 1024, PX_BUNDLE_MAX = 256 };

/** What a daemon is made of; everything is borrowed and outlives the fold. */
typedef struct {
    const px_service *service;
    const px_config *config;
    px_bus *bus;
    px_vault *vault;                    /* NULL for services without texts */
    px_health *health;                  /* NULL in tests */
    px_micro *micro;                    /* counts the questions; NULL in tests */
    int64_t (*clock_us)(void *context); /* NULL = CLOCK_REALTIME; ignored with the event clock */
    int64_t (*clock_ms)(void *context); /* NULL = CLOCK_MONOTONIC */
    void *clock_context;
    size_t batch_bytes_max; /* 0 = as large as batches may be; less in tests */
} px_fold_parts;

/**
 * Checks the service's tables against its contract (a type without a row is named and refused),
 * opens the store. Does not touch the bus yet.
 */
px_status px_fold_create(px_fold **fold, const px_fold_parts *parts);
/**
 * After px_fold_run() the bus must be closed first when it served questions: they look into the
 * store. NULL is fine.
 */
void px_fold_destroy(px_fold *fold);

/** Turns until px_fold_stop(). @return PX_OK after a stop; else what only a restart or a person can
 * mend */
px_status px_fold_run(px_fold *fold);
/** Ends px_fold_run() soon; any thread. */
void px_fold_stop(px_fold *fold);
/** "PRAXIS_INBOX_FEEDBACK_INGEST" for "feedback-ingest". */
void px_inbox_stream_name(const char *service, char *out, size_t size);
/** One turn of the loop without waiting. *busy: false when nothing was left to do just now. */
px_status px_fold_turn(px_fold *fold, bool *busy);

/**
 * What the projection is, from one snapshot (praxis.log.v1.Projection, in the arena). Any thread.
 * With config->fold_to this is what the run was for.
 */
px_status px_fold_projection(px_fold *fold, px_arena *arena, PraxisLog__Projection **projection);

/** The store, for queries, metrics and tests. */
px_store *px_fold_store(px_fold *fold);
/** Registers queries on the bus (px_fold_run does it itself). */
px_status px_fold_serve(px_fold *fold);
/** Answers one query from the projection: used by the bus handler and by tests. Any thread. */
px_status px_fold_query(px_fold *fold, const char *tenant, const char *question, px_bytes request,
                        bool json, px_arena *arena, px_bytes *reply, px_reason *refused);

#endif
