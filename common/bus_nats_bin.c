/* bus_nats_bin.c: messages of nats.c that are done with are given back many at a time.
 *
 * natsMsg_Destroy() hands each to a collector thread and wakes it, which costs more than the
 * message. Some may lie here until the process ends; they hold nothing but their own memory.
 */
#include <string.h>

#include "common/bus_nats_impl.h"

enum { MESSAGES_MAX = 64, BYTES_MAX = 64 * 1024 };

static struct {
    pthread_mutex_t lock;
    natsMsg *messages[MESSAGES_MAX];
    size_t count, bytes;
} bin = { .lock = PTHREAD_MUTEX_INITIALIZER };

void px_nats_discard(natsMsg *raw)
{
    natsMsg *full[MESSAGES_MAX];
    size_t count = 0;

    if (!raw)
        return;
    pthread_mutex_lock(&bin.lock);
    bin.messages[bin.count++] = raw;
    bin.bytes += (size_t)natsMsg_GetDataLength(raw);
    if (bin.count == MESSAGES_MAX || bin.bytes > BYTES_MAX) {
        count = bin.count;
        memcpy(full, bin.messages, count * sizeof full[0]);
        bin.count = bin.bytes = 0;
    }
    pthread_mutex_unlock(&bin.lock);
    while (count > 0)
        natsMsg_Destroy(full[--count]);
}
