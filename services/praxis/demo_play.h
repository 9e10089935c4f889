/* demo_play.h: the generated organisation comes into being and lives through its cycles. */
#ifndef PRAXIS_SERVICES_PRAXIS_DEMO_PLAY_H
#define PRAXIS_SERVICES_PRAXIS_DEMO_PLAY_H

#include "services/praxis/demo_link.h"
#include "services/praxis/organisation.h"

enum { PX_DEMO_TIMED_MAX = 4096, PX_DEMO_TIMED_PER_SECOND = 150 };

/** A review: about whom, in which cycle, and when it left. */
typedef struct {
    uint32_t person;
    uint32_t cycle;
    int64_t sent_ns;
} px_demo_timed;

typedef struct {
    px_demo_timed reviews[PX_DEMO_TIMED_MAX]; /* in the order sent */
    size_t review_count;
    /* By cycle: when everything was quiet after its reviews; plans said later have other causes. */
    int64_t quiet_ns[PX_DEMO_CYCLES + 1];
    /* By person: the last plan read that was made of gaps. */
    char gap_plans[PX_DEMO_PEOPLE + 1][PX_DEMO_ID_SIZE];
} px_demo_played;

/** Units, people, scale and roles; prints a line. False after a line on stderr. */
bool px_demo_settle_in(px_demo_link *link, const px_organisation *organisation);
/**
 * One cycle from its opening to its close; prints a paragraph. Reviews are sent one by one and
 * timed.
 */
bool px_demo_play_cycle(px_demo_link *link, px_organisation *organisation, uint32_t cycle,
                        px_demo_played *played);
/** Opens one more cycle, for others to write reviews in. False after a line on stderr. */
bool px_demo_open_next_cycle(px_demo_link *link);

#endif
