/* client.h: how a command reaches the bus: as a source of a tenant, or as the operator.
 *
 * A directory made by `praxis run` says it all (--dir, PRAXIS_DIR); --url, --user, --password-file,
 * --tenant and --source say it without one, or differently.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_CLIENT_H
#define PRAXIS_SERVICES_PRAXIS_CLIENT_H

#include <stdint.h>

#include "common/bus.h"
#include "services/praxis/layout.h"
#include "services/praxis/options.h"

/** What the flags said; all NULL (and wait_s 0) before. Borrowed from argv and the environment. */
typedef struct {
    const char *dir;
    const char *url;
    const char *user;
    const char *password_file;
    const char *tenant;
    const char *source;
    uint64_t wait_s; /* how long to wait for the connection; 0: 10 */
} px_client_flags;

typedef enum {
    PX_CLIENT_SOURCE,  /* outside: submits, asks, reads its tenant's part of the feed (FEED.API) */
    PX_CLIENT_OPERATOR /* in the daemons' account */
} px_client_kind;

typedef struct {
    px_bus *bus;
    char url[PX_PATH_MAX];
    char tenant[PX_NAME_MAX + 1];
    char source[PX_NAME_MAX + 1]; /* last token of its submissions; "operator" for the operator */
    char user[PX_USER_MAX + 1];
    char dir[PX_PATH_MAX]; /* "" without one */
} px_client;

enum { PX_CLIENT_OPTIONS = 8 };

/**
 * Rows of the flags above for a px_command_line, ended by a row without a name; they write into
 * `flags`. Returns `rows`.
 */
const px_option *px_client_options(px_client_flags *flags, px_option rows[PX_CLIENT_OPTIONS]);

/** --dir, PRAXIS_DIR or "praxis-data". */
const char *px_client_directory(const px_client_flags *flags);

/**
 * Connects, and waits until it is connected. What does not work is said in one line on stderr.
 * @return an exit code: PX_EXIT_OK; PX_EXIT_WRONG when it is not known where or as whom to connect
 */
int px_client_open(px_client *client, const px_client_flags *flags, px_client_kind kind);
/** Safe on an all-zero client. */
void px_client_close(px_client *client);

/** Feed stream, and the JetStream API prefix under which a source reaches it. */
extern const char px_client_feed_stream[]; /* "PRAXIS_FEED" */
extern const char px_client_feed_api[];    /* "FEED.API" */

#endif
