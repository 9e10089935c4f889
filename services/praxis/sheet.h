/* sheet.h: the rows to import, from a CSV or JSON file, all in memory: columns by name, texts. */
#ifndef PRAXIS_SERVICES_PRAXIS_SHEET_H
#define PRAXIS_SERVICES_PRAXIS_SHEET_H

#include <stdbool.h>
#include <stddef.h>

typedef struct px_sheet px_sheet;

enum { PX_SHEET_ERROR_MAX = 512, PX_SHEET_NO_COLUMN = -1 };

/**
 * How a file is written. JSON is an array of objects, or one object per line. xAPI: statements in
 * an array, one per line, alone, or as a learning record store answers them; columns as in
 * statement.h. The others are parts of a framework (framework_table.h says which columns they
 * have).
 */
typedef enum {
    PX_SHEET_CSV,
    PX_SHEET_JSON,
    PX_SHEET_XAPI,
    PX_SHEET_MOODLE_FRAMEWORK,
    PX_SHEET_MOODLE_COMPETENCIES,
    PX_SHEET_MOODLE_LEVELS,
    PX_SHEET_MOODLE_RULES,
    PX_SHEET_MOODLE_CHILDREN,
    PX_SHEET_CASE_FRAMEWORK,
    PX_SHEET_CASE_COMPETENCIES,
    PX_SHEET_CASE_LEVELS
} px_sheet_format;

/** "csv", "json", "moodle-levels", ...; false when there is no such format. */
bool px_sheet_format_named(const char *name, px_sheet_format *format);

/**
 * Reads the whole file. A fault that makes the rest unreadable (open quote, broken JSON) is an
 * error; a row that is wrong by itself stays, with its fault (px_sheet_fault).
 * @return NULL and one line in `error`
 */
px_sheet *px_sheet_read(const char *path, px_sheet_format format, char error[PX_SHEET_ERROR_MAX]);
void px_sheet_free(px_sheet *table); /* NULL is fine */

size_t px_sheet_rows(const px_sheet *table);
/** The column's number, PX_SHEET_NO_COLUMN when the table has none of this name. */
int px_sheet_column(const px_sheet *table, const char *name);
/** One text, "" where the row has none; lives as long as the table. */
const char *px_sheet_text(const px_sheet *table, size_t row, int column);
/** The line of the file on which the row starts, from 1; in a JSON array the position, from 1. */
size_t px_sheet_line(const px_sheet *table, size_t row);
/** What is wrong with the row by itself, NULL when nothing is; `code` says it as a reason. */
const char *px_sheet_fault(const px_sheet *table, size_t row, const char **code);

#endif
