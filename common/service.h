/* service.h: what a daemon is to the engine: seven tables of pure functions, and what they are
 * handed.
 *
 * Nothing here touches a clock, the network or the disk. decide and reconcile run on a scratch
 * overlay of the state that is thrown away; evolve and project run once more, for good, when the
 * batch is read back from the log (fold.h).
 */
#ifndef PRAXIS_COMMON_SERVICE_H
#define PRAXIS_COMMON_SERVICE_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/reason.h"
#include "common/store.h"

/* ---- decide ---- */

/** A submission that is new, readable and within its constraints; its texts are sealed. */
typedef struct {
    const char *tenant; /* from the subject */
    const char *source; /* from the subject */
    const char *id;
    const char *actor;
    int64_t occurred_at_us; /* microseconds since 1970, as everywhere */
    int64_t now_us;         /* becomes decided_at */
    unsigned type;          /* case of the oneof `body` */
    const void *body;       /* the message of that case */
    px_arena *arena;        /* lives until the batch is published */
} px_submission;

/** Accepted, or why not. Made by px_accept() and px_reject() only. */
typedef struct {
    px_reason reason;  /* PX_REASON_NONE = accepted */
    const char *field; /* offending field, arena or static; "" for none */
} px_verdict;

px_verdict px_accept(void);
/** `field` is a path from the body, such as "ratings[2].value"; borrowed until the batch is packed.
 */
px_verdict px_reject(px_reason reason, const char *field);
/** "name[index].rest" in the submission's arena; rest "": just "name[index]". */
const char *px_field_at(const px_submission *sub, const char *name, size_t index, const char *rest);

/** Facts being stated, in order. */
typedef struct px_facts px_facts;
/**
 * Adds a fact of this service and returns its body (zeroed and initialised, in the batch arena) for
 * the caller to fill; strings and arrays are borrowed until the batch is packed.
 * @param type  case of the service's Fact oneof
 */
void *px_facts_add(px_facts *out, unsigned type);
px_arena *px_facts_arena(px_facts *out);

/* ---- evolve, project ---- */

/** A fact as read from the log, or as just stated in the overlay. */
typedef struct {
    const char *tenant;
    unsigned type;             /* case of the Fact oneof of the service that stated it */
    const void *body;          /* the message of that case; dies with the batch */
    int64_t decided_at_us;     /* of its batch */
    int64_t occurred_at_us;    /* of the submission behind it; decided_at_us for facts of a key */
    const char *submission_id; /* of the submission behind it; "" for facts of a key */
    const char *source;        /* its source; "" for facts of a key */
    bool history;              /* that submission was taken over from another system's past */
    px_arena *arena;           /* scratch; lives as long as the fact */
} px_fact;

/* ---- reconcile ---- */

/** A dirty or due key (agenda.h): its kind, its tenant, and what the service put behind. */
typedef struct {
    uint8_t kind; /* index into the service's table of reconcilers */
    const char *tenant;
    px_bytes rest; /* as given to px_mark() */
} px_key;

/* ---- publish, effect ---- */

/** Where publish and effect put what leaves the daemon. */
typedef struct px_out px_out;
/**
 * One public event for the fact at hand.
 * @param name     the event's token in the subject: its message name without the package
 * @param subject  opaque id of the aggregate (`ce-subject`)
 * @param message  the public message; packed before this returns
 */
typedef void px_out_event_fn(px_out *out, const char *name, const char *subject,
                             const ProtobufCMessage *message);
px_out_event_fn px_out_event;
/**
 * The same for a fact whose author must stay unknown: no correlation or causation, which would name
 * the author's submission, and only the day as `ce-time`.
 */
px_out_event_fn px_out_event_unattributed;
/** The key of a person, of this generation and all before, is to be destroyed. */
void px_out_destroy_key(px_out *out, const char *person_id, uint32_t generation);
px_arena *px_out_arena(px_out *out);

/* ---- query ---- */

typedef struct {
    const char *tenant;
    const void *body; /* the request message */
    px_arena *arena;
} px_request;

