/* scan.h: looks for bytes in every file under a directory. */
#ifndef PRAXIS_TESTS_FAULTS_SCAN_H
#define PRAXIS_TESTS_FAULTS_SCAN_H

#include <stddef.h>

#include "common/store.h" /* px_bytes */

enum { SCAN_PATH_MAX = 512 };

/** How many files hold the bytes (at least 4, at most 4096); the path of the first in `where`. */
size_t scan_files(const char *directory, px_bytes wanted, char where[SCAN_PATH_MAX]);

#endif
