/* process.h: what the kernel says about this process, for metrics. */
#ifndef PRAXIS_COMMON_PROCESS_H
#define PRAXIS_COMMON_PROCESS_H

/** All 0 where /proc does not tell. */
typedef struct {
    double cpu_seconds;   /* user and system */
    double start_seconds; /* since 1970 */
    double resident_bytes;
    double anonymous_bytes; /* resident without mapped files such as LMDB's */
    double virtual_bytes;
    double open_files;
    double max_files;
    double threads;
} px_process;

px_process px_process_read(void);

#endif
