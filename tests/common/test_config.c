/* test_config.c: each place a setting can come from, who wins, and what a wrong one is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/config.h"
#include "common/status.h"

enum { WORDS_MAX = 16, OUTPUT_MAX = 16384 };

/** One reading of the settings and what it printed. */
typedef struct {
    px_config config;
    char out[OUTPUT_MAX];
    char err[OUTPUT_MAX];
    char file[64]; /* path of a settings file; exists once file_holds() was called */
} reading;

extern char **environ;

/** No setting of the machine that runs the tests may count. */
static void clear_environment(void)
{
    for (char **entry = environ; *entry;) {
        char name[128];
        size_t size = strcspn(*entry, "=");
        if (strncmp(*entry, "PRAXIS_", 7) != 0 || size >= sizeof name) {
            entry++;
            continue;
        }
        memcpy(name, *entry, size);
        name[size] = '\0';
        unsetenv(name);
        entry = environ;
    }
}

static int setup(void **ctx)
{
    reading *r = calloc(1, sizeof *r);

    if (!r)
        return -1;
    clear_environment();
    snprintf(r->file, sizeof r->file, "/tmp/praxis-config-XXXXXX");
    close(mkstemp(r->file));
    *ctx = r;
    return 0;
}

static int teardown(void **ctx)
{
    reading *r = *ctx;

    clear_environment();
    unlink(r->file);
    free(r);
    return 0;
}

static void file_holds(reading *r, const char *text, size_t size)
{
    FILE *file = fopen(r->file, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/** Reads with these words after the program's name, up to a NULL. */
static px_config_outcome read_with(reading *r, ...)
{
    char *argv[WORDS_MAX] = { "praxis-competency" };
    int argc = 1;
    va_list words;
    FILE *out = fmemopen(r->out, sizeof r->out, "w"), *err = fmemopen(r->err, sizeof r->err, "w");

    va_start(words, r);
    while (argc < WORDS_MAX && (argv[argc] = va_arg(words, char *)))
        argc++;
    va_end(words);
    memset(r->out, 0, sizeof r->out);
    memset(r->err, 0, sizeof r->err);
    px_config_outcome outcome = px_config_read(&r->config, "praxis-competency", "levels and gaps",
                                               8203, argc, argv, out, err);
    fclose(out);
    fclose(err);
    return outcome;
}

/** One line on err, holding this. */
static void assert_refused(reading *r, px_config_outcome outcome, const char *said)
{
    assert_int_equal(outcome, PX_CONFIG_WRONG);
    if (!strstr(r->err, said))
        fail_msg("\"%s\" does not say \"%s\"", r->err, said);
    assert_ptr_equal(strchr(r->err, '\n'), r->err + strlen(r->err) - 1);
    assert_int_equal(strncmp(r->err, "praxis-competency: ", 19), 0);
    assert_string_equal(r->out, "");
}

static void defaults__are_those_of_the_contract(void **ctx)
{
    reading *r = *ctx;

    assert_int_equal(read_with(r, "--data-dir", "/d", NULL), PX_CONFIG_RUN);
    assert_string_equal(r->config.nats_url, "nats://127.0.0.1:4222");
    assert_string_equal(r->config.nats_user, "");
    assert_string_equal(r->config.master_key_file, "");
    assert_string_equal(r->config.health_address, "127.0.0.1");
    assert_int_equal(r->config.health_port, 8203);
    assert_string_equal(r->config.log_level, "info");
    assert_false(r->config.event_clock);
    assert_int_equal(r->config.standby_ms, 0);
    assert_int_equal(r->config.handled_days, 35);
    assert_int_equal(r->config.replicas, 1);
    assert_int_equal(r->config.map_bytes, 16ull << 30);
    assert_int_equal(r->config.feed_max_age_days, 0);
    assert_int_equal(r->config.feed_max_bytes, 0);
    assert_int_equal(r->config.inbox_max_bytes, 1ull << 30);
    assert_non_null(strstr(r->config.instance, "-")); /* host and pid */
    assert_string_equal(r->err, "");
}

static void precedence__flag_environment_file_default(void **ctx)
{
    static const char file[] = "# settings\n\n"
                               "data-dir = /from file # with a blank\n"
                               "  nats-user=file#user  \r\n"
                               "log-level = debug\n"
                               "replicas = 5";
    reading *r = *ctx;

    file_holds(r, file, sizeof file - 1);
    setenv("PRAXIS_CONFIG", r->file, 1);
    setenv("PRAXIS_LOG_LEVEL", "warning", 1);
    setenv("PRAXIS_REPLICAS", "3", 1);
    setenv("PRAXIS_NATS_USER", "", 1); /* empty: as if not set */
    assert_int_equal(read_with(r, "--replicas=1", NULL), PX_CONFIG_RUN);
    assert_string_equal(r->config.data_dir, "/from file");
    assert_string_equal(r->config.nats_user, "file#user");
    assert_string_equal(r->config.log_level, "warning");
    assert_int_equal(r->config.replicas, 1);
    assert_string_equal(r->config.health_address, "127.0.0.1");
}

static void config_flag__wins_over_its_variable(void **ctx)
{
    reading *r = *ctx;

    file_holds(r, "data-dir = /d\n", 14);
    setenv("PRAXIS_CONFIG", "/nonexistent/settings", 1);
    assert_int_equal(read_with(r, "--config", r->file, NULL), PX_CONFIG_RUN);
    assert_string_equal(r->config.data_dir, "/d");
}

static void size__takes_suffixes(void **ctx)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } rows[] = {
        { "1048576", 1048576 }, { "2048k", 2097152 },    { "2048K", 2097152 },
        { "3M", 3145728 },      { "7G", 7516192768ull }, { "16384g", 1ull << 44 },
    };
    reading *r = *ctx;

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        assert_int_equal(read_with(r, "--data-dir=/d", "--map-bytes", rows[i].text, NULL),
                         PX_CONFIG_RUN);
        assert_int_equal(r->config.map_bytes, rows[i].bytes);
    }
}

