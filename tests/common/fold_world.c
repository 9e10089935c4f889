#include "tests/common/fold_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/agenda.h"
#include "common/codec.h"
#include "common/keys.h"
#include "praxis/reporting/fact/v1/fact.pb-c.h"
#include "praxis/reporting/v1/event.pb-c.h"
#include "praxis/reporting/v1/submission.pb-c.h"

enum { KEY_SUM = 1, TABLE_SUMS = PX_FIRST_SERVICE_TABLE, FOLLOW_UP_US = 40 * 1000000 };

/* ---- the service ---- */

typedef struct {
    uint64_t sum;
    uint64_t said;
    uint64_t due_us; /* of the follow-up; 0 = none */
} sums;

static px_keybuf sums_key(const char *tenant)
{
    px_keybuf key = px_key_begin(TABLE_SUMS);

    px_key_text(&key, tenant);
    return key;
}

static sums get_sums(const px_view *state, const char *tenant)
{
    px_keybuf key = sums_key(tenant);
    px_bytes value;
    sums s = { 0 };

    if (px_get(state, PX_STATE, px_key_bytes(&key), &value)) {
        s.sum = px_get_be64(value.data);
        s.said = px_get_be64((const uint8_t *)value.data + 8);
        s.due_us = px_get_be64((const uint8_t *)value.data + 16);
    }
    return s;
}

static void put_sums(px_txn *state, const char *tenant, sums s)
{
    px_keybuf key = sums_key(tenant);
    uint8_t value[24];

    px_put_be64(value, s.sum);
    px_put_be64(value + 8, s.said);
    px_put_be64(value + 16, s.due_us);
    px_put(state, PX_STATE, px_key_bytes(&key), (px_bytes){ value, sizeof value });
}

static void say(px_facts *out, uint32_t minimum)
{
    ReportingFact__GroupMinimumSet *fact =
        px_facts_add(out, REPORTING_FACT__FACT__BODY_GROUP_MINIMUM_SET);

    fact->minimum = minimum;
}

static px_verdict decide(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Reporting__SetGroupMinimum *cmd = sub->body;

    (void)state;
    if (cmd->minimum == 99)
        return px_reject(PX_REASON_MINIMUM_LOWERED, "minimum");
    for (unsigned i = 0; i < (cmd->minimum == 100 ? WORLD_MANY_FACTS : 1); i++)
        say(out, cmd->minimum);
    return px_accept();
}

static void evolve(px_txn *state, const px_fact *fact)
{
    const ReportingFact__GroupMinimumSet *f = fact->body;
    px_bytes rest = px_text_bytes("sum");
    sums s = get_sums(state, fact->tenant);

    if (f->minimum >= WORLD_FACT_FOLLOW_UP) {
        s.due_us = 0;
        px_due_clear(state, KEY_SUM, fact->tenant, rest);
    } else if (f->minimum >= WORLD_FACT_SAID) {
        s.said = f->minimum - WORLD_FACT_SAID;
        s.due_us = (uint64_t)(fact->decided_at_us + FOLLOW_UP_US);
        px_due_set(state, KEY_SUM, fact->tenant, rest, (int64_t)s.due_us);
    } else {
        s.sum += f->minimum;
        px_mark(state, KEY_SUM, fact->tenant, rest);
    }
    put_sums(state, fact->tenant, s);
}

static void reconcile(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    sums s = get_sums(state, key->tenant);

    assert_memory_equal(key->rest.data, "sum", 3);
    if (s.said != s.sum / 10)
        say(out, WORLD_FACT_SAID + (uint32_t)(s.sum / 10) % 1000);
    else if (s.due_us != 0 && s.due_us <= (uint64_t)now_us)
        say(out, WORLD_FACT_FOLLOW_UP);
}

static void publish(const px_view *state, const px_fact *fact, px_out *out)
{
    Reporting__GroupMinimumSet event = REPORTING__GROUP_MINIMUM_SET__INIT;
    const ReportingFact__GroupMinimumSet *f = fact->body;

    (void)state;
    event.minimum = f->minimum;
    px_out_event(out, "GroupMinimumSet", fact->tenant, &event.base);
}

static px_decider_fn *const deciders[] = {
    [REPORTING__SUBMISSION__BODY_SET_GROUP_MINIMUM] = decide,
};
static px_evolver_fn *const evolvers[] = {
    [REPORTING_FACT__FACT__BODY_GROUP_MINIMUM_SET] = evolve,
};
static px_publisher_fn *const publishers[] = {
    [REPORTING_FACT__FACT__BODY_GROUP_MINIMUM_SET] = publish,
};
static px_reconciler_fn *const reconcilers[] = { [KEY_SUM] = reconcile };

px_service fold_world_service(void)
{
    return (px_service){
        .name = "reporting",
        .summary = "a test",
        .code_version = 1,
        .layout = 1,
        .submission = &reporting__submission__descriptor,
        .facts = &reporting_fact__fact__descriptor,
        .deciders = deciders,
        .decider_count = PX_COUNT(deciders),
        .evolvers = evolvers,
        .evolver_count = PX_COUNT(evolvers),
        .publishers = publishers,
        .publisher_count = PX_COUNT(publishers),
        .reconcilers = reconcilers,
        .reconciler_count = PX_COUNT(reconcilers),
    };
}

/* ---- copies ---- */

static int64_t clock_us(void *context)
{
    return ((fold_world *)context)->now_us;
}

static int64_t clock_ms(void *context)
{
    return ((fold_world *)context)->now_ms;
}

