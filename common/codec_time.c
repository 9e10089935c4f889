/* codec_time.c: google.protobuf.Timestamp, microseconds and RFC 3339, in the proleptic Gregorian
 * calendar. */
#include <stdio.h>

#include "common/codec.h"
#include "common/codec_impl.h"
#include "google/protobuf/timestamp.pb-c.h"

static const int64_t SECONDS_MIN = -62135596800; /* 0001-01-01T00:00:00Z */
static const int64_t SECONDS_MAX = 253402300799; /* 9999-12-31T23:59:59Z */
enum { NANOS = 1000000000, MICROS = 1000000, DAY_SECONDS = 86400 };

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

bool px_time_in_range(const void *timestamp)
{
    const Google__Protobuf__Timestamp *t = timestamp;

    return t->seconds >= SECONDS_MIN && t->seconds <= SECONDS_MAX && t->nanos >= 0 &&
           t->nanos < NANOS;
}

/* Whole seconds, rounded down, and the nanoseconds above them. */
static void split(int64_t time_us, int64_t *seconds, int32_t *nanos)
{
    int64_t above = time_us % MICROS;

    above += above < 0 ? MICROS : 0;
    *seconds = floor_div(time_us, MICROS);
    *nanos = (int32_t)above * (NANOS / MICROS);
}

int64_t px_codec_time_us(const void *timestamp)
{
    const Google__Protobuf__Timestamp *t = timestamp;

    if (!t)
        return 0;
    /* Clamped, so that a message nobody checked cannot overflow. */
    return clamp(t->seconds, SECONDS_MIN, SECONDS_MAX) * MICROS +
           clamp(t->nanos, 0, NANOS - 1) / (NANOS / MICROS);
}

void *px_codec_timestamp(int64_t time_us, px_arena *arena)
{
    Google__Protobuf__Timestamp *t = (Google__Protobuf__Timestamp *)px_codec_new(
        &google__protobuf__timestamp__descriptor, arena);

    if (t)
        split(time_us, &t->seconds, &t->nanos);
    return t;
}

const char *px_codec_rfc3339(int64_t time_us, px_arena *arena)
{
    int64_t seconds;
    int32_t nanos;
    char text[PX_RFC3339_SIZE];

    split(time_us, &seconds, &nanos);
    px_time_print(text, seconds, nanos);
    return px_arena_strdup(arena, text);
}

/*
 * Days since 1970-01-01 and back, counted in years that start in March, so that the leap day comes
 * last: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil and
 * civil_from_days, for years from 1 on. An era is 400 years, or 146,097 days; 719,468 days lie
 * before 1970.
 */
static int64_t days_from_date(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = y / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return (int64_t)era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, int *year, int *month, int *day)
{
    int from_start = (int)(days + 719468); /* of the year 0 in March: not negative in our range */
    int era = from_start / 146097;
    int doe = from_start - era * 146097;
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (5 * doy + 2) / 153;

    *day = doy - (153 * mp + 2) / 5 + 1;
    *month = mp < 10 ? mp + 3 : mp - 9;
    *year = yoe + era * 400 + (*month <= 2);
}

static int fraction_digits(int32_t nanos)
{
    return nanos == 0 ? 0 : nanos % 1000000 == 0 ? 3 : nanos % 1000 == 0 ? 6 : 9;
}

void px_time_print(char out[PX_RFC3339_SIZE], int64_t seconds, int32_t nanos)
{
    int year, month, day;

    seconds = clamp(seconds, SECONDS_MIN, SECONDS_MAX);
    nanos = (int32_t)clamp(nanos, 0, NANOS - 1);
    int64_t days = floor_div(seconds, DAY_SECONDS);
    int clock = (int)(seconds - days * DAY_SECONDS);
    date_from_days(days, &year, &month, &day);
    int size = snprintf(out, PX_RFC3339_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day,
                        clock / 3600, clock / 60 % 60, clock % 60);
    int digits = fraction_digits(nanos);
    if (digits > 0) {
        char fraction[16];
        snprintf(fraction, sizeof(fraction), "%09d", nanos);
        size += snprintf(out + size, (size_t)(PX_RFC3339_SIZE - size), ".%.*s", digits, fraction);
    }
    snprintf(out + size, (size_t)(PX_RFC3339_SIZE - size), "Z");
}

/** A text being read from left to right. */
typedef struct {
    const char *at;
    const char *end;
    bool ok;
} cursor;

static bool accept(cursor *c, char letter)
{
    if (c->at == c->end || *c->at != letter)
        return false;
    c->at++;
    return true;
}

static void expect(cursor *c, char letter)
{
    c->ok = accept(c, letter) && c->ok;
}

static bool digit_here(const cursor *c)
{
    return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

/* Exactly `digits` digits, low..high. */
static int number(cursor *c, int digits, int low, int high)
{
    int value = 0;

    for (int i = 0; i < digits; i++) {
        if (!digit_here(c)) {
            c->ok = false;
            return low;
        }
        value = value * 10 + (*c->at++ - '0');
    }
    c->ok = c->ok && value >= low && value <= high;
    return value;
}

static int32_t fraction(cursor *c)
{
    int32_t nanos = 0;
    int32_t unit = NANOS / 10;

    if (!accept(c, '.'))
        return 0;
    c->ok = c->ok && digit_here(c);
    for (; digit_here(c); unit /= 10) {
        c->ok = c->ok && unit > 0; /* nine digits at most */
        nanos += (*c->at++ - '0') * unit;
    }
    return nanos;
}

/* Seconds to take off to get to UTC. */
static int offset(cursor *c)
{
    if (accept(c, 'Z'))
        return 0;
    int sign = accept(c, '-') ? -1 : 1;
    if (sign > 0)
        expect(c, '+');
    int hours = number(c, 2, 0, 23);
    expect(c, ':');
    return sign * (hours * 3600 + number(c, 2, 0, 59) * 60);
}

static int month_days(int year, int month)
{
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 ? 28 + leap : 30 + (month + month / 8) % 2;
}

bool px_time_parse(const char *text, size_t size, int64_t *seconds, int32_t *nanos)
{
    cursor c = { .at = text, .end = text + size, .ok = true };

    int year = number(&c, 4, 1, 9999);
    expect(&c, '-');
    int month = number(&c, 2, 1, 12);
    expect(&c, '-');
    int day = number(&c, 2, 1, 31);
    expect(&c, 'T');
    int clock = number(&c, 2, 0, 23) * 3600;
    expect(&c, ':');
    clock += number(&c, 2, 0, 59) * 60;
    expect(&c, ':');
    clock += number(&c, 2, 0, 59); /* Timestamp knows no leap second */
    *nanos = fraction(&c);
    clock -= offset(&c);
    if (!c.ok || c.at != c.end || day > month_days(year, month))
        return false;
    *seconds = days_from_date(year, month, day) * DAY_SECONDS + clock;
    return *seconds >= SECONDS_MIN && *seconds <= SECONDS_MAX;
}
