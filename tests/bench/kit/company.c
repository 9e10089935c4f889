#include "tests/bench/kit/company.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "praxis/common/v1/result.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "praxis/feedback_ingest/v1/submission.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/praxis/programme.h"
#include "services/praxis/sender.h"
#include "tests/bench/kit/clock.h"

enum {
    COMPETENCIES = 200,
    LEVELS = 5,
    LEVEL_ASKED = 4,
    TARGETS = BENCH_TARGETS,
    ITEM_LENGTHS = 5,
    SCALE = 5,
    ARENA_BYTES = 256 * 1024 * 1024,
    BUNDLE = 100,
    SETUP_TIMEOUT_S = 300,
    QUIET_MS = 500,
    QUIET_STEP_MS = 10,
    QUIET_TIMEOUT_S = 300
};

size_t bench_number(const char *id)
{
    const char *dash = strrchr(id, '-');

    return dash ? strtoull(dash + 1, NULL, 10) : 0;
}

/* ---- who is who ---- */

size_t bench_manager(size_t person)
{
    return person % BENCH_TEAM == 0 ? 0 : person - person % BENCH_TEAM;
}

/* Ten apart, so that all are asked for and neighbours share two. */
size_t bench_target(size_t role, size_t place)
{
    return (role * 10 + place) % COMPETENCIES;
}

size_t bench_people(size_t wanted)
{
    return wanted < 5 * BENCH_TEAM ? 5 * BENCH_TEAM : wanted / BENCH_TEAM * BENCH_TEAM;
}

char *bench_name(px_arena *arena, const char *kind, size_t number)
{
    char *id = px_arena_printf(arena, "%s-%zu", kind, number);

    PX_ASSERT(id != NULL);
    return id;
}

/* ---- what makes it known ---- */

static void *add(px_programme *out, const char *service, unsigned type, const char *kind, size_t i)
{
    void *body = px_programme_add(out, service, type, bench_name(out->arena, kind, i), "hr",
                                  bench_wall_us());

    PX_ASSERT(body != NULL);
    return body;
}

static void add_people(px_programme *out, size_t people)
{
    static const char service[] = "feedback-ingest";
    px_arena *arena = out->arena;

    for (size_t i = 0; i < people; i += BENCH_TEAM) {
        FeedbackIngest__RecordUnit *unit =
            add(out, service, FEEDBACK_INGEST__SUBMISSION__BODY_RECORD_UNIT, "unit", i);
        unit->unit_id = bench_name(arena, "u", i);
        unit->parent_unit_id = i == 0 ? px_arena_strdup(arena, "") : bench_name(arena, "u", 0);
        unit->label = bench_name(arena, "Team", i);
    }
    for (size_t i = 0; i < people; i++) {
        FeedbackIngest__RecordPerson *person =
            add(out, service, FEEDBACK_INGEST__SUBMISSION__BODY_RECORD_PERSON, "person", i);
        person->person_id = bench_name(arena, "p", i);
        person->manager_id =
            i == 0 ? px_arena_strdup(arena, "") : bench_name(arena, "p", bench_manager(i));
        person->unit_id = bench_name(arena, "u", i - i % BENCH_TEAM);
        person->active = true;
    }
}

void *bench_new(const ProtobufCMessageDescriptor *type, px_arena *arena)
{
    void *message = px_codec_new(type, arena);

    PX_ASSERT(message != NULL);
    return message;
}

static void add_competency(px_programme *out, size_t i)
{
    px_arena *arena = out->arena;
    Competency__DefineCompetency *c =
        add(out, "competency", COMPETENCY__SUBMISSION__BODY_DEFINE_COMPETENCY, "competency", i);

    c->competency_id = bench_name(arena, "c", i);
    c->title = bench_name(arena, "Competency", i);
    c->family = COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_FUNCTIONAL;
    c->levels = px_arena_alloc(arena, LEVELS * sizeof(void *));
    PX_ASSERT(c->levels != NULL);
    for (size_t k = 0; k < LEVELS; k++) {
        c->levels[k] = bench_new(&competency__competency_level__descriptor, arena);
        c->levels[k]->name = bench_name(arena, "level", k + 1);
    }
    c->n_levels = LEVELS;
}

/* @param nth  of all targets ever set: makes its id */
static void add_target(px_programme *out, size_t nth, size_t role, size_t place, size_t level)
{
    px_arena *arena = out->arena;
    Competency__SetRoleTarget *target =
        add(out, "competency", COMPETENCY__SUBMISSION__BODY_SET_ROLE_TARGET, "target", nth);

    target->role_id = bench_name(arena, "role", role);
    target->competency_id = bench_name(arena, "c", bench_target(role, place));
    target->level_name = bench_name(arena, "level", level);
}