typedef struct px_reply px_reply;
/**
 * Starts the answer: zeroed, initialised, in the request's arena. Called at most once; never NULL
 * (when the arena is full it is a message that nobody is going to see).
 */
void *px_reply_new(px_reply *reply, const ProtobufCMessageDescriptor *type);
/** Refuses: NOT_FOUND, FORBIDDEN, ... with the field of the request at fault. Returns PX_ENOTFOUND.
 */
px_status px_reply_refuse(px_reply *reply, px_reason reason, const char *field);
/** Opens a sealed text about a person; "" when there is none or the key is gone. */
const char *px_reply_open_text(px_reply *reply, const char *person_id, px_bytes sealed);
/** The log sequence the state at hand is as of. */
uint64_t px_view_cursor(const px_view *state);

/* ---- the tables ---- */

typedef px_verdict px_decider_fn(const px_view *state, const px_submission *sub, px_facts *out);
typedef void px_evolver_fn(px_txn *state, const px_fact *fact);
typedef void px_reconciler_fn(const px_view *state, const px_key *key, int64_t now_us,
                              px_facts *out);
typedef void px_publisher_fn(const px_view *state, const px_fact *fact, px_out *out);
typedef px_status px_query_fn(const px_view *state, const px_request *req, px_reply *reply);
/** Packs the value of one touched report key (px_report_touch), or NULL when the key is to be left
 * alone. */
typedef const ProtobufCMessage *px_report_fn(const px_view *state, const char *tenant,
                                             const char *key, px_arena *arena);

/** Rows that say "on purpose": nothing to project; not for the outside. */
px_evolver_fn px_skip;
px_publisher_fn px_hold_back;

/** Another daemon this one follows; every fact type of that daemon needs a row. */
typedef struct {
    const char *service;
    const ProtobufCMessageDescriptor *facts; /* its Fact message */
    px_evolver_fn *const *projectors;        /* by fact type */
    size_t projector_count;
} px_follow;

typedef struct {
    const char *name; /* token in the subject, such as "GetPlan" */
    const ProtobufCMessageDescriptor *request;
    px_query_fn *answer;
} px_query_row;

/** An effect of a fact outside the log, of our own (service = our name) or a followed one. */
typedef struct {
    const char *service;
    unsigned type;
    px_publisher_fn *effect;
} px_effect_row;

/** A daemon. Checked at start: every type of the contract has a row, or the daemon does not start.
 */
typedef struct {
    const char *name;      /* "competency", as in subjects */
    const char *summary;   /* one line for --help and $SRV.INFO */
    uint32_t code_version; /* raised when decide or reconcile change what they say */
    uint32_t layout; /* projection version: raised when evolve, project or the records change */
    const uint8_t *hot_tables; /* small rows that many facts read or change; 0 ends them, or NULL */
    const ProtobufCMessageDescriptor *submission;
    const ProtobufCMessageDescriptor *facts;
    px_decider_fn *const *deciders; /* by submission type */
    size_t decider_count;
    px_evolver_fn *const *evolvers; /* by fact type */
    size_t evolver_count;
    px_publisher_fn *const *publishers; /* by fact type */
    size_t publisher_count;
    px_reconciler_fn *const *reconcilers; /* by key kind; 0 is unused */
    size_t reconciler_count;
    const px_follow *follows;
    size_t follow_count;
    const char *waited_for; /* somebody waits for what follows from this one's facts: not even a
                               hundredth of a second is lost to take more together. May be NULL */
    const px_effect_row *effects;
    size_t effect_count;
    const px_query_row *queries;
    size_t query_count;
    px_report_fn *report; /* NULL for daemons without reports */
    /**
     * The generation of the key for texts about a person: 1, 2, ...; 0 when the person is unknown
     * (the text is then dropped, and decide is going to reject). NULL for daemons that take no
     * text.
     */
    uint32_t (*key_generation)(const px_view *state, const char *tenant, const char *person_id);
} px_service;

#endif