static void clock__is_event_or_wall(void **ctx)
{
    reading *r = *ctx;

    assert_int_equal(read_with(r, "--data-dir=/d", "--clock", "event", NULL), PX_CONFIG_RUN);
    assert_true(r->config.event_clock);
    assert_int_equal(read_with(r, "--data-dir=/d", "--clock", "wall", NULL), PX_CONFIG_RUN);
    assert_false(r->config.event_clock);
}

static void wrong_value__is_named_with_what_is_allowed(void **ctx)
{
    static const struct {
        const char *flag, *value, *said;
    } rows[] = {
        { "--health-port", "65536", "health-port (flag --health-port) = 65536: must be a whole" },
        { "--health-port", "-1", "from 0 to 65535" },
        { "--health-port", "80 ", "from 0 to 65535" },
        { "--health-port", "0x50", "from 0 to 65535" },
        { "--health-port", "1k", "from 0 to 65535" },
        { "--standby-ms", "99999999999999999999999", "from 0 to 3600000" },
        { "--map-bytes", "1T", "with k, M or G" },
        { "--map-bytes", "1", "from 1048576" },
        { "--map-bytes", "18446744073709551615G", "with k, M or G" },
        { "--map-bytes", "4Mx", "with k, M or G" },
        { "--replicas", "2", "must be one of 1|3|5" },
        { "--clock", "wall|event", "must be one of wall|event" },
        { "--log-level", "warn", "must be one of error|warning|info|debug" },
        { "--nats-user", "line\nbreak", "without control characters" },
    };
    reading *r = *ctx;

    for (size_t i = 0; i < PX_COUNT(rows); i++)
        assert_refused(r, read_with(r, "--data-dir=/d", rows[i].flag, rows[i].value, NULL),
                       rows[i].said);
}

static void too_long_text__is_refused(void **ctx)
{
    reading *r = *ctx;
    char text[PX_CONFIG_TEXT_MAX + 1];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_refused(r, read_with(r, "--data-dir", text, NULL), "shorter than 1024 bytes");
    text[sizeof text - 2] = '\0';
    assert_int_equal(read_with(r, "--data-dir", text, NULL), PX_CONFIG_RUN);
    assert_string_equal(r->config.data_dir, text);
}

static void missing_data_dir__is_told(void **ctx)
{
    reading *r = *ctx;

    assert_refused(r, read_with(r, NULL), "data-dir: is missing");
    assert_refused(r, read_with(r, "--data-dir=", NULL), "data-dir: is missing");
    assert_refused(r, read_with(r, "--data-dir=/d", "--nats-url=", NULL), "nats-url: is missing");
}

static void wrong_word__is_named(void **ctx)
{
    reading *r = *ctx;

    assert_refused(r, read_with(r, "--data-dri", "/d", NULL), "--data-dri: there is no such flag");
    assert_refused(r, read_with(r, "-x", NULL), "-x: there is no such flag");
    assert_refused(r, read_with(r, "start", NULL), "start: only flags are expected");
    assert_refused(r, read_with(r, "--data-dir", NULL), "--data-dir: a value must follow");
    assert_refused(r, read_with(r, "--data-dir", "--check-config", NULL), "a value must follow");
}

static void wrong_file__is_named_with_its_line(void **ctx)
{
    static const struct {
        const char *text, *said;
    } rows[] = {
        { "data-dir = /d\n\nlog-levle = info\n", " line 3: there is no setting 'log-levle'" },
        { "data-dir /d\n", " line 1: expected: name = value" },
        { "data-dir = /d\ndata-dir = /e\n", " line 2: this setting is given twice" },
        { "data-dir = /d\nreplicas = 2\n", " line 2) = 2: must be one of 1|3|5" },
        { "config = /d\n", " line 1: there is no setting 'config'" },
    };
    reading *r = *ctx;

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        file_holds(r, rows[i].text, strlen(rows[i].text));
        assert_refused(r, read_with(r, "--config", r->file, NULL), rows[i].said);
    }
    file_holds(r, "data-dir = /d\0\n", 15);
    assert_refused(r, read_with(r, "--config", r->file, NULL), "is not a text file");
    assert_refused(r, read_with(r, "--config", "/nonexistent/settings", NULL),
                   "/nonexistent/settings: No such file");
    assert_refused(r, read_with(r, "--config", "/tmp", NULL), "/tmp: ");
}

