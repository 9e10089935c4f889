/* oracle_feed.c: the feed: one content per id, the recorded results, nothing missing, in order. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/outbound.h"
#include "tests/simulator/oracle_impl.h"
#include "tests/simulator/results.h"

enum { ROWS_MAX = 4096 };

/* ---- ids ---- */

/* <service>.<batch>.<tag>.<n> */
static bool read_id(const oracle *o, const char *text, row_id *id)
{
    const char *dot = text ? strchr(text, '.') : NULL;
    char rest;

    if (!dot)
        return false;
    id->service = oracle_service_of(o, text, (size_t)(dot - text));
    return id->service < ORACLE_SERVICES_MAX &&
           sscanf(dot, ".%" SCNu64 ".%16" SCNx64 ".%" SCNu64 "%c", &id->number, &id->tag, &id->n,
                  &rest) == 3;
}

static bool same_batch(const row_id *a, const row_id *b)
{
    return a->service == b->service && a->number == b->number && a->tag == b->tag;
}

static uint64_t content_of(const px_bus_msg *msg)
{
    static const char *const names[] = { "ce-id",       "ce-type",        "ce-subject",
                                         "ce-time",     "ce-source",      "ce-correlationid",
                                         "ce-sequence", "ce-causationid", "Content-Type" };
    uint64_t hash = oracle_hash64(msg->data.data, msg->data.size);

    for (size_t i = 0; i < PX_COUNT(names); i++) {
        const char *value = px_bus_msg_header(msg, names[i]);
        uint64_t both[2] = { hash, value ? oracle_hash64(value, strlen(value)) : i };

        hash = oracle_hash64(both, sizeof both);
    }
    return hash ^ oracle_hash64(msg->subject, strlen(msg->subject));
}

static void check_id_stands_for_one(oracle *o, const row_id *id, uint64_t content)
{
    for (size_t i = 0; i < o->known_count; i++) {
        if (!same_batch(&o->known[i].id, id) || o->known[i].id.n != id->n)
            continue;
        if (o->known[i].content != content)
            oracle_say_wrong(o, "two contents of %s.%" PRIu64 "....%" PRIu64,
                             o->services[id->service].name, id->number, id->n);
        return;
    }
    oracle_make_room((void **)&o->known, o->known_count, &o->known_capacity, sizeof *o->known);
    o->known[o->known_count++] = (known_row){ *id, content };
}

static bool ever_counted(const oracle *o, const row_id *id)
{
    for (size_t i = o->counted_count; i > 0; i--)
        if (same_batch(&o->counted[i - 1], id))
            return true;
    return false;
}

/* Its place in the log as it is. */
static const log_message *batch_of(const oracle *o, const row_id *id)
{
    for (size_t i = 0; i < o->log_count; i++)
        if (o->log[i].batch && o->log[i].service == id->service && o->log[i].tag == id->tag &&
            o->log[i].batch->number == id->number)
            return &o->log[i];
    return NULL;
}

/* ---- results ---- */

static bool is_result_of(const PraxisLog__Entry *entry, uint64_t seq, const Praxis__Result *result)
{
    if (entry->rejection)
        return result->outcome_case == PRAXIS__RESULT__OUTCOME_REJECTED &&
               strcmp(result->rejected->code, entry->rejection->code) == 0 &&
               strcmp(result->rejected->field, entry->rejection->field) == 0;
    return result->outcome_case == PRAXIS__RESULT__OUTCOME_ACCEPTED &&
           result->accepted->log_seq == seq && result->accepted->facts == entry->n_facts;
}

static bool is_recorded(const oracle *o, const results *r, const Praxis__Result *result)
{
    unsigned service = oracle_service_of(o, r->service, strlen(r->service));

    for (size_t i = 0; i < o->log_count; i++) {
        const PraxisLog__Batch *batch = o->log[i].batch;

        for (size_t k = 0; batch && o->log[i].service == service && k < batch->n_entries; k++) {
            const PraxisLog__SubmissionCause *cause = batch->entries[k]->submission;

            if (batch->entries[k]->cause_case == PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION &&
                strcmp(cause->submission_id, result->submission_id) == 0 &&
                strcmp(cause->tenant, r->tenant) == 0 && strcmp(cause->source, r->source) == 0 &&
                is_result_of(batch->entries[k], i + 1, result))
                return true;
        }
    }
    return false;
}

