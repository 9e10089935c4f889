#include "tests/faults/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/outbound.h"

enum { ARENA_BYTES = 16 * 1024 * 1024 };

void ledger_init(ledger *g, const load *l)
{
    *g = (ledger){ .load = l };
    g->answers = calloc(l->count, sizeof *g->answers);
    assert_non_null(g->answers);
    assert_true(px_arena_init(&g->arena, ARENA_BYTES));
}

void ledger_fini(ledger *g)
{
    free(g->answers);
    px_arena_fini(&g->arena);
}

static void say(ledger *g, const char *what, const char *subject, const char *id)
{
    if (!g->problem[0])
        snprintf(g->problem, sizeof g->problem, "%s: %s, id \"%s\"", what, subject, id);
}

/* ---- reading ---- */

bool ledger_is_result(const px_bus_msg *msg)
{
    return strncmp(msg->subject, "praxis.v1.acme.result.", 22) == 0;
}

bool ledger_is_again(const char *msg_id)
{
    return strncmp(msg_id, px_again_prefix, strlen(px_again_prefix)) == 0;
}

const Praxis__ResultBatch *ledger_read(ledger *g, const px_bus_msg *msg)
{
    const char *type = px_bus_msg_header(msg, "Content-Type");
    px_codec_error error;

    px_arena_reset(&g->arena);
    if (type && strcmp(type, "application/json") == 0)
        return (const Praxis__ResultBatch *)px_codec_from_json(
            &praxis__result_batch__descriptor, msg->data, &px_batch_limits, &g->arena, &error);
    return (const Praxis__ResultBatch *)px_codec_unpack(&praxis__result_batch__descriptor,
                                                        msg->data, &g->arena);
}

static ledger_answer answer_of(const Praxis__Result *result)
{
    ledger_answer a = { .known = true, .decided_at_us = px_codec_time_us(result->decided_at) };

    if (result->outcome_case == PRAXIS__RESULT__OUTCOME_REJECTED) {
        snprintf(a.code, sizeof a.code, "%s", result->rejected->code);
        snprintf(a.field, sizeof a.field, "%s", result->rejected->field);
    } else if (result->outcome_case == PRAXIS__RESULT__OUTCOME_ACCEPTED) {
        a.facts = result->accepted->facts;
        a.log_seq = result->accepted->log_seq;
    } else {
        snprintf(a.code, sizeof a.code, "(no outcome)");
    }
    if (result->unreadable)
        a.inbox_seq = result->unreadable->inbox_seq;
    return a;
}

/* ---- whose answer it is ---- */

static size_t step_of_digest(const load *l, ProtobufCBinaryData digest)
{
    for (size_t i = 0; i < l->count; i++)
        if (!l->steps[i].message && digest.len == PX_DIGEST_SIZE &&
            memcmp(l->steps[i].digest, digest.data, PX_DIGEST_SIZE) == 0)
            return i;
    return LOAD_NONE;
}

static size_t step_of(const load *l, const Praxis__Result *result)
{
    size_t step;

    if (result->unreadable)
        return step_of_digest(l, result->unreadable->digest);
    if (result->submission_id[0] != 's')
        return LOAD_NONE;
    step = strtoul(result->submission_id + 1, NULL, 10);
    if (step >= l->count || strcmp(l->steps[step].id, result->submission_id) != 0)
        return LOAD_NONE;
    if (result->outcome_case == PRAXIS__RESULT__OUTCOME_REJECTED &&
        strcmp(result->rejected->code, "ID_REUSED") == 0)
        return l->steps[step].reused_by;
    return step;
}

static bool is_addressed_to(const px_bus_msg *msg, const load_step *step)
{
    char subject[128];

    snprintf(subject, sizeof subject, "praxis.v1.acme.result.%s.%s", world_services[step->daemon],
             step->source);
    return strcmp(subject, msg->subject) == 0;
}

static bool same(const ledger_answer *a, const ledger_answer *b)
{
    return strcmp(a->code, b->code) == 0 && strcmp(a->field, b->field) == 0 &&
           a->facts == b->facts && a->log_seq == b->log_seq && a->decided_at_us == b->decided_at_us;
}

static void say_twice(ledger *g, const ledger_answer *before, const ledger_answer *now,
                      const char *msg_id)
{
    if (!g->problem[0])
        snprintf(g->problem, sizeof g->problem,
                 "bytes at inbox %" PRIu64 " answered twice: feed %" PRIu64 " %s, feed %" PRIu64
                 " %s",
                 now->inbox_seq, before->feed_seq, before->msg_id, now->feed_seq, msg_id);
}

static void take_one(ledger *g, const px_bus_msg *msg, const Praxis__Result *result)
{
    size_t step = step_of(g->load, result);
    const char *msg_id = px_bus_msg_header(msg, "Nats-Msg-Id");
    ledger_answer answer = answer_of(result), *known;

    answer.feed_seq = msg->seq;
    if (step == LOAD_NONE) {
        say(g, "an answer to nothing that was sent", msg->subject, result->submission_id);
        return;
    }
    if (!is_addressed_to(msg, &g->load->steps[step]))
        say(g, "an answer sent to somebody else", msg->subject, result->submission_id);
    known = &g->answers[step];
    answer.decided = known->decided;
    answer.repeated = known->repeated;
    if (!ledger_is_again(msg_id)) {
        answer.decided++;
        snprintf(answer.msg_id, sizeof answer.msg_id, "%s", msg_id);
    } else
        answer.repeated++;
    if (!known->known)
        g->answered++;
    /* Bytes that cannot be read have no id: each copy that was stored is answered. */
    else if (!result->unreadable && !same(known, &answer))
        say(g, "an answer that differs from an earlier one", msg->subject, result->submission_id);
    else if (result->unreadable && known->inbox_seq == answer.inbox_seq)
        say_twice(g, known, &answer, msg_id);
    *known = answer;
    if (answer.log_seq > g->log_seq)
        g->log_seq = answer.log_seq;
}

void ledger_take(ledger *g, const px_bus_msg *msg)
{
    const Praxis__ResultBatch *batch = ledger_read(g, msg);

    if (!batch)
        say(g, "results that cannot be read", msg->subject, "");
    for (size_t i = 0; batch && i < batch->n_results; i++)
        take_one(g, msg, batch->results[i]);
}

/* ---- at the end ---- */

size_t ledger_first_wrong(const ledger *g, char why[512])
{
    for (size_t i = 0; i < g->load->count; i++) {
        const load_step *step = &g->load->steps[i];
        const ledger_answer *a = &g->answers[i];
        bool once = step->message ? a->decided == 1 : a->decided >= 1;
        bool right = step->code ? strcmp(a->code, step->code) == 0 : a->code[0] != '\0';

        if (a->known && once && right)
            continue;
        snprintf(why, 512, "step %zu, %s to %s, wave %u: %s %s (must be %s), decided %u times", i,
                 step->type, world_services[step->daemon], step->wave,
                 a->known ? a->code : "never answered", a->field,
                 step->code ? step->code : "some rejection", a->decided);
        return i;
    }
    return LOAD_NONE;
}
