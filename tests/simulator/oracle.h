/* oracle.h: what log and feed must say, judged by plain C in memory.
 *
 * Written from DESIGN.md section 4, not from the engine: no LMDB, and nothing of chain, apply,
 * handled or round. It is told every message of the log and of the feed in the order in which the
 * server stored them, and every loss of a tail. The first thing wrong ends the run through `fail`.
 */
#ifndef PRAXIS_TESTS_SIMULATOR_ORACLE_H
#define PRAXIS_TESTS_SIMULATOR_ORACLE_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/bus.h"

typedef struct oracle oracle;

/** A service as the contract has it: its name, and its facts to look into. */
typedef struct {
    const char *name;
    const ProtobufCMessageDescriptor *facts;
} oracle_service;

/** Does not return. */
typedef void oracle_fail_fn(void *context, const char *what);

oracle *oracle_create(const oracle_service *services, unsigned count, oracle_fail_fn *fail,
                      void *context);
void oracle_destroy(oracle *o);

/** The next log message. @return whether its batch counts */
bool oracle_take_log(oracle *o, const px_bus_msg *msg);
/** The next feed message. */
void oracle_take_feed(oracle *o, const px_bus_msg *msg);
/** A power cut, whatever was lost; nothing after these is there any more. */
void oracle_cut_any(oracle *o);
/** The server may store two batches where it was asked for one. */
void oracle_server_races(oracle *o);
void oracle_cut_log(oracle *o, uint64_t last_seq);
void oracle_cut_feed(oracle *o, uint64_t last_seq);

/** What the log says became of one submission. */
typedef struct {
    const char *code; /* "" = accepted */
    const char *field;
    uint64_t facts;
    uint64_t log_seq;
    uint64_t contents; /* how many contents with this id have an answer */
} oracle_answer;

/** digest NULL: of whatever content is recorded first for this id. @return false when there is none
 */
bool oracle_find(const oracle *o, const char *service, const char *tenant, const char *source,
                 const char *id, const uint8_t digest[32], oracle_answer *answer);

/** Tag of a log message, and a number that stands for the log up to there. false: not there. */
bool oracle_at(const oracle *o, uint64_t seq, uint64_t *tag, uint64_t *prefix);
uint64_t oracle_log_last(const oracle *o);
/** Batches that count, and that do not, in the log as it is. */
uint64_t oracle_counted(const oracle *o);
uint64_t oracle_voids(const oracle *o);
/** Facts that newer code stated of its keys, after a log sequence, and that were due before. A plan
 * whose items' effects moved since it was looked at last has none that are due: what was learned of
 * an item is no reason to look at plans. */
uint64_t oracle_forgotten_after(const oracle *o, uint64_t seq);

/** A number that stands for what a service stated after a log sequence: causes, facts and
 * rejections in order, in whatever batches they came. */
uint64_t oracle_stated_after(const oracle *o, const char *service, uint64_t seq);

/** At the end: the feed holds every row of every batch that counts, first copies in order. */
void oracle_check_feed(oracle *o);

#endif
