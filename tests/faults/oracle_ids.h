/* oracle_ids.h: a set of names, for "never twice". */
#ifndef PRAXIS_TESTS_FAULTS_ORACLE_IDS_H
#define PRAXIS_TESTS_FAULTS_ORACLE_IDS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    char **slots;
    size_t size;
    size_t count;
} oracle_ids;

/** For at most `most` names. */
void oracle_ids_init(oracle_ids *ids, size_t most);
void oracle_ids_fini(oracle_ids *ids);
/** False when the name is there already. */
bool oracle_ids_add(oracle_ids *ids, const char *name);

#endif
