/* tail.c: `praxis tail`: the feed as this source may read it, as it comes. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/codec.h"
#include "services/praxis/client.h"
#include "services/praxis/commands.h"
#include "services/praxis/progress.h"

enum { ARENA_BYTES = 8 * 1024 * 1024, WAIT_MS = 200, RETRY_MS = 1000 };

typedef struct {
    const char *service;
    const char *event;
    const char *person;
    bool results;
    bool only_new;
    bool json;
    uint64_t from;
    uint64_t count;
    px_client client;
    px_arena arena;
    char filter[300];
    uint64_t next; /* sequence to go on at */
    uint64_t printed;
    uint64_t epoch;
    px_reader *reader;
    bool away_said;
} tailing;

/* --- what is shown --- */

static json_t *read_body(tailing *t, const px_bus_msg *msg)
{
    static const px_scan_limits limits = { 1024 * 1024, 8, 64 * 1024, 8192, true };
    const char *content = px_bus_msg_header(msg, "Content-Type");
    const char *name = px_bus_msg_header(msg, "ce-type");
    const ProtobufCMessageDescriptor *type = name ? px_codec_find(name) : NULL;
    px_codec_error error;
    ProtobufCMessage *message = NULL;

    if (content && strncasecmp(content, "application/json", 16) == 0)
        return json_loadb(msg->data.data, msg->data.size, 0, NULL);
    if (type && px_codec_scan(type, msg->data, &limits, &t->arena, &error))
        message = px_codec_unpack(type, msg->data, &t->arena);
    char *text = message ? px_codec_to_json(message, false, &t->arena) : NULL;
    return text ? json_loads(text, 0, NULL) : NULL;
}

/* True when some field anywhere in the event is exactly this id. */
static bool names(const json_t *value, const char *id)
{
    const char *key;
    json_t *member;
    size_t i;

    if (json_is_string(value))
        return strcmp(json_string_value(value), id) == 0;
    json_object_foreach((json_t *)(uintptr_t)value, key, member) if (names(member, id)) return true;
    json_array_foreach(value, i, member) if (names(member, id)) return true;
    return false;
}

/* personId=p-7 level=2.4 items=[2]: one line, lists by their length. */
static void print_fields(const json_t *body, const char *prefix, int depth)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)body, key, value)
    {
        if (json_is_object(value) && depth < 2) {
            char longer[200];
            snprintf(longer, sizeof longer, "%s%s.", prefix, key);
            print_fields(value, longer, depth + 1);
        } else if (json_is_array(value)) {
            printf(" %s%s=[%zu]", prefix, key, json_array_size(value));
        } else if (json_is_string(value)) {
            const char *text = json_string_value(value);
            printf(strchr(text, ' ') ? " %s%s=\"%s\"" : " %s%s=%s", prefix, key, text);
        } else if (json_is_real(value)) {
            printf(" %s%s=%.3g", prefix, key, json_real_value(value));
        } else if (json_is_integer(value)) {
            printf(" %s%s=%" JSON_INTEGER_FORMAT, prefix, key, json_integer_value(value));
        } else if (json_is_boolean(value)) {
            printf(" %s%s=%s", prefix, key, json_is_true(value) ? "true" : "false");
        }
    }
}

static const char *header_or(const px_bus_msg *msg, const char *name, const char *otherwise)
{
    const char *value = px_bus_msg_header(msg, name);

    return value ? value : otherwise;
}

static const char *short_type(const px_bus_msg *msg)
{
    const char *type = header_or(msg, "ce-type", "?");
    const char *dot = strrchr(type, '.');

    return dot ? dot + 1 : type;
}

static bool enough(const tailing *t)
{
    return px_interrupted || (t->count > 0 && t->printed >= t->count);
}

static void print_results(tailing *t, const px_bus_msg *msg, const json_t *body)
{
    json_t *result;
    size_t i;

    json_array_foreach(json_object_get(body, "results"), i, result)
    {
        const json_t *rejected = json_object_get(result, "rejected");
        const char *id = json_string_value(json_object_get(result, "submissionId"));
        const char *code = json_string_value(json_object_get(rejected, "code"));
        const char *field = json_string_value(json_object_get(rejected, "field"));
        printf("%.19s  %s  result %s: %s %s\n", header_or(msg, "ce-time", ""), msg->subject,
               id ? id : "(no id)", code ? code : "accepted", field ? field : "");
        t->printed++;
        if (enough(t))
            break;
    }
}

