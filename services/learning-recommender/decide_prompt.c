/* decide_prompt.c: answers to prompts of spaced learning. */
#include <sodium.h>
#include <string.h>

#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "services/learning-recommender/check.h"
#include "services/learning-recommender/decide.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_prompt.h"

enum { TOKEN_BYTES = 16 };

static void mix_in(crypto_generichash_state *hash, const char *text)
{
    crypto_generichash_update(hash, (const unsigned char *)text, strlen(text) + 1);
}

/* The same answer always has the same id of evidence. */
static char *evidence_id_of(const px_submission *sub, const char *person_id, const char *item_id,
                            uint32_t number, const char *competency_id)
{
    unsigned char bytes[TOKEN_BYTES], place = (unsigned char)number;
    char text[2 * TOKEN_BYTES + 1];
    crypto_generichash_state hash;

    crypto_generichash_init(&hash, NULL, 0, sizeof bytes);
    mix_in(&hash, person_id);
    mix_in(&hash, item_id);
    mix_in(&hash, competency_id);
    crypto_generichash_update(&hash, &place, 1);
    crypto_generichash_final(&hash, bytes, sizeof bytes);
    return px_arena_printf(sub->arena, "prompt-%s",
                           sodium_bin2hex(text, sizeof text, bytes, sizeof bytes));
}

static void name_evidence(const px_submission *sub, const item_record *item,
                          LearningRecommenderFact__PromptAnswered *fact)
{
    size_t count = item->outcome_count;

    fact->competency_ids = px_arena_alloc(sub->arena, count * sizeof *fact->competency_ids);
    fact->evidence_ids = px_arena_alloc(sub->arena, count * sizeof *fact->evidence_ids);
    if (!fact->competency_ids || !fact->evidence_ids)
        return;
    for (size_t i = 0; i < count; i++) {
        const char *competency_id = item->outcomes[i].competency_id;

        fact->competency_ids[i] = px_arena_strdup(sub->arena, competency_id);
        fact->evidence_ids[i] =
            evidence_id_of(sub, fact->person_id, fact->item_id, fact->number, competency_id);
    }
    fact->n_competency_ids = fact->n_evidence_ids = count;
}

px_verdict decide_answer_prompt(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__AnswerPrompt *cmd = sub->body;
    prompt_record prompts = { 0 };
    item_record item;
    px_verdict verdict = learning_check_item(state, sub, cmd->person_id, cmd->item_id, &item);

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    learning_state_get_prompts(state, sub->tenant, cmd->person_id, cmd->item_id, &prompts);
    if (cmd->number > prompts.sent)
        return px_reject(PX_REASON_PROMPT_UNKNOWN, "number");
    if (cmd->number <= prompts.answered)
        return px_reject(PX_REASON_PROMPT_ANSWERED, "number");

    LearningRecommenderFact__PromptAnswered *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_PROMPT_ANSWERED);
    fact->person_id = cmd->person_id;
    fact->item_id = cmd->item_id;
    fact->number = cmd->number;
    fact->of = prompts.count;
    fact->occurred_at_us = sub->occurred_at_us;
    name_evidence(sub, &item, fact);
    if (cmd->number == prompts.count)
        decide_say_completed(state, sub, cmd->person_id, cmd->item_id, &item, out);
    return px_accept();
}
