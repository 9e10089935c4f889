#include "tests/faults/load.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/codec.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "praxis/feedback_ingest/v1/submission.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "praxis/reporting/v1/submission.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "tests/faults/world.h"

enum { ARENA_BYTES = 512 * 1024 * 1024, COMPETENCIES = 12, ROLES = 8 };

static const ProtobufCMessageDescriptor *const submissions[WORLD_DAEMONS] = {
    &feedback_ingest__submission__descriptor, &review_cycle__submission__descriptor,
    &competency__submission__descriptor, &learning_recommender__submission__descriptor,
    &reporting__submission__descriptor
};

/* ---- steps ---- */

load *load_create_empty(size_t capacity)
{
    load *l = calloc(1, sizeof *l);

    assert_non_null(l);
    assert_true(px_arena_init(&l->arena, ARENA_BYTES)); /* touched only as far as needed */
    l->capacity = capacity;
    l->steps = calloc(capacity, sizeof *l->steps);
    assert_non_null(l->steps);
    return l;
}

void load_destroy(load *l)
{
    if (!l)
        return;
    px_arena_fini(&l->arena);
    free(l->steps);
    free(l);
}

static load_step *add_step(load *l, unsigned wave, unsigned daemon)
{
    assert_true(l->count < l->capacity);
    assert_true(l->count == 0 || l->steps[l->count - 1].wave <= wave);
    load_step *step = &l->steps[l->count++];
    *step = (load_step){ .wave = wave,
                         .daemon = daemon,
                         .source = l->count % 3 == 0 ? "lms" : "hr",
                         .id = "",
                         .times = 1,
                         .code = "",
                         .reused_by = LOAD_NONE,
                         .reuses = LOAD_NONE };
    l->waves = wave + 1;
    return step;
}

/* Set once by the sender and kept when it is sent again; everything happened a little later than
 * the step before it, and all of it within the day before. */
static const char *moment(load *l, size_t step)
{
    static const int64_t second_us = 1000000, day_us = 86400 * INT64_C(1000000);
    static int64_t start_us;
    int64_t apart_us = day_us / (int64_t)l->capacity;

    if (start_us == 0)
        start_us = (int64_t)time(NULL) * second_us - day_us;
    if (apart_us > second_us)
        apart_us = second_us;
    return px_codec_rfc3339(start_us + (int64_t)step * apart_us, &l->arena);
}

static ProtobufCMessage *parse(load *l, unsigned daemon, const char *text)
{
    px_codec_error error = { PX_REASON_NONE, "" };
    ProtobufCMessage *message =
        px_codec_from_json(submissions[daemon], (px_bytes){ text, strlen(text) },
                           &px_submission_limits, &l->arena, &error);

    if (!message)
        fail_msg("%s at %s in %s", px_reason_code(error.reason), error.field, text);
    return message;
}

static void set_type(load_step *step)
{
    const ProtobufCMessage *body;

    assert_true(px_codec_oneof(step->message, "body", &body) > 0);
    step->type = px_codec_short_name(body->descriptor);
}

static void fill(load *l, load_step *step, const char *actor, const char *body)
{
    size_t number = (size_t)(step - l->steps);
    const char *when = moment(l, number);

    step->message =
        parse(l, step->daemon,
              px_arena_printf(&l->arena,
                              "{\"submissionId\":\"%s\",\"createdAt\":\"%s\",\"occurredAt\":\"%s\","
                              "\"actor\":\"%s\",%s}",
                              step->id, when, when, actor, body));
    set_type(step);
}

load_step *load_add(load *l, unsigned wave, unsigned daemon, const char *actor, const char *code,
                    const char *body, ...)
{
    load_step *step = add_step(l, wave, daemon);
    size_t number = l->count - 1;
    char text[8192];
    va_list words;

    va_start(words, body);
    assert_true((size_t)vsnprintf(text, sizeof text, body, words) < sizeof text);
    va_end(words);
    step->id = px_arena_printf(&l->arena, "s%06zu", number);
    step->code = code;
    step->json = number % 11 == 0;
    step->after = number % 2 == 0;
    fill(l, step, actor, text);
    return step;
}