static void file__too_large_is_refused(void **ctx)
{
    reading *r = *ctx;
    char *text = malloc(70000);

    memset(text, '#', 70000);
    file_holds(r, text, 65536);
    assert_int_equal(read_with(r, "--config", r->file, "--data-dir=/d", NULL), PX_CONFIG_RUN);
    file_holds(r, text, 65537);
    assert_refused(r, read_with(r, "--config", r->file, "--data-dir=/d", NULL), "64 KiB");
    free(text);
}

static void check_config__prints_values_and_where_from(void **ctx)
{
    reading *r = *ctx;

    file_holds(r, "replicas = 3\n", 13);
    setenv("PRAXIS_LOG_LEVEL", "debug", 1);
    setenv("PRAXIS_LOG_LEVLE", "debug", 1);
    assert_int_equal(read_with(r, "--check-config", "--data-dir=/d", "--config", r->file, NULL),
                     PX_CONFIG_DONE);
    assert_non_null(strstr(r->out, "data-dir = /d    "));
    assert_non_null(strstr(r->out, "# flag --data-dir\n"));
    assert_non_null(strstr(r->out, "# environment PRAXIS_LOG_LEVEL\n"));
    assert_non_null(strstr(r->out, " line 1\n"));
    assert_non_null(strstr(r->out, "# default\n"));
    assert_non_null(strstr(r->err, "PRAXIS_LOG_LEVLE is no setting"));
    assert_null(strstr(r->err, "PRAXIS_LOG_LEVEL "));
}

static void check_config__prints_a_file_that_can_be_read(void **ctx)
{
    reading *r = *ctx;

    read_with(r, "--check-config", "--data-dir=/d", "--clock=event", "--map-bytes=5M", NULL);
    file_holds(r, r->out, strlen(r->out));
    assert_int_equal(read_with(r, "--config", r->file, NULL), PX_CONFIG_RUN);
    assert_string_equal(r->config.data_dir, "/d");
    assert_true(r->config.event_clock);
    assert_int_equal(r->config.map_bytes, 5 << 20);
}

static void check_config__refuses_what_is_wrong(void **ctx)
{
    assert_refused(*ctx, read_with(*ctx, "--check-config", "--data-dir=/d", "--replicas=4", NULL),
                   "must be one of 1|3|5");
}

static void unknown_variable__is_no_reason_to_refuse(void **ctx)
{
    reading *r = *ctx;

    setenv("PRAXIS_OF_ANOTHER_TOOL", "1", 1);
    assert_int_equal(read_with(r, "--data-dir=/d", NULL), PX_CONFIG_RUN);
    assert_string_equal(r->err, "");
}

static void help__names_every_setting_in_100_columns(void **ctx)
{
    reading *r = *ctx;

    read_with(r, "--check-config", "--data-dir=/d", NULL);
    char *settings = strdup(r->out);
    assert_int_equal(read_with(r, "--nonsense", "--help", NULL), PX_CONFIG_DONE);
    for (const char *line = settings; *line; line += strcspn(line, "\n") + 1) {
        char flag[80];
        snprintf(flag, sizeof flag, "  --%.*s ", (int)strcspn(line, " "), line);
        if (!strstr(r->out, flag))
            fail_msg("--help says nothing about%s", flag);
    }
    free(settings);
    for (const char *line = r->out; *line; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 0, 100);
    assert_non_null(strstr(r->out, "PRAXIS_FEED_MAX_AGE_DAYS"));
    assert_non_null(strstr(r->out, "[8203]"));
}

static void version__is_printed(void **ctx)
{
    reading *r = *ctx;

    assert_int_equal(read_with(r, "--version", NULL), PX_CONFIG_DONE);
    assert_string_equal(r->out, "praxis-competency " PRAXIS_VERSION "\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(defaults__are_those_of_the_contract),
        TEST(precedence__flag_environment_file_default),
        TEST(config_flag__wins_over_its_variable),
        TEST(size__takes_suffixes),
        TEST(clock__is_event_or_wall),
        TEST(wrong_value__is_named_with_what_is_allowed),
        TEST(too_long_text__is_refused),
        TEST(missing_data_dir__is_told),
        TEST(wrong_word__is_named),
        TEST(wrong_file__is_named_with_its_line),
        TEST(file__too_large_is_refused),
        TEST(check_config__prints_values_and_where_from),
        TEST(check_config__prints_a_file_that_can_be_read),
        TEST(check_config__refuses_what_is_wrong),
        TEST(unknown_variable__is_no_reason_to_refuse),
        TEST(help__names_every_setting_in_100_columns),
        TEST(version__is_printed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
