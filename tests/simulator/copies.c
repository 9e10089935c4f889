/* copies.c: copies of daemons: started, stopped, crashed, set back, upgraded and compared. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/chain.h"
#include "common/keys.h"
#include "services/competency/service.h"
#include "services/feedback-ingest/service.h"
#include "services/learning-recommender/service.h"
#include "services/reporting/service.h"
#include "services/review-cycle/service.h"
#include "tests/simulator/parts.h"

const px_service *const sim_services[SIM_DAEMONS] = {
    &px_feedback_ingest_service, &px_review_cycle_service, &px_competency_service,
    &px_learning_recommender_service, &px_reporting_service
};

enum { MAP_BYTES = 1024 * 1024 };

/* The bytes of a projection, in one version, after so much of the log. */
struct digest_seen {
    uint64_t prefix;
    unsigned daemon;
    uint32_t layout;
    uint8_t digest[32];
};

/* ---- files ---- */

void remove_files(const char *directory)
{
    DIR *dir = opendir(directory);
    struct dirent *entry;
    char path[512];

    while (dir && (entry = readdir(dir)) != NULL) {
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (entry->d_name[0] != '.' && unlink(path) != 0 && errno == EISDIR)
            remove_files(path); /* snapshots */
    }
    if (dir)
        closedir(dir);
    (void)rmdir(directory);
}

bool copy_bytes(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC), out;
    char buffer[65536];
    ssize_t size;

    if (in < 0)
        return false;
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out < 0)
        abort();
    while ((size = read(in, buffer, sizeof buffer)) > 0)
        if (write(out, buffer, (size_t)size) != size)
            abort();
    close(in);
    close(out);
    return true;
}

/* ---- life ---- */

static int64_t clock_us(void *context)
{
    const copy *c = context;

    return c->world->now_us + c->skew_us;
}

static int64_t clock_ms(void *context)
{
    const copy *c = context;

    return c->world->now_us / 1000 + c->uptime_ms;
}

void copy_start(copy *c)
{
    sim *s = c->world;
    px_fold_parts parts = { .service = &c->service,
                            .config = &c->config,
                            .clock_us = clock_us,
                            .clock_ms = clock_ms,
                            .clock_context = c,
                            .batch_bytes_max = s->batch_bytes_max };

    if (px_bus_open_memory(&c->bus, s->server, c->service.name) != PX_OK)
        abort();
    parts.bus = c->bus;
    if (c->service.key_generation && px_vault_open(&c->vault, s->master_key, c->bus) != PX_OK)
        sim_fail(s, "%s has no vault", c->service.name);
    parts.vault = c->vault;
    if (px_fold_create(&c->fold, &parts) != PX_OK)
        sim_fail(s, "%s does not start", c->service.name);
}

void copy_stop(copy *c)
{
    px_fold_destroy(c->fold);
    px_vault_close(c->vault);
    if (c->bus)
        px_bus_close(c->bus);
    c->breaks = false;
    c->slow_until = 0;
    c->connections++;
    c->fold = NULL;
    c->vault = NULL;
    c->bus = NULL;
}

void copy_make(sim *s, copy *c, unsigned daemon, unsigned index)
{
    *c = (copy){ .world = s, .daemon = daemon, .index = index, .service = *sim_services[daemon] };
    snprintf(c->directory, sizeof c->directory, "%s/%u%u", s->options->directory, daemon, index);
    snprintf(c->saved, sizeof c->saved, "%s/%u%u.saved", s->options->directory, daemon, index);
    remove_files(c->directory);
    c->config = (px_config){
        .handled_days = 35,
        .replicas = 1,
        .map_bytes = MAP_BYTES,
        .inbox_max_bytes = 1 << 30,
        .snapshots_kept = 2, /* of a layout, made when it changes */
    };
    snprintf(c->config.data_dir, sizeof c->config.data_dir, "%s", c->directory);
    snprintf(c->config.instance, sizeof c->config.instance, "%u", index);
}

void copies_make(sim *s)
{
    bool standby = chance_hits(&s->chance, 3000);

    for (unsigned d = 0; d < SIM_DAEMONS; d++)
        for (unsigned i = 0; i < SIM_COPIES; i++) {
            copy *c = &s->copies[d][i];

            copy_make(s, c, d, i);
            c->config.standby_ms = standby && i > 0 ? 2000 : 0;
            c->skew_us = chance_between(&s->chance, -20 * 60, 20 * 60) * 1000000;
            c->uptime_ms = chance_between(&s->chance, 0, 100000);
            copy_start(c);
        }
}

