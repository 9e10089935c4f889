/* outbound_reports.h: report values on their way to the bucket; part of outbound_impl.h. */
#ifndef PRAXIS_COMMON_OUTBOUND_REPORTS_H
#define PRAXIS_COMMON_OUTBOUND_REPORTS_H

#include "common/keys.h"
#include "common/outbound.h"

enum { PX_VALUES_MAX = 64 };

/** A value sent and not yet noted as written. */
typedef struct {
    px_keybuf key;     /* as touched */
    uint64_t as_of;    /* log sequence */
    uint64_t revision; /* in the bucket: before, then of this one; 0 = none */
    bool settled;      /* it stands there, or a newer one does, or there is none to be written */
    bool left_alone;   /* the last of these */
    bool refused;
    bool surprising; /* another revision stood there than we expected */
} px_sent_value;

typedef struct {
    px_sent_value values[PX_VALUES_MAX];
    size_t count;
    uint64_t token;         /* of the first of them, less first_value_token */
    int64_t sent_ms;        /* when they were */
    bool ask_first;         /* what is expected has proved wrong lately */
    bool pause;             /* the server refused for another reason */
    bool refused;           /* which was said */
    int64_t pause_until_ms; /* then try again */
    px_keybuf prove_from;   /* values written: where to look on */
    bool proved;
    uint64_t since_seq; /* folded when we attached: the server may have lost what was before */
    uint64_t old_seq, new_seq; /* values as of up to the first may be forgotten */
} px_reports;

/** A new connection: what was written lately is looked for. */
void px_reports_attach(px_outbound *outbound);
/** Sends touched values, as many as have room; notes those that the server has taken. */
px_status px_reports_turn(px_outbound *outbound, int64_t clock_ms, bool *busy);
/** True when the acknowledgement is one of a report value. */
bool px_reports_acked(px_outbound *outbound, const px_bus_ack *ack);
/** Every ten minutes: forgets which values were written more than ten minutes before. */
px_status px_reports_forget(px_outbound *outbound);

#endif
