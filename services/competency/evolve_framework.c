/* evolve_framework.c: own facts about frameworks, and about competencies that ended -> state. */
#include "common/record.h"
#include "common/replaced.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "services/competency/hear.h"
#include "services/competency/replace.h"
#include "services/competency/service.h"
#include "services/competency/state_framework.h"

void evolve_framework_defined(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__FrameworkDefined *f = fact->body;
    framework_record framework;

    px_record_set_text(framework.title, sizeof framework.title, f->title);
    px_record_set_text(framework.version, sizeof framework.version, f->version);
    px_record_set_text(framework.publisher, sizeof framework.publisher, f->publisher);
    px_record_set_text(framework.source_url, sizeof framework.source_url, f->source_url);
    px_record_set_text(framework.attribution, sizeof framework.attribution, f->attribution);
    px_record_set_text(framework.description, sizeof framework.description, f->description);
    competency_state_put_framework(state, fact->tenant, f->framework_id, &framework);
}

/* The words of a target go with it; the name of its level is the successor's. */
static void move_words(px_txn *state, const char *tenant, const char *role_id,
                       const char *competency_id, const char *old_id, double target)
{
    competency_record competency;
    target_words words;

    competency_state_get_target(state, tenant, role_id, old_id, &words);
    if (competency_state_get(state, tenant, competency_id, &competency))
        for (uint8_t i = 1; competency.level_count > 1 && i <= competency.level_count; i++)
            if (px_scale_level(i, competency.level_count) == target)
                px_record_set_text(words.level_name, sizeof words.level_name,
                                   competency.level_names[i - 1]);
    competency_state_put_target(state, tenant, role_id, competency_id, &words);
}

static void retarget(px_txn *state, const char *tenant, const char *role_id,
                     const char *competency_id, const char *old_id, double target)
{
    char person_id[PX_ID_SIZE] = "";

    if (target > 0.0)
        move_words(state, tenant, role_id, competency_id, old_id, target);
    else
        competency_state_del_target(state, tenant, role_id, competency_id);
    while (px_roles_next_holder(state, tenant, role_id, person_id)) {
        level_key key = { tenant, person_id, competency_id };

        hear_requirement(state, &key);
    }
}

void evolve_competency_replaced(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__CompetencyReplaced *f = fact->body;

    px_replaced_project(state, fact, retarget);
    px_successors by = px_replaced_resolve(state, fact->tenant, f->competency_id);
    replace_of_framework(state, fact->tenant, f->competency_id, &by);
    replace_of_people(state, fact->tenant, f->competency_id, &by);
}
