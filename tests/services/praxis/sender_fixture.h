/* sender_fixture.h: a sender on the memory bus, and a daemon of the test's own that answers it. */
#ifndef PRAXIS_TESTS_SERVICES_PRAXIS_SENDER_FIXTURE_H
#define PRAXIS_TESTS_SERVICES_PRAXIS_SENDER_FIXTURE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/bus.h"
#include "services/praxis/sender.h"

enum { SENDER_TAGS = 5000 };

typedef struct {
    px_bus_server *server;
    px_bus *bus;    /* of the sender */
    px_bus *daemon; /* answers */
    px_reader *inbox;
    px_sender *sender;
    px_arena arena;
    int64_t now_ms;
    volatile sig_atomic_t stop;
    unsigned results[SENDER_TAGS]; /* seen, by tag */
    unsigned refused[SENDER_TAGS];
    char code[64]; /* of the last refusal */
    unsigned notes;
    char note[200];
    bool answering; /* the daemon answers by itself, at once */
    uint64_t log_seq;
} sender_fixture;

int sender_set_up(void **state);
int sender_tear_down(void **state);
/** In place of the one there is; 0, 0: single messages, the usual window. */
void sender_make(sender_fixture *f, size_t window, size_t bundle);
/** Puts a submission of which id and bytes are the same. */
px_status sender_put(sender_fixture *f, const char *id, uint64_t tag);
/** One turn without waiting. */
void sender_step(sender_fixture *f);

/** The daemon accepts, or refuses with a code. */
void sender_answer(sender_fixture *f, const char *id, const char *code);
/** The daemon could not read these bytes. */
void sender_answer_unreadable(sender_fixture *f, px_bytes bytes, bool json);
/** The next message that reached the inbox, NULL when there is none. */
px_bus_msg *sender_received(sender_fixture *f);
void sender_expect_received(sender_fixture *f, const char *bytes);
void sender_expect_nothing(sender_fixture *f);

#endif
