/* organisation.c: makes what a small company sends: first what everything rests on, then a story in
 * which everything is done once, then daily life. The rows are organisation_rows.c. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "tests/simulator/organisation_rows.h"
#include "tests/simulator/parts.h"

enum { ACTOR_MAX = 16, BODY_MAX = 1024, DRAWN_MAX = 16, STALE_DAYS = 40 };

#define DAY_US INT64_C(86400000000)

static const char *const tenants[] = { "acme", "zeta" };

static unsigned pick(sim *s, unsigned below)
{
    return chance_below(&s->chance, below);
}

/* ---- words of a row ---- */

/* What was drawn so far for one submission. */
typedef struct {
    char words[DRAWN_MAX][32];
    unsigned count;
} drawn;

/* "2-6" */
static bool is_range(const char *what, unsigned *from, unsigned *to)
{
    char *end;

    *from = (unsigned)strtoul(what, &end, 10);
    if (end == what || *end != '-')
        return false;
    *to = (unsigned)strtoul(end + 1, &end, 10);
    return *end == 0;
}

/* "a|b|c" */
static void draw_word(sim *s, const char *what, char *word, size_t size)
{
    unsigned count = 1, which;

    for (const char *at = what; *at; at++)
        count += *at == '|';
    which = pick(s, count);
    while (which-- > 0)
        what = strchr(what, '|') + 1;
    snprintf(word, size, "%.*s", (int)strcspn(what, "|"), what);
}

static const char *draw(sim *s, const char *what, drawn *d)
{
    unsigned from, to;

    if (*what == '=')
        return d->words[strtoul(what + 1, NULL, 10) - 1];
    if (d->count == DRAWN_MAX)
        abort();
    char *word = d->words[d->count++];

    if (is_range(what, &from, &to))
        snprintf(word, sizeof d->words[0], "%u", from + pick(s, to - from + 1));
    else
        draw_word(s, what, word, sizeof d->words[0]);
    return word;
}

/* The text of a row with everything drawn, and quotes as JSON has them. */
static void fill_in(sim *s, const char *row, drawn *d, char *out, size_t size)
{
    size_t n = 0;

    while (*row && n + 1 < size) {
        char what[128];
        const char *end = *row == '<' ? strchr(row, '>') : NULL;

        if (!end) {
            out[n++] = *row == '\'' ? '"' : *row;
            row++;
            continue;
        }
        snprintf(what, sizeof what, "%.*s", (int)(end - row - 1), row + 1);
        n += (size_t)snprintf(out + n, size - n, "%s", draw(s, what, d));
        row = end + 1;
    }
    if (n + 1 >= size)
        sim_fail(s, "a row is too long: %.80s", out);
    out[n] = 0;
}

/* ---- making one ---- */

static bool has_text(const organisation_row *row)
{
    return strstr(row->body, "'plain'") != NULL;
}

static char *snake(const char *camel, char out[64])
{
    size_t n = 0;

    for (; *camel && n < 62; camel++) {
        if (isupper((unsigned char)*camel))
            out[n++] = '_';
        out[n++] = (char)tolower((unsigned char)*camel);
    }
    out[n] = 0;
    return out;
}

static void type_token(submission *sub, const char *field)
{
    char name[64];
    const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field_by_name(
        sim_services[sub->daemon]->submission, snake(field, name));

    if (!f)
        abort();
    snprintf(sub->type, sizeof sub->type, "%s",
             px_codec_short_name((const ProtobufCMessageDescriptor *)f->descriptor));
}

/* Now and then it waits until so much of the log is known, or tells of another system's past. */
static const char *more_of_envelope(sim *s)
{
    if (chance_hits(&s->chance, 300))
        return px_arena_printf(&s->arena, ",\"afterSeq\":\"%" PRIu64 "\"",
                               oracle_log_last(s->oracle));
    return chance_hits(&s->chance, 200) ? ",\"history\":true" : "";
}

/* The row as JSON, made so long before now. */
static const char *envelope(sim *s, const organisation_row *row, const submission *sub, bool plain)
{
    const char *when = px_codec_rfc3339(sub->created_us, &s->arena);
    char actor[ACTOR_MAX], body[BODY_MAX];
    drawn d = { .count = 0 };

    fill_in(s, row->actor, &d, actor, sizeof actor);
    fill_in(s, row->body, &d, body, sizeof body);
    return px_arena_printf(&s->arena,
                           "{\"submissionId\":\"%s\",\"createdAt\":\"%s\",\"occurredAt\":\"%s\","
                           "\"actor\":\"%s\",\"%s\":%s%s}",
                           sub->id, when, when, actor, row->type, body,
                           plain ? "" : more_of_envelope(s));
}

static void reuse_id(sim *s, submission *sub)
{
    const submission *other = &s->submissions[pick(s, s->submission_count)];

    if (s->reuses && chance_hits(&s->chance, 1500) && other->daemon == sub->daemon &&
        strcmp(other->tenant, sub->tenant) == 0 && !other->has_text && !sub->has_text)
        memcpy(sub->id, other->id, sizeof sub->id);
}

/* What it waits for is no part of what it says. */
static void digest_of(sim *s, ProtobufCMessage *message, uint8_t digest[32])
{
    const ProtobufCFieldDescriptor *after =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, "after_seq");

    memset((uint8_t *)message + after->offset, 0, sizeof(uint64_t));
    px_bytes content = px_codec_pack(message, &s->arena);
    crypto_generichash(digest, 32, content.data, content.size, NULL, 0);
}

