#include "common/mark.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/volume.h"

static const char mark_file[] = "mark";
static const char mark_file_new[] = "mark.new";
static const char clean[] = "clean\n";

/* Reads a short file as text. @return its length, -1 on error (errno) or when it does not fit. */
static ssize_t read_text(int directory, const char *path, char *text, size_t size)
{
    int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t length = read(fd, text, size);
    close(fd);
    if (length < 0 || (size_t)length == size) {
        errno = EIO;
        return -1;
    }
    text[length] = '\0';
    return length;
}

void px_mark_init(px_mark *mark, int directory, const char *boot_id_file)
{
    const char *path = boot_id_file ? boot_id_file : "/proc/sys/kernel/random/boot_id";
    char boot_id[40]; /* a UUID and its line end */

    *mark = (px_mark){ .directory = directory };
    if (read_text(AT_FDCWD, path, boot_id, sizeof(boot_id)) < 0)
        boot_id[0] = '\0';
    boot_id[strcspn(boot_id, "\n")] = '\0';
    mark->boot_known = boot_id[0] != '\0';
    snprintf(mark->opened, sizeof(mark->opened), "open %s\n", boot_id);
}

bool px_mark_trusted(const px_mark *mark)
{
    char text[sizeof(mark->opened)];

    if (read_text(mark->directory, mark_file, text, sizeof(text)) < 0)
        return errno == ENOENT;
    return strcmp(text, clean) == 0 || (mark->boot_known && strcmp(text, mark->opened) == 0);
}

static bool write_new(const px_mark *mark, const char *text)
{
    const size_t size = strlen(text);
    int fd = openat(mark->directory, mark_file_new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool written = write(fd, text, size) == (ssize_t)size && fsync(fd) == 0;
    return close(fd) == 0 && written;
}

/* Bytes, then name, then directory, each on disk before the next: a power cut leaves a whole note.
 */
static px_status replace(const px_mark *mark, const char *text)
{
    if (!write_new(mark, text) ||
        renameat(mark->directory, mark_file_new, mark->directory, mark_file) != 0 ||
        fsync(mark->directory) != 0)
        return px_volume_is_full(errno) ? PX_ENOSPACE : PX_EIO;
    return PX_OK;
}

/* After a kill the note is there already, and a full volume has no place for another. */
px_status px_mark_opened(const px_mark *mark)
{
    char text[sizeof(mark->opened)];

    if (read_text(mark->directory, mark_file, text, sizeof(text)) > 0 &&
        strcmp(text, mark->opened) == 0 && fsync(mark->directory) == 0)
        return PX_OK;
    return replace(mark, mark->opened);
}

px_status px_mark_clean(const px_mark *mark)
{
    return replace(mark, clean);
}

px_status px_mark_distrusted(const px_mark *mark)
{
    return replace(mark, "distrusted\n");
}
