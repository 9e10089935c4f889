/* fuzz_bus_nats.c: what a server answers to readers and publishers, taken apart. The sources are
 * included, not linked, because what is to be fuzzed is private to them.
 *
 * An input: a byte for the parser, a chunk that is a subject, reply or header, then the bytes.
 */
#include "common/bus_nats_reader.c"
#include "common/bus_nats_send.c"

#include "tests/fuzz/decide_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static nats_bus bus;
static nats_link link_to = { .bus = &bus };
static nats_reader reader;

static const char *take_text(decide_input *in, char text[256])
{
    px_bytes chunk = decide_take_chunk(in);
    size_t size = chunk.size < 255 ? chunk.size : 255;

    if (size > 0)
        memcpy(text, chunk.data, size);
    text[size] = '\0';
    return text;
}

static natsMsg *message(const char *subject, px_bytes body)
{
    natsMsg *raw;

    PX_ASSERT(natsMsg_Create(&raw, subject, NULL, body.data, (int)body.size) == NATS_OK);
    return raw;
}

static void reset_reader(void)
{
    reader = (nats_reader){ .link = &link_to, .inbox = (char *)(uintptr_t) "_IN.r1" };
    reader.next_call = reader.info_call = (char *)(uintptr_t) "call";
    refill(&reader);
}

static void try_reply(const char *text, px_bytes body)
{
    px_bus_msg msg = { 0 };

    (void)body;
    if (px_nats_place(text, &msg))
        PX_ASSERT(msg.seq > 0);
}

static void try_info(const char *text, px_bytes body)
{
    natsMsg *raw = message("_IN.r1.info", body);

    (void)text;
    reset_reader();
    handle_info(&reader, raw);
    natsMsg_Destroy(raw);
    PX_ASSERT(reader.gone || reader.in_flight_count == IN_FLIGHT);
}

static void try_status(const char *text, px_bytes body)
{
    static const char *const codes[] = { "100", "404", "408", "409", "503", "" };
    uint8_t choice = body.size > 0 ? *(const uint8_t *)body.data : 0;
    natsMsg *raw = message("_IN.r1.2", (px_bytes){ "", 0 });

    reset_reader();
    PX_ASSERT(natsMsgHeader_Set(raw, "Status", codes[choice % PX_COUNT(codes)]) == NATS_OK);
    PX_ASSERT(natsMsgHeader_Set(raw, "Description", text) == NATS_OK);
    handle_status(&reader, raw);
    natsMsg_Destroy(raw);
    PX_ASSERT(reader.in_flight_count == IN_FLIGHT);
}

static void try_ack(const char *text, px_bytes body)
{
    px_bus_ack ack = { 0 };

    (void)text;
    parse_ack(&bus, body.data, body.size, &ack);
    PX_ASSERT(ack.status != PX_OK || ack.seq > 0);
}

static void (*const parsers[])(const char *, px_bytes) = { try_reply, try_info, try_status,
                                                           try_ack };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    decide_input in = { data, size };
    uint8_t parser = decide_take(&in);
    char text[256];

    if (!ready)
        pthread_mutex_init(&bus.lock, NULL);
    ready = true;
    take_text(&in, text);
    parsers[parser % PX_COUNT(parsers)](text, (px_bytes){ in.data, in.size });
    return 0;
}
