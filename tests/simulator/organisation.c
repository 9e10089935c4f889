/* organisation.c: what a small company sends: first what everything rests on, then daily life. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "tests/simulator/parts.h"

enum { FEEDBACK, REVIEW, COMPETENCY, LEARNING, REPORTING };
enum { PEOPLE = 6, IDS_PER_KIND = 12, BODY_MAX = 1024, STALE_DAYS = 40 };

#define DAY_US INT64_C(86400000000)

static const char *const tenants[] = { "acme", "zeta" };

/* ---- what everything rests on ---- */

typedef struct {
    unsigned phase, daemon;
    const char *type, *actor, *body;
} setup_row;

#define PERSON(id, manager, unit)                                                                  \
    {                                                                                              \
        2, FEEDBACK, "recordPerson", "hr",                                                         \
            "{\"personId\":\"" id "\",\"managerId\":\"" manager "\",\"unitId\":\"" unit            \
            "\",\"active\":true}"                                                                  \
    }
#define LEVELS                                                                                     \
    "\"levels\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"},{\"name\":\"d\"},"             \
    "{\"name\":\"e\"}]"
#define SKILL(id)                                                                                  \
    {                                                                                              \
        0, COMPETENCY, "defineCompetency", "hr",                                                   \
            "{\"competencyId\":\"" id "\",\"title\":\"" id                                         \
            "\",\"family\":\"COMPETENCY_FAMILY_CORE\"," LEVELS "}"                                 \
    }
#define TARGET(role, id, level)                                                                    \
    {                                                                                              \
        1, COMPETENCY, "setRoleTarget", "hr",                                                      \
            "{\"roleId\":\"" role "\",\"competencyId\":\"" id "\",\"levelName\":\"" level "\"}"    \
    }
#define ITEM(id, skill, hours)                                                                     \
    {                                                                                              \
        1, LEARNING, "defineCatalogueItem", "hr",                                                  \
            "{\"itemId\":\"" id "\",\"title\":\"" id                                               \
            "\",\"kind\":\"ITEM_KIND_COURSE\",\"hours\":" hours                                    \
            ",\"outcomes\":[{\"competencyId\":\"" skill                                            \
            "\",\"share\":1,\"levelFrom\":1,\"levelTo\":5}]}"                                      \
    }
#define ROLE(id)                                                                                   \
    {                                                                                              \
        0, COMPETENCY, "defineRole", "hr", "{\"roleId\":\"" id "\",\"title\":\"" id "\"}"          \
    }
#define ASSIGN(person, role)                                                                       \
    {                                                                                              \
        3, COMPETENCY, "assignRole", "hr", "{\"personId\":\"" person "\",\"roleId\":\"" role "\"}" \
    }
#define MOVE(phase, to)                                                                            \
    {                                                                                              \
        phase, REVIEW, "moveCycle", "hr", "{\"cycleId\":\"y1\",\"to\":\"CYCLE_PHASE_" to "\"}"     \
    }

static const setup_row setup[] = {
    { 0, FEEDBACK, "recordUnit", "hr", "{\"unitId\":\"u1\",\"label\":\"top\"}" },
    SKILL("c1"),
    SKILL("c2"),
    SKILL("c3"),
    ROLE("r1"),
    ROLE("r2"),
    { 0, REVIEW, "defineScale", "hr",
      "{\"scaleId\":\"s1\",\"version\":1,\"values\":[{\"value\":1,\"label\":\"1\"},{\"value\":2,"
      "\"label\":\"2\"},{\"value\":3,\"label\":\"3\",\"proficient\":true},{\"value\":4,\"label\":"
      "\"4\",\"proficient\":true},{\"value\":5,\"label\":\"5\",\"proficient\":true}],"
      "\"defaultValue\":3}" },
    { 1, FEEDBACK, "recordUnit", "hr",
      "{\"unitId\":\"u2\",\"parentUnitId\":\"u1\",\"label\":\"below\"}" },
    { 1, FEEDBACK, "recordPerson", "hr",
      "{\"personId\":\"p1\",\"unitId\":\"u1\",\"active\":true,\"hrPartner\":true}" },
    { 1, REVIEW, "defineCycle", "hr",
      "{\"cycleId\":\"y1\",\"label\":\"first\",\"startsAt\":\"2026-01-01T00:00:00Z\","
      "\"scaleId\":\"s1\",\"scaleVersion\":1}" },
    TARGET("r1", "c1", "d"),
    TARGET("r1", "c2", "c"),
    TARGET("r2", "c3", "e"),
    ITEM("i1", "c1", "4"),
    ITEM("i2", "c2", "10"),
    ITEM("i3", "c3", "2"),
    PERSON("p2", "p1", "u2"),
    PERSON("p3", "p1", "u2"),
    PERSON("p4", "p1", "u2"),
    MOVE(2, "SCHEDULED"),
    ASSIGN("p2", "r1"),
    ASSIGN("p3", "r1"),
    ASSIGN("p4", "r2"),
    MOVE(3, "WRITING"),
    { 3, FEEDBACK, "recordPerson", "hr",
      "{\"personId\":\"p5\",\"managerId\":\"p2\",\"unitId\":\"u2\",\"active\":true}" },
    { 3, FEEDBACK, "recordPerson", "hr",
      "{\"personId\":\"p6\",\"managerId\":\"p2\",\"unitId\":\"u2\",\"active\":true}" },
};

/* ---- making one ---- */

static char *snake(const char *camel, char out[64])
{
    size_t n = 0;

    for (; *camel && n < 62; camel++) {
        if (*camel >= 'A' && *camel <= 'Z') {
            out[n++] = '_';
            out[n++] = (char)(*camel - 'A' + 'a');
        } else {
            out[n++] = *camel;
        }
    }
    out[n] = 0;
    return out;
}

static void type_token(const sim *s, submission *sub, const char *field)
{
    char name[64];
    const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field_by_name(
        sim_services[sub->daemon]->submission, snake(field, name));

    (void)s;
    if (!f)
        abort();
    snprintf(sub->type, sizeof sub->type, "%s",
             px_codec_short_name((const ProtobufCMessageDescriptor *)f->descriptor));
}

/* A submission made so long before now. */
static submission *make(sim *s, unsigned daemon, const char *tenant, const char *id,
                        const char *actor, const char *field, const char *body, int64_t days)
{
    submission *sub = &s->submissions[s->submission_count];
    int64_t created_us = s->now_us + chance_between(&s->chance, -20, 20) * 1000000 - days * DAY_US;
    ProtobufCMessage *message;
    px_codec_error error;
    const char *when, *json;

    if (s->submission_count == SIM_SUBMISSIONS_MAX)
        return NULL;
    *sub = (submission){ .daemon = daemon,
                         .setup = -1,
                         .created_us = created_us,
                         .stale = days > 0,
                         .has_text = strstr(body, "plain") != NULL };
    snprintf(sub->tenant, sizeof sub->tenant, "%s", tenant);
    snprintf(sub->source, sizeof sub->source, "%s", "hr");
    snprintf(sub->id, sizeof sub->id, "%s", id);
    type_token(s, sub, field);
    when = px_codec_rfc3339(created_us, &s->arena);
    json = px_arena_printf(&s->arena,
                           "{\"submissionId\":\"%s\",\"createdAt\":\"%s\",\"occurredAt\":\"%s\","
                           "\"actor\":\"%s\",\"%s\":%s}",
                           id, when, when, actor, field, body);
    if (!json)
        return NULL;
    message = px_codec_from_json(sim_services[daemon]->submission, (px_bytes){ json, strlen(json) },
                                 &px_submission_limits, &s->arena, &error);
    if (!message)
        sim_fail(s, "not a submission (%s): %s", error.field, json);
    sub->json = (px_bytes){ json, strlen(json) };
    sub->bytes = px_codec_pack(message, &s->arena);
    crypto_generichash(sub->digest, sizeof sub->digest, sub->bytes.data, sub->bytes.size, NULL, 0);
    s->submission_count++;
    return sub;
}

static unsigned next_id(sim *s, const char *tenant)
{
    return ++s->ids[strcmp(tenant, tenants[0]) != 0];
}

static submission *make_new(sim *s, unsigned daemon, const char *tenant, const char *actor,
                            const char *field, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Now and then under an id that was used before, for something else, or after lying for weeks. */
static submission *make_new(sim *s, unsigned daemon, const char *tenant, const char *actor,
                            const char *field, const char *format, ...)
{
    const submission *other = &s->submissions[chance_below(&s->chance, s->submission_count)];
    char body[BODY_MAX], id[24];
    va_list args;

    va_start(args, format);
    vsnprintf(body, sizeof body, format, args);
    va_end(args);
    snprintf(id, sizeof id, "s%u", next_id(s, tenant));
    if (s->reuses && chance_hits(&s->chance, 1500) && other->daemon == daemon &&
        strcmp(other->tenant, tenant) == 0 && !other->has_text && !strstr(body, "plain"))
        snprintf(id, sizeof id, "%s", other->id);
    return make(s, daemon, tenant, id, actor, field, body,
                chance_hits(&s->chance, 100) ? STALE_DAYS : 0);
}

/* ---- daily life ---- */

static unsigned pick(sim *s, unsigned below)
{
    return chance_below(&s->chance, below);
}

/* What the parts of one submission are drawn from; one after the other, for compilers differ in
 * the order in which they look at arguments. */
typedef struct {
    unsigned at[6];
} draws;

static draws draw_each(sim *s, size_t count, const unsigned *below)
{
    draws d = { { 0 } };

    for (size_t i = 0; i < count; i++)
        d.at[i] = pick(s, below[i]);
    return d;
}

#define DRAW(s, ...)                                                                               \
    draw_each(s, sizeof((const unsigned[]){ __VA_ARGS__ }) / sizeof(unsigned),                     \
              (const unsigned[]){ __VA_ARGS__ })

static unsigned manager_of(unsigned person)
{
    return person <= 4 ? 1 : 2;
}

static submission *review(sim *s, const char *tenant)
{
    static const char *const relations[] = { "SELF", "MANAGER", "PEER", "PEER" };
    unsigned subject = 2 + pick(s, PEOPLE - 1), how = pick(s, 4);
    unsigned actor = how == 0 ? subject : how == 1 ? manager_of(subject) : 2 + pick(s, PEOPLE - 1);
    char who[8];
    const char *comment = s->texts && pick(s, 2) ? ",\"comment\":{\"plain\":\"good work\"}" : "";

    draws d = DRAW(s, 3 * IDS_PER_KIND, 3, 5, 3, 5);

    snprintf(who, sizeof who, "p%u", actor);
    return make_new(s, REVIEW, tenant, who, "submitReview",
                    "{\"reviewId\":\"w%u\",\"cycleId\":\"y1\",\"subjectId\":\"p%u\",\"relation\":"
                    "\"RELATION_%s\",\"ratings\":[{\"competencyId\":\"c%u\",\"value\":%u},"
                    "{\"competencyId\":\"c%u\",\"facet\":\"FACET_HOW\",\"value\":%u}]%s}",
                    1 + d.at[0], subject, relations[how], 1 + d.at[1], 1 + d.at[2], 1 + d.at[3],
                    1 + d.at[4], comment);
}

static submission *feedback(sim *s, const char *tenant)
{
    char who[8];

    snprintf(who, sizeof who, "p%u", 1 + pick(s, PEOPLE));
    if (pick(s, 4) == 0)
        return make_new(s, FEEDBACK, tenant, who, "withdrawFeedback", "{\"feedbackId\":\"f%u\"}",
                        1 + pick(s, IDS_PER_KIND));
    draws d = DRAW(s, IDS_PER_KIND, PEOPLE, 3, 100);

    return make_new(s, FEEDBACK, tenant, who, "giveFeedback",
                    "{\"feedbackId\":\"f%u\",\"aboutId\":\"p%u\",\"kind\":\"FEEDBACK_KIND_PRAISE\","
                    "\"tags\":[{\"competencyId\":\"c%u\",\"tone\":\"TAG_TONE_POSITIVE\"}],"
                    "\"text\":{\"plain\":\"well done %u\"},"
                    "\"visibility\":\"FEEDBACK_VISIBILITY_PERSON\"}",
                    1 + d.at[0], 1 + d.at[1], 1 + d.at[2], d.at[3]);
}

static submission *learning(sim *s, const char *tenant)
{
    draws d = DRAW(s, 6, 12, 9, 60);

    switch (d.at[0]) {
    case 0:
        return make_new(s, LEARNING, tenant, "hr", "startItem",
                        "{\"personId\":\"p%u\",\"itemId\":\"i%u\"}", 2 + d.at[1] % 3,
                        1 + d.at[3] % 3);
    case 1:
        return make_new(s, LEARNING, tenant, "hr", "retireCatalogueItem", "{\"itemId\":\"i%u\"}",
                        1 + d.at[3] % 5);
    case 2:
        return make_new(s, LEARNING, tenant, "hr", "defineCatalogueItem",
                        "{\"itemId\":\"i%u\",\"title\":\"x\",\"kind\":\"ITEM_KIND_TASK\","
                        "\"hours\":%u,\"outcomes\":[{\"competencyId\":\"c%u\",\"share\":0.8,"
                        "\"levelFrom\":1,\"levelTo\":4}]}",
                        1 + d.at[3] % 6, 1 + d.at[2], 1 + d.at[1] % 3);
    default:
        return make_new(s, LEARNING, tenant, "hr", "completeItem",
                        "{\"personId\":\"p%u\",\"itemId\":\"i%u\"}", 2 + d.at[1] % 4,
                        1 + d.at[3] % 4);
    }
}

static submission *framework(sim *s, const char *tenant)
{
    draws d = DRAW(s, 3, 12, 3, 6, 5, 2 * IDS_PER_KIND);

    switch (d.at[0]) {
    case 0:
        return make_new(s, COMPETENCY, tenant, "hr", "setRoleTarget",
                        "{\"roleId\":\"r%u\",\"competencyId\":\"c%u\",\"levelName\":\"%c\"}",
                        1 + d.at[1] % 2, 1 + d.at[2], "abcde-"[d.at[3]]);
    case 1:
        return make_new(s, COMPETENCY, tenant, "hr", "assignRole",
                        "{\"personId\":\"p%u\",\"roleId\":\"r%u\"}", 2 + d.at[1] % 4, 1 + d.at[2]);
    default:
        return make_new(s, COMPETENCY, tenant, "hr", "recordAssessment",
                        "{\"assessmentId\":\"a%u\",\"personId\":\"p%u\",\"competencyId\":\"c%u\","
                        "\"score\":%u}",
                        1 + d.at[5], 2 + d.at[3] % 5, 1 + d.at[2], 1 + d.at[4]);
    }
}

static submission *people(sim *s, const char *tenant)
{
    draws d = DRAW(s, 2, 3, 4, 2, 4);
    unsigned person = 5 + d.at[0];

    if (d.at[1] == 0)
        return make_new(s, FEEDBACK, tenant, "hr", "erasePerson", "{\"personId\":\"p%u\"}", person);
    return make_new(s, FEEDBACK, tenant, "hr", "recordPerson",
                    "{\"personId\":\"p%u\",\"managerId\":\"p%u\",\"unitId\":\"u%u\",\"active\":%s}",
                    person, 1 + d.at[2], 1 + d.at[3], d.at[4] ? "true" : "false");
}

static submission *daily(sim *s, const char *tenant)
{
    unsigned draw = pick(s, 100);

    if (draw < 40)
        return review(s, tenant);
    if (draw < 45)
        return make_new(s, REVIEW, tenant, "p1", "withdrawReview", "{\"reviewId\":\"w%u\"}",
                        1 + pick(s, 3 * IDS_PER_KIND));
    if (draw < 60)
        return framework(s, tenant);
    if (draw < 75)
        return learning(s, tenant);
    if (draw < 82)
        return people(s, tenant);
    if (draw < 86)
        return make_new(s, REPORTING, tenant, "hr", "setGroupMinimum", "{\"minimum\":%u}",
                        2 + pick(s, 8));
    if (draw < 88)
        return make_new(s, REVIEW, tenant, "hr", "moveCycle",
                        "{\"cycleId\":\"y1\",\"to\":\"CYCLE_PHASE_%s\",\"force\":true,"
                        "\"reason\":\"time\"}",
                        pick(s, 3) ? "WRITING" : "SHARING");
    return s->texts ? feedback(s, tenant) : review(s, tenant);
}

/* ---- in order ---- */

/* A row of the setup that nobody waits for; what was refused is asked again. */
static submission *next_setup(sim *s, const char *tenant, bool *complete)
{
    bool done[PX_COUNT(setup)] = { false }, waits[PX_COUNT(setup)] = { false };
    unsigned phase = UINT32_MAX;
    char id[24];

    for (unsigned i = 0; i < s->submission_count; i++) {
        const submission *sub = &s->submissions[i];

        if (sub->setup < 0 || strcmp(sub->tenant, tenant) != 0)
            continue;
        done[sub->setup] |= sub->seen && sub->code[0] == 0;
        waits[sub->setup] |= !sub->seen;
    }
    for (unsigned i = 0; i < PX_COUNT(setup); i++)
        if (!done[i] && setup[i].phase < phase)
            phase = setup[i].phase;
    *complete = phase == UINT32_MAX;
    for (unsigned i = 0; i < PX_COUNT(setup); i++) {
        if (done[i] || waits[i] || setup[i].phase != phase)
            continue;
        snprintf(id, sizeof id, "s%u", next_id(s, tenant));
        submission *sub =
            make(s, setup[i].daemon, tenant, id, setup[i].actor, setup[i].type, setup[i].body, 0);
        if (sub)
            sub->setup = (int)i;
        return sub;
    }
    return NULL;
}

submission *organisation_next(sim *s)
{
    const char *tenant = tenants[s->two_tenants && chance_hits(&s->chance, 2500)];
    bool complete;
    submission *sub = next_setup(s, tenant, &complete);

    if (sub || (!complete && !chance_hits(&s->chance, 500)))
        return sub;
    return s->submission_count > 0 ? daily(s, tenant) : NULL;
}

void organisation_nonsense(sim *s)
{
    static const char *const types[] = { "RecordUnit", "NoSuchType", "Bundle" };
    uint8_t bytes[24];
    unsigned daemon = pick(s, SIM_DAEMONS);
    px_bus_out out = { .data = { bytes, 1 + pick(s, sizeof bytes) } };

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)pick(s, 256);
    out.subject = px_arena_printf(&s->arena, "praxis.v1.acme.submit.%s.%s.hr",
                                  sim_services[daemon]->name, types[pick(s, 3)]);
    if (out.subject)
        network_submit(s, &out);
}
