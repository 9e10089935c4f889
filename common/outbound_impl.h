/* outbound_impl.h: what the four files of outbound share: rows, position, reports, and their record keys. */
#ifndef PRAXIS_COMMON_OUTBOUND_IMPL_H
#define PRAXIS_COMMON_OUTBOUND_IMPL_H

#include "common/keys.h"
#include "common/outbound.h"
#include "common/service_impl.h"

enum { PX_MSG_ID_MAX = 160, PX_WINDOW = 1024, PX_ROW_HEADERS_MAX = 12 };

/** Place of a row: batch number, then place in the batch. */
typedef struct {
    uint64_t number;
    uint32_t n;
} px_row_at;

/** A row as stored; everything points into the store or an arena. */
typedef struct {
    const char *subject;
    const char *msg_id;
    px_header headers[PX_ROW_HEADERS_MAX];
    size_t header_count;
    px_bytes body;
} px_row;

/** How far the feed has our rows, and the feed message that proves it. */
typedef struct {
    px_row_at row;   /* number 0: nothing yet */
    uint64_t feed_seq;
    char msg_id[PX_MSG_ID_MAX];
} px_position;

/** A row sent and not yet known to be stored, in sending order. */
typedef struct {
    px_row_at at;
    char msg_id[PX_MSG_ID_MAX];
    bool acked;
    uint64_t feed_seq;
} px_sent;

struct px_outbound {
    const px_service *service;
    px_bus *bus;
    px_store *store;
    px_vault *vault;
    px_arena scratch;

    /* rendering */
    px_txn *state;
    px_arena *arena;
    const PraxisLog__Entry *entry;
    const px_fact *fact;
    char batch_id[PX_MSG_ID_MAX];  /* <service>.<number>.<tag> */
    uint64_t log_seq;
    px_row_at next_row;            /* place the next row of this batch gets */

    /* sending */
    uint64_t epoch;
    px_position position;          /* all rows up to it are on the feed */
    bool position_saved;
    bool must_find;                /* the position has to be looked for on the feed */
    uint64_t keep_from;            /* while it is: rows of earlier batches are known to be on the feed */
    bool went_back;
    px_row_at sent_through;        /* last row handed to the bus */
    px_sent window[PX_WINDOW];
    uint64_t first_token, next_token; /* tokens in flight: window[token % PX_WINDOW] */
    int64_t progress_ms;           /* last time an acknowledgement came or the window was empty */
    int64_t pause_until_ms;        /* the feed refused: try again then */
    int64_t kept_until_ms;         /* next time old rows are dropped */
    px_row_at old_mark, new_mark;  /* rows up to old_mark were acknowledged more than ten minutes ago */
    int64_t mark_ms;
};

bool px_row_after(px_row_at a, px_row_at b);
px_keybuf px_row_key(px_row_at at);
px_row_at px_row_at_of_key(px_bytes key);
void px_row_put(px_txn *txn, px_row_at at, const px_row *row, px_arena *arena);
void px_row_parse(px_bytes value, px_row *row);

/** Reads, and writes in a transaction of its own, the saved position. */
void px_position_load(px_outbound *outbound);
px_status px_position_save(px_outbound *outbound);
/** Asks the feed for the newest message of this service; PX_ENOTFOUND when there is none. */
px_status px_position_newest(px_outbound *outbound, uint64_t before_seq, px_bus_msg **msg);
/** Finds the newest feed message of ours that is a row here, and continues after it. */
px_status px_position_find(px_outbound *outbound);

/** Carries out waiting effects, and writes a few touched report values. */
px_status px_effects_turn(px_outbound *outbound, bool *busy);
px_status px_reports_turn(px_outbound *outbound, bool *busy);
void px_effect_put(px_txn *txn, const char *tenant, const char *person_id, uint32_t generation);

#endif
