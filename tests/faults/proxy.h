/* proxy.h: a TCP connection that misbehaves: what comes in at one port goes out to another, or not.
 */
#ifndef PRAXIS_TESTS_FAULTS_PROXY_H
#define PRAXIS_TESTS_FAULTS_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct proxy proxy;

enum { PROXY_UP, PROXY_DOWN, PROXY_WAYS }; /* to the server, from the server */

/** All zero: everything passes. */
typedef struct {
    bool cut;                     /* connections that are there are reset, once */
    bool refuse;                  /* new ones are closed at once */
    bool mute;                    /* new ones are accepted, and nobody says anything */
    bool dead;                    /* those there now never carry anything again, nor close */
    bool hold[PROXY_WAYS];        /* nothing passes this way; it does later */
    unsigned delay_ms;            /* before each piece */
    size_t piece;                 /* at most so many bytes at a time; 0 = as they come */
    size_t cut_after[PROXY_WAYS]; /* the connection that carries this byte ends; 0 = none */
} proxy_faults;

/** Passes on to `port` of this machine. */
proxy *proxy_start(uint16_t port);
void proxy_stop(proxy *p);
/** nats://127.0.0.1:<port> */
const char *proxy_url(const proxy *p);
void proxy_set(proxy *p, const proxy_faults *faults);
/** How many connections the faults have ended so far. */
unsigned proxy_cuts(proxy *p);

#endif
