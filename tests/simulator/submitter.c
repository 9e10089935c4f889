/* submitter.c: integrators: they keep a submission until they see its result, and send it again
 * and again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "praxis/common/v1/bundle.pb-c.h"
#include "tests/simulator/parts.h"
#include "tests/simulator/results.h"

/* ---- sending ---- */

static void publish(sim *s, const submission *sub, const char *type, px_bytes bytes, bool json)
{
    const px_header header = { "Content-Type", "application/json" };
    char subject[160];

    snprintf(subject, sizeof subject, "praxis.v1.%s.submit.%s.%s.%s", sub->tenant,
             sim_services[sub->daemon]->name, type, sub->source);
    network_submit(s, &(px_bus_out){ .subject = subject,
                                     .data = bytes,
                                     .headers = &header,
                                     .header_count = json ? 1 : 0 });
}

static void send_bundle(sim *s, const submission *first)
{
    ProtobufCBinaryData items[SIM_BUNDLE_MAX];
    Praxis__Bundle bundle = PRAXIS__BUNDLE__INIT;

    bundle.submissions = items;
    for (unsigned i = 0; i < s->submission_count && bundle.n_submissions < SIM_BUNDLE_MAX; i++) {
        const submission *sub = &s->submissions[i];

        if (sub->daemon != first->daemon || strcmp(sub->tenant, first->tenant) != 0 || sub->seen)
            continue;
        items[bundle.n_submissions++] =
            (ProtobufCBinaryData){ sub->bytes.size, (uint8_t *)(uintptr_t)sub->bytes.data };
    }
    px_bytes bytes = px_codec_pack(&bundle.base, &s->arena);
    if (bundle.n_submissions > 0 && bytes.data)
        publish(s, first, "Bundle", bytes, false);
}

void submitter_send(sim *s, const submission *sub)
{
    unsigned how = chance_below(&s->chance, 10);

    sim_say(s, "send %s %s %s/%s", sim_services[sub->daemon]->name, sub->type, sub->tenant,
            sub->id);
    if (how == 0)
        send_bundle(s, sub);
    else
        publish(s, sub, sub->type, how < 3 ? sub->json : sub->bytes, how < 3);
}

unsigned submitter_waiting(const sim *s)
{
    unsigned waiting = 0;

    for (unsigned i = 0; i < s->submission_count; i++)
        waiting += !s->submissions[i].seen;
    return waiting;
}

static const submission *some_waiting(sim *s)
{
    unsigned waiting = submitter_waiting(s), wanted;

    if (waiting == 0)
        return NULL;
    wanted = chance_below(&s->chance, waiting);
    for (unsigned i = 0;; i++)
        if (!s->submissions[i].seen && wanted-- == 0)
            return &s->submissions[i];
}

void submitter_resend_all(sim *s)
{
    for (unsigned i = 0; i < s->submission_count; i++)
        if (!s->submissions[i].seen)
            submitter_send(s, &s->submissions[i]);
}

void submitter_turn(sim *s)
{
    unsigned draw = chance_below(&s->chance, 100);
    const submission *sub = NULL;

    if (draw < 55)
        sub = organisation_next(s);
    else if (draw < 70)
        sub = some_waiting(s);
    else if (draw < 74 && s->submission_count > 0) /* again, although the result was seen */
        sub = &s->submissions[chance_below(&s->chance, s->submission_count)];
    else if (draw < 75)
        organisation_nonsense(s);
    else
        submitter_look(s);
    if (sub)
        submitter_send(s, sub);
}

/* ---- results ---- */

bool submitter_answered(const sim *s, const submission *sub, oracle_answer *answer)
{
    return oracle_find(s->oracle, sim_services[sub->daemon]->name, sub->tenant, sub->source,
                       sub->id, sub->has_text ? NULL : sub->digest, answer);
}

typedef struct {
    const char *code, *field;
    uint64_t facts;
} told;

static told told_by(const Praxis__Result *result)
{
    if (result->outcome_case == PRAXIS__RESULT__OUTCOME_REJECTED)
        return (told){ result->rejected->code, result->rejected->field, 0 };
    return (told){ "", "", result->accepted->facts };
}

static bool is_told(const submission *sub, told t)
{
    return strcmp(sub->code, t.code) == 0 && strcmp(sub->field, t.field) == 0 &&
           sub->facts == t.facts;
}

