/* submit.c: `praxis submit`: JSON lines in, one result each. */
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/codec.h"
#include "services/praxis/client.h"
#include "services/praxis/clock.h"
#include "services/praxis/commands.h"
#include "services/praxis/contract.h"
#include "services/praxis/lines.h"
#include "services/praxis/outcome.h"
#include "services/praxis/progress.h"
#include "services/praxis/sender.h"

enum {
    LINE_MAX_BYTES = 900 * 1024,
    ARENA_BYTES = 2 * 1024 * 1024,
    POLL_BUSY_MS = 5,
    POLL_IDLE_MS = 200
};

typedef struct {
    const char *service; /* of plain lines; NULL: every line says its own */
    const char *actor;
    bool json;
    bool protobuf;
    uint64_t bundle;
    uint64_t window;
    px_client client;
    px_sender *sender;
    px_progress progress;
    px_arena arena;
    const char *line_service; /* of the line at hand */
    size_t line;
    uint64_t refused_here;
    bool broken; /* memory */
} submitting;

/* --- what is said --- */

static void report(submitting *s, const px_outcome_line *outcome)
{
    if (s->json) {
        px_outcome_print_json(outcome);
    } else if (!px_outcome_accepted(outcome)) {
        px_progress_clear(&s->progress);
        px_outcome_print(outcome);
    }
}

static void on_result(void *context, uint64_t tag, const Praxis__Result *result)
{
    submitting *s = context;
    px_sender_counts counts = px_sender_count(s->sender);
    px_outcome_line outcome = { .line = (size_t)tag,
                                .id = result->submission_id,
                                .result = result };

    report(s, &outcome);
    px_progress_update(&s->progress, counts.accepted + counts.refused, counts.refused);
}

static void on_note(void *context, const char *note)
{
    submitting *s = context;

    px_progress_note(&s->progress, note);
}

static void refuse(submitting *s, const char *id, const char *code, const char *field,
                   const char *text)
{
    px_outcome_line outcome = { .line = s->line,
                                .service = s->line_service,
                                .id = id,
                                .code = code,
                                .field = field,
                                .text = text };

    s->refused_here++;
    report(s, &outcome);
}

/* --- a line becomes a submission --- */

static const char *either(const json_t *object, const char *camel, const char *snake)
{
    const json_t *value = json_object_get(object, camel);

    return json_string_value(value ? value : json_object_get(object, snake));
}

static void fill(json_t *submission, const char *camel, const char *snake, const char *value)
{
    if (!json_object_get(submission, camel) && !json_object_get(submission, snake))
        json_object_set_new(submission, camel, json_string(value));
}

static void fill_envelope(submitting *s, json_t *submission)
{
    const char *text = px_codec_rfc3339(px_clock_ns() / 1000, &s->arena);

    fill(submission, "createdAt", "created_at", text);
    const char *created = either(submission, "createdAt", "created_at");
    fill(submission, "occurredAt", "occurred_at", created ? created : text);
    fill(submission, "actor", "actor", s->actor ? s->actor : s->client.source);
}

/*
 * The type token of the subject. A body nobody knows goes out under its own name, so that the
 * daemon answers for it.
 */
