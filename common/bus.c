/* bus.c: one interface over two buses: checks arguments once, then hands them to the
 * implementation. */
#include "common/bus.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/bus_impl.h"

/* --- subjects and names --- */

/* The server routes whatever it is given; one bad byte would change routing or the protocol line.
 */
static bool token_valid(const char *token, size_t size, bool wildcards, bool last)
{
    if (size == 0)
        return false;
    if (size == 1 && (token[0] == '*' || token[0] == '>'))
        return wildcards && (token[0] == '*' || last);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)token[i];
        if (c <= ' ' || c >= 0x7f || c == '*' || c == '>')
            return false;
    }
    return true;
}

bool px_subject_valid(const char *subject, bool wildcards)
{
    if (!subject || strlen(subject) >= PX_SUBJECT_MAX)
        return false;
    for (const char *token = subject;;) {
        size_t size = strcspn(token, ".");
        bool last = token[size] == '\0';
        if (!token_valid(token, size, wildcards, last))
            return false;
        if (last)
            return true;
        token += size + 1;
    }
}

bool px_subject_matches(const char *pattern, const char *subject)
{
    for (;;) {
        size_t want = strcspn(pattern, ".");
        size_t have = strcspn(subject, ".");
        if (want == 1 && pattern[0] == '>')
            return have > 0;
        bool any = want == 1 && pattern[0] == '*';
        if (!any && (want != have || memcmp(pattern, subject, want) != 0))
            return false;
        if (pattern[want] == '\0' || subject[have] == '\0')
            return pattern[want] == subject[have];
        pattern += want + 1;
        subject += have + 1;
    }
}

bool px_subjects_overlap(const char *a, const char *b)
{
    for (;;) {
        size_t a_size = strcspn(a, ".");
        size_t b_size = strcspn(b, ".");
        if (*a == '>' || *b == '>')
            return true;
        bool any = *a == '*' || *b == '*';
        if (!any && (a_size != b_size || memcmp(a, b, a_size) != 0))
            return false;
        if (a[a_size] == '\0' || b[b_size] == '\0')
            return a[a_size] == b[b_size];
        a += a_size + 1;
        b += b_size + 1;
    }
}

/* Stream names stand in API subjects and in the server's file names. */
static bool name_valid(const char *name)
{
    return px_subject_valid(name, false) && !strpbrk(name, "./\\");
}

static bool header_valid(const px_header *header)
{
    if (!header->name || !header->value || !*header->name)
        return false;
    for (const char *c = header->name; *c; c++)
        if (*c <= ' ' || *c >= 0x7f || *c == ':')
            return false;
    return !strpbrk(header->value, "\r\n");
}

static px_status headers_valid(const px_header *headers, size_t count)
{
    if (count > PX_HEADERS_MAX - 3)
        return PX_ETOOBIG;
    for (size_t i = 0; i < count; i++)
        if (!header_valid(&headers[i]))
            return PX_EINVALID;
    return PX_OK;
}

static bool msg_id_valid(const char *id)
{
    return !id || (*id && !strpbrk(id, "\r\n"));
}

static px_status out_valid(const px_bus_out *out)
{
    if (!px_subject_valid(out->subject, false))
        return PX_EINVALID;
    if (!msg_id_valid(out->msg_id) || !msg_id_valid(out->last_msg_id))
        return PX_EINVALID;
    return headers_valid(out->headers, out->header_count);
}

int64_t px_dedupe_window_ns(const px_stream_config *config)
{
    int64_t window = config->dedupe_ms > 0 ? config->dedupe_ms : PX_DEDUPE_WINDOW_MS;

    window *= 1000000;
    return config->max_age_ns > 0 && config->max_age_ns < window ? config->max_age_ns : window;
}

void px_headers_collect(px_headers *headers, const px_bus_out *out)
{
    PX_ASSERT(out->header_count <= PX_HEADERS_MAX - 3);
    headers->count = out->header_count;
    if (out->header_count > 0)
        memcpy(headers->list, out->headers, out->header_count * sizeof *headers->list);
    if (out->msg_id)
        headers->list[headers->count++] = (px_header){ "Nats-Msg-Id", out->msg_id };
    if (out->expect_subject_seq) {
        snprintf(headers->expected, sizeof headers->expected, "%" PRIu64, out->last_subject_seq);
        headers->list[headers->count++] =
            (px_header){ "Nats-Expected-Last-Subject-Sequence", headers->expected };
    }
    if (out->last_msg_id)
        headers->list[headers->count++] =
            (px_header){ "Nats-Expected-Last-Msg-Id", out->last_msg_id };
}

