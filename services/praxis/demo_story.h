/* demo_story.h: what happened to one person, told from the events on the feed. */
#ifndef PRAXIS_SERVICES_PRAXIS_DEMO_STORY_H
#define PRAXIS_SERVICES_PRAXIS_DEMO_STORY_H

#include "services/praxis/demo_feed.h"
#include "services/praxis/organisation.h"

enum { PX_STORY_STEPS_MAX = 512, PX_STORY_ITEMS_MAX = 64 };

/** One event about the person, in words. */
typedef struct {
    uint64_t log_seq;
    size_t order; /* in which it was read: decides within one batch */
    int64_t time_us;
    const char *event;
    char *text;
} px_story_step;

/** Embedded; everything is in the arena. */
typedef struct {
    const px_organisation *organisation;
    const char *person_id;
    const char *competency_id; /* levels are told of this one only */
    px_arena *arena;
    px_story_step steps[PX_STORY_STEPS_MAX];
    size_t count;
    struct {
        const char *id, *title;
    } items[PX_STORY_ITEMS_MAX]; /* of the catalogue, as plans named them */
    size_t item_count;
} px_story;

/** Takes an event if it is about the person. */
void px_story_hear(px_story *story, const px_demo_event *event);
/** Tells what was heard, each step with its date and the event that says it. */
void px_story_print(px_story *story);

#endif
