/* ledger.h: the answers to a load, as the feed tells them; judges each against those before it. */
#ifndef PRAXIS_TESTS_FAULTS_LEDGER_H
#define PRAXIS_TESTS_FAULTS_LEDGER_H

#include "praxis/common/v1/result.pb-c.h"
#include "tests/faults/load.h"
#include "tests/faults/world.h"

/** What became of one step. */
typedef struct {
    bool known;
    char code[40]; /* "" = accepted */
    char field[80];
    uint32_t facts;
    uint64_t log_seq; /* 0 for a rejection, which does not tell */
    int64_t decided_at_us;
    uint64_t inbox_seq; /* of unreadable bytes: of the newest answer */
    uint64_t feed_seq;  /* of the newest answer */
    char msg_id[80];    /* of the newest message with an id that held the answer */
    unsigned decided;   /* answers that are part of a batch's results: messages with an id */
    unsigned repeated;  /* answers to a step sent again */
} ledger_answer;

typedef struct {
    const load *load;
    ledger_answer *answers; /* one for each step */
    size_t answered;
    uint64_t log_seq; /* the newest seen in an answer */
    px_arena arena;
    char problem[512]; /* the first; "" for none */
} ledger;

void ledger_init(ledger *g, const load *l);
void ledger_fini(ledger *g);

/** True for messages of the feed that carry results. */
bool ledger_is_result(const px_bus_msg *msg);
/** True for ids of results that were sent once more. */
bool ledger_is_again(const char *msg_id);
/** Unpacks a message with results, in either encoding; lives until the next call. NULL: not
 * readable. */
const Praxis__ResultBatch *ledger_read(ledger *g, const px_bus_msg *msg);
/** Takes the results of one feed message. What is wrong with them goes into `problem`. */
void ledger_take(ledger *g, const px_bus_msg *msg);
/** The first step whose answer is not the one it must get, each decided exactly once; LOAD_NONE. */
size_t ledger_first_wrong(const ledger *g, char why[512]);

#endif
