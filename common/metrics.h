/* metrics.h: the counters and gauges of a daemon, in the Prometheus text format. */
#ifndef PRAXIS_COMMON_METRICS_H
#define PRAXIS_COMMON_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "common/reason.h"

#define PX_METRICS(X)                                                                              \
    X(BATCHES_FOLDED, counter, "praxis_batches_folded_total", "Log messages folded that count")    \
    X(BATCHES_VOID, counter, "praxis_batches_void_total",                                          \
      "Log messages skipped because they do not count")                                            \
    X(FACTS_FOLDED, counter, "praxis_facts_folded_total", "Facts evolved or projected")            \
    X(BATCHES_PUBLISHED, counter, "praxis_batches_published_total", "Batches sent to the log")     \
    X(BATCHES_REFUSED, counter, "praxis_batches_refused_total",                                    \
      "Batches the sequence check refused")                                                        \
    X(BATCHES_RESENT, counter, "praxis_batches_resent_total",                                      \
      "Batches sent again after two seconds")                                                      \
    X(SUBMISSIONS_ACCEPTED, counter, "praxis_submissions_accepted_total", "Submissions accepted")  \
    X(SUBMISSIONS_REJECTED, counter, "praxis_submissions_rejected_total", "Submissions rejected")  \
    X(SUBMISSIONS_REPEATED, counter, "praxis_submissions_repeated_total",                          \
      "Known submissions answered again")                                                          \
    X(SOURCES_OVER_RATE, counter, "praxis_sources_over_rate_total",                                \
      "Times a source sent more malformed submissions in a minute than its rate")                  \
    X(KEYS_RECONCILED, counter, "praxis_keys_reconciled_total", "Dirty keys reconciled")           \
    X(DIRTY_KEYS, gauge, "praxis_dirty_keys",                                                      \
      "Keys that waited when the last round began, 1024 at most")                                  \
    X(FEED_SENT, counter, "praxis_feed_messages_sent_total", "Feed messages acknowledged")         \
    X(FEED_WAITING, gauge, "praxis_feed_messages_waiting",                                         \
      "Rendered feed messages not yet acknowledged")                                               \
    X(REPORTS_PUT, counter, "praxis_report_values_put_total", "Report values written")             \
    X(QUERIES, counter, "praxis_queries_total", "Queries answered")                                \
    X(QUERIES_REFUSED, counter, "praxis_queries_refused_total", "Queries refused")                 \
    X(INBOX_PURGED_SEQ, gauge, "praxis_inbox_purged_sequence", "Inbox sequence purged up to")      \
    X(LOG_CURSOR, gauge, "praxis_log_cursor_sequence", "Last log sequence folded")                 \
    X(LOG_LAST, gauge, "praxis_log_last_sequence", "Last log sequence seen on the server")         \
    X(REGRESSIONS, counter, "praxis_log_regressions_total",                                        \
      "Times the log was found to have gone back")                                                 \
    X(LOG_HOLES, counter, "praxis_log_holes_total",                                                \
      "Times messages in the middle of the log, or whole streams, were found lost")                \
    X(REBUILDS, counter, "praxis_rebuilds_total", "Times the projection was rebuilt from the log") \
    X(REBUILD_SEQ, gauge, "praxis_rebuild_sequence",                                               \
      "Last log sequence of the projection being built beside the live one; 0: none is")           \
    X(RESTORES, counter, "praxis_restores_total",                                                  \
      "Times the projection was taken from a snapshot")                                            \
    X(SNAPSHOTS, counter, "praxis_snapshots_total", "Snapshots taken")                             \
    X(SNAPSHOT_FAILURES, counter, "praxis_snapshot_failures_total",                                \
      "Snapshots that could not be taken")                                                         \
    X(SNAPSHOT_SEQ, gauge, "praxis_snapshot_sequence", "Log sequence of the newest snapshot")      \
    X(SNAPSHOT_TIME, gauge, "praxis_snapshot_timestamp_seconds",                                   \
      "When the newest snapshot was taken; 0: there is none")                                      \
    X(DAMAGES, counter, "praxis_projection_damages_total",                                         \
      "Times the projection was found damaged and given up")                                       \
    X(SCRUBS, counter, "praxis_projection_scrubs_total",                                           \
      "Times every record of the projection was read and checked")                                 \
    X(ATTACHES, counter, "praxis_attaches_total", "Times the daemon attached to the bus")          \
    X(CONNECTED, gauge, "praxis_nats_connected", "1 while connected")                              \
    X(SERVER_DURABLE, gauge, "praxis_server_durable",                                              \
      "1 when the server is known to keep what it acknowledged in a power cut")                    \
    X(READY, gauge, "praxis_ready", "1 while ready")                                               \
    X(KEY_ERRORS, counter, "praxis_key_errors_total",                                              \
      "Person keys that could not be made, read or destroyed")                                     \
    X(STORE_MAP_BYTES, gauge, "praxis_lmdb_map_bytes", "Size of the LMDB map")                     \
    X(STORE_USED_BYTES, gauge, "praxis_lmdb_used_bytes", "Bytes of the map in use")                \
    X(STORE_READERS, gauge, "praxis_lmdb_readers", "LMDB reader slots in use")                     \
    X(STORE_GROWN, counter, "praxis_lmdb_grown_total", "Times the LMDB map was full and doubled")

typedef enum {
#define PX_METRIC_ENUM(id, kind, name, help) PX_METRIC_##id,
    PX_METRICS(PX_METRIC_ENUM)
#undef PX_METRIC_ENUM
        PX_METRIC_COUNT
} px_metric;

/* Any thread; relaxed atomics. */
void px_metric_add(px_metric metric, uint64_t n);
void px_metric_set(px_metric metric, uint64_t value);
uint64_t px_metric_get(px_metric metric);
/** Counts one rejection by reason (praxis_rejections_total{code="..."}). */
void px_metric_rejected(px_reason reason);
/** One duration of deciding a round, seconds (histogram praxis_round_seconds). */
void px_metric_round(double seconds);
/**
 * Everything as text/plain; version=0.0.4, with praxis_build_info and the standard process_*
 * figures.
 * @return a heap string the caller frees, its length in *size; NULL when memory is out
 */
char *px_metrics_text(const char *service, size_t *size);

#endif
