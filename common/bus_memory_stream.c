/* bus_memory_stream.c: messages by sequence, last sequence by subject, and the duplicate window. */
#include "common/bus_memory_stream.h"

#include <stdlib.h>
#include <string.h>

#include "common/bus_memory_table.h"

struct px_memory_stream {
    px_stream_config config; /* owned copy */
    int64_t created_ns;
    px_bus_msg **slots; /* slots[i] has sequence first + i; NULL = a hole */
    size_t count;
    size_t capacity;
    uint64_t first; /* sequence of slots[0] */
    uint64_t messages;
    uint64_t bytes;
    px_memory_table
        subjects;        /* last sequence on each subject; stale once below `first` or erased */
    px_memory_table ids; /* message ids with the sequence and time of their first copy */
    bool full;           /* as if max_bytes were reached */
    bool remembers;      /* px_memory_stream_sync() was called once */
    px_bus_msg **purged; /* since it was called last, ascending */
    size_t purged_count;
};

static uint64_t last_seq(const px_memory_stream *s)
{
    return s->first + s->count - 1;
}

static bool config_copy(px_stream_config *to, const px_stream_config *from)
{
    char **subjects = calloc(from->subject_count, sizeof *subjects);
    bool complete = subjects != NULL;

    *to = *from;
    to->subjects = (const char *const *)subjects;
    to->name = strdup(from->name);
    for (size_t i = 0; complete && i < from->subject_count; i++) {
        subjects[i] = strdup(from->subjects[i]);
        complete = subjects[i] != NULL;
    }
    return complete && to->name;
}

px_memory_stream *px_memory_stream_create(const px_stream_config *config, int64_t now_ns)
{
    px_memory_stream *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->first = 1;
    s->created_ns = now_ns;
    if (!config_copy(&s->config, config)) {
        px_memory_stream_destroy(s);
        return NULL;
    }
    return s;
}

void px_memory_stream_destroy(px_memory_stream *s)
{
    for (size_t i = 0; i < s->count; i++)
        px_bus_msg_free(s->slots[i]);
    free(s->slots);
    px_memory_stream_sync(s);
    px_memory_table_clear(&s->subjects);
    px_memory_table_clear(&s->ids);
    for (size_t i = 0; s->config.subjects && i < s->config.subject_count; i++)
        free((void *)(uintptr_t)s->config.subjects[i]);
    free((void *)(uintptr_t)s->config.subjects);
    free((void *)(uintptr_t)s->config.name);
    free(s);
}

const char *px_memory_stream_name(const px_memory_stream *s)
{
    return s->config.name;
}

static bool has_subject(const px_stream_config *config, const char *subject)
{
    for (size_t i = 0; i < config->subject_count; i++)
        if (strcmp(config->subjects[i], subject) == 0)
            return true;
    return false;
}

const char *px_memory_stream_differs(const px_memory_stream *s, const px_stream_config *config)
{
    const px_stream_config *have = &s->config;

    if (have->subject_count != config->subject_count)
        return "subjects";
    for (size_t i = 0; i < config->subject_count; i++)
        if (!has_subject(have, config->subjects[i]))
            return "subjects";
    if (have->retention != config->retention)
        return "retention";
    if (have->max_bytes != config->max_bytes)
        return "max_bytes";
    if (have->max_age_ns != config->max_age_ns)
        return "max_age";
    return have->max_msg_bytes != config->max_msg_bytes ? "max_msg_size" : NULL;
}

bool px_memory_stream_hears(const px_memory_stream *s, const char *subject)
{
    for (size_t i = 0; i < s->config.subject_count; i++)
        if (px_subject_matches(s->config.subjects[i], subject))
            return true;
    return false;
}

bool px_memory_stream_overlaps(const px_memory_stream *s, const char *pattern)
{
    for (size_t i = 0; i < s->config.subject_count; i++)
        if (px_subjects_overlap(s->config.subjects[i], pattern))
            return true;
    return false;
}

px_retention px_memory_stream_keeps(const px_memory_stream *s)
{
    return s->config.retention;
}

void px_memory_stream_info(const px_memory_stream *s, px_stream_info *info)
{
    *info = (px_stream_info){ .first_seq = s->first,
                              .last_seq = last_seq(s),
                              .messages = s->messages,
                              .bytes = s->bytes,
                              .created_ns = s->created_ns,
                              .replicas = 1 };
}

const px_bus_msg *px_memory_stream_get(const px_memory_stream *s, uint64_t seq)
{
    return seq >= s->first && seq <= last_seq(s) ? s->slots[seq - s->first] : NULL;
}

const px_bus_msg *px_memory_stream_get_last(const px_memory_stream *s, const char *subject)
{
    bool wild = strpbrk(subject, "*>") != NULL;
    const px_memory_entry *known = wild ? NULL : px_memory_table_find(&s->subjects, subject);
    uint64_t seq = wild ? last_seq(s) : known ? known->seq : 0;

    /* A literal subject is usually hit at once; after an erasure there may be an earlier one. */
    for (; seq >= s->first && seq > 0; seq--) {
        const px_bus_msg *msg = px_memory_stream_get(s, seq);
        if (msg && px_subject_matches(subject, msg->subject))
            return msg;
    }
    return NULL;
}

