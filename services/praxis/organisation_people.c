/* organisation_people.c: who works where and for whom, who is asked about whom, and what makes the
 * organisation known. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "praxis/feedback_ingest/v1/submission.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/praxis/organisation_impl.h"

enum { DAY_ZERO = 20458 }; /* 2026-01-05, in days since 1970 */

static const char hr_partner[] = "p-240";

int64_t px_demo_time_us(uint32_t cycle, uint32_t day, uint32_t minute)
{
    int64_t days = DAY_ZERO + (int64_t)(cycle - 1) * PX_DEMO_CYCLE_DAYS + day;

    return (days * 1440 + minute) * 60000000;
}

/* ---- who is who ---- */

const char *px_demo_person_id(uint32_t person, char id[PX_DEMO_ID_SIZE])
{
    snprintf(id, PX_DEMO_ID_SIZE, "p-%03u", person);
    return id;
}

uint32_t px_demo_person_number(const char *id)
{
    unsigned long number = strncmp(id, "p-", 2) == 0 ? strtoul(id + 2, NULL, 10) : 0;

    return number <= PX_DEMO_PEOPLE ? (uint32_t)number : 0;
}

uint32_t px_demo_team_of(uint32_t person)
{
    return (person - 1) / PX_DEMO_TEAM_SIZE + 1;
}

static uint32_t first_of_team(uint32_t team)
{
    return (team - 1) * PX_DEMO_TEAM_SIZE + 1;
}

/* The first of the first team of the team's block. */
static uint32_t head_of_block(uint32_t team)
{
    return first_of_team((team - 1) / PX_DEMO_BLOCK_TEAMS * PX_DEMO_BLOCK_TEAMS + 1);
}

uint32_t px_demo_manager_of(uint32_t person)
{
    uint32_t team = px_demo_team_of(person);

    if (person != first_of_team(team))
        return first_of_team(team);
    if (person != head_of_block(team))
        return head_of_block(team);
    return person == 1 ? 0 : 1;
}

/* ---- who is asked ---- */

typedef struct {
    uint32_t person;
    uint64_t hash;
} candidate;

typedef struct {
    candidate items[PX_DEMO_PEOPLE];
    size_t count;
} candidates;

static int by_hash(const void *left, const void *right)
{
    const candidate *a = left, *b = right;

    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return a->person < b->person ? -1 : a->person > b->person;
}

static size_t take(candidates *c, size_t wanted, uint32_t out[3])
{
    size_t count = c->count < wanted ? c->count : wanted;

    qsort(c->items, c->count, sizeof *c->items, by_hash);
    for (size_t i = 0; i < count; i++)
        out[i] = c->items[i].person;
    return count;
}

/* p-001; who heads a block; who manages a team; everybody else. */
typedef enum { TOP, HEAD, MANAGER, MEMBER } place;

static place place_of(uint32_t person)
{
    uint32_t team = px_demo_team_of(person);

    if (person == 1)
        return TOP;
    if (person == head_of_block(team))
        return HEAD;
    return person == first_of_team(team) ? MANAGER : MEMBER;
}

/* The others of the team; for who manages one, those who manage beside. */
static bool are_colleagues(uint32_t a, uint32_t b)
{
    return a != b && place_of(a) == place_of(b) && px_demo_manager_of(a) == px_demo_manager_of(b);
}

static size_t story_peers(uint32_t peers[3])
{
    peers[0] = 10;
    peers[1] = 11;
    peers[2] = 13;
    return 3;
}

size_t px_demo_peers(const px_organisation *o, uint32_t person, uint32_t cycle, uint32_t peers[3])
{
    px_draw third = { PX_DRAW_THIRD_PEER, { person, cycle } };
    candidates c = { .count = 0 };

    if (person == PX_DEMO_STORY)
        return story_peers(peers);
    for (uint32_t p = 1; p <= PX_DEMO_PEOPLE; p++)
        if (are_colleagues(person, p))
            c.items[c.count++] =
                (candidate){ p, px_draw_hash(o->seed,
                                             (px_draw){ PX_DRAW_PEER, { person, p, cycle } }) };
    return take(&c, px_draw_uniform(o->seed, third) < .5 ? 3 : 2, peers);
}

size_t px_demo_reports(const px_organisation *o, uint32_t person, uint32_t cycle,
                       uint32_t reports[3])
{
    candidates c = { .count = 0 };

    for (uint32_t p = 1; p <= PX_DEMO_PEOPLE; p++)
        if (px_demo_manager_of(p) == person)
            c.items[c.count++] =
                (candidate){ p, px_draw_hash(o->seed,
                                             (px_draw){ PX_DRAW_REPORT, { person, p, cycle } }) };
    return take(&c, 3, reports);
}

/* ---- what makes the organisation known ---- */

static char *text(px_programme *out, const char *value)
{
    return px_arena_strdup(out->arena, value);
}

void px_demo_add_units(const px_organisation *o, px_programme *out)
{
    char id[PX_DEMO_ID_SIZE + 8];

    for (size_t i = 0; i < o->unit_count; i++) {
        snprintf(id, sizeof id, "unit-%s", o->units[i].id);
        FeedbackIngest__RecordUnit *body =
            px_programme_add(out, "feedback-ingest", FEEDBACK_INGEST__SUBMISSION__BODY_RECORD_UNIT,
                             id, hr_partner, px_demo_time_us(1, 0, 360));
        if (!body)
            return;
        body->unit_id = text(out, o->units[i].id);
        body->parent_unit_id = text(out, o->units[i].parent_id);
        body->label = text(out, o->units[i].label);
    }
}

