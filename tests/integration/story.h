/* story.h: a story told to five real daemons and a real server, day by day on the event clock, and
 * what the log then says, fact by fact with its causes. */
#ifndef PRAXIS_TESTS_INTEGRATION_STORY_H
#define PRAXIS_TESTS_INTEGRATION_STORY_H

#include "tests/faults/scene.h"

enum { STORY_STEPS_MAX = 600, STORY_FACTS_MAX = 4000, STORY_WAVES_MAX = 64 };

/** What the log has to say before the story goes on. */
typedef struct {
    const char *name; /* NULL: nothing */
    const char *holding;
    size_t count;
} story_wait;

/** A fact of the log. */
typedef struct {
    uint64_t seq; /* of its batch */
    const char *service;
    const char *name;               /* as in JSON: "gapOpened" */
    const char *json;               /* the whole fact */
    const char *submission_id;      /* that it follows from; "" for facts of a key */
    uint64_t first_mark, last_mark; /* batches that made the key dirty; 0 for submissions */
} story_fact;

typedef struct {
    scene scene;
    load *load;
    unsigned wave;                     /* of the next step */
    story_wait waits[STORY_WAVES_MAX]; /* after each wave */
    uint64_t read_seq;                 /* of the log */
    story_fact *facts;
    size_t count;
    px_arena arena;
} story;

int story_setup(void **ctx);
int story_teardown(void **ctx);

/** Adds a step of `day` by `actor`; in order, one after the other. `body` as for load_add(). */
void story_say(story *s, unsigned daemon, int day, const char *actor, const char *body, ...)
    __attribute__((format(printf, 5, 6)));
/** What comes next rests on what was said so far. */
void story_next(story *s);
/** The same, and it comes only when the log holds so many facts of this name and text. */
void story_until(story *s, const char *name, const char *holding, size_t count);
/** Starts the daemons, sends all steps, waits for rest and reads the log. */
void story_tell(story *s);

/** The first fact from `from` on with this name whose JSON holds all the texts (NULL ends them).
 * Fails the test when there is none. @return its index */
size_t story_find(const story *s, size_t from, const char *name, ...);
size_t story_facts_of(const story *s, const char *name, const char *holding);
/**
 * Walks from a fact back to one with this name and text: over the batches that made its key dirty
 * and the plan it names, as far as they are about `about`. Prints the chain; fails when there is
 * none.
 */
void story_expect_chain(const story *s, size_t from, const char *about, const char *name,
                        const char *holding);

#endif
