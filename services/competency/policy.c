/* policy.c: walks the ratings of a key and makes one level of them. The estimate needs no walk. */
#include "services/competency/policy.h"

#include <stdlib.h>
#include <string.h>

#include "praxis/competency/v1/event.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "services/competency/state_attainment.h"
#include "services/competency/state_evidence.h"
#include "services/competency/state_keys.h"

enum { RATERS_MAX = 256 /* of one person in one competency; the first ones count */ };

static const int64_t DAY_US = INT64_C(86400) * 1000000;

/* ---- the record ---- */

static void walk_policy(px_record *r, void *record)
{
    policy_record *p = record;

    px_record_u8(r, &p->kind);
    px_record_u8(r, &p->priority_count);
    for (size_t i = 0; i < RATING_SOURCES; i++)
        px_record_u8(r, &p->priority[i]);
    for (size_t i = 0; i < RATING_SOURCES; i++)
        px_record_f64(r, &p->weights[i]);
    px_record_u32(r, &p->min_raters);
    px_record_u32(r, &p->max_age_days);
}

policy_record competency_state_get_policy(const px_view *state, const char *tenant,
                                          const char *competency_id)
{
    px_keybuf key = level_keybuf(TABLE_POLICY, tenant, competency_id, NULL);
    policy_record policy = { 0 };

    level_get(state, &key, walk_policy, &policy);
    return policy;
}

void competency_state_put_policy(px_txn *state, const char *tenant, const char *competency_id,
                                 const policy_record *policy)
{
    px_keybuf key = level_keybuf(TABLE_POLICY, tenant, competency_id, NULL);
    policy_record copy = *policy;

    if (policy->kind == 0)
        level_del(state, &key);
    else
        level_put(state, &key, walk_policy, &copy);
}

/* ---- ratings ---- */

/* The latest of one rater in one source. */
typedef struct {
    uint8_t rater[PX_METHOD_ID];
    px_evidence source;
    double value;
    int64_t at_us;
} opinion;

typedef struct {
    opinion all[RATERS_MAX];
    size_t count;
    bool tested;
    opinion latest_test; /* no rater */
    double best_test;
    int64_t as_of_us;
} opinions;

static void add_rating(opinions *o, const evidence *e)
{
    size_t i = 0;

    while (i < o->count && (o->all[i].source != e->source ||
                            memcmp(o->all[i].rater, e->rater, sizeof e->rater) != 0))
        i++;
    if (i == RATERS_MAX || (i < o->count && o->all[i].at_us > e->at_us))
        return;
    o->all[i] = (opinion){ .source = e->source, .value = e->value, .at_us = e->at_us };
    memcpy(o->all[i].rater, e->rater, sizeof e->rater);
    o->count += i == o->count;
}

static void add_test(opinions *o, const evidence *e)
{
    if (!o->tested || e->at_us >= o->latest_test.at_us)
        o->latest_test = (opinion){ .value = e->value, .at_us = e->at_us };
    if (!o->tested || e->value > o->best_test)
        o->best_test = e->value;
    o->tested = true;
}

static void gather(opinions *o, const px_view *state, const level_key *key, int64_t from_us)
{
    said_record said;

    competency_state_get_said(state, key, &said);
    evidence_list list = competency_state_evidence(state, said.evidence);
    for (size_t i = 0; i < list.count; i++) {
        const evidence *e = &list.rows[i].e;

        if (e->at_us < from_us)
            continue;
        if (e->kind == EVIDENCE_RATING)
            add_rating(o, e);
        else if (e->kind == EVIDENCE_ASSESSMENT)
            add_test(o, e);
        if (e->at_us > o->as_of_us)
            o->as_of_us = e->at_us;
    }
    competency_state_free_evidence(&list);
}

static uint32_t count_of(const opinions *o, px_evidence source)
{
    uint32_t count = 0;

    for (size_t i = 0; i < o->count; i++)
        count += o->all[i].source == source;
    return count;
}

static double mean_of(const opinions *o, px_evidence source)
{
    double sum = 0.0, n = 0.0;

    for (size_t i = 0; i < o->count; i++) {
        if (o->all[i].source != source)
            continue;
        sum += o->all[i].value;
        n += 1.0;
    }
    return sum / n;
}

/* RatingSource of the contract. */
static px_evidence source_of(uint32_t rating_source)
{
    switch ((Competency__RatingSource)rating_source) {
    case COMPETENCY__RATING_SOURCE__RATING_SOURCE_SELF:
        return PX_SELF;
    case COMPETENCY__RATING_SOURCE__RATING_SOURCE_PEER:
        return PX_PEER;
    case COMPETENCY__RATING_SOURCE__RATING_SOURCE_REPORT:
        return PX_REPORT;
    default:
        return PX_MANAGER;
    }
}

/* ---- kinds; 0 = no level ---- */

static double latest(const opinions *o)
{
    opinion last = o->latest_test;

    for (size_t i = 0; i < o->count; i++)
        if (o->all[i].source != PX_SELF && (last.value == 0.0 || o->all[i].at_us > last.at_us))
            last = o->all[i];
    return last.value;
}

