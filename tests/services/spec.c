/* spec.c: the life of a spec, given and when. */
#include "tests/services/spec_impl.h"

#include <unistd.h>

#include "common/chain.h"
#include "tests/services/starved.h"

/* ---- a copy of the daemon ---- */

static int64_t read_clock(void *context)
{
    return ((spec *)context)->now_us;
}

static void copy_start(spec *s, copy *c, const char *name, uint64_t standby_ms)
{
    char key_file[128];

    snprintf(key_file, sizeof key_file, "%s/master", s->directory);
    (void)px_vault_make_master(key_file); /* the second copy finds it there */
    c->config = (px_config){ .handled_days = 35, .standby_ms = standby_ms, .replicas = 1 };
    snprintf(c->config.data_dir, sizeof c->config.data_dir, "%s/%s", s->directory, name);
    assert_int_equal(px_bus_open_memory(&c->bus, s->server, name), PX_OK);
    assert_int_equal(px_vault_open(&c->vault, key_file, c->bus), PX_OK);
    assert_int_equal(px_fold_create(&c->fold, &(px_fold_parts){ .service = s->service,
                                                                .config = &c->config,
                                                                .bus = c->bus,
                                                                .vault = c->vault,
                                                                .clock_us = read_clock,
                                                                .clock_context = s }),
                     PX_OK);
}

static void copy_stop(copy *c)
{
    px_fold_destroy(c->fold);
    px_vault_close(c->vault);
    px_bus_close(c->bus);
}

/* Turns until several turns in a row had nothing to do. */
static void copy_settle(copy *c)
{
    unsigned idle = 0;

    for (unsigned turns = 0; idle < 4; turns++) {
        bool busy;

        assert_true(turns < 100000);
        assert_int_equal(px_fold_turn(c->fold, &busy), PX_OK);
        idle = busy ? 0 : idle + 1;
        px_bus_wait(c->bus, 0);
    }
}

/* ---- life of a spec ---- */

spec *spec_create(const px_service *service)
{
    spec *s = calloc(1, sizeof *s);

    assert_non_null(s);
    s->service = starved(service);
    s->now_us = SPEC_START_US;
    assert_true(px_arena_init(&s->arena, ARENA_BYTES));
    snprintf(s->directory, sizeof s->directory, "/tmp/praxis-spec-XXXXXX");
    assert_non_null(mkdtemp(s->directory));
    s->server = px_bus_server_create();
    assert_non_null(s->server);
    assert_int_equal(px_bus_open_memory(&s->bus, s->server, "tester"), PX_OK);
    copy_start(s, &s->daemon, "daemon", 0);
    copy_settle(&s->daemon);
    return s;
}

void spec_end_view(spec *s)
{
    px_txn_abort(s->view);
    s->view = NULL;
}

static void digest_of(px_fold *fold, uint8_t digest[32], uint64_t *records, uint64_t *cursor)
{
    px_txn *view = px_store_read(px_fold_store(fold));

    assert_non_null(view);
    *cursor = px_view_cursor(view);
    assert_int_equal(px_store_digest(view, digest, records), PX_OK);
    px_txn_abort(view);
}

/* The log alone gives the same bytes: nothing was kept that it does not say. */
static void assert_rebuild_is_equal(spec *s)
{
    uint8_t live[32], rebuilt[32];
    uint64_t live_records, rebuilt_records, live_cursor, rebuilt_cursor;
    copy again;

    copy_settle(&s->daemon);
    copy_start(s, &again, "rebuild", UINT32_MAX);
    copy_settle(&again);
    digest_of(s->daemon.fold, live, &live_records, &live_cursor);
    digest_of(again.fold, rebuilt, &rebuilt_records, &rebuilt_cursor);
    copy_stop(&again);
    assert_int_equal(live_cursor, rebuilt_cursor);
    assert_int_equal(live_records, rebuilt_records);
    assert_memory_equal(live, rebuilt, sizeof live);
}

static void remove_directory(const char *directory)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf %s", directory);
    assert_int_equal(system(command), 0);
}

static size_t facts_after(spec *s, uint64_t mark);

