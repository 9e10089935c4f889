/* fold_world.h: a small daemon of its own on the memory bus, any number of copies of it, and an
 * observer that reads log and feed.
 *
 * The service uses reporting's messages: SetGroupMinimum{n} adds n to its tenant's sum (n = 99 is
 * rejected, n = 100 says a great many facts), a key says when sum / 10 has changed, and 40 s after
 * the last change the same key says so once more.
 */
#ifndef PRAXIS_TESTS_COMMON_FOLD_WORLD_H
#define PRAXIS_TESTS_COMMON_FOLD_WORLD_H

#include "common/fold.h"
#include "praxis/common/v1/result.pb-c.h"
#include "praxis/log/v1/batch.pb-c.h"

#define WORLD_START_US INT64_C(1767571200000000) /* 2026-01-05T00:00:00Z */

enum { WORLD_FACT_SAID = 1000, WORLD_FACT_FOLLOW_UP = 2000, WORLD_MANY_FACTS = 3000 };

/** One running copy of the daemon; fold NULL while stopped. */
typedef struct {
    struct fold_world *world;
    char name[16];
    uint64_t standby_ms;
    uint64_t map_bytes;
    uint64_t snapshot_minutes;
    uint64_t fold_to;
    bool event_clock;
    px_service service;
    px_bus *bus;
    px_fold *fold;
    px_config config;
} fold_copy;

typedef struct fold_world {
    px_bus_server *server;
    px_bus *bus; /* of the tester */
    px_arena arena;
    char directory[64];
    int64_t now_us;
    int64_t now_ms;
    fold_copy a, b; /* made, not started */
} fold_world;

/** The service by itself. */
px_service fold_world_service(void);
int fold_world_setup(void **state);
/** Stops every copy. */
int fold_world_teardown(void **state);

/** Opens the store and attaches: one turn. */
void fold_start(fold_copy *copy);
void fold_stop(fold_copy *copy);
/** Deletes the LMDB of a stopped copy. */
void fold_lose_store(fold_copy *copy);
/** One turn; returns whether it was busy. Both clocks stand still. */
bool fold_turn(fold_copy *copy);
/** Turns of all running copies, one after the other, until nothing is left to do; idle turns take
 * half a second. */
void fold_settle(fold_world *w);
void fold_pass_ms(fold_world *w, int64_t ms);

/** Sends SetGroupMinimum{n} as source "hr", made now. */
void fold_submit(fold_world *w, const char *tenant, const char *id, uint32_t n);
/** The packed submission. */
px_bytes fold_pack(fold_world *w, const char *id, uint32_t n, int64_t created_us,
                   uint64_t after_seq);
/** Any bytes on praxis.v1.<tenant>.submit.reporting.<type>.hr; returns the inbox sequence. */
uint64_t fold_send(fold_world *w, const char *tenant, const char *type, px_bytes bytes,
                   const px_header *headers, size_t header_count);

uint64_t fold_last(fold_world *w, const char *stream);
PraxisLog__Batch *fold_batch(fold_world *w, uint64_t seq);
/** How many results of this id are in the log, and the newest of them; NULL when there is none. */
const PraxisLog__Entry *fold_entry_of(fold_world *w, const char *id, unsigned *count);
/** Results of this id on the feed with different ids of their own (repeats without one not
 * counted); the last in *last when not NULL. */
unsigned fold_results_of(fold_world *w, const char *id, const Praxis__Result **last);
/** Results of this id on the feed, sent again ones included. */
unsigned fold_answers_of(fold_world *w, const char *id);
/** Facts in the log with first <= minimum <= last. */
unsigned fold_facts(fold_world *w, uint32_t first, uint32_t last);
/** Every fact of the log is on the feed exactly once by id, and in order; no id has two contents.
 */
void fold_check_feed(fold_world *w);
void fold_digest(fold_copy *copy, uint8_t digest[32]);
/** All running copies, and a fresh one built from the log alone, have the same bytes. */
void fold_check_digests(fold_world *w);
uint64_t fold_cursor(fold_copy *copy);

#endif
