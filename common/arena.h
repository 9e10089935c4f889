/* arena.h: memory that lives exactly as long as one batch, one request or one message. */
#ifndef PRAXIS_COMMON_ARENA_H
#define PRAXIS_COMMON_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * A bump allocator of fixed capacity. Embedded by the caller; the fields are private.
 * Overflow sticks: from the first refused allocation every later one is refused too, until the
 * reset, so a caller may check once at the end (px_arena_overflowed). Not thread safe.
 */
typedef struct {
    unsigned char *base;
    size_t size; /* capacity, bytes */
    size_t used; /* bytes handed out, alignment included */
    size_t peak; /* largest `used` ever seen */
    bool overflowed;
} px_arena;

/** Reserves `size` bytes (pages are touched only when used). @return false when memory is out. */
bool px_arena_init(px_arena *arena, size_t size);
/** Gives the memory back; safe on an all-zero arena. */
void px_arena_fini(px_arena *arena);
/** Forgets everything handed out; pointers into the arena die here. */
void px_arena_reset(px_arena *arena);
/** True from the first refused allocation until the reset. */
bool px_arena_overflowed(const px_arena *arena);

/** `size` bytes, aligned for any type, not zeroed; NULL on overflow. size 0 gives a valid pointer.
 */
void *px_arena_alloc(px_arena *arena, size_t size);
/** The same, zeroed. */
void *px_arena_zalloc(px_arena *arena, size_t size);
/** A copy of `size` bytes; NULL on overflow. */
void *px_arena_copy(px_arena *arena, const void *bytes, size_t size);
/** A NUL-terminated copy of the first `size` bytes of `text`; NULL on overflow. */
char *px_arena_strndup(px_arena *arena, const char *text, size_t size);
char *px_arena_strdup(px_arena *arena, const char *text);
/** printf into the arena; NULL on overflow. */
char *px_arena_printf(px_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