void fold_start(fold_copy *c)
{
    fold_world *w = c->world;
    px_fold_parts parts = { .service = &c->service,
                            .config = &c->config,
                            .clock_us = clock_us,
                            .clock_ms = clock_ms,
                            .clock_context = w };

    c->config = (px_config){ .handled_days = 35,
                             .standby_ms = c->standby_ms,
                             .replicas = 1,
                             .map_bytes = c->map_bytes,
                             .snapshot_minutes = c->snapshot_minutes,
                             .snapshots_kept = 3,
                             .fold_to = c->fold_to,
                             .event_clock = c->event_clock };
    snprintf(c->config.data_dir, sizeof c->config.data_dir, "%s/%s", w->directory, c->name);
    assert_int_equal(px_bus_open_memory(&c->bus, w->server, c->name), PX_OK);
    parts.bus = c->bus;
    assert_int_equal(px_fold_create(&c->fold, &parts), PX_OK);
    fold_turn(c);
}

void fold_stop(fold_copy *c)
{
    if (c->fold == NULL)
        return;
    px_fold_destroy(c->fold);
    px_bus_close(c->bus);
    c->fold = NULL;
}

void fold_lose_store(fold_copy *c)
{
    char command[160];

    assert_null(c->fold);
    snprintf(command, sizeof command, "rm -rf %s/%s", c->world->directory, c->name);
    assert_int_equal(system(command), 0);
}

bool fold_turn(fold_copy *c)
{
    bool busy;

    assert_int_equal(px_fold_turn(c->fold, &busy), PX_OK);
    px_bus_wait(c->bus, 0);
    return busy;
}

void fold_pass_ms(fold_world *w, int64_t ms)
{
    w->now_ms += ms;
    w->now_us += ms * 1000;
}

void fold_settle(fold_world *w)
{
    fold_copy *copies[] = { &w->a, &w->b };
    unsigned idle = 0;

    for (unsigned turns = 0; idle < 12; turns++) {
        bool busy = false;

        assert_true(turns < 100000);
        for (size_t i = 0; i < PX_COUNT(copies); i++)
            if (copies[i]->fold != NULL)
                busy |= fold_turn(copies[i]);
        idle = busy ? 0 : idle + 1;
        if (!busy)
            fold_pass_ms(w, 500);
    }
}

/* ---- life of a world ---- */

static void make_copy(fold_world *w, fold_copy *c, const char *name)
{
    c->world = w;
    c->service = fold_world_service();
    snprintf(c->name, sizeof c->name, "%s", name);
}

int fold_world_setup(void **state)
{
    fold_world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    assert_true(px_arena_init(&w->arena, 256u << 20));
    snprintf(w->directory, sizeof w->directory, "/tmp/praxis-fold-XXXXXX");
    assert_non_null(mkdtemp(w->directory));
    w->now_us = WORLD_START_US;
    w->now_ms = 1000000;
    w->server = px_bus_server_create();
    assert_non_null(w->server);
    assert_int_equal(px_bus_open_memory(&w->bus, w->server, "tester"), PX_OK);
    make_copy(w, &w->a, "a");
    make_copy(w, &w->b, "b");
    *state = w;
    return 0;
}

int fold_world_teardown(void **state)
{
    fold_world *w = *state;
    char command[128];

    fold_stop(&w->a);
    fold_stop(&w->b);
    px_bus_close(w->bus);
    px_bus_server_destroy(w->server);
    px_arena_fini(&w->arena);
    snprintf(command, sizeof command, "rm -rf %s", w->directory);
    assert_int_equal(system(command), 0);
    free(w);
    return 0;
}

/* ---- submissions ---- */

px_bytes fold_pack(fold_world *w, const char *id, uint32_t n, int64_t created_us,
                   uint64_t after_seq)
{
    Reporting__Submission s = REPORTING__SUBMISSION__INIT;
    Reporting__SetGroupMinimum body = REPORTING__SET_GROUP_MINIMUM__INIT;
    px_bytes bytes;

    body.minimum = n;
    s.submission_id = (char *)(uintptr_t)id;
    s.created_at = px_codec_timestamp(created_us, &w->arena);
    s.occurred_at = px_codec_timestamp(created_us, &w->arena);
    s.actor = (char *)(uintptr_t) "system";
    s.after_seq = after_seq;
    s.body_case = REPORTING__SUBMISSION__BODY_SET_GROUP_MINIMUM;
    s.set_group_minimum = &body;
    bytes = px_codec_pack(&s.base, &w->arena);
    assert_non_null(bytes.data);
    return bytes;
}

uint64_t fold_send(fold_world *w, const char *tenant, const char *type, px_bytes bytes,
                   const px_header *headers, size_t header_count)
{
    px_bus_out out = { .data = bytes, .headers = headers, .header_count = header_count };
    px_bus_ack ack;

    out.subject = px_arena_printf(&w->arena, "praxis.v1.%s.submit.reporting.%s.hr", tenant, type);
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_OK);
    assert_int_equal(ack.status, PX_OK);
    return ack.seq;
}

void fold_submit(fold_world *w, const char *tenant, const char *id, uint32_t n)
{
    fold_send(w, tenant, "SetGroupMinimum", fold_pack(w, id, n, w->now_us, 0), NULL, 0);
}

uint64_t fold_cursor(fold_copy *c)
{
    px_txn *view = px_store_read(px_fold_store(c->fold));
    uint64_t cursor;

    assert_non_null(view);
    cursor = px_view_cursor(view);
    px_txn_abort(view);
    return cursor;
}
