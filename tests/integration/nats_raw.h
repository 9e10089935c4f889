/* nats_raw.h: the NATS protocol by hand, for what no well-behaved client would send. */
#ifndef PRAXIS_TESTS_INTEGRATION_NATS_RAW_H
#define PRAXIS_TESTS_INTEGRATION_NATS_RAW_H

#include <stdbool.h>
#include <stddef.h>

typedef struct nats_raw nats_raw;

/**
 * Connects. `url` as nats://host:port.
 * @param user  NULL: anonymous
 * @return NULL when the server refuses
 */
nats_raw *nats_raw_open(const char *url, const char *user, const char *password);
void nats_raw_close(nats_raw *c); /* NULL is fine */

/** Publishes, and waits until the server has dealt with it. False when it refused. */
bool nats_raw_publish(nats_raw *c, const char *subject, const char *reply, const char *body);
/** The same with header lines, each ended by "\r\n". */
bool nats_raw_publish_with(nats_raw *c, const char *subject, const char *reply, const char *headers,
                           const char *body);
/** Begins to publish that many bytes. False when the server refuses them, and the connection. */
bool nats_raw_announce(nats_raw *c, const char *subject, size_t size);
/** Subscribes. False when the server refused. */
bool nats_raw_subscribe(nats_raw *c, const char *subject);
/**
 * Waits for the next message on a subscription.
 * @return its payload, headers included, until the next call; NULL after `timeout_ms`
 */
const char *nats_raw_next(nats_raw *c, int timeout_ms);
/** Subject and reply of the message nats_raw_next() returned; "" when there was none. */
const char *nats_raw_subject(const nats_raw *c);
const char *nats_raw_reply(const nats_raw *c);
/** Asks under the user's inbox and waits for the reply; NULL when refused or nobody answered. */
const char *nats_raw_ask(nats_raw *c, const char *subject, const char *body);

#endif
