#include "services/praxis/backup_part.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/status.h"
#include "services/praxis/clock.h"

enum { VERSION = 1, BLOCK = 1 << 20, HEX_SIZE = 2 * PX_COPY_DIGEST_SIZE + 1, TAG_TEXT = 17 };

static const char manifest_name[] = "manifest.json";

static px_status say(px_status status, const char *path, const char *why)
{
    fprintf(stderr, "praxis: %s: %s\n", path, why);
    return status;
}

void px_backup_part_fini(px_backup_part *part)
{
    for (size_t i = 0; i < part->count; i++)
        px_stream_copy_fini(&part->streams[i].copy);
    free(part->tenants);
    *part = (px_backup_part){ 0 };
}

const char *px_backup_path(const char *dir, const char *stream, char path[PX_PATH_MAX])
{
    snprintf(path, PX_PATH_MAX, "%s/%s.copy", dir, stream);
    return path;
}

bool px_backup_is(const char *dir)
{
    char path[PX_PATH_MAX];

    return access(px_layout_path(dir, manifest_name, path), F_OK) == 0;
}

/* ---- the manifest ---- */

static const char *hex_of(const uint8_t digest[PX_COPY_DIGEST_SIZE], char hex[HEX_SIZE])
{
    return sodium_bin2hex(hex, HEX_SIZE, digest, PX_COPY_DIGEST_SIZE);
}

/* Over everything but itself, in one spelling. */
static bool own_digest(json_t *manifest, char hex[HEX_SIZE])
{
    uint8_t digest[PX_COPY_DIGEST_SIZE];
    char *text = json_dumps(manifest, JSON_COMPACT | JSON_SORT_KEYS);

    if (!text)
        return false;
    crypto_generichash(digest, sizeof digest, (const uint8_t *)text, strlen(text), NULL, 0);
    free(text);
    hex_of(digest, hex);
    return true;
}

static json_t *mark_json(px_backup_mark mark)
{
    char tag[TAG_TEXT];

    snprintf(tag, sizeof tag, "%016" PRIx64, mark.tag);
    return json_pack("{s:I, s:I, s:s}", "seq", (json_int_t)mark.seq, "time_ns",
                     (json_int_t)mark.time_ns, "tag", tag);
}

static json_t *streams_json(const px_backup_part *part)
{
    json_t *streams = json_array();
    char hex[HEX_SIZE];

    for (size_t i = 0; i < part->count; i++) {
        const px_backup_stream *s = &part->streams[i];
        json_array_append_new(streams, json_pack("{s:s, s:I, s:s, s:O, s:O}", "name", s->name,
                                                 "bytes", (json_int_t)s->copy.bytes, "blake2b",
                                                 hex_of(s->copy.digest, hex), "config",
                                                 s->copy.config, "state", s->copy.state));
    }
    return streams;
}

static json_t *part_json(const px_backup_part *part)
{
    char made[32], delete_by[32], hex[HEX_SIZE];
    json_t *json = json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:s, s:o}", "version", VERSION, "kind",
        part->kind, "praxis", PRAXIS_VERSION, "made", px_clock_text(part->made_s, made),
        "delete_by", part->delete_by_s ? px_clock_text(part->delete_by_s, delete_by) : "", "made_s",
        (json_int_t)part->made_s, "delete_by_s", (json_int_t)part->delete_by_s, "log_first",
        mark_json(part->first), "log_last", mark_json(part->last), "tenants",
        part->tenants ? part->tenants : "", "streams", streams_json(part));

    if (json && own_digest(json, hex))
        json_object_set_new(json, "blake2b", json_string(hex));
    return json;
}

px_status px_backup_write(const char *dir, const px_backup_part *part)
{
    char path[PX_PATH_MAX];
    json_t *json = part_json(part);
    char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
    px_status status = PX_ENOMEM;

    if (text)
        status = px_layout_write(px_layout_path(dir, manifest_name, path), text);
    free(text);
    json_decref(json);
    return status;
}

static px_backup_mark read_mark(const json_t *json)
{
    const char *tag = json_string_value(json_object_get(json, "tag"));

    return (px_backup_mark){
        .seq = (uint64_t)json_integer_value(json_object_get(json, "seq")),
        .time_ns = json_integer_value(json_object_get(json, "time_ns")),
        .tag = tag ? strtoull(tag, NULL, 16) : 0,
    };
}

/* The name becomes a path: only what a stream may be called. */
static bool read_stream(const json_t *json, px_backup_stream *s)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *hex = json_string_value(json_object_get(json, "blake2b"));
    size_t size = 0;

    if (!name || !px_name_valid(name) || strlen(name) >= sizeof s->name || !hex ||
        sodium_hex2bin(s->copy.digest, sizeof s->copy.digest, hex, strlen(hex), NULL, &size,
                       NULL) != 0 ||
        size != sizeof s->copy.digest)
        return false;
    snprintf(s->name, sizeof s->name, "%s", name);
    s->copy.bytes = (uint64_t)json_integer_value(json_object_get(json, "bytes"));
    s->copy.config = json_incref(json_object_get(json, "config"));
    s->copy.state = json_incref(json_object_get(json, "state"));
    return json_is_object(s->copy.config) && json_is_object(s->copy.state);
}

