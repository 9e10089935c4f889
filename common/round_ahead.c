/* round_ahead.c: messages are read some time before they are decided, so that the keys for the
 * texts of many come with a few round trips. */
#include "common/round_impl.h"

static bool takes_texts(const px_round *r)
{
    return r->in->vault != NULL && r->in->service->key_generation != NULL;
}

/* Half of the memory is left for deciding. What finds no room in the batch is read again in the
 * next round. */
static bool may_read_on(const px_round *r, size_t submissions)
{
    return takes_texts(r) && submissions < PX_ROUND_AHEAD && r->ahead_end < r->in->message_count &&
           px_round_has_memory(r, r->in->arena->size / 2);
}

/* How many submissions these are. */
static size_t read_ahead(px_round *r, size_t index)
{
    size_t submissions = 0;

    r->ahead_first = r->ahead_end = index;
    do {
        px_intakes *read = &r->ahead[r->ahead_end - index];

        read->count = px_intake_read(r->in->service, r->in->messages[r->ahead_end], r->in->arena,
                                     &read->intakes);
        submissions += read->count;
        r->ahead_end++;
    } while (may_read_on(r, submissions));
    return submissions;
}

/* Whatever changes until a text is sealed is minded there. */
static px_status fetch_keys(px_round *r, size_t submissions)
{
    px_vault_name *names =
        px_arena_alloc(r->in->arena, submissions * PX_INTAKE_TEXTS_MAX * sizeof *names);
    size_t count = 0;

    if (names == NULL)
        return PX_OK;
    for (size_t i = 0; i < r->ahead_end - r->ahead_first; i++)
        for (size_t k = 0; k < r->ahead[i].count; k++)
            count +=
                px_intake_keys(&r->ahead[i].intakes[k], r->in->service, r->overlay, names + count);
    return px_vault_ensure_all(r->in->vault, names, count);
}

px_status px_round_read(px_round *r, size_t index, px_intakes *read)
{
    px_status status = PX_OK;

    if (index >= r->ahead_end) {
        size_t submissions = read_ahead(r, index);

        if (takes_texts(r))
            status = fetch_keys(r, submissions);
    }
    *read = r->ahead[index - r->ahead_first];
    return status;
}
