/* copies_reports.c: what stands in the bucket of report values, against what the projection says.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "services/reporting/service.h"
#include "tests/simulator/parts.h"

enum { ARENA_BYTES = 8 * 1024 * 1024 };

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessage *message, const char *name)
{
    return protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
}

/* @return whether the message has it */
static bool forget(ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field = field_of(message, name);

    if (!field)
        return false;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        uint32_t which;

        memcpy(&which, (uint8_t *)message + field->quantifier_offset, sizeof which);
        if (which != field->id)
            return false;
    }
    memset((uint8_t *)message + field->offset, 0,
           field->type == PROTOBUF_C_TYPE_UINT64 ? sizeof(uint64_t) : sizeof(uint32_t));
    return true;
}

/* They move while nothing else does: how far was read, and of an empty group which minimum it is
 * under, and what a competency that nobody there is asked for is called. */
static void forget_what_moves(ProtobufCMessage *message)
{
    const ProtobufCFieldDescriptor *title = field_of(message, "competency_title");

    forget(message, "as_of_seq");
    if (forget(message, "withheld_below") && title) {
        const char *none = "";

        memcpy((uint8_t *)message + title->offset, &none, sizeof none);
    }
}

/* false: the bucket holds something else. A key the service leaves alone is not looked at. */
static bool is_as_it_should(const sim *s, const px_view *view, const px_bus_msg *msg,
                            px_arena *arena)
{
    const char *prefix = "$KV.PRAXIS_REPORTS.";
    char *tenant = px_arena_strdup(arena, msg->subject + strlen(prefix));
    char *key = strchr(tenant, '.');
    ProtobufCMessage *now, *stored;
    px_bytes value;

    *key++ = 0;
    now = (ProtobufCMessage *)(uintptr_t)px_reporting_service.report(view, tenant, key, arena);
    stored = now ? px_codec_unpack(now->descriptor, msg->data, arena) : NULL;
    if (!now)
        return true;
    if (!stored)
        return false;
    forget_what_moves(now);
    forget_what_moves(stored);
    value = px_codec_pack(now, arena);
    px_bytes was = px_codec_pack(stored, arena);
    if (s->options->trace)
        printf("now  %s\nthen %s\n", px_codec_to_json(now, false, arena),
               px_codec_to_json(stored, false, arena));
    return value.size == was.size && memcmp(value.data, was.data, value.size) == 0;
}

/* The first value that is not as it should be; 0 when all are. */
static uint64_t wrong_report(sim *s, const px_view *view, px_arena *arena)
{
    px_stream_info info = { 0 };

    (void)px_bus_stream_info(s->bus, "KV_PRAXIS_REPORTS", &info);
    for (uint64_t seq = info.first_seq; seq <= info.last_seq; seq++) {
        px_bus_msg *msg;

        if (px_bus_get(s->bus, "KV_PRAXIS_REPORTS", seq, &msg) != PX_OK)
            continue;
        px_arena_reset(arena);
        bool right = is_as_it_should(s, view, msg, arena);
        px_bus_msg_free(msg);
        if (!right)
            return seq;
    }
    return 0;
}

static void check_none_missing(sim *s)
{
    for (size_t i = 0; i < s->report_count; i++) {
        px_bus_msg *msg;

        if (px_bus_get_last(s->bus, "KV_PRAXIS_REPORTS", s->reports[i].subject, &msg) != PX_OK)
            sim_fail(s, "%s was lost, and not written again", s->reports[i].subject);
        px_bus_msg_free(msg);
    }
}

void copies_check_reports(sim *s)
{
    const copy *reporting = &s->copies[SIM_DAEMONS - 1][0];
    px_txn *view;
    uint64_t wrong;
    px_bus_msg *msg;
    px_arena arena;

    check_none_missing(s);
    view = px_store_read(px_fold_store(reporting->fold));
    if (!view || !px_arena_init(&arena, ARENA_BYTES))
        abort();
    wrong = wrong_report(s, view, &arena);
    px_txn_abort(view);
    px_arena_fini(&arena);
    if (wrong == 0 || px_bus_get(s->bus, "KV_PRAXIS_REPORTS", wrong, &msg) != PX_OK)
        return;
    sim_say(s, "report %s as of %s", msg->subject, px_bus_msg_header(msg, "Praxis-As-Of"));
    px_bus_msg_free(msg);
    sim_fail(s, "report value %" PRIu64 " is not what the projection says now", wrong);
}
