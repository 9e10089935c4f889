#include "tests/fuzz/decide_seed.h"

#include <string.h>

#include "common/codec.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/reporting/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"

enum { FACT_JSON_MAX = 1024 };

static const char people[] = "feedback-ingest", reviews[] = "review-cycle",
                  competency[] = "competency", learning[] = "learning-recommender",
                  figures[] = "reporting";

/* 2026-01-05 is 1767571200 seconds after 1970. Quotes are ' here. */
static const struct {
    const char *service;
    bool derived;
    const char *json;
} script[] = {
    { figures, false, "{'groupMinimumSet': {'minimum': 3}}" },
    { people, false, "{'unitRecorded': {'unitId': 'u-1', 'label': 'All'}}" },
    { people, false,
      "{'unitRecorded': {'unitId': 'u-2', 'parentUnitId': 'u-1', 'label': 'Sales'}}" },
    { people, false,
      "{'personRecorded': {'personId': 'p-1', 'unitId': 'u-1', 'active': true,"
      " 'hrPartner': true, 'keyGeneration': 1}}" },
    { people, false,
      "{'personRecorded': {'personId': 'p-2', 'managerId': 'p-1', 'unitId': 'u-2',"
      " 'active': true, 'keyGeneration': 1}}" },
    { people, false,
      "{'personRecorded': {'personId': 'p-3', 'managerId': 'p-1', 'unitId': 'u-2',"
      " 'active': true, 'keyGeneration': 1}}" },
    { people, false,
      "{'personRecorded': {'personId': 'p-4', 'managerId': 'p-2', 'unitId': 'u-2',"
      " 'active': true, 'keyGeneration': 1}}" },
    { people, false,
      "{'personRecorded': {'personId': 'p-5', 'managerId': 'p-1', 'unitId': 'u-2',"
      " 'keyGeneration': 1}}" },
    { competency, false,
      "{'competencyDefined': {'competencyId': 'c-1', 'title': 'Speaking', 'family': 1, 'levels':"
      " [{'name': 'L1'}, {'name': 'L2'}, {'name': 'L3'}, {'name': 'L4'}, {'name': 'L5'}]}}" },
    { competency, false,
      "{'competencyDefined': {'competencyId': 'c-2', 'title': 'Writing', 'family': 2, 'levels':"
      " [{'name': 'L1'}, {'name': 'L2'}, {'name': 'L3'}]}}" },
    { competency, false,
      "{'competencyDefined': {'competencyId': 'c-3', 'title': 'Coding', 'family': 3, 'levels':"
      " [{'name': 'L1'}, {'name': 'L2'}]}}" },
    { competency, false, "{'roleDefined': {'roleId': 'role-1', 'title': 'Analyst'}}" },
    { competency, false,
      "{'roleTargetSet': {'roleId': 'role-1', 'competencyId': 'c-1', 'levelName': 'L4',"
      " 'target': 4, 'weight': 1}}" },
    { competency, false,
      "{'roleTargetSet': {'roleId': 'role-1', 'competencyId': 'c-2', 'levelName': 'L2',"
      " 'target': 3, 'weight': 2}}" },
    { competency, false, "{'roleAssigned': {'personId': 'p-2', 'roleId': 'role-1'}}" },
    { competency, false, "{'roleAssigned': {'personId': 'p-3', 'roleId': 'role-1'}}" },
    { competency, false, "{'roleAssigned': {'personId': 'p-4', 'roleId': 'role-1'}}" },
    { reviews, false,
      "{'scaleDefined': {'scaleId': 'scale-1', 'version': 1, 'defaultValue': 3,"
      " 'allowsNotApplicable': true, 'steps': [{'value': 1, 'label': 'Low'},"
      " {'value': 2, 'label': 'Fair'}, {'value': 3, 'label': 'Good', 'proficient': true},"
      " {'value': 4, 'label': 'High', 'proficient': true},"
      " {'value': 5, 'label': 'Best', 'proficient': true}]}}" },
    { reviews, false,
      "{'cycleDefined': {'cycleId': 'cycle-1', 'label': 'Q1', 'startsAtUs': '1767571200000000',"
      " 'endsAtUs': '1775347200000000', 'scaleId': 'scale-1', 'scaleVersion': 1}}" },
    { reviews, false, "{'phaseChanged': {'cycleId': 'cycle-1', 'from': 1, 'to': 2}}" },
    { reviews, false, "{'phaseChanged': {'cycleId': 'cycle-1', 'from': 2, 'to': 3}}" },
    { learning, false,
      "{'catalogueItemDefined': {'itemId': 'i-1', 'title': 'Talks', 'kind': 1, 'hours': 8,"
      " 'outcomes': [{'competencyId': 'c-1', 'share': 1, 'levelFrom': 1, 'levelTo': 5}],"
      " 'version': 1}}" },
    { learning, false,
      "{'catalogueItemDefined': {'itemId': 'i-2', 'title': 'Texts', 'kind': 3, 'hours': 4,"
      " 'outcomes': [{'competencyId': 'c-2', 'share': 1, 'levelFrom': 1, 'levelTo': 5}],"
      " 'version': 1}}" },
    { learning, false,
      "{'catalogueItemDefined': {'itemId': 'i-3', 'title': 'Both', 'kind': 1, 'hours': 20,"
      " 'outcomes': [{'competencyId': 'c-1', 'share': 0.5, 'levelFrom': 2, 'levelTo': 4},"
      " {'competencyId': 'c-2', 'share': 0.5, 'levelFrom': 1, 'levelTo': 3}],"
      " 'requires': ['i-1'], 'version': 1}}" },
    { people, false,
      "{'feedbackGiven': {'feedbackId': 'f-1', 'giverId': 'p-3', 'aboutId': 'p-2', 'kind': 1,"
      " 'tags': [{'competencyId': 'c-1', 'tone': 1}], 'visibility': 2, 'relation': 3,"
      " 'occurredAtUs': '1767571200000000'}}" },
    { reviews, false,
      "{'reviewSubmitted': {'reviewId': 'r-1', 'cycleId': 'cycle-1', 'subjectId': 'p-2',"
      " 'raterId': 'p-1', 'relation': 2, 'ratings': [{'competencyId': 'c-1', 'value': 1,"
      " 'position': 1, 'scaleSize': 5}, {'competencyId': 'c-2', 'value': 1, 'position': 1,"
      " 'scaleSize': 5}], 'occurredAtUs': '1767571200000000', 'scaleId': 'scale-1',"
      " 'scaleVersion': 1}}" },
    { reviews, false,
      "{'reviewSubmitted': {'reviewId': 'r-2', 'cycleId': 'cycle-1', 'subjectId': 'p-2',"
      " 'raterId': 'p-3', 'relation': 3, 'ratings': [{'competencyId': 'c-1', 'value': 2,"
      " 'position': 2, 'scaleSize': 5}], 'occurredAtUs': '1767571200000000',"
      " 'scaleId': 'scale-1', 'scaleVersion': 1}}" },
    { competency, true,
      "{'levelChanged': {'personId': 'p-2', 'competencyId': 'c-1', 'estimate': {'mu': 2,"
      " 'variance': 0.3, 'asOfUs': '1767571200000000', 'managerRatings': 1, 'peerRatings': 1,"
      " 'raters': 2, 'assessed': true}, 'reason': 1, 'heard': 1}}" },
    { competency, true,
      "{'levelChanged': {'personId': 'p-2', 'competencyId': 'c-2', 'estimate': {'mu': 1.5,"
      " 'variance': 0.4, 'asOfUs': '1767571200000000', 'managerRatings': 1, 'raters': 1,"
      " 'assessed': true}, 'reason': 1, 'heard': 1}}" },
    { competency, true,
      "{'levelChanged': {'personId': 'p-3', 'competencyId': 'c-1', 'estimate': {'mu': 4.2,"
      " 'variance': 0.3, 'asOfUs': '1767571200000000', 'managerRatings': 1, 'raters': 1,"
      " 'assessed': true}, 'reason': 1, 'heard': 1}}" },
    { competency, true,
      "{'levelChanged': {'personId': 'p-4', 'competencyId': 'c-1', 'estimate': {'mu': 4.2,"
      " 'variance': 0.3, 'asOfUs': '1767571200000000', 'managerRatings': 1, 'raters': 1,"
      " 'assessed': true}, 'reason': 1, 'heard': 1}}" },
    { competency, true,
      "{'gapOpened': {'personId': 'p-2', 'competencyId': 'c-1', 'roleId': 'role-1', 'target': 4,"
      " 'weight': 1, 'estimate': {'mu': 2, 'variance': 0.3, 'asOfUs': '1767571200000000',"
      " 'managerRatings': 1, 'peerRatings': 1, 'raters': 2, 'assessed': true},"
      " 'probability': 0.99, 'shortfall': 2}}" },
    { learning, true,
      "{'planProposed': {'planId': 'p-2-1', 'personId': 'p-2', 'roleId': 'role-1', 'items':"
      " [{'itemId': 'i-1', 'itemVersion': 1, 'competencyId': 'c-1', 'mu': 2, 'variance': 0.3,"
      " 'target': 4, 'probability': 0.99, 'weight': 1, 'hours': 8, 'gain': 0.4, 'state': 1,"
      " 'plannedCompletionUs': '1771200000000000', 'followUpAtUs': '1779000000000000'}],"
      " 'value': 1, 'hours': 8, 'ruleVersion': 1, 'causeReviewIds': ['r-1']}}" },
};

