/* csv.h: a reader for RFC 4180 tables: quotes, line breaks inside quotes, LF or CRLF, a UTF-8 mark.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_CSV_H
#define PRAXIS_SERVICES_PRAXIS_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "common/store.h" /* px_bytes */

/** One record. Its texts belong to the reader and die at the next px_csv_next(). */
typedef struct {
    char **fields; /* NUL-terminated; a NUL byte in the text ends the reading */
    size_t count;
    size_t line; /* where it starts, from 1 */
    bool utf8;   /* false: some field is not valid UTF-8 */
} px_csv_row;

/** Reads from a text that stays the caller's. Embedded; the fields are private but `error`, `line`.
 */
typedef struct {
    const char *at;
    const char *end;
    char *text; /* the fields of the record, one behind the other */
    size_t used;
    size_t capacity;
    char **fields;
    size_t *starts; /* of the fields in `text`, which moves as it grows */
    size_t field_count;
    size_t field_capacity;
    size_t line;       /* of the next record, or of the error */
    const char *error; /* static; NULL while all is well */
} px_csv;

/** A byte order mark is skipped. */
void px_csv_init(px_csv *csv, px_bytes text);
void px_csv_fini(px_csv *csv);
/**
 * The next record; empty lines are skipped. False at the end, or when csv->error says in words what
 * is wrong in csv->line: an open quote, text behind a closing quote, a quote inside an unquoted
 * field, a lone carriage return, a NUL byte, or no memory.
 */
bool px_csv_next(px_csv *csv, px_csv_row *row);

/** True when the bytes are well-formed UTF-8 (RFC 3629: no surrogates, nothing overlong). */
bool px_csv_utf8(px_bytes text);

#endif
