#include "services/praxis/binaries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool found(const char *folder, int size, const char *name, char path[PX_PATH_MAX])
{
    int length = snprintf(path, PX_PATH_MAX, "%.*s/%s", size, folder, name);

    return size > 0 && length < PX_PATH_MAX && access(path, X_OK) == 0;
}

static bool found_in(const char *folders, const char *name, char path[PX_PATH_MAX])
{
    for (const char *at = folders; at;) {
        int size = (int)strcspn(at, ":");
        if (found(at, size, name, path))
            return true;
        at = at[size] ? at + size + 1 : NULL;
    }
    return false;
}

bool px_binary_nats(char path[PX_PATH_MAX])
{
    if (found_in(getenv("PATH"), "nats-server", path) ||
        found_in("/usr/sbin:/usr/local/bin:/usr/local/sbin", "nats-server", path))
        return true;
    fputs("praxis: nats-server is not installed (Debian: apt-get install nats-server)\n", stderr);
    return false;
}

bool px_binary_daemon(const char *service, char path[PX_PATH_MAX])
{
    char self[PX_PATH_MAX], name[128];
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);

    self[size > 0 ? size : 0] = '\0';
    char *slash = strrchr(self, '/');
    snprintf(name, sizeof name, "praxis-%s", service);
    if (slash && found(self, (int)(slash - self), name, path))
        return true;
    fprintf(stderr, "praxis: %s is missing beside %s\n", name, self);
    return false;
}

void px_binary_clean_environment(void)
{
    extern char **environ;
    char name[128];

    for (char **at = environ; at && *at;) {
        size_t size = strcspn(*at, "=");
        if (strncmp(*at, "PRAXIS_", 7) != 0 || strncmp(*at, "PRAXIS_LOG_LEVEL", size) == 0 ||
            size >= sizeof name) {
            at++;
            continue;
        }
        memcpy(name, *at, size);
        name[size] = '\0';
        unsetenv(name); /* the rest moves up */
    }
}
