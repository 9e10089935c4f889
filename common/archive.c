#include "common/archive.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/archive_impl.h"

const char px_segment_magic[8] = "PRXLOG1";

struct px_archive {
    char directory[PX_ARCHIVE_PATH_MAX];
    unsigned generation;
    uint64_t from_seq;
    uint64_t *firsts; /* segments, by their first sequence */
    size_t count;
    size_t at; /* the segment that is open or comes next */
    FILE *file;
    uint64_t offset; /* behind the last good record */
    uint64_t seq;    /* of the last record; 0 before the first */
    bool chained;    /* `digest` is known */
    uint8_t digest[PX_ARCHIVE_DIGEST_SIZE];
    uint8_t *buffer; /* one record */
    size_t capacity;
    char subject[PX_SUBJECT_SIZE_MAX + 1];
    bool torn;
    char problem[PX_ARCHIVE_PROBLEM_SIZE];
};

/* ---- names ---- */

const char *px_archive_generation_path(const char *directory, unsigned generation,
                                       char path[PX_ARCHIVE_PATH_MAX])
{
    snprintf(path, PX_ARCHIVE_PATH_MAX, "%.1024s/%04u", directory, generation);
    return path;
}

const char *px_archive_segment_path(const char *directory, unsigned generation, uint64_t first_seq,
                                    char path[PX_ARCHIVE_PATH_MAX])
{
    snprintf(path, PX_ARCHIVE_PATH_MAX, "%.1024s/%04u/%016" PRIu64 ".seg", directory, generation,
             first_seq);
    return path;
}

static bool all_digits(const char *name, size_t size)
{
    return strspn(name, "0123456789") == size;
}

unsigned px_archive_generation(const char *directory)
{
    DIR *listing = opendir(directory);
    unsigned newest = 0;

    if (!listing)
        return 0;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        if (strlen(entry->d_name) != 4 || !all_digits(entry->d_name, 4))
            continue;
        unsigned number = (unsigned)strtoul(entry->d_name, NULL, 10);
        newest = number > newest ? number : newest;
    }
    closedir(listing);
    return newest;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

px_status px_archive_segments(const char *directory, unsigned generation, uint64_t **firsts,
                              size_t *count)
{
    char path[PX_ARCHIVE_PATH_MAX];
    DIR *listing = opendir(px_archive_generation_path(directory, generation, path));
    px_status status = PX_OK;
    size_t capacity = 0;

    *firsts = NULL;
    *count = 0;
    if (!listing)
        return errno == ENOENT ? PX_ENOTFOUND : PX_EIO;
    for (struct dirent *entry; status == PX_OK && (entry = readdir(listing)) != NULL;) {
        if (!all_digits(entry->d_name, 16) || strcmp(entry->d_name + 16, ".seg") != 0)
            continue;
        if (*count == capacity) {
            capacity = capacity ? capacity * 2 : 16;
            uint64_t *more = realloc(*firsts, capacity * sizeof **firsts);
            status = more ? PX_OK : PX_ENOMEM;
            *firsts = more ? more : *firsts;
        }
        if (status == PX_OK)
            (*firsts)[(*count)++] = strtoull(entry->d_name, NULL, 10);
    }
    closedir(listing);
    if (status != PX_OK) {
        free(*firsts);
        *firsts = NULL;
        return status;
    }
    if (*count > 0)
        qsort(*firsts, *count, sizeof **firsts, by_number);
    return PX_OK;
}

void px_archive_chain(uint8_t digest[PX_ARCHIVE_DIGEST_SIZE], px_bytes bytes)
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, NULL, 0, PX_ARCHIVE_DIGEST_SIZE);
    crypto_generichash_update(&state, digest, PX_ARCHIVE_DIGEST_SIZE);
    crypto_generichash_update(&state, bytes.data, bytes.size);
    crypto_generichash_final(&state, digest, PX_ARCHIVE_DIGEST_SIZE);
}

/* ---- opening ---- */