load_step *load_add_bytes(load *l, unsigned wave, unsigned daemon, const char *type, px_bytes bytes)
{
    load_step *step = add_step(l, wave, daemon);

    step->type = type;
    step->bytes = (px_bytes){ px_arena_copy(&l->arena, bytes.data, bytes.size), bytes.size };
    px_chain_digest(step->bytes, step->digest);
    return step;
}

/* ---- the organisation ---- */

static void add_top(load *l)
{
    load_add(l, 0, FEEDBACK, "hr", "", "\"recordUnit\":{\"unitId\":\"top\",\"label\":\"Top\"}");
    for (unsigned i = 0; i < COMPETENCIES; i++)
        load_add(l, 0, COMPETENCY, "hr", "",
                 "\"defineCompetency\":{\"competencyId\":\"k%u\",\"title\":\"Competency %u\","
                 "\"family\":%u,\"levels\":[{\"name\":\"low\"},{\"name\":\"mid\"},"
                 "{\"name\":\"good\"},{\"name\":\"high\"}]}",
                 i, i, 1 + i % 4);
    load_add(l, 0, REVIEW, "hr", "",
             "\"defineScale\":{\"scaleId\":\"five\",\"version\":1,\"values\":["
             "{\"value\":1,\"label\":\"one\"},{\"value\":2,\"label\":\"two\"},"
             "{\"value\":3,\"label\":\"three\",\"proficient\":true},"
             "{\"value\":4,\"label\":\"four\",\"proficient\":true},"
             "{\"value\":5,\"label\":\"five\",\"proficient\":true}],\"defaultValue\":3}");
    load_add(l, 0, REPORTING, "hr", "", "\"setGroupMinimum\":{\"minimum\":6}");
}

static unsigned units_of(const load *l)
{
    return l->people / 25 + 1;
}

static void add_units_and_roles(load *l)
{
    for (unsigned i = 0; i < units_of(l); i++)
        load_add(
            l, 1, FEEDBACK, "hr", "",
            "\"recordUnit\":{\"unitId\":\"u%u\",\"parentUnitId\":\"top\",\"label\":\"Unit %u\"}", i,
            i);
    for (unsigned i = 0; i < ROLES; i++)
        load_add(l, 1, COMPETENCY, "hr", "",
                 "\"defineRole\":{\"roleId\":\"r%u\",\"title\":\"Role %u\"}", i, i);
    load_add(l, 1, REVIEW, "hr", "",
             "\"defineCycle\":{\"cycleId\":\"c1\",\"label\":\"First\",\"startsAt\":\"%s\","
             "\"scaleId\":\"five\",\"scaleVersion\":1}",
             moment(l, 0));
}

static void add_person(load *l, unsigned wave, unsigned i)
{
    char manager[16] = "";

    if (i >= l->managers)
        snprintf(manager, sizeof manager, "p%u", i % l->managers);
    load_add(l, wave, FEEDBACK, "hr", "",
             "\"recordPerson\":{\"personId\":\"p%u\",\"managerId\":\"%s\",\"unitId\":\"u%u\","
             "\"active\":true,\"hrPartner\":%s}",
             i, manager, i % units_of(l), i == 0 ? "true" : "false");
}

