/* fixtures_look.c: a look at completed learning, as competency states it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/method.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "tests/services/learning-recommender/fixtures.h"

void given_look(spec *s, const char *const *item_ids, double observed, double observed_variance,
                double control_sum, uint64_t control_count)
{
    ProtobufCMessage *fact = px_codec_new(&competency_fact__fact__descriptor, spec_arena(s));
    CompetencyFact__EffectObserved *f = (void *)px_codec_set_oneof(
        fact, COMPETENCY_FACT__FACT__BODY_EFFECT_OBSERVED, spec_arena(s));

    f->person_id = px_arena_strdup(spec_arena(s), "bob");
    f->competency_id = px_arena_strdup(spec_arena(s), "speaking");
    f->items = px_arena_alloc(spec_arena(s), PX_PENDING_MAX * sizeof *f->items);
    for (; item_ids[f->n_items]; f->n_items++) {
        CompetencyFact__ItemEffect *item =
            (void *)px_codec_new(&competency_fact__item_effect__descriptor, spec_arena(s));

        item->item_id = px_arena_strdup(spec_arena(s), item_ids[f->n_items]);
        item->mean = 0.3;
        item->variance = 0.01;
        item->exposure = 0.5;
        f->items[f->n_items] = item;
    }
    f->observed = observed;
    f->observed_variance = observed_variance;
    f->control_sum = control_sum;
    f->control_count = control_count;
    given(s, "competency", fact);
}
