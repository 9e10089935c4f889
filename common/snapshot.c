#include "common/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/store_copy.h"

enum { PATH_SIZE = 1280, CHUNK_BYTES = 256 * 1024, INFO_BYTES_MAX = 1024 };

/* No snapshot's name: they begin with a digit. */
static const char unfinished[] = "unfinished";

static void path_of(char path[PATH_SIZE], const char *data_dir, const char *name,
                    const char *extension)
{
    snprintf(path, PATH_SIZE, "%s/snapshots/%s%s", data_dir, name, extension);
}

/* ---- files ---- */

static px_status failure(void)
{
    return errno == ENOSPC || errno == EDQUOT ? PX_ENOSPACE : PX_EIO;
}

static bool write_all(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, bytes, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

static ssize_t read_some(int file, char *bytes, size_t size)
{
    ssize_t got;

    do
        got = read(file, bytes, size);
    while (got < 0 && errno == EINTR);
    return got;
}

/* Reads a file to its end: its size and digest; `copy` (or -1) gets the same bytes. */
static px_status digest_file(int file, int copy, uint64_t *bytes, uint8_t digest[PX_DIGEST_SIZE])
{
    char *chunk = malloc(CHUNK_BYTES);
    crypto_generichash_state hash;
    ssize_t got = -1;
    px_status status = PX_OK;

    if (chunk == NULL)
        return PX_ENOMEM;
    *bytes = 0;
    crypto_generichash_init(&hash, NULL, 0, PX_DIGEST_SIZE);
    while (status == PX_OK && (got = read_some(file, chunk, CHUNK_BYTES)) > 0) {
        crypto_generichash_update(&hash, (const uint8_t *)chunk, (size_t)got);
        *bytes += (uint64_t)got;
        if (copy >= 0 && !write_all(copy, chunk, (size_t)got))
            status = failure();
    }
    crypto_generichash_final(&hash, digest, PX_DIGEST_SIZE);
    free(chunk);
    return status == PX_OK && got != 0 ? PX_EIO : status;
}

static px_status sync_directory(const char *data_dir)
{
    char path[PATH_SIZE];
    int directory;
    px_status status;

    path_of(path, data_dir, "", "");
    directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return PX_EIO;
    status = fsync(directory) == 0 ? PX_OK : PX_EIO;
    close(directory);
    return status;
}

/* ---- the note beside a copy ---- */

static const struct {
    const char *name;
    size_t offset;
    size_t digest; /* bytes; 0 = a number */
} lines[] = {
    { "taken_us", offsetof(px_snapshot, taken_us), 0 },
    { "layout", offsetof(px_snapshot, layout), 0 },
    { "sequence", offsetof(px_snapshot, seq), 0 },
    { "tag", offsetof(px_snapshot, tag), 0 },
    { "records", offsetof(px_snapshot, records), 0 },
    { "bytes", offsetof(px_snapshot, bytes), 0 },
    { "state", offsetof(px_snapshot, state_digest), 32 },
    { "file", offsetof(px_snapshot, file_digest), PX_DIGEST_SIZE },
};

static size_t print_info(const px_snapshot *s, char text[INFO_BYTES_MAX])
{
    size_t used = 0;

    for (size_t i = 0; i < PX_COUNT(lines); i++) {
        const void *at = (const char *)s + lines[i].offset;
        char value[2 * PX_DIGEST_SIZE + 1];
        uint64_t number;

        if (lines[i].digest > 0) {
            sodium_bin2hex(value, sizeof value, at, lines[i].digest);
        } else {
            memcpy(&number, at, sizeof number);
            snprintf(value, sizeof value, "%" PRIu64, number);
        }
        used +=
            (size_t)snprintf(text + used, INFO_BYTES_MAX - used, "%s %s\n", lines[i].name, value);
    }
    return used;
}

static bool parse_value(px_snapshot *s, size_t i, const char *value)
{
    void *at = (char *)s + lines[i].offset;
    uint64_t number;
    size_t size;
    char *end;

    if (lines[i].digest > 0)
        return sodium_hex2bin(at, lines[i].digest, value, strlen(value), NULL, &size, NULL) == 0 &&
               size == lines[i].digest;
    errno = 0;
    number = strtoull(value, &end, 10);
    memcpy(at, &number, sizeof number);
    return errno == 0 && end != value && *end == 0;
}

/* Every line, in this order, and nothing else: half a note is none. */
static bool parse_info(char *text, px_snapshot *s)
{
    for (size_t i = 0; i < PX_COUNT(lines); i++) {
        char *line = strsep(&text, "\n");
        char *value = line != NULL ? strchr(line, ' ') : NULL;

        if (value == NULL || text == NULL)
            return false;
        *value++ = 0;
        if (strcmp(line, lines[i].name) != 0 || !parse_value(s, i, value))
            return false;
    }
    return *text == 0;
}

static bool read_info(const char *data_dir, const char *name, px_snapshot *s)
{
    char path[PATH_SIZE], text[INFO_BYTES_MAX];
    ssize_t size;
    int file;

    path_of(path, data_dir, name, ".info");
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    size = read_some(file, text, sizeof text - 1);
    close(file);
    text[size > 0 ? size : 0] = 0;
    *s = (px_snapshot){ 0 };
    snprintf(s->name, sizeof s->name, "%s", name);
    return size > 0 && parse_info(text, s);
}

static px_status write_info(const char *data_dir, const px_snapshot *s)
{
    char from[PATH_SIZE], to[PATH_SIZE], text[INFO_BYTES_MAX];
    size_t size = print_info(s, text);
    int file;
    bool written;

    path_of(from, data_dir, unfinished, ".info");
    path_of(to, data_dir, s->name, ".info");
    file = open(from, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return PX_EIO;
    written = write_all(file, text, size) && fsync(file) == 0;
    written = close(file) == 0 && written;
    return written && rename(from, to) == 0 ? sync_directory(data_dir) : PX_EIO;
}

/* ---- which there are ---- */

static int newer_first(const void *a, const void *b)
{
    const px_snapshot *x = a, *y = b;

    if (x->taken_us != y->taken_us)
        return x->taken_us > y->taken_us ? -1 : 1;
    return strcmp(y->name, x->name);
}

/* The name of a snapshot from that of its note. */
static bool is_note(const char *file, char name[PX_SNAPSHOT_NAME_MAX])
{
    size_t size = strlen(file);

    if (file[0] < '0' || file[0] > '9' || size < 6 || size - 5 >= PX_SNAPSHOT_NAME_MAX ||
        strcmp(file + size - 5, ".info") != 0)
        return false;
    memcpy(name, file, size - 5);
    name[size - 5] = 0;
    return true;
}

/* All of them; the caller frees. */
static px_snapshot *list_all(const char *data_dir, size_t *count)
{
    char path[PATH_SIZE], name[PX_SNAPSHOT_NAME_MAX];
    px_snapshot *all = NULL, one;
    const struct dirent *entry;
    DIR *directory;

    *count = 0;
    path_of(path, data_dir, "", "");
    directory = opendir(path);
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        px_snapshot *grown;

        if (!is_note(entry->d_name, name) || !read_info(data_dir, name, &one))
            continue;
        grown = realloc(all, (*count + 1) * sizeof *all);
        if (grown == NULL)
            break;
        all = grown;
        all[(*count)++] = one;
    }
    if (directory != NULL)
        closedir(directory);
    if (*count > 0)
        qsort(all, *count, sizeof *all, newer_first);
    return all;
}

size_t px_snapshot_list(const char *data_dir, px_snapshot *out, size_t max)
{
    size_t count;
    px_snapshot *all = list_all(data_dir, &count);

    count = count < max ? count : max;
    if (count > 0)
        memcpy(out, all, count * sizeof *out);
    free(all);
    return count;
}

/* The note first: what is left of a snapshot without one counts for nothing. */
static void remove_one(const char *data_dir, const char *name)
{
    char path[PATH_SIZE];

    path_of(path, data_dir, name, ".info");
    (void)unlink(path);
    path_of(path, data_dir, name, ".mdb");
    (void)unlink(path);
}

static void drop_old(const char *data_dir, uint64_t layout, size_t keep)
{
    size_t count, ours = 0, others = 0;
    px_snapshot *all = list_all(data_dir, &count);

    for (size_t i = 0; i < count; i++) {
        bool stays = all[i].layout == layout ? ours++ < keep || ours == 1 : others++ < 1;

        if (!stays)
            remove_one(data_dir, all[i].name);
    }
    free(all);
}

/* ---- taking ---- */

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* What a copy says of itself: it is read as it will be when it is put back. */
static px_status look_into(const char *path, px_snapshot *s)
{
    px_store *copy;
    px_txn *view;
    px_cursor cursor;
    px_status status = px_store_open_copy(&copy, path);

    if (status != PX_OK)
        return status;
    view = px_store_read(copy);
    status = view != NULL ? px_store_digest(view, s->state_digest, &s->records) : PX_EIO;
    if (status == PX_OK) {
        cursor = px_chain_cursor(view);
        s->layout = px_store_layout(view);
        s->seq = cursor.seq;
        s->tag = cursor.tag;
        status = cursor.seq == 0 ? PX_EEMPTY : px_txn_status(view);
    }
    px_txn_abort(view);
    px_store_drop(copy);
    return status;
}

static px_status write_copy(const char *path, px_store *store, px_snapshot *s)
{
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    px_status status;

    if (file < 0)
        return PX_EIO;
    status = px_store_copy(store, file);
    if (status == PX_OK && (lseek(file, 0, SEEK_SET) != 0 || fsync(file) != 0))
        status = PX_EIO;
    if (status == PX_OK)
        status = digest_file(file, -1, &s->bytes, s->file_digest);
    if (close(file) != 0 && status == PX_OK)
        status = PX_EIO;
    return status == PX_OK ? look_into(path, s) : status;
}

static px_status keep_copy(const char *data_dir, const char *path, px_snapshot *s, size_t keep)
{
    char kept[PATH_SIZE];
    px_snapshot old;
    px_status status;

    s->taken_us = now_us();
    snprintf(s->name, sizeof s->name, "%020" PRIu64 "-%" PRIu64 "-%016" PRIx64, s->seq, s->layout,
             s->tag);
    if (read_info(data_dir, s->name, &old)) {
        *s = old;
        return PX_EEMPTY; /* nothing new */
    }
    path_of(kept, data_dir, s->name, ".mdb");
    if (rename(path, kept) != 0)
        return PX_EIO;
    status = write_info(data_dir, s);
    if (status == PX_OK)
        drop_old(data_dir, s->layout, keep);
    else
        remove_one(data_dir, s->name);
    return status;
}

px_status px_snapshot_take(const char *data_dir, px_store *store, size_t keep, px_snapshot *taken)
{
    px_snapshot s = { 0 };
    char path[PATH_SIZE];
    px_status status;

    path_of(path, data_dir, "", "");
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return PX_EIO;
    path_of(path, data_dir, unfinished, ".mdb");
    status = write_copy(path, store, &s);
    if (status == PX_OK)
        status = keep_copy(data_dir, path, &s, keep);
    (void)unlink(path);
    if (status == PX_EEMPTY && s.seq > 0)
        status = PX_OK;
    if (status == PX_OK && taken != NULL)
        *taken = s;
    return status;
}

/* ---- putting back ---- */

/* The digest is judged before LMDB sees a page: it has no checksums and would crash or lie. */
static px_status copy_undamaged(const char *from, const char *to, const px_snapshot *s)
{
    uint8_t digest[PX_DIGEST_SIZE];
    int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;
    px_status status = PX_ECORRUPT; /* a note without its file */
    uint64_t bytes;

    if (in < 0)
        return status;
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    status = out >= 0 ? digest_file(in, out, &bytes, digest) : PX_EIO;
    if (status == PX_OK &&
        (bytes != s->bytes || memcmp(digest, s->file_digest, sizeof digest) != 0))
        status = PX_ECORRUPT;
    if (out >= 0 && close(out) != 0 && status == PX_OK)
        status = PX_EIO;
    close(in);
    return status;
}

px_status px_snapshot_restore(const char *data_dir, const px_snapshot *snapshot, px_store *store)
{
    char from[PATH_SIZE], to[PATH_SIZE];
    px_status status;
    bool fresh;

    path_of(from, data_dir, snapshot->name, ".mdb");
    path_of(to, data_dir, "restored", ".mdb");
    status = copy_undamaged(from, to, snapshot);
    if (status == PX_OK)
        status = px_store_replace(store, to, &fresh);
    (void)unlink(to);
    return status == PX_OK && fresh ? PX_ECORRUPT : status;
}

/* ---- carrying ---- */

static px_status copy_file(const char *from_path, const char *to_path, const px_snapshot *s)
{
    uint8_t digest[PX_DIGEST_SIZE];
    uint64_t bytes;
    int from = open(from_path, O_RDONLY | O_CLOEXEC), to = -1;
    px_status status = from < 0 ? PX_EIO : PX_OK;

    if (status == PX_OK)
        to = open(to_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (status == PX_OK && to < 0)
        status = failure();
    if (status == PX_OK)
        status = digest_file(from, to, &bytes, digest);
    if (status == PX_OK &&
        (bytes != s->bytes || memcmp(digest, s->file_digest, sizeof digest) != 0))
        status = PX_ECORRUPT;
    if (status == PX_OK && fsync(to) != 0)
        status = failure();
    if (to >= 0)
        close(to);
    if (from >= 0)
        close(from);
    return status;
}

px_status px_snapshot_copy(const char *data_dir, const px_snapshot *snapshot, const char *to_dir)
{
    char from[PATH_SIZE], to[PATH_SIZE];
    px_status status;

    path_of(to, to_dir, "", "");
    if ((mkdir(to_dir, 0700) != 0 && errno != EEXIST) || (mkdir(to, 0700) != 0 && errno != EEXIST))
        return failure();
    path_of(from, data_dir, snapshot->name, ".mdb");
    path_of(to, to_dir, snapshot->name, ".mdb");
    status = copy_file(from, to, snapshot);
    if (status == PX_OK)
        status = write_info(to_dir, snapshot);
    if (status != PX_OK)
        (void)unlink(to);
    return status;
}