/* --- messages in one piece --- */

typedef struct {
    const px_msg_ops *ops; /* first: px_bus_msg.impl points here */
    px_bus_msg msg;
    px_msg_parts parts;  /* as given, but pointing into this message */
    px_header headers[]; /* then the bytes of all of them */
} made_msg;

static void made_free(px_bus_msg *msg)
{
    free(msg->impl);
}

static const char *made_header(const px_bus_msg *msg, const char *name)
{
    const made_msg *made = msg->impl;

    for (size_t i = 0; i < made->parts.header_count; i++)
        if (strcasecmp(made->headers[i].name, name) == 0)
            return made->headers[i].value;
    return NULL;
}

static const px_msg_ops made_ops = { made_free, made_header };

static const char *put_string(char **at, const char *string)
{
    size_t size = strlen(string) + 1;
    char *copy = memcpy(*at, string, size);

    *at += size;
    return copy;
}

static size_t made_size(const px_msg_parts *parts)
{
    size_t size = sizeof(made_msg) + parts->header_count * sizeof(px_header) + parts->data.size;

    size += strlen(parts->subject) + 1;
    if (parts->reply)
        size += strlen(parts->reply) + 1;
    for (size_t i = 0; i < parts->header_count; i++)
        size += strlen(parts->headers[i].name) + strlen(parts->headers[i].value) + 2;
    return size;
}

px_bus_msg *px_msg_make(const px_msg_parts *parts)
{
    made_msg *made = malloc(made_size(parts));
    if (!made)
        return NULL;

    char *at = (char *)&made->headers[parts->header_count];
    made->ops = &made_ops;
    made->parts = *parts;
    made->parts.headers = made->headers;
    for (size_t i = 0; i < parts->header_count; i++) {
        made->headers[i].name = put_string(&at, parts->headers[i].name);
        made->headers[i].value = put_string(&at, parts->headers[i].value);
    }
    made->parts.subject = put_string(&at, parts->subject);
    made->parts.reply = parts->reply ? put_string(&at, parts->reply) : NULL;
    if (parts->data.size > 0)
        memcpy(at, parts->data.data, parts->data.size);
    made->parts.data.data = at;
    made->msg = (px_bus_msg){ .subject = made->parts.subject,
                              .reply = made->parts.reply,
                              .data = made->parts.data,
                              .impl = made };
    return &made->msg;
}

const px_msg_parts *px_msg_parts_of(const px_bus_msg *made)
{
    PX_ASSERT(*(const px_msg_ops *const *)made->impl == &made_ops);
    return &((const made_msg *)made->impl)->parts;
}

px_bus_msg *px_msg_copy(const px_bus_msg *made)
{
    px_bus_msg *copy = px_msg_make(px_msg_parts_of(made));
    if (!copy)
        return NULL;
    copy->seq = made->seq;
    copy->time_ns = made->time_ns;
    copy->pending = made->pending;
    return copy;
}

void px_bus_msg_free(px_bus_msg *msg)
{
    if (msg)
        (*(const px_msg_ops *const *)msg->impl)->free(msg);
}

const char *px_bus_msg_header(const px_bus_msg *msg, const char *name)
{
    return (*(const px_msg_ops *const *)msg->impl)->header(msg, name);
}

/* --- dispatch --- */

void px_bus_close(px_bus *bus)
{
    if (bus)
        bus->ops->close(bus);
}

uint64_t px_bus_epoch(px_bus *bus)
{
    return bus->ops->epoch(bus);
}

const char *px_bus_last_error(px_bus *bus)
{
    return bus->ops->last_error(bus);
}

void px_bus_wait(px_bus *bus, int64_t timeout_ms)
{
    bus->ops->wait(bus, timeout_ms);
}

