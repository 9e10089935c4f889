/* follow.c: reads beside the daemons what is new on the streams, and tells the oracle. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "common/outbound.h"
#include "praxis/common/v1/bundle.pb-c.h"
#include "praxis/log/v1/batch.pb-c.h"
#include "tests/simulator/parts.h"

static int submission_of(const sim *s, unsigned daemon, px_bytes bytes)
{
    for (unsigned i = 0; i < s->submission_count; i++) {
        const submission *sub = &s->submissions[i];

        if (sub->daemon == daemon &&
            ((sub->bytes.size == bytes.size &&
              memcmp(sub->bytes.data, bytes.data, bytes.size) == 0) ||
             (sub->json.size == bytes.size && memcmp(sub->json.data, bytes.data, bytes.size) == 0)))
            return (int)i;
    }
    return -1;
}

static inbox_slot slot_of(const sim *s, unsigned daemon, const px_bus_msg *msg)
{
    inbox_slot slot = { .gone = false };
    Praxis__Bundle *bundle;

    for (unsigned i = 0; i < SIM_BUNDLE_MAX; i++)
        slot.at[i] = -1;
    slot.at[0] = submission_of(s, daemon, msg->data);
    if (!strstr(msg->subject, ".Bundle."))
        return slot;
    bundle = praxis__bundle__unpack(NULL, msg->data.size, msg->data.data);
    for (size_t i = 0; bundle && i < bundle->n_submissions && i < SIM_BUNDLE_MAX; i++)
        slot.at[i] = submission_of(
            s, daemon, (px_bytes){ bundle->submissions[i].data, bundle->submissions[i].len });
    praxis__bundle__free_unpacked(bundle, NULL);
    return slot;
}

static void follow_inbox(sim *s, unsigned daemon, const char *name, uint64_t last)
{
    inbox_shadow *box = &s->inboxes[daemon];

    while (box->count < last) {
        px_bus_msg *msg;

        if (box->count == box->capacity) {
            box->capacity = box->capacity ? box->capacity * 2 : 256;
            box->slots = realloc(box->slots, box->capacity * sizeof *box->slots);
            if (!box->slots)
                abort();
        }
        if (px_bus_get(s->bus, name, box->count + 1, &msg) != PX_OK)
            sim_fail(s, "%s %" PRIu64 " was purged before anybody could decide it", name,
                     box->count + 1);
        box->slots[box->count++] = slot_of(s, daemon, msg);
        box->messages++;
        px_bus_msg_free(msg);
    }
}

/* Only what the log has decided may leave an inbox. */
static void check_left(sim *s, unsigned daemon, uint64_t seq)
{
    inbox_slot *slot = &s->inboxes[daemon].slots[seq - 1];
    oracle_answer answer;

    slot->gone = true;
    s->inboxes[daemon].messages--;
    for (unsigned i = 0; i < SIM_BUNDLE_MAX; i++)
        if (slot->at[i] >= 0 && !submitter_answered(s, &s->submissions[slot->at[i]], &answer))
            sim_fail(s, "%s removed %" PRIu64 " with %s (%s), which is not decided",
                     sim_services[daemon]->name, seq, s->submissions[slot->at[i]].id,
                     s->submissions[slot->at[i]].type);
}

static void check_inbox(sim *s, unsigned daemon)
{
    inbox_shadow *box = &s->inboxes[daemon];
    px_stream_info info;

    if (px_bus_stream_info(s->bus, s->streams[daemon], &info) != PX_OK)
        return;
    for (uint64_t seq = 1; info.messages < box->messages && seq <= box->count; seq++) {
        px_bus_msg *msg;

        if (box->slots[seq - 1].gone)
            continue;
        if (px_bus_get(s->bus, s->streams[daemon], seq, &msg) == PX_OK)
            px_bus_msg_free(msg);
        else
            check_left(s, daemon, seq);
    }
}

/* Only shown: the bytes of the batch are in the digest of the run. */
static void say_entry(const PraxisLog__Batch *batch, const PraxisLog__Entry *entry)
{
    const ProtobufCMessageDescriptor *facts = NULL;

    for (unsigned d = 0; d < SIM_DAEMONS; d++)
        if (strcmp(sim_services[d]->name, batch->service) == 0)
            facts = sim_services[d]->facts;
    if (entry->cause_case == PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION)
        printf("    %s %s", entry->submission->submission_id,
               entry->rejection ? entry->rejection->code : "accepted");
    else
        printf("    key %u of marks %" PRIu64 "-%" PRIu64, entry->key->key.data[0],
               entry->key->first_mark, entry->key->last_mark);
    for (size_t i = 0; facts && i < entry->n_facts; i++) {
        ProtobufCMessage *fact =
            protobuf_c_message_unpack(facts, NULL, entry->facts[i].len, entry->facts[i].data);
        const ProtobufCMessage *body = NULL;
        px_arena arena;

        if (!fact || !px_arena_init(&arena, 1 << 20))
            abort();
        (void)px_codec_oneof(fact, "body", &body);
        printf(" %s %s", px_codec_short_name(body->descriptor),
               px_codec_to_json(body, false, &arena));
        px_arena_fini(&arena);
        protobuf_c_message_free_unpacked(fact, NULL);
    }
    printf("\n");
}

