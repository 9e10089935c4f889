/* erase.c: `praxis erase`: a person's texts become unreadable, for ever. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "common/codec.h"
#include "praxis/feedback_ingest/v1/submission.pb-c.h"
#include "services/praxis/client.h"
#include "services/praxis/clock.h"
#include "services/praxis/commands.h"
#include "services/praxis/outcome.h"
#include "services/praxis/progress.h"
#include "services/praxis/sender.h"

enum { ARENA_BYTES = 64 * 1024 };

typedef struct {
    const char *person;
    const char *actor;
    bool yes;
    bool json;
    px_client client;
    bool answered;
    bool accepted;
} erasing;

static const char destroyed[] =
    "Destroyed: the key of all text about %s. Comments, feedback and every other sentence stored\n"
    "about this person, in the log and in every copy of it, can no longer be read. The key is\n"
    "overwritten in the key stream within moments; backups of that stream made before hold it "
    "until\n"
    "you delete them.\n"
    "Remains: that the id existed, who rated whom when and with which numbers (the log is never\n"
    "changed; ids are opaque), and counts in group figures. The feed holds no text; systems that "
    "keep\n"
    "ids of their own must drop theirs (event PersonErased).\n";

static void on_result(void *context, uint64_t tag, const Praxis__Result *result)
{
    erasing *e = context;
    px_outcome_line outcome = { .line = (size_t)tag,
                                .service = "feedback-ingest",
                                .key = "",
                                .id = result->submission_id,
                                .result = result };

    e->answered = true;
    e->accepted = px_outcome_accepted(&outcome);
    if (e->json) {
        px_outcome_print_json(&outcome);
    } else if (e->accepted) {
        printf("Erased %s (log sequence %" PRIu64 ").\n", e->person, result->accepted->log_seq);
        printf(destroyed, e->person);
    } else {
        const Praxis__Rejected *why = result->rejected;
        printf("not erased: %s%s%s: %s\n", why->code, *why->field ? " " : "", why->field,
               why->text);
    }
}

static void on_note(void *context, const char *note)
{
    (void)context;
    fprintf(stderr, "praxis: %s\n", note);
}

/* A new id each time: a person may come back and be erased again. */
static const char *new_id(px_arena *arena)
{
    unsigned char random[12];
    char hex[sizeof random * 2 + 1];

    randombytes_buf(random, sizeof random);
    return px_arena_printf(arena, "erase-%s",
                           sodium_bin2hex(hex, sizeof hex, random, sizeof random));
}

static px_bytes make_submission(const erasing *e, const char *id, px_arena *arena)
{
    FeedbackIngest__Submission submission = FEEDBACK_INGEST__SUBMISSION__INIT;
    FeedbackIngest__ErasePerson body = FEEDBACK_INGEST__ERASE_PERSON__INIT;

    submission.submission_id = (char *)(uintptr_t)id;
    submission.actor = (char *)(uintptr_t)(e->actor ? e->actor : e->client.source);
    submission.created_at = px_codec_timestamp(px_clock_ns() / 1000, arena);
    submission.occurred_at = submission.created_at;
    submission.body_case = FEEDBACK_INGEST__SUBMISSION__BODY_ERASE_PERSON;
    submission.erase_person = &body;
    body.person_id = (char *)(uintptr_t)e->person;
    return px_codec_pack(&submission.base, arena);
}

static px_status send_and_wait(erasing *e, px_arena *arena)
{
    px_sender_options options = { .bus = e->client.bus,
                                  .tenant = e->client.tenant,
                                  .source = e->client.source,
                                  .feed_stream = px_client_feed_stream,
                                  .on_result = on_result,
                                  .on_note = on_note,
                                  .stop = &px_interrupted,
                                  .context = e };
    px_sending sending = { .service = "feedback-ingest", .type = "ErasePerson", .tag = 1 };
    px_sender *sender;
    px_status status = px_sender_create(&sender, &options);

    sending.id = new_id(arena);
    sending.bytes = make_submission(e, sending.id, arena);
    if (!sending.bytes.data)
        status = PX_ENOMEM;
    if (status == PX_OK)
        status = px_sender_put(sender, &sending);
    if (status == PX_OK)
        status = px_sender_finish(sender);
    px_sender_destroy(sender);
    return status;
}

static int erase(erasing *e)
{
    px_arena arena;

    if (!px_arena_init(&arena, ARENA_BYTES))
        return PX_EXIT_FAILED;
    px_interrupt_catch();
    px_status status = send_and_wait(e, &arena);
    if (!e->answered)
        fprintf(stderr, "praxis erase: %s; whether %s is erased is not known: run it again\n",
                status == PX_ETIMEOUT ? "stopped before the result was seen" : px_strerror(status),
                e->person);
    px_arena_fini(&arena);
    return e->answered && e->accepted ? PX_EXIT_OK : PX_EXIT_FAILED;
}

static const char about[] = "Destroys the key of all text about a person, and waits until that is "
                            "decided. Cannot be undone,\n"
                            "by nobody. Says what is destroyed and what remains.\n\n"
                            "  praxis erase p-104 --yes\n";

int px_command_erase(int argc, char **argv)
{
    erasing e = { 0 };
    px_client_flags flags = { 0 };
    px_texts words = { .count = 0 };
    px_option client[PX_CLIENT_OPTIONS];
    const px_option own[] = {
        { "yes", NULL, PX_OPTION_SWITCH, &e.yes, "really", 0, 0 },
        { "actor", "ID", PX_OPTION_TEXT, &e.actor, "who asks for it (source)", 0, 0 },
        { "json", NULL, PX_OPTION_SWITCH, &e.json, "print the result as JSON", 0, 0 },
        { 0 },
    };
    const px_option *groups[] = { own, px_client_options(&flags, client) };
    px_command_line line = { "praxis erase PERSON --yes [flags]", about, groups, 2, &words, 1, 1 };
    px_options_outcome outcome = px_options_read(&line, argc, argv);

    if (outcome != PX_OPTIONS_RUN)
        return px_options_exit(outcome);
    e.person = words.items[0];
    if (!e.yes) {
        fprintf(stderr,
                "praxis erase: this destroys every text about %s and cannot be undone; add --yes\n",
                e.person);
        return PX_EXIT_WRONG;
    }
    int code = px_client_open(&e.client, &flags, PX_CLIENT_SOURCE);
    if (code != PX_EXIT_OK)
        return code;
    code = erase(&e);
    px_client_close(&e.client);
    return code;
}