/* `plain`: as it stands, under an id of its own. Else now and then under an id that was used
 * before, for something else, or after lying for weeks. */
static submission *make(sim *s, const organisation_row *row, unsigned tenant, bool plain)
{
    submission *sub = &s->submissions[s->submission_count];
    const px_service *service = sim_services[row->daemon];
    ProtobufCMessage *message;
    px_codec_error error;
    const char *json;

    if (s->submission_count == SIM_SUBMISSIONS_MAX)
        return NULL;
    *sub = (submission){ .daemon = row->daemon,
                         .setup = -1,
                         .stale = !plain && chance_hits(&s->chance, 100),
                         .has_text = has_text(row) };
    sub->created_us = s->now_us + chance_between(&s->chance, -20, 20) * 1000000 -
                      (sub->stale ? STALE_DAYS * DAY_US : 0);
    snprintf(sub->tenant, sizeof sub->tenant, "%s", tenants[tenant]);
    snprintf(sub->source, sizeof sub->source, "%s", "hr");
    snprintf(sub->id, sizeof sub->id, "s%u", ++s->ids[tenant]);
    if (!plain)
        reuse_id(s, sub);
    type_token(sub, row->type);
    json = envelope(s, row, sub, plain);
    if (!json)
        return NULL;
    message = px_codec_from_json(service->submission, (px_bytes){ json, strlen(json) },
                                 &px_submission_limits, &s->arena, &error);
    if (!message)
        sim_fail(s, "not a submission (%s): %s", error.field, json);
    sub->json = (px_bytes){ json, strlen(json) };
    sub->bytes = px_codec_pack(message, &s->arena);
    digest_of(s, message, sub->digest);
    s->submission_count++;
    return sub;
}

/* ---- in order ---- */

/* A row of the setup that nobody waits for; what was refused is asked again. */
static submission *next_setup(sim *s, unsigned tenant, bool *complete)
{
    enum { ROWS_MAX = 64 };
    const organisation_rows *setup = &organisation_setup;
    bool done[ROWS_MAX] = { false }, waits[ROWS_MAX] = { false };
    unsigned phase = UINT32_MAX;

    if (setup->count > ROWS_MAX)
        abort();
    for (unsigned i = 0; i < s->submission_count; i++) {
        const submission *sub = &s->submissions[i];

        if (sub->setup < 0 || strcmp(sub->tenant, tenants[tenant]) != 0)
            continue;
        done[sub->setup] |= sub->seen && sub->code[0] == 0;
        waits[sub->setup] |= !sub->seen;
    }
    for (unsigned i = 0; i < setup->count; i++)
        if (!done[i] && setup->rows[i].number < phase)
            phase = setup->rows[i].number;
    *complete = phase == UINT32_MAX;
    for (unsigned i = 0; i < setup->count; i++) {
        if (done[i] || waits[i] || setup->rows[i].number != phase)
            continue;
        submission *sub = make(s, &setup->rows[i], tenant, true);

        if (sub)
            sub->setup = (int)i;
        return sub;
    }
    return NULL;
}

bool organisation_tells_story(const sim *s)
{
    return s->told[0] < organisation_story.count;
}

static submission *next_of_story(sim *s, unsigned tenant)
{
    const organisation_row *row = &organisation_story.rows[s->told[tenant]++];

    return has_text(row) && !s->texts ? NULL : make(s, row, tenant, s->in_order);
}

static const organisation_row *some_row(sim *s)
{
    const organisation_rows *daily = &organisation_daily;
    unsigned all = 0, at;

    for (size_t i = 0; i < daily->count; i++)
        all += daily->rows[i].number;
    at = pick(s, all);
    for (size_t i = 0;; i++) {
        if (at < daily->rows[i].number)
            return &daily->rows[i];
        at -= daily->rows[i].number;
    }
}

static submission *daily(sim *s, unsigned tenant)
{
    const organisation_row *row = some_row(s);

    while (has_text(row) && !s->texts)
        row = some_row(s);
    return make(s, row, tenant, false);
}

submission *organisation_next(sim *s)
{
    unsigned tenant = s->two_tenants && chance_hits(&s->chance, 2500);
    bool complete;
    submission *sub = next_setup(s, tenant, &complete);

    if (sub || (!complete && (s->in_order || !chance_hits(&s->chance, 500))))
        return sub;
    if (complete && s->told[tenant] < organisation_story.count &&
        (s->in_order || chance_hits(&s->chance, 5000)))
        return next_of_story(s, tenant);
    return s->submission_count > 0 ? daily(s, tenant) : NULL;
}

static bool is_played(const sim *s, unsigned daemon, const char *type)
{
    for (unsigned i = 0; i < s->submission_count; i++) {
        const submission *sub = &s->submissions[i];

        if (sub->daemon == daemon && sub->seen && sub->code[0] == 0 && strcmp(sub->type, type) == 0)
            return true;
    }
    return false;
}

void organisation_check_played(sim *s)
{
    for (unsigned d = 0; d < SIM_DAEMONS; d++) {
        const ProtobufCMessageDescriptor *all = sim_services[d]->submission;

        for (unsigned i = 0; i < all->n_fields; i++) {
            const ProtobufCFieldDescriptor *f = &all->fields[i];
            const char *type =
                f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF ? px_codec_short_name(f->descriptor) : NULL;

            if (type && !is_played(s, d, type))
                sim_fail(s, "%s: no %s is accepted in the script (organisation_rows.c: story)",
                         sim_services[d]->name, type);
        }
    }
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
