/* oracle.h: reads log and feed from their first message and judges them; knows the contract, not
 * the code.
 *
 * Chains without a hole, no batch void, each submission one entry in the log and one result on the
 * feed, each event once and in order, and projections equal to a rebuild from nothing.
 */
#ifndef PRAXIS_TESTS_FAULTS_ORACLE_H
#define PRAXIS_TESTS_FAULTS_ORACLE_H

#include "tests/faults/load.h"
#include "tests/faults/world.h"

typedef struct {
    uint64_t log_messages;
    uint64_t batches[WORLD_DAEMONS]; /* that count */
    uint64_t voids;
    uint64_t copies;        /* void ones that were in the log already, byte for byte */
    uint64_t entries;       /* caused by submissions */
    uint64_t inbox_returns; /* batches that decide what a batch before had passed */
    uint64_t feed_messages;
    uint64_t events;
    uint64_t results;  /* decided */
    uint64_t repeats;  /* results sent again */
    uint64_t replaced; /* HistoryReplaced: from there on it is told again */
    uint64_t doubles;  /* messages of the feed whose id was there before */
} oracle_report;

/** Fails the test unless log and feed are as they must be after `l` was answered completely. */
oracle_report oracle_check(world *w, const load *l);
/**
 * Ends every daemon and fails the test unless each copy's projection is that of a fold from nothing
 * up to `last_seq`, the end of the log. The projections of the first copies go to `kept` (may be
 * NULL).
 */
void oracle_check_projections(world *w, uint64_t last_seq, world_projection kept[WORLD_DAEMONS]);

#endif
