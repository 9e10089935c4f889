#include "services/praxis/print.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TEXT_MAX = 4096 };

void px_print_heading(unsigned number, const char *title)
{
    int size = printf("\n%u. %s\n", number, title) - 2;

    for (int i = 0; i < size; i++)
        putchar('-');
    putchar('\n');
    fflush(stdout);
}

/* Columns a text takes: UTF-8 continuation bytes take none. */
static size_t columns_of(const char *text, size_t size)
{
    size_t columns = 0;

    for (size_t i = 0; i < size; i++)
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    return columns;
}

static void print_words(size_t indent, size_t column, const char *text)
{
    const char *separator = "";

    while (*text) {
        size_t size = strcspn(text, " "), width = columns_of(text, size);

        if (column + 1 + width > PX_PRINT_COLUMNS && *separator) {
            printf("\n%*s", (int)indent, "");
            column = indent;
            separator = "";
        }
        printf("%s%.*s", separator, (int)size, text);
        column += width + strlen(separator);
        separator = " ";
        text += size;
        text += strspn(text, " ");
    }
    putchar('\n');
}

void px_print_text(size_t indent, const char *first, const char *format, ...)
{
    char text[TEXT_MAX];
    size_t column = columns_of(first, strlen(first));
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    printf("%s%*s", first, column < indent ? (int)(indent - column) : 0, "");
    print_words(indent, column < indent ? indent : column, text);
    fflush(stdout);
}

void px_print_title(const char *title)
{
    if (strlen(title) > PX_PRINT_TITLE_COLUMNS)
        printf("   %.*s...", PX_PRINT_TITLE_COLUMNS - 3, title);
    else
        printf("   %-*s", PX_PRINT_TITLE_COLUMNS, title);
}

const char *px_print_number(uint64_t number, char text[PX_PRINT_NUMBER_SIZE])
{
    char digits[PX_PRINT_NUMBER_SIZE];
    size_t count = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, number), out = 0;

    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            text[out++] = ',';
        text[out++] = digits[i];
    }
    text[out] = '\0';
    return text;
}

const char *px_print_date(int64_t time_us, char text[PX_PRINT_DATE_SIZE])
{
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t seconds = (time_t)(time_us / 1000000);
    struct tm date;

    gmtime_r(&seconds, &date);
    snprintf(text, PX_PRINT_DATE_SIZE, "%d %s %d", date.tm_mday, months[date.tm_mon],
             date.tm_year % 8100 + 1900);
    return text;
}