px_status px_archive_open(px_archive **archive, const char *directory, unsigned generation,
                          uint64_t from_seq)
{
    px_archive *a;
    px_status status = PX_ENOTFOUND;

    if (generation == 0)
        generation = px_archive_generation(directory);
    if (generation == 0)
        return status;
    a = calloc(1, sizeof *a);
    if (!a)
        return PX_ENOMEM;
    snprintf(a->directory, sizeof a->directory, "%s", directory);
    a->generation = generation;
    a->from_seq = from_seq;
    status = px_archive_segments(directory, generation, &a->firsts, &a->count);
    /* The last segment that begins at or before it. */
    while (a->at + 1 < a->count && a->firsts[a->at + 1] <= from_seq)
        a->at++;
    if (status == PX_OK)
        *archive = a;
    else
        px_archive_close(a);
    return status;
}

void px_archive_close(px_archive *a)
{
    if (!a)
        return;
    if (a->file)
        fclose(a->file);
    free(a->firsts);
    free(a->buffer);
    free(a);
}

const char *px_archive_problem(const px_archive *a)
{
    return a->problem;
}

bool px_archive_torn(const px_archive *a)
{
    return a->torn;
}

const uint8_t *px_archive_digest(const px_archive *a)
{
    return a->digest;
}

uint64_t px_archive_offset(const px_archive *a)
{
    return a->offset;
}

static px_status damaged(px_archive *a, const char *how)
{
    snprintf(a->problem, sizeof a->problem,
             "generation %u, segment %016" PRIu64 ", byte %" PRIu64 ", after sequence %" PRIu64
             ": %s",
             a->generation, a->firsts[a->at], a->offset, a->seq, how);
    return PX_ECORRUPT;
}

/* ---- one segment ---- */

/* Only zeros from `from` to the end of the file: pages that a stopped machine never wrote. */
static bool zeros_from(px_archive *a, uint64_t from)
{
    int c = 0;

    if (fseek(a->file, (long)from, SEEK_SET) != 0)
        return false;
    while ((c = fgetc(a->file)) == 0)
        continue;
    return c == EOF && !ferror(a->file);
}

/* What a killed writer or a stopped machine leaves at the very end, and nothing else. */
static px_status torn(px_archive *a, bool reaches_end, const char *how)
{
    a->torn = a->at + 1 == a->count && (reaches_end || zeros_from(a, a->offset));
    return damaged(a, how);
}

static px_status open_segment(px_archive *a)
{
    char path[PX_ARCHIVE_PATH_MAX];
    uint8_t head[PX_SEGMENT_HEAD];

    a->offset = 0;
    a->file =
        fopen(px_archive_segment_path(a->directory, a->generation, a->firsts[a->at], path), "re");
    if (!a->file)
        return damaged(a, strerror(errno));
    if (fread(head, 1, sizeof head, a->file) != sizeof head)
        return torn(a, true, "it ends in its head");
    if (memcmp(head, px_segment_magic, sizeof px_segment_magic) != 0 ||
        px_get_be64(head + 8) != a->firsts[a->at])
        return torn(a, false, "it does not begin as a segment");
    if (a->chained && memcmp(head + 16, a->digest, PX_ARCHIVE_DIGEST_SIZE) != 0)
        return damaged(a, "it does not follow the segment before it");
    if (a->seq != 0 && a->firsts[a->at] != a->seq + 1)
        return damaged(a, "messages are missing before it");
    memcpy(a->digest, head + 16, PX_ARCHIVE_DIGEST_SIZE);
    a->chained = true;
    a->offset = sizeof head;
    return PX_OK;
}

static bool make_room(px_archive *a, size_t size)
{
    if (size <= a->capacity)
        return true;
    uint8_t *buffer = realloc(a->buffer, size);
    if (!buffer)
        return false;
    a->buffer = buffer;
    a->capacity = size;
    return true;
}

static bool at_end_of_file(px_archive *a)
{
    int c = fgetc(a->file);

    if (c != EOF)
        ungetc(c, a->file);
    return c == EOF;
}

