/* bus_nats_stream.c: the JetStream API in its own JSON, so that no field is dropped or misnamed. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/bus_nats_impl.h"

enum { AGAIN_MS = 1000, LEADERLESS_PAUSE_MS = 250 };

/* err_code of API answers */
enum {
    ERR_NO_LEADER = 10008, /* of the cluster, or of the stream, for now */
    ERR_CONSUMER_NOT_FOUND = 10014,
    ERR_NO_MESSAGE = 10037,
    ERR_STREAM_NOT_FOUND = 10059
};

/* --- calls --- */

static px_status refusal(nats_bus *bus, const char *call, const json_t *error)
{
    const char *why = json_string_value(json_object_get(error, "description"));
    json_int_t code = json_integer_value(json_object_get(error, "err_code"));

    px_nats_bus_set_error(bus, call, why ? why : "error without description");
    if (code == ERR_STREAM_NOT_FOUND || code == ERR_CONSUMER_NOT_FOUND || code == ERR_NO_MESSAGE)
        return PX_ENOTFOUND;
    if (code == ERR_NO_LEADER)
        return PX_ETIMEOUT; /* as if nobody had answered: not a refusal of what was asked */
    return px_nats_is_exhausted(code) ? PX_EEXHAUSTED : PX_EREFUSED;
}

static px_status parse_answer(nats_bus *bus, const char *call, natsMsg *raw, json_t **answer)
{
    *answer = json_loadb(natsMsg_GetData(raw), (size_t)natsMsg_GetDataLength(raw), 0, NULL);
    if (!json_is_object(*answer)) {
        json_decref(*answer);
        px_nats_bus_set_error(bus, call, "the answer is not JSON");
        return PX_EMALFORMED;
    }
    const json_t *error = json_object_get(*answer, "error");
    if (!error)
        return PX_OK;
    px_status status = refusal(bus, call, error);
    json_decref(*answer);
    return status;
}

/* A request that falls into the election of a leader is answered by nobody, ever, so it is asked
 * again before its time is up: after one second, and two more. All calls may be made twice: a
 * consumer that nobody knows of goes by itself. */
static natsStatus ask_again(natsConnection *nc, const char *subject, const char *body,
                            int64_t timeout_ms, natsMsg **raw)
{
    natsStatus status = NATS_TIMEOUT;

    for (int64_t wait_ms = AGAIN_MS; status == NATS_TIMEOUT && timeout_ms > 0; wait_ms *= 2) {
        if (wait_ms > timeout_ms)
            wait_ms = timeout_ms;
        status = natsConnection_RequestString(raw, nc, subject, body, wait_ms);
        timeout_ms -= wait_ms;
    }
    return status;
}

static px_status send_call(nats_bus *bus, const char *call, const char *body, natsMsg **raw)
{
    char subject[PX_SUBJECT_MAX * 2];
    nats_link *link = px_nats_link_use(bus);

    if (!link)
        return PX_EDISCONNECTED;
    snprintf(subject, sizeof subject, "%s.%s", bus->js_prefix, call);
    unsigned forbidden = atomic_load(&bus->forbidden);
    natsStatus status = ask_again(link->nc, subject, body, bus->request_timeout_ms, raw);
    px_nats_link_release(link);
    if (status == NATS_TIMEOUT && atomic_load(&bus->forbidden) != forbidden)
        return PX_EREFUSED; /* the error of the connection says what may not be done */
    px_status result = px_nats_bus_failed(bus, status, subject);
    return result == PX_ENOTFOUND ? PX_EREFUSED : result; /* nobody answers: no JetStream here */
}

px_status px_nats_api_call(nats_bus *bus, const char *call, json_t *body, json_t **answer)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    natsMsg *raw = NULL;
    px_status status = body && !text ? PX_ENOMEM : send_call(bus, call, text, &raw);

    json_decref(body);
    free(text);
    if (status == PX_OK)
        status = parse_answer(bus, call, raw, answer);
    px_nats_discard(raw);
    return status;
}

px_status px_nats_stream_call(nats_bus *bus, const char *verb, const char *stream, json_t *body,
                              json_t **answer)
{
    char call[PX_SUBJECT_MAX + 64];

    snprintf(call, sizeof call, "STREAM.%s.%s", verb, stream);
    return px_nats_api_call(bus, call, body, answer);
}

/* --- what a stream must look like --- */