static void add_role(px_programme *out, size_t i)
{
    px_arena *arena = out->arena;
    Competency__DefineRole *role =
        add(out, "competency", COMPETENCY__SUBMISSION__BODY_DEFINE_ROLE, "role", i);

    role->role_id = bench_name(arena, "role", i);
    role->title = bench_name(arena, "Role", i);
    for (size_t k = 0; k < TARGETS; k++)
        add_target(out, i * TARGETS + k, i, k, LEVEL_ASKED);
}

static void add_framework(px_programme *out, size_t roles)
{
    for (size_t i = 0; i < COMPETENCIES; i++)
        add_competency(out, i);
    for (size_t i = 0; i < roles; i++)
        add_role(out, i);
}

static void add_scale(px_programme *out)
{
    px_arena *arena = out->arena;
    ReviewCycle__DefineScale *scale =
        add(out, "review-cycle", REVIEW_CYCLE__SUBMISSION__BODY_DEFINE_SCALE, "scale", 1);

    scale->scale_id = bench_name(arena, "s", 1);
    scale->version = 1;
    scale->values = px_arena_alloc(arena, SCALE * sizeof(void *));
    PX_ASSERT(scale->values != NULL);
    for (int k = 0; k < SCALE; k++) {
        scale->values[k] = bench_new(&review_cycle__scale_value__descriptor, arena);
        scale->values[k]->value = k + 1;
        scale->values[k]->label = bench_name(arena, "value", (size_t)k + 1);
        scale->values[k]->proficient = k + 1 >= 3;
    }
    scale->n_values = SCALE;
    scale->default_value = 3;
}

static void add_cycle(px_programme *out)
{
    px_arena *arena = out->arena;
    ReviewCycle__DefineCycle *cycle =
        add(out, "review-cycle", REVIEW_CYCLE__SUBMISSION__BODY_DEFINE_CYCLE, "cycle", 1);

    cycle->cycle_id = bench_name(arena, "cycle", 1);
    cycle->label = bench_name(arena, "Cycle", 1);
    cycle->starts_at = px_codec_timestamp(bench_wall_us(), arena);
    cycle->scale_id = bench_name(arena, "s", 1);
    cycle->scale_version = 1;
    for (int to = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_SCHEDULED;
         to <= REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_WRITING; to++) {
        ReviewCycle__MoveCycle *move =
            add(out, "review-cycle", REVIEW_CYCLE__SUBMISSION__BODY_MOVE_CYCLE, "move", (size_t)to);
        move->cycle_id = bench_name(arena, "cycle", 1);
        move->to = (ReviewCycle__CyclePhase)to;
    }
}

static void add_assignments(px_programme *out, size_t people, size_t roles)
{
    for (size_t i = 0; i < people; i++) {
        Competency__AssignRole *assign =
            add(out, "competency", COMPETENCY__SUBMISSION__BODY_ASSIGN_ROLE, "assign", i);
        assign->person_id = bench_name(out->arena, "p", i);
        assign->role_id = bench_name(out->arena, "role", i % roles);
    }
}

static void add_catalogue(px_programme *out, size_t items)
{
    px_arena *arena = out->arena;

    for (size_t i = 0; i < items; i++) {
        LearningRecommender__DefineCatalogueItem *item =
            add(out, "learning-recommender",
                LEARNING_RECOMMENDER__SUBMISSION__BODY_DEFINE_CATALOGUE_ITEM, "item", i);
        LearningRecommender__ItemOutcome *outcome =
            bench_new(&learning_recommender__item_outcome__descriptor, arena);
        item->item_id = bench_name(arena, "i", i);
        item->title = bench_name(arena, "Item", i);
        item->kind = LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COURSE;
        item->hours = 2 + (double)(i / COMPETENCIES % ITEM_LENGTHS) * 1.5;
        item->outcomes = px_arena_alloc(arena, sizeof(void *));
        PX_ASSERT(item->outcomes != NULL);
        item->outcomes[0] = outcome;
        item->n_outcomes = 1;
        outcome->competency_id = bench_name(arena, "c", i % COMPETENCIES);
        outcome->share = 1;
        outcome->level_from = 1;
        outcome->level_to = 5;
    }
}

/* ---- sending it ---- */

