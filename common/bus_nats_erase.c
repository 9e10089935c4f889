/* bus_nats_erase.c: taking messages out of a stream: a purge moves its beginning, erasing
 * overwrites one. */
#include "common/bus_nats_impl.h"

px_status px_nats_purge(px_bus *base, const char *stream, uint64_t seq)
{
    nats_bus *bus = nats_bus_of(base);
    px_stream_info info;
    json_t *answer;
    px_status status = px_nats_stream_info(base, stream, &info);

    if (status != PX_OK)
        return status;
    /* Purging beyond the end would move the last number; below 1 means everything. */
    if (seq > info.last_seq)
        seq = info.last_seq;
    if (seq == 0)
        return PX_OK;
    status = px_nats_stream_call(bus, "PURGE", stream,
                                 json_pack("{s:I}", "seq", (json_int_t)seq + 1), &answer);
    if (status == PX_OK)
        json_decref(answer);
    return status;
}

px_status px_nats_erase(px_bus *base, const char *stream, uint64_t seq)
{
    json_t *answer;
    px_bus_msg *msg;
    json_t *which = json_pack("{s:I, s:b}", "seq", (json_int_t)seq, "no_erase", 0);
    px_status status = px_nats_stream_call(nats_bus_of(base), "MSG.DELETE", stream, which, &answer);

    if (status == PX_OK)
        json_decref(answer);
    if (status != PX_EREFUSED)
        return status;
    /* "Not allowed" and "not there" differ in wording only. */
    status = px_nats_get(base, stream, seq, &msg);
    if (status == PX_OK)
        px_bus_msg_free(msg);
    return status == PX_ENOTFOUND ? PX_ENOTFOUND : PX_EREFUSED;
}
