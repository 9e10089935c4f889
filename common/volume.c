#include "common/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool px_volume_is_full(int error)
{
    return error == ENOSPC || error == EDQUOT;
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
