/* store_gate.c: whoever reads the map of a store passes a gate, since a map that grows or is
 * replaced moves in memory. */
#include "common/store_txn.h"

bool px_gate_enter(px_store *store)
{
    pthread_mutex_lock(&store->gate);
    while (store->shut)
        pthread_cond_wait(&store->gate_changed, &store->gate);
    bool entered = store->failed == PX_OK;
    store->inside += entered;
    pthread_mutex_unlock(&store->gate);
    return entered;
}

void px_gate_leave(px_store *store)
{
    pthread_mutex_lock(&store->gate);
    store->inside--;
    pthread_cond_broadcast(&store->gate_changed);
    pthread_mutex_unlock(&store->gate);
}

void px_gate_shut(px_store *store)
{
    pthread_mutex_lock(&store->gate);
    store->shut = true;
    while (store->inside > 0)
        pthread_cond_wait(&store->gate_changed, &store->gate);
    pthread_mutex_unlock(&store->gate);
}

void px_gate_open(px_store *store)
{
    pthread_mutex_lock(&store->gate);
    store->shut = false;
    pthread_cond_broadcast(&store->gate_changed);
    pthread_mutex_unlock(&store->gate);
}

void px_gate_verdict(px_store *store, px_status status)
{
    pthread_mutex_lock(&store->gate);
    store->failed = status;
    pthread_mutex_unlock(&store->gate);
}
