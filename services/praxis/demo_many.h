/* demo_many.h: plans that many people get at once: a template for one block, an initiative in
 * another, and what the feed says came of them. */
#ifndef PRAXIS_SERVICES_PRAXIS_DEMO_MANY_H
#define PRAXIS_SERVICES_PRAXIS_DEMO_MANY_H

#include "common/people.h"
#include "services/praxis/demo_feed.h"
#include "services/praxis/organisation.h"

enum {
    PX_MANY_CYCLE = 2, /* in which they are declared, when plans have been read */
    PX_MANY_PLANS_MAX = 256
};

/** A plan of the template, from its proposal on. */
typedef struct {
    char id[PX_ID_SIZE];
    bool completed;
} px_many_plan;

/** Said of the initiative, and when. */
typedef struct {
    uint32_t people, have, in_plan, refused;
    int64_t time_us;
} px_many_progress;

/** Embedded; all zero before the first event. */
typedef struct {
    px_many_plan plans[PX_MANY_PLANS_MAX];
    size_t count;
    unsigned skipped;             /* people of the block who get none */
    px_many_progress first, last; /* people: 0 before it was said */
    int64_t declared_us, until_us;
} px_many;

/** The submissions of the HR partner: template, its audience, the initiative. */
void px_demo_add_many(px_programme *out);

void px_many_hear(px_many *many, const px_demo_event *event);
void px_many_print(const px_many *many, const px_organisation *organisation);

#endif