static const char *type_of(submitting *s, const ProtobufCMessageDescriptor *type,
                           const json_t *submission)
{
    const char *unknown = "Submission";
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)submission, key, value)
    {
        const ProtobufCFieldDescriptor *field = px_contract_field(type, key);
        if (field && (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
            return px_codec_short_name(field->descriptor);
        if (!field && json_is_object(value) && strlen(key) <= 64 &&
            strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(key))
            unknown = key;
    }
    char *token = px_arena_strdup(&s->arena, unknown);
    if (token && *token >= 'a' && *token <= 'z')
        *token = (char)(*token - 'a' + 'A');
    return token ? token : "Submission";
}

/* False: refused here, and said. */
static bool pack(submitting *s, const ProtobufCMessageDescriptor *type, px_sending *sending)
{
    px_codec_error error;
    ProtobufCMessage *message =
        px_codec_from_json(type, sending->bytes, &px_submission_limits, &s->arena, &error);

    if (!message) {
        refuse(s, sending->id, px_reason_code(error.reason), error.field,
               px_reason_text(error.reason));
        return false;
    }
    sending->json = false;
    sending->bytes = px_codec_pack(message, &s->arena);
    return sending->bytes.data != NULL;
}

static void send_submission(submitting *s, const char *service, json_t *submission)
{
    const ProtobufCMessageDescriptor *type = px_contract_message(service, "Submission");
    const char *id = either(submission, "submissionId", "submission_id");

    if (!type) {
        refuse(s, id, "UNKNOWN_TYPE", "service",
               px_arena_printf(&s->arena, "there is no such service; there are %s",
                               px_contract_services()));
        return;
    }
    fill_envelope(s, submission);
    char *text = json_dumps(submission, JSON_COMPACT);
    px_sending sending = { .service = service,
                           .type = type_of(s, type, submission),
                           .id = id ? id : "",
                           .bytes = { text, text ? strlen(text) : 0 },
                           .json = true,
                           .tag = s->line };
    bool ready = text && (!s->protobuf || pack(s, type, &sending));
    if (!text || (ready && px_sender_put(s->sender, &sending) == PX_ENOMEM))
        s->broken = true;
    free(text);
}

static void take_object(submitting *s, json_t *object)
{
    json_t *submission = json_object_get(object, "submission");
    const char *service = json_string_value(json_object_get(object, "service"));

    if (!submission && s->service) {
        submission = object;
        service = s->service;
    } else if (!service) {
        service = s->service;
    }
    s->line_service = service;
    if (!json_is_object(submission) || !service)
        refuse(s, "", "MALFORMED", "",
               "a line is {\"service\": \"...\", \"submission\": {...}}, or a plain submission "
               "with --service");
    else
        send_submission(s, service, submission);
}

static void take_line(submitting *s, const char *text, size_t size)
{
    json_error_t why;
    json_t *object;

    s->line_service = NULL;
    px_arena_reset(&s->arena);
    if (text[strspn(text, " \t\r\n")] == 0)
        return;
    if (size > LINE_MAX_BYTES) {
        refuse(s, "", "TOO_LARGE", "", px_reason_text(PX_REASON_TOO_LARGE));
        return;
    }
    object = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
    if (object && json_is_object(object))
        take_object(s, object);
    else
        refuse(s, "", "MALFORMED", "", object ? "a line is a JSON object" : why.text);
    json_decref(object);
}

/* Whoever writes to us may wait for a result before the next line: look for both. */
static int submit_stream(submitting *s, int fd)
{
    px_lines lines = { .fd = fd };
    px_line_outcome outcome = PX_LINE;
    char *text;
    size_t size;

    for (s->line = 1; !px_interrupted && !s->broken;) {
        bool waiting = px_sender_in_flight(s->sender) > 0;
        outcome = px_lines_next(&lines, waiting ? POLL_BUSY_MS : POLL_IDLE_MS, &text, &size);
        if (outcome == PX_LINE) {
            take_line(s, text, size);
            s->line++;
        } else if (outcome != PX_LINE_NOT_YET) {
            break;
        } else {
            px_sender_flush(s->sender);
            px_sender_step(s->sender, 0);
        }
    }
    if (outcome == PX_LINE_FAILED)
        fprintf(stderr, "praxis submit: reading failed: %m\n");
    px_lines_fini(&lines);
    return outcome == PX_LINE_FAILED ? PX_EXIT_FAILED : PX_EXIT_OK;
}

static int submit_file(submitting *s, const char *path)
{
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        fprintf(stderr, "praxis submit: cannot read %s: %m\n", path);
        return PX_EXIT_FAILED;
    }
    int code = submit_stream(s, fd);
    if (fd != STDIN_FILENO)
        close(fd);
    return code;
}

/* --- the whole --- */

static int summary(submitting *s, int code)
{
    px_sender_counts counts = px_sender_count(s->sender);
    uint64_t refused = counts.refused + s->refused_here;
    size_t open = px_sender_in_flight(s->sender);

    px_progress_clear(&s->progress);
    if (!s->json)
        printf("%" PRIu64 " accepted, %" PRIu64 " refused\n", counts.accepted, refused);
    if (s->broken)
        fputs("praxis submit: out of memory\n", stderr);
    if (open > 0)
        fprintf(stderr,
                "praxis submit: stopped with %zu submissions sent and no result seen, the last "
                "line read is %zu; send the file again (same ids and created_at): what was "
                "decided is not decided twice\n",
                open, s->line);
    return code != PX_EXIT_OK || refused > 0 || open > 0 || s->broken || px_interrupted
               ? PX_EXIT_FAILED
               : PX_EXIT_OK;
}

