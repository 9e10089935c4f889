#include "common/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under AddressSanitizer whatever is not handed out is poisoned: a pointer kept over a reset is
 * found. */
#if defined(__SANITIZE_ADDRESS__)
#define PX_ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PX_ARENA_ASAN 1
#endif
#endif

#ifdef PX_ARENA_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

bool px_arena_init(px_arena *arena, size_t size)
{
    *arena = (px_arena){ .size = size };
    if (size > PTRDIFF_MAX) /* no object is larger */
        return false;
    /* malloc takes large blocks from the system untouched, which is the promise of the header. */
    arena->base = malloc(size ? size : 1);
    if (!arena->base)
        return false;
    ASAN_POISON_MEMORY_REGION(arena->base, size);
    return true;
}

void px_arena_fini(px_arena *arena)
{
    if (arena->base)
        ASAN_UNPOISON_MEMORY_REGION(arena->base, arena->size);
    free(arena->base);
    *arena = (px_arena){ 0 };
}

/* What was not handed out is poisoned still; to do the whole arena again would cost its size. */
void px_arena_reset(px_arena *arena)
{
    if (arena->base)
        ASAN_POISON_MEMORY_REGION(arena->base, arena->used);
    arena->used = 0;
    arena->overflowed = false;
}

bool px_arena_overflowed(const px_arena *arena)
{
    return arena->overflowed;
}

static void *refuse(px_arena *arena)
{
    arena->overflowed = true;
    return NULL;
}

void *px_arena_alloc(px_arena *arena, size_t size)
{
    const size_t mask = alignof(max_align_t) - 1;
    size_t start = (arena->used + mask) & ~mask; /* used <= PTRDIFF_MAX: cannot wrap */

    if (arena->overflowed || !arena->base || start > arena->size || size > arena->size - start)
        return refuse(arena);
    arena->used = start + size;
    if (arena->used > arena->peak)
        arena->peak = arena->used;
    ASAN_UNPOISON_MEMORY_REGION(arena->base + start, size);
    return arena->base + start;
}

void *px_arena_zalloc(px_arena *arena, size_t size)
{
    void *bytes = px_arena_alloc(arena, size);

    return bytes ? memset(bytes, 0, size) : NULL;
}

void *px_arena_copy(px_arena *arena, const void *bytes, size_t size)
{
    void *copy = px_arena_alloc(arena, size);

    if (copy && size > 0) /* bytes may be NULL when there are none */
        memcpy(copy, bytes, size);
    return copy;
}

char *px_arena_strndup(px_arena *arena, const char *text, size_t size)
{
    char *copy = size < SIZE_MAX ? px_arena_alloc(arena, size + 1) : refuse(arena);

    if (!copy)
        return NULL;
    if (size > 0)
        memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

char *px_arena_strdup(px_arena *arena, const char *text)
{
    return px_arena_strndup(arena, text, strlen(text));
}

char *px_arena_printf(px_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);

    char *text = length >= 0 ? px_arena_alloc(arena, (size_t)length + 1) : refuse(arena);
    if (!text)
        return NULL;
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}
