/* report.h: how a service says that a report value may have changed. */
#ifndef PRAXIS_COMMON_REPORT_H
#define PRAXIS_COMMON_REPORT_H

#include "common/store.h"

/**
 * The value of a report key may have changed: it is rendered by the service's px_report_fn and
 * written to the bucket under <tenant>.<key> once the log is caught up, once for any number of
 * touches.
 * @param key  tokens of [A-Za-z0-9_-] joined by dots, such as "plans.unit-7"
 */
void px_report_touch(px_txn *state, const char *tenant, const char *key);

#endif