static json_t *subjects_of(const px_stream_config *config)
{
    json_t *subjects = json_array();

    for (size_t i = 0; i < config->subject_count; i++)
        json_array_append_new(subjects, json_string(config->subjects[i]));
    return subjects;
}

static json_t *bound(uint64_t limit)
{
    return json_integer(limit == 0 ? -1 : (json_int_t)limit);
}

static json_t *wanted(const px_stream_config *config)
{
    bool forever = config->retention == PX_KEEP_FOREVER;
    bool last = config->retention == PX_KEEP_LAST_PER_SUBJECT;

    return json_pack("{s:s, s:o, s:s, s:s, s:s, s:i, s:i, s:I, s:o, s:I, s:o, s:i, s:I, s:b, s:b,"
                     " s:b, s:b}",
                     "name", config->name, "subjects", subjects_of(config), "retention", "limits",
                     "storage", "file", "discard", "new", "max_consumers",
                     config->max_consumers == 0 ? -1 : (int)config->max_consumers, "max_msgs", -1,
                     "max_msgs_per_subject", (json_int_t)(last ? 1 : -1), "max_bytes",
                     bound(config->max_bytes), "max_age", (json_int_t)config->max_age_ns,
                     "max_msg_size", bound(config->max_msg_bytes), "num_replicas",
                     config->replicas == 0 ? 1 : (int)config->replicas, "duplicate_window",
                     (json_int_t)px_dedupe_window_ns(config), "deny_delete", forever || last,
                     "deny_purge", forever, "allow_rollup_hdrs", last, "allow_direct", 1);
}

static bool same_subjects(const json_t *have, const json_t *want)
{
    const json_t *subject;
    size_t i, k;

    if (json_array_size(have) != json_array_size(want))
        return false;
    json_array_foreach(want, i, subject)
    {
        for (k = 0; k < json_array_size(have); k++)
            if (json_equal(json_array_get(have, k), subject))
                break;
        if (k == json_array_size(have))
            return false;
    }
    return true;
}

/* What does not change meaning may differ: other makers use other windows. */
static bool may_differ(const char *key)
{
    return strcmp(key, "max_consumers") == 0 || strcmp(key, "duplicate_window") == 0;
}

static bool same(const char *key, const json_t *have, const json_t *want)
{
    if (strcmp(key, "subjects") == 0)
        return same_subjects(have, want);
    if (strcmp(key, "num_replicas") == 0) /* operators add some */
        return json_integer_value(have) >= json_integer_value(want);
    return have ? json_equal(have, want) : json_is_false(want);
}

