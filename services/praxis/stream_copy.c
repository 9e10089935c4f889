#include "services/praxis/stream_copy.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/praxis/clock.h"

enum {
    CHUNK_BYTES = 128 * 1024,
    SILENCE_MS = 60000,
    POLL_MS = 100,
    ACK_INDEX_TOKEN = 6, /* $JS.SNAPSHOT.ACK.<stream>.<id>.<size>.<index> */
    CODE_STREAM_NOT_FOUND = 10059
};

/* One copy at a time per connection; chunks come on a thread of the bus. */
struct px_copier {
    px_bus *bus;
    char subject[160]; /* <prefix>.copy.<random>, and the number of the copy */
    pthread_mutex_t lock;
    unsigned number; /* of the copy under way; chunks of others are late */
    int fd;
    uint64_t chunks;
    uint64_t bytes;
    bool ended;
    px_status status;
    crypto_generichash_state digest;
};

static char problem[256];

const char *px_copy_problem(void)
{
    return problem;
}

static px_status failed(px_status status, const char *why)
{
    snprintf(problem, sizeof problem, "%s", why);
    return status;
}

void px_stream_copy_fini(px_stream_copy *copy)
{
    json_decref(copy->config);
    json_decref(copy->state);
    copy->config = copy->state = NULL;
}

/* ---- the server's JSON ---- */

static px_status parse(const px_bus_msg *reply, json_t **answer)
{
    *answer = json_loadb(reply->data.data, reply->data.size, 0, NULL);
    if (!json_is_object(*answer)) {
        json_decref(*answer);
        *answer = NULL;
        return failed(PX_EMALFORMED, "the server's answer is not JSON");
    }
    const json_t *error = json_object_get(*answer, "error");
    if (!error)
        return PX_OK;
    const char *why = json_string_value(json_object_get(error, "description"));
    json_int_t code = json_integer_value(json_object_get(error, "err_code"));
    failed(PX_EREFUSED, why ? why : "refused without a reason");
    json_decref(*answer);
    *answer = NULL;
    return code == CODE_STREAM_NOT_FOUND ? PX_ENOTFOUND : PX_EREFUSED;
}

/* Asks and takes `body` away. */
static px_status ask(px_bus *bus, const char *call, const char *stream, json_t *body,
                     json_t **answer)
{
    char subject[160];
    char *text = json_dumps(body, JSON_COMPACT);
    px_bus_msg *reply;
    px_status status = PX_ENOMEM;

    json_decref(body);
    snprintf(subject, sizeof subject, "$JS.API.STREAM.%s.%s", call, stream);
    if (text)
        status =
            px_bus_request(bus, &(px_bus_out){ .subject = subject, .data = { text, strlen(text) } },
                           SILENCE_MS, &reply);
    free(text);
    if (status != PX_OK)
        return failed(status, status == PX_ETIMEOUT ? "no answer; the user may not be allowed to"
                                                    : px_strerror(status));
    status = parse(reply, answer);
    px_bus_msg_free(reply);
    return status;
}

/* ---- out ---- */