static void add_managers_and_targets(load *l)
{
    static const char *const levels[] = { "mid", "good", "high" };

    for (unsigned i = 0; i < l->managers; i++)
        add_person(l, 2, i);
    for (unsigned r = 0; r < ROLES; r++)
        for (unsigned k = 0; k < 5; k++)
            load_add(l, 2, COMPETENCY, "hr", "",
                     "\"setRoleTarget\":{\"roleId\":\"r%u\",\"competencyId\":\"k%u\","
                     "\"levelName\":\"%s\",\"weight\":%u}",
                     r, (r + k * 2) % COMPETENCIES, levels[(r + k) % 3], 1 + k % 3);
    load_add(l, 2, REVIEW, "hr", "", "\"moveCycle\":{\"cycleId\":\"c1\",\"to\":2}");
    for (unsigned i = 0; i < 3 * COMPETENCIES; i++)
        load_add(l, 2, LEARNING, "hr", "",
                 "\"defineCatalogueItem\":{\"itemId\":\"i%u\",\"title\":\"Item %u\",\"kind\":1,"
                 "\"hours\":%u,\"outcomes\":[{\"competencyId\":\"k%u\",\"share\":0.6,"
                 "\"levelFrom\":1,\"levelTo\":%u}]}",
                 i, i, 2 + i % 9, i % COMPETENCIES, 3 + i % 3);
}

void load_add_organisation(load *l, unsigned people)
{
    l->people = people;
    l->managers = people / 12 + 1;
    add_top(l);
    add_units_and_roles(l);
    add_managers_and_targets(l);
    for (unsigned i = l->managers; i < l->people; i++)
        add_person(l, 3, i);
    load_add(l, 3, REVIEW, "hr", "", "\"moveCycle\":{\"cycleId\":\"c1\",\"to\":3}");
    for (unsigned i = 0; i < l->people; i++)
        load_add(l, 4, COMPETENCY, "hr", "",
                 "\"assignRole\":{\"personId\":\"p%u\",\"roleId\":\"r%u\"}", i, i % ROLES);
}

/* ---- a cycle ---- */

static unsigned below(load *l, unsigned limit)
{
    return (unsigned)(world_random(&l->random) % limit);
}

static void add_review(load *l, const char *name, unsigned subject, unsigned rater, int relation)
{
    char actor[16], ratings[512], comment[128] = "";
    int size = 0;
    unsigned first = below(l, COMPETENCIES);

    snprintf(actor, sizeof actor, "p%u", rater);
    for (unsigned i = 0; i < 1 + below(l, 4); i++)
        size += snprintf(ratings + size, sizeof ratings - (size_t)size,
                         "%s{\"competencyId\":\"k%u\",\"value\":%u}", i > 0 ? "," : "",
                         (first + i) % COMPETENCIES, 1 + below(l, 5));
    if (below(l, 3) == 0)
        snprintf(comment, sizeof comment, ",\"comment\":{\"plain\":\"said in %s-%u\"}", name,
                 subject);
    load_add(l, 5, REVIEW, actor, "",
             "\"submitReview\":{\"reviewId\":\"%s-%u\",\"cycleId\":\"c1\",\"subjectId\":\"p%u\","
             "\"relation\":%d,\"what\":{\"value\":%u},\"ratings\":[%s]%s}",
             name, subject, subject, relation, 1 + below(l, 5), ratings, comment);
}

/* Staff have no reports, so any two of them are peers. */
static unsigned peer_of(load *l, unsigned person)
{
    unsigned staff = l->people - l->managers;

    return l->managers + (person - l->managers + 1 + below(l, staff - 1)) % staff;
}

static void add_reviews(load *l)
{
    for (unsigned i = 0; i < l->people; i++)
        add_review(l, "self", i, i, 1);
    for (unsigned i = l->managers; i < l->people; i++) {
        add_review(l, "manager", i, i % l->managers, 2);
        add_review(l, "peer", i, peer_of(l, i), 3);
    }
}

static void add_feedback(load *l, unsigned wave, unsigned number)
{
    unsigned about = below(l, l->people), giver = (about + 1 + below(l, l->people - 1)) % l->people;
    char actor[16];

    snprintf(actor, sizeof actor, "p%u", giver);
    load_add(l, wave, FEEDBACK, actor, "",
             "\"giveFeedback\":{\"feedbackId\":\"f%u\",\"aboutId\":\"p%u\",\"kind\":%u,"
             "\"tags\":[{\"competencyId\":\"k%u\",\"tone\":%u}],"
             "\"text\":{\"plain\":\"said in f%u\"},\"visibility\":%u}",
             number, about, 1 + below(l, 3), below(l, COMPETENCIES), 1 + below(l, 3), number,
             1 + below(l, 3));
}