static void print_json(const px_bus_msg *msg, json_t *body)
{
    static const char *const names_of[] = {
        "ce-id",   "ce-type",     "ce-source",        "ce-subject",
        "ce-time", "ce-sequence", "ce-correlationid", "ce-causationid"
    };
    json_t *object =
        json_pack("{s:I, s:s}", "feedSeq", (json_int_t)msg->seq, "subject", msg->subject);

    for (size_t i = 0; i < PX_COUNT(names_of); i++) {
        const char *value = px_bus_msg_header(msg, names_of[i]);
        if (value)
            json_object_set_new(object, names_of[i] + 3, json_string(value));
    }
    json_object_set(object, "data", body ? body : json_null());
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_event(const px_bus_msg *msg, const json_t *body)
{
    const char *cause = px_bus_msg_header(msg, "ce-causationid");

    printf("%.19s  %-18s %s", header_or(msg, "ce-time", ""), short_type(msg),
           header_or(msg, "ce-subject", ""));
    print_fields(body, "", 0);
    if (!body)
        fputs(" (unknown to this praxis)", stdout);
    if (cause)
        printf("  <- %s", cause);
    putchar('\n');
}

static void show(tailing *t, const px_bus_msg *msg)
{
    px_arena_reset(&t->arena);
    json_t *body = read_body(t, msg);
    const char *subject = header_or(msg, "ce-subject", "");

    if (!t->person || strcmp(subject, t->person) == 0 || names(body, t->person)) {
        bool of_results = !t->json && json_object_get(body, "results");

        t->printed += of_results ? 0 : 1;
        if (of_results)
            print_results(t, msg, body); /* a message holds many, each counts */
        else if (t->json)
            print_json(msg, body);
        else
            print_event(msg, body);
    }
    json_decref(body);
}

/* --- reading --- */

static void detach(tailing *t)
{
    px_reader_close(t->reader);
    t->reader = NULL;
}

static void attach(tailing *t, uint64_t epoch)
{
    px_status status = px_reader_open_filtered(&t->reader, t->client.bus, px_client_feed_stream,
                                               t->next, t->filter);

    t->epoch = epoch;
    if (status == PX_OK) {
        if (t->away_said)
            fputs("praxis: connected again\n", stderr);
        t->away_said = false;
        return;
    }
    t->reader = NULL;
    if (!t->away_said)
        fprintf(stderr, "praxis: the feed cannot be read yet (%s); trying again\n",
                px_bus_last_error(t->client.bus));
    t->away_said = true;
    px_bus_wait(t->client.bus, RETRY_MS);
}

static bool attached(tailing *t)
{
    uint64_t epoch = px_bus_epoch(t->client.bus);

    if (t->reader && epoch == t->epoch)
        return true;
    detach(t);
    if (epoch != 0) {
        attach(t, epoch);
    } else if (!t->away_said) {
        fputs("praxis: the broker is away; waiting for it\n", stderr);
        t->away_said = true;
    }
    return t->reader != NULL;
}

static void read_all(tailing *t)
{
    px_bus_msg *msg;
    px_status status = PX_OK;

    while (!enough(t) && (status = px_reader_next(t->reader, &msg)) == PX_OK) {
        t->next = msg->seq + 1;
        show(t, msg);
        px_bus_msg_free(msg);
    }
    fflush(stdout);
    if (status != PX_OK && status != PX_EEMPTY)
        detach(t);
}

static int follow(tailing *t)
{
    if (!px_arena_init(&t->arena, ARENA_BYTES))
        return PX_EXIT_FAILED;
    px_interrupt_catch();
    while (!enough(t)) {
        if (attached(t))
            read_all(t);
        if (!enough(t))
            px_bus_wait(t->client.bus, WAIT_MS);
    }
    detach(t);
    px_arena_fini(&t->arena);
    return PX_EXIT_OK;
}

static void set_filter(tailing *t)
{
    const char *service = t->service ? t->service : "*";

    if (t->results)
        snprintf(t->filter, sizeof t->filter, "praxis.v1.%s.result.%s.%s", t->client.tenant,
                 service, t->client.source);
    else
        snprintf(t->filter, sizeof t->filter, "praxis.v1.%s.event.%s.%s", t->client.tenant, service,
                 t->event ? t->event : "*");
    t->next = t->only_new ? PX_READ_NEW : t->from;
}

static const char about[] =
    "Prints events of the feed as they come, from its beginning: when, what, about\n"
    "whom, the fields, and what caused it (source/submission, or the log messages\n"
    "behind a conclusion). --results shows the results of this source's submissions\n"
    "instead. Ends with Ctrl-C or after --count.\n"
    "\n"
    "  praxis tail --event PlanProposed --new\n"
    "  praxis tail --service competency --person p-104\n"
    "  praxis tail --json --count 100 | jq .data\n";

int px_command_tail(int argc, char **argv)
{
    tailing t = { .from = 1 };
    px_client_flags flags = { 0 };
    px_option client[PX_CLIENT_OPTIONS];
    const px_option own[] = {
        { "service", "NAME", PX_OPTION_TEXT, &t.service, "only of this daemon", 0, 0 },
        { "event", "NAME", PX_OPTION_TEXT, &t.event, "only this one, such as GapOpened", 0, 0 },
        { "person", "ID", PX_OPTION_TEXT, &t.person, "only what names this id", 0, 0 },
        { "results", NULL, PX_OPTION_SWITCH, &t.results, "results of this source, not events", 0,
          0 },
        { "from", "SEQ", PX_OPTION_NUMBER, &t.from, "feed sequence to begin at (1)", 1, INT64_MAX },
        { "new", NULL, PX_OPTION_SWITCH, &t.only_new, "only what comes from now on", 0, 0 },
        { "count", "N", PX_OPTION_NUMBER, &t.count, "end after N", 1, INT64_MAX },
        { "json", NULL, PX_OPTION_SWITCH, &t.json, "one JSON object a line", 0, 0 },
        { 0 },
    };
    const px_option *groups[] = { own, px_client_options(&flags, client) };
    px_command_line line = { "praxis tail [flags]", about, groups, 2, NULL, 0, 0 };
    px_options_outcome outcome = px_options_read(&line, argc, argv);

    if (outcome != PX_OPTIONS_RUN)
        return px_options_exit(outcome);
    if ((t.service && !px_name_valid(t.service)) || (t.event && !px_name_valid(t.event))) {
        fputs("praxis tail: --service and --event are names: letters, digits, - and _\n", stderr);
        return PX_EXIT_WRONG;
    }
    int code = px_client_open(&t.client, &flags, PX_CLIENT_SOURCE);
    if (code != PX_EXIT_OK)
        return code;
    set_filter(&t);
    code = follow(&t);
    px_client_close(&t.client);
    return code;
}
