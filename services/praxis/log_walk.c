#include "services/praxis/log_walk.h"

#include "common/fold.h"
#include "services/praxis/clock.h"

enum { SILENCE_MS = 10000, WAIT_MS = 100 };

static px_status next(px_bus *bus, px_reader *log, px_bus_msg **msg)
{
    int64_t end_ms = px_clock_ms() + SILENCE_MS;
    px_status status;

    while ((status = px_reader_next(log, msg)) == PX_EEMPTY) {
        if (px_clock_ms() > end_ms)
            return PX_ETIMEOUT;
        px_bus_wait(bus, WAIT_MS);
    }
    return status;
}

px_status px_log_walk(px_bus *bus, uint64_t from_seq, uint64_t through_seq, px_log_step *step,
                      void *context)
{
    px_reader *log;
    px_bus_msg *msg;
    px_status status;

    if (from_seq > through_seq)
        return PX_OK;
    status = px_reader_open(&log, bus, px_log_stream, from_seq);
    if (status != PX_OK)
        return status;
    for (uint64_t seq = from_seq; status == PX_OK && seq <= through_seq; seq++) {
        status = next(bus, log, &msg);
        if (status != PX_OK)
            break;
        status = msg->seq == seq ? step(context, msg) : PX_ECORRUPT;
        px_bus_msg_free(msg);
    }
    px_reader_close(log);
    return status;
}
