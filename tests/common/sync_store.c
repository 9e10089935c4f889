#include "tests/common/sync_store.h"

#include <fcntl.h>
#include <ftw.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static fixture_sync wanted; /* for nftw(), which hands nothing on */

static bool holds_the_truth(const char *path)
{
    return strstr(path, "/streams/PRAXIS_LOG") || strstr(path, "/streams/PRAXIS_INBOX_") ||
           strstr(path, "/streams/PRAXIS_KEYS");
}

static int sync_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    int flags = 0, fd;

    (void)info;
    (void)walk;
    if ((kind != FTW_D && kind != FTW_F) ||
        (wanted == FIXTURE_SYNC_TRUTH && !holds_the_truth(path)))
        return 0;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0; /* the server has removed it meanwhile */
    int done = ioctl(fd, FS_IOC_GETFLAGS, &flags);
    flags |= FS_SYNC_FL;
    if (done == 0)
        done = ioctl(fd, FS_IOC_SETFLAGS, &flags);
    close(fd);
    return done;
}

static bool write_out(const char *store)
{
    int fd = open(store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && syncfs(fd) == 0;

    if (fd >= 0)
        close(fd);
    return done;
}

bool fixture_sync_store(const char *store, fixture_sync sync)
{
    wanted = sync;
    return sync == FIXTURE_SYNC_NONE ||
           (nftw(store, sync_one, 16, FTW_PHYS) == 0 && write_out(store));
}
