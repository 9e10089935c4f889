/* volume.h: what a full volume means for the files of a store. */
#ifndef PRAXIS_COMMON_VOLUME_H
#define PRAXIS_COMMON_VOLUME_H

#include <stdbool.h>
#include <stddef.h>

#include "common/status.h"

/** True for the errno of a full volume or quota: the same may work later. */
bool px_volume_is_full(int error);
/** True when hardly anything more fits into the volume of this directory (a descriptor). */
bool px_volume_has_no_room(int directory);
/**
 * Makes a file at least this large and takes its blocks now. For files written through a map: a
 * page for which there is no space would be a SIGBUS.
 * @param directory  descriptor
 * @return PX_OK, PX_ENOSPACE, PX_EIO
 */
px_status px_volume_reserve(int directory, const char *file, size_t bytes);

#endif
