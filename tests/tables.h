/* tables.h: the tables of all five daemons, for programs that link them (tests.cmake:
 * service_tables). */
#ifndef PRAXIS_TESTS_TABLES_H
#define PRAXIS_TESTS_TABLES_H

#include "common/service.h"

extern const px_service px_feedback_ingest_service, px_review_cycle_service, px_competency_service,
    px_learning_recommender_service, px_reporting_service;

enum { SERVICES_MAX = 5 };

/* The order is that of the committed corpora and logs. */
static const px_service *const services[SERVICES_MAX] = {
    &px_feedback_ingest_service, &px_review_cycle_service, &px_competency_service,
    &px_learning_recommender_service, &px_reporting_service
};

#endif
