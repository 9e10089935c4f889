/* archive_writer.c: appending to an archive, and taking up one that a crash has left. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/archive_impl.h"

enum { BUFFER_SIZE = 1 << 20 };

static const uint64_t segment_bytes_usual = UINT64_C(256) << 20;

struct px_archive_writer {
    char directory[PX_ARCHIVE_PATH_MAX];
    uint64_t segment_bytes;
    unsigned generation;
    int lock;
    int fd;           /* -1: the next record begins a segment */
    uint64_t written; /* bytes of the segment, those in the buffer included */
    uint8_t digest[PX_ARCHIVE_DIGEST_SIZE];
    uint8_t *buffer;
    size_t used;
    px_status status; /* the first failure; nothing is written after it */
};

static px_status sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return synced ? PX_OK : PX_EIO;
}

/* ---- writing ---- */

static px_status flush(px_archive_writer *w)
{
    size_t at = 0;

    while (w->status == PX_OK && at < w->used) {
        ssize_t wrote = write(w->fd, w->buffer + at, w->used - at);
        if (wrote < 0 && errno != EINTR)
            w->status = PX_EIO; /* what stands in the file is a torn end at worst */
        else if (wrote > 0)
            at += (size_t)wrote;
    }
    w->used = 0;
    return w->status;
}

static void put(px_archive_writer *w, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;

    w->written += size;
    while (size > 0 && w->status == PX_OK) {
        size_t part = BUFFER_SIZE - w->used < size ? BUFFER_SIZE - w->used : size;
        memcpy(w->buffer + w->used, from, part);
        w->used += part;
        from += part;
        size -= part;
        if (w->used == BUFFER_SIZE)
            flush(w);
    }
}

px_status px_archive_sync(px_archive_writer *w)
{
    if (w->fd >= 0 && flush(w) == PX_OK && fdatasync(w->fd) != 0)
        w->status = PX_EIO;
    return w->status;
}

static px_status begin_segment(px_archive_writer *w, uint64_t first_seq)
{
    char path[PX_ARCHIVE_PATH_MAX];
    uint8_t number[8];

    px_archive_segment_path(w->directory, w->generation, first_seq, path);
    w->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (w->fd < 0)
        return w->status = PX_EIO;
    w->written = 0;
    px_put_be64(number, first_seq);
    put(w, px_segment_magic, sizeof px_segment_magic);
    put(w, number, sizeof number);
    put(w, w->digest, sizeof w->digest);
    if (w->status == PX_OK)
        w->status = sync_folder(px_archive_generation_path(w->directory, w->generation, path));
    return w->status;
}

static px_status end_segment(px_archive_writer *w)
{
    px_archive_sync(w);
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
    return w->status;
}

static void put_record(px_archive_writer *w, const px_archive_record *record)
{
    size_t subject = strlen(record->subject);
    size_t size = PX_RECORD_HEAD + subject + record->data.size;
    uint8_t head[PX_RECORD_HEAD] = { (uint8_t)(size >> 24), (uint8_t)(size >> 16),
                                     (uint8_t)(size >> 8), (uint8_t)size };
    crypto_generichash_state state;

    px_put_be64(head + 4, record->seq);
    px_put_be64(head + 12, (uint64_t)record->time_ns);
    head[20] = (uint8_t)(subject >> 8);
    head[21] = (uint8_t)subject;
    crypto_generichash_init(&state, NULL, 0, sizeof w->digest);
    crypto_generichash_update(&state, w->digest, sizeof w->digest);
    crypto_generichash_update(&state, head, sizeof head);
    crypto_generichash_update(&state, (const uint8_t *)record->subject, subject);
    crypto_generichash_update(&state, record->data.data, record->data.size);
    crypto_generichash_final(&state, w->digest, sizeof w->digest);
    put(w, head, sizeof head);
    put(w, record->subject, subject);
    put(w, record->data.data, record->data.size);
    put(w, w->digest, sizeof w->digest);
}

px_status px_archive_append(px_archive_writer *w, const px_archive_record *record)
{
    if (w->status != PX_OK)
        return w->status;
    if (strlen(record->subject) > PX_SUBJECT_SIZE_MAX ||
        record->data.size > PX_RECORD_MAX - PX_RECORD_HEAD - PX_SUBJECT_SIZE_MAX)
        return PX_ETOOBIG;
    if (w->fd >= 0 && w->written >= w->segment_bytes)
        end_segment(w);
    if (w->fd < 0 && begin_segment(w, record->seq) != PX_OK)
        return w->status;
    put_record(w, record);
    return w->status;
}

/* ---- taking it up ---- */

static void note_end(px_archive_end *end, const px_archive_record *record)
{
    end->seq = record->seq;
    end->time_ns = record->time_ns;
    crypto_generichash(end->message, sizeof end->message, record->data.data, record->data.size,
                       NULL, 0);
}

