/* clock.h: the command's two clocks, and a time as text. */
#ifndef PRAXIS_SERVICES_PRAXIS_CLOCK_H
#define PRAXIS_SERVICES_PRAXIS_CLOCK_H

#include <stdint.h>

int64_t px_clock_ms(void); /* never goes back; for waiting */
int64_t px_clock_ns(void); /* since 1970 */
/** "2026-11-22T12:00:00Z"; returns `text`. */
const char *px_clock_text(int64_t seconds, char text[32]);

#endif