void px_bus_set_calm(px_bus *bus, px_calm_fn *is_calm, const void *context)
{
    if (bus->ops->set_calm)
        bus->ops->set_calm(bus, is_calm, context);
}

void px_bus_wait_calmly(px_bus *bus, int64_t timeout_ms, int64_t calm_ms)
{
    if (bus->ops->wait_calmly)
        bus->ops->wait_calmly(bus, timeout_ms, calm_ms);
    else
        bus->ops->wait(bus, timeout_ms);
}

void px_bus_wake(px_bus *bus)
{
    bus->ops->wake(bus);
}

static bool stream_subjects_valid(const px_stream_config *config)
{
    for (size_t i = 0; i < config->subject_count; i++) {
        if (!px_subject_valid(config->subjects[i], true))
            return false;
        for (size_t k = 0; k < i; k++)
            if (px_subjects_overlap(config->subjects[i], config->subjects[k]))
                return false;
    }
    return config->subject_count > 0;
}

px_status px_bus_stream_ensure(px_bus *bus, const px_stream_config *config)
{
    if (!name_valid(config->name) || config->max_age_ns < 0 || !stream_subjects_valid(config))
        return PX_EINVALID;
    return bus->ops->stream_ensure(bus, config);
}

px_status px_bus_stream_info(px_bus *bus, const char *stream, px_stream_info *info)
{
    return name_valid(stream) ? bus->ops->stream_info(bus, stream, info) : PX_EINVALID;
}

px_status px_bus_limits_of(px_bus *bus, px_bus_limits *limits)
{
    return bus->ops->limits(bus, limits);
}

px_status px_bus_get(px_bus *bus, const char *stream, uint64_t seq, px_bus_msg **msg)
{
    if (!name_valid(stream))
        return PX_EINVALID;
    /* The server reads "sequence 0" as "no sequence given". */
    return seq == 0 ? PX_ENOTFOUND : bus->ops->get(bus, stream, seq, msg);
}

px_status px_bus_get_last(px_bus *bus, const char *stream, const char *subject, px_bus_msg **msg)
{
    if (!name_valid(stream) || !px_subject_valid(subject, true))
        return PX_EINVALID;
    return bus->ops->get_last(bus, stream, subject, msg);
}

static px_status get_each_last(px_bus *bus, const char *stream, const char *const *subjects,
                               size_t count, px_bus_msg **msgs)
{
    px_status status = PX_OK;

    for (size_t i = 0; i < count && (status == PX_OK || status == PX_ENOTFOUND); i++)
        status = bus->ops->get_last(bus, stream, subjects[i], &msgs[i]);
    return status == PX_ENOTFOUND ? PX_OK : status;
}

px_status px_bus_get_last_all(px_bus *bus, const char *stream, const char *const *subjects,
                              size_t count, px_bus_msg **msgs)
{
    px_status status = name_valid(stream) ? PX_OK : PX_EINVALID;

    for (size_t i = 0; i < count; i++) {
        msgs[i] = NULL;
        if (!px_subject_valid(subjects[i], false))
            status = PX_EINVALID;
    }
    if (status != PX_OK)
        return status;
    status = (bus->ops->get_last_all ? bus->ops->get_last_all
                                     : get_each_last)(bus, stream, subjects, count, msgs);
    for (size_t i = 0; status != PX_OK && i < count; i++) {
        px_bus_msg_free(msgs[i]);
        msgs[i] = NULL;
    }
    return status;
}

px_status px_bus_purge(px_bus *bus, const char *stream, uint64_t seq)
{
    if (!name_valid(stream))
        return PX_EINVALID;
    /* The server would read "everything below 1" as "everything". */
    return seq == 0 ? PX_OK : bus->ops->purge(bus, stream, seq);
}

px_status px_bus_erase(px_bus *bus, const char *stream, uint64_t seq)
{
    if (!name_valid(stream))
        return PX_EINVALID;
    return seq == 0 ? PX_ENOTFOUND : bus->ops->erase(bus, stream, seq);
}