const px_bus_msg *px_memory_stream_next(const px_memory_stream *s, uint64_t seq, const char *filter,
                                        uint64_t *pending)
{
    const px_bus_msg *found = NULL;
    bool whole = !filter && s->messages == s->count;

    *pending = 0;
    for (uint64_t at = seq < s->first ? s->first : seq; at <= last_seq(s); at++) {
        const px_bus_msg *msg = s->slots[at - s->first];
        if (!msg || (filter && !px_subject_matches(filter, msg->subject)))
            continue;
        if (found)
            ++*pending;
        else
            found = msg;
        if (whole) {
            *pending = last_seq(s) - at;
            break;
        }
    }
    return found;
}

/* --- changes --- */

/* What the file store of the server counts for one message (22 + 8 bytes of frame, 4 for headers).
 */
static uint64_t stored_size(const char *subject, size_t data_size, const px_header *headers,
                            size_t header_count)
{
    uint64_t size = 22 + 8 + strlen(subject) + data_size;

    if (header_count > 0)
        size += 4 + sizeof "NATS/1.0\r\n\r\n" - 1;
    for (size_t i = 0; i < header_count; i++)
        size += strlen(headers[i].name) + strlen(headers[i].value) + sizeof ": \r\n" - 1;
    return size;
}

static uint64_t kept_size(const px_bus_msg *msg)
{
    const px_msg_parts *parts = px_msg_parts_of(msg);

    return stored_size(msg->subject, msg->data.size, parts->headers, parts->header_count);
}

static void trim(px_memory_stream *s)
{
    size_t gone = 0;

    while (gone < s->count && !s->slots[gone])
        gone++;
    if (gone == 0)
        return;
    s->count -= gone;
    s->first += gone;
    memmove(s->slots, s->slots + gone, s->count * sizeof *s->slots);
}

/* Leaves a hole; the caller trims, once for many. */
static void drop(px_memory_stream *s, uint64_t seq)
{
    px_bus_msg **slot = &s->slots[seq - s->first];

    if (!*slot)
        return;
    s->bytes -= kept_size(*slot);
    s->messages--;
    px_bus_msg_free(*slot);
    *slot = NULL;
}

static bool grow(px_memory_stream *s)
{
    size_t capacity = s->capacity ? s->capacity * 2 : 64;
    px_bus_msg **slots = realloc(s->slots, capacity * sizeof *slots);

    if (!slots)
        return false;
    s->slots = slots;
    s->capacity = capacity;
    return true;
}

static void remember(px_memory_stream *s, uint64_t seq)
{
    const px_bus_msg *msg = px_memory_stream_get(s, seq);
    px_bus_msg **purged =
        msg && s->remembers ? realloc(s->purged, (s->purged_count + 1) * sizeof *purged) : NULL;

    if (!purged)
        return;
    s->purged = purged;
    purged[s->purged_count] = px_msg_copy(msg);
    if (purged[s->purged_count]) {
        purged[s->purged_count]->seq = seq;
        purged[s->purged_count++]->time_ns = msg->time_ns;
    }
}

void px_memory_stream_purge(px_memory_stream *s, uint64_t seq)
{
    for (uint64_t at = s->first; at <= seq && at <= last_seq(s); at++) {
        remember(s, at);
        drop(s, at);
    }
    trim(s);
}

void px_memory_stream_sync(px_memory_stream *s)
{
    s->remembers = true;
    while (s->purged_count > 0)
        px_bus_msg_free(s->purged[--s->purged_count]);
    free(s->purged);
    s->purged = NULL;
}

/* In front of what is there; what was cut off stays away. */
static void undo_purges(px_memory_stream *s)
{
    while (s->purged_count > 0) {
        px_bus_msg *msg = s->purged[--s->purged_count];
        uint64_t gap = msg->seq < s->first ? s->first - msg->seq : 0;

        while (gap > 0 && s->capacity < s->count + gap && grow(s))
            continue;
        if (gap == 0 || s->capacity < s->count + gap) {
            px_bus_msg_free(msg);
            continue;
        }
        memmove(s->slots + gap, s->slots, s->count * sizeof *s->slots);
        memset(s->slots, 0, gap * sizeof *s->slots);
        s->slots[0] = msg;
        s->count += gap;
        s->first = msg->seq;
        s->messages++;
        s->bytes += kept_size(msg);
    }
}

void px_memory_stream_limit(px_memory_stream *s, bool full, uint32_t max_msg_bytes)
{
    s->full = full;
    s->config.max_msg_bytes = max_msg_bytes;
}

void px_memory_stream_erase(px_memory_stream *s, uint64_t seq)
{
    PX_ASSERT(px_memory_stream_get(s, seq));
    drop(s, seq);
    trim(s);
}

