/* fold_impl.h: what the files of the loop (fold*.c) share. */
#ifndef PRAXIS_COMMON_FOLD_IMPL_H
#define PRAXIS_COMMON_FOLD_IMPL_H

#include <stdatomic.h>

#include "common/chain.h"
#include "common/codec.h"
#include "common/flood.h"
#include "common/fold.h"
#include "common/fold_beside.h"
#include "common/outbound.h"
#include "common/round.h"
#include "common/server_check.h"
#include "common/server_clock.h"
#include "common/snapshot_keeper.h"

enum { PX_WAITING_MAX = 1024, PX_ERASE_MAX = 16 * PX_WAITING_MAX };

/** The batch published and not yet read back; size 0 when there is none. */
typedef struct {
    uint8_t bytes[PX_BATCH_BYTES_MAX];
    size_t size;
    uint64_t last_subject_seq;
    int64_t since_ms; /* first sent */
    int64_t sent_ms;  /* last sent */
} px_flight;

/** What a standby looks at: as long as none of it changes nobody decides. */
typedef struct {
    uint64_t inbox_head;
    uint64_t first_mark;
    uint64_t own_seq; /* last log message of this service */
    int64_t since_ms;
    bool waits; /* there is something to decide */
} px_standby;

struct px_fold {
    px_fold_parts parts;
    px_store *store;
    px_outbound *outbound;
    px_arena fold_arena;
    px_arena round_arena;
    char inbox_stream[64];
    int64_t handled_us;
    atomic_bool stopping;
    atomic_bool ready;
    px_snapshot_keeper *keeper; /* NULL: a tool that only folds */
    px_beside beside;

    /* of this attach */
    uint64_t epoch;
    px_reader *log;
    px_reader *inbox;
    px_bus_msg *waiting[PX_WAITING_MAX]; /* after inbox_through, in order */
    bool clean[PX_WAITING_MAX];          /* of these, the ones known to hold no text */
    size_t waiting_count;
    size_t waiting_bytes;
    size_t taken_up; /* of these, how many may be decided: the log as it stood then is folded */
    uint64_t inbox_first;  /* first message of the inbox when it was placed */
    uint64_t inbox_next;   /* sequence that follows the last one read; 0 = any */
    uint64_t inbox_behind; /* inbox_next when it was found to be behind the inbox; 0 = it was not */
    bool anchored;         /* the message inbox_through names was seen on this connection */
    bool inbox_moved;      /* a batch of ours was folded since `through` was read */
    bool purge_due;
    uint64_t erase[PX_ERASE_MAX]; /* decided and to be overwritten before they are purged */
    size_t erase_count;
    uint64_t unseen_from, unseen_through; /* the same, decided before this connection */
    px_inbox_through through;
    uint64_t log_last_seq; /* of the log on the server, as last asked */
    int64_t heard_ms;
    int64_t purge_due_ms, purge_next_ms, overwritten_ms, probed_ms;
    px_flight flight;
    px_progress progress;

    /* across attaches */
    px_flood flood;
    uint64_t cursor_seq;
    char unfit[PX_SERVER_WHY_MAX]; /* what is wrong with the server; "" = nothing */
    char gone[PX_SERVER_WHY_MAX];  /* what of the log the server has lost; "" = nothing known */
    const char *trouble;           /* why the last turn failed, until the daemon is ready again */
    int64_t pause_ms, pause_until_ms;
    const char *blocked; /* why nothing is decided: what was decided last could not be stored */
    int64_t blocked_until_ms;
    bool unbelieved;        /* starting over was begun and is to be gone on with */
    bool built;             /* from the log alone: worth a snapshot when it is ready */
    uint64_t restore_below; /* snapshots from here on were tried since it was last ready */
    px_standby standby;
    px_server_clock server_clock;

    /* of the transaction being folded */
    bool own_seen, own_counted;
    bool replaced; /* the log is not the one that was folded */
    uint64_t facts_folded, counted;
};

int64_t px_fold_clock_ms(const px_fold *f);
/** Step 1: folds what the log reader has; a log that went back ends in PX_EDISCONNECTED. */
px_status px_fold_log(px_fold *f, bool *busy);
/** With --fold-to (and beside) the loop only folds, up to there. */
bool px_fold_only_folds(const px_fold *f);

/** A new connection: streams, identity of log, inbox and feed; then the readers. */
px_status px_fold_attach(px_fold *f, uint64_t epoch);
/** Closes readers, forgets what is in flight and waiting. */
void px_fold_detach(px_fold *f);
/** Opens the inbox reader where the decided part ends, or at the first message when that cannot be
 * proved. */
px_status px_fold_place_inbox(px_fold *f);
/** Drops what the log says is decided; reads the inbox. */
px_status px_fold_follow_inbox(px_fold *f);
px_status px_fold_fill_waiting(px_fold *f);
/** Now and then: overwrites decided texts, a slice per turn, then purges what is decided. */
px_status px_fold_purge_inbox(px_fold *f, int64_t now_ms, bool *more);
void px_fold_drop_waiting(px_fold *f, size_t count);

/**
 * This projection cannot be believed any more (damage, rows that are gone): it is taken from the
 * newest snapshot that fits this log, or emptied and built again from the log. Not ready until
 * then; the next turn attaches. Nothing may be open on the store in this thread.
 */
px_status px_fold_start_over(px_fold *f);
/** The same when the log is not the one that was folded: consumers of the feed are told. */
px_status px_fold_went_back(px_fold *f);
/** At an attach: starts over if that is still to be done; an empty store looks for a snapshot. */
px_status px_fold_ensure_believed(px_fold *f);
/** Before the first attach: nothing was folded, or nothing of it can be read. */
bool px_fold_is_empty(const px_fold *f);
/** Is the message that stands in the log at the cursor the one that was folded? */
px_status px_fold_log_is_ours(px_fold *f, px_cursor cursor, bool *ours);

/** The store was found damaged: says so, and starts over; the next turn attaches. */
px_status px_fold_disbelieve(px_fold *f);
/** At the start: when we died here again and again, says where, and waits longer each time. */
void px_fold_mind_deaths(px_fold *f);
/** A message of the log does not come. PX_EDISCONNECTED: it is there, or the log has gone back;
 * PX_EREFUSED (PX_ECORRUPT in a tool that only folds): it is lost in the middle, which is said. */
px_status px_fold_find_hole(px_fold *f, uint64_t seq);
/** Messages of the log before `seq` are not what their readers saw. PX_EREFUSED, as above. */
px_status px_fold_say_altered(px_fold *f, uint64_t seq);
/** Before streams are made: one that there was is not made anew. PX_EREFUSED: it is gone. */
px_status px_fold_find_gone_streams(px_fold *f);
void px_fold_say_ready(px_fold *f);
void px_fold_say_not_ready(px_fold *f, const char *why);
/** Questions are answered, but nothing new is taken in: the server has no room for it. */
void px_fold_say_blocked(px_fold *f, const char *why);
/** A turn ended so: what it means goes into readiness and log; the next attach waits a little. */
void px_fold_note_trouble(px_fold *f, px_status status);

#endif
