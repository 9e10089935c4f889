/* config.h: the settings of a daemon, from flag, environment, file and default, in that order of
 * precedence. */
#ifndef PRAXIS_COMMON_CONFIG_H
#define PRAXIS_COMMON_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/status.h"

enum { PX_CONFIG_TEXT_MAX = 1024 };

/**
 * Every setting has a flag (`--nats-url`), an environment variable (`PRAXIS_NATS_URL`) and a line
 * in the optional file of `--config` / `PRAXIS_CONFIG` (`nats-url = ...`, `#` starts a comment).
 * The table in config.c gives name, default, range and help of each; --help and --check-config
 * print it.
 */
typedef struct {
    char nats_url[PX_CONFIG_TEXT_MAX];           /* nats://127.0.0.1:4222; several with commas */
    char nats_user[PX_CONFIG_TEXT_MAX];          /* "" = anonymous */
    char nats_password_file[PX_CONFIG_TEXT_MAX]; /* "" = none */
    char data_dir[PX_CONFIG_TEXT_MAX];           /* holds one LMDB environment; required */
    char master_key_file[PX_CONFIG_TEXT_MAX];    /* 32 bytes; required by daemons that take text */
    char archive_dir[PX_CONFIG_TEXT_MAX];        /* "" = the log is on the bus */
    char instance[PX_CONFIG_TEXT_MAX];       /* name of this copy in logs; default: host and pid */
    char health_address[PX_CONFIG_TEXT_MAX]; /* 127.0.0.1 */
    uint64_t health_port;                    /* 0 = no health server; daemons have own defaults */
    char log_level[PX_CONFIG_TEXT_MAX];      /* error, warning, info, debug */
    char log_format[PX_CONFIG_TEXT_MAX];     /* json or text (text when stderr is a terminal) */
    bool event_clock;           /* --clock event: now = latest occurred_at in the log */
    uint64_t standby_ms;        /* > 0: decide only what has waited this long; 0 = primary */
    uint64_t fold_to;           /* > 0: fold the log up to here, say the digest, exit */
    uint64_t handled_days;      /* how long submission ids are remembered; 35 */
    uint64_t replicas;          /* of streams this daemon makes; 1, 3 or 5 */
    bool durable;               /* the operator's word: the server syncs what it stores */
    uint64_t scrub_seconds;     /* within these every record is read and checked; 0: never */
    uint64_t map_bytes;         /* first size of the sparse LMDB map; 16 GiB */
    uint64_t snapshot_minutes;  /* between two snapshots of the projection; 0 = only when asked */
    uint64_t snapshots_kept;    /* newest that stay; 3 */
    uint64_t feed_max_age_days; /* 0 = for ever */
    uint64_t feed_max_bytes;    /* 0 = no bound */
    uint64_t inbox_max_bytes;   /* the inbox refuses beyond; 1 GiB */
} px_config;

typedef enum { PX_CONFIG_RUN, PX_CONFIG_DONE, PX_CONFIG_WRONG } px_config_outcome;

/**
 * Reads all four places. --help, --version and --check-config print to `out` and give
 * PX_CONFIG_DONE; a wrong setting is named in one line on `err` (where it came from, what is
 * allowed) and gives PX_CONFIG_WRONG. Secrets are files, never values, so nothing needs hiding.
 */
px_config_outcome px_config_read(px_config *config, const char *program, const char *summary,
                                 uint64_t default_health_port, int argc, char **argv, FILE *out,
                                 FILE *err);

#endif
