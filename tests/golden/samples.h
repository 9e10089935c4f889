/* samples.h: one message of every public type, in both encodings, as lines of text.
 */
#ifndef PRAXIS_TESTS_GOLDEN_SAMPLES_H
#define PRAXIS_TESTS_GOLDEN_SAMPLES_H

#include <stdbool.h>
#include <stdio.h>

/**
 * Prints "<type> <bytes in hex> <JSON>" for every message of the contract, one case of a oneof
 * after the other. Every field holds a value that follows from its number alone. @return false when
 * memory is out
 */
bool samples_print(FILE *out);
/**
 * Holds lines of an earlier samples_print() against the contract of today: the bytes unpack and
 * pack to the same bytes, are the same JSON, and the JSON gives the bytes. Types and fields may
 * have been added. Says on stderr what differs.
 */
bool samples_check(FILE *in);

#endif