static void check_results(oracle *o, const px_bus_msg *msg, const feed_message *m)
{
    results r;

    if (m->is_row && !batch_of(o, &m->id))
        return; /* of a history that was lost meanwhile */
    px_arena_reset(&o->scratch);
    if (!results_read(msg, &o->scratch, &r))
        return;
    for (size_t i = 0; i < r.batch->n_results; i++)
        if (!is_recorded(o, &r, r.batch->results[i]))
            oracle_say_wrong(o, "feed %" PRIu64 ": %s of %s/%s was told what is not recorded",
                             msg->seq, r.batch->results[i]->submission_id, r.tenant, r.source);
}

static bool is_again(const char *id)
{
    return strncmp(id, px_again_prefix, strlen(px_again_prefix)) == 0;
}

void oracle_take_feed(oracle *o, const px_bus_msg *msg)
{
    const char *text = px_bus_msg_header(msg, "Nats-Msg-Id");
    feed_message m = { .is_row = read_id(o, text, &m.id) };

    if (msg->seq != o->feed_count + 1)
        oracle_say_wrong(o, "the feed has a hole before %" PRIu64, msg->seq);
    m.is_result = strstr(msg->subject, ".result.") != NULL;
    if (m.is_row) {
        m.content = content_of(msg);
        check_id_stands_for_one(o, &m.id, m.content);
        if (!ever_counted(o, &m.id))
            oracle_say_wrong(o, "feed %" PRIu64 ": %s tells of a batch that never counted",
                             msg->seq, text);
    } else if (!text || (m.is_result ? !is_again(text)
                                     : !o->was_cut || !strstr(msg->subject, "HistoryReplaced"))) {
        oracle_say_wrong(o, "feed %" PRIu64 ": %s with the id %s", msg->seq, msg->subject,
                         text ? text : "(none)");
    }
    if (m.is_result)
        check_results(o, msg, &m);
    m.subject = strdup(msg->subject);
    oracle_make_room((void **)&o->feed, o->feed_count, &o->feed_capacity, sizeof *o->feed);
    o->feed[o->feed_count++] = m;
}

void oracle_cut_feed(oracle *o, uint64_t last_seq)
{
    while (o->feed_count > last_seq)
        free(o->feed[--o->feed_count].subject);
}

/* ---- at the end ---- */

/* The number of the first field: a varint without its three bits of wire type. */
static unsigned first_field(ProtobufCBinaryData message)
{
    unsigned tag = 0;

    for (size_t i = 0; i < message.len && i < 4; i++) {
        tag |= (message.data[i] & 0x7fu) << (7 * i);
        if ((message.data[i] & 0x80) == 0)
            return tag >> 3;
    }
    return 0;
}

const char *oracle_fact_name(const oracle *o, unsigned service, ProtobufCBinaryData fact)
{
    const ProtobufCMessageDescriptor *facts = o->services[service].facts;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(facts, first_field(fact));

    if (!field)
        oracle_say_wrong(o, "a fact of %s that nobody knows", o->services[service].name);
    return ((const ProtobufCMessageDescriptor *)field->descriptor)->short_name;
}

static bool anybody_erased(const oracle *o)
{
    for (size_t i = 0; i < o->log_count; i++) {
        const PraxisLog__Batch *batch = o->log[i].batch;

        for (size_t k = 0; batch && k < batch->n_entries; k++)
            for (size_t f = 0; f < batch->entries[k]->n_facts; f++)
                if (strcmp(oracle_fact_name(o, o->log[i].service, batch->entries[k]->facts[f]),
                           "PersonErased") == 0)
                    return true;
    }
    return false;
}

typedef struct {
    const oracle *o;
    const log_message *batch;
    const feed_message *rows[ROWS_MAX]; /* by n - 1 */
    uint64_t row_count, at;
    bool erased;
} telling;

/* Every fact has an event of its name, but for these. */
static bool is_event_of(const char *name, const char *event)
{
    static const struct {
        const char *fact, *event;
    } others[] = { { "ItemChosen", "ItemAdded" },
                   { "ItemChosen", "ItemSwapped" },
                   { "PlanMoved", "PlanUnlinked" },
                   { "ItemDue", "ItemOverdue" } };

    for (size_t i = 0; i < PX_COUNT(others); i++)
        if (strcmp(others[i].fact, name) == 0 && strcmp(others[i].event, event) == 0)
            return true;
    return strcmp(name, event) == 0;
}

/* What learning did, how an initiative goes in a small group, who may lead one day, and what is
 * about a person who is gone. */
