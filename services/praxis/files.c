#include "services/praxis/files.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/vault.h"
#include "services/praxis/natsconf.h"

enum { DISK_SHARE_PERCENT = 80 };

/* Five inboxes reserve 256 MiB each; the server refuses to make a stream it may not fill. */
static const uint64_t store_bytes_min = UINT64_C(3) << 29;

static px_status say(px_status status, const char *path, const char *why)
{
    fprintf(stderr, "praxis: %s: %s\n", path, why);
    return status;
}

/* ---- nats-server ---- */

static uint64_t counted_bytes; /* nftw(3) hands no context on */

static int count_file(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)path;
    (void)walk;
    if (kind == FTW_F)
        counted_bytes += (uint64_t)info->st_blocks * 512;
    return 0;
}

/* A full disk locks nats-server up for good: it stops before, at what it has and most of the rest.
 */
static uint64_t store_bytes(const char *dir, const char *store)
{
    struct statvfs disk;
    uint64_t free_bytes = 0, bytes;

    counted_bytes = 0;
    nftw(store, count_file, 16, FTW_PHYS);
    if (statvfs(store, &disk) == 0 || statvfs(dir, &disk) == 0) /* the store may come later */
        free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    bytes = counted_bytes + free_bytes / 100 * DISK_SHARE_PERCENT;
    return bytes - bytes % (1 << 20);
}

static px_status write_nats(const px_run_files *files)
{
    char path[PX_PATH_MAX], store[PX_PATH_MAX];
    char *text = NULL;
    size_t size;
    px_natsconf conf = { .address = "127.0.0.1",
                         .port = files->port,
                         .store_dir = store,
                         .sources = files->sources,
                         .dir = files->dir };
    px_status status;

    px_layout_path(files->dir, "nats", store);
    conf.max_file_bytes = store_bytes(files->dir, store);
    if (conf.max_file_bytes < store_bytes_min)
        return say(PX_ENOSPACE, store, "too little space on this disk: 2 GB must be free");
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return PX_ENOMEM;
    status = px_natsconf_write(out, &conf);
    if (fclose(out) != 0)
        status = PX_ENOMEM;
    if (status == PX_OK)
        status = px_layout_write(px_layout_path(files->dir, "nats.conf", path), text);
    free(text);
    return status;
}

/* ---- daemons ---- */

static px_status write_daemon(const px_run_files *files, int index)
{
    const char *name = px_daemon_names[index];
    char file[128], path[PX_PATH_MAX];
    char *text;
    px_status status;

    if (asprintf(&text,
                 "# settings of praxis-%s; written by `praxis run`, do not edit\n"
                 "nats-url = nats://127.0.0.1:%u\nnats-user = %s\n"
                 "nats-password-file = %s/credentials/%s\ndata-dir = %s/data/%s\n"
                 "master-key-file = %s/master.key\nclock = %s\ninbox-max-bytes = 256M\n"
                 "instance = %s\nhealth-address = 127.0.0.1\nhealth-port = %u\n"
                 "log-format = text\n",
                 name, (unsigned)files->port, name, files->dir, name, files->dir, name, files->dir,
                 files->event_clock ? "event" : "wall", name,
                 (unsigned)files->health_base + (unsigned)index) < 0)
        return PX_ENOMEM;
    snprintf(file, sizeof file, "config/%s.conf", name);
    status = px_layout_write(px_layout_path(files->dir, file, path), text);
    free(text);
    return status;
}

static px_status ensure_master(const char *dir)
{
    char path[PX_PATH_MAX];

    px_layout_path(dir, "master.key", path);
    if (access(path, F_OK) == 0)
        return PX_OK;
    px_status status = px_vault_make_master(path);
    return status == PX_OK ? status : say(status, path, px_strerror(status));
}

/* ---- for commands and people ---- */

static px_status write_connection(const px_run_files *files)
{
    const px_source *first = &files->sources->items[0];
    char text[512], path[PX_PATH_MAX];

    snprintf(text, sizeof text, "url = nats://127.0.0.1:%u\ntenant = %s\nsource = %s\n",
             (unsigned)files->port, first->tenant, first->name);
    return px_layout_write(px_layout_path(files->dir, "connection", path), text);
}

px_status px_files_write(const px_run_files *files)
{
    px_status status = px_layout_save_sources(files->dir, files->sources);

    if (status == PX_OK)
        status = ensure_master(files->dir);
    if (status == PX_OK)
        status = write_nats(files);
    for (int i = 0; i < PX_DAEMONS && status == PX_OK; i++)
        status = write_daemon(files, i);
    return status == PX_OK ? write_connection(files) : status;
}
