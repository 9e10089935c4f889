/* query.c: `praxis query`: one question to one daemon. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "praxis/common/v1/result.pb-c.h"
#include "services/praxis/answers.h"
#include "services/praxis/ask.h"
#include "services/praxis/commands.h"
#include "services/praxis/contract.h"

enum { ARENA_BYTES = 16 * 1024 * 1024 };

static const px_scan_limits question_limits = { 8192, 4, 64, 32, false };

typedef struct {
    const char *service;
    const char *question;
    const char *viewer;
    bool json;
    uint64_t after_seq;
    const ProtobufCMessageDescriptor *type;
    px_arena arena;
} asking;

static int wrong(const char *what, const char *why)
{
    fprintf(stderr, "praxis query: %s: %s\n", what, why);
    return PX_EXIT_WRONG;
}

/* --- the question --- */

/* The text of a flag as the field's kind of value. */
static json_t *value_of(const ProtobufCFieldDescriptor *field, const char *text)
{
    char *end = NULL;

    if (field->type == PROTOBUF_C_TYPE_BOOL && strcmp(text, "true") == 0)
        return json_true();
    if (field->type == PROTOBUF_C_TYPE_BOOL && strcmp(text, "false") == 0)
        return json_false();
    if (field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_ENUM && *text) {
        errno = 0;
        long long number = strtoll(text, &end, 10);
        if (!*end && errno == 0)
            return json_integer(number);
    }
    return json_string(text);
}

static int add_field(const asking *a, json_t *question, const char *word)
{
    const char *equals = strchr(word, '=');
    char name[100];

    if (!equals)
        return wrong(word, "field=value or a JSON object is meant");
    snprintf(name, sizeof name, "%.*s", (int)(equals - word), word);
    const ProtobufCFieldDescriptor *field = px_contract_field(a->type, name);
    if (!field) {
        fprintf(stderr, "praxis query: %s has no field \"%s\"; it has:", a->question, name);
        for (unsigned i = 0; i < a->type->n_fields; i++)
            fprintf(stderr, " %s", a->type->fields[i].name);
        fputc('\n', stderr);
        return PX_EXIT_WRONG;
    }
    json_object_set_new(question, field->name, value_of(field, equals + 1));
    return PX_EXIT_OK;
}

static int read_words(const asking *a, const px_texts *words, json_t **question)
{
    json_error_t why;
    int code = PX_EXIT_OK;

    *question = json_object();
    for (size_t i = 2; i < words->count && code == PX_EXIT_OK; i++) {
        if (*words->items[i] == '{') {
            json_t *object = json_loads(words->items[i], JSON_REJECT_DUPLICATES, &why);
            if (!object)
                return wrong("the JSON of the question", why.text);
            json_object_update(*question, object);
            json_decref(object);
        } else {
            code = add_field(a, *question, words->items[i]);
        }
    }
    if (a->viewer && px_contract_field(a->type, "viewer_id"))
        json_object_set_new(*question, "viewer_id", json_string(a->viewer));
    return code;
}

static int find_type(asking *a)
{
    if (px_daemon_index(a->service) < 0) {
        fprintf(stderr, "praxis query: there is no service \"%s\"; there are %s\n", a->service,
                px_contract_services());
        return PX_EXIT_WRONG;
    }
    if (a->question && strcmp(a->question, "GetResult") == 0)
        a->type = &praxis__get_result__descriptor;
    else if (a->question)
        a->type = px_contract_message(a->service, a->question);
    if (a->type)
        return PX_EXIT_OK;
    fprintf(stderr, "praxis query: %s%s%s; it answers %s, and GetResult\n", a->service,
            a->question ? " has no question " : " needs a question", a->question ? a->question : "",
            px_contract_questions(a->service, &a->arena));
    return PX_EXIT_WRONG;
}

/* The question as a message, so that a mistake is named here and not on the way. */
static int make_message(asking *a, const px_texts *words, ProtobufCMessage **message)
{
    px_codec_error error;
    json_t *question = NULL;
    int code = read_words(a, words, &question);
    char *text = code == PX_EXIT_OK ? json_dumps(question, JSON_COMPACT) : NULL;

    *message = NULL;
    if (text)
        *message = px_codec_from_json(a->type, (px_bytes){ text, strlen(text) }, &question_limits,
                                      &a->arena, &error);
    if (text && (!*message || !px_codec_check(*message, &a->arena, &error)))
        code = wrong(*error.field ? error.field : a->question, px_reason_text(error.reason));
    free(text);
    json_decref(question);
    return code;
}

/* --- the answer --- */

