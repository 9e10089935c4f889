/* Frameworks in and out (C9, I2): Moodle's CSV, CASE packages, our own CSV, by the shipped
 * mappings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/codec.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "services/praxis/framework_write.h"
#include "services/praxis/mapping.h"
#include "services/praxis/mapping_set.h"

typedef struct {
    px_arena arena;
    char path[64];
    char error[PX_MAPPING_ERROR_MAX];
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    snprintf(f->path, sizeof f->path, "/tmp/praxis-framework-XXXXXX");
    int file = mkstemp(f->path);
    assert_true(file >= 0);
    close(file);
    assert_true(px_arena_init(&f->arena, PX_MAPPING_ARENA_BYTES));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;

    unlink(f->path);
    px_arena_fini(&f->arena);
    free(f);
    return 0;
}

static void write_text(fixture *f, const char *text)
{
    FILE *file = fopen(f->path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static px_mapping *shipped(fixture *f, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/services/praxis/demo/mappings/%s", getenv("PRAXIS_SOURCE"),
             name);
    px_mapping *m = px_mapping_load(path, f->path, f->error);
    if (!m)
        print_message("%s\n", f->error);
    assert_non_null(m);
    return m;
}

/* The body of a row that could be sent. */
static const void *body_of(fixture *f, const px_mapping *m, size_t row)
{
    static const px_stamp stamp = { .attempt = 1, .created_at_us = 1000000, .actor = "tester" };
    px_mapped mapped = px_mapping_row(m, row, &f->arena);
    const ProtobufCMessage *body = NULL;
    px_codec_error error;

    if (mapped.state != PX_MAPPED_READY)
        fail_msg("row %zu: %s %s %s", row, mapped.code, mapped.field, mapped.text);
    assert_true(px_mapping_stamp(&mapped, &stamp, &f->arena));
    if (!px_codec_check(mapped.message, &f->arena, &error))
        fail_msg("row %zu: %s %s", row, px_reason_code(error.reason), error.field);
    px_codec_oneof(mapped.message, "body", &body);
    return body;
}

static void assert_same(fixture *f, const ProtobufCMessage *got, const ProtobufCMessage *want)
{
    px_bytes a = px_codec_pack(got, &f->arena), b = px_codec_pack(want, &f->arena);

    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
}

/* ---- a framework of ours ---- */

static Competency__Competency *add(fixture *f, px_framework *all, const char *id,
                                   const char *parent_id, const char *text)
{
    static const char *const names[] = { "None", "Some, with help", "All" };
    Competency__Competency *c =
        (Competency__Competency *)px_codec_new(&competency__competency__descriptor, &f->arena);
    Competency__DefineCompetency *d = (Competency__DefineCompetency *)px_codec_new(
        &competency__define_competency__descriptor, &f->arena);

    d->competency_id = px_arena_strdup(&f->arena, id);
    d->title = px_arena_printf(&f->arena, "About \"%s\", in short", id);
    d->description = px_arena_strdup(&f->arena, text);
    d->family = COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_LEADERSHIP;
    d->proficient_from = px_arena_strdup(&f->arena, names[1]);
    d->default_level = px_arena_strdup(&f->arena, names[2]);
    d->valid_days = 365;
    d->framework_id = px_arena_strdup(&f->arena, "ours");
    d->parent_id = px_arena_strdup(&f->arena, parent_id);
    d->levels = px_arena_alloc(&f->arena, 3 * sizeof *d->levels);
    for (; d->n_levels < 3; d->n_levels++) {
        d->levels[d->n_levels] = (Competency__CompetencyLevel *)px_codec_new(
            &competency__competency_level__descriptor, &f->arena);
        d->levels[d->n_levels]->name = px_arena_strdup(&f->arena, names[d->n_levels]);
        d->levels[d->n_levels]->text = px_arena_strdup(&f->arena, "Does\nit <so> & so");
    }
    c->definition = d;
    all->all[all->count++] = c;
    return c;
}

