#include "tests/bench/kit/company.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "praxis/common/v1/bundle.pb-c.h"
#include "praxis/common/v1/result.pb-c.h"
#include "praxis/common/v1/text.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "praxis/feedback_ingest/v1/submission.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/praxis/programme.h"
#include "services/praxis/sender.h"
#include "tests/bench/kit/clock.h"

enum {
    COMPETENCIES = 60,
    LEVELS = 5,
    ROLES = 20,
    TARGETS = 12,
    ITEMS = 300,
    SCALE = 5,
    RATINGS = 3,
    ARENA_BYTES = 256 * 1024 * 1024,
    BUNDLE = 100,
    SETUP_TIMEOUT_S = 120,
    QUIET_MS = 500,
    QUIET_STEP_MS = 10,
    QUIET_TIMEOUT_S = 120
};

static int64_t wall_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

size_t bench_number(const char *id)
{
    const char *dash = strrchr(id, '-');

    return dash ? strtoull(dash + 1, NULL, 10) : 0;
}

/* ---- who is who ---- */

static size_t manager_of(size_t person)
{
    return person % BENCH_TEAM == 0 ? 0 : person - person % BENCH_TEAM;
}

/* Every role asks for its own dozen of the 60, three apart, so that neighbours share most. */
static size_t target_of(size_t role, size_t place)
{
    return (role * 3 + place) % COMPETENCIES;
}

static char *name(px_arena *arena, const char *kind, size_t number)
{
    char *id = px_arena_printf(arena, "%s-%zu", kind, number);

    PX_ASSERT(id != NULL);
    return id;
}

/* ---- what makes it known ---- */

static void *add(px_programme *out, const char *service, unsigned type, const char *kind, size_t i)
{
    void *body = px_programme_add(out, service, type, name(out->arena, kind, i), "hr", wall_us());

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
        unit->unit_id = name(arena, "u", i);
        unit->parent_unit_id = i == 0 ? px_arena_strdup(arena, "") : name(arena, "u", 0);
        unit->label = name(arena, "Team", i);
    }
    for (size_t i = 0; i < people; i++) {
        FeedbackIngest__RecordPerson *person =
            add(out, service, FEEDBACK_INGEST__SUBMISSION__BODY_RECORD_PERSON, "person", i);
        person->person_id = name(arena, "p", i);
        person->manager_id = i == 0 ? px_arena_strdup(arena, "") : name(arena, "p", manager_of(i));
        person->unit_id = name(arena, "u", i - i % BENCH_TEAM);
        person->active = true;
    }
}

static void *item_of_list(px_arena *arena, const ProtobufCMessageDescriptor *type)
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

    c->competency_id = name(arena, "c", i);
    c->title = name(arena, "Competency", i);
    c->family = COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_FUNCTIONAL;
    c->levels = px_arena_alloc(arena, LEVELS * sizeof(void *));
    PX_ASSERT(c->levels != NULL);
    for (size_t k = 0; k < LEVELS; k++) {
        c->levels[k] = item_of_list(arena, &competency__competency_level__descriptor);
        c->levels[k]->name = name(arena, "level", k + 1);
    }
    c->n_levels = LEVELS;
}

static void add_role(px_programme *out, size_t i)
{
    px_arena *arena = out->arena;
    Competency__DefineRole *role =
        add(out, "competency", COMPETENCY__SUBMISSION__BODY_DEFINE_ROLE, "role", i);

    role->role_id = name(arena, "role", i);
    role->title = name(arena, "Role", i);
    for (size_t k = 0; k < TARGETS; k++) {
        Competency__SetRoleTarget *target =
            add(out, "competency", COMPETENCY__SUBMISSION__BODY_SET_ROLE_TARGET, "target",
                i * TARGETS + k);
        target->role_id = name(arena, "role", i);
        target->competency_id = name(arena, "c", target_of(i, k));
        target->level_name = name(arena, "level", 4);
    }
}

static void add_framework(px_programme *out)
{
    for (size_t i = 0; i < COMPETENCIES; i++)
        add_competency(out, i);
    for (size_t i = 0; i < ROLES; i++)
        add_role(out, i);
}

