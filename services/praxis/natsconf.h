/* natsconf.h: the configuration of nats-server: accounts, users, and what each may do.
 *
 * Account CORE holds the streams, the daemons and the operator; every tenant has an account of its
 * own and reaches CORE through imports only, because inside one account a reply subject would make
 * the server write into any stream. deploy/nats/README.md explains it.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_NATSCONF_H
#define PRAXIS_SERVICES_PRAXIS_NATSCONF_H

#include <stdint.h>
#include <stdio.h>

#include "services/praxis/layout.h"

typedef struct {
    const char *address; /* 127.0.0.1 */
    uint16_t port;
    const char *store_dir;
    uint64_t max_file_bytes; /* of all streams together */
    const px_sources *sources;
    /* The directory of layout.h, where passwords are read or made; NULL writes placeholders. */
    const char *dir;
} px_natsconf;

/** Writes it all; the same input gives the same bytes. */
px_status px_natsconf_write(FILE *out, const px_natsconf *conf);

#endif
