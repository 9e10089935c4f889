#include "tests/services/competency/fixtures_framework.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/codec.h"

static char *text(spec *s, const char *value)
{
    return px_arena_strdup(spec_arena(s), value);
}

static void *new_body(spec *s, Competency__Submission **sub, unsigned type)
{
    *sub =
        (Competency__Submission *)px_codec_new(&competency__submission__descriptor, spec_arena(s));
    return px_codec_set_oneof(&(*sub)->base, type, spec_arena(s));
}

/* ---- builders ---- */

Competency__Submission *define_framework(spec *s, const char *version)
{
    Competency__Submission *sub;
    Competency__DefineFramework *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_DEFINE_FRAMEWORK);

    b->framework_id = text(s, "ddat");
    b->title = text(s, "Digital and data");
    b->version = text(s, version);
    b->attribution = text(s, "Open Government Licence v3.0");
    return sub;
}

Competency__Submission *define_within(spec *s, const char *competency_id, const char *framework_id,
                                      const char *parent_id)
{
    Competency__Submission *sub = define_competency(s, competency_id);

    sub->define_competency->framework_id = text(s, framework_id);
    sub->define_competency->parent_id = text(s, parent_id);
    return sub;
}

Competency__Submission *rename_to(spec *s, const char *from, const char *to)
{
    Competency__Submission *sub;
    Competency__RenameCompetency *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_RENAME_COMPETENCY);

    b->competency_id = text(s, from);
    b->new_competency_id = text(s, to);
    return sub;
}

Competency__Submission *merge(spec *s, const char *from, const char *also, const char *into)
{
    Competency__Submission *sub;
    Competency__MergeCompetencies *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_MERGE_COMPETENCIES);

    b->competency_ids = px_arena_alloc(spec_arena(s), 2 * sizeof *b->competency_ids);
    b->competency_ids[b->n_competency_ids++] = text(s, from);
    if (also)
        b->competency_ids[b->n_competency_ids++] = text(s, also);
    b->into_id = text(s, into);
    return sub;
}

Competency__Submission *split(spec *s, const char *whole, const char *first, const char *second,
                              const char *const *level_names)
{
    Competency__Submission *sub;
    Competency__SplitCompetency *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_SPLIT_COMPETENCY);
    const char *ids[] = { first, second };

    b->competency_id = text(s, whole);
    b->parts = px_arena_alloc(spec_arena(s), 2 * sizeof *b->parts);
    for (; b->n_parts < 2; b->n_parts++) {
        Competency__CompetencyPart *part = (Competency__CompetencyPart *)px_codec_new(
            &competency__competency_part__descriptor, spec_arena(s));

        part->competency_id = text(s, ids[b->n_parts]);
        b->parts[b->n_parts] = part;
    }
    b->parts[0]->level_names = px_arena_alloc(spec_arena(s), LEVELS_MAX * sizeof(char *));
    for (size_t i = 0; level_names && level_names[i]; i++)
        b->parts[0]->level_names[b->parts[0]->n_level_names++] = text(s, level_names[i]);
    return sub;
}

Competency__Submission *retire(spec *s, const char *competency_id)
{
    Competency__Submission *sub;
    Competency__RetireCompetency *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_RETIRE_COMPETENCY);

    b->competency_id = text(s, competency_id);
    b->reason_code = text(s, "obsolete");
    return sub;
}

Competency__Submission *evidence_of(spec *s, const char *evidence_id, const char *competency_id,
                                    const char *level_name)
{
    Competency__Submission *sub;
    Competency__RecordEvidence *b = new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_RECORD_EVIDENCE);

    b->evidence_id = text(s, evidence_id);
    b->person_id = text(s, "ann");
    b->competency_id = text(s, competency_id);
    b->source = COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_OBSERVATION;
    b->action = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_RAISE;
    b->level_name = text(s, level_name);
    return sub;
}

const Competency__Competency *entry_of(spec *s, const char *competency_id)
{
    Competency__GetCompetency q = COMPETENCY__GET_COMPETENCY__INIT;

    q.competency_id = text(s, competency_id);
    return then_answer(s, "GetCompetency", &q.base);
}
