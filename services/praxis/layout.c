#include "services/praxis/layout.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const px_daemon_names[PX_DAEMONS] = { "feedback-ingest", "review-cycle", "competency",
                                                  "learning-recommender", "reporting" };

int px_daemon_index(const char *name)
{
    for (int i = 0; i < PX_DAEMONS; i++)
        if (strcmp(px_daemon_names[i], name) == 0)
            return i;
    return -1;
}

/* ---- the directory ---- */

const char *px_layout_path(const char *dir, const char *name, char path[PX_PATH_MAX])
{
    snprintf(path, PX_PATH_MAX, "%s/%s", dir, name);
    return path;
}

static px_status say(px_status status, const char *path, const char *why)
{
    fprintf(stderr, "praxis: %s: %s\n", path, why);
    return status;
}

/* Others must not get at the passwords: a directory of theirs is refused, one of ours is closed. */
static px_status make_private(const char *path)
{
    struct stat info;

    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return say(PX_EIO, path, strerror(errno));
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return say(PX_EIO, path, "is not a directory");
    if (info.st_uid != geteuid())
        return say(PX_EFORBIDDEN, path, "belongs to somebody else");
    if ((info.st_mode & 077) != 0 && chmod(path, 0700) != 0)
        return say(PX_EIO, path, strerror(errno));
    return PX_OK;
}

px_status px_layout_make(const char *dir)
{
    static const char *const inside[] = { "nats", "credentials", "config", "data", "logs" };
    char path[PX_PATH_MAX];
    px_status status;

    if (strlen(dir) + 200 > PX_PATH_MAX || strpbrk(dir, "\"\\#=\r\n"))
        return say(PX_EINVALID, dir, "too long, or with one of \" \\ # = in it");
    status = make_private(dir);
    for (size_t i = 0; i < PX_COUNT(inside) && status == PX_OK; i++)
        status = make_private(px_layout_path(dir, inside[i], path));
    return status;
}