static bool write_all(int fd, px_bytes bytes)
{
    const char *at = bytes.data;

    for (size_t left = bytes.size; left > 0;) {
        ssize_t written = write(fd, at, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        at += written;
        left -= (size_t)written;
    }
    return true;
}

static uint64_t number_in(const char *subject, unsigned token)
{
    for (; token > 0 && subject; token--) {
        subject = strchr(subject, '.');
        subject = subject ? subject + 1 : NULL;
    }
    return subject ? strtoull(subject, NULL, 10) : 0;
}

/* The server counts the chunks it sends: one that a full queue dropped is seen at once. */
static void take_chunk(px_copier *c, const px_bus_msg *chunk)
{
    c->chunks++;
    if (chunk->reply && number_in(chunk->reply, ACK_INDEX_TOKEN) != c->chunks)
        c->status = failed(PX_EIO, "a part of the copy was lost on the way");
    else if (!write_all(c->fd, chunk->data))
        c->status = failed(PX_EIO, strerror(errno));
    c->bytes += chunk->data.size;
    crypto_generichash_update(&c->digest, chunk->data.data, chunk->data.size);
}

static void on_chunk(void *context, px_bus *bus, const px_bus_msg *chunk)
{
    px_copier *c = context;
    const char *dot = strrchr(chunk->subject, '.');

    pthread_mutex_lock(&c->lock);
    if (dot && strtoul(dot + 1, NULL, 10) == c->number && !c->ended) {
        if (c->status == PX_OK && chunk->data.size > 0)
            take_chunk(c, chunk);
        c->ended = chunk->data.size == 0 || c->status != PX_OK;
    }
    pthread_mutex_unlock(&c->lock);
    if (chunk->reply) /* also of a late one: the server waits for it */
        px_bus_respond(bus, chunk, (px_bytes){ "", 0 }, NULL, 0);
    px_bus_wake(bus);
}

px_status px_copier_create(px_copier **copier, px_bus *bus, const char *inbox_prefix)
{
    px_copier *c = calloc(1, sizeof *c);
    uint8_t random[12];
    char hex[sizeof random * 2 + 1];

    if (!c)
        return PX_ENOMEM;
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(hex, sizeof hex, random, sizeof random);
    snprintf(c->subject, sizeof c->subject, "%s.copy.%s", inbox_prefix, hex);
    c->bus = bus;
    c->ended = true;
    pthread_mutex_init(&c->lock, NULL);
    *copier = c;
    return PX_OK;
}

void px_copier_destroy(px_copier *copier)
{
    if (!copier)
        return;
    pthread_mutex_destroy(&copier->lock);
    free(copier);
}

static void begin(px_copier *c, int fd)
{
    pthread_mutex_lock(&c->lock);
    c->number++;
    c->fd = fd;
    c->chunks = c->bytes = 0;
    c->ended = false;
    c->status = PX_OK;
    crypto_generichash_init(&c->digest, NULL, 0, PX_COPY_DIGEST_SIZE);
    pthread_mutex_unlock(&c->lock);
}

static px_status end(px_copier *c, px_status status)
{
    pthread_mutex_lock(&c->lock);
    c->ended = true;
    if (status == PX_OK)
        status = c->status;
    pthread_mutex_unlock(&c->lock);
    return status;
}

/* Until the server has sent its last chunk, which is empty. */
static px_status wait_for_end(px_copier *c, uint64_t epoch,
                              void (*shown)(void *context, uint64_t bytes), void *context)
{
    int64_t heard_ms = px_clock_ms();
    uint64_t heard = 0;

    for (;;) {
        pthread_mutex_lock(&c->lock);
        uint64_t bytes = c->bytes;
        bool ended = c->ended;
        pthread_mutex_unlock(&c->lock);
        if (shown)
            shown(context, bytes);
        if (ended)
            return PX_OK;
        if (px_bus_epoch(c->bus) != epoch)
            return failed(PX_EDISCONNECTED, "the connection broke");
        if (bytes != heard) {
            heard = bytes;
            heard_ms = px_clock_ms();
        }
        if (px_clock_ms() - heard_ms > SILENCE_MS)
            return failed(PX_ETIMEOUT, "the server has stopped sending");
        px_bus_wait(c->bus, POLL_MS);
    }
}

px_status px_stream_copy_out(px_copier *c, const char *stream, int fd, px_stream_copy *copy,
                             void (*shown)(void *context, uint64_t bytes), void *context)
{
    char deliver[sizeof c->subject + 12];
    json_t *answer = NULL;
    uint64_t epoch = px_bus_epoch(c->bus);

    *copy = (px_stream_copy){ 0 };
    begin(c, fd);
    snprintf(deliver, sizeof deliver, "%s.%u", c->subject, c->number);
    /* A subject each: under a wildcard the server waits two seconds for somebody to listen. */
    px_status status = px_bus_serve(c->bus, deliver, NULL, on_chunk, c);
    if (status == PX_OK)
        status = ask(c->bus, "SNAPSHOT", stream,
                     json_pack("{s:s, s:b, s:i}", "deliver_subject", deliver, "no_consumers", 1,
                               "chunk_size", CHUNK_BYTES),
                     &answer);
    if (status == PX_OK)
        status = wait_for_end(c, epoch, shown, context);
    status = end(c, status);
    if (status == PX_OK && fsync(fd) != 0)
        status = failed(PX_EIO, strerror(errno));
    if (status == PX_OK) {
        copy->bytes = c->bytes;
        crypto_generichash_final(&c->digest, copy->digest, sizeof copy->digest);
        copy->config = json_incref(json_object_get(answer, "config"));
        copy->state = json_incref(json_object_get(answer, "state"));
    }
    json_decref(answer);
    return status;
}

/* ---- in ---- */

/* An answer with a body is the server giving up, or, to the last chunk, the stream made. */
static px_status send_chunk(px_bus *bus, const char *subject, px_bytes bytes)
{
    px_bus_msg *reply;
    json_t *answer = NULL;
    px_status status = px_bus_request(bus, &(px_bus_out){ .subject = subject, .data = bytes },
                                      10 * SILENCE_MS, &reply);

    if (status != PX_OK)
        return failed(status, px_strerror(status));
    if (reply->data.size > 0) {
        status = parse(reply, &answer);
        json_decref(answer);
    }
    px_bus_msg_free(reply);
    return status == PX_EREFUSED || status == PX_EMALFORMED ? PX_ECORRUPT : status;
}

static px_status send_file(px_bus *bus, const char *subject, int fd)
{
    char *chunk = malloc(CHUNK_BYTES);
    px_status status = chunk ? PX_OK : PX_ENOMEM;
    ssize_t size = 1;

    while (status == PX_OK && size > 0) {
        size = read(fd, chunk, CHUNK_BYTES);
        if (size < 0)
            status = failed(PX_EIO, strerror(errno));
        else /* the last one is empty */
            status = send_chunk(bus, subject, (px_bytes){ chunk, (size_t)size });
    }
    free(chunk);
    return status;
}

px_status px_stream_copy_in(px_bus *bus, const char *stream, int fd, const px_stream_copy *copy)
{
    px_stream_info info;
    json_t *answer = NULL;
    px_status status = px_bus_stream_info(bus, stream, &info);

    if (status != PX_ENOTFOUND)
        return failed(status == PX_OK ? PX_EBUSY : status,
                      status == PX_OK ? "there is one" : px_bus_last_error(bus));
    status = ask(bus, "RESTORE", stream,
                 json_pack("{s:O, s:O}", "config", copy->config, "state", copy->state), &answer);
    if (status != PX_OK)
        return status;
    const char *subject = json_string_value(json_object_get(answer, "deliver_subject"));
    status = subject ? send_file(bus, subject, fd)
                     : failed(PX_EMALFORMED, "the server does not say where to send the copy");
    json_decref(answer);
    return status;
}