void copies_end(sim *s)
{
    if (s->judge.world) {
        copy_stop(&s->judge);
        remove_files(s->judge.directory);
    }
    for (unsigned d = 0; d < SIM_DAEMONS; d++)
        for (unsigned i = 0; i < SIM_COPIES; i++) {
            copy *c = &s->copies[d][i];

            if (!c->world)
                continue;
            copy_stop(c);
            remove_files(c->directory);
            (void)unlink(c->saved);
        }
}

void copy_turn(copy *c, bool *busy)
{
    px_status status = px_fold_turn(c->fold, busy);

    px_bus_wait(c->bus, 0);
    network_break(c->world, c);
    if (status == PX_OK)
        return;
    /* A gap that does not go away ends the process; a supervisor starts it again. */
    sim_say(c->world, "%s%u ends: %s", c->service.name, c->index, px_strerror(status));
    if (status != PX_EIO || c->world->own.read_skipped == 0)
        sim_fail(c->world, "%s%u ended by itself: %s", c->service.name, c->index,
                 px_strerror(status));
    copy_stop(c);
    copy_start(c);
    *busy = true;
}

/* Between two turns no transaction is open, so the file is a snapshot. */
void copy_save(copy *c)
{
    char data[160];

    snprintf(data, sizeof data, "%s/data.mdb", c->directory);
    c->has_saved = copy_bytes(data, c->saved);
    sim_say(c->world, "save %s%u at %" PRIu64, c->service.name, c->index, copy_cursor(c));
}

void copy_crash(copy *c, bool machine)
{
    bool back = machine && c->has_saved && chance_hits(&c->world->chance, 5000);
    char data[160];

    sim_say(c->world, "crash %s%u%s", c->service.name, c->index,
            back      ? " machine, older store"
            : machine ? " machine, no store"
                      : "");
    c->world->outcome->crashes++;
    copy_stop(c);
    if (machine)
        remove_files(c->directory);
    if (back) {
        snprintf(data, sizeof data, "%s/data.mdb", c->directory);
        if (mkdir(c->directory, 0700) != 0 || !copy_bytes(c->saved, data))
            abort();
    }
    copy_start(c);
}

void copy_upgrade(copy *c)
{
    sim_say(c->world, "upgrade %s%u", c->service.name, c->index);
    copy_stop(c);
    c->service.code_version++;
    copy_start(c);
}

/* ---- another version of the projection ---- */

/* It keeps one record more: how many facts of its own it has folded. */
static void evolve_newer(unsigned daemon, px_txn *state, const px_fact *fact)
{
    px_keybuf key = px_key_begin(UINT8_MAX);
    uint8_t count[8] = { 0 };
    px_bytes value;

    sim_services[daemon]->evolvers[fact->type](state, fact);
    if (px_get(state, PX_STATE, px_key_bytes(&key), &value) && value.size == sizeof count)
        memcpy(count, value.data, sizeof count);
    px_put_be64(count, px_get_be64(count) + 1);
    px_put(state, PX_STATE, px_key_bytes(&key), (px_bytes){ count, sizeof count });
}

#define NEWER(daemon)                                                                              \
    static void evolve_newer_##daemon(px_txn *state, const px_fact *fact)                          \
    {                                                                                              \
        evolve_newer(daemon, state, fact);                                                         \
    }
NEWER(0)
NEWER(1)
NEWER(2)
NEWER(3)
NEWER(4)

static void take_layout(copy *c, uint32_t layout)
{
    static px_evolver_fn *const newer[SIM_DAEMONS] = { evolve_newer_0, evolve_newer_1,
                                                       evolve_newer_2, evolve_newer_3,
                                                       evolve_newer_4 };
    const px_service *plain = sim_services[c->daemon];

    c->service.layout = layout;
    c->service.evolvers = layout == plain->layout ? plain->evolvers : c->newer;
    if (plain->evolver_count > PX_COUNT(c->newer))
        abort();
    for (size_t i = 0; i < plain->evolver_count; i++)
        c->newer[i] = plain->evolvers[i] ? newer[c->daemon] : NULL;
}

void copy_change_layout(copy *c)
{
    uint32_t plain = sim_services[c->daemon]->layout;

    copy_stop(c);
    take_layout(c, c->service.layout == plain ? plain + 1 : plain);
    sim_say(c->world, "layout %s%u: %u", c->service.name, c->index, c->service.layout);
    copy_start(c);
}

