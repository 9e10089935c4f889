#include "tests/faults/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int scene_setup(void **ctx)
{
    *ctx = calloc(1, sizeof(scene));
    return *ctx ? 0 : -1;
}

void scene_clear(scene *s)
{
    drive_fini(&s->drive);
    world_stop(s->world);
    s->world = NULL;
}

int scene_teardown(void **ctx)
{
    scene *s = *ctx;

    scene_clear(s);
    load_destroy(s->load);
    free(s);
    return 0;
}

size_t scene_submissions(size_t usual)
{
    return world_setting("PRAXIS_FAULT_SUBMISSIONS", usual);
}

void scene_begin(scene *s, const world_options *options, load *l, uint64_t seed)
{
    s->seed = seed;
    s->load = l;
    s->began_ms = world_now_ms();
    s->world = world_start(options);
    if (!options->broker_later)
        world_wait_all(s->world, "/readyz", 200); /* the inboxes are there */
    drive_init(&s->drive, s->world, l, seed);
}

/* Texts of people erased since are not the same any more: nobody can tell what they were. */
void scene_send_some_again(scene *s, unsigned count)
{
    uint64_t random = s->seed ^ 0xa6a1;

    for (unsigned i = 0; i < count; i++) {
        size_t step = world_random(&random) % s->load->count;
        const load_step *chosen = &s->load->steps[step];

        if (chosen->message && s->drive.ledger.answers[step].known &&
            strcmp(chosen->type, "GiveFeedback") != 0 && strcmp(chosen->type, "SubmitReview") != 0)
            drive_again(&s->drive, step);
    }
}

oracle_report scene_judge(scene *s)
{
    int64_t answered_ms = world_now_ms();
    uint64_t last = world_settle(s->world);
    int64_t settled_ms = world_now_ms();
    oracle_report report = oracle_check(s->world, s->load);

    oracle_check_projections(s->world, last, NULL);
    fprintf(stderr,
            "%zu submissions: lived %lld ms, %zu sent late again; rest after %lld ms; judged in "
            "%lld ms\n",
            s->load->count, (long long)(answered_ms - s->began_ms), s->drive.resent,
            (long long)(settled_ms - answered_ms), (long long)(world_now_ms() - settled_ms));
    return report;
}