static void add_scale(px_programme *out)
{
    px_arena *arena = out->arena;
    ReviewCycle__DefineScale *scale =
        add(out, "review-cycle", REVIEW_CYCLE__SUBMISSION__BODY_DEFINE_SCALE, "scale", 1);

    scale->scale_id = name(arena, "s", 1);
    scale->version = 1;
    scale->values = px_arena_alloc(arena, SCALE * sizeof(void *));
    PX_ASSERT(scale->values != NULL);
    for (int k = 0; k < SCALE; k++) {
        scale->values[k] = item_of_list(arena, &review_cycle__scale_value__descriptor);
        scale->values[k]->value = k + 1;
        scale->values[k]->label = name(arena, "value", (size_t)k + 1);
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

    cycle->cycle_id = name(arena, "cycle", 1);
    cycle->label = name(arena, "Cycle", 1);
    cycle->starts_at = px_codec_timestamp(wall_us(), arena);
    cycle->scale_id = name(arena, "s", 1);
    cycle->scale_version = 1;
    for (int to = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_SCHEDULED;
         to <= REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_WRITING; to++) {
        ReviewCycle__MoveCycle *move =
            add(out, "review-cycle", REVIEW_CYCLE__SUBMISSION__BODY_MOVE_CYCLE, "move", (size_t)to);
        move->cycle_id = name(arena, "cycle", 1);
        move->to = (ReviewCycle__CyclePhase)to;
    }
}

static void add_assignments(px_programme *out, size_t people)
{
    for (size_t i = 0; i < people; i++) {
        Competency__AssignRole *assign =
            add(out, "competency", COMPETENCY__SUBMISSION__BODY_ASSIGN_ROLE, "assign", i);
        assign->person_id = name(out->arena, "p", i);
        assign->role_id = name(out->arena, "role", i % ROLES);
    }
}

static void add_catalogue(px_programme *out)
{
    px_arena *arena = out->arena;

    for (size_t i = 0; i < ITEMS; i++) {
        LearningRecommender__DefineCatalogueItem *item =
            add(out, "learning-recommender",
                LEARNING_RECOMMENDER__SUBMISSION__BODY_DEFINE_CATALOGUE_ITEM, "item", i);
        LearningRecommender__ItemOutcome *outcome =
            item_of_list(arena, &learning_recommender__item_outcome__descriptor);
        item->item_id = name(arena, "i", i);
        item->title = name(arena, "Item", i);
        item->kind = LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COURSE;
        item->hours = 2 + (double)(i / COMPETENCIES) * 1.5;
        item->outcomes = px_arena_alloc(arena, sizeof(void *));
        PX_ASSERT(item->outcomes != NULL);
        item->outcomes[0] = outcome;
        item->n_outcomes = 1;
        outcome->competency_id = name(arena, "c", i % COMPETENCIES);
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
static void send_all(px_bus *bus, px_programme *programme)
{
    const px_sender_options options = { .bus = bus,
                                        .tenant = BENCH_TENANT,
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

void bench_company_set_up(const bench_world *world, size_t people)
{
    px_bus *bus = bench_world_connect(world, "bench-setup");
    px_arena arena;

    PX_ASSERT(px_arena_init(&arena, ARENA_BYTES));
    px_programme programme = px_programme_begin(&arena);
    /* What one daemon decides on must be in the log before: so in three goes. */
    add_people(&programme, people);
    add_framework(&programme);
    add_scale(&programme);
    send_all(bus, &programme);
    add_cycle(&programme);
    add_catalogue(&programme);
    send_all(bus, &programme);
    add_assignments(&programme, people);
    send_all(bus, &programme);
    bench_wait_until_quiet(bus, 0);
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

double bench_wait_until_quiet(px_bus *bus, int64_t start_ns)
{
    int64_t start = bench_now_ns(), since = start;
    uint64_t log = 0, feed = 0;

    while (bench_seconds_since(since) * 1000 < QUIET_MS) {
        uint64_t log_now = bench_last_seq(bus, "PRAXIS_LOG");
        uint64_t feed_now = bench_last_seq(bus, "PRAXIS_FEED");

        if (log_now != log || feed_now != feed)
            since = bench_now_ns();
        log = log_now;
        feed = feed_now;
        if (bench_seconds_since(start) > QUIET_TIMEOUT_S)
            bench_fail("the log does not come to rest");
        poll(NULL, 0, QUIET_STEP_MS);
    }
    return (double)(since - start_ns) / 1e9;
}

/* ---- reviews ---- */

bench_review bench_review_by_manager(size_t person)
{
    return (bench_review){ .person = person, .rater = manager_of(person), .manager = true };
}

bench_review bench_review_by_colleague(size_t person, size_t colleague, size_t people)
{
    return (bench_review){ .person = person, .rater = (person + BENCH_TEAM + colleague) % people };
}

static px_bytes pack_review(const bench_review *review, size_t number, px_arena *arena)
{
    static const char text[] = "Explains what she does and why, listens to what others know, and "
                               "asks before things are late. Should say no more often, and write "
                               "down what was agreed so that others can go on with it.";
    px_programme one = px_programme_begin(arena);
    char *id = name(arena, "r", number);
    ReviewCycle__SubmitReview *body =
        px_programme_add(&one, "review-cycle", REVIEW_CYCLE__SUBMISSION__BODY_SUBMIT_REVIEW, id,
                         name(arena, "p", review->rater), wall_us());

    PX_ASSERT(body != NULL);
    body->review_id = id;
    body->cycle_id = name(arena, "cycle", 1);
    body->subject_id = name(arena, "p", review->person);
    body->relation = review->manager ? REVIEW_CYCLE__RELATION__RELATION_MANAGER
                                     : REVIEW_CYCLE__RELATION__RELATION_PEER;
    body->ratings = px_arena_alloc(arena, RATINGS * sizeof(void *));
    PX_ASSERT(body->ratings != NULL);
    for (size_t k = 0; k < RATINGS; k++) {
        body->ratings[k] = item_of_list(arena, &review_cycle__competency_rating__descriptor);
        body->ratings[k]->competency_id =
            name(arena, "c", target_of(review->person % ROLES, (review->person + k * 4) % TARGETS));
        body->ratings[k]->value = 1;
    }
    body->n_ratings = RATINGS;
    if (review->comment) {
        body->comment = item_of_list(arena, &praxis__personal_text__descriptor);
        body->comment->plain = px_arena_strdup(arena, text);
    }
    return px_codec_pack(one.items[0].message, arena);
}

static px_bytes pack_bundle(const bench_review *reviews, size_t count, size_t first,
                            px_arena *arena)
{
    Praxis__Bundle *bundle = item_of_list(arena, &praxis__bundle__descriptor);

    bundle->submissions = px_arena_alloc(arena, count * sizeof *bundle->submissions);
    PX_ASSERT(bundle->submissions != NULL);
    for (size_t i = 0; i < count; i++) {
        px_bytes bytes = pack_review(&reviews[i], first + i, arena);
        bundle->submissions[i] =
            (ProtobufCBinaryData){ bytes.size, (uint8_t *)(uintptr_t)bytes.data };
    }
    bundle->n_submissions = count;
    return px_codec_pack(&bundle->base, arena);
}

px_bytes *bench_review_messages(const bench_review *reviews, size_t count, size_t first,
                                size_t bundle, size_t *message_count)
{
    size_t wanted = (count + bundle - 1) / bundle;
    px_bytes *messages = calloc(wanted, sizeof *messages);
    px_arena arena;

    PX_ASSERT(messages != NULL && px_arena_init(&arena, 8 * 1024 * 1024));
    for (size_t i = 0; i < wanted; i++) {
        size_t at = i * bundle, size = count - at < bundle ? count - at : bundle;
        px_bytes bytes = bundle == 1 ? pack_review(&reviews[at], first + at, &arena)
                                     : pack_bundle(&reviews[at], size, first + at, &arena);
        void *copy = malloc(bytes.size);

        PX_ASSERT(bytes.data != NULL && copy != NULL);
        memcpy(copy, bytes.data, bytes.size);
        messages[i] = (px_bytes){ copy, bytes.size };
        px_arena_reset(&arena);
    }
    px_arena_fini(&arena);
    *message_count = wanted;
    return messages;
}

void bench_messages_free(px_bytes *messages, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)messages[i].data);
    free(messages);
}
