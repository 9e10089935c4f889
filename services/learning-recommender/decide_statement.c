/* decide_statement.c: what learning systems say by xAPI -> facts. A statement that says nothing of
 * learning that counts is refused by name, so that whoever sends them sees what was left out. */
#include <string.h>

#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "services/learning-recommender/decide.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_progress.h"
#include "services/learning-recommender/state_statement.h"

/* What a verb says of an item. */
typedef enum {
    SAYS_NOTHING,
    SAYS_COMPLETED,
    SAYS_ATTENDED,
    SAYS_BEGUN,
    SAYS_VOIDED
} statement_says;

/* The verbs of ADL's vocabulary, which learning systems use and cmi5 prescribes. */
static const struct {
    const char *verb;
    statement_says says;
} verbs[] = {
    { "http://adlnet.gov/expapi/verbs/completed", SAYS_COMPLETED },
    { "http://adlnet.gov/expapi/verbs/passed", SAYS_COMPLETED },
    { "http://adlnet.gov/expapi/verbs/mastered", SAYS_COMPLETED },
    { "http://adlnet.gov/expapi/verbs/attended", SAYS_ATTENDED },
    { "http://adlnet.gov/expapi/verbs/failed", SAYS_BEGUN },
    { "http://adlnet.gov/expapi/verbs/progressed", SAYS_BEGUN },
    { "http://adlnet.gov/expapi/verbs/voided", SAYS_VOIDED },
};

/* Completed without success, or only as far as it went, is not completed. */
static statement_says says(const LearningRecommender__SubmitStatement *cmd)
{
    for (size_t i = 0; i < PX_COUNT(verbs); i++)
        if (strcmp(verbs[i].verb, cmd->verb) == 0)
            return verbs[i].says == SAYS_COMPLETED && (cmd->failed || cmd->incomplete)
                       ? SAYS_BEGUN
                       : verbs[i].says;
    return SAYS_NOTHING;
}

/* ---- a statement is taken back ---- */

static void say_voided(const px_submission *sub, px_facts *out)
{
    const LearningRecommender__SubmitStatement *cmd = sub->body;
    LearningRecommenderFact__StatementVoided *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_STATEMENT_VOIDED);

    fact->statement_id = cmd->statement_id;
    fact->voided_id = cmd->voids;
}

static px_verdict decide_voiding(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__SubmitStatement *cmd = sub->body;
    char other_id[PX_ID_SIZE];
    statement_record of;

    if (!cmd->voids[0])
        return px_reject(PX_REASON_FIELD_MISSING, "voids");
    if (learning_state_get_statement(state, sub->tenant, cmd->voids, &of)) {
        if (of.voided)
            return px_reject(PX_REASON_STATEMENT_VOIDED, "voids");
        if (!of.person_id[0]) /* a voiding cannot be voided, says the specification */
            return px_reject(PX_REASON_STATEMENT_VERB, "voids");
    }
    bool ends =
        of.made && !learning_state_other_completing(state, sub->tenant, cmd->voids, &of, other_id);
    say_voided(sub, out);
    if (!ends || learning_state_get_progress(state, sub->tenant, of.person_id, of.item_id) !=
                     LEARNING_COMPLETED)
        return px_accept();

    LearningRecommenderFact__CompletionVoided *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_COMPLETION_VOIDED);
    fact->person_id = px_arena_strdup(sub->arena, of.person_id);
    fact->item_id = px_arena_strdup(sub->arena, of.item_id);
    return px_accept();
}

/* ---- a statement is taken ---- */

static void say_taken(const px_view *state, const px_submission *sub, char *item_id,
                      const item_record *item, bool completes, px_facts *out)
{
    const LearningRecommender__SubmitStatement *cmd = sub->body;
    learning_progress progress =
        learning_state_get_progress(state, sub->tenant, cmd->person_id, item_id);
    LearningRecommenderFact__StatementTaken *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_STATEMENT_TAKEN);

    fact->statement_id = cmd->statement_id;
    fact->person_id = cmd->person_id;
    fact->item_id = item_id;
    fact->completes = completes;
    fact->made = completes && progress != LEARNING_COMPLETED;
    if (fact->made)
        decide_say_completed(state, sub, cmd->person_id, item_id, item, out);
    else if (!completes && progress == LEARNING_NOT_STARTED && !item->retired)
        decide_say_started(state, sub, cmd->person_id, item_id, out);
}

static px_verdict decide_taking(const px_view *state, const px_submission *sub, statement_says said,
                                px_facts *out)
{
    const LearningRecommender__SubmitStatement *cmd = sub->body;
    char item_id[PX_ID_SIZE];
    item_record item;
    px_person person;

    if (!px_people_get(state, sub->tenant, cmd->person_id, &person))
        return px_reject(PX_REASON_PERSON_UNKNOWN, "person_id");
    if (!person.active)
        return px_reject(PX_REASON_PERSON_INACTIVE, "person_id");
    if (!learning_state_get_activity(state, sub->tenant, cmd->activity_id, item_id) ||
        !learning_state_get_item(state, sub->tenant, item_id, &item))
        return px_reject(PX_REASON_ACTIVITY_UNKNOWN, "activity_id");
    if (said == SAYS_ATTENDED && !item.attendance_completes)
        return px_reject(PX_REASON_STATEMENT_VERB, "verb");
    char *kept = px_arena_strdup(sub->arena, item_id);
    if (kept) /* else the overflow sticks */
        say_taken(state, sub, kept, &item, said != SAYS_BEGUN, out);
    return px_accept();
}

px_verdict decide_submit_statement(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__SubmitStatement *cmd = sub->body;
    statement_says said = says(cmd);
    statement_record known;

    if (said == SAYS_NOTHING)
        return px_reject(PX_REASON_STATEMENT_VERB, "verb");
    if (learning_state_get_statement(state, sub->tenant, cmd->statement_id, &known))
        return px_reject(known.voided ? PX_REASON_STATEMENT_VOIDED : PX_REASON_STATEMENT_EXISTS,
                         "statement_id");
    return said == SAYS_VOIDED ? decide_voiding(state, sub, out)
                               : decide_taking(state, sub, said, out);
}
