/* outbound.h: what leaves a daemon: events and results for the feed, report values, keys to
 * destroy.
 *
 * Rows are rendered in the transaction that folds their batch, sent after it in order, and kept
 * until ten minutes after the feed acknowledged them. How far the feed has them (the position) is
 * the one thing in the store that is not a function of the log: it is checked on every attach, and
 * found again on the feed itself when it is missing or wrong.
 */
#ifndef PRAXIS_COMMON_OUTBOUND_H
#define PRAXIS_COMMON_OUTBOUND_H

#include "common/bus.h"
#include "common/handled.h"
#include "common/round.h"
#include "common/service.h"
#include "common/store.h"
#include "common/vault.h"
#include "praxis/log/v1/batch.pb-c.h"

typedef struct px_outbound px_outbound;

/** Name of the bucket's stream, and of the subjects' prefix before <tenant>.<key>. */
extern const char px_reports_stream[];   /* "KV_PRAXIS_REPORTS" */
extern const char px_reports_subject[];  /* "$KV.PRAXIS_REPORTS." */
extern const char px_as_of_header[];     /* "Praxis-As-Of": log sequence a report value is as of */
extern const char px_as_of_tag_header[]; /* "Praxis-As-Of-Tag": tag of that message, hexadecimal */
extern const char px_again_prefix[];     /* "again.": before the ids of results sent once more */

/** Everything borrowed, and outliving it. vault may be NULL. */
px_status px_outbound_create(px_outbound **outbound, const px_service *service, px_bus *bus,
                             px_store *store, px_vault *vault);
void px_outbound_destroy(px_outbound *outbound);

/* ---- rendering, in the transaction that folds the batch ---- */

/** A batch starts being folded, and the cursor is on it; facts folded until px_outbound_end()
 * belong to it. Batch and arena live as long. */
void px_outbound_begin(px_outbound *outbound, px_txn *state, const PraxisLog__Batch *batch,
                       px_arena *arena);
/** One fact, right after it changed the state: its event if it is ours, and its effects. */
void px_outbound_fact(px_outbound *outbound, const px_txn *state, const PraxisLog__Entry *entry,
                      const px_fact *fact, bool own);
/** The batch's results, one row for each source and encoding. batch NULL: it was not ours or is
 * void. */
void px_outbound_end(px_outbound *outbound, const PraxisLog__Batch *batch);

/* ---- sending, after it ---- */

/**
 * A new connection: proves the position on the feed, or finds it there. PX_ECORRUPT: the feed lacks
 * rows that are not stored any more; the projection has to be built again.
 */
px_status px_outbound_attach(px_outbound *outbound, uint64_t epoch);
/**
 * The log went back: has the store start over (emptied, or an older one put in its place), and
 * remembers whom to tell (HistoryReplaced) once the feed's position is found.
 */
px_status px_outbound_went_back(px_outbound *outbound, px_status (*start_over)(void *context),
                                void *context);
/** Nothing will ever be sent from this store, which is empty: no rows are kept in it, and that is
 * noted there. A daemon that starts on it builds it again. */
px_status px_outbound_keep_no_rows(px_outbound *outbound);
/** In a projection built beside: rows that `live` does not keep any more are not kept here. */
void px_outbound_skip_dropped(px_outbound *outbound, const px_outbound *live);
/** Another store with the same state is about to be put in place: it gets the position, and whom to
 * tell. */
px_status px_outbound_hand_over(px_outbound *outbound, px_store *next);
/**
 * Sends what is due in bursts of up to 1,024 rows; a row is never stored before the one before it.
 * caught_up: the fold has read the whole log, so a lost position can be found and report values
 * written.
 * @param busy  set when there is more to do right away
 */
px_status px_outbound_turn(px_outbound *outbound, bool caught_up, int64_t clock_ms, bool *busy);
/** An acknowledgement with one of our tokens. */
void px_outbound_acked(px_outbound *outbound, const px_bus_ack *ack);
/**
 * Sends an old result once more; best effort. Its id (px_again_prefix) is that of no row, and names
 * the inbox message that asked for it.
 */
void px_outbound_repeat(px_outbound *outbound, const px_repeat *repeat, px_arena *arena);
/** True while the server has no space left for what this daemon sends. */
bool px_outbound_exhausted(const px_outbound *outbound);
/** True when every row is acknowledged. */
bool px_outbound_idle(const px_outbound *outbound);
/** True when rows wait for acknowledgements of others before they can be sent. */
bool px_outbound_waits(const px_outbound *outbound);
/** The transaction since px_outbound_begin() was committed. */
void px_outbound_committed(px_outbound *outbound);
/** Before a stop: what is known to be on the feed is remembered. */
void px_outbound_settle(px_outbound *outbound);

#endif
