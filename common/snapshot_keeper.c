#include "common/snapshot_keeper.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "common/diag.h"
#include "common/metrics.h"
#include "common/snapshot.h"

struct px_snapshot_keeper {
    px_snapshot_plan plan;
    _Atomic uint64_t asked, done, failed, seq;

    /* fold thread */
    uint64_t folded; /* cursor when the last one was started */
    int64_t due_ms;  /* by the clock of the turns; 0 = not known yet */
    int64_t first_in_ms;

    /* of the one being taken */
    bool running;
    uint64_t serves; /* `done` when it is over */
    pthread_t thread;
    atomic_bool over;
};

static int64_t wall_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void show(px_snapshot_keeper *k, const px_snapshot *newest)
{
    atomic_store(&k->seq, newest->seq);
    px_metric_set(PX_METRIC_SNAPSHOT_SEQ, newest->seq);
    px_metric_set(PX_METRIC_SNAPSHOT_TIME, (uint64_t)(newest->taken_us / 1000000));
}

px_status px_snapshot_keeper_create(px_snapshot_keeper **keeper, const px_snapshot_plan *plan)
{
    px_snapshot_keeper *k = calloc(1, sizeof *k);
    px_snapshot newest;
    int64_t age_ms;

    if (k == NULL)
        return PX_ENOMEM;
    k->plan = *plan;
    k->first_in_ms = plan->every_ms;
    if (px_snapshot_list(plan->data_dir, &newest, 1) > 0) {
        show(k, &newest);
        age_ms = (wall_us() - newest.taken_us) / 1000;
        if (age_ms > 0)
            k->first_in_ms = age_ms < plan->every_ms ? plan->every_ms - age_ms : 0;
    }
    *keeper = k;
    return PX_OK;
}

static void *take(void *arg)
{
    px_snapshot_keeper *k = arg;
    int64_t since_us = wall_us();
    px_snapshot taken;
    px_status status = px_snapshot_take(k->plan.data_dir, k->plan.store, k->plan.keep, &taken);

    if (status == PX_OK) {
        show(k, &taken);
        px_metric_add(PX_METRIC_SNAPSHOTS, 1);
        px_info("snapshot taken", PX_NUMBER("seq", taken.seq), PX_NUMBER("bytes", taken.bytes),
                PX_NUMBER("ms", (uint64_t)((wall_us() - since_us) / 1000)));
    } else if (status != PX_EEMPTY) {
        atomic_fetch_add(&k->failed, 1);
        px_metric_add(PX_METRIC_SNAPSHOT_FAILURES, 1);
        px_error("no snapshot could be taken: is there room beside the projection?",
                 PX_TEXT("reason", px_strerror(status)));
    }
    atomic_store(&k->over, true);
    return NULL;
}

static void join(px_snapshot_keeper *k)
{
    pthread_join(k->thread, NULL);
    k->running = false;
    atomic_store(&k->done, k->serves);
}

void px_snapshot_keeper_destroy(px_snapshot_keeper *k)
{
    if (k != NULL && k->running)
        join(k);
    free(k);
}

bool px_snapshot_keeper_busy(px_snapshot_keeper *k)
{
    if (k->running && atomic_load(&k->over))
        join(k);
    return k->running;
}

static void start(px_snapshot_keeper *k, uint64_t cursor_seq, uint64_t asked)
{
    k->folded = cursor_seq;
    k->serves = asked;
    atomic_store(&k->over, false);
    k->running = pthread_create(&k->thread, NULL, take, k) == 0;
    if (k->running)
        return;
    px_error("no thread to take a snapshot");
    atomic_fetch_add(&k->failed, 1);
    atomic_store(&k->done, asked);
}

void px_snapshot_keeper_turn(px_snapshot_keeper *k, uint64_t cursor_seq, int64_t clock_ms)
{
    uint64_t asked = atomic_load(&k->asked);
    bool wanted = asked > atomic_load(&k->done), due;

    if (px_snapshot_keeper_busy(k))
        return;
    if (k->due_ms == 0)
        k->due_ms = clock_ms + k->first_in_ms;
    due = k->plan.every_ms > 0 && clock_ms >= k->due_ms;
    if (due)
        k->due_ms = clock_ms + k->plan.every_ms;
    if (wanted || (due && cursor_seq != k->folded && cursor_seq != 0))
        start(k, cursor_seq, asked);
}

uint64_t px_snapshot_keeper_ask(px_snapshot_keeper *k)
{
    return atomic_fetch_add(&k->asked, 1) + 1;
}

px_snapshot_news px_snapshot_keeper_news(px_snapshot_keeper *k)
{
    return (px_snapshot_news){ atomic_load(&k->asked), atomic_load(&k->done),
                               atomic_load(&k->failed), atomic_load(&k->seq) };
}
