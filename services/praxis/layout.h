/* layout.h: what `praxis run` keeps in its directory, and where.
 *
 *   connection              url, tenant and source, for commands and people
 *   tenants                 one line per source: tenant, source, user
 *   nats.conf  nats/        configuration and store of nats-server
 *   credentials/<user>      one password each
 *   master.key              seals the keys of people
 *   config/<service>.conf   settings of a daemon
 *   data/<service>/         its projection
 *   logs/<name>.log
 *   lock                    held while it runs
 */
#ifndef PRAXIS_SERVICES_PRAXIS_LAYOUT_H
#define PRAXIS_SERVICES_PRAXIS_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/status.h"

enum {
    PX_PATH_MAX = 1024,
    PX_NAME_MAX = 64,      /* tenant or source, without NUL */
    PX_USER_MAX = 130,     /* <source>@<tenant> */
    PX_PASSWORD_SIZE = 33, /* 128 random bits in hex, and NUL */
    PX_SOURCES_MAX = 256,
    PX_DAEMONS = 5
};

/** The five, in the order of their health ports. */
extern const char *const px_daemon_names[PX_DAEMONS];
/** Index of a daemon by name; -1 when it is none. */
int px_daemon_index(const char *name);

/** A system that submits, and as whom it connects. */
typedef struct {
    char tenant[PX_NAME_MAX + 1];
    char name[PX_NAME_MAX + 1];
    /* The name; in tenants other than the first one <name>@<tenant>: users are of the whole server.
     */
    char user[PX_USER_MAX + 1];
} px_source;

/** Of every tenant, in the order they were added; the first one is what commands use. */
typedef struct {
    px_source items[PX_SOURCES_MAX];
    size_t count;
} px_sources;

/** <dir>/<name>, cut when too long (px_layout_make() refuses such a directory). Returns `path`. */
const char *px_layout_path(const char *dir, const char *name, char path[PX_PATH_MAX]);
/** Makes the directory (0700) and those in it. Says in one line on stderr what does not work. */
px_status px_layout_make(const char *dir);
/**
 * Locks the directory for this process, until it ends. @return the descriptor, -1 when another
 * process has it, -2 when there is no such directory or it cannot be locked
 */
int px_layout_lock(const char *dir);

/** True for what may be one token of a subject: letters, digits, '-' and '_', at most 64. */
bool px_name_valid(const char *name);
/** The sources written down; none when there is no such file. */
px_status px_layout_sources(const char *dir, px_sources *sources);
/** Adds one unless it is there. PX_EINVALID: not a name, or a daemon's; PX_EFULL: too many. */
px_status px_sources_add(px_sources *sources, const char *tenant, const char *name);
px_status px_layout_save_sources(const char *dir, const px_sources *sources);

/** The password of a user, made (0600) when there is none yet. */
px_status px_layout_password(const char *dir, const char *user, char password[PX_PASSWORD_SIZE]);
/** Writes a whole file (0600), synced: a reader sees the old one or the new one. */
px_status px_layout_write(const char *path, const char *text);
/** Removes a directory and everything in it; one that is not there is fine. */
px_status px_layout_remove(const char *path);
/** True for a directory with nothing in it, and for none. */
bool px_layout_is_empty(const char *path);
/** Makes "<TMPDIR or /tmp>/praxis-<name>-......". False when it cannot be made. */
bool px_layout_temporary(const char *name, char path[PX_PATH_MAX]);
/** `name = value` from a file of such lines. @return false when it is not there */
bool px_layout_value(const char *path, const char *name, char *value, size_t size);

#endif
