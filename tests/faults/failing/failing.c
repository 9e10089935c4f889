/* failing.c: a library for LD_PRELOAD: see failing.h. Only what Praxis and LMDB call is here. */
#include "tests/faults/failing/failing.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* glibc's own, for a malloc that cannot look itself up without calling itself. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *at, size_t size);

static failing_orders *orders;

#define REAL(name)                                                                                 \
    static __typeof__(&name) real;                                                                 \
    if (!real)                                                                                     \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

/* Code of Praxis and LMDB. The other libraries, nats.c 3.4.1 first, do not outlive every failed
 * allocation; a daemon that such a one brings down is a daemon that was killed. */
static struct {
    uintptr_t begin, end;
} ours[4];
static size_t ours_count;

static int note_code(struct dl_phdr_info *object, size_t size, void *context)
{
    bool wanted = !object->dlpi_name[0] || strstr(object->dlpi_name, "/liblmdb.");

    (void)size;
    (void)context;
    for (size_t i = 0; wanted && i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];

        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X) || ours_count == 4)
            continue;
        ours[ours_count].begin = object->dlpi_addr + part->p_vaddr;
        ours[ours_count].end = ours[ours_count].begin + part->p_memsz;
        ours_count++;
    }
    return 0;
}

static bool is_ours(const void *caller)
{
    uintptr_t at = (uintptr_t)caller;

    for (size_t i = 0; i < ours_count; i++)
        if (at >= ours[i].begin && at < ours[i].end)
            return true;
    return false;
}

__attribute__((constructor)) static void read_orders(void)
{
    const char *path = getenv("PRAXIS_FAILING_ORDERS");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *at =
        fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (fd >= 0)
        close(fd);
    dl_iterate_phdr(note_code, NULL);
    if (at != MAP_FAILED)
        orders = at;
}

/* True for the one call that is to fail. */
static bool strikes(int kind)
{
    if (!orders || atomic_load(&orders->kind) != kind || atomic_fetch_sub(&orders->left, 1) != 1)
        return false;
    atomic_store(&orders->struck, 1);
    errno = atomic_load(&orders->error);
    return true;
}

/* Sockets and pipes, standard output and errors are the network's and the test's business. */
static bool is_file(int fd)
{
    struct stat info;

    return orders && fd > STDERR_FILENO && fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

/* ---- files ---- */

ssize_t write(int fd, const void *bytes, size_t size)
{
    REAL(write);
    if (is_file(fd) && strikes(FAILING_WRITE))
        return -1;
    return real(fd, bytes, is_file(fd) && strikes(FAILING_SHORT_WRITE) ? size / 2 : size);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    REAL(pwrite);
    if (is_file(fd) && strikes(FAILING_WRITE))
        return -1;
    return real(fd, bytes, is_file(fd) && strikes(FAILING_SHORT_WRITE) ? size / 2 : size, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    return pwrite(fd, bytes, size, offset);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    REAL(pwritev);
    if (is_file(fd) && strikes(FAILING_WRITE))
        return -1;
    return real(fd, parts, is_file(fd) && strikes(FAILING_SHORT_WRITE) ? (count + 1) / 2 : count,
                offset);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset)
{
    return pwritev(fd, parts, count, offset);
}

int fsync(int fd)
{
    REAL(fsync);
    return strikes(FAILING_SYNC) ? -1 : real(fd);
}

int fdatasync(int fd)
{
    REAL(fdatasync);
    return strikes(FAILING_SYNC) ? -1 : real(fd);
}

int open(const char *path, int flags, ...)
{
    va_list more;
    mode_t mode;

    REAL(open);
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
    return strikes(FAILING_OPEN) ? -1 : real(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list more;
    mode_t mode;

    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
    return open(path, flags | O_LARGEFILE, mode);
}

int openat(int directory, const char *path, int flags, ...)
{
    va_list more;
    mode_t mode;

    REAL(openat);
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
    return strikes(FAILING_OPEN) ? -1 : real(directory, path, flags, mode);
}

FILE *fopen(const char *path, const char *how)
{
    REAL(fopen);
    return strikes(FAILING_OPEN) ? NULL : real(path, how);
}

FILE *fopen64(const char *path, const char *how)
{
    return fopen(path, how);
}

/* ---- memory ---- */

void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    REAL(mmap);
    return strikes(FAILING_MAP) ? MAP_FAILED : real(at, size, protection, flags, fd, offset);
}

void *mmap64(void *at, size_t size, int protection, int flags, int fd, off64_t offset)
{
    return mmap(at, size, protection, flags, fd, offset);
}

static bool memory_strikes(const void *caller)
{
    return orders && atomic_load(&orders->kind) == FAILING_MEMORY && is_ours(caller) &&
           strikes(FAILING_MEMORY);
}

void *malloc(size_t size)
{
    return memory_strikes(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return memory_strikes(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *at, size_t size)
{
    return memory_strikes(__builtin_return_address(0)) ? NULL : __libc_realloc(at, size);
}
