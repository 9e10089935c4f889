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

px_status px_vault_master_read(const char *path, uint8_t key[PX_MASTER_KEY_SIZE])
{
    uint8_t bytes[PX_MASTER_KEY_SIZE + 1]; /* one more shows that the file is longer */
    struct stat info;
    px_status status = PX_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return refused(errno == ENOENT ? PX_ENOTFOUND : PX_EIO, path, strerror(errno));
    ssize_t size =
        fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? read_fully(fd, bytes, sizeof bytes) : -1;
    close(fd);
    if (size < 0)
        status = refused(PX_EINVALID, path, "not a readable file");
    else if (info.st_mode & 0177)
        status = refused(PX_EINVALID, path, "others may read it; mode 0600 or 0400 is needed");
    else if (size != PX_MASTER_KEY_SIZE)
        status = refused(PX_EINVALID, path, "not exactly 32 bytes");
    else
        memcpy(key, bytes, PX_MASTER_KEY_SIZE);
    sodium_memzero(bytes, sizeof bytes);
    return status;
}

/** A new file with a new key, on the disk when this returns. */
static bool write_key(int fd)
{
    uint8_t key[PX_MASTER_KEY_SIZE];
    bool written;

    randombytes_buf(key, sizeof key);
    written = write(fd, key, sizeof key) == (ssize_t)sizeof key && fsync(fd) == 0;
    sodium_memzero(key, sizeof key);
    return written;
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

px_status px_vault_make_master(const char *path)
{
    char *draft;
    px_status status = PX_EIO;
    int fd;

    if (sodium_init() < 0)
        return PX_EIO;
    if (asprintf(&draft, "%s.XXXXXX", path) < 0)
        return PX_ENOMEM;
    /* Written aside, then linked: a crash leaves no short key, and no key is ever replaced. */
    fd = mkostemp(draft, O_CLOEXEC); /* mode 0600 */
    if (fd < 0) {
        free(draft);
        return PX_EIO;
    }
    if (write_key(fd)) {
        if (link(draft, path) == 0)
            status = sync_folder(path) ? PX_OK : PX_EIO;
        else
            status = errno == EEXIST ? PX_EBUSY : PX_EIO;
    }
    close(fd);
    unlink(draft);
    free(draft);
    return status;
}