static unsigned contents_with_id(const sim *s, const submission *sub)
{
    unsigned count = 0;

    for (unsigned i = 0; i < s->submission_count; i++)
        count += s->submissions[i].daemon == sub->daemon &&
                 strcmp(s->submissions[i].id, sub->id) == 0 &&
                 strcmp(s->submissions[i].tenant, sub->tenant) == 0;
    return count;
}

/* Of an id that was used for several things, the log says whose result this is. */
static bool is_for(const sim *s, const submission *sub, told t)
{
    oracle_answer answer;

    if (contents_with_id(s, sub) == 1)
        return true;
    return submitter_answered(s, sub, &answer) && strcmp(answer.code, t.code) == 0 &&
           strcmp(answer.field, t.field) == 0 && answer.facts == t.facts;
}

/* What the log lost may have had another result; so may a text whose key a lost erasure destroyed.
 */
static bool is_comparable(const sim *s, const submission *sub)
{
    return !sub->ghost && !(s->keys_lost && sub->has_text);
}

/* Asked again after its id was forgotten, a submission is too old, whatever it was told before. */
static bool is_too_old(const char *code)
{
    return strcmp(code, "CREATED_AT_OUT_OF_RANGE") == 0;
}

/* Whatever clocks say: what was made just now is not too old, and what had lain for weeks is. */
static void check_age(sim *s, const submission *sub, const char *code)
{
    bool old = s->now_us - sub->created_us > 33 * INT64_C(86400000000);

    if (is_too_old(code) ? !old : sub->stale)
        sim_fail(s, "%s/%s, made %s, was told %s", sub->tenant, sub->id,
                 sub->stale ? "weeks before" : "just then", code[0] ? code : "accepted");
}

static void see(sim *s, submission *sub, told t)
{
    check_age(s, sub, t.code);
    if (sub->seen && is_too_old(t.code))
        return;
    if (sub->seen && is_comparable(s, sub) && !is_told(sub, t))
        sim_fail(s, "%s/%s was told %s %s, then %s %s", sub->tenant, sub->id,
                 sub->code[0] ? sub->code : "accepted", sub->field, t.code[0] ? t.code : "accepted",
                 t.field);
    if (!sub->seen)
        sim_say(s, "seen %s/%s %s %s", sub->tenant, sub->id, t.code, t.field);
    sub->seen = true;
    sub->facts = t.facts;
    snprintf(sub->code, sizeof sub->code, "%s", t.code);
    snprintf(sub->field, sizeof sub->field, "%s", t.field);
}

static void look_at(sim *s, const px_bus_msg *msg)
{
    results r;

    px_arena_reset(&s->scratch);
    bool any = results_read(msg, &s->scratch, &r);
    for (size_t i = 0; any && i < r.batch->n_results; i++) {
        const Praxis__Result *result = r.batch->results[i];

        for (unsigned k = 0; k < s->submission_count; k++) {
            submission *sub = &s->submissions[k];

            if (strcmp(sub->id, result->submission_id) == 0 && strcmp(sub->tenant, r.tenant) == 0 &&
                strcmp(sub->source, r.source) == 0 &&
                strcmp(sim_services[sub->daemon]->name, r.service) == 0 &&
                is_for(s, sub, told_by(result)))
                see(s, sub, told_by(result));
        }
    }
}

void submitter_look(sim *s)
{
    while (s->answers_seen < s->feed_seen) {
        px_bus_msg *msg;

        if (px_bus_get(s->bus, px_feed_stream, s->answers_seen + 1, &msg) != PX_OK)
            return;
        s->answers_seen++;
        look_at(s, msg);
        px_bus_msg_free(msg);
    }
}

void submitter_check(sim *s)
{
    for (unsigned i = 0; i < s->submission_count; i++) {
        const submission *sub = &s->submissions[i];
        oracle_answer answer;

        if (!sub->seen)
            sim_fail(s, "%s/%s (%s) got no result", sub->tenant, sub->id, sub->type);
        if (!is_comparable(s, sub))
            continue;
        if (!submitter_answered(s, sub, &answer))
            sim_fail(s, "%s/%s was told a result that is not recorded", sub->tenant, sub->id);
        if (!is_too_old(answer.code) &&
            !is_told(sub, (told){ answer.code, answer.field, answer.facts }))
            sim_fail(s, "%s/%s was told %s, recorded is %s", sub->tenant, sub->id, sub->code,
                     answer.code);
    }
}
