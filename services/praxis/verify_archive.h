/* verify_archive.h: is an archive whole, is it the live log, and what do its messages fold to. */
#ifndef PRAXIS_SERVICES_PRAXIS_VERIFY_ARCHIVE_H
#define PRAXIS_SERVICES_PRAXIS_VERIFY_ARCHIVE_H

#include <stdbool.h>

#include "common/bus.h"

typedef struct {
    const char *archive;
    const char *dir; /* of praxis run; its settings are used when there are some */
    px_bus *live;    /* to compare with; NULL: none */
    bool chains_only;
    bool json;
} px_archive_check;

/** Prints what it finds. @return true when all of it is good */
bool px_verify_archive(const px_archive_check *check);

#endif
