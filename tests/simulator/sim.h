/* sim.h: five daemons, two live copies of each, one server, a lossy network and impatient
 * submitters, in one process, on one thread. One seed is one run, the same everywhere. */
#ifndef PRAXIS_TESTS_SIMULATOR_SIM_H
#define PRAXIS_TESTS_SIMULATOR_SIM_H

#include <setjmp.h>
#include <sodium.h>

#include "common/arena.h"
#include "common/bus_memory_faults.h"
#include "common/fold.h"
#include "tests/simulator/chance.h"
#include "tests/simulator/oracle.h"
#include "tests/simulator/profile.h"

enum {
    SIM_DAEMONS = 5,
    SIM_COPIES = 2,
    SIM_SUBMISSIONS_MAX = 512,
    SIM_HELD_MAX = 128,
    SIM_BUNDLE_MAX = 6,
    SIM_REPORTS_MAX = 1024
};
/** Streams: the inboxes, then these. */
enum { SIM_LOG = SIM_DAEMONS, SIM_FEED, SIM_KEYS, SIM_REPORTS, SIM_STREAMS };

extern const px_service *const sim_services[SIM_DAEMONS];

typedef struct sim sim;

typedef struct {
    sim *world;
    unsigned daemon, index;
    char directory[128], saved[128];
    bool has_saved;            /* an older copy of the store */
    px_service service;        /* with the code version and the layout of this copy */
    px_evolver_fn *newer[128]; /* rows of the newer layout */
    px_config config;
    int64_t skew_us, uptime_ms;
    bool breaks;          /* its connection has lost something: it ends with this turn */
    unsigned slow_until;  /* step; what it sends meanwhile arrives then, in order */
    uint64_t connections; /* grows whenever its own connection breaks */
    px_bus *bus;
    px_vault *vault;
    px_fold *fold;
} copy;

typedef struct {
    unsigned daemon;
    char tenant[8], source[8], id[24], type[32];
    px_bytes bytes; /* packed, in the world's arena */
    px_bytes json;
    uint8_t digest[32];
    bool has_text; /* the digest is not known outside */
    int setup;     /* place in the organisation's list, -1 = none */
    bool seen;     /* its result */
    int64_t created_us;
    bool stale; /* it was old when it was made, to be refused as such */
    bool ghost; /* it was decided, and the log then lost it */
    char code[48], field[64];
    uint64_t facts;
} submission;

/** A message the network keeps for a while. */
typedef struct {
    unsigned due_step;
    const copy *from;    /* dies with this connection; NULL = it arrives however late */
    uint64_t connection; /* of `from` and of the server, both counted */
    char *subject, *msg_id, *last_msg_id;
    uint8_t *data;
    size_t size;
    px_header headers[12];
    size_t header_count;
    bool expect;
    uint64_t last_subject_seq;
} held;

/** What stands in an inbox: by sequence - 1. */
typedef struct {
    int at[SIM_BUNDLE_MAX]; /* submissions; -1 = none */
    bool gone;              /* purged, or overwritten */
} inbox_slot;

typedef struct {
    inbox_slot *slots;
    size_t count, capacity;
    uint64_t messages; /* that are not gone */
} inbox_shadow;

/** A key of the report bucket, and the log sequence its value is as of. */
typedef struct {
    char subject[128];
    uint64_t as_of;
} report_seen;

typedef struct digest_seen digest_seen; /* copies.c */

struct sim {
    const sim_options *options;
    sim_outcome *outcome;
    const sim_profile *profile;
    sim_profile own; /* the profile with what the seed adds */
    chance chance;
    crypto_generichash_state trace;
    jmp_buf failed;
    px_arena arena, scratch; /* of the run, of one message */
    unsigned step;
    int64_t now_us;
    bool quiet;

    px_bus_server *server;
    px_bus *bus; /* the submitters' and the observer's */
    bool up;
    uint64_t connections; /* grows whenever all break */
    unsigned up_again;    /* step */
    char master_key[160];
    copy copies[SIM_DAEMONS][SIM_COPIES];
    copy judge; /* built from the log alone */
    held held[SIM_HELD_MAX];
    size_t held_count;
    char streams[SIM_STREAMS][64]; /* names */
    bool keys_lost;                /* by a power cut, or with a PersonErased that it took */
    uint64_t synced[SIM_STREAMS];
    unsigned limited_until[SIM_STREAMS]; /* step */
    size_t batch_bytes_max;              /* 0 = as ever; otherwise batches are small */

    oracle *oracle;
    uint64_t log_seen, feed_seen, reports_seen;
    report_seen reports[SIM_REPORTS_MAX]; /* of the log as it is */
    size_t report_count;
    inbox_shadow inboxes[SIM_DAEMONS];
    digest_seen *digests;
    size_t digest_count, digest_capacity;

    submission submissions[SIM_SUBMISSIONS_MAX];
    unsigned submission_count, ids[2]; /* by tenant: the same ids in both */
    size_t told[2];                    /* rows of the story, by tenant */
    bool in_order;                     /* the story is told as it stands, nothing in between */
    bool texts, reuses, two_tenants;
    bool far_future;       /* a clock may come to stand in 2038 */
    bool leader;           /* one message to the feed may be lost, and the next not */
    uint64_t answers_seen; /* feed sequence up to which results were looked at */
};

/** Ends the run as failed. */
void sim_fail(sim *s, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
/** Into the digest of the run, and printed with --trace. */
void sim_say(sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
