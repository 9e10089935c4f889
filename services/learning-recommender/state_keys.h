/* state_keys.h: the tables of learning-recommender, and what its state files share. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_STATE_KEYS_H
#define PRAXIS_LEARNING_RECOMMENDER_STATE_KEYS_H

#include "common/keys.h"
#include "common/people.h"
#include "common/record.h"
#include "services/learning-recommender/state.h"

/** Key (after the tenant) -> value. Table 16 is people's. */
enum {
    TABLE_COMPETENCY = 17,    /* competency -> title */
    TABLE_LEARNER = 19,       /* person -> learner_record */
    TABLE_STANDING = 21,      /* person, competency -> standing_record */
    TABLE_GAP_PERSON = 22,    /* competency, person with an open gap -> nothing */
    TABLE_RATINGS = 23,       /* person, competency -> ratings_record */
    TABLE_PROGRESS = 24,      /* person, item -> learning_progress */
    TABLE_ITEM = 25,          /* item -> item_record */
    TABLE_ITEM_TEXTS = 26,    /* item -> item_texts */
    TABLE_TEACHING = 27,      /* competency, item -> teaching_record */
    TABLE_PLAN = 28,          /* person, number -> plan_record without its items */
    TABLE_PLAN_ITEM = 29,     /* person, number, index -> plan_item */
    TABLE_FOLLOW_UP = 30,     /* person, number, competency -> follow_up_record */
    TABLE_ITEM_PERSON = 31,   /* item, person whose open plan has it to do -> nothing */
    TABLE_DECLINED = 32,      /* person, item -> declined_record */
    TABLE_IMPACT = 33,        /* competency, item or "" -> impact_record */
    TABLE_SNAPSHOT = 34,      /* person, number, nth completion -> plan_snapshot */
    TABLE_POLICY = 35,        /* -> policy_record */
    TABLE_WISH = 36,          /* person, item -> wish_record */
    TABLE_PROMPT = 37,        /* person, item -> prompt_record */
    TABLE_TEMPLATE = 38,      /* template -> template_record */
    TABLE_TEMPLATE_PLAN = 39, /* person, template -> template_plan */
    TABLE_DEFERRED = 40,      /* person, item, plan -> until when */
    TABLE_SPENT = 41,         /* person -> spent_record */
    TABLE_MENTOR = 42,        /* person who offers to be one -> mentor_record */
    TABLE_MENTOR_FOR = 43,    /* competency, person who offers it -> nothing */
    TABLE_MENTORING = 44,     /* person, competency -> mentoring_record */
    TABLE_SPENT_ON = 45,      /* person, item -> spent_record: what completing it took */
    TABLE_POTENTIAL = 46,     /* person confirmed as a high potential -> nothing */
    TABLE_PREREQUISITES = 47, /* competency -> prerequisites_record */
    TABLE_WANTING = 48,       /* person, competency -> kinds of items that left it short */
    TABLE_REQUIRING = 52,     /* item, item that requires it -> nothing */
    TABLE_INITIATIVE = 53     /* template that is an initiative and was not ended -> nothing */
};

/** What comes in from learning systems. */
enum {
    TABLE_STATEMENT = 49,    /* statement -> statement_record */
    TABLE_STATEMENT_OF = 50, /* person, item, statement -> nothing */
    TABLE_ACTIVITY = 51      /* activity's token -> item */
};

/** The key of up to two ids; NULL ends it early, which makes it a prefix. */
px_keybuf learning_key(uint8_t table, const char *tenant, const char *id, const char *id2);
bool learning_get(const px_view *state, px_keybuf key, px_bytes *value);
void learning_put(px_txn *state, px_keybuf key, px_bytes value);
void learning_del(px_txn *state, px_keybuf key);
/** Removes every record whose key starts with the prefix. */
void learning_drop(px_txn *state, px_keybuf prefix);
/** What learning_item_key() takes apart. */
px_keybuf learning_agenda_item(const char *person_id, const char *item_id);
/** The `index`th id of a key, the tenant not counted; it points into the key. */
const char *learning_key_id(px_bytes key, unsigned index);

#endif