static void add_learning(load *l)
{
    for (unsigned i = 0; i < l->people; i += 2) {
        load_add(l, 5, COMPETENCY, "hr", "",
                 "\"recordAssessment\":{\"assessmentId\":\"a%u\",\"personId\":\"p%u\","
                 "\"competencyId\":\"k%u\",\"score\":%u.5}",
                 i, i, below(l, COMPETENCIES), 1 + below(l, 4));
        if (i % 4 == 0)
            load_add(l, 5, LEARNING, "lms", "",
                     "\"startItem\":{\"personId\":\"p%u\",\"itemId\":\"i%u\"}", i, i % 36);
    }
}

/* What the domain refuses, whatever else happens. */
static void add_refused(load *l, unsigned i)
{
    switch (i % 8) {
    case 0:
        load_add(l, 5, FEEDBACK, "hr", "UNIT_UNKNOWN",
                 "\"recordPerson\":{\"personId\":\"q%u\",\"unitId\":\"none\",\"active\":true}", i);
        break;
    case 1:
        load_add(
            l, 5, REVIEW, "p1", "PERSON_UNKNOWN",
            "\"submitReview\":{\"reviewId\":\"x%u\",\"cycleId\":\"c1\",\"subjectId\":\"nobody\","
            "\"relation\":3,\"what\":{\"value\":3}}",
            i);
        break;
    case 2:
        load_add(l, 5, REVIEW, "p1", "RELATION_MISMATCH",
                 "\"submitReview\":{\"reviewId\":\"x%u\",\"cycleId\":\"c1\",\"subjectId\":\"p0\","
                 "\"relation\":2,\"what\":{\"value\":3}}",
                 i);
        break;
    case 3:
        load_add(l, 5, COMPETENCY, "hr", "ROLE_UNKNOWN",
                 "\"assignRole\":{\"personId\":\"p%u\",\"roleId\":\"none\"}", i % l->people);
        break;
    case 4:
        load_add(l, 5, LEARNING, "lms", "ITEM_UNKNOWN",
                 "\"completeItem\":{\"personId\":\"p%u\",\"itemId\":\"none\"}", i % l->people);
        break;
    case 5:
        load_add(l, 5, REPORTING, "hr", "MINIMUM_LOWERED", "\"setGroupMinimum\":{\"minimum\":4}");
        break;
    case 6:
        load_add(l, 5, COMPETENCY, "hr", "FIELD_INVALID",
                 "\"defineRole\":{\"roleId\":\"r 1\",\"title\":\"Blank in the id\"}");
        break;
    default:
        load_add(l, 5, FEEDBACK, "p1", "SELF_FEEDBACK",
                 "\"giveFeedback\":{\"feedbackId\":\"x%u\",\"aboutId\":\"p1\",\"kind\":1,"
                 "\"text\":{\"plain\":\"I am great\"},\"visibility\":1}",
                 i);
    }
}

/* Bytes that are no message, and JSON without the header that would say so. */
static void add_unreadable(load *l, unsigned i)
{
    const char *format =
        i % 2 == 0 ? "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff%u" : "{\"no\":%u}";
    bool type_known = i % 3 != 0 && i % WORLD_DAEMONS == FEEDBACK;
    char text[64];
    int size = snprintf(text, sizeof text, format, i);
    load_step *step =
        load_add_bytes(l, 5, i % WORLD_DAEMONS, i % 3 == 0 ? "Nothing" : "RecordPerson",
                       (px_bytes){ text, (size_t)size });

    step->code = !type_known ? "UNKNOWN_TYPE" : i % 2 == 0 ? "MALFORMED" : "UNKNOWN_FIELD";
}