/* Newer code looks at every key once more: what it finds to say was forgotten before. */
static void assert_nothing_was_forgotten(spec *s)
{
    const px_service *service = s->service;
    px_service newer = *service;
    uint64_t mark = spec_last_seq(s, px_log_stream);

    spec_end_view(s);
    newer.code_version++;
    s->service = &newer;
    copy_stop(&s->daemon);
    copy_start(s, &s->daemon, "daemon", 0);
    copy_settle(&s->daemon);
    assert_int_equal(facts_after(s, mark), 0);
    copy_stop(&s->daemon);
    s->service = service;
    copy_start(s, &s->daemon, "daemon", 0);
}

void spec_destroy(spec *s)
{
    spec_end_view(s);
    assert_rebuild_is_equal(s);
    copy_stop(&s->daemon);
    px_bus_close(s->bus);
    px_bus_server_destroy(s->server);
    px_arena_fini(&s->arena);
    remove_directory(s->directory);
    free(s);
}

int spec_setup_with(void **state, const px_service *service)
{
    *state = spec_create(service);
    return 0;
}

int spec_teardown(void **state)
{
    spec_destroy(*state);
    return 0;
}

int spec_teardown_looking_again(void **state)
{
    assert_nothing_was_forgotten(*state);
    return spec_teardown(state);
}

px_arena *spec_arena(spec *s)
{
    return &s->arena;
}

px_bus *spec_bus(spec *s)
{
    return s->bus;
}

void spec_set_now(spec *s, int64_t now_us)
{
    s->now_us = now_us;
}

int64_t spec_now(const spec *s)
{
    return s->now_us;
}

const px_view *spec_state(spec *s)
{
    spec_end_view(s);
    s->view = px_store_read(px_fold_store(s->daemon.fold));
    assert_non_null(s->view);
    return s->view;
}

/* ---- the log, as the tester reads it ---- */

uint64_t spec_last_seq(spec *s, const char *stream)
{
    px_stream_info info;

    assert_int_equal(px_bus_stream_info(s->bus, stream, &info), PX_OK);
    return info.last_seq;
}

PraxisLog__Batch *spec_batch_at(spec *s, uint64_t seq, const char **service)
{
    px_bus_msg *msg;
    PraxisLog__Batch *batch;

    assert_int_equal(px_bus_get(s->bus, px_log_stream, seq, &msg), PX_OK);
    *service = px_arena_strdup(&s->arena, strrchr(msg->subject, '.') + 1);
    batch = (PraxisLog__Batch *)px_codec_unpack(
        &praxis_log__batch__descriptor,
        (px_bytes){ px_arena_copy(&s->arena, msg->data.data, msg->data.size), msg->data.size },
        &s->arena);
    px_bus_msg_free(msg);
    assert_non_null(batch);
    return batch;
}

static void set_marks(spec *s, uint64_t log_mark)
{
    s->log_mark = s->read_seq = log_mark;
    s->read_fact = 0;
    s->feed_mark = spec_last_seq(s, px_feed_stream);
}

/* ---- given ---- */

static void publish_log(spec *s, const char *service, PraxisLog__Batch *batch)
{
    px_bytes bytes = px_codec_pack(&batch->base, &s->arena);
    px_bus_out out = { .subject = px_arena_printf(&s->arena, "praxis.log.%s", service),
                       .data = bytes };
    px_bus_ack ack;

    assert_int_equal(px_bus_publish_wait(s->bus, &out, &ack), PX_OK);
    assert_int_equal(ack.status, PX_OK);
}

static px_head head_of(spec *s, const char *service)
{
    px_head head = px_chain_head(spec_state(s), service);

    spec_end_view(s);
    return head;
}

void spec_set_history(spec *s, bool history)
{
    s->history = history;
}

