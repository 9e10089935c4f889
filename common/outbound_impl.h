/* outbound_impl.h: what the four files of outbound share: rows, position, reports, and their record
 * keys. */
#ifndef PRAXIS_COMMON_OUTBOUND_IMPL_H
#define PRAXIS_COMMON_OUTBOUND_IMPL_H

#include "common/chain.h"
#include "common/keys.h"
#include "common/outbound.h"
#include "common/outbound_reports.h"
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
    bool known;    /* there is a record of it */
    px_row_at row; /* number 0: nothing yet */
    uint64_t feed_seq;
    px_row_at floor; /* rows up to here are not stored (any more): the feed had them */
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
    const char *author;           /* the service whose batch it is */
    char batch_id[PX_MSG_ID_MAX]; /* <service>.<number>.<tag> */
    bool wanted;                  /* the feed may lack rows of this batch */
    uint64_t log_seq;
    px_row_at next_row; /* place the next row of this batch gets */

    /* sending */
    uint64_t epoch;
    px_position position; /* all rows up to it are on the feed */
    bool position_saved;
    bool position_carried;  /* it is, once the open transaction is committed */
    bool proved;            /* at this attach: the feed has all up to the position */
    bool must_find;         /* it was not: looked for on the feed once more, once caught up */
    bool told;              /* nobody is left to be told that history was replaced */
    px_row_at sent_through; /* last row handed to the bus */
    bool more;              /* there may be rows after it */
    px_sent window[PX_WINDOW];
    uint64_t first_token, next_token; /* tokens in flight: window[token % PX_WINDOW] */
    uint64_t burst_max;               /* rows sent at once: 1 .. PX_WINDOW */
    bool broken;                      /* a row was refused: the one before was not the last */
    int64_t progress_ms;    /* last time an acknowledgement came or the window was empty */
    int64_t pause_until_ms; /* the feed refused: try again then */
    int64_t heard_ms;       /* the same; sending again does not count */
    bool exhausted;         /* it refused for want of space, and has taken nothing since */
    int64_t moved_ms;       /* since when the saved position is an old one */
    px_row_at old_mark,
        new_mark; /* rows up to old_mark were acknowledged more than ten minutes ago */
    int64_t mark_ms;
    px_reports reports;
    int64_t put_mark_ms;
    int64_t forget_said_ms; /* when to forget who was told that history was replaced; 0 = not set */
};

bool px_row_after(px_row_at a, px_row_at b);
px_keybuf px_row_key(px_row_at at);
px_row_at px_row_at_of_key(px_bytes key);
void px_row_put(px_txn *txn, px_row_at at, const px_row *row, px_arena *arena);
void px_row_parse(px_bytes value, px_row *row);

/** Reads, and writes in a transaction of its own, the saved position. */
void px_position_load(px_outbound *outbound);
px_status px_position_save(px_outbound *outbound);
/** The same, of a position that has to be found again before anything is sent. */
px_status px_position_save_unproved(px_outbound *outbound);
void px_position_put(const px_outbound *outbound, px_txn *txn);
/** Proves the saved position on the feed, and px_position_find(). */
px_status px_position_attach(px_outbound *outbound);
/**
 * Continues after the newest feed message of ours whose batch is in this log. PX_ECORRUPT: rows
 * after it are not stored any more, so the projection has to be built again.
 */
px_status px_position_find(px_outbound *outbound);

/** A walk over this service's rows on the feed, newest first; all but `after` zero to start. */
typedef struct {
    uint64_t after; /* it ends here */
    uint64_t seq;   /* on the feed */
    int64_t time_ns;
    px_row_at at;
    char msg_id[PX_MSG_ID_MAX];
    char tenant[PX_TENANT_SIZE];
    bool valid; /* its batch is in this log */
} px_feed_walk;

/** Steps to the row before. PX_ENOTFOUND: there is none (kept). */
px_status px_feed_back(px_outbound *outbound, px_feed_walk *walk);
/** A new connection: who is to be told that history was replaced (again, if the feed lost it). */
px_status px_replaced_attach(px_outbound *outbound);
/** Tells them, once the position is found. */
px_status px_replaced_turn(px_outbound *outbound);
/** Forgets who was told. */
px_status px_replaced_forget(px_outbound *outbound);
/** Deletes one local record in a transaction of its own. */
px_status px_outbound_delete(px_outbound *outbound, px_bytes key);

/** Is the message with this tag at this place of the log? */
px_status px_log_has(px_outbound *outbound, uint64_t seq, uint64_t tag, bool *there);
/** Carries out waiting effects. */
px_status px_effects_turn(px_outbound *outbound, bool *busy);
void px_effect_put(px_txn *txn, const char *tenant, const char *person_id, uint32_t generation);

#endif
