#include "services/praxis/backup_projections.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/snapshot.h"
#include "services/praxis/layout.h"

static const char folder[] = "projections";

static bool say(const char *what, const char *why)
{
    fprintf(stderr, "praxis: %s: %s\n", what, why);
    return false;
}

static bool make(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST ? true : say(path, strerror(errno));
}

/* The newest of each; a daemon without one is left out, a damaged one is passed over. */
static bool carry(const char *from, const char *to, unsigned *count)
{
    *count = 0;
    for (size_t i = 0; i < PX_DAEMONS; i++) {
        char source[PX_PATH_MAX], target[PX_PATH_MAX];
        px_snapshot found[PX_SNAPSHOTS_MAX];
        size_t n = px_snapshot_list(px_layout_path(from, px_daemon_names[i], source), found,
                                    PX_SNAPSHOTS_MAX);
        px_status status = PX_ECORRUPT;

        px_layout_path(to, px_daemon_names[i], target);
        for (size_t k = 0; status == PX_ECORRUPT && k < n; k++)
            status = px_snapshot_copy(source, &found[k], target);
        if (n > 0 && status != PX_OK && status != PX_ECORRUPT)
            return say(target, px_strerror(status));
        *count += n > 0 && status == PX_OK;
    }
    return true;
}

bool px_backup_projections_save(const char *data, const char *backup, unsigned *count)
{
    char to[PX_PATH_MAX];

    return make(px_layout_path(backup, folder, to)) && carry(data, to, count);
}

bool px_backup_projections_place(const char *backup, const char *data, unsigned *count)
{
    char from[PX_PATH_MAX];

    return make(data) && carry(px_layout_path(backup, folder, from), data, count);
}