int px_layout_lock(const char *dir)
{
    char path[PX_PATH_MAX];
    int fd = open(px_layout_path(dir, "lock", path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return -2;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    int busy = errno == EWOULDBLOCK;
    close(fd);
    return busy ? -1 : -2;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

px_status px_layout_remove(const char *path)
{
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return PX_OK;
    return PX_EIO;
}

bool px_layout_is_empty(const char *path)
{
    DIR *listing = opendir(path);
    size_t count = 0;

    if (!listing)
        return errno == ENOENT;
    while (readdir(listing))
        count++;
    closedir(listing);
    return count <= 2; /* . and .. */
}

bool px_layout_temporary(const char *name, char path[PX_PATH_MAX])
{
    const char *temporary = getenv("TMPDIR");

    snprintf(path, PX_PATH_MAX, "%s/praxis-%s-XXXXXX", temporary && *temporary ? temporary : "/tmp",
             name);
    return mkdtemp(path) != NULL;
}

/* ---- files ---- */

static bool write_all(int fd, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        ssize_t written = write(fd, text, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        text += written;
        left -= (size_t)written;
    }
    return fsync(fd) == 0;
}

px_status px_layout_write(const char *path, const char *text)
{
    char draft[PX_PATH_MAX + 8];

    snprintf(draft, sizeof draft, "%s.XXXXXX", path);
    int fd = mkostemp(draft, O_CLOEXEC); /* mode 0600 */
    if (fd < 0)
        return say(PX_EIO, path, strerror(errno));
    bool written = write_all(fd, text);
    int failure = errno;
    close(fd);
    if (written && rename(draft, path) == 0)
        return PX_OK;
    failure = written ? errno : failure;
    unlink(draft);
    return say(PX_EIO, path, strerror(failure));
}

static char *trim(char *text)
{
    text += strspn(text, " \t");
    for (size_t size = strlen(text); size > 0 && strchr(" \t\r\n", text[size - 1]); size--)
        text[size - 1] = '\0';
    return text;
}

bool px_layout_value(const char *path, const char *name, char *value, size_t size)
{
    char line[PX_PATH_MAX * 2];
    FILE *file = fopen(path, "re");
    bool found = false;

    while (file && !found && fgets(line, sizeof line, file)) {
        char *equals = strchr(line, '=');
        if (line[0] == '#' || !equals)
            continue;
        *equals = '\0';
        found = strcmp(trim(line), name) == 0;
        if (found)
            snprintf(value, size, "%s", trim(equals + 1));
    }
    if (file)
        fclose(file);
    return found;
}

/* ---- sources ---- */

bool px_name_valid(const char *name)
{
    size_t size = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    return size >= 1 && size <= PX_NAME_MAX && name[size] == '\0';
}

/* Users of the daemons' account; a source of that name would be mistaken for them. */
static bool reserved(const char *name)
{
    static const char *const ours[] = { "operator", "keeper", "sys" };

    for (size_t i = 0; i < PX_COUNT(ours); i++)
        if (strcmp(name, ours[i]) == 0)
            return true;
    return px_daemon_index(name) >= 0;
}

px_status px_sources_add(px_sources *sources, const char *tenant, const char *name)
{
    bool first = sources->count == 0 || strcmp(sources->items[0].tenant, tenant) == 0;

    if (!px_name_valid(tenant) || !px_name_valid(name) || reserved(name))
        return PX_EINVALID;
    for (size_t i = 0; i < sources->count; i++)
        if (strcmp(sources->items[i].tenant, tenant) == 0 &&
            strcmp(sources->items[i].name, name) == 0)
            return PX_OK;
    if (sources->count == PX_SOURCES_MAX)
        return PX_EFULL;
    px_source *added = &sources->items[sources->count++];
    snprintf(added->tenant, sizeof added->tenant, "%s", tenant);
    snprintf(added->name, sizeof added->name, "%s", name);
    if (first)
        snprintf(added->user, sizeof added->user, "%s", name);
    else
        snprintf(added->user, sizeof added->user, "%s@%s", name, tenant);
    return PX_OK;
}

px_status px_layout_sources(const char *dir, px_sources *sources)
{
    char path[PX_PATH_MAX], line[3 * PX_USER_MAX];
    FILE *file = fopen(px_layout_path(dir, "tenants", path), "re");
    px_status status = PX_OK;

    sources->count = 0;
    if (!file)
        return errno == ENOENT ? PX_OK : say(PX_EIO, path, strerror(errno));
    while (status == PX_OK && fgets(line, sizeof line, file)) {
        char tenant[PX_NAME_MAX + 1], name[PX_NAME_MAX + 1];

        if (line[0] == '#')
            continue;
        status = sscanf(line, "%64s %64s", tenant, name) == 2
                     ? px_sources_add(sources, tenant, name)
                     : PX_EINVALID;
    }
    fclose(file);
    return status == PX_OK ? PX_OK : say(status, path, "a line is not: tenant source user");
}

px_status px_layout_save_sources(const char *dir, const px_sources *sources)
{
    static char text[PX_SOURCES_MAX * 3 * PX_USER_MAX];
    char path[PX_PATH_MAX];
    int used = snprintf(text, sizeof text, "# tenant source user; the first one is the default\n");

    for (size_t i = 0; i < sources->count; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, "%s %s %s\n",
                         sources->items[i].tenant, sources->items[i].name, sources->items[i].user);
    return px_layout_write(px_layout_path(dir, "tenants", path), text);
}

/* ---- passwords ---- */

static bool read_password(const char *path, char password[PX_PASSWORD_SIZE])
{
    FILE *file = fopen(path, "re");
    bool read = file && fgets(password, PX_PASSWORD_SIZE, file) &&
                strspn(password, "0123456789abcdef") == PX_PASSWORD_SIZE - 1;

    if (file)
        fclose(file);
    return read;
}

px_status px_layout_password(const char *dir, const char *user, char password[PX_PASSWORD_SIZE])
{
    unsigned char random[(PX_PASSWORD_SIZE - 1) / 2];
    char name[PX_USER_MAX + 20], path[PX_PATH_MAX], line[PX_PASSWORD_SIZE + 1];

    snprintf(name, sizeof name, "credentials/%s", user);
    px_layout_path(dir, name, path);
    if (access(path, F_OK) == 0)
        return read_password(path, password) ? PX_OK
                                             : say(PX_EINVALID, path, "is not 32 hex digits");
    if (sodium_init() < 0)
        return PX_EIO;
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(password, PX_PASSWORD_SIZE, random, sizeof random);
    sodium_memzero(random, sizeof random);
    snprintf(line, sizeof line, "%s\n", password);
    return px_layout_write(path, line);
}
