/* spec_then.c: what the log, the feed and the answers have to say. */
#include "tests/services/spec_impl.h"
#include "tests/services/starved.h"

/* ---- then: result ---- */

void then_accepted(spec *s)
{
    const PraxisLog__Entry *entry = spec_last_answer(s);

    if (entry->rejection != NULL)
        fail_msg("rejected: %s %s", entry->rejection->code, entry->rejection->field);
}

void then_rejected(spec *s, px_reason reason, const char *field)
{
    const PraxisLog__Entry *entry = spec_last_answer(s);

    assert_non_null(entry->rejection);
    assert_string_equal(entry->rejection->code, px_reason_code(reason));
    assert_string_equal(entry->rejection->field, field);
    assert_int_equal(entry->n_facts, 0);
}

/* ---- then: facts ---- */

static const void *unpack_fact(spec *s, const ProtobufCBinaryData *data, unsigned *type)
{
    ProtobufCMessage *fact =
        px_codec_unpack(s->service->facts, (px_bytes){ data->data, data->len }, &s->arena);
    const ProtobufCMessage *body = NULL;

    assert_non_null(fact);
    *type = px_codec_oneof(fact, "body", &body);
    return body;
}

/* The nth fact (from 0) of the service in one log message, NULL when there are fewer. */
static const void *nth_fact(spec *s, uint64_t seq, size_t n, unsigned *type)
{
    const char *service;
    PraxisLog__Batch *batch = spec_batch_at(s, seq, &service);

    if (strcmp(service, s->service->name) != 0)
        return NULL;
    for (size_t i = 0; i < batch->n_entries; i++) {
        const PraxisLog__Entry *entry = batch->entries[i];

        if (n < entry->n_facts)
            return unpack_fact(s, &entry->facts[n], type);
        n -= entry->n_facts;
    }
    return NULL;
}

static const void *next_fact(spec *s, unsigned *type)
{
    while (s->read_seq < spec_last_seq(s, px_log_stream)) {
        const void *body = nth_fact(s, s->read_seq + 1, s->read_fact, type);

        if (body != NULL) {
            s->read_fact++;
            return body;
        }
        s->read_seq++;
        s->read_fact = 0;
    }
    return NULL;
}

const void *then_fact(spec *s, unsigned type)
{
    unsigned found = 0;
    const void *body = next_fact(s, &found);

    if (body == NULL)
        fail_msg("no fact of type %u: there are no more facts", type);
    assert_int_equal(found, type);
    return body;
}

const void *then_some_fact(spec *s, unsigned type)
{
    unsigned found = 0;
    const void *body;

    while ((body = next_fact(s, &found)) != NULL)
        if (found == type)
            return body;
    fail_msg("no fact of type %u", type);
    return NULL;
}

void then_no_more_facts(spec *s)
{
    unsigned found = 0;

    if (next_fact(s, &found) != NULL)
        fail_msg("another fact, of type %u", found);
}

size_t facts_of(spec *s, unsigned type)
{
    uint64_t seq = s->read_seq;
    size_t fact = s->read_fact, n = 0;
    unsigned found = 0;

    s->read_seq = s->log_mark;
    s->read_fact = 0;
    while (next_fact(s, &found) != NULL)
        n += found == type;
    s->read_seq = seq;
    s->read_fact = fact;
    return n;
}

/* ---- then: feed ---- */

static px_bus_msg *find_event(spec *s, const char *name)
{
    const char *subject =
        px_arena_printf(&s->arena, "praxis.v1.%s.event.%s.%s", SPEC_TENANT, s->service->name, name);

    for (uint64_t seq = s->feed_mark + 1; seq <= spec_last_seq(s, px_feed_stream); seq++) {
        px_bus_msg *msg;

        assert_int_equal(px_bus_get(s->bus, px_feed_stream, seq, &msg), PX_OK);
        if (strcmp(msg->subject, subject) == 0)
            return msg;
        px_bus_msg_free(msg);
    }
    return NULL;
}

const void *then_event(spec *s, const char *name)
{
    px_bus_msg *msg = find_event(s, name);
    const ProtobufCMessageDescriptor *type;
    const void *event;

    if (msg == NULL)
        fail_msg("no event %s", name);
    type = px_codec_find(px_bus_msg_header(msg, "ce-type"));
    assert_non_null(type);
    event = px_codec_unpack(type, msg->data, &s->arena);
    px_bus_msg_free(msg);
    assert_non_null(event);
    return event;
}

