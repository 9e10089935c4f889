/* test_natsconf.c: the committed sample is what `praxis run` writes. With --write: writes the
 * sample. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/praxis/natsconf.h"

enum { TEXT_SIZE = 1 << 17 };

static const char *sample_path(char path[512])
{
    const char *source = getenv("PRAXIS_SOURCE");

    snprintf(path, 512, "%s/deploy/nats/nats.conf", source ? source : ".");
    return path;
}

static px_status write_sample(FILE *out)
{
    static px_sources sources;

    sources.count = 0;
    px_sources_add(&sources, "acme", "hr");
    px_sources_add(&sources, "acme", "lms");
    px_sources_add(&sources, "globex", "sap");
    return px_natsconf_write(out, &(px_natsconf){ .address = "127.0.0.1",
                                                  .port = 4222,
                                                  .store_dir = "/var/lib/nats",
                                                  .max_file_bytes = UINT64_C(64) << 30,
                                                  .sources = &sources });
}

static void sample__is_what_the_generator_writes(void **ctx)
{
    static char text[TEXT_SIZE];
    char path[512];
    char *made = NULL;
    size_t size;
    FILE *out = open_memstream(&made, &size);
    FILE *sample = fopen(sample_path(path), "re");

    (void)ctx;
    assert_int_equal(write_sample(out), PX_OK);
    fclose(out);
    assert_non_null(sample);
    text[fread(text, 1, sizeof text - 1, sample)] = '\0';
    fclose(sample);
    if (strcmp(text, made) != 0)
        fail_msg("%s is out of date: run this test program with --write", path);
    free(made);
}

static void every_subject__names_its_tenant_or_is_for_all(void **ctx)
{
    char *made = NULL;
    size_t size;
    FILE *out = open_memstream(&made, &size);

    (void)ctx;
    assert_int_equal(write_sample(out), PX_OK);
    fclose(out);
    const char *globex = strstr(made, "  TENANT_globex {");
    assert_non_null(globex);
    assert_null(strstr(globex, "acme"));
    assert_null(strstr(made, "no_auth_user"));
    assert_null(strstr(made, "%s"));
    free(made);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample__is_what_the_generator_writes),
        cmocka_unit_test(every_subject__names_its_tenant_or_is_for_all),
    };
    char path[512];

    if (argc > 1 && strcmp(argv[1], "--write") == 0) {
        FILE *out = fopen(sample_path(path), "we");
        return out && write_sample(out) == PX_OK && fclose(out) == 0 ? 0 : 1;
    }
    return cmocka_run_group_tests_name("natsconf", tests, NULL, NULL);
}