static void add_rule(fixture *f, Competency__Competency *c, const char *child_id)
{
    Competency__SetCompetencyRule *r = (Competency__SetCompetencyRule *)px_codec_new(
        &competency__set_competency_rule__descriptor, &f->arena);
    Competency__CompetencyChild *child = (Competency__CompetencyChild *)px_codec_new(
        &competency__competency_child__descriptor, &f->arena);

    r->competency_id = c->definition->competency_id;
    r->kind = COMPETENCY__COMPETENCY_RULE_KIND__COMPETENCY_RULE_KIND_POINTS;
    r->points_needed = 2;
    r->outcome = COMPETENCY__COMPETENCY_RULE_OUTCOME__COMPETENCY_RULE_OUTCOME_RECOMMEND;
    child->competency_id = px_arena_strdup(&f->arena, child_id);
    child->points = 3;
    child->required = true;
    r->children = px_arena_alloc(&f->arena, sizeof *r->children);
    r->children[r->n_children++] = child;
    c->rule = r;
}

static px_framework ours(fixture *f)
{
    px_framework all = { .count = 0 };
    Competency__DefineFramework *d = (Competency__DefineFramework *)px_codec_new(
        &competency__define_framework__descriptor, &f->arena);

    d->framework_id = px_arena_strdup(&f->arena, "ours");
    d->title = px_arena_strdup(&f->arena, "Our own");
    d->version = px_arena_strdup(&f->arena, "2026.1");
    d->source_url = px_arena_strdup(&f->arena, "https://example.org/ours");
    d->attribution = px_arena_strdup(&f->arena, "CC BY 4.0");
    d->description = px_arena_strdup(&f->arena, "What we need");
    all.framework = d;
    all.all = px_arena_alloc(&f->arena, 4 * sizeof *all.all);
    Competency__Competency *top = add(f, &all, "top", "", "");
    add(f, &all, "below", "top", "Details, \"quoted\"");
    add(f, &all, "0190c1de-0000-7000-8000-000000000001", "below", "Deeper");
    add_rule(f, top, "below");
    return all;
}

static void then_same_framework(fixture *f, const px_framework *want, const char *mapping)
{
    px_mapping *m = shipped(f, mapping);

    assert_int_equal(px_mapping_rows(m), 1);
    assert_same(f, body_of(f, m, 0), &want->framework->base);
    px_mapping_free(m);
}

static void then_same_competencies(fixture *f, const px_framework *want, const char *mapping)
{
    px_mapping *m = shipped(f, mapping);

    assert_int_equal(px_mapping_rows(m), want->count);
    for (size_t i = 0; i < want->count; i++)
        assert_same(f, body_of(f, m, i), &want->all[i]->definition->base);
    px_mapping_free(m);
}

static void csv__comes_back_as_it_went(void **state)
{
    fixture *f = *state;
    px_framework all = ours(f);
    FILE *out = fopen(f->path, "w");

    px_framework_write_csv(out, &all);
    fclose(out);
    then_same_competencies(f, &all, "framework.json");
}

static void moodle__comes_back_as_it_went(void **state)
{
    fixture *f = *state;
    px_framework all = ours(f);
    FILE *out = fopen(f->path, "w");

    px_framework_write_moodle(out, &all);
    fclose(out);
    then_same_framework(f, &all, "moodle_framework.json");
    then_same_competencies(f, &all, "moodle_competencies.json");
    px_mapping *m = shipped(f, "moodle_rules.json");
    assert_int_equal(px_mapping_rows(m), 1);
    assert_same(f, body_of(f, m, 0), &all.all[0]->rule->base);
    px_mapping_free(m);
}

static void case__comes_back_as_it_went(void **state)
{
    fixture *f = *state;
    px_framework all = ours(f);
    FILE *out = fopen(f->path, "w");

    px_framework_write_case(out, &all, "2026-01-05T00:00:00+00:00");
    fclose(out);
    then_same_framework(f, &all, "case_framework.json");
    then_same_competencies(f, &all, "case_competencies.json");
}

/* ---- frameworks of others ---- */