static px_status parse_record(px_archive *a, size_t size, px_archive_record *record)
{
    size_t subject = (size_t)a->buffer[20] << 8 | a->buffer[21];

    if (subject > PX_SUBJECT_SIZE_MAX || PX_RECORD_HEAD + subject > size)
        return damaged(a, "a record does not fit together");
    memcpy(a->subject, a->buffer + PX_RECORD_HEAD, subject);
    a->subject[subject] = '\0';
    *record = (px_archive_record){
        .seq = px_get_be64(a->buffer + 4),
        .time_ns = (int64_t)px_get_be64(a->buffer + 12),
        .subject = a->subject,
        .data = { a->buffer + PX_RECORD_HEAD + subject, size - PX_RECORD_HEAD - subject },
    };
    if (record->seq != (a->seq != 0 ? a->seq + 1 : a->firsts[a->at]))
        return damaged(a, "a sequence is missing");
    return PX_OK;
}

/* PX_EEMPTY at the end of the segment. */
static px_status read_record(px_archive *a, px_archive_record *record)
{
    uint8_t head[4], digest[PX_ARCHIVE_DIGEST_SIZE];
    size_t got = fread(head, 1, sizeof head, a->file);

    if (got == 0)
        return ferror(a->file) ? damaged(a, "it cannot be read") : PX_EEMPTY;
    size_t size = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    size_t whole = size + PX_ARCHIVE_DIGEST_SIZE;
    if (got < sizeof head)
        return torn(a, true, "it ends in a record");
    if (size < PX_RECORD_HEAD || size > PX_RECORD_MAX)
        return torn(a, false, "a record has an impossible size");
    if (!make_room(a, whole))
        return PX_ENOMEM;
    memcpy(a->buffer, head, sizeof head);
    if (fread(a->buffer + sizeof head, 1, whole - sizeof head, a->file) != whole - sizeof head)
        return torn(a, true, "it ends in a record");
    memcpy(digest, a->digest, sizeof digest);
    px_archive_chain(digest, (px_bytes){ a->buffer, size });
    if (memcmp(digest, a->buffer + size, sizeof digest) != 0)
        return torn(a, at_end_of_file(a), "a record is not as it was written");
    px_status status = parse_record(a, size, record);
    if (status != PX_OK)
        return status;
    memcpy(a->digest, digest, sizeof digest);
    a->seq = record->seq;
    a->offset += whole;
    return PX_OK;
}

static px_status step(px_archive *a, px_archive_record *record)
{
    px_status status;

    for (;;) {
        if (a->at >= a->count)
            return PX_EEMPTY;
        status = a->file ? PX_OK : open_segment(a);
        if (status == PX_OK)
            status = read_record(a, record);
        if (status != PX_EEMPTY || a->at + 1 == a->count)
            return status;
        fclose(a->file);
        a->file = NULL;
        a->at++;
    }
}

px_status px_archive_next(px_archive *a, px_archive_record *record)
{
    px_status status;

    if (a->problem[0])
        return PX_ECORRUPT;
    do
        status = step(a, record);
    while (status == PX_OK && record->seq < a->from_seq);
    return status;
}

px_status px_archive_range(const char *directory, unsigned generation, uint64_t *first,
                           uint64_t *last)
{
    px_archive_record record;
    px_archive *a;
    px_status status = px_archive_open(&a, directory, generation, UINT64_MAX);

    *first = *last = 0;
    if (status != PX_OK)
        return status;
    /* Nothing has that sequence: it reads to the end. */
    status = px_archive_next(a, &record);
    if (status == PX_EEMPTY || (status == PX_ECORRUPT && px_archive_torn(a)))
        status = PX_OK;
    *last = a->seq;
    if (a->count > 0) /* a last segment without a record: the one before is whole */
        *first = a->firsts[0];
    if (*last == 0 && a->count > 1)
        *last = a->firsts[a->count - 1] - 1;
    else if (*last == 0)
        *first = 0;
    px_archive_close(a);
    return status;
}
