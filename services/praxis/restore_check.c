#include "services/praxis/restore_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/chain.h"
#include "common/fold.h"
#include "common/vault_keys.h"
#include "services/praxis/audit.h"
#include "services/praxis/log_walk.h"

enum { ARENA_BYTES = 64 << 20 };

typedef struct {
    px_audit audit;
    px_arena arena;
    const px_backup_part *part;
    px_restore_report *report;
} reading;

static bool is_mark(const px_bus_msg *msg, const px_backup_mark *mark)
{
    uint8_t digest[PX_DIGEST_SIZE];

    px_chain_digest(msg->data, digest);
    return msg->time_ns == mark->time_ns && px_chain_tag(digest, msg->time_ns) == mark->tag;
}

static px_status look(void *context, const px_bus_msg *msg)
{
    reading *r = context;

    if ((msg->seq == r->part->first.seq && !is_mark(msg, &r->part->first)) ||
        (msg->seq == r->part->last.seq && !is_mark(msg, &r->part->last))) {
        fprintf(stderr,
                "praxis restore: log message %" PRIu64
                " is not the one this backup was made with: the log is from another backup\n",
                msg->seq);
        return PX_EINVALID;
    }
    px_audit_message(&r->audit, msg, &r->arena);
    r->report->log_seq = msg->seq;
    r->report->log_time_ns = msg->time_ns;
    return PX_OK;
}

static px_status read_log(px_bus *bus, reading *r)
{
    px_stream_info info;
    px_status status = px_bus_stream_info(bus, px_log_stream, &info);

    if (status == PX_OK && info.last_seq < r->part->last.seq) {
        fprintf(stderr,
                "praxis restore: the log ends at %" PRIu64 ", before the %" PRIu64
                " this backup was made with: it is an older one\n",
                info.last_seq, r->part->last.seq);
        return PX_ECORRUPT;
    }
    if (status == PX_OK)
        status = px_log_walk(bus, 1, info.last_seq, look, r);
    if (status != PX_OK && status != PX_EINVALID)
        fprintf(stderr, "praxis restore: the log is not whole after %" PRIu64 ": %s\n",
                r->report->log_seq, px_strerror(status));
    return status == PX_EINVALID ? PX_ECORRUPT : status;
}

px_status px_restore_check_log(px_bus *bus, const px_backup_part *part, px_restore_report *report)
{
    reading *r = calloc(1, sizeof *r);
    px_status status = PX_ENOMEM;

    if (!r)
        return status;
    r->part = part;
    r->report = report;
    px_audit_begin(&r->audit);
    if (px_arena_init(&r->arena, ARENA_BYTES))
        status = read_log(bus, r);
    report->voids = r->audit.voids;
    px_arena_fini(&r->arena);
    free(r);
    return status;
}

px_status px_restore_check_keys(px_bus *bus, const char *master, px_restore_report *report)
{
    px_vault_census census;
    px_masters masters;
    px_status status = px_masters_read(&masters, master); /* has said why */

    if (status != PX_OK)
        return status;
    status = px_vault_count_keys(bus, &masters, &census, NULL, NULL);
    px_masters_fini(&masters);
    report->keys = census.newest + census.older;
    if (status != PX_OK) {
        fprintf(stderr, "praxis restore: keys cannot be read: %s\n", px_strerror(status));
    } else if (census.unreadable > 0) {
        fprintf(stderr,
                "praxis restore: wrong master key: %s opens %" PRIu64 " of %" PRIu64
                " keys; texts of the others would be unreadable\n",
                master, report->keys, report->keys + census.unreadable);
        status = PX_EFORBIDDEN;
    }
    return status;
}