static void say_log(sim *s, const px_bus_msg *msg, bool counts)
{
    PraxisLog__Batch *batch = praxis_log__batch__unpack(NULL, msg->data.size, msg->data.data);
    uint64_t facts = 0;

    for (size_t i = 0; i < batch->n_entries; i++)
        facts += batch->entries[i]->n_facts;
    sim_say(s,
            "log %" PRIu64 " %s %" PRIu64 "%s v%u entries %zu facts %" PRIu64 " basis %" PRIu64
            " inbox %" PRIu64,
            msg->seq, batch->service, batch->number, counts ? "" : " VOID", batch->code_version,
            batch->n_entries, facts, batch->basis ? batch->basis->seq : 0,
            batch->inbox_through ? batch->inbox_through->seq : 0);
    for (size_t i = 0; s->options->trace && i < batch->n_entries; i++)
        say_entry(batch, batch->entries[i]);
    praxis_log__batch__free_unpacked(batch, NULL);
}

/* What people write (organisation.c) leaves the inbox only sealed. */
static void check_no_text(sim *s, const char *name, const px_bus_msg *msg)
{
    static const char *const texts[] = { "good work", "well done" };

    for (size_t i = 0; i < PX_COUNT(texts); i++)
        if (memmem(msg->data.data, msg->data.size, texts[i], strlen(texts[i])))
            sim_fail(s, "%s %" PRIu64 " holds \"%s\" in the clear", name, msg->seq, texts[i]);
}

static void follow_stream(sim *s, const char *name, uint64_t last, bool is_log)
{
    uint64_t *seen = is_log ? &s->log_seen : &s->feed_seen;

    while (*seen < last) {
        px_bus_msg *msg;

        if (px_bus_get(s->bus, name, *seen + 1, &msg) != PX_OK)
            sim_fail(s, "%s has a hole before %" PRIu64, name, last);
        ++*seen;
        crypto_generichash_update(&s->trace, msg->data.data, msg->data.size);
        check_no_text(s, name, msg);
        if (is_log) {
            say_log(s, msg, oracle_take_log(s->oracle, msg));
        } else {
            sim_say(s, "feed %" PRIu64 " %s %s", msg->seq, msg->subject,
                    px_bus_msg_header(msg, "Nats-Msg-Id"));
            oracle_take_feed(s->oracle, msg);
        }
        px_bus_msg_free(msg);
    }
}

static report_seen *report_of(sim *s, const char *subject)
{
    for (size_t i = 0; i < s->report_count; i++)
        if (strcmp(s->reports[i].subject, subject) == 0)
            return &s->reports[i];
    if (s->report_count == SIM_REPORTS_MAX)
        return NULL;
    report_seen *added = &s->reports[s->report_count++];
    *added = (report_seen){ .as_of = 0 };
    snprintf(added->subject, sizeof added->subject, "%s", subject);
    return added;
}

/* 0: of a history that was lost; such a value arrived late, and may be replaced. */
static uint64_t as_of(const sim *s, const px_bus_msg *msg)
{
    uint64_t seq = strtoull(px_bus_msg_header(msg, px_as_of_header), NULL, 10), tag, prefix;

    return oracle_at(s->oracle, seq, &tag, &prefix) &&
                   tag == strtoull(px_bus_msg_header(msg, px_as_of_tag_header), NULL, 16)
               ? seq
               : 0;
}

/* A copy that lags puts nothing over what another has put. */
static void follow_reports(sim *s)
{
    px_stream_info info;

    if (px_bus_stream_info(s->bus, px_reports_stream, &info) != PX_OK)
        return;
    for (; s->reports_seen < info.last_seq; s->reports_seen++) {
        px_bus_msg *msg;
        report_seen *seen;

        if (px_bus_get(s->bus, px_reports_stream, s->reports_seen + 1, &msg) != PX_OK)
            continue; /* there is a newer one */
        seen = report_of(s, msg->subject);
        if (seen && as_of(s, msg) > 0 && as_of(s, msg) < seen->as_of)
            sim_fail(s, "%s went back from log %" PRIu64 " to %" PRIu64, msg->subject, seen->as_of,
                     as_of(s, msg));
        if (seen)
            seen->as_of = as_of(s, msg);
        px_bus_msg_free(msg);
    }
}

void sim_follow(sim *s)
{
    px_stream_info info;

    for (unsigned i = 0; s->up && i <= SIM_FEED; i++) {
        if (px_bus_stream_info(s->bus, s->streams[i], &info) != PX_OK)
            continue;
        if (i < SIM_DAEMONS)
            follow_inbox(s, i, s->streams[i], info.last_seq);
        else
            follow_stream(s, s->streams[i], info.last_seq, i == SIM_LOG);
    }
    for (unsigned i = 0; s->up && i < SIM_DAEMONS; i++)
        check_inbox(s, i);
    if (s->up)
        follow_reports(s);
}
