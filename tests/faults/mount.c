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

/* ---- disks ---- */

static int run(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int run(const char *format, ...)
{
    char command[4 * MOUNT_PATH_MAX];
    va_list words;

    va_start(words, format);
    vsnprintf(command, sizeof command, format, words);
    va_end(words);
    return system(command);
}

/* The journal is left to itself, so that what is not synced is not there. */
static int mount_image(const mount_disk *d, const char *image)
{
    return run("mount -t ext4 -o loop,commit=600%s %s/%s %s 2>/dev/null", d->synced ? ",sync" : "",
               d->file, image, d->path);
}

bool mount_disk_make(mount_disk *d, size_t bytes, bool synced)
{
    const char *parent = getenv("TMPDIR");

    d->synced = synced;
    mount_memory(d->file, 3 * bytes);
    snprintf(d->path, sizeof d->path, "%s/praxis-disk-XXXXXX", parent ? parent : "/tmp");
    assert_non_null(mkdtemp(d->path));
    if (run("truncate -s %zu %s/before && /usr/sbin/mkfs.ext4 -q -F %s/before 2>/dev/null", bytes,
            d->file, d->file) == 0 &&
        mount_image(d, "before") == 0)
        return true;
    print_message("skipped: no ext4 volume on a loop device can be made here\n");
    mount_end(d->file);
    rmdir(d->path);
    return false;
}

void mount_disk_cut(mount_disk *d)
{
    assert_int_equal(run("cp --sparse=always %s/before %s/after", d->file, d->file), 0);
    assert_int_equal(umount2(d->path, 0), 0);
    assert_int_equal(mount_image(d, "after"), 0);
}

void mount_disk_end(mount_disk *d)
{
    mount_end(d->path);
    mount_end(d->file);
}