static void add_person(px_programme *out, uint32_t person)
{
    char person_id[PX_DEMO_ID_SIZE], manager_id[PX_DEMO_ID_SIZE], id[PX_DEMO_ID_SIZE + 8];
    uint32_t manager = px_demo_manager_of(person);

    snprintf(id, sizeof id, "person-%s", px_demo_person_id(person, person_id));
    FeedbackIngest__RecordPerson *body =
        px_programme_add(out, "feedback-ingest", FEEDBACK_INGEST__SUBMISSION__BODY_RECORD_PERSON,
                         id, hr_partner, px_demo_time_us(1, 0, 370));
    if (!body)
        return;
    body->person_id = text(out, person_id);
    body->manager_id = text(out, manager ? px_demo_person_id(manager, manager_id) : "");
    body->unit_id = px_arena_printf(out->arena, "u-team-%02u", px_demo_team_of(person));
    body->active = true;
    body->hr_partner = person == PX_DEMO_HR_PARTNER;
}

/* Managers before those whom they manage: the top, the heads, the managers of teams, the members.
 */
static unsigned rank_of(uint32_t person)
{
    unsigned rank = 0;

    for (uint32_t p = person; px_demo_manager_of(p) != 0; p = px_demo_manager_of(p))
        rank++;
    return rank;
}

void px_demo_add_people(px_programme *out)
{
    for (unsigned rank = 0; rank < 4; rank++)
        for (uint32_t person = 1; person <= PX_DEMO_PEOPLE; person++)
            if (rank_of(person) == rank)
                add_person(out, person);
}

void px_demo_add_roles(const px_organisation *o, px_programme *out)
{
    char person_id[PX_DEMO_ID_SIZE], id[PX_DEMO_ID_SIZE + 8];

    for (uint32_t person = 1; person <= PX_DEMO_PEOPLE; person++) {
        snprintf(id, sizeof id, "role-%s", px_demo_person_id(person, person_id));
        Competency__AssignRole *body =
            px_programme_add(out, "competency", COMPETENCY__SUBMISSION__BODY_ASSIGN_ROLE, id,
                             hr_partner, px_demo_time_us(1, 0, 380));
        if (!body)
            return;
        body->person_id = text(out, person_id);
        body->role_id = text(out, o->role_of[person]->id);
    }
}

/* ---- scale and cycles ---- */

static void add_scale_value(px_programme *out, ReviewCycle__DefineScale *scale, const char *label)
{
    ReviewCycle__ScaleValue *value =
        (void *)px_codec_new(&review_cycle__scale_value__descriptor, out->arena);

    if (!value)
        return;
    value->value = (int32_t)scale->n_values + 1;
    value->label = text(out, label);
    value->proficient = value->value >= 4;
    scale->values[scale->n_values++] = value;
}

void px_demo_add_scale(px_programme *out)
{
    static const char *const labels[] = { "Far below", "Below", "As expected", "Above",
                                          "Far above" };
    ReviewCycle__DefineScale *body =
        px_programme_add(out, "review-cycle", REVIEW_CYCLE__SUBMISSION__BODY_DEFINE_SCALE,
                         "scale-ratings-5", hr_partner, px_demo_time_us(1, 0, 360));

    if (!body)
        return;
    body->scale_id = text(out, "ratings-5");
    body->version = 1;
    body->default_value = 3;
    body->values = px_arena_alloc(out->arena, PX_COUNT(labels) * sizeof *body->values);
    for (size_t i = 0; body->values && i < PX_COUNT(labels); i++)
        add_scale_value(out, body, labels[i]);
}

void px_demo_add_cycle(px_programme *out, uint32_t cycle)
{
    char id[PX_DEMO_ID_SIZE];

    snprintf(id, sizeof id, "define-cycle-%u", cycle);
    ReviewCycle__DefineCycle *body =
        px_programme_add(out, "review-cycle", REVIEW_CYCLE__SUBMISSION__BODY_DEFINE_CYCLE, id,
                         hr_partner, px_demo_time_us(cycle, 0, 480));
    if (!body)
        return;
    body->cycle_id = px_arena_printf(out->arena, "cycle-%u", cycle);
    body->label = px_arena_printf(out->arena, "Review cycle %u of 2026", cycle);
    body->starts_at = px_codec_timestamp(px_demo_time_us(cycle, 0, 0), out->arena);
    body->length_days = PX_DEMO_CYCLE_DAYS;
    body->scale_id = text(out, "ratings-5");
    body->scale_version = 1;
}

void px_demo_add_move(px_programme *out, uint32_t cycle, int phase, uint32_t day, uint32_t minute)
{
    char id[PX_DEMO_ID_SIZE];

    snprintf(id, sizeof id, "move-cycle-%u-%d", cycle, phase);
    ReviewCycle__MoveCycle *body =
        px_programme_add(out, "review-cycle", REVIEW_CYCLE__SUBMISSION__BODY_MOVE_CYCLE, id,
                         hr_partner, px_demo_time_us(cycle, day, minute));
    if (!body)
        return;
    body->cycle_id = px_arena_printf(out->arena, "cycle-%u", cycle);
    body->to = (ReviewCycle__CyclePhase)phase;
}
