/* service.h: the daemon feedback-ingest, and the rows of its tables (service.c). */
#ifndef PRAXIS_FEEDBACK_INGEST_SERVICE_H
#define PRAXIS_FEEDBACK_INGEST_SERVICE_H

#include "common/service.h"

extern const px_service px_feedback_ingest_service;

/* decide.c */
px_decider_fn decide_record_person;
px_decider_fn decide_record_unit;
px_decider_fn decide_give_feedback;
px_decider_fn decide_withdraw_feedback;
px_decider_fn decide_erase_person;

/* evolve.c */
px_evolver_fn evolve_unit_recorded;
px_evolver_fn evolve_feedback_given;
px_evolver_fn evolve_feedback_withdrawn;
px_evolver_fn evolve_person_erased;

/* publish.c */
px_publisher_fn publish_person_recorded;
px_publisher_fn publish_unit_recorded;
px_publisher_fn publish_feedback_given;
px_publisher_fn publish_feedback_withdrawn;
px_publisher_fn publish_person_erased;
px_publisher_fn effect_key_of_erased_person;

/* query.c */
px_query_fn query_get_person;
px_query_fn query_list_feedback;

#endif