static void must_be_accepted(void *context, uint64_t tag, const Praxis__Result *result)
{
    (void)context;
    (void)tag;
    if (result->outcome_case != PRAXIS__RESULT__OUTCOME_ACCEPTED)
        bench_fail("%s was refused: %s %s (%s)", result->submission_id, result->rejected->code,
                   result->rejected->field, result->rejected->text);
}

/* Sends all of it in bundles, waits for all results, and forgets it. */
static void send_all(px_bus *bus, const char *tenant, px_programme *programme)
{
    const px_sender_options options = { .bus = bus,
                                        .tenant = tenant,
                                        .source = BENCH_SOURCE,
                                        .bundle = BUNDLE,
                                        .on_result = must_be_accepted };
    int64_t start = bench_now_ns();
    px_sender *sender;

    PX_ASSERT(px_sender_create(&sender, &options) == PX_OK);
    for (size_t i = 0; i < programme->count; i++) {
        const px_programme_item *item = &programme->items[i];
        const px_sending sending = { .service = item->service,
                                     .type = item->type,
                                     .id = item->id,
                                     .bytes = px_codec_pack(item->message, programme->arena) };

        if (!sending.bytes.data || px_sender_put(sender, &sending) != PX_OK)
            bench_fail("%s cannot be sent", item->id);
    }
    if (px_sender_finish(sender) != PX_OK || bench_seconds_since(start) > SETUP_TIMEOUT_S)
        bench_fail("setting up takes too long");
    px_sender_destroy(sender);
    px_arena_reset(programme->arena);
    *programme = px_programme_begin(programme->arena);
}

void bench_company_set_up(const bench_world *world, const bench_company *company)
{
    const char *tenant = company->tenant ? company->tenant : BENCH_TENANT;
    size_t roles = company->roles ? company->roles : BENCH_ROLES;
    px_bus *bus = bench_world_connect(world, "bench-setup");
    px_arena arena;

    if (!company->hurry)
        bench_progress("making %s of %zu people known", tenant, company->people);
    PX_ASSERT(px_arena_init(&arena, ARENA_BYTES));
    px_programme programme = px_programme_begin(&arena);
    /* What one daemon decides on must be in the log before: so in three goes. */
    add_people(&programme, company->people);
    add_framework(&programme, roles);
    add_scale(&programme);
    send_all(bus, tenant, &programme);
    add_cycle(&programme);
    add_catalogue(&programme, company->items ? company->items : BENCH_ITEMS);
    send_all(bus, tenant, &programme);
    add_assignments(&programme, company->people, roles);
    send_all(bus, tenant, &programme);
    if (!company->hurry)
        bench_wait_until_quiet(bus, 0, 0);
    px_arena_fini(&arena);
    px_bus_close(bus);
}

void bench_company_ask(const bench_world *world, size_t roles, size_t level)
{
    px_bus *bus = bench_world_connect(world, "bench-ask");
    px_arena arena;

    PX_ASSERT(level >= 1 && level <= LEVELS && px_arena_init(&arena, ARENA_BYTES));
    px_programme programme = px_programme_begin(&arena);
    for (size_t i = 0; i < roles; i++)
        add_target(&programme, roles * TARGETS * level + i, i, 0, level);
    send_all(bus, BENCH_TENANT, &programme);
    px_arena_fini(&arena);
    px_bus_close(bus);
}

uint64_t bench_last_seq(px_bus *bus, const char *stream)
{
    px_stream_info info;

    if (px_bus_stream_info(bus, stream, &info) != PX_OK)
        bench_fail("%s cannot be asked about: %s", stream, px_bus_last_error(bus));
    return info.last_seq;
}

double bench_wait_until_quiet(px_bus *bus, int64_t start_ns, uint64_t feed_seq)
{
    int64_t start = bench_now_ns(), since = start;
    uint64_t log = 0, feed = 0;

    while (feed < feed_seq || bench_seconds_since(since) * 1000 < QUIET_MS) {
        uint64_t log_now = bench_last_seq(bus, "PRAXIS_LOG");
        uint64_t feed_now = bench_last_seq(bus, "PRAXIS_FEED");

        if (log_now != log || feed_now != feed)
            since = bench_now_ns();
        log = log_now;
        feed = feed_now;
        if (bench_seconds_since(start) > QUIET_TIMEOUT_S)
            bench_fail("log and feed do not come to rest: the feed is at %" PRIu64
                       ", and comes to %" PRIu64 " at least",
                       feed, feed_seq);
        poll(NULL, 0, QUIET_STEP_MS);
    }
    return (double)(since - start_ns) / 1e9;
}
