#include "common/vault_keys.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/vault.h"
#include "common/vault_seal.h"

enum { SILENCE_MS = 10000, PATIENCE_MS = 300, WAIT_MS = 100 };

/* ---- one key ---- */

typedef struct {
    char tenant[PX_SEAL_ID_MAX + 1];
    char person[PX_SEAL_ID_MAX + 1];
} owner;

/** praxis.key.<tenant>.<person> */
static bool parse_subject(const char *subject, owner *o)
{
    static const char prefix[] = "praxis.key.";
    const char *tenant = subject + sizeof prefix - 1;

    if (strncmp(subject, prefix, sizeof prefix - 1) != 0)
        return false;
    size_t size = strcspn(tenant, ".");
    const char *person = tenant + size + 1;
    if (size == 0 || size > PX_SEAL_ID_MAX || tenant[size] != '.' || strchr(person, '.') ||
        strlen(person) > PX_SEAL_ID_MAX)
        return false;
    snprintf(o->tenant, sizeof o->tenant, "%.*s", (int)size, tenant);
    snprintf(o->person, sizeof o->person, "%s", person);
    return true;
}

int px_vault_key_opens(const px_masters *masters, const px_vault_name *name, px_bytes message,
                       uint8_t key[PX_VAULT_KEY_SIZE])
{
    for (size_t i = 0; i < masters->count; i++)
        if (px_seal_open_key(key, message, name, px_masters_key(masters, i)))
            return (int)i;
    return -1;
}

/** Which master opens the message on this subject. */
static int open_message(const px_masters *masters, const char *subject, px_bytes message, owner *o,
                        uint8_t key[PX_VAULT_KEY_SIZE])
{
    if (!parse_subject(subject, o))
        return -1;
    px_vault_name name = { o->tenant, o->person, px_seal_generation(message) };
    return px_vault_key_opens(masters, &name, message, key);
}

static px_status erase(px_bus *bus, uint64_t seq)
{
    px_status status = px_bus_erase(bus, px_vault_stream, seq);

    return status == PX_ENOTFOUND ? PX_OK : status;
}

static px_status publish(px_bus *bus, const char *subject, uint64_t seq, px_bytes message)
{
    px_bus_out out = {
        .subject = subject, .data = message, .expect_subject_seq = true, .last_subject_seq = seq
    };
    px_bus_ack ack = { 0 };
    px_status status = px_bus_publish_wait(bus, &out, &ack);

    return status == PX_OK ? ack.status : status;
}

/** A message that a later one has replaced is only in the way, and still opens. */
static px_status erase_if_replaced(px_bus *bus, const char *subject, uint64_t seq)
{
    px_bus_msg *last;
    px_status status = px_bus_get_last(bus, px_vault_stream, subject, &last);

    if (status != PX_OK)
        return status == PX_ENOTFOUND ? PX_ESEQUENCE : status;
    uint64_t last_seq = last->seq;
    px_bus_msg_free(last);
    status = last_seq > seq ? erase(bus, seq) : PX_OK;
    return status == PX_OK ? PX_ESEQUENCE : status;
}

px_status px_vault_reseal_key(px_bus *bus, const px_masters *masters, const char *subject,
                              uint64_t seq, px_bytes message)
{
    uint8_t key[PX_VAULT_KEY_SIZE], sealed[PX_KEY_MESSAGE_SIZE];
    owner o;
    int index = open_message(masters, subject, message, &o, key);

    if (index < 0)
        return PX_ECORRUPT;
    if (index > 0) {
        px_vault_name name = { o.tenant, o.person, px_seal_generation(message) };
        px_seal_key(sealed, &name, key, px_masters_key(masters, 0));
    }
    sodium_memzero(key, sizeof key);
    if (index == 0)
        return PX_OK;
    px_status status = publish(bus, subject, seq, (px_bytes){ sealed, sizeof sealed });
    if (status == PX_OK)
        return erase(bus, seq);
    return status == PX_ESEQUENCE ? erase_if_replaced(bus, subject, seq) : status;
}

/* ---- all of them ---- */