px_status px_bus_erase_all(px_bus *bus, const char *stream, const uint64_t *seqs, size_t count)
{
    px_status status = PX_OK;

    if (!name_valid(stream))
        return PX_EINVALID;
    if (bus->ops->erase_all)
        return bus->ops->erase_all(bus, stream, seqs, count);
    for (size_t i = 0; i < count && (status == PX_OK || status == PX_ENOTFOUND); i++)
        status = px_bus_erase(bus, stream, seqs[i]);
    return status == PX_ENOTFOUND ? PX_OK : status;
}

px_status px_reader_open(px_reader **reader, px_bus *bus, const char *stream, uint64_t from_seq)
{
    if (!name_valid(stream) || from_seq == 0)
        return PX_EINVALID;
    return bus->ops->reader_open(reader, bus, stream, from_seq, NULL);
}

px_status px_reader_open_filtered(px_reader **reader, px_bus *bus, const char *stream,
                                  uint64_t from_seq, const char *filter)
{
    if (!name_valid(stream) || from_seq == 0 || !px_subject_valid(filter, true))
        return PX_EINVALID;
    return bus->ops->reader_open(reader, bus, stream, from_seq, filter);
}

void px_reader_close(px_reader *reader)
{
    if (reader)
        reader->ops->reader_close(reader);
}

int64_t px_reader_opened_ns(const px_reader *reader)
{
    return reader->opened_ns;
}

px_status px_reader_next(px_reader *reader, px_bus_msg **msg)
{
    return reader->ops->reader_next(reader, msg);
}

bool px_reader_caught_up(px_reader *reader)
{
    return reader->ops->reader_caught_up(reader);
}

px_status px_bus_publish(px_bus *bus, uint64_t epoch, const px_bus_out *out, uint64_t token)
{
    PX_ASSERT(token != 0);
    px_status status = out_valid(out);
    return status == PX_OK ? bus->ops->publish(bus, epoch, out, token) : status;
}

bool px_bus_next_ack(px_bus *bus, px_bus_ack *ack)
{
    return bus->ops->next_ack(bus, ack);
}

px_status px_bus_publish_wait(px_bus *bus, const px_bus_out *out, px_bus_ack *ack)
{
    px_status status = out_valid(out);
    return status == PX_OK ? bus->ops->publish_wait(bus, out, ack) : status;
}

static px_status publish_each(px_bus *bus, const px_bus_out *outs, size_t count, px_bus_ack *acks)
{
    for (size_t i = 0; i < count; i++) {
        px_status status = bus->ops->publish_wait(bus, &outs[i], &acks[i]);

        if (status == PX_EDISCONNECTED || status == PX_ETIMEOUT)
            return status;
        acks[i].status = status;
    }
    return PX_OK;
}

px_status px_bus_publish_all(px_bus *bus, const px_bus_out *outs, size_t count, px_bus_ack *acks)
{
    px_status status = PX_OK;

    for (size_t i = 0; i < count && status == PX_OK; i++)
        status = out_valid(&outs[i]);
    if (status != PX_OK)
        return status;
    return (bus->ops->publish_all ? bus->ops->publish_all : publish_each)(bus, outs, count, acks);
}

px_status px_bus_send(px_bus *bus, const px_bus_out *out)
{
    px_status status = out_valid(out);
    return status == PX_OK ? bus->ops->send(bus, out) : status;
}

px_status px_bus_serve(px_bus *bus, const char *subject, const char *queue, px_bus_handler handler,
                       void *context)
{
    if (!px_subject_valid(subject, true) || (queue && !px_subject_valid(queue, false)))
        return PX_EINVALID;
    return bus->ops->serve(bus, subject, queue, handler, context);
}

px_status px_bus_respond(px_bus *bus, const px_bus_msg *request, px_bytes data,
                         const px_header *headers, size_t header_count)
{
    if (!request->reply)
        return PX_OK; /* sent, not asked: there is nobody to answer */
    px_bus_out out = {
        .subject = request->reply, .data = data, .headers = headers, .header_count = header_count
    };
    px_status status = out_valid(&out);
    return status == PX_OK ? bus->ops->respond(bus, request, &out) : status;
}

px_status px_bus_request(px_bus *bus, const px_bus_out *out, int64_t timeout_ms, px_bus_msg **reply)
{
    px_status status = out_valid(out);
    return status == PX_OK ? bus->ops->request(bus, out, timeout_ms, reply) : status;
}
