/* framework_order.h: parents before their children. */
#ifndef PRAXIS_SERVICES_PRAXIS_FRAMEWORK_ORDER_H
#define PRAXIS_SERVICES_PRAXIS_FRAMEWORK_ORDER_H

#include <jansson.h>

/** The rows (`id`, `parent_id`) by their depth in the tree, of one depth as they came. Takes
 * `rows`; the result is the caller's. */
json_t *px_framework_parents_first(json_t *rows);

#endif