/* As Moodle writes it: the child before its parent, HTML, one scale for all. */
static const char moodle_sample[] =
    "\"Parent ID number\",\"ID number\",\"Short name\",Description,\"Description format\","
    "\"Scale values\",\"Scale configuration\",\"Rule type (optional)\",\"Rule outcome (optional)\","
    "\"Rule config (optional)\",\"Cross-referenced competency ID numbers\","
    "\"Exported ID (optional)\",\"Is framework\",Taxonomy\n"
    ",FW 1,\"Care\",\"<p>Nursing</p>\",1,\"Not yet competent,Competent\","
    "\"[{\"\"scaleid\"\":\"\"2\"\"},{\"\"id\"\":1,\"\"scaledefault\"\":0,\"\"proficient\"\":0},"
    "{\"\"id\"\":2,\"\"scaledefault\"\":1,\"\"proficient\"\":1}]\",,,,,,1,"
    "\"domain,competency,competency,competency\"\n"
    "C1,C1.1,\"Listens\",\"<p>Hears &amp; asks.<br />Waits.</p>\",1,,,,0,null,C1.2,12,,\n"
    "C1,C1.2,\"Explains\",,1,,,,0,null,C1.1,13,,\n"
    ",C1,\"Talks to patients\",,1,,,\"core_competency\\competency_rule_all\",2,null,,11,,\n"
    ",C2,\"Plans\",,1,\"a,b,c\",\"[{\"\"scaleid\"\":\"\"3\"\"},{\"\"id\"\":3,"
    "\"\"scaledefault\"\":1,\"\"proficient\"\":1}]\","
    "\"core_competency\\competency_rule_points\",3,"
    "\"{\"\"base\"\":{\"\"points\"\":\"\"4\"\"},\"\"competencies\"\":[{\"\"id\"\":\"\"12\"\","
    "\"\"points\"\":\"\"4\"\",\"\"required\"\":1}]}\",,14,,\n"
    ",broken\n";

static void moodle__is_read_as_moodle_means_it(void **state)
{
    fixture *f = *state;

    write_text(f, moodle_sample);
    px_mapping *m = shipped(f, "moodle_competencies.json");
    assert_int_equal(px_mapping_rows(m), 5);
    const Competency__DefineCompetency *d = body_of(f, m, 0);
    assert_string_equal(d->competency_id, "C1"); /* parents first */
    assert_string_equal(d->framework_id, "FW_1");
    d = body_of(f, m, 1);
    assert_string_equal(d->competency_id, "C2");
    assert_int_equal(d->n_levels, 3);
    assert_string_equal(d->proficient_from, "c");
    px_mapped broken = px_mapping_row(m, 2, &f->arena);
    assert_int_equal(broken.state, PX_MAPPED_REFUSED);
    assert_string_equal(broken.code, "MALFORMED");
    assert_int_equal(broken.line, 7);
    d = body_of(f, m, 3);
    assert_string_equal(d->competency_id, "C1_1");
    assert_string_equal(d->parent_id, "C1");
    assert_string_equal(d->description, "Hears & asks. Waits.");
    assert_string_equal(d->levels[1]->name, "Competent");
    assert_string_equal(d->default_level, "Competent");
    px_mapping_free(m);
    m = shipped(f, "moodle_rules.json");
    const Competency__SetCompetencyRule *r = body_of(f, m, 0);
    assert_int_equal(r->kind, COMPETENCY__COMPETENCY_RULE_KIND__COMPETENCY_RULE_KIND_ALL);
    assert_int_equal(r->outcome,
                     COMPETENCY__COMPETENCY_RULE_OUTCOME__COMPETENCY_RULE_OUTCOME_COMPLETE);
    assert_int_equal(r->n_children, 2);
    r = body_of(f, m, 1);
    assert_int_equal(r->points_needed, 4);
    assert_string_equal(r->children[0]->competency_id, "C1_1");
    assert_true(r->children[0]->required);
    px_mapping_free(m);
}

