/* clock.h: the command's two clocks. */
#ifndef PRAXIS_SERVICES_PRAXIS_CLOCK_H
#define PRAXIS_SERVICES_PRAXIS_CLOCK_H

#include <stdint.h>

int64_t px_clock_ms(void); /* never goes back; for waiting */
int64_t px_clock_ns(void); /* since 1970 */

#endif