static int submit(submitting *s, const px_texts *files)
{
    px_sender_options options = { .bus = s->client.bus,
                                  .tenant = s->client.tenant,
                                  .source = s->client.source,
                                  .feed_stream = px_client_feed_stream,
                                  .window = s->window,
                                  .bundle = s->bundle,
                                  .on_result = on_result,
                                  .on_note = on_note,
                                  .stop = &px_interrupted,
                                  .context = s };
    int code = PX_EXIT_OK;

    if (!px_arena_init(&s->arena, ARENA_BYTES) || px_sender_create(&s->sender, &options) != PX_OK) {
        fputs("praxis submit: out of memory\n", stderr);
        px_arena_fini(&s->arena);
        return PX_EXIT_FAILED;
    }
    px_progress_begin(&s->progress, "submitted", 0);
    for (size_t i = 0; i < files->count && code == PX_EXIT_OK; i++)
        code = submit_file(s, files->items[i]);
    if (files->count == 0)
        code = submit_file(s, "-");
    if (px_sender_finish(s->sender) == PX_ENOMEM)
        s->broken = true;
    code = summary(s, code);
    px_sender_destroy(s->sender);
    px_arena_fini(&s->arena);
    return code;
}

static const char about[] =
    "Reads one submission per line (JSON) from the files, or from standard input,\n"
    "sends them, waits for the result of each and prints every refusal: line, id,\n"
    "code, field, text.\n"
    "A line is {\"service\": \"review-cycle\", \"submission\": {...}}; with --service a\n"
    "line may be the submission alone. The submission is the protobuf JSON of\n"
    "praxis.<service>.v1.Submission. createdAt, occurredAt and actor are filled in\n"
    "when a line has none: now, createdAt, --actor. Give createdAt yourself when you\n"
    "may have to send the file again: a known id with other content is refused\n"
    "(ID_REUSED), the same content is answered with its first result and counts once.\n"
    "\n"
    "  echo '{\"submissionId\": \"u1\", \"recordUnit\": {\"unitId\": \"sales\", \"label\": "
    "\"Sales\"}}' |\n"
    "      praxis submit --service feedback-ingest\n"
    "  praxis submit reviews.jsonl --json | jq 'select(.accepted | not)'\n";

int px_command_submit(int argc, char **argv)
{
    submitting s = { .bundle = 1 };
    px_client_flags flags = { 0 };
    px_texts files = { .count = 0 };
    px_option client[PX_CLIENT_OPTIONS];
    const px_option own[] = {
        { "service", "NAME", PX_OPTION_TEXT, &s.service, "the daemon of lines without one", 0, 0 },
        { "actor", "ID", PX_OPTION_TEXT, &s.actor, "who asks, where a line does not say (source)",
          0, 0 },
        { "json", NULL, PX_OPTION_SWITCH, &s.json, "print every result, one JSON object a line", 0,
          0 },
        { "protobuf", NULL, PX_OPTION_SWITCH, &s.protobuf, "pack before sending", 0, 0 },
        { "bundle", "N", PX_OPTION_NUMBER, &s.bundle, "pack N into one message, for bulk loads", 1,
          PX_SENDER_BUNDLE_MAX },
        { "window", "N", PX_OPTION_NUMBER, &s.window, "how many may wait for results (2000)", 1,
          100000 },
        { 0 },
    };
    const px_option *groups[] = { own, px_client_options(&flags, client) };
    px_command_line line = {
        "praxis submit [FILE...] [flags]", about, groups, 2, &files, 0, PX_TEXTS_MAX
    };
    px_options_outcome outcome = px_options_read(&line, argc, argv);

    if (outcome != PX_OPTIONS_RUN)
        return px_options_exit(outcome);
    s.protobuf = s.protobuf || s.bundle > 1;
    setvbuf(stdout, NULL, _IOLBF, 0); /* a program may wait for each result */
    int code = px_client_open(&s.client, &flags, PX_CLIENT_SOURCE);
    if (code != PX_EXIT_OK)
        return code;
    px_interrupt_catch();
    code = submit(&s, &files);
    px_client_close(&s.client);
    return code;
}
