#include "common/vault_master.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/diag.h"
#include "common/vault.h"

static px_status refused(px_status status, const char *path, const char *why)
{
    px_error("the master key file cannot be used", PX_TEXT("file", path), PX_TEXT("why", why));
    return status;
}

/** @return bytes read, size at most; -1 on failure */
static ssize_t read_fully(int fd, uint8_t *bytes, size_t size)
{
    size_t used = 0;

    while (used < size) {
        ssize_t got = read(fd, bytes + used, size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        used += (size_t)got;
    }
    return (ssize_t)used;
}

/** Reads the file into `bytes`, which has room for one byte more than it may have. */
static px_status read_file(const char *path, uint8_t *bytes, size_t size, struct stat *file,
                           size_t *count)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return refused(errno == ENOENT ? PX_ENOTFOUND : PX_EIO, path, strerror(errno));
    ssize_t got = fstat(fd, file) == 0 && S_ISREG(file->st_mode) ? read_fully(fd, bytes, size) : -1;
    close(fd);
    if (got < 0)
        return refused(PX_EINVALID, path, "not a readable file");
    if (file->st_mode & 0177)
        return refused(PX_EINVALID, path, "others may read it; mode 0600 or 0400 is needed");
    *count = (size_t)got / PX_MASTER_KEY_SIZE;
    if (got == 0 || got % PX_MASTER_KEY_SIZE != 0 || *count > PX_MASTERS_MAX)
        return refused(PX_EINVALID, path,
                       "not exactly 32 bytes, or up to four times that while it is changed");
    return PX_OK;
}

px_status px_masters_read(px_masters *masters, const char *path)
{
    const size_t size = PX_MASTERS_MAX * PX_MASTER_KEY_SIZE + 1; /* one more: the file is longer */
    px_status status = PX_ENOMEM;

    *masters = (px_masters){ 0 };
    if (sodium_init() < 0)
        return PX_EIO;
    masters->path = strdup(path);
    masters->keys = sodium_malloc(size);
    if (masters->path && masters->keys)
        status = read_file(path, masters->keys, size, &masters->file, &masters->count);
    if (status != PX_OK)
        px_masters_fini(masters);
    return status;
}

void px_masters_fini(px_masters *masters)
{
    sodium_free(masters->keys); /* wipes; NULL is fine */
    free(masters->path);
    *masters = (px_masters){ 0 };
}

const uint8_t *px_masters_key(const px_masters *masters, size_t index)
{
    PX_ASSERT(index < masters->count);
    return masters->keys + index * PX_MASTER_KEY_SIZE;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool px_masters_refresh(px_masters *masters)
{
    struct stat file;
    px_masters fresh;

    if (stat(masters->path, &file) != 0 || same_file(&file, &masters->file) ||
        px_masters_read(&fresh, masters->path) != PX_OK)
        return false;
    px_masters_fini(masters);
    *masters = fresh;
    return true;
}

/** The name of a new file is safe only once its folder is on the disk. */
static bool sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool synced = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    free(folder);
    return synced;
}

/** A file of ours beside `path`, mode 0600. @return -1 on failure */
static int make_draft(const char *path, char **draft)
{
    if (asprintf(draft, "%s.XXXXXX", path) < 0) {
        *draft = NULL;
        return -1;
    }
    return mkostemp(*draft, O_CLOEXEC);
}

/** Written aside, then linked: a crash leaves no short key, and no key is ever replaced. */
static px_status write_new(const char *path, const uint8_t *keys, size_t size)
{
    char *draft;
    px_status status = PX_EIO;
    int fd = make_draft(path, &draft);

    if (fd >= 0 && write(fd, keys, size) == (ssize_t)size && fsync(fd) == 0) {
        if (link(draft, path) == 0)
            status = sync_folder(path) ? PX_OK : PX_EIO;
        else
            status = errno == EEXIST ? PX_EBUSY : PX_EIO;
    }
    if (fd >= 0) {
        close(fd);
        unlink(draft);
    }
    free(draft);
    return status;
}

px_status px_vault_make_master(const char *path)
{
    uint8_t key[PX_MASTER_KEY_SIZE];

    if (sodium_init() < 0)
        return PX_EIO;
    randombytes_buf(key, sizeof key);
    px_status status = write_new(path, key, sizeof key);
    sodium_memzero(key, sizeof key);
    return status;
}

px_status px_vault_copy_master(const char *from, const char *path)
{
    px_masters masters;
    px_status status = px_masters_read(&masters, from);

    if (status != PX_OK)
        return status;
    status = write_new(path, masters.keys, masters.count * PX_MASTER_KEY_SIZE);
    px_masters_fini(&masters);
    return status;
}

/* ---- changing it ---- */

/** The whole file at once: a daemon that reads it now gets the keys of before or of after. */
static px_status replace(const px_masters *masters, const uint8_t *keys, size_t size)
{
    char *draft;
    int fd = make_draft(masters->path, &draft);
    bool done = fd >= 0 && write(fd, keys, size) == (ssize_t)size && fsync(fd) == 0 &&
                rename(draft, masters->path) == 0;

    if (fd >= 0) {
        close(fd);
        unlink(draft); /* gone already when all went well */
    }
    free(draft);
    return done && sync_folder(masters->path) ? PX_OK : PX_EIO;
}

px_status px_masters_add_new(px_masters *masters)
{
    uint8_t *keys = masters->keys;
    size_t size = masters->count * PX_MASTER_KEY_SIZE;

    if (masters->count == PX_MASTERS_MAX)
        return PX_EFULL;
    memmove(keys + PX_MASTER_KEY_SIZE, keys, size);
    randombytes_buf(keys, PX_MASTER_KEY_SIZE);
    px_status status = replace(masters, keys, size + PX_MASTER_KEY_SIZE);
    if (status == PX_OK)
        return px_masters_refresh(masters) ? PX_OK : PX_EIO;
    memmove(keys, keys + PX_MASTER_KEY_SIZE, size);
    return status;
}

px_status px_masters_drop_old(px_masters *masters)
{
    px_status status = replace(masters, masters->keys, PX_MASTER_KEY_SIZE);

    return status == PX_OK && !px_masters_refresh(masters) ? PX_EIO : status;
}
