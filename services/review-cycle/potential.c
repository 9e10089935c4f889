/* potential.c: how far somebody could go, said by their manager or an HR partner. Never on the
 * feed: query.c shows it to whom it may. */
#include "services/review-cycle/potential.h"

#include <string.h>

#include "common/people.h"
#include "common/record.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/review-cycle/service.h"
#include "services/review-cycle/state_keys.h"

enum { VALUE_BYTES = 4 };

/* ---- state ---- */

static px_keybuf key_of(const char *tenant, const char *person_id, const char *cycle_id)
{
    px_keybuf key = review_key(TABLE_POTENTIAL, tenant, person_id);

    px_key_text(&key, cycle_id);
    return key;
}

score review_state_get_potential(const px_view *state, const char *tenant, const char *cycle_id,
                                 const char *person_id)
{
    px_keybuf key = key_of(tenant, person_id, cycle_id);
    score potential = { 0 };
    int32_t value = 0;
    px_bytes bytes;

    if (!px_get(state, PX_STATE, px_key_bytes(&key), &bytes))
        return potential;
    px_record r = px_record_reader(bytes);
    px_record_i32(&r, &value);
    px_record_end(&r);
    return (score){ .known = true, .hundredths = 100 * value };
}

void review_state_drop_potential(px_txn *state, const char *tenant, const char *person_id)
{
    px_keybuf prefix = review_key(TABLE_POTENTIAL, tenant, person_id);
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (px_scan_next(&scan, &key, &value))
        px_scan_del(&scan);
    px_scan_end(&scan);
}

/* ---- decide ---- */

/* Nobody says so of themself, an HR partner neither. */
static bool may_rate(const px_view *state, const px_submission *sub, const char *person_id)
{
    return strcmp(sub->actor, person_id) != 0 &&
           (px_people_is_manager_of(state, sub->tenant, sub->actor, person_id) ||
            px_people_is_hr_partner(state, sub->tenant, sub->actor));
}

px_verdict decide_rate_potential(const px_view *state, const px_submission *sub, px_facts *out)
{
    const ReviewCycle__RatePotential *cmd = sub->body;
    cycle_record cycle;
    scale_record scale;
    px_person person;

    if (!px_people_is_active(state, sub->tenant, sub->actor))
        return px_reject(PX_REASON_ACTOR_UNKNOWN, "actor");
    px_verdict open = review_check_open(state, sub, cmd->cycle_id, &cycle);
    if (open.reason != PX_REASON_NONE)
        return open;
    if (!px_people_get(state, sub->tenant, cmd->person_id, &person))
        return px_reject(PX_REASON_PERSON_UNKNOWN, "person_id");
    if (!person.active)
        return px_reject(PX_REASON_PERSON_INACTIVE, "person_id");
    if (!may_rate(state, sub, cmd->person_id))
        return px_reject(PX_REASON_NOT_ALLOWED, "actor");
    bool defined =
        review_state_get_scale(state, sub->tenant, cycle.scale_id, cycle.scale_version, &scale);
    PX_ASSERT(defined); /* a cycle names a defined scale, and scales stay */
    if (!scale_position(&scale, cmd->value))
        return px_reject(PX_REASON_BAD_SCALE_VALUE, "value");

    ReviewCycleFact__PotentialRated *fact =
        px_facts_add(out, REVIEW_CYCLE_FACT__FACT__BODY_POTENTIAL_RATED);
    fact->cycle_id = cmd->cycle_id;
    fact->person_id = cmd->person_id;
    fact->value = cmd->value;
    fact->by_id = (char *)sub->actor; /* borrowed; protobuf-c knows no const */
    return px_accept();
}

/* ---- evolve ---- */

/* The person may have been erased between the decision and its batch. */
void evolve_potential_rated(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__PotentialRated *f = fact->body;
    px_keybuf key = key_of(fact->tenant, f->person_id, f->cycle_id);
    unsigned char bytes[VALUE_BYTES];
    px_record r = px_record_writer(bytes, sizeof bytes);
    int32_t value = f->value;

    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    px_record_i32(&r, &value);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}