/* By hours and days, and to what a machine without a battery and a careless person make of it. */
void copy_set_clock(copy *c)
{
    static const int64_t hour_us = INT64_C(3600000000), epoch_2038_us = INT64_C(2147483648000000);
    const int64_t skews[] = {
        -hour_us, hour_us, -24 * hour_us, 24 * hour_us, -c->world->now_us, 0
    };
    unsigned which = chance_below(&c->world->chance, (unsigned)PX_COUNT(skews));

    c->skew_us = skews[which];
    if (c->world->far_future && chance_hits(&c->world->chance, 500))
        c->skew_us = epoch_2038_us - c->world->now_us;
    sim_say(c->world, "clock of %s%u: %lld s", c->service.name, c->index,
            (long long)(c->skew_us / 1000000));
}

/* ---- comparing ---- */

uint64_t copy_cursor(const copy *c)
{
    px_txn *view = px_store_read(px_fold_store(c->fold));
    uint64_t cursor = view ? px_view_cursor(view) : 0;

    px_txn_abort(view);
    return cursor;
}

/* Every copy at the same place of the same log has the same bytes. */
static void compare(sim *s, const copy *c, uint64_t prefix, const uint8_t digest[32], uint64_t seq)
{
    for (size_t i = 0; i < s->digest_count; i++) {
        if (s->digests[i].prefix != prefix || s->digests[i].daemon != c->daemon ||
            s->digests[i].layout != c->service.layout)
            continue;
        if (memcmp(s->digests[i].digest, digest, 32) != 0)
            sim_fail(s, "two projections of %s differ at log %" PRIu64 " (found in copy %u)",
                     c->service.name, seq, c->index);
        return;
    }
    if (s->digest_count == s->digest_capacity) {
        s->digest_capacity = s->digest_capacity ? s->digest_capacity * 2 : 256;
        s->digests = realloc(s->digests, s->digest_capacity * sizeof *s->digests);
        if (!s->digests)
            abort();
    }
    digest_seen *seen = &s->digests[s->digest_count++];
    seen->prefix = prefix;
    seen->daemon = c->daemon;
    seen->layout = c->service.layout;
    memcpy(seen->digest, digest, 32);
}

bool copy_check_digest(copy *c)
{
    px_txn *view = px_store_read(px_fold_store(c->fold));
    uint64_t tag, prefix;
    uint8_t digest[32];
    px_cursor cursor;

    if (!view)
        sim_fail(c->world, "%s cannot be read", c->service.name);
    cursor = px_chain_cursor(view);
    bool here = oracle_at(c->world->oracle, cursor.seq, &tag, &prefix) && tag == cursor.tag;
    px_status status = here ? px_store_digest(view, digest, NULL) : PX_OK;
    px_txn_abort(view);
    if (status != PX_OK)
        sim_fail(c->world, "%s: %s", c->service.name, px_strerror(status));
    if (here)
        compare(c->world, c, prefix, digest, cursor.seq);
    c->world->outcome->checked += here;
    return here;
}

static void rebuild(sim *s, const copy *as, uint64_t last)
{
    copy *c = &s->judge;
    bool busy;

    copy_make(s, c, as->daemon, 9);
    take_layout(c, as->service.layout);
    c->config.fold_to = last;
    copy_start(c);
    for (unsigned turns = 0; copy_cursor(c) < last; turns++) {
        if (turns > 1000)
            sim_fail(s, "a rebuild of %s stays at %" PRIu64, c->service.name, copy_cursor(c));
        copy_turn(c, &busy);
    }
    copy_check_digest(c);
    copy_stop(c);
    remove_files(c->directory);
    c->world = NULL;
}

void copies_check_rebuild(sim *s)
{
    uint64_t last = oracle_log_last(s->oracle);

    for (unsigned d = 0; last > 0 && d < SIM_DAEMONS; d++) {
        copy *copies = s->copies[d];

        for (unsigned i = 0; i < SIM_COPIES; i++)
            if (copies[i].fold &&
                (copy_cursor(&copies[i]) != last || !copy_check_digest(&copies[i])))
                sim_fail(s, "%s%u stands at %" PRIu64 " of %" PRIu64, sim_services[d]->name, i,
                         copy_cursor(&copies[i]), last);
        rebuild(s, &copies[0], last);
        if (copies[1].fold && copies[1].service.layout != copies[0].service.layout)
            rebuild(s, &copies[1], last);
    }
}
