#include "common/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { ROOM_BYTES_MIN = 256 * 1024 };

bool px_volume_is_full(int error)
{
    return error == ENOSPC || error == EDQUOT;
}

bool px_volume_has_no_room(int directory)
{
    struct statvfs volume;

    return fstatvfs(directory, &volume) == 0 &&
           (uint64_t)volume.f_bavail * volume.f_frsize < ROOM_BYTES_MIN;
}

px_status px_volume_reserve(int directory, const char *file, size_t bytes)
{
    int fd = openat(directory, file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int error = fd < 0 ? errno : posix_fallocate(fd, 0, (off_t)bytes);

    if (fd >= 0)
        close(fd);
    if (error == 0)
        return PX_OK;
    return px_volume_is_full(error) ? PX_ENOSPACE : PX_EIO;
}
