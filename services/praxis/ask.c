#include "services/praxis/ask.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/codec.h"
#include "services/praxis/clock.h"

enum { ANSWER_TIMEOUT_MS = 5000, PATIENCE_MS = 20000, PAUSE_MS = 200, ANSWER_BYTES_MAX = 1 << 20 };

const char *px_ask_refused(const px_bus_msg *reply)
{
    return px_bus_msg_header(reply, "Praxis-Reason");
}

static px_status ask_once(px_client *client, const px_asking *asking, px_bus_msg **reply)
{
    char subject[400], after[32];
    const px_header headers[] = {
        { "Content-Type", asking->json ? "application/json" : "application/protobuf" },
        { "Praxis-After-Seq", after },
    };

    snprintf(subject, sizeof subject, "praxis.v1.%s.query.%s.%s", client->tenant, asking->service,
             asking->name);
    snprintf(after, sizeof after, "%" PRIu64, asking->after_seq);
    return px_bus_request(client->bus,
                          &(px_bus_out){ .subject = subject,
                                         .data = asking->body,
                                         .headers = headers,
                                         .header_count = asking->after_seq > 0 ? 2 : 1 },
                          ANSWER_TIMEOUT_MS, reply);
}

/* Worth asking again: the daemon or the broker may be back in a moment. */
static bool passing(px_status status, const px_bus_msg *reply)
{
    if (status != PX_OK)
        return status == PX_EDISCONNECTED || status == PX_ENOTFOUND;
    const char *code = px_ask_refused(reply);
    return code && strcmp(code, "NOT_READY") == 0;
}

px_status px_ask(px_client *client, const px_asking *asking, px_bus_msg **reply)
{
    int64_t end_ms = px_clock_ms() + PATIENCE_MS;
    px_status status;

    for (;;) {
        *reply = NULL;
        status = ask_once(client, asking, reply);
        if (!passing(status, *reply) || px_clock_ms() >= end_ms)
            break;
        px_bus_msg_free(*reply);
        for (int64_t until = px_clock_ms() + PAUSE_MS, left; (left = until - px_clock_ms()) > 0;)
            px_bus_wait(client->bus, left);
    }
    if (status != PX_OK)
        fprintf(
            stderr,
            "praxis: nobody answers %s of %s for tenant %s (%s): is the daemon running, and its "
            "name right?\n",
            asking->name, asking->service, client->tenant, px_strerror(status));
    return status;
}

px_status px_ask_message(px_client *client, const char *service, const char *name,
                         const ProtobufCMessage *request, const ProtobufCMessageDescriptor *type,
                         px_arena *arena, px_asked *asked)
{
    static const px_scan_limits limits = { ANSWER_BYTES_MAX, 8, 256 * 1024, 64 * 1024, true };
    px_asking asking = { .service = service, .name = name, .body = px_codec_pack(request, arena) };
    px_bus_msg *reply;
    px_codec_error error;
    px_status status = asking.body.data ? px_ask(client, &asking, &reply) : PX_ENOMEM;

    *asked = (px_asked){ 0 };
    if (status != PX_OK)
        return status;
    const char *code = px_ask_refused(reply);
    if (code) {
        const char *text = px_bus_msg_header(reply, "Nats-Service-Error");
        asked->code = px_arena_strdup(arena, code);
        asked->text = px_arena_strdup(arena, text ? text : "");
    } else if (px_codec_scan(type, reply->data, &limits, arena, &error)) {
        px_bytes bytes = { px_arena_copy(arena, reply->data.data, reply->data.size),
                           reply->data.size };
        asked->message = bytes.data ? px_codec_unpack(type, bytes, arena) : NULL;
    }
    if (!code && !asked->message) {
        fprintf(stderr,
                "praxis: the answer to %s cannot be read: is this praxis older than the "
                "daemon?\n",
                name);
        status = PX_EMALFORMED;
    }
    px_bus_msg_free(reply);
    return status;
}
