/* print.h: how the command writes for people: headings, wrapped text, dates, numbers. */
#ifndef PRAXIS_SERVICES_PRAXIS_PRINT_H
#define PRAXIS_SERVICES_PRAXIS_PRINT_H

#include <stddef.h>
#include <stdint.h>

enum {
    PX_PRINT_COLUMNS = 100,
    PX_PRINT_TITLE_COLUMNS = 44,
    PX_PRINT_DATE_SIZE = 16,
    PX_PRINT_NUMBER_SIZE = 32
};

/** A heading with its number and an empty line before. */
void px_print_heading(unsigned number, const char *title);
/** Text from column `indent` on, wrapped at 100 columns; the first line begins with `first`. */
void px_print_text(size_t indent, const char *first, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** The first column of a table, padded; a longer title ends in dots. */
void px_print_title(const char *title);
/** "1,809" */
const char *px_print_number(uint64_t number, char text[PX_PRINT_NUMBER_SIZE]);
/** "14 Jan 2026" of microseconds since 1970, UTC. */
const char *px_print_date(int64_t time_us, char text[PX_PRINT_DATE_SIZE]);

#endif
