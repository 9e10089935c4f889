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

static void framework__is_defined_anew_when_any_of_it_changes(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *other[6];
    Competency__GetFramework q = COMPETENCY__GET_FRAMEWORK__INIT;

    for (size_t i = 0; i < PX_COUNT(other); i++)
        other[i] = define_framework(s, "2025");
    other[0]->define_framework->title = text(s, "Data");
    other[1]->define_framework->version = text(s, "2026");
    other[2]->define_framework->publisher = text(s, "Cabinet Office");
    other[3]->define_framework->source_url = text(s, "https://example.org/ddat");
    other[4]->define_framework->attribution = text(s, "CC BY 4.0");
    other[5]->define_framework->description = text(s, "What it is for.");
    for (size_t i = 0; i < PX_COUNT(other); i++) {
        given_done(s, define_framework(s, "2025"));
        when(s, other[i]);
        then_accepted(s);
        then_fact(s, COMPETENCY_FACT__FACT__BODY_FRAMEWORK_DEFINED);
        then_no_more_facts(s);
    }
    q.framework_id = text(s, "ddat");
    const Competency__Framework *f = then_answer(s, "GetFramework", &q.base);
    assert_string_equal(f->definition->version, "2025");
    assert_string_equal(f->definition->publisher, "");
    assert_string_equal(f->definition->description, "What it is for.");
    assert_int_equal(f->competencies, 0);
}

static Competency__DefineCompetency *definition(spec *s, Competency__Submission **sub)
{
    *sub = define_within(s, "data", "ddat", "talk");
    return (*sub)->define_competency;
}

static void definition__is_new_when_any_of_it_changes(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *other[10];

    given_done(s, define_framework(s, "2025"));
    definition(s, &other[0])->title = text(s, "Numbers");
    definition(s, &other[1])->description = text(s, "What it is not.");
    definition(s, &other[2])->family = COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_LEADERSHIP;
    definition(s, &other[3])->proficient_from = text(s, "High");
    definition(s, &other[4])->default_level = text(s, "Expert");
    definition(s, &other[5])->valid_days = 30;
    definition(s, &other[6])->framework_id = text(s, "");
    definition(s, &other[7])->parent_id = text(s, "sql");
    definition(s, &other[8])->levels[4]->name = text(s, "Master");
    definition(s, &other[9])->levels[4]->text = text(s, "All of it.");
    for (size_t i = 0; i < PX_COUNT(other); i++) {
        given_done(s, define_within(s, "data", "ddat", "talk"));
        when(s, other[i]);
        then_accepted(s);
        then_fact(s, COMPETENCY_DEFINED);
    }
}

static void competency__is_shown_below_what_took_its_parents_place(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_within(s, "charts", "", "sql"));
    assert_string_equal(entry_of(s, "charts")->definition->parent_id, "sql");
    given_done(s, rename_to(s, "sql", "queries"));
    assert_string_equal(entry_of(s, "charts")->definition->parent_id, "queries");
    given_done(s, define_competency(s, "reading"));
    given_done(s, split(s, "queries", "reading", "talk", NULL));
    assert_string_equal(entry_of(s, "charts")->definition->parent_id,
                        ""); /* of two it is neither */
    assert_int_equal(entry_of(s, "sql")->n_successors, 2);
}

static void competency_or_framework__nobody_defined_is_not_found(void **ctx)
{
    spec *s = *ctx;
    Competency__GetCompetency competency = COMPETENCY__GET_COMPETENCY__INIT;
    Competency__GetFramework framework = COMPETENCY__GET_FRAMEWORK__INIT;

    competency.competency_id = text(s, "none");
    then_refused(s, "GetCompetency", &competency, PX_REASON_NOT_FOUND);
    framework.framework_id = text(s, "none");
    then_refused(s, "GetFramework", &framework, PX_REASON_NOT_FOUND);
}

/* ---- page by page ---- */

