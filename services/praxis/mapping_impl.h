/* mapping_impl.h: inside mapping*.c. */
#ifndef PRAXIS_SERVICES_PRAXIS_MAPPING_IMPL_H
#define PRAXIS_SERVICES_PRAXIS_MAPPING_IMPL_H

#include <jansson.h>

#include "services/praxis/mapping.h"
#include "services/praxis/sheet.h"

/** A second table, for a repeated field. */
typedef struct {
    const char *field; /* in the json */
    px_sheet *table;
    int by;      /* column in this table */
    int main_by; /* column of the same name in the main table */
    const json_t *each;
    size_t *order; /* its rows, by text of `by`, then as in the file */
} px_mapping_rows_of;

struct px_mapping {
    json_t *json;
    char *file;
    const char *service;
    const char *type;
    const char *id;
    const ProtobufCMessageDescriptor *submission;
    const ProtobufCFieldDescriptor *member; /* of the submission's oneof */
    const json_t *map;
    const json_t *where;
    const json_t *fields;
    px_sheet *table;
    px_mapping_rows_of *rows;
    size_t rows_count;
};

/** The rows of a second table whose `by` is `text`: order[*first .. *first + count - 1]. */
size_t px_mapping_find(const px_mapping_rows_of *rows, const char *text, size_t *first);
/** Calls `each` for every {column} of a template, in order. False when a brace is not closed. */
bool px_mapping_columns(const char *text,
                        bool (*each)(void *context, const char *name, size_t size), void *context);
/** {"token": ...} and {"column": ..., "type": ...}: values, not messages. */
bool px_mapping_is_token(const json_t *value);
bool px_mapping_is_typed(const json_t *value);

#endif