static const char case_sample[] =
    "{\"CFDocument\":{\"identifier\":\"d0000000-0000-4000-8000-000000000000\","
    "\"title\":\"Maths\",\"creator\":\"A state\",\"uri\":\"https://example.org/d\"},"
    "\"CFItems\":["
    "{\"identifier\":\"i0000000-0000-4000-8000-000000000002\",\"humanCodingScheme\":\"1.OA.1\","
    "\"fullStatement\":\"Use addition within 20.\"},"
    "{\"fullStatement\":\"has no identifier\"},"
    "{\"identifier\":\"i0000000-0000-4000-8000-000000000001\",\"fullStatement\":\"Operations\"}],"
    "\"CFAssociations\":["
    "{\"associationType\":\"isChildOf\",\"originNodeURI\":{\"identifier\":"
    "\"i0000000-0000-4000-8000-000000000001\"},\"destinationNodeURI\":{\"identifier\":"
    "\"d0000000-0000-4000-8000-000000000000\"}},"
    "{\"associationType\":\"precedes\",\"originNodeURI\":{\"identifier\":"
    "\"i0000000-0000-4000-8000-000000000001\"},\"destinationNodeURI\":{\"identifier\":"
    "\"i0000000-0000-4000-8000-000000000002\"}},"
    "{\"associationType\":\"isChildOf\",\"originNodeURI\":{\"identifier\":"
    "\"i0000000-0000-4000-8000-000000000002\"},\"destinationNodeURI\":{\"identifier\":"
    "\"i0000000-0000-4000-8000-000000000001\"}}]}";

static void case__is_read_with_tree_and_usual_levels(void **state)
{
    fixture *f = *state;

    write_text(f, case_sample);
    px_mapping *m = shipped(f, "case_framework.json");
    const Competency__DefineFramework *d = body_of(f, m, 0);
    assert_string_equal(d->publisher, "A state");
    assert_string_equal(d->version, "1");
    px_mapping_free(m);
    m = shipped(f, "case_competencies.json");
    assert_int_equal(px_mapping_rows(m), 3);
    assert_int_equal(px_mapping_row(m, 0, &f->arena).state, PX_MAPPED_REFUSED);
    const Competency__DefineCompetency *c = body_of(f, m, 1);
    assert_string_equal(c->title, "Operations");
    assert_string_equal(c->parent_id, "");
    assert_int_equal(c->n_levels, 4);
    c = body_of(f, m, 2);
    assert_string_equal(c->parent_id, "i0000000-0000-4000-8000-000000000001");
    px_mapping_free(m);
}

static void file__of_another_kind_is_refused_in_words(void **state)
{
    fixture *f = *state;
    char path[512];

    snprintf(path, sizeof path, "%s/services/praxis/demo/mappings/case_framework.json",
             getenv("PRAXIS_SOURCE"));
    write_text(f, "{\"items\":[]}");
    assert_null(px_mapping_load(path, f->path, f->error));
    assert_non_null(strstr(f->error, "no CFDocument"));
    snprintf(path, sizeof path, "%s/services/praxis/demo/mappings/moodle_framework.json",
             getenv("PRAXIS_SOURCE"));
    write_text(f, "a,b\n1,2\n");
    assert_null(px_mapping_load(path, f->path, f->error));
    assert_non_null(strstr(f->error, "14 columns"));
}

static void set__names_mappings_beside_it(void **state)
{
    char path[512], second[512];
    px_mapping_set set;

    (void)state;
    snprintf(path, sizeof path, "%s/services/praxis/demo/mappings/moodle.json",
             getenv("PRAXIS_SOURCE"));
    snprintf(second, sizeof second, "%s/services/praxis/demo/mappings/moodle_competencies.json",
             getenv("PRAXIS_SOURCE"));
    assert_true(px_mapping_set_is(path));
    assert_false(px_mapping_set_is(second));
    set = px_mapping_set_of(path);
    assert_int_equal(set.count, 3);
    assert_string_equal(set.paths[1], second);
    assert_int_equal(px_mapping_set_of(second).count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(csv__comes_back_as_it_went, set_up, tear_down),
        cmocka_unit_test_setup_teardown(moodle__comes_back_as_it_went, set_up, tear_down),
        cmocka_unit_test_setup_teardown(case__comes_back_as_it_went, set_up, tear_down),
        cmocka_unit_test_setup_teardown(moodle__is_read_as_moodle_means_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(case__is_read_with_tree_and_usual_levels, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(file__of_another_kind_is_refused_in_words, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(set__names_mappings_beside_it, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
