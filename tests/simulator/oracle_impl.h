/* oracle_impl.h: what the oracle remembers of log and feed. */
#ifndef PRAXIS_TESTS_SIMULATOR_ORACLE_IMPL_H
#define PRAXIS_TESTS_SIMULATOR_ORACLE_IMPL_H

#include "common/arena.h"
#include "praxis/log/v1/batch.pb-c.h"
#include "tests/simulator/oracle.h"

enum { ORACLE_SERVICES_MAX = 8, ORACLE_DIGEST = 32 };

typedef struct {
    uint64_t tag;
    uint64_t prefix;
    unsigned service;
    uint8_t digest[ORACLE_DIGEST];
    PraxisLog__Batch *batch; /* NULL: it does not count */
} log_message;

typedef struct {
    uint64_t number;
    uint8_t digest[ORACLE_DIGEST];
    int64_t decided_at_us;
    uint32_t code_version;
} chain_end;

/** An id of the feed: <service>.<number>.<tag>.<n>. */
typedef struct {
    unsigned service;
    uint64_t number, tag, n;
} row_id;

typedef struct {
    bool is_row; /* has such an id */
    bool is_result;
    row_id id;
    uint64_t content; /* of subject, headers and body */
    char *subject;
} feed_message;

/** An id ever seen on the feed, and what it stood for. */
typedef struct {
    row_id id;
    uint64_t content;
} known_row;

struct oracle {
    oracle_service services[ORACLE_SERVICES_MAX];
    unsigned service_count;
    oracle_fail_fn *fail;
    void *context;
    bool was_cut, races;
    px_arena scratch; /* for one message */

    log_message *log; /* by sequence - 1 */
    size_t log_count, log_capacity;
    chain_end ends[ORACLE_SERVICES_MAX];

    feed_message *feed;
    size_t feed_count, feed_capacity;

    /* over all histories */
    row_id *counted; /* batches that counted at some time; n unused */
    size_t counted_count, counted_capacity;
    known_row *known;
    size_t known_count, known_capacity;
};

void oracle_say_wrong(const oracle *o, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));
/** Room for one more; dies when memory is used up. */
void oracle_make_room(void **array, size_t count, size_t *capacity, size_t size);
/** First 8 bytes, little endian, of BLAKE2b-256. */
uint64_t oracle_hash64(const void *bytes, size_t size);
/** ORACLE_SERVICES_MAX when there is none of that name. */
unsigned oracle_service_of(const oracle *o, const char *name, size_t size);
/** The type of a fact of this service (its place in `services`), by its short name. */
const char *oracle_fact_name(const oracle *o, unsigned service, ProtobufCBinaryData fact);

#endif