static void print_reply_json(const px_bus_msg *reply)
{
    json_t *answer = json_loadb(reply->data.data, reply->data.size, JSON_DECODE_ANY, NULL);

    if (answer)
        json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    else
        fwrite(reply->data.data, 1, reply->data.size, stdout);
    putchar('\n');
    json_decref(answer);
}

static void print_refusal(const char *code, const char *text)
{
    fprintf(stderr, "praxis query: %s: %s\n", code, text ? text : "");
    if (strcmp(code, "FORBIDDEN") == 0)
        fputs("praxis query: --viewer says who asks: the person, their manager or an HR partner\n",
              stderr);
}

static int ask_for_json(asking *a, px_client *client, const ProtobufCMessage *message)
{
    const char *text = px_codec_to_json(message, false, &a->arena);
    px_asking question = {
        a->service, a->question, { text, text ? strlen(text) : 0 }, true, a->after_seq
    };
    px_bus_msg *reply;

    if (!text || px_ask(client, &question, &reply) != PX_OK)
        return PX_EXIT_FAILED;
    const char *code = px_ask_refused(reply);
    if (!code || a->json)
        print_reply_json(reply);
    else
        print_refusal(code, px_bus_msg_header(reply, "Nats-Service-Error"));
    int exit_code = code ? PX_EXIT_FAILED : PX_EXIT_OK;
    px_bus_msg_free(reply);
    return exit_code;
}

static int ask_for_table(asking *a, px_client *client, const ProtobufCMessage *message,
                         const px_answer_table *table)
{
    px_asked asked;

    if (px_ask_message(client, a->service, a->question, message, table->answer, &a->arena,
                       &asked) != PX_OK)
        return PX_EXIT_FAILED;
    if (asked.code) {
        print_refusal(asked.code, asked.text);
        return PX_EXIT_FAILED;
    }
    table->print(stdout, asked.message);
    return PX_EXIT_OK;
}

static int ask(asking *a, const px_client_flags *flags, const px_texts *words)
{
    ProtobufCMessage *message;
    px_client client;
    int code = find_type(a);

    if (code == PX_EXIT_OK)
        code = make_message(a, words, &message);
    if (code != PX_EXIT_OK)
        return code;
    code = px_client_open(&client, flags, PX_CLIENT_SOURCE);
    if (code != PX_EXIT_OK)
        return code;
    const px_answer_table *table = px_answer_table_of(a->service, a->question);
    code = table && !a->json && a->after_seq == 0 ? ask_for_table(a, &client, message, table)
                                                  : ask_for_json(a, &client, message);
    px_client_close(&client);
    return code;
}

static const char about[] =
    "Asks a daemon; without a question it says what can be asked. The question's\n"
    "fields are words field=value, or one JSON object. GetProfile, GetPlan and\n"
    "GetHeatMap come as tables, everything else (and everything with --json) as JSON.\n"
    "Questions about a person need --viewer: the person, their manager or an HR\n"
    "partner.\n"
    "\n"
    "  praxis query competency\n"
    "  praxis query competency GetProfile person_id=p-104 --viewer p-104\n"
    "  praxis query learning-recommender GetPlan person_id=p-104 --viewer m-7\n"
    "  praxis query reporting GetHeatMap unit_id=u-org with_units_below=true\n"
    "  praxis query review-cycle GetCycle cycle_id=2026-1 --json\n"
    "  praxis query competency GetResult source=demo submission_id=competency-sql-0123456789ab\n";

int px_command_query(int argc, char **argv)
{
    asking a = { 0 };
    px_client_flags flags = { 0 };
    px_texts words = { .count = 0 };
    px_option client[PX_CLIENT_OPTIONS];
    const px_option own[] = {
        { "viewer", "ID", PX_OPTION_TEXT, &a.viewer, "who wants to know", 0, 0 },
        { "json", NULL, PX_OPTION_SWITCH, &a.json, "the answer as JSON, refusals too", 0, 0 },
        { "after-seq", "N", PX_OPTION_NUMBER, &a.after_seq,
          "answered as of this log sequence or later", 0, INT64_MAX },
        { 0 },
    };
    const px_option *groups[] = { own, px_client_options(&flags, client) };
    px_command_line line = { "praxis query SERVICE QUESTION [FIELD=VALUE|JSON ...] [flags]",
                             about,
                             groups,
                             2,
                             &words,
                             1,
                             PX_TEXTS_MAX };
    px_options_outcome outcome = px_options_read(&line, argc, argv);

    if (outcome != PX_OPTIONS_RUN)
        return px_options_exit(outcome);
    a.service = words.items[0];
    a.question = words.count > 1 ? words.items[1] : NULL;
    if (!px_arena_init(&a.arena, ARENA_BYTES))
        return PX_EXIT_FAILED;
    int code = ask(&a, &flags, &words);
    px_arena_fini(&a.arena);
    return code;
}