/* Opens the last segment where its good records end. */
static px_status open_last(px_archive_writer *w, const px_archive *a, uint64_t first_seq,
                           px_archive_end *end)
{
    char path[PX_ARCHIVE_PATH_MAX];
    struct stat info;

    w->fd = open(px_archive_segment_path(w->directory, w->generation, first_seq, path),
                 O_WRONLY | O_CLOEXEC);
    if (w->fd < 0 || fstat(w->fd, &info) != 0)
        return PX_EIO;
    w->written = px_archive_offset(a);
    end->cut_bytes = (uint64_t)info.st_size - w->written;
    if (end->cut_bytes > 0 && (ftruncate(w->fd, (off_t)w->written) != 0 || fsync(w->fd) != 0))
        return PX_EIO;
    if (lseek(w->fd, 0, SEEK_END) < 0)
        return PX_EIO;
    if (w->written >= PX_SEGMENT_HEAD)
        return PX_OK;
    /* Torn in its head: it holds nothing, and is begun again. */
    close(w->fd);
    w->fd = -1;
    return unlink(path) == 0 ? PX_OK : PX_EIO;
}

/* The digest that the segment before the last one ended with, and its last record. */
static px_status read_from(px_archive_writer *w, uint64_t first_seq, px_archive **a,
                           px_archive_end *end)
{
    px_archive_record record;
    px_status status = px_archive_open(a, w->directory, w->generation, first_seq);

    while (status == PX_OK) {
        status = px_archive_next(*a, &record);
        if (status == PX_OK)
            note_end(end, &record);
    }
    return status;
}

static px_status take_up(px_archive_writer *w, px_archive_end *end,
                         char problem[PX_ARCHIVE_PROBLEM_SIZE])
{
    uint64_t *firsts;
    size_t count;
    px_archive *a = NULL;
    px_status status = px_archive_segments(w->directory, w->generation, &firsts, &count);

    if (status != PX_OK || count == 0) {
        free(firsts);
        return status;
    }
    /* The last segment may hold no record yet: then the one before it tells where we are. */
    status = read_from(w, count > 1 ? firsts[count - 2] : firsts[count - 1], &a, end);
    if (status == PX_EEMPTY || (status == PX_ECORRUPT && px_archive_torn(a))) {
        memcpy(w->digest, px_archive_digest(a), sizeof w->digest);
        status = open_last(w, a, firsts[count - 1], end);
    } else if (a) {
        snprintf(problem, PX_ARCHIVE_PROBLEM_SIZE, "%s", px_archive_problem(a));
    }
    px_archive_close(a);
    free(firsts);
    return status;
}

static px_status make_folder(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST ? PX_OK : PX_EIO;
}

static px_status lock(px_archive_writer *w)
{
    char path[PX_ARCHIVE_PATH_MAX];

    snprintf(path, sizeof path, "%.1024s/lock", w->directory);
    w->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (w->lock < 0)
        return PX_EIO;
    if (flock(w->lock, LOCK_EX | LOCK_NB) == 0)
        return PX_OK;
    return errno == EWOULDBLOCK ? PX_EBUSY : PX_EIO;
}

static px_status choose_generation(px_archive_writer *w, const px_archive_options *options)
{
    char path[PX_ARCHIVE_PATH_MAX];
    px_status status;

    w->generation = px_archive_generation(w->directory);
    if (w->generation > 0 && !options->new_generation)
        return PX_OK;
    w->generation++;
    status = make_folder(px_archive_generation_path(w->directory, w->generation, path));
    return status == PX_OK ? sync_folder(w->directory) : status;
}

px_status px_archive_append_to(px_archive_writer **writer, const char *directory,
                               const px_archive_options *options, px_archive_end *end,
                               char problem[PX_ARCHIVE_PROBLEM_SIZE])
{
    px_archive_writer *w = calloc(1, sizeof *w);
    px_status status = PX_ENOMEM;

    *end = (px_archive_end){ 0 };
    problem[0] = '\0';
    if (!w)
        return status;
    snprintf(w->directory, sizeof w->directory, "%s", directory);
    w->segment_bytes = options->segment_bytes ? options->segment_bytes : segment_bytes_usual;
    w->lock = w->fd = -1;
    w->buffer = malloc(BUFFER_SIZE);
    if (w->buffer)
        status = make_folder(directory);
    if (status == PX_OK)
        status = lock(w);
    if (status == PX_OK)
        status = choose_generation(w, options);
    if (status == PX_OK)
        status = take_up(w, end, problem);
    end->generation = w->generation;
    if (status == PX_OK) {
        *writer = w;
        return PX_OK;
    }
    px_archive_writer_close(w);
    return status;
}

px_status px_archive_writer_close(px_archive_writer *w)
{
    px_status status;

    if (!w)
        return PX_OK;
    status = end_segment(w);
    if (w->lock >= 0)
        close(w->lock);
    free(w->buffer);
    free(w);
    return status;
}
