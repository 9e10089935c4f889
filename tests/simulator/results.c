#include "tests/simulator/results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"

bool results_read(const px_bus_msg *msg, px_arena *arena, results *out)
{
    const char *type = px_bus_msg_header(msg, "Content-Type");
    px_codec_error error;

    if (sscanf(msg->subject, "praxis.v1.%31[^.].result.%31[^.].%31[^.]", out->tenant, out->service,
               out->source) != 3)
        return false;
    if (type && strcmp(type, "application/json") == 0)
        out->batch = (const Praxis__ResultBatch *)px_codec_from_json(
            &praxis__result_batch__descriptor, msg->data, &px_batch_limits, arena, &error);
    else
        out->batch = (const Praxis__ResultBatch *)px_codec_unpack(&praxis__result_batch__descriptor,
                                                                  msg->data, arena);
    if (!out->batch) {
        fprintf(stderr, "results cannot be read: %s\n", msg->subject);
        abort();
    }
    return true;
}
