/* starved.h: a service that is asked everything with too little memory as well. */
#ifndef PRAXIS_TESTS_STARVED_H
#define PRAXIS_TESTS_STARVED_H

#include "common/service.h"

/**
 * The same service; whenever it decides, reconciles, publishes or reports, it does so with arenas
 * of every size up to what it needs too, of which each must say that it overflowed or give the very
 * same. One at a time; the first hundred calls of each kind.
 */
const px_service *starved(const px_service *service);

/** The sizes to try for what took so much with enough; from 0. */
size_t starved_step(size_t used);

#endif