void px_memory_stream_expire(px_memory_stream *s, int64_t now_ns)
{
    if (s->config.max_age_ns == 0)
        return;
    for (uint64_t at = s->first; at <= last_seq(s); at++) {
        const px_bus_msg *msg = px_memory_stream_get(s, at);
        if (msg && msg->time_ns > now_ns - s->config.max_age_ns)
            break;
        drop(s, at);
    }
    trim(s);
}

void px_memory_stream_cut(px_memory_stream *s, uint64_t last)
{
    for (uint64_t at = last_seq(s); s->count > 0 && at > last; at--) {
        drop(s, at);
        s->count--;
    }
    if (s->first > last + 1)
        s->first = last + 1; /* all of it is gone, and numbers below the first come again too */
    undo_purges(s);
    /* The server rebuilds both tables from the messages it finds. */
    for (size_t i = 0; i < s->subjects.capacity; i++)
        s->subjects.entries[i].seq =
            s->subjects.entries[i].seq > last ? last : s->subjects.entries[i].seq;
    for (size_t i = 0; i < s->ids.capacity; i++)
        if (s->ids.entries[i].seq > last)
            s->ids.entries[i].time_ns = INT64_MIN;
}

static const px_memory_entry *known_id(const px_memory_stream *s, const char *msg_id,
                                       int64_t now_ns)
{
    const px_memory_entry *known = msg_id ? px_memory_table_find(&s->ids, msg_id) : NULL;

    return known && known->time_ns > now_ns - px_dedupe_window_ns(&s->config) ? known : NULL;
}

static px_status judge_size(const px_memory_stream *s, const px_bus_out *out,
                            const px_headers *headers)
{
    const px_stream_config *c = &s->config;
    uint64_t size = stored_size(out->subject, out->data.size, headers->list, headers->count);

    if (c->max_msg_bytes > 0 && out->data.size > c->max_msg_bytes)
        return PX_EREFUSED;
    return s->full || (c->max_bytes > 0 && s->bytes + size > c->max_bytes) ? PX_EEXHAUSTED : PX_OK;
}

static bool make_room(px_memory_stream *s, int64_t now_ns)
{
    if (s->count == s->capacity && !grow(s))
        return false;
    if (px_memory_table_full(&s->subjects) &&
        !px_memory_table_grow(&s->subjects, s->first, INT64_MAX))
        return false;
    return !px_memory_table_full(&s->ids) ||
           px_memory_table_grow(&s->ids, UINT64_MAX, now_ns - px_dedupe_window_ns(&s->config));
}

static bool append(px_memory_stream *s, const px_bus_out *out, const px_headers *headers,
                   int64_t now_ns)
{
    px_msg_parts parts = { out->subject, NULL, out->data, headers->list, headers->count };
    const px_bus_msg *before = px_memory_stream_get_last(s, out->subject);
    uint64_t replaced = before ? before->seq : 0;
    px_bus_msg *msg = make_room(s, now_ns) ? px_msg_make(&parts) : NULL;

    if (!msg)
        return false;
    msg->seq = last_seq(s) + 1;
    msg->time_ns = now_ns;
    if (!px_memory_table_put(&s->subjects, out->subject, msg->seq, now_ns) ||
        (out->msg_id && !px_memory_table_put(&s->ids, out->msg_id, msg->seq, now_ns))) {
        px_bus_msg_free(msg);
        return false;
    }
    s->slots[s->count++] = msg;
    s->messages++;
    s->bytes += kept_size(msg);
    if (replaced && s->config.retention == PX_KEEP_LAST_PER_SUBJECT) {
        drop(s, replaced);
        trim(s);
    }
    return true;
}

static bool is_last_id(const px_memory_stream *s, const char *msg_id)
{
    const px_bus_msg *last = s->count > 0 ? s->slots[s->count - 1] : NULL;
    const char *id = last ? px_bus_msg_header(last, "Nats-Msg-Id") : NULL;

    return id && strcmp(id, msg_id) == 0;
}

px_bus_ack px_memory_stream_store(px_memory_stream *s, const px_bus_out *out, int64_t now_ns)
{
    /* The order of the server: a known id is answered before any check can refuse it. */
    const px_memory_entry *known = known_id(s, out->msg_id, now_ns);
    if (known)
        return (px_bus_ack){ .status = PX_OK, .seq = known->seq, .duplicate = true };

    const px_bus_msg *last = px_memory_stream_get_last(s, out->subject);
    if (out->expect_subject_seq && (last ? last->seq : 0) != out->last_subject_seq)
        return (px_bus_ack){ .status = PX_ESEQUENCE };
    if (out->last_msg_id && !is_last_id(s, out->last_msg_id))
        return (px_bus_ack){ .status = PX_ESEQUENCE };

    px_headers headers;
    px_headers_collect(&headers, out);
    px_status status = judge_size(s, out, &headers);
    if (status == PX_OK && !append(s, out, &headers, now_ns))
        status = PX_EREFUSED;
    if (status != PX_OK)
        return (px_bus_ack){ .status = status };
    return (px_bus_ack){ .status = PX_OK, .seq = last_seq(s) };
}
