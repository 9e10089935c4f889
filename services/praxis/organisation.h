/* organisation.h: the generated organisation of the demo: 240 people who do not exist, by the
 * recipe in demo/ORGANISATION.md. Pure: the same data and seed give the same submissions, byte for
 * byte.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_ORGANISATION_H
#define PRAXIS_SERVICES_PRAXIS_ORGANISATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "praxis/learning_recommender/v1/query.pb-c.h"
#include "services/praxis/programme.h"

enum {
    PX_DEMO_PEOPLE = 240, /* numbered from 1 */
    PX_DEMO_TEAM_SIZE = 8,
    PX_DEMO_TEAMS = PX_DEMO_PEOPLE / PX_DEMO_TEAM_SIZE,
    PX_DEMO_BLOCK_TEAMS = 6,
    PX_DEMO_CYCLES = 3, /* numbered from 1 */
    PX_DEMO_CYCLE_DAYS = 90,
    PX_DEMO_HR_PARTNER = 240,
    PX_DEMO_STORY = 12,       /* the person whose story is told */
    PX_DEMO_READING_DAY = 28, /* of a cycle: when plans are read */
    PX_DEMO_CLOSING_DAY = 88,
    PX_DEMO_ID_SIZE = 65,
    PX_DEMO_SKILLS_MAX = 256,
    PX_DEMO_TARGETS_MAX = 32,
    PX_DEMO_OUTCOMES_MAX = 8,
    PX_DEMO_ERROR_MAX = 640
};

#define PX_DEMO_SEED 20260105u

/** A skill that a role asks for. */
typedef struct {
    uint16_t skill;
    double level; /* 1..5 */
} px_demo_target;

/** A role with what it asks for, and the teams in which it is found. */
typedef struct {
    char id[PX_DEMO_ID_SIZE];
    char team_role[PX_DEMO_ID_SIZE];
    bool manager; /* held by the first of the team; others are drawn by weight */
    uint32_t weight;
    size_t target_count;
    px_demo_target targets[PX_DEMO_TARGETS_MAX];
} px_demo_role;

typedef struct {
    char id[PX_DEMO_ID_SIZE];
    char parent_id[PX_DEMO_ID_SIZE];
    char label[128];
    char team_role[PX_DEMO_ID_SIZE];
} px_demo_unit;

typedef struct {
    char id[PX_DEMO_ID_SIZE];
    char title[128];
} px_demo_skill;

/** What an item of the catalogue teaches; titles stay with the catalogue. */
typedef struct {
    char id[PX_DEMO_ID_SIZE];
    char kind; /* 'c'ourse, 'm'icro, 't'ask */
    double hours;
    size_t outcome_count;
    struct {
        uint16_t skill;
        double share, from, to;
    } outcomes[PX_DEMO_OUTCOMES_MAX];
} px_demo_item;

/** Everything the draws need, and what people have learned so far. */
typedef struct px_organisation px_organisation;

/**
 * Reads the tables under the demo's data directory and draws the roles.
 * @return NULL and one line in `error`
 */
px_organisation *px_organisation_load(const char *data_dir, uint64_t seed,
                                      char error[PX_DEMO_ERROR_MAX]);
void px_organisation_free(px_organisation *organisation); /* NULL is fine */

/* ---- who is who; people are 1..240, teams 1..30 ---- */

/** "p-012" */
const char *px_demo_person_id(uint32_t person, char id[PX_DEMO_ID_SIZE]);
/** The number of "p-012"; 0 when it is none. */
uint32_t px_demo_person_number(const char *id);
uint32_t px_demo_team_of(uint32_t person);
/** 0 for p-001, who has none. */
uint32_t px_demo_manager_of(uint32_t person);
const px_demo_role *px_organisation_role(const px_organisation *o, uint32_t person);
const px_demo_unit *px_organisation_unit(const px_organisation *o, size_t index);
size_t px_organisation_units(const px_organisation *o);
const px_demo_skill *px_organisation_skill(const px_organisation *o, size_t index);
const char *px_organisation_skill_title(const px_organisation *o, const char *skill_id);

/**
 * Who reviews a person in a cycle as a peer, or as a report: up to three, lowest draw first.
 * @return how many
 */
size_t px_demo_peers(const px_organisation *o, uint32_t person, uint32_t cycle, uint32_t peers[3]);
size_t px_demo_reports(const px_organisation *o, uint32_t person, uint32_t cycle,
                       uint32_t reports[3]);

/** The level a person really has in a skill, which no daemon sees: 1..5. */
double px_demo_true_level(const px_organisation *o, uint32_t person, px_demo_target target);

/* ---- what is sent ---- */

/** Microseconds since 1970 of a moment of a cycle. */
int64_t px_demo_time_us(uint32_t cycle, uint32_t day, uint32_t minute);

/** Units, people, role assignments, and the scale. */
void px_demo_add_units(const px_organisation *o, px_programme *out);
void px_demo_add_people(px_programme *out);
void px_demo_add_roles(const px_organisation *o, px_programme *out);
void px_demo_add_scale(px_programme *out);
/** A cycle as defined, and its move to another phase. */
void px_demo_add_cycle(px_programme *out, uint32_t cycle);
void px_demo_add_move(px_programme *out, uint32_t cycle, int phase, uint32_t day, uint32_t minute);
void px_demo_add_reviews(const px_organisation *o, px_programme *out, uint32_t cycle);
void px_demo_add_feedback(const px_organisation *o, px_programme *out, uint32_t cycle);
/**
 * What a person does with an open plan as read on day 28, and what that teaches: later true levels
 * follow. Each plan once per cycle; an item that is in `out` for the person is not taken again.
 */
void px_demo_add_learning(px_organisation *o, px_programme *out, uint32_t cycle,
                          const LearningRecommender__Plan *plan);

#endif
