#include "common/bus_nats_place.h"

#include <string.h>

static uint64_t digits(const char *text)
{
    uint64_t value = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (uint64_t)(*text - '0');
    return value;
}

bool px_nats_place(const char *reply, px_bus_msg *msg)
{
    const char *tokens[12];
    size_t count = 0;

    for (const char *at = reply; at && count < PX_COUNT(tokens); count++) {
        tokens[count] = at;
        at = strchr(at, '.');
        at = at ? at + 1 : NULL;
    }
    if (strncmp(reply, "$JS.ACK.", 8) != 0 || (count != 9 && count < 11))
        return false;
    size_t seq = count == 9 ? 5 : 7;
    msg->seq = digits(tokens[seq]);
    msg->time_ns = (int64_t)digits(tokens[seq + 2]);
    msg->pending = digits(tokens[seq + 3]);
    return msg->seq > 0;
}

bool px_nats_is_early(const px_bus_msg *msg, uint64_t from_seq, int64_t opened_ns)
{
    return msg->seq < from_seq && msg->time_ns < opened_ns;
}