static double highest(const opinions *o)
{
    double best = o->best_test;

    for (size_t i = 0; i < o->count; i++)
        if (o->all[i].source != PX_SELF && o->all[i].value > best)
            best = o->all[i].value;
    return best;
}

static double first_source(const opinions *o, const policy_record *policy)
{
    for (uint8_t i = 0; i < policy->priority_count; i++)
        if (count_of(o, source_of(policy->priority[i])))
            return mean_of(o, source_of(policy->priority[i]));
    return 0.0;
}

static double weighted_mean(const opinions *o, const policy_record *policy)
{
    double sum = 0.0, weights = 0.0;

    for (uint32_t i = 0; i < RATING_SOURCES; i++) {
        px_evidence source = source_of(i + 1);

        if (policy->weights[i] == 0.0 || !count_of(o, source))
            continue;
        sum += policy->weights[i] * mean_of(o, source);
        weights += policy->weights[i];
    }
    return weights > 0.0 ? sum / weights : 0.0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(const opinions *o)
{
    double values[RATERS_MAX];
    size_t n = 0;

    for (size_t i = 0; i < o->count; i++)
        if (o->all[i].source != PX_SELF)
            values[n++] = o->all[i].value;
    if (n == 0)
        return 0.0;
    qsort(values, n, sizeof values[0], by_value);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2.0;
}

static double level_by(const opinions *o, const policy_record *policy)
{
    switch ((Competency__LevelPolicyKind)policy->kind) {
    case COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_LATEST:
        return latest(o);
    case COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_HIGHEST:
        return highest(o);
    case COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_PRIORITY:
        return first_source(o, policy);
    case COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_WEIGHTED_MEAN:
        return weighted_mean(o, policy);
    case COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_MEDIAN:
        return median(o);
    default:
        return 0.0;
    }
}

/* ---- figures ---- */

static figures of_ratings(const px_view *state, const level_key *key, const policy_record *policy,
                          int64_t now_us)
{
    int64_t age_us = policy->max_age_days * DAY_US;
    opinions o = { .count = 0 };

    gather(&o, state, key, policy->max_age_days ? now_us - age_us : INT64_MIN);
    figures f = { .self = count_of(&o, PX_SELF),
                  .manager = count_of(&o, PX_MANAGER),
                  .peer = count_of(&o, PX_PEER),
                  .report = count_of(&o, PX_REPORT),
                  .other = o.tested,
                  .as_of_us = o.as_of_us };
    f.raters = f.manager + f.peer + f.report;
    f.mu = level_by(&o, policy);
    f.known = f.mu > 0.0 && f.raters >= policy->min_raters;
    f.assessed = f.known && (f.raters > 0 || o.tested);
    return f.known ? f : (figures){ 0 };
}

static figures of_attainment(const px_view *state, const level_key *key)
{
    competency_record competency;
    attained_record said;

    competency_state_get_attained(state, key, &said);
    if (said.now.level == 0 && !said.lapsed)
        return (figures){ 0 };
    /* What has lapsed counts as the lowest level, so that the gap is open again; who never had
     * anything is unassessed. */
    competency_state_get(state, key->tenant, key->competency_id, &competency);
    return (figures){ .known = true,
                      .mu =
                          px_scale_level(said.lapsed ? 1 : said.now.level, competency.level_count),
                      .other = 1,
                      .assessed = true };
}

figures policy_figures(const px_view *state, const level_key *key, const standing *s,
                       int64_t now_us)
{
    policy_record policy = competency_state_get_policy(state, key->tenant, key->competency_id);

    switch ((Competency__LevelPolicyKind)policy.kind) {
    case COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_UNSPECIFIED:
        return standing_figures(s);
    case COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_ATTAINED:
        return of_attainment(state, key);
    default:
        return of_ratings(state, key, &policy, now_us);
    }
}

/* ---- what gets too old ---- */

static void look_when_too_old(px_txn *state, const level_key *key, const policy_record *policy,
                              const evidence *e)
{
    int64_t until_us = e->at_us + policy->max_age_days * DAY_US;

    if ((e->kind == EVIDENCE_RATING || e->kind == EVIDENCE_ASSESSMENT) && until_us > 0)
        level_key_look_at(state, key, until_us + 1);
}

void policy_note_age(px_txn *state, const level_key *key, const evidence *e)
{
    policy_record policy = competency_state_get_policy(state, key->tenant, key->competency_id);

    if (policy.max_age_days > 0)
        look_when_too_old(state, key, &policy, e);
}

void policy_note_ages(px_txn *state, const level_key *key)
{
    policy_record policy = competency_state_get_policy(state, key->tenant, key->competency_id);
    said_record said;

    if (policy.max_age_days == 0 || !competency_state_get_said(state, key, &said))
        return;
    evidence_list list = competency_state_evidence(state, said.evidence);
    for (size_t i = 0; i < list.count; i++)
        look_when_too_old(state, key, &policy, &list.rows[i].e);
    competency_state_free_evidence(&list);
}
