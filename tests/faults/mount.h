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
/** Unmounts it, whoever uses it, and removes the directory. */
void mount_end(const char *path);

#endif
