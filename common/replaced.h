/* replaced.h: what several services know of competencies that ended, projected from the facts of
 * competency: whatever names one of them means its successors. Part of the table of roles.h.
 */
#ifndef PRAXIS_COMMON_REPLACED_H
#define PRAXIS_COMMON_REPLACED_H

#include <stdbool.h>
#include <stdint.h>

#include "common/people.h"
#include "common/service.h"
#include "common/store.h"

enum {
    PX_SUCCESSORS_MAX = 16, /* of one competency, over everything that came after; more don't count
                             */
    PX_SUCCESSOR_LEVELS = 10
};

/** One of what took the place of a competency. */
typedef struct {
    char competency_id[PX_ID_SIZE];
    double share;       /* the part of learning that counts for it */
    bool moves_ratings; /* false: a rating on 1..5 stays what it was */
    uint8_t level_count;
    double levels[PX_SUCCESSOR_LEVELS]; /* of each level of the old one, on 1..5 */
} px_successor;

/** All of them; of a competency in use only itself. Those that ended too are followed. */
typedef struct {
    bool ended;   /* false: it is in use, or was never heard of */
    uint8_t kind; /* ReplacementKind of the contract; 0 = in use */
    size_t count; /* 0: retired */
    px_successor all[PX_SUCCESSORS_MAX];
} px_successors;

px_successors px_replaced_resolve(const px_view *state, const char *tenant,
                                  const char *competency_id);
bool px_replaced_has_ended(const px_view *state, const char *tenant, const char *competency_id);
/** NULL when it is not among them. */
const px_successor *px_successors_find(const px_successors *all, const char *competency_id);
/** What a level (1..5) of the old competency is in the new one; 0 stays 0. */
double px_successor_level(const px_successor *s, double level);
/** What a rating between levels is there. */
double px_successor_rating(const px_successor *s, double rating);

/** The role asks for this competency from now on, or asks for it no longer. */
typedef void px_retargeted_fn(px_txn *state, const char *tenant, const char *role_id,
                              const char *competency_id, const char *old_competency_id,
                              double target);

/**
 * CompetencyReplaced: keeps the map, and moves what roles ask for; `retargeted` is called for each
 * new target and with target 0 for each that is gone (NULL: nobody has to know). Where a role asks
 * for the successor too, the higher level stays.
 */
void px_replaced_project(px_txn *state, const px_fact *fact, px_retargeted_fn *retargeted);

#endif