static bool may_be_held_back(const telling *t, const char *name)
{
    static const char *const of_reviews[] = { "ReviewSubmitted", "ReviewWithdrawn", "ScoreComputed",
                                              "MatrixPlaced" };
    bool about_nobody = strcmp(name, "CompetencyDefined") == 0 ||
                        strcmp(name, "RoleDefined") == 0 || strcmp(name, "RoleTargetSet") == 0;

    if (strcmp(name, "EffectObserved") == 0 || strcmp(name, "InitiativeProgress") == 0 ||
        strcmp(name, "PotentialRated") == 0 ||
        (strncmp(name, "HighPotential", 13) == 0 && strcmp(name, "HighPotentialRuleDefined") != 0))
        return true;
    for (size_t i = 0; i < PX_COUNT(of_reviews); i++)
        if (t->erased && strcmp(name, of_reviews[i]) == 0)
            return true;
    return t->erased && !about_nobody &&
           strcmp(t->o->services[t->batch->service].name, "competency") == 0;
}

static void tell_fact(telling *t, const char *name)
{
    const feed_message *row = t->at < t->row_count ? t->rows[t->at] : NULL;
    const char *token = row ? strrchr(row->subject, '.') + 1 : "";

    if (row && !row->is_result && is_event_of(name, token))
        t->at++;
    else if (!may_be_held_back(t, name))
        oracle_say_wrong(t->o, "%s %" PRIu64 " stated %s; the feed has %s in its place",
                         t->batch->batch->service, t->batch->batch->number, name,
                         row ? row->subject : "nothing");
}

static bool same_mailbox(const PraxisLog__SubmissionCause *a, const PraxisLog__SubmissionCause *b)
{
    return a->json == b->json && strcmp(a->tenant, b->tenant) == 0 &&
           strcmp(a->source, b->source) == 0;
}

static bool is_first_of_mailbox(const PraxisLog__Batch *batch, size_t place)
{
    for (size_t i = 0; i < place; i++)
        if (batch->entries[i]->cause_case == PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION &&
            same_mailbox(batch->entries[i]->submission, batch->entries[place]->submission))
            return false;
    return true;
}

static void tell_results(telling *t)
{
    const PraxisLog__Batch *batch = t->batch->batch;
    const char *service = t->o->services[t->batch->service].name;

    for (size_t i = 0; i < batch->n_entries; i++) {
        const PraxisLog__SubmissionCause *cause = batch->entries[i]->submission;
        char subject[256];

        if (batch->entries[i]->cause_case != PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION ||
            cause->tenant[0] == 0 || !is_first_of_mailbox(batch, i))
            continue;
        snprintf(subject, sizeof subject, "praxis.v1.%s.result.%s.%s", cause->tenant, service,
                 cause->source);
        if (t->at == t->row_count || !t->rows[t->at] ||
            strcmp(t->rows[t->at]->subject, subject) != 0)
            oracle_say_wrong(t->o, "%s %" PRIu64 ": its results for %s are not on the feed",
                             service, batch->number, cause->tenant);
        t->at++;
    }
}

static void collect_rows(telling *t)
{
    const row_id id = { t->batch->service, t->batch->batch->number, t->batch->tag, 0 };

    memset(t->rows, 0, sizeof t->rows);
    t->row_count = t->at = 0;
    for (size_t i = 0; i < t->o->feed_count; i++) {
        const feed_message *m = &t->o->feed[i];

        if (!m->is_row || !same_batch(&m->id, &id))
            continue;
        if (m->id.n == 0 || m->id.n > ROWS_MAX)
            oracle_say_wrong(t->o, "row %" PRIu64 " of a batch", m->id.n);
        t->rows[m->id.n - 1] = m;
        t->row_count = m->id.n > t->row_count ? m->id.n : t->row_count;
    }
}

static void check_batch_is_told(telling *t)
{
    const PraxisLog__Batch *batch = t->batch->batch;

    collect_rows(t);
    for (size_t i = 0; i < batch->n_entries; i++)
        for (size_t f = 0; f < batch->entries[i]->n_facts; f++)
            tell_fact(t, oracle_fact_name(t->o, t->batch->service, batch->entries[i]->facts[f]));
    tell_results(t);
    if (t->at != t->row_count)
        oracle_say_wrong(
            t->o, "%s %" PRIu64 " has %" PRIu64 " rows on the feed, and should have %" PRIu64,
            batch->service, batch->number, t->row_count, t->at);
}

