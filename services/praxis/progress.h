/* progress.h: what a person at the terminal sees while something takes long, and how they stop it.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_PROGRESS_H
#define PRAXIS_SERVICES_PRAXIS_PROGRESS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/** Not 0 once Ctrl-C or SIGTERM came; a second one ends the process. */
extern volatile sig_atomic_t px_interrupted;
void px_interrupt_catch(void);

/** A line on stderr that is written over; nothing at all when stderr is no terminal. Embedded. */
typedef struct {
    const char *label;
    uint64_t total; /* 0: not known */
    int64_t shown_ms;
    bool terminal;
    bool visible;
} px_progress;

void px_progress_begin(px_progress *progress, const char *label, uint64_t total);
/** Shows how far it is, ten times a second at most. */
void px_progress_update(px_progress *progress, uint64_t done, uint64_t refused);
/** Takes the line away, before something else is printed. */
void px_progress_clear(px_progress *progress);
/** A line that stays, on stderr: terminal or not. */
void px_progress_note(px_progress *progress, const char *note);

#endif
