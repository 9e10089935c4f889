#include "tests/faults/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

static const char ballast_file[] = "ballast";

bool mount_begin(void)
{
    static bool begun;

    if (!begun &&
        (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)) {
        print_message("skipped: mounting volumes is not allowed here (%s); root may\n",
                      strerror(errno));
        return false;
    }
    return begun = true;
}

void mount_memory(char path[MOUNT_PATH_MAX], size_t bytes)
{
    const char *parent = getenv("TMPDIR");
    char size[32];

    snprintf(path, MOUNT_PATH_MAX, "%s/praxis-volume-XXXXXX", parent ? parent : "/tmp");
    assert_non_null(mkdtemp(path));
    snprintf(size, sizeof size, "size=%zu", bytes);
    assert_int_equal(mount("praxis", path, "tmpfs", 0, size), 0);
}

void mount_resize(const char *path, size_t bytes)
{
    char size[32];

    snprintf(size, sizeof size, "size=%zu", bytes);
    assert_int_equal(mount("praxis", path, "tmpfs", MS_REMOUNT, size), 0);
}

static void path_of_ballast(const char *path, char ballast[MOUNT_PATH_MAX + 16])
{
    snprintf(ballast, MOUNT_PATH_MAX + 16, "%s/%s", path, ballast_file);
}

void mount_fill(const char *path)
{
    static const char block[4096];
    char ballast[MOUNT_PATH_MAX + 16];

    path_of_ballast(path, ballast);
    int fd = open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    while (write(fd, block, sizeof block) > 0)
        continue;
    assert_int_equal(errno, ENOSPC);
    close(fd);
}

void mount_clear(const char *path)
{
    char ballast[MOUNT_PATH_MAX + 16];

    path_of_ballast(path, ballast);
    assert_int_equal(unlink(ballast), 0);
}

void mount_end(const char *path)
{
    assert_int_equal(umount2(path, MNT_DETACH), 0);
    assert_int_equal(rmdir(path), 0);
}
