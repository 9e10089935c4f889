/* O*NET as a second framework (C9): the shipped mappings over the shipped tables, every row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "services/praxis/mapping.h"

static px_mapping *shipped(const char *name)
{
    char path[512], error[PX_MAPPING_ERROR_MAX];

    snprintf(path, sizeof path, "%s/services/praxis/demo/mappings/%s", getenv("PRAXIS_SOURCE"),
             name);
    px_mapping *m = px_mapping_load(path, NULL, error);
    if (!m)
        fail_msg("%s", error);
    return m;
}

static const void *body_of(const px_mapped *mapped)
{
    const ProtobufCMessage *body = NULL;

    px_codec_oneof(mapped->message, "body", &body);
    return body;
}

static void onet__targets_have_the_nearest_level_and_the_importance(void **state)
{
    px_mapping *m = shipped("onet_targets.json");
    px_arena arena;

    (void)state;
    assert_true(px_arena_init(&arena, PX_MAPPING_ARENA_BYTES));
    px_mapped first = px_mapping_row(m, 0, &arena);
    const Competency__SetRoleTarget *t = body_of(&first);
    assert_string_equal(t->role_id, "onet-11-1011_00");
    assert_string_equal(t->competency_id, "onet-2_A_1_a");
    assert_string_equal(t->level_name, "5"); /* 4.62 */
    assert_true(t->weight == 4.12);
    px_mapped third = px_mapping_row(m, 2, &arena);
    t = body_of(&third);
    assert_string_equal(t->level_name, "4"); /* 4.38 */
    px_arena_fini(&arena);
    px_mapping_free(m);
}

static void onet__every_row_is_sent_or_named(void **state)
{
    static const struct {
        const char *name;
        size_t ready, skipped;
    } tables[] = {
        { "onet_framework.json", 1, 0 },
        { "onet_competencies.json", 35, 0 },
        { "onet_roles.json", 130, 0 },
        { "onet_targets.json", 3963, 587 },
    };
    px_codec_error error;
    px_arena arena;

    (void)state;
    assert_true(px_arena_init(&arena, PX_MAPPING_ARENA_BYTES));
    for (size_t i = 0; i < PX_COUNT(tables); i++) {
        px_mapping *m = shipped(tables[i].name);
        static const px_stamp stamp = { .attempt = 1, .created_at_us = 1, .actor = "tester" };
        size_t ready = 0, skipped = 0;

        for (size_t row = 0; row < px_mapping_rows(m); row++) {
            px_arena_reset(&arena);
            px_mapped mapped = px_mapping_row(m, row, &arena);
            skipped += mapped.state == PX_MAPPED_SKIPPED;
            if (mapped.state != PX_MAPPED_READY)
                continue;
            assert_true(px_mapping_stamp(&mapped, &stamp, &arena));
            assert_true(px_codec_check(mapped.message, &arena, &error));
            ready++;
        }
        assert_int_equal(ready, tables[i].ready);
        assert_int_equal(skipped, tables[i].skipped);
        px_mapping_free(m);
    }
    px_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(onet__targets_have_the_nearest_level_and_the_importance),
        cmocka_unit_test(onet__every_row_is_sent_or_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
