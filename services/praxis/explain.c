/* explain.c: `praxis explain`: asks three daemons for what stands behind a plan; or works it
 * out of the log alone, as of any sequence. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "common/codec.h"
#include "services/praxis/ask.h"
#include "services/praxis/commands.h"
#include "services/praxis/explanation.h"
#include "services/praxis/past.h"

enum { ARENA_BYTES = 32 * 1024 * 1024 };

typedef struct {
    const char *person;
    const char *plan;
    const char *template_id;
    const char *viewer;
    bool json;
    bool from_log;
    const char *archive;
    uint64_t seq; /* of the log; 0: its end */
    px_client client;
    px_past past; /* with from_log or archive */
    px_arena arena;
    px_explanation found;
} explaining;

static char *word(const char *text)
{
    return (char *)(uintptr_t)(text ? text : "");
}

static int refused(const explaining *ex, const px_asked *asked)
{
    fprintf(stderr, "praxis explain: %s: %s\n", asked->code, asked->text);
    if (strcmp(asked->code, "FORBIDDEN") == 0)
        fprintf(
            stderr,
            "praxis explain: %s may not see %s; the person, their manager and HR partners may\n",
            ex->viewer, ex->person);
    if (strcmp(asked->code, "NOT_FOUND") == 0)
        fprintf(stderr,
                "praxis explain: no such plan; `praxis query competency GetProfile person_id=%s "
                "--viewer %s` shows whether there is a gap\n",
                ex->person, ex->viewer);
    return PX_EXIT_FAILED;
}

static int find_plan(explaining *ex)
{
    LearningRecommender__GetPlan request = LEARNING_RECOMMENDER__GET_PLAN__INIT;
    px_asked asked;

    request.viewer_id = word(ex->viewer);
    request.person_id = word(ex->person);
    request.plan_id = word(ex->plan);
    request.template_id = word(ex->template_id);
    const ProtobufCMessageDescriptor *type = &learning_recommender__plan__descriptor;
    px_status status = ex->past.store
                           ? px_past_ask(&ex->past, ex->client.tenant, "GetPlan", &request.base,
                                         type, &ex->arena, &asked)
                           : px_ask_message(&ex->client, "learning-recommender", "GetPlan",
                                            &request.base, type, &ex->arena, &asked);
    if (status != PX_OK)
        return PX_EXIT_FAILED;
    if (asked.code)
        return refused(ex, &asked);
    ex->found.plan = (const LearningRecommender__Plan *)asked.message;
    return PX_EXIT_OK;
}

/* What the viewer may not see is left out: the plan stands on its own. */
static int find_profile(explaining *ex)
{
    Competency__GetProfile request = COMPETENCY__GET_PROFILE__INIT;
    px_asked asked;

    request.viewer_id = word(ex->viewer);
    request.person_id = word(ex->person);
    if (px_ask_message(&ex->client, "competency", "GetProfile", &request.base,
                       &competency__profile__descriptor, &ex->arena, &asked) != PX_OK)
        return PX_EXIT_FAILED;
    ex->found.profile = (const Competency__Profile *)asked.message;
    return PX_EXIT_OK;
}

static int find_review(explaining *ex, const char *id)
{
    ReviewCycle__GetReview request = REVIEW_CYCLE__GET_REVIEW__INIT;
    px_asked asked;

    if (px_explanation_review(&ex->found, id) ||
        ex->found.review_count == PX_EXPLANATION_REVIEWS_MAX)
        return PX_EXIT_OK;
    request.viewer_id = word(ex->viewer);
    request.review_id = word(id);
    if (px_ask_message(&ex->client, "review-cycle", "GetReview", &request.base,
                       &review_cycle__review__descriptor, &ex->arena, &asked) != PX_OK)
        return PX_EXIT_FAILED;
    if (asked.message)
        ex->found.reviews[ex->found.review_count++] = (const ReviewCycle__Review *)asked.message;
    return PX_EXIT_OK;
}

static int find_reviews(explaining *ex)
{
    const LearningRecommender__Plan *plan = ex->found.plan;
    int code = PX_EXIT_OK;

    for (size_t i = 0; i < plan->n_items; i++) {
        const LearningRecommender__Issue *issue = plan->items[i]->issue;
        for (size_t j = 0; issue && j < issue->n_ratings && code == PX_EXIT_OK; j++)
            code = find_review(ex, issue->ratings[j]->review_id);
    }
    return code;
}

static json_t *to_json(explaining *ex, const ProtobufCMessage *message)
{
    const char *text = message ? px_codec_to_json(message, false, &ex->arena) : NULL;
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;

    return json ? json : json_null();
}