typedef px_status key_step(px_bus *bus, const px_masters *masters, const px_bus_msg *msg,
                           px_vault_census *census);

/** Counts it; the master's index. */
static int count(const px_masters *masters, const px_bus_msg *msg, px_vault_census *census)
{
    uint8_t key[PX_VAULT_KEY_SIZE];
    owner o;
    int index = open_message(masters, msg->subject, msg->data, &o, key);

    sodium_memzero(key, sizeof key);
    if (index < 0)
        census->unreadable++;
    else if (index > 0)
        census->older++;
    else
        census->newest++;
    return index;
}

static px_status count_step(px_bus *bus, const px_masters *masters, const px_bus_msg *msg,
                            px_vault_census *census)
{
    (void)bus;
    count(masters, msg, census);
    return PX_OK;
}

static px_status reseal_step(px_bus *bus, const px_masters *masters, const px_bus_msg *msg,
                             px_vault_census *census)
{
    if (count(masters, msg, census) <= 0)
        return PX_OK;
    px_status status = px_vault_reseal_key(bus, masters, msg->subject, msg->seq, msg->data);
    if (status == PX_OK)
        census->resealed++;
    return status == PX_ESEQUENCE ? PX_OK : status;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/** True when nothing is behind this message, whatever the server had announced: it was erased. */
static bool at_end(px_bus *bus, uint64_t seq)
{
    px_bus_msg *last;
    px_status status = px_bus_get_last(bus, px_vault_stream, "praxis.key.>", &last);

    if (status != PX_OK)
        return status == PX_ENOTFOUND;
    bool ended = last->seq <= seq;
    px_bus_msg_free(last);
    return ended;
}

/** The next message after `seq`, up to `last_seq`; PX_EEMPTY when there is none any more. */
static px_status next(px_bus *bus, px_reader *reader, uint64_t seq, uint64_t last_seq,
                      px_bus_msg **msg)
{
    int64_t heard_ms = now_ms();
    px_status status;

    while ((status = px_reader_next(reader, msg)) == PX_EEMPTY) {
        if (px_reader_caught_up(reader))
            return PX_EEMPTY;
        px_bus_wait(bus, WAIT_MS);
        if (now_ms() - heard_ms > PATIENCE_MS && at_end(bus, seq))
            return PX_EEMPTY;
        if (now_ms() - heard_ms > SILENCE_MS)
            return PX_ETIMEOUT;
    }
    if (status == PX_OK && (*msg)->seq > last_seq) {
        px_bus_msg_free(*msg);
        return PX_EEMPTY;
    }
    return status;
}

static px_status walk(px_bus *bus, const px_masters *masters, key_step *step,
                      px_vault_census *census, px_vault_shown *shown, void *context)
{
    px_stream_info info;
    px_reader *reader;
    px_bus_msg *msg;
    uint64_t seq = 0;
    px_status status = px_bus_stream_info(bus, px_vault_stream, &info);

    *census = (px_vault_census){ 0 };
    if (status != PX_OK)
        return status == PX_ENOTFOUND ? PX_OK : status; /* nobody has written a text yet */
    census->messages = info.messages;
    if (info.messages == 0)
        return PX_OK;
    status = px_reader_open(&reader, bus, px_vault_stream, info.first_seq);
    if (status != PX_OK)
        return status;
    while (status == PX_OK) {
        status = next(bus, reader, seq, info.last_seq, &msg);
        if (status != PX_OK)
            break;
        seq = msg->seq;
        census->seen++;
        status = step(bus, masters, msg, census);
        px_bus_msg_free(msg);
        if (shown)
            shown(context, census);
    }
    px_reader_close(reader);
    return status == PX_EEMPTY ? PX_OK : status;
}

px_status px_vault_count_keys(px_bus *bus, const px_masters *masters, px_vault_census *census,
                              px_vault_shown *shown, void *context)
{
    return walk(bus, masters, count_step, census, shown, context);
}

px_status px_vault_reseal_keys(px_bus *bus, const px_masters *masters, px_vault_census *census,
                               px_vault_shown *shown, void *context)
{
    return walk(bus, masters, reseal_step, census, shown, context);
}
