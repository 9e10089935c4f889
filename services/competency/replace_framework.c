/* replace_framework.c: rules, prerequisites, policies and what was learned of items follow a
 * competency that ended. */
#include <string.h>

#include "common/record.h"
#include "services/competency/hear.h"
#include "services/competency/hear_evidence.h"
#include "services/competency/policy.h"
#include "services/competency/prerequisite.h"
#include "services/competency/replace.h"
#include "services/competency/state_need.h"

/* ---- rules ---- */

static bool has_child(const rule_record *rule, const char *competency_id)
{
    for (uint8_t i = 0; i < rule->child_count; i++)
        if (strcmp(rule->children[i].competency_id, competency_id) == 0)
            return true;
    return false;
}

static void add_child(rule_record *rule, const char *parent_id, const char *competency_id,
                      const rule_child *like)
{
    if (rule->child_count == RULE_CHILDREN_MAX || strcmp(parent_id, competency_id) == 0 ||
        has_child(rule, competency_id))
        return;
    rule_child *child = &rule->children[rule->child_count++];
    *child = *like;
    px_record_set_text(child->competency_id, PX_ID_SIZE, competency_id);
}

/* A rule that could be met can still be met. */
static void lower_points(rule_record *rule)
{
    uint64_t total = 0;

    for (uint8_t i = 0; i < rule->child_count; i++)
        total += rule->children[i].points;
    if (rule->points_needed > total)
        rule->points_needed = (uint32_t)total;
}

static rule_record with_successors(const rule_record *before, const char *parent_id,
                                   const char *old_id, const px_successors *by)
{
    rule_record rule = *before;

    rule.child_count = 0;
    for (uint8_t i = 0; i < before->child_count; i++) {
        const rule_child *child = &before->children[i];

        if (strcmp(child->competency_id, old_id) != 0)
            add_child(&rule, parent_id, child->competency_id, child);
        else
            for (size_t j = 0; j < by->count; j++)
                add_child(&rule, parent_id, by->all[j].competency_id, child);
    }
    lower_points(&rule);
    if (rule.child_count == 0)
        rule.kind = 0;
    return rule;
}

static void rewrite_parents(px_txn *state, const char *tenant, const char *old_id,
                            const px_successors *by)
{
    char parent_id[PX_ID_SIZE] = "";
    rule_record rule;

    while (competency_state_next_parent(state, tenant, old_id, parent_id)) {
        if (!competency_state_get_rule(state, tenant, parent_id, &rule))
            continue;
        rule = with_successors(&rule, parent_id, old_id, by);
        competency_state_put_rule(state, tenant, parent_id, &rule);
        hear_rule(state, tenant, &rule, parent_id);
    }
}

static void move_own_rule(px_txn *state, const char *tenant, const char *old_id, const char *to_id)
{
    static const rule_record none;
    rule_record rule, theirs;

    if (!competency_state_get_rule(state, tenant, old_id, &rule))
        return;
    competency_state_put_rule(state, tenant, old_id, &none);
    if (!to_id || competency_state_get_rule(state, tenant, to_id, &theirs) ||
        has_child(&rule, to_id))
        return;
    competency_state_put_rule(state, tenant, to_id, &rule);
    hear_rule(state, tenant, &rule, to_id);
}

/* ---- policies ---- */

static void move_policy(px_txn *state, const char *tenant, const char *old_id, const char *to_id)
{
    static const policy_record none;
    policy_record policy = competency_state_get_policy(state, tenant, old_id);

    if (policy.kind == 0)
        return;
    competency_state_put_policy(state, tenant, old_id, &none);
    if (!to_id || competency_state_get_policy(state, tenant, to_id).kind != 0)
        return;
    competency_state_put_policy(state, tenant, to_id, &policy);
    hear_policy(state, tenant, to_id);
}

/* Of several, none can have what was meant for all. What was known of a retired one stays, and so
 * does what gives it. */
void replace_of_framework(px_txn *state, const char *tenant, const char *old_id,
                          const px_successors *by)
{
    const char *to_id = by->count == 1 ? by->all[0].competency_id : NULL;

    for (size_t i = 0; i < by->count; i++)
        competency_state_copy_items(state, tenant, old_id, by->all[i].competency_id);
    rewrite_parents(state, tenant, old_id, by);
    if (by->count > 0) {
        move_own_rule(state, tenant, old_id, to_id);
        move_policy(state, tenant, old_id, to_id);
    }
    competency_replace_prerequisites(state, tenant, old_id, by);
    need_replace_said(state, tenant, old_id, by);
}
