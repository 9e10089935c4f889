/* record.h: a log that holds every type of fact, made from nothing but a number. */
#ifndef PRAXIS_TESTS_GOLDEN_RECORD_H
#define PRAXIS_TESTS_GOLDEN_RECORD_H

#include <stdbool.h>

enum { LOG_HEAD_SIZE = 13 }; /* of each message: server time, service, size */

/** Writes the log to a new file; the same bytes every time, for the facts as they are today. */
bool record_facts(const char *path);

#endif