static bool is_first_copy(const oracle *o, size_t place)
{
    for (size_t i = 0; i < place; i++)
        if (o->feed[i].is_row && same_batch(&o->feed[i].id, &o->feed[place].id) &&
            o->feed[i].id.n == o->feed[place].id.n)
            return false;
    return true;
}

static void check_order(const oracle *o)
{
    row_id last[ORACLE_SERVICES_MAX] = { 0 };

    for (size_t i = 0; i < o->feed_count; i++) {
        const row_id *id = &o->feed[i].id;
        row_id *before;

        if (!o->feed[i].is_row || !batch_of(o, id))
            continue;
        before = &last[id->service];
        bool after =
            id->number > before->number || (id->number == before->number && id->n > before->n);
        if (!after && is_first_copy(o, i))
            oracle_say_wrong(
                o, "feed %zu: first copy of %s %" PRIu64 ".%" PRIu64 " after %" PRIu64 ".%" PRIu64,
                i + 1, o->services[id->service].name, id->number, id->n, before->number, before->n);
        if (after)
            *before = *id;
    }
}

/* However clocks run, a day that has come is said once. */
static void check_said_once(const oracle *o)
{
    ProtobufCBinaryData said[ROWS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < o->log_count; i++)
        for (size_t k = 0; o->log[i].batch && k < o->log[i].batch->n_entries; k++) {
            const PraxisLog__Entry *entry = o->log[i].batch->entries[k];

            for (size_t f = 0; f < entry->n_facts; f++) {
                if (strcmp(oracle_fact_name(o, o->log[i].service, entry->facts[f]),
                           "FollowUpDue") != 0)
                    continue;
                for (size_t n = 0; n < count; n++)
                    if (said[n].len == entry->facts[f].len &&
                        memcmp(said[n].data, entry->facts[f].data, said[n].len) == 0)
                        oracle_say_wrong(o, "a FollowUpDue is said again at log %zu", i + 1);
                if (count < ROWS_MAX)
                    said[count++] = entry->facts[f];
            }
        }
}

static bool is_replaced_event(const oracle *o, const feed_message *m, unsigned service)
{
    const char *name = o->services[service].name, *at = strstr(m->subject, ".HistoryReplaced");

    return at && (size_t)(at - m->subject) > strlen(name) &&
           memcmp(at - strlen(name), name, strlen(name)) == 0;
}

/* Who read rows that the log has no batch for any more is told so, later on the feed. */
static void check_replaced_is_said(const oracle *o)
{
    for (unsigned service = 0; service < o->service_count; service++) {
        const char *untold = NULL;

        for (size_t i = 0; i < o->feed_count; i++) {
            const feed_message *m = &o->feed[i];

            if (m->is_row && m->id.service == service && !batch_of(o, &m->id))
                untold = m->subject;
            else if (is_replaced_event(o, m, service))
                untold = NULL;
        }
        if (untold)
            oracle_say_wrong(o, "%s is of a history that was lost, and nobody was told", untold);
    }
}

/* Newer code looks at every key: what it was told when its first batch was folded is cleared by a
 * later one, whose position is at or after that mark. Who has never stated a fact of a key may have
 * none. */
static void check_new_code_looked(const oracle *o, unsigned service)
{
    uint64_t changed = 0, cleared = 0;
    uint32_t version = 0;
    bool has_keys = false, looks = false;

    for (size_t i = 0; i < o->log_count; i++) {
        const PraxisLog__Batch *batch = o->log[i].batch;

        if (!batch || o->log[i].service != service)
            continue;
        if (version > 0 && batch->code_version > version) {
            changed = i + 1;
            looks = has_keys;
        }
        version = batch->code_version;
        if (batch->reconciled_through)
            cleared = batch->reconciled_through->first_mark;
        for (size_t k = 0; k < batch->n_entries; k++)
            has_keys |= batch->entries[k]->cause_case == PRAXIS_LOG__ENTRY__CAUSE_KEY;
    }
    if (looks && cleared < changed)
        oracle_say_wrong(o, "newer code of %s did not look at its keys after log %" PRIu64,
                         o->services[service].name, changed);
}

void oracle_check_feed(oracle *o)
{
    telling t = { .o = o, .erased = anybody_erased(o) };

    for (size_t i = 0; i < o->log_count; i++) {
        t.batch = &o->log[i];
        if (t.batch->batch)
            check_batch_is_told(&t);
    }
    check_order(o);
    check_said_once(o);
    for (unsigned i = 0; i < o->service_count; i++)
        check_new_code_looked(o, i);
    check_replaced_is_said(o);
}
