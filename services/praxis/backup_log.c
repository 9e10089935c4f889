#include "services/praxis/backup_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/archive.h"
#include "common/fold.h"
#include "services/praxis/log_walk.h"
#include "services/praxis/lone_server.h"

static bool say(const char *what, const char *why)
{
    fprintf(stderr, "praxis: %s: %s\n", what, why);
    return false;
}

/* ---- one stream ---- */

bool px_backup_stream_back(px_bus *bus, const char *dir, const px_backup_stream *stream)
{
    char path[PX_PATH_MAX];
    int fd = open(px_backup_path(dir, stream->name, path), O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return say(path, strerror(errno));
    px_status status = px_stream_copy_in(bus, stream->name, fd, &stream->copy);
    close(fd);
    return status == PX_OK || say(stream->name, px_copy_problem());
}

/* ---- the log as an archive ---- */

static const px_backup_stream *log_of(const px_backup_part *part)
{
    for (size_t i = 0; i < part->count; i++)
        if (strcmp(part->streams[i].name, px_log_stream) == 0)
            return &part->streams[i];
    return NULL;
}

static px_status append(void *context, const px_bus_msg *msg)
{
    const px_archive_record record = { msg->seq, msg->time_ns, msg->subject, msg->data };

    return px_archive_append(context, &record);
}

static bool write_archive(px_bus *bus, const char *archive)
{
    const px_archive_options options = { .segment_bytes = 0 };
    char problem[PX_ARCHIVE_PROBLEM_SIZE];
    px_archive_writer *writer = NULL;
    px_archive_end end;
    px_stream_info info = { 0 };
    px_status status = px_archive_append_to(&writer, archive, &options, &end, problem);

    if (status == PX_OK)
        status = px_bus_stream_info(bus, px_log_stream, &info);
    if (status == PX_OK)
        status = px_log_walk(bus, 1, info.last_seq, append, writer);
    px_status closed = px_archive_writer_close(writer);
    status = status == PX_OK ? closed : status;
    return status == PX_OK || say(archive, px_strerror(status));
}

static bool unpack(const char *backup, const px_backup_part *part, const char *work,
                   const char *archive)
{
    const px_backup_stream *log = log_of(part);
    px_lone_server server;

    if (!log)
        return say(backup, "holds no log");
    if (px_backup_check(backup, part, NULL, NULL) != PX_OK ||
        px_lone_server_start(&server, work, "nats") != PX_OK)
        return false;
    bool done =
        px_backup_stream_back(server.bus, backup, log) && write_archive(server.bus, archive);
    px_lone_server_stop(&server);
    return done;
}

bool px_backup_log_unpack(const char *backup, const char *work, const char *archive)
{
    px_backup_part part = { 0 };
    bool done =
        px_backup_read(backup, "log", &part) == PX_OK && unpack(backup, &part, work, archive);

    px_backup_part_fini(&part);
    return done;
}