/* "PRAXIS_LOG: deny_purge is false, true is needed" */
static void say_differs(nats_bus *bus, const char *stream, const char *key, const json_t *have,
                        const json_t *want)
{
    char *found = have ? json_dumps(have, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    char *needed = json_dumps(want, JSON_ENCODE_ANY | JSON_COMPACT);
    char how[192];

    snprintf(how, sizeof how, "%s is %s, %s is needed", key, found ? found : "not set",
             needed ? needed : "another value");
    px_nats_bus_set_error(bus, stream, how);
    free(found);
    free(needed);
}

static px_status compare(nats_bus *bus, const px_stream_config *config, const json_t *have,
                         json_t *want)
{
    const char *key;
    json_t *value;

    json_object_foreach(want, key, value)
    {
        const json_t *found = json_object_get(have, key);

        if (may_differ(key) || same(key, found, value))
            continue;
        say_differs(bus, config->name, key, found, value);
        return PX_EINVALID;
    }
    return PX_OK;
}

static px_status stream_check(nats_bus *bus, const px_stream_config *config, json_t *want)
{
    json_t *answer;
    px_status status = px_nats_stream_call(bus, "INFO", config->name, NULL, &answer);

    if (status != PX_OK)
        return status;
    status = compare(bus, config, json_object_get(answer, "config"), want);
    json_decref(answer);
    return status;
}

px_status px_nats_stream_ensure(px_bus *base, const px_stream_config *config)
{
    nats_bus *bus = nats_bus_of(base);
    json_t *want = wanted(config);
    json_t *answer;

    if (!want)
        return PX_EINVALID; /* a name or subject that is not UTF-8 */
    px_status status = stream_check(bus, config, want);
    if (status == PX_ENOTFOUND) {
        status = px_nats_stream_call(bus, "CREATE", config->name, json_incref(want), &answer);
        if (status == PX_OK)
            json_decref(answer);
        else if ((status == PX_EREFUSED || status == PX_EEXHAUSTED) &&
                 stream_check(bus, config, want) == PX_OK)
            status = PX_OK; /* somebody else was faster */
    }
    json_decref(want);
    return status;
}

/* --- reading --- */

/* 2022-11-21T22:54:45.123456789Z, as Go writes it. */
int64_t px_nats_time(const char *text)
{
    struct tm tm = { 0 };
    const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
    int64_t ns = 0;

    if (!rest)
        return 0;
    if (*rest == '.')
        for (int64_t unit = 100000000; *++rest >= '0' && *rest <= '9'; unit /= 10)
            ns += (*rest - '0') * unit;
    return (int64_t)timegm(&tm) * 1000000000 + ns;
}

static uint64_t number(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* When most servers of a cluster are away, 2.9 lets any replica tell what it has itself. */
static bool led_by_nobody(const json_t *answer)
{
    const json_t *cluster = json_object_get(answer, "cluster");

    return json_array_size(json_object_get(cluster, "replicas")) > 0 &&
           !json_object_get(cluster, "leader");
}

/* As a request that nobody answers: again, until its time is up. */
static px_status ask_leader(nats_bus *bus, const char *stream, json_t **answer)
{
    int64_t end_ms = px_nats_now_ms() + bus->request_timeout_ms;
    px_status status;

    while ((status = px_nats_stream_call(bus, "INFO", stream, NULL, answer)) == PX_OK &&
           led_by_nobody(*answer)) {
        json_decref(*answer);
        px_nats_bus_set_error(bus, stream, "no server of the cluster leads this stream");
        if (px_nats_now_ms() >= end_ms)
            return PX_ETIMEOUT;
        nanosleep(&(struct timespec){ .tv_nsec = LEADERLESS_PAUSE_MS * 1000000L }, NULL);
    }
    return status;
}

/* 0 although there are messages: see px_nats_is_early(). By its subject the first is found. */
static px_status find_first(nats_bus *bus, const char *stream, px_stream_info *info)
{
    json_t *answer, *which = json_pack("{s:i, s:s}", "seq", 1, "next_by_subj", ">");
    px_status status = px_nats_stream_call(bus, "MSG.GET", stream, which, &answer);

    info->first_seq = info->last_seq + 1;
    if (status != PX_OK)
        return status == PX_ENOTFOUND ? PX_OK : status; /* purged meanwhile */
    info->first_seq = number(json_object_get(answer, "message"), "seq");
    json_decref(answer);
    return PX_OK;
}

px_status px_nats_stream_info(px_bus *base, const char *stream, px_stream_info *info)
{
    json_t *answer;
    px_status status = ask_leader(nats_bus_of(base), stream, &answer);

    if (status != PX_OK)
        return status;
    const json_t *state = json_object_get(answer, "state");
    *info = (px_stream_info){
        .first_seq = number(state, "first_seq"),
        .last_seq = number(state, "last_seq"),
        .messages = number(state, "messages"),
        .bytes = number(state, "bytes"),
        .created_ns = px_nats_time(json_string_value(json_object_get(answer, "created"))),
        .replicas = (uint32_t)number(json_object_get(answer, "config"), "num_replicas"),
    };
    if (info->messages == 0) /* servers disagree about an empty stream */
        info->first_seq = info->last_seq + 1;
    json_decref(answer);
    return info->first_seq > 0 ? PX_OK : find_first(nats_bus_of(base), stream, info);
}

static int64_t limit(const json_t *limits, const char *key)
{
    const json_t *value = json_object_get(limits, key);

    return json_is_integer(value) ? json_integer_value(value) : -1;
}

/* 0 stands for "no bound" where it is about one stream. */
static int64_t limit_or_none(const json_t *limits, const char *key)
{
    int64_t value = limit(limits, key);

    return value == 0 ? -1 : value;
}

static px_status read_payload_limit(nats_bus *bus, px_bus_limits *limits)
{
    nats_link *link = px_nats_link_use(bus);

    if (!link)
        return PX_EDISCONNECTED;
    limits->max_payload = natsConnection_GetMaxPayload(link->nc);
    px_nats_link_release(link);
    return PX_OK;
}

px_status px_nats_limits(px_bus *base, px_bus_limits *limits)
{
    nats_bus *bus = nats_bus_of(base);
    json_t *answer;
    px_status status = px_nats_api_call(bus, "INFO", NULL, &answer);

    if (status != PX_OK)
        return status;
    const json_t *have = json_object_get(answer, "limits");
    if (json_object_size(json_object_get(answer, "tiers")) > 0)
        have = NULL; /* each number of replicas has limits of its own: left to the server */
    limits->max_file_bytes = limit(have, "max_storage");
    limits->max_stream_bytes = limit_or_none(have, "storage_max_stream_bytes");
    limits->max_consumers = limit(have, "max_consumers");
    json_decref(answer);
    return read_payload_limit(bus, limits);
}

/* Cuts "NATS/1.0\r\nName: value\r\n...\r\n" into strings, in place. */
static size_t split_headers(char *block, px_header *headers, size_t max)
{
    size_t count = 0;
    char *line = strstr(block, "\r\n");

    while (line && count < max) {
        line += 2;
        char *end = strstr(line, "\r\n");
        char *colon = end ? memchr(line, ':', (size_t)(end - line)) : NULL;
        if (!colon)
            break;
        *end = *colon = '\0';
        headers[count++] = (px_header){ line, colon + 1 + strspn(colon + 1, " ") };
        line = end;
    }
    return count;
}

/* NULL when it is not base64 or memory is used up; NUL behind the bytes. */
static char *decode(const json_t *text, size_t *size)
{
    size_t length = json_string_length(text);
    char *bytes = malloc(length + 1);

    *size = 0;
    if (bytes && length > 0 &&
        sodium_base642bin((unsigned char *)bytes, length, json_string_value(text), length, NULL,
                          size, NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
        free(bytes);
        return NULL;
    }
    if (bytes)
        bytes[*size] = '\0';
    return bytes;
}

static px_status stored_message(const json_t *stored, px_bus_msg **msg)
{
    size_t data_size, block_size;
    char *data = decode(json_object_get(stored, "data"), &data_size);
    char *block = decode(json_object_get(stored, "hdrs"), &block_size);
    const char *subject = json_string_value(json_object_get(stored, "subject"));
    px_header headers[PX_HEADERS_MAX];
    px_status status = PX_EMALFORMED;

    if (data && block && subject) {
        size_t count = split_headers(block, headers, PX_COUNT(headers));
        *msg = px_msg_make(&(px_msg_parts){ subject, NULL, { data, data_size }, headers, count });
        status = *msg ? PX_OK : PX_ENOMEM;
    }
    if (status == PX_OK) {
        (*msg)->seq = number(stored, "seq");
        (*msg)->time_ns = px_nats_time(json_string_value(json_object_get(stored, "time")));
    }
    free(data);
    free(block);
    return status;
}

px_status px_nats_message_in(nats_bus *bus, natsMsg *answer, px_bus_msg **msg)
{
    json_t *parsed;
    px_status status = parse_answer(bus, "MSG.GET", answer, &parsed);

    if (status != PX_OK)
        return status;
    status = stored_message(json_object_get(parsed, "message"), msg);
    json_decref(parsed);
    return status;
}

/* Asks the leader: a direct get may be answered by a replica that is behind. */
static px_status get(px_bus *base, const char *stream, json_t *which, px_bus_msg **msg)
{
    json_t *answer;
    px_status status = px_nats_stream_call(nats_bus_of(base), "MSG.GET", stream, which, &answer);

    if (status != PX_OK)
        return status;
    status = stored_message(json_object_get(answer, "message"), msg);
    json_decref(answer);
    return status;
}

px_status px_nats_get(px_bus *base, const char *stream, uint64_t seq, px_bus_msg **msg)
{
    return get(base, stream, json_pack("{s:I}", "seq", (json_int_t)seq), msg);
}

static px_status get_next(px_bus *base, const char *stream, const char *subject, uint64_t seq,
                          px_bus_msg **msg)
{
    return get(base, stream,
               json_pack("{s:I, s:s}", "seq", (json_int_t)seq, "next_by_subj", subject), msg);
}

px_status px_nats_get_last(px_bus *base, const char *stream, const char *subject, px_bus_msg **msg)
{
    px_status status = get(base, stream, json_pack("{s:s}", "last_by_subj", subject), msg);
    px_bus_msg *later;

    if (status != PX_ENOTFOUND)
        return status;
    /* 2.9 says so too when the last one was erased and earlier ones remain: walk to the end. */
    status = get_next(base, stream, subject, 1, msg);
    while (status == PX_OK) {
        status = get_next(base, stream, subject, (*msg)->seq + 1, &later);
        if (status == PX_ENOTFOUND)
            return PX_OK;
        px_bus_msg_free(*msg);
        *msg = later;
    }
    return status;
}
