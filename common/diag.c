#include "common/diag.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/status.h"

enum {
    RECORD_MAX = 4096, /* bytes of one record; PIPE_BUF, so that records in a pipe never mix */
    TEXT_MAX = 1024,   /* bytes of one value as written; the rest is cut */
    TAIL_ROOM = 40,    /* kept free for what closes a record */
    NAME_MAX_SIZE = 128
};

static char service_name[NAME_MAX_SIZE];
static char instance_name[NAME_MAX_SIZE];
static bool as_json;
static atomic_int level_now = PX_LEVEL_INFO;

static const char *const level_names[] = { "error", "warning", "info", "debug" };

/** A record being written. What does not fit is left out whole, and the record says so. */
typedef struct {
    char bytes[RECORD_MAX];
    size_t size;
    size_t limit;
    bool overflowed;
} record;

static void put(record *r, const char *bytes, size_t size)
{
    if (r->overflowed || size > r->limit - r->size) {
        r->overflowed = true;
        return;
    }
    memcpy(r->bytes + r->size, bytes, size);
    r->size += size;
}

static void put_text(record *r, const char *text)
{
    put(r, text, strlen(text));
}

/** Length of the well-formed UTF-8 sequence of two bytes or more at `s`; 0 when there is none. */
static size_t utf8_length(const unsigned char *s)
{
    size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    /* over-long forms, surrogates and numbers beyond U+10FFFF (RFC 3629 section 4) */
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return length;
}

/** Writes one character so that no text can end a record or move a terminal's cursor. */
static size_t put_character(record *r, const unsigned char *s)
{
    char escaped[8];
    size_t length;

    if (s[0] == '"' || s[0] == '\\') {
        put(r, (char[]){ '\\', (char)s[0] }, 2);
        return 1;
    }
    if (s[0] < 0x20 || s[0] == 0x7f) {
        snprintf(escaped, sizeof escaped, "\\u%04x", s[0]);
        put(r, escaped, 6);
        return 1;
    }
    if (s[0] < 0x80) {
        put(r, (const char *)s, 1);
        return 1;
    }
    length = utf8_length(s);
    if (length == 0) {
        put_text(r, "\\ufffd");
        return 1;
    }
    if (length == 2 && s[0] == 0xc2 && s[1] < 0xa0) { /* C1 control characters */
        snprintf(escaped, sizeof escaped, "\\u%04x", s[1]);
        put(r, escaped, 6);
    } else {
        put(r, (const char *)s, length);
    }
    return length;
}

static void put_escaped(record *r, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t start = r->size;

    for (size_t i = 0; s[i] && !r->overflowed;) {
        if (r->size - start >= TEXT_MAX) {
            put_text(r, "...");
            return;
        }
        i += put_character(r, s + i);
    }
}

static void put_quoted(record *r, const char *text)
{
    put_text(r, "\"");
    put_escaped(r, text);
    put_text(r, "\"");
}

static void put_time(record *r)
{
    struct timespec now;
    struct tm utc;
    char text[40];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + size, sizeof text - size, ".%03dZ", (int)(now.tv_nsec / 1000000));
    put_text(r, text);
}

static void put_number(record *r, int64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", (long long)number);
    put_text(r, text);
}

/** Text values are quoted in text records only when a reader could not see their ends otherwise. */
static bool plain(const char *text)
{
    for (const char *s = text; *s; s++) {
        if ((unsigned char)*s <= 0x20 || (unsigned char)*s >= 0x7f || strchr("\"\\=", *s))
            return false;
    }
    return *text != '\0';
}

static void put_field(record *r, const px_field *field)
{
    size_t before = r->size;

    put_text(r, as_json ? ",\"" : " ");
    put_escaped(r, field->key);
    put_text(r, as_json ? "\":" : "=");
    if (!field->text)
        put_number(r, field->number);
    else if (as_json || !plain(field->text))
        put_quoted(r, field->text);
    else
        put_text(r, field->text);
    if (r->overflowed)
        r->size = before; /* a field is whole or absent */
}

static void begin_json(record *r, px_level level, const char *message)
{
    put_text(r, "{\"ts\":\"");
    put_time(r);
    put_text(r, "\",\"level\":\"");
    put_text(r, level_names[level]);
    put_text(r, "\",\"service\":");
    put_quoted(r, service_name);
    put_text(r, ",\"instance\":");
    put_quoted(r, instance_name);
    put_text(r, ",\"msg\":");
    put_quoted(r, message);
}

static void begin_text(record *r, px_level level, const char *message)
{
    char label[16];

    put_time(r);
    snprintf(label, sizeof label, " %-7s ", level_names[level]);
    put_text(r, label);
    if (service_name[0]) {
        put_escaped(r, service_name);
        put_text(r, ": ");
    }
    put_escaped(r, message);
}

static void end(record *r)
{
    bool cut = r->overflowed;

    r->limit = sizeof r->bytes;
    r->overflowed = false;
    if (cut)
        put_text(r, as_json ? ",\"truncated\":true" : " truncated=true");
    put_text(r, as_json ? "}\n" : "\n");
}

void px_diag_init(const char *service, const char *instance, px_level level, bool json)
{
    snprintf(service_name, sizeof service_name, "%s", service);
    snprintf(instance_name, sizeof instance_name, "%s", instance);
    as_json = json;
    px_diag_set_level(level);
}

void px_diag_set_level(px_level level)
{
    atomic_store_explicit(&level_now, (int)level, memory_order_relaxed);
}

bool px_diag_level_from_name(const char *name, px_level *level)
{
    for (size_t i = 0; i < PX_COUNT(level_names); i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *level = (px_level)i;
            return true;
        }
    }
    return false;
}

void px_diag_write(px_level level, const char *message, const px_field *fields, unsigned count)
{
    record r;
    int saved = errno;
    ssize_t written;

    if ((int)level > atomic_load_explicit(&level_now, memory_order_relaxed))
        return;
    r.size = 0;
    r.limit = sizeof r.bytes - TAIL_ROOM;
    r.overflowed = false;
    if (as_json)
        begin_json(&r, level, message);
    else
        begin_text(&r, level, message);
    for (unsigned i = 1; i < count; i++)
        put_field(&r, &fields[i]);
    end(&r);
    do /* a log that cannot be written is nobody's reason to stop */
        written = write(STDERR_FILENO, r.bytes, r.size);
    while (written < 0 && errno == EINTR);
    errno = saved;
}