static void add_second_thoughts(load *l)
{
    char actor[16];

    for (unsigned i = l->managers; i < l->people; i += 8) {
        snprintf(actor, sizeof actor, "p%u", i % l->managers);
        load_add(l, 6, REVIEW, actor, "", "\"withdrawReview\":{\"reviewId\":\"manager-%u\"}", i);
    }
    for (unsigned i = 0; i < l->people; i += 4)
        load_add(l, 6, LEARNING, "lms", "",
                 "\"completeItem\":{\"personId\":\"p%u\",\"itemId\":\"i%u\"}", i, i % 36);
}

/* The id of an earlier step of the same daemon, with other content. */
static void add_reuse(load *l)
{
    size_t victim;

    do
        victim = below(l, (unsigned)l->count);
    while (l->steps[victim].daemon != FEEDBACK || l->steps[victim].wave >= 6 ||
           !l->steps[victim].message || l->steps[victim].reused_by != LOAD_NONE);
    load_step *step =
        load_add(l, 6, FEEDBACK, "hr", "ID_REUSED",
                 "\"recordUnit\":{\"unitId\":\"other%zu\",\"label\":\"Other\"}", victim);
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(step->message->descriptor, "submission_id");

    step->id = l->steps[victim].id;
    step->source = l->steps[victim].source;
    step->reuses = victim;
    l->steps[victim].reused_by = (size_t)(step - l->steps);
    memcpy((uint8_t *)step->message + field->offset, &step->id, sizeof step->id);
}

static void add_end(load *l)
{
    load_add(l, 7, REVIEW, "hr", "",
             "\"moveCycle\":{\"cycleId\":\"c1\",\"to\":4,\"force\":true,\"reason\":\"some left\"}");
    for (unsigned i = 5; i < l->people; i += 60) /* anybody, managers too */
        load_add(l, 8, FEEDBACK, "hr", "", "\"erasePerson\":{\"personId\":\"p%u\"}", i);
}

load *load_create(uint64_t seed, size_t count)
{
    load *l = load_create_empty(count + 1000);
    unsigned feedback = 0;

    assert_true(count >= LOAD_STEPS_MIN);
    l->random = seed;
    load_add_organisation(l, (unsigned)count / 8);
    add_reviews(l);
    add_learning(l);
    while (feedback < l->people / 2)
        add_feedback(l, 5, feedback++);
    for (unsigned i = 0; i < count / 40; i++)
        add_refused(l, i);
    for (unsigned i = 0; i < count / 50; i++)
        add_unreadable(l, i);
    add_second_thoughts(l);
    for (unsigned i = 0; i < count / 50; i++)
        add_reuse(l);
    while (l->count + l->people / 60 + 2 < count)
        add_feedback(l, 6, feedback++);
    add_end(l);
    for (size_t i = 0; i < l->count; i++)
        if (l->steps[i].message && below(l, 20) == 0)
            l->steps[i].times = 2;
    return l;
}

/* ---- sending ---- */

static void set_after_seq(ProtobufCMessage *message, uint64_t after_seq)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, "after_seq");

    memcpy((uint8_t *)message + field->offset, &after_seq, sizeof after_seq);
}

px_status load_send(const load_step *step, px_bus *bus, uint64_t epoch, uint64_t after_seq,
                    px_arena *arena)
{
    static const px_header json = { "Content-Type", "application/json" };
    px_bus_out out = { .data = step->bytes };

    px_arena_reset(arena);
    out.subject = px_arena_printf(arena, "praxis.v1.acme.submit.%s.%s.%s",
                                  world_services[step->daemon], step->type, step->source);
    if (step->message)
        set_after_seq(step->message, step->after ? after_seq : 0);
    out.headers = &json;
    out.header_count = step->json ? 1 : 0;
    if (step->message && step->json) {
        const char *text = px_codec_to_json(step->message, false, arena);

        out.data = (px_bytes){ text, strlen(text) };
    } else if (step->message) {
        out.data = px_codec_pack(step->message, arena);
    }
    return px_bus_publish(bus, epoch, &out, 1);
}