void given(spec *s, const char *service, const void *fact)
{
    px_head head = head_of(s, service);
    ProtobufCBinaryData packed;
    px_bytes bytes = px_codec_pack(fact, &s->arena);
    PraxisLog__Batch batch = PRAXIS_LOG__BATCH__INIT;
    PraxisLog__Entry entry = PRAXIS_LOG__ENTRY__INIT, *entries = &entry;
    PraxisLog__SubmissionCause cause = PRAXIS_LOG__SUBMISSION_CAUSE__INIT;

    assert_non_null(bytes.data);
    packed = (ProtobufCBinaryData){ bytes.size, (uint8_t *)(uintptr_t)bytes.data };
    cause.tenant = (char *)(uintptr_t)SPEC_TENANT;
    cause.source = (char *)(uintptr_t)SPEC_SOURCE;
    cause.submission_id = px_arena_printf(&s->arena, "given-%u", ++s->submissions);
    cause.occurred_at_us = s->now_us;
    cause.history = s->history;
    entry.cause_case = PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION;
    entry.submission = &cause;
    entry.facts = &packed;
    entry.n_facts = 1;
    batch.service = (char *)(uintptr_t)service;
    batch.code_version = head.code_version != 0 ? head.code_version : 1;
    batch.number = head.number + 1;
    batch.previous_digest = (ProtobufCBinaryData){ PX_DIGEST_SIZE, head.digest };
    batch.decided_at_us = s->now_us > head.decided_at_us ? s->now_us : head.decided_at_us;
    batch.entries = &entries;
    batch.n_entries = 1;
    publish_log(s, service, &batch);
    set_marks(s, spec_last_seq(s, px_log_stream));
    copy_settle(&s->daemon);
}

/* ---- when ---- */

static Google__Protobuf__Timestamp *timestamp(spec *s)
{
    return px_codec_timestamp(s->now_us, &s->arena);
}

static px_bytes complete(spec *s, envelope *e, const char **type)
{
    const ProtobufCMessage *body;

    if (e->submission_id == NULL || *e->submission_id == 0)
        e->submission_id = px_arena_printf(&s->arena, "s-%u", ++s->submissions);
    if (e->created_at == NULL)
        e->created_at = timestamp(s);
    if (e->occurred_at == NULL)
        e->occurred_at = timestamp(s);
    if (e->actor == NULL || *e->actor == 0)
        e->actor = (char *)(uintptr_t) "system";
    assert_int_not_equal(px_codec_oneof(&e->base, "body", &body), 0);
    *type = px_codec_short_name(body->descriptor);
    return px_codec_pack(&e->base, &s->arena);
}

static void submit(spec *s, px_bytes bytes, const char *type)
{
    px_bus_out out = { .data = bytes };
    px_bus_ack ack;

    out.subject = px_arena_printf(&s->arena, "praxis.v1.%s.submit.%s.%s.%s", SPEC_TENANT,
                                  s->service->name, type, SPEC_SOURCE);
    assert_int_equal(px_bus_publish_wait(s->bus, &out, &ack), PX_OK);
    assert_int_equal(ack.status, PX_OK);
    copy_settle(&s->daemon);
}

const PraxisLog__Entry *spec_last_answer(spec *s)
{
    for (uint64_t seq = s->log_mark + 1; seq <= spec_last_seq(s, px_log_stream); seq++) {
        const char *service;
        PraxisLog__Batch *batch = spec_batch_at(s, seq, &service);

        for (size_t i = 0; i < batch->n_entries; i++) {
            const PraxisLog__Entry *entry = batch->entries[i];

            if (entry->cause_case == PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION &&
                strcmp(entry->submission->submission_id, s->last_id) == 0)
                return entry;
        }
    }
    fail_msg("submission %s has no result", s->last_id);
    return NULL;
}

static size_t facts_after(spec *s, uint64_t mark)
{
    size_t n = 0;

    for (uint64_t seq = mark + 1; seq <= spec_last_seq(s, px_log_stream); seq++) {
        const char *service;
        PraxisLog__Batch *batch = spec_batch_at(s, seq, &service);

        for (size_t i = 0; i < batch->n_entries; i++)
            n += batch->entries[i]->n_facts;
    }
    return n;
}

void when(spec *s, void *submission)
{
    envelope *e = submission;
    const char *type;
    px_bytes bytes = complete(s, e, &type);
    uint64_t feed, log;

    spec_end_view(s);
    assert_non_null(bytes.data);
    s->last_id = e->submission_id;
    set_marks(s, spec_last_seq(s, px_log_stream));
    feed = s->feed_mark;
    submit(s, bytes, type);
    log = spec_last_seq(s, px_log_stream);
    (void)spec_last_answer(s);
    submit(s, bytes, type); /* sent again: the same result, no new fact */
    assert_int_equal(facts_after(s, log), 0);
    s->feed_mark = feed;
}

void when_now_is(spec *s, int64_t now_us)
{
    spec_end_view(s);
    s->now_us = now_us;
    set_marks(s, spec_last_seq(s, px_log_stream));
    copy_settle(&s->daemon);
}
