/* choose_port.h: a port on 127.0.0.1 for a daemon of a test. */
#ifndef PRAXIS_TESTS_COMMON_CHOOSE_PORT_H
#define PRAXIS_TESTS_COMMON_CHOOSE_PORT_H

#include <stdint.h>

/** One that is free, never the same twice, and that no outgoing connection takes meanwhile: a
 * daemon keeps its port over restarts. */
uint16_t fixture_choose_port(void);

#endif