const ProtobufCMessageDescriptor *decide_facts_of(const char *service)
{
    const struct {
        const char *service;
        const ProtobufCMessageDescriptor *facts;
    } rows[] = {
        { people, &feedback_ingest_fact__fact__descriptor },
        { reviews, &review_cycle_fact__fact__descriptor },
        { competency, &competency_fact__fact__descriptor },
        { learning, &learning_recommender_fact__fact__descriptor },
        { figures, &reporting_fact__fact__descriptor },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++)
        if (strcmp(service, rows[i].service) == 0)
            return rows[i].facts;
    return NULL;
}

ProtobufCMessage *decide_seed_fact(unsigned i, const char **service, bool *derived, px_arena *arena)
{
    char json[FACT_JSON_MAX];
    px_codec_error error;
    ProtobufCMessage *fact;
    size_t size;

    if (i >= PX_COUNT(script))
        return NULL;
    size = strlen(script[i].json);
    PX_ASSERT(size < sizeof json);
    for (size_t at = 0; at <= size; at++)
        json[at] = script[i].json[at] == '\'' ? '"' : script[i].json[at];
    *service = script[i].service;
    *derived = script[i].derived;
    fact = px_codec_from_json(decide_facts_of(*service), (px_bytes){ json, size }, &px_batch_limits,
                              arena, &error);
    PX_ASSERT(fact != NULL);
    return fact;
}
