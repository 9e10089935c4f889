/* Tests of competency (C9): frameworks and the tree of their competencies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/services/competency/fixtures_framework.h"

static char *text(spec *s, const char *value)
{
    return px_arena_strdup(spec_arena(s), value);
}

static void framework__is_carried_by_its_competencies(void **ctx)
{
    spec *s = *ctx;
    Competency__GetFramework q = COMPETENCY__GET_FRAMEWORK__INIT;

    given_done(s, define_framework(s, "2025"));
    given_done(s, define_within(s, "data", "ddat", ""));
    when(s, define_within(s, "charts", "ddat", "data"));
    then_accepted(s);
    const Competency__CompetencyDefined *event = then_event(s, "CompetencyDefined");
    assert_string_equal(event->framework_id, "ddat");
    assert_string_equal(event->framework_version, "2025");
    assert_string_equal(event->parent_id, "data");
    q.framework_id = text(s, "ddat");
    const Competency__Framework *f = then_answer(s, "GetFramework", &q.base);
    assert_int_equal(f->competencies, 2);
    assert_string_equal(f->definition->attribution, "Open Government Licence v3.0");
}

static void framework__of_another_version_is_confirmed_one_by_one(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_framework(s, "2025"));
    given_done(s, define_within(s, "data", "ddat", ""));
    given_done(s, define_framework(s, "2026"));
    assert_string_equal(entry_of(s, "data")->framework_version, "2025");
    when(s, define_within(s, "data", "ddat", ""));
    then_fact(s, COMPETENCY_DEFINED);
    assert_string_equal(entry_of(s, "data")->framework_version, "2026");
}

static void definition__that_changes_nothing_says_nothing(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_framework(s, "2025"));
    given_done(s, define_within(s, "data", "ddat", ""));
    when(s, define_framework(s, "2025"));
    then_accepted(s);
    then_no_more_facts(s);
    when(s, define_within(s, "data", "ddat", ""));
    then_accepted(s);
    then_no_more_facts(s);
    Competency__Submission *sub = define_within(s, "data", "ddat", "");
    sub->define_competency->levels[1]->text = text(s, "Something else.");
    when(s, sub);
    then_fact(s, COMPETENCY_DEFINED);
}

static void tree__is_refused_where_it_is_none(void **ctx)
{
    spec *s = *ctx;

    when(s, define_within(s, "data", "nowhere", ""));
    then_rejected(s, PX_REASON_FRAMEWORK_UNKNOWN, "framework_id");
    when(s, define_within(s, "data", "", "nothing"));
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "parent_id");
    when(s, define_within(s, "data", "", "data"));
    then_rejected(s, PX_REASON_PARENT_LOOP, "parent_id");
    given_done(s, define_within(s, "data", "", "sql"));
    when(s, define_within(s, "sql", "", "data"));
    then_rejected(s, PX_REASON_PARENT_LOOP, "parent_id");
}

static void list__shows_what_is_in_use(void **ctx)
{
    spec *s = *ctx;
    Competency__ListCompetencies q = COMPETENCY__LIST_COMPETENCIES__INIT;

    given_done(s, retire(s, "talk"));
    const Competency__CompetenciesList *page = then_answer(s, "ListCompetencies", &q.base);
    assert_int_equal(page->n_competencies, 1);
    assert_string_equal(page->competencies[0]->definition->competency_id, "sql");
    assert_string_equal(page->competencies[0]->definition->levels[0]->text, "What one can do.");
    assert_false(page->more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(framework__is_carried_by_its_competencies),
        TEST(framework__of_another_version_is_confirmed_one_by_one),
        TEST(definition__that_changes_nothing_says_nothing),
        TEST(tree__is_refused_where_it_is_none),
        TEST(list__shows_what_is_in_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
