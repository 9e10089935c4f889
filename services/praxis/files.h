/* files.h: everything that the processes of `praxis run` read, written before they start. */
#ifndef PRAXIS_SERVICES_PRAXIS_FILES_H
#define PRAXIS_SERVICES_PRAXIS_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "services/praxis/layout.h"

typedef struct {
    const char *dir; /* absolute */
    uint16_t port;
    uint16_t health_base; /* of the first daemon, the others follow */
    bool event_clock;
    const px_sources *sources; /* at least one */
} px_run_files;

/** Makes what is missing, writes the rest anew. Says in one line on stderr what does not work. */
px_status px_files_write(const px_run_files *files);

#endif
