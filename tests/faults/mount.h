/* mount.h: volumes of a test's own, in a mount namespace of its own: nothing stays behind, however
 * the test ends. */
#ifndef PRAXIS_TESTS_FAULTS_MOUNT_H
#define PRAXIS_TESTS_FAULTS_MOUNT_H

#include <stdbool.h>
#include <stddef.h>

enum { MOUNT_PATH_MAX = 160 };

/** Moves this process into a mount namespace of its own. False: not allowed; says so in a line. */
bool mount_begin(void);
/** A new directory (in TMPDIR) with a volume of this size in memory. */
void mount_memory(char path[MOUNT_PATH_MAX], size_t bytes);
/** Gives it another size. */
void mount_resize(const char *path, size_t bytes);
/** Leaves no room for one byte more in it, */
void mount_fill(const char *path);
/** and takes that back. */
void mount_clear(const char *path);
/** A disk: an ext4 volume in a file in memory. False: it cannot be made here; says so in a line. */
typedef struct {
    char path[MOUNT_PATH_MAX]; /* of the volume */
    char file[MOUNT_PATH_MAX]; /* where the images are */
    bool synced;               /* every write waits for the disk */
} mount_disk;
bool mount_disk_make(mount_disk *d, size_t bytes, bool synced);
/** What a power cut leaves: the disk as it is now, without what the kernel still kept for later.
 * Nobody may use the volume. */
void mount_disk_cut(mount_disk *d);
void mount_disk_end(mount_disk *d);

/** Unmounts it, whoever uses it, and removes the directory. */
void mount_end(const char *path);

#endif