static void print_json(explaining *ex)
{
    json_t *reviews = json_array();

    for (size_t i = 0; i < ex->found.review_count; i++)
        json_array_append_new(reviews, to_json(ex, &ex->found.reviews[i]->base));
    json_t *all = json_pack(
        "{s:o, s:o, s:o}", "plan", to_json(ex, &ex->found.plan->base), "profile",
        to_json(ex, ex->found.profile ? &ex->found.profile->base : NULL), "reviews", reviews);
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

static int explain(explaining *ex)
{
    int code = find_plan(ex);
    bool asks = !ex->past.store; /* the plan's facts hold its figures and ratings themselves */

    if (code == PX_EXIT_OK && asks)
        code = find_profile(ex);
    if (code == PX_EXIT_OK && asks)
        code = find_reviews(ex);
    if (code != PX_EXIT_OK)
        return code;
    if (ex->json)
        print_json(ex);
    else
        px_explanation_print(stdout, &ex->found);
    return PX_EXIT_OK;
}

/* ---- from the log ---- */

static bool find_tenant(explaining *ex, const px_client_flags *flags)
{
    char connection[PX_PATH_MAX];

    px_layout_path(px_client_directory(flags), "connection", connection);
    if (flags->tenant)
        snprintf(ex->client.tenant, sizeof ex->client.tenant, "%s", flags->tenant);
    else if (!px_layout_value(connection, "tenant", ex->client.tenant, sizeof ex->client.tenant))
        fputs("praxis explain: --tenant: an archive may hold several, say which\n", stderr);
    return ex->client.tenant[0] != '\0';
}

/* 0, or the exit code */
static int connect_to(explaining *ex, const px_client_flags *flags)
{
    bool past = ex->from_log || ex->archive;
    px_client_kind kind = past ? PX_CLIENT_OPERATOR : PX_CLIENT_SOURCE;

    if (ex->seq > 0 && !past) {
        fputs("praxis explain: --seq: only with --from-log or --archive\n", stderr);
        return PX_EXIT_WRONG;
    }
    if (ex->archive && !find_tenant(ex, flags))
        return PX_EXIT_WRONG;
    int code = ex->archive ? PX_EXIT_OK : px_client_open(&ex->client, flags, kind);
    if (code != PX_EXIT_OK)
        return code;
    const px_past_log log = { .command = "explain",
                              .dir = ex->archive ? px_client_directory(flags) : ex->client.dir,
                              .archive = ex->archive,
                              .bus = ex->client.bus,
                              .seq = ex->seq };
    return past && !px_past_open(&ex->past, &log) ? PX_EXIT_FAILED : PX_EXIT_OK;
}

static const char about[] =
    "Explains a person's learning plan in words: for every item what is short and\n"
    "which ratings say so, what to learn and why not the next best, and when it is\n"
    "looked at again. Asks the recommender for the plan, competency for the profile\n"
    "and review-cycle for the reviews, as the viewer may see them: the person, their\n"
    "manager or an HR partner. Ratings by colleagues and reports are counted, never\n"
    "named.\n"
    "From the log, also as it was at an earlier sequence, it asks no daemon: the\n"
    "plan's own facts hold figures, ratings and candidates; the log is folded into a\n"
    "temporary directory.\n"
    "\n"
    "  praxis explain p-104 --viewer m-7\n"
    "  praxis explain p-104 --plan p-104-1 --viewer p-104 --json\n";

int px_command_explain(int argc, char **argv)
{
    explaining ex = { 0 };
    px_client_flags flags = { 0 };
    px_texts words = { .count = 0 };
    px_option client[PX_CLIENT_OPTIONS];
    const px_option own[] = {
        { "viewer", "ID", PX_OPTION_TEXT, &ex.viewer, "who wants to know (the person)", 0, 0 },
        { "plan", "ID", PX_OPTION_TEXT, &ex.plan, "an earlier plan (the newest)", 0, 0 },
        { "template", "ID", PX_OPTION_TEXT, &ex.template_id,
          "the plan of this template or initiative", 0, 0 },
        { "from-log", NULL, PX_OPTION_SWITCH, &ex.from_log,
          "from the log alone, as the operator; no daemon is asked", 0, 0 },
        { "archive", "DIR", PX_OPTION_TEXT, &ex.archive,
          "from a directory of praxis archive or praxis backup alone", 0, 0 },
        { "seq", "NUMBER", PX_OPTION_NUMBER, &ex.seq,
          "of these: as it was at this sequence (the end)", 1, UINT64_MAX },
        { "json", NULL, PX_OPTION_SWITCH, &ex.json, "plan, profile and reviews as JSON", 0, 0 },
        { 0 },
    };
    const px_option *groups[] = { own, px_client_options(&flags, client) };
    px_command_line line = {
        "praxis explain PERSON --viewer ID [flags]", about, groups, 2, &words, 1, 1
    };
    px_options_outcome outcome = px_options_read(&line, argc, argv);

    if (outcome != PX_OPTIONS_RUN)
        return px_options_exit(outcome);
    ex.person = words.items[0];
    if (!ex.viewer)
        ex.viewer = ex.person;
    int code = connect_to(&ex, &flags);
    if (code == PX_EXIT_OK)
        code = px_arena_init(&ex.arena, ARENA_BYTES) ? explain(&ex) : PX_EXIT_FAILED;
    px_arena_fini(&ex.arena);
    px_past_close(&ex.past);
    px_client_close(&ex.client);
    return code;
}
