/* sheet_format.h: inside sheet*.c: what is known of each format. */
#ifndef PRAXIS_SERVICES_PRAXIS_SHEET_FORMAT_H
#define PRAXIS_SERVICES_PRAXIS_SHEET_FORMAT_H

#include "services/praxis/framework_table.h"
#include "services/praxis/sheet.h"

typedef struct {
    const char *name;
    json_t *(*read)(px_bytes, px_framework_part, char[PX_FRAMEWORK_ERROR_MAX]); /* of a framework */
    px_framework_part part;
    const char *columns[12]; /* also where no row is; ended by NULL */
} px_sheet_format_row;

/** By px_sheet_format. */
extern const px_sheet_format_row px_sheet_formats[];

#endif