static px_status read_part(const char *path, const json_t *json, const char *kind,
                           px_backup_part *part)
{
    const char *tenants = json_string_value(json_object_get(json, "tenants"));
    const char *found = json_string_value(json_object_get(json, "kind"));
    const json_t *stream;
    size_t i;

    if (json_integer_value(json_object_get(json, "version")) != VERSION)
        return say(PX_EINVALID, path, "written by a version of praxis that is not known here");
    if (!found || strcmp(found, kind) != 0)
        return say(PX_EINVALID, path, "is another part of a backup than the one asked for");
    part->kind = kind;
    part->made_s = json_integer_value(json_object_get(json, "made_s"));
    part->delete_by_s = json_integer_value(json_object_get(json, "delete_by_s"));
    part->first = read_mark(json_object_get(json, "log_first"));
    part->last = read_mark(json_object_get(json, "log_last"));
    part->tenants = strdup(tenants ? tenants : "");
    json_array_foreach(json_object_get(json, "streams"), i, stream)
    {
        if (part->count == PX_BACKUP_STREAMS_MAX)
            return say(PX_ECORRUPT, path, "damaged: too many streams");
        if (!read_stream(stream, &part->streams[part->count++]))
            return say(PX_ECORRUPT, path, "damaged: a stream is not described");
    }
    return part->tenants ? PX_OK : PX_ENOMEM;
}

px_status px_backup_read(const char *dir, const char *kind, px_backup_part *part)
{
    char path[PX_PATH_MAX], hex[HEX_SIZE];
    px_status status = PX_ECORRUPT;

    *part = (px_backup_part){ 0 };
    px_layout_path(dir, manifest_name, path);
    if (access(path, R_OK) != 0)
        return say(PX_ENOTFOUND, dir, "holds no finished backup");
    json_t *json = json_load_file(path, 0, NULL);
    json_t *digest = json ? json_incref(json_object_get(json, "blake2b")) : NULL;
    json_object_del(json, "blake2b");
    if (digest && own_digest(json, hex) && json_string_value(digest) &&
        strcmp(json_string_value(digest), hex) == 0)
        status = read_part(path, json, kind, part);
    else
        say(status, path, "damaged: it is not as it was written");
    json_decref(digest);
    json_decref(json);
    if (status != PX_OK)
        px_backup_part_fini(part);
    return status;
}

/* ---- the files ---- */

typedef struct {
    void (*shown)(void *context, uint64_t bytes);
    void *context;
    uint64_t bytes;
} telling;

static px_status digest_of(int fd, uint8_t digest[PX_COPY_DIGEST_SIZE], uint64_t *size,
                           telling *tell)
{
    crypto_generichash_state state;
    uint8_t *block = malloc(BLOCK);
    ssize_t got = block ? 1 : -1;

    *size = 0;
    crypto_generichash_init(&state, NULL, 0, PX_COPY_DIGEST_SIZE);
    while (got > 0) {
        got = read(fd, block, BLOCK);
        if (got > 0) {
            crypto_generichash_update(&state, block, (unsigned long long)got);
            *size += (uint64_t)got;
            tell->bytes += (uint64_t)got;
            if (tell->shown)
                tell->shown(tell->context, tell->bytes);
        }
    }
    crypto_generichash_final(&state, digest, PX_COPY_DIGEST_SIZE);
    free(block);
    return got == 0 ? PX_OK : PX_EIO;
}

static px_status check_file(const char *path, const px_stream_copy *copy, telling *tell)
{
    uint8_t digest[PX_COPY_DIGEST_SIZE];
    uint64_t size;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return say(PX_ECORRUPT, path, errno == ENOENT ? "is missing" : strerror(errno));
    px_status status = digest_of(fd, digest, &size, tell);
    close(fd);
    if (status != PX_OK)
        return say(status, path, "cannot be read");
    if (size != copy->bytes)
        return say(PX_ECORRUPT, path, "has another size than when it was written");
    if (memcmp(digest, copy->digest, sizeof digest) != 0)
        return say(PX_ECORRUPT, path,
                   "damaged, or from another backup: its digest is not the one in the manifest");
    return PX_OK;
}

px_status px_backup_check(const char *dir, const px_backup_part *part,
                          void (*shown)(void *context, uint64_t bytes), void *context)
{
    telling tell = { shown, context, 0 };
    px_status status = PX_OK;
    char path[PX_PATH_MAX];

    for (size_t i = 0; i < part->count && status == PX_OK; i++)
        status = check_file(px_backup_path(dir, part->streams[i].name, path),
                            &part->streams[i].copy, &tell);
    return status;
}