/* @return how many there are from page to page, each in the order of ids; the pages are counted. */
static size_t list_all(spec *s, const char *framework_id, size_t *pages)
{
    Competency__ListCompetencies q = COMPETENCY__LIST_COMPETENCIES__INIT;
    const Competency__CompetenciesList *page;
    size_t n = 0;

    q.framework_id = text(s, framework_id);
    q.after_id = text(s, "");
    *pages = 0;
    do {
        page = then_answer(s, "ListCompetencies", &q.base);
        for (size_t i = 0; i < page->n_competencies; i++) {
            char *id = page->competencies[i]->definition->competency_id;

            assert_true(strcmp(id, q.after_id) > 0);
            q.after_id = id;
        }
        n += page->n_competencies;
        (*pages)++;
    } while (page->more);
    return n;
}

static void list__of_many_goes_on_where_the_page_before_ended(void **ctx)
{
    static const char *const two[] = { "No", "Yes", NULL };
    enum { MANY = 257 };
    spec *s = *ctx;
    size_t pages;

    given_done(s, define_framework(s, "2025"));
    for (int i = 0; i < MANY; i++) {
        Competency__Submission *sub =
            define_levels(s, px_arena_printf(spec_arena(s), "c%03d", i), two);

        sub->define_competency->framework_id = text(s, "ddat");
        given_done(s, sub);
    }
    assert_int_equal(list_all(s, "ddat", &pages), MANY);
    assert_int_equal(pages, 2);
    assert_int_equal(list_all(s, "", &pages), MANY + 2); /* and those of no framework */
    assert_int_equal(list_all(s, "none", &pages), 0);
    assert_int_equal(pages, 1);
}

static void list__of_long_ones_has_fewer_on_a_page(void **ctx)
{
    enum { MANY = 40, LONG = 2000 };
    spec *s = *ctx;
    size_t pages;

    for (int i = 0; i < MANY; i++) {
        Competency__Submission *sub =
            define_competency(s, px_arena_printf(spec_arena(s), "c%03d", i));
        char *description = px_arena_zalloc(spec_arena(s), LONG + 1);

        memset(description, 'x', LONG);
        sub->define_competency->description = description;
        given_done(s, sub);
    }
    assert_int_equal(list_all(s, "", &pages), MANY + 2);
    assert_int_equal(pages, 2);
}

/* Nobody said then from where one is proficient, or what completing gives. */
static void definition__of_an_older_log_is_proficient_from_the_upper_half(void **ctx)
{
    static const char *const names[] = { "Low", "Middle", "High" };
    CompetencyFact__LevelDescription levels[PX_COUNT(names)];
    CompetencyFact__LevelDescription *all[PX_COUNT(names)];
    CompetencyFact__Fact fact = COMPETENCY_FACT__FACT__INIT;
    CompetencyFact__CompetencyDefined f = COMPETENCY_FACT__COMPETENCY_DEFINED__INIT;
    spec *s = *ctx;

    for (size_t i = 0; i < PX_COUNT(names); i++) {
        levels[i] = (CompetencyFact__LevelDescription)COMPETENCY_FACT__LEVEL_DESCRIPTION__INIT;
        levels[i].name = text(s, names[i]);
        all[i] = &levels[i];
    }
    f.competency_id = text(s, "old");
    f.title = text(s, "Old");
    f.levels = all;
    f.n_levels = PX_COUNT(names);
    fact.body_case = COMPETENCY_FACT__FACT__BODY_COMPETENCY_DEFINED;
    fact.competency_defined = &f;
    given(s, "competency", &fact);
    assert_string_equal(entry_of(s, "old")->definition->proficient_from, "Middle");
    assert_string_equal(entry_of(s, "old")->definition->default_level, "Middle");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(framework__is_carried_by_its_competencies),
        TEST(framework__of_another_version_is_confirmed_one_by_one),
        TEST(definition__that_changes_nothing_says_nothing),
        TEST(tree__is_refused_where_it_is_none),
        TEST(list__shows_what_is_in_use),
        TEST(framework__is_defined_anew_when_any_of_it_changes),
        TEST(definition__is_new_when_any_of_it_changes),
        TEST(competency__is_shown_below_what_took_its_parents_place),
        TEST(competency_or_framework__nobody_defined_is_not_found),
        TEST(list__of_many_goes_on_where_the_page_before_ended),
        TEST(list__of_long_ones_has_fewer_on_a_page),
        TEST(definition__of_an_older_log_is_proficient_from_the_upper_half),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