void then_no_event(spec *s, const char *name)
{
    px_bus_msg *msg = find_event(s, name);

    if (msg != NULL) {
        px_bus_msg_free(msg);
        fail_msg("event %s was published", name);
    }
}

static bool bytes_contain(px_bytes bytes, const char *text)
{
    return bytes.size > 0 && memmem(bytes.data, bytes.size, text, strlen(text)) != NULL;
}

void then_feed_never_says(spec *s, const char *text)
{
    static const char *const headers[] = { "ce-id",          "ce-source",  "ce-type",
                                           "ce-subject",     "ce-time",    "ce-correlationid",
                                           "ce-causationid", "Nats-Msg-Id" };

    for (uint64_t seq = 1; seq <= spec_last_seq(s, px_feed_stream); seq++) {
        px_bus_msg *msg;

        assert_int_equal(px_bus_get(s->bus, px_feed_stream, seq, &msg), PX_OK);
        if (strstr(msg->subject, text) != NULL || bytes_contain(msg->data, text))
            fail_msg("the feed says %s in message %llu on %s", text, (unsigned long long)seq,
                     msg->subject);
        for (size_t i = 0; i < PX_COUNT(headers); i++) {
            const char *value = px_bus_msg_header(msg, headers[i]);

            if (value != NULL && strstr(value, text) != NULL)
                fail_msg("the feed says %s in header %s", text, headers[i]);
        }
        px_bus_msg_free(msg);
    }
}

/* ---- then: questions ---- */

/* Asked with too little memory the answer is the same, or that it is too large. */
static void assert_answered_in_any_memory(spec *s, const char *question, px_bytes request,
                                          bool json)
{
    size_t before = s->arena.used;
    px_reason refused, refused_now;
    px_bytes reply, reply_now;

    (void)px_fold_query(s->daemon.fold, SPEC_TENANT, question, request, json, &s->arena, &reply,
                        &refused);
    size_t used = s->arena.used - before;

    for (size_t size = 0; size <= used; size += starved_step(used)) {
        px_arena arena;

        assert_true(px_arena_init(&arena, size));
        (void)px_fold_query(s->daemon.fold, SPEC_TENANT, question, request, json, &arena,
                            &reply_now, &refused_now);
        if (refused_now != PX_REASON_TOO_LARGE) {
            assert_string_equal(px_reason_code(refused_now), px_reason_code(refused));
            if (!px_arena_overflowed(&arena)) {
                assert_int_equal(reply_now.size, reply.size);
                assert_memory_equal(reply_now.data, reply.data, reply.size);
            }
        }
        px_arena_fini(&arena);
    }
}

static px_reason ask(spec *s, const char *question, const void *request, px_bytes *reply)
{
    const char *text = px_codec_to_json(request, false, &s->arena);
    px_bytes bytes = px_codec_pack(request, &s->arena);
    px_reason refused;

    spec_end_view(s);
    assert_non_null(bytes.data);
    if (s->asked++ < HUNGRY_QUESTIONS_MAX) {
        assert_answered_in_any_memory(s, question, bytes, false);
        assert_answered_in_any_memory(s, question, (px_bytes){ text, strlen(text) }, true);
    }
    (void)px_fold_query(s->daemon.fold, SPEC_TENANT, question, bytes, false, &s->arena, reply,
                        &refused);
    return refused;
}

/* The message an answer is: named by the row's question in the contract, told here by trying the
 * package. */
static const ProtobufCMessageDescriptor *answer_type(spec *s, const char *question)
{
    const char *package = s->service->submission->package_name;
    const char *name = strncmp(question, "Get", 3) == 0 ? question + 3 : question;
    const ProtobufCMessageDescriptor *type;

    if (strncmp(question, "List", 4) == 0)
        name = px_arena_printf(&s->arena, "%sList", question + 4);
    type = px_codec_find(px_arena_printf(&s->arena, "%s.%s", package, name));
    assert_non_null(type);
    return type;
}

const void *then_answer(spec *s, const char *question, const void *request)
{
    px_bytes reply;
    px_reason refused = ask(s, question, request, &reply);
    const void *answer;

    if (refused != PX_REASON_NONE)
        fail_msg("refused: %s", px_reason_code(refused));
    answer = px_codec_unpack(answer_type(s, question), reply, &s->arena);
    assert_non_null(answer);
    return answer;
}

void then_refused(spec *s, const char *question, const void *request, px_reason reason)
{
    px_bytes reply;

    assert_string_equal(px_reason_code(ask(s, question, request, &reply)), px_reason_code(reason));
}
