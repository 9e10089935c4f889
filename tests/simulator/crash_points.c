/* crash_points.c: counts what a process does to the world, and lets it die at one of them. */
#include "tests/simulator/crash_points.h"

#include <stddef.h>

#include "common/bus.h"
#include "common/store.h"

enum { KINDS_KEPT = 4096 };

const char *const point_kind_names[POINT_KINDS] = { "commit", "publish", "put",
                                                    "purge",  "erase",   "acknowledgement" };

static struct {
    bool counting, dead;
    uint64_t seen, at;
    void (*died)(void *context);
    void *context;
    uint8_t kinds[KINDS_KEPT];
} points;

void points_start(uint64_t at, void (*died)(void *context), void *context)
{
    points.counting = true;
    points.dead = false;
    points.seen = 0;
    points.at = at;
    points.died = died;
    points.context = context;
}

uint64_t points_stop(void)
{
    points.counting = points.dead = false;
    return points.seen;
}

point_kind point_kind_at(uint64_t at)
{
    return at < KINDS_KEPT ? (point_kind)points.kinds[at] : POINT_COMMIT;
}

/* @return whether the process still lives */
static bool pass(point_kind kind)
{
    if (!points.counting || points.dead)
        return !points.dead;
    if (points.seen < KINDS_KEPT)
        points.kinds[points.seen] = (uint8_t)kind;
    if (points.seen++ != points.at)
        return true;
    points.dead = true;
    points.died(points.context);
    return false;
}

/* ---- what the engine calls instead; the linker gives these their names ---- */

px_status __real_px_txn_commit(px_txn *txn);
px_status __wrap_px_txn_commit(px_txn *txn);
px_status __real_px_bus_publish(px_bus *bus, uint64_t epoch, const px_bus_out *out, uint64_t token);
px_status __wrap_px_bus_publish(px_bus *bus, uint64_t epoch, const px_bus_out *out, uint64_t token);
px_status __real_px_bus_publish_wait(px_bus *bus, const px_bus_out *out, px_bus_ack *ack);
px_status __wrap_px_bus_publish_wait(px_bus *bus, const px_bus_out *out, px_bus_ack *ack);
px_status __wrap_px_bus_publish_all(px_bus *bus, const px_bus_out *outs, size_t count,
                                    px_bus_ack *acks);
px_status __real_px_bus_purge(px_bus *bus, const char *stream, uint64_t seq);
px_status __wrap_px_bus_purge(px_bus *bus, const char *stream, uint64_t seq);
px_status __real_px_bus_erase(px_bus *bus, const char *stream, uint64_t seq);
px_status __wrap_px_bus_erase(px_bus *bus, const char *stream, uint64_t seq);
px_status __wrap_px_bus_erase_all(px_bus *bus, const char *stream, const uint64_t *seqs,
                                  size_t count);
bool __real_px_bus_next_ack(px_bus *bus, px_bus_ack *ack);
bool __wrap_px_bus_next_ack(px_bus *bus, px_bus_ack *ack);

/* A transaction has to end also for the dead; the store they leave was copied before. */
px_status __wrap_px_txn_commit(px_txn *txn)
{
    (void)pass(POINT_COMMIT);
    px_status status = __real_px_txn_commit(txn);
    return pass(POINT_COMMIT) ? status : PX_EDISCONNECTED;
}

px_status __wrap_px_bus_publish(px_bus *bus, uint64_t epoch, const px_bus_out *out, uint64_t token)
{
    px_status status = PX_EDISCONNECTED;

    if (pass(POINT_PUBLISH))
        status = __real_px_bus_publish(bus, epoch, out, token);
    return pass(POINT_PUBLISH) ? status : PX_EDISCONNECTED;
}

px_status __wrap_px_bus_publish_wait(px_bus *bus, const px_bus_out *out, px_bus_ack *ack)
{
    px_status status = PX_EDISCONNECTED;

    if (pass(POINT_PUT))
        status = __real_px_bus_publish_wait(bus, out, ack);
    return pass(POINT_PUT) ? status : PX_EDISCONNECTED;
}

/* One after the other, for the server may have stored some of them. */
px_status __wrap_px_bus_publish_all(px_bus *bus, const px_bus_out *outs, size_t count,
                                    px_bus_ack *acks)
{
    px_status status = PX_OK;

    for (size_t i = 0; i < count && status != PX_EDISCONNECTED && status != PX_ETIMEOUT; i++)
        acks[i].status = status = __wrap_px_bus_publish_wait(bus, &outs[i], &acks[i]);
    return status == PX_EDISCONNECTED || status == PX_ETIMEOUT ? status : PX_OK;
}

px_status __wrap_px_bus_purge(px_bus *bus, const char *stream, uint64_t seq)
{
    px_status status = PX_EDISCONNECTED;

    if (pass(POINT_PURGE))
        status = __real_px_bus_purge(bus, stream, seq);
    return pass(POINT_PURGE) ? status : PX_EDISCONNECTED;
}

px_status __wrap_px_bus_erase(px_bus *bus, const char *stream, uint64_t seq)
{
    px_status status = PX_EDISCONNECTED;

    if (pass(POINT_ERASE))
        status = __real_px_bus_erase(bus, stream, seq);
    return pass(POINT_ERASE) ? status : PX_EDISCONNECTED;
}

/* One after the other, for the server may have done some of them. */
px_status __wrap_px_bus_erase_all(px_bus *bus, const char *stream, const uint64_t *seqs,
                                  size_t count)
{
    px_status status = PX_OK;

    for (size_t i = 0; i < count && (status == PX_OK || status == PX_ENOTFOUND); i++)
        status = __wrap_px_bus_erase(bus, stream, seqs[i]);
    return status == PX_ENOTFOUND ? PX_OK : status;
}

bool __wrap_px_bus_next_ack(px_bus *bus, px_bus_ack *ack)
{
    return !points.dead && __real_px_bus_next_ack(bus, ack) && pass(POINT_ACK);
}
