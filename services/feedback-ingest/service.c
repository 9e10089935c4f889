/* service.c: what feedback-ingest hears, says and answers. Start reading here. */
#include "services/feedback-ingest/service.h"

#include "common/people.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/v1/query.pb-c.h"
#include "praxis/feedback_ingest/v1/submission.pb-c.h"

static px_decider_fn *const deciders[] = {
    [FEEDBACK_INGEST__SUBMISSION__BODY_RECORD_PERSON] = decide_record_person,
    [FEEDBACK_INGEST__SUBMISSION__BODY_RECORD_UNIT] = decide_record_unit,
    [FEEDBACK_INGEST__SUBMISSION__BODY_GIVE_FEEDBACK] = decide_give_feedback,
    [FEEDBACK_INGEST__SUBMISSION__BODY_WITHDRAW_FEEDBACK] = decide_withdraw_feedback,
    [FEEDBACK_INGEST__SUBMISSION__BODY_ERASE_PERSON] = decide_erase_person,
};

static px_evolver_fn *const evolvers[] = {
    [FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED] = px_people_project_recorded,
    [FEEDBACK_INGEST_FACT__FACT__BODY_UNIT_RECORDED] = evolve_unit_recorded,
    [FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_GIVEN] = evolve_feedback_given,
    [FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_WITHDRAWN] = evolve_feedback_withdrawn,
    [FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_ERASED] = evolve_person_erased,
};

static px_publisher_fn *const publishers[] = {
    [FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED] = publish_person_recorded,
    [FEEDBACK_INGEST_FACT__FACT__BODY_UNIT_RECORDED] = publish_unit_recorded,
    [FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_GIVEN] = publish_feedback_given,
    [FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_WITHDRAWN] = publish_feedback_withdrawn,
    [FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_ERASED] = publish_person_erased,
};

static const px_effect_row effects[] = {
    { "feedback-ingest", FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_ERASED,
      effect_key_of_erased_person },
};

static const px_query_row queries[] = {
    { "GetPerson", &feedback_ingest__get_person__descriptor, query_get_person },
    { "ListFeedback", &feedback_ingest__list_feedback__descriptor, query_list_feedback },
};

const px_service px_feedback_ingest_service = {
    .name = "feedback-ingest",
    .summary = "people, units and feedback at any time",
    .code_version = 2,
    .layout = 3, /* 2: void batches in a table of their own; 3: answers are
                    listed by batch */
    .submission = &feedback_ingest__submission__descriptor,
    .facts = &feedback_ingest_fact__fact__descriptor,
    .deciders = deciders,
    .decider_count = PX_COUNT(deciders),
    .evolvers = evolvers,
    .evolver_count = PX_COUNT(evolvers),
    .publishers = publishers,
    .publisher_count = PX_COUNT(publishers),
    .effects = effects,
    .effect_count = PX_COUNT(effects),
    .queries = queries,
    .query_count = PX_COUNT(queries),
    .key_generation = px_people_key_generation,
};
