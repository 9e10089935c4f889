/* rotate_key.c: `praxis rotate-key`: a new master key for the keys of people, in two steps with
 * daemons that run all the time.
 *
 * First the new master is put before the old one in the file: daemons read it again before they
 * make a key and when one does not open. Then every key is sealed under the new one. In the second
 * step (--finish) the old one leaves the file, if nothing needs it any more.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <jansson.h>

#include "common/vault.h"
#include "common/vault_keys.h"
#include "services/praxis/client.h"
#include "services/praxis/commands.h"
#include "services/praxis/options.h"
#include "services/praxis/progress.h"

enum { GRACE_S = 60, PASSES_MAX = 20 };

typedef struct {
    px_client_flags where;
    const char *master;
    uint64_t grace_s;
    bool finish;
    bool json;
} rotate_flags;

typedef struct {
    rotate_flags flags;
    px_client client;
    px_masters masters;
    px_vault_census census; /* of the last walk */
    uint64_t resealed;
    px_progress progress;
} rotate_state;

static px_options_outcome read_flags(rotate_flags *f, int argc, char **argv)
{
    px_option where[PX_CLIENT_OPTIONS];
    const px_option rows[] = {
        { "finish", NULL, PX_OPTION_SWITCH, &f->finish,
          "second step: take the old master key out of the file", 0, 0 },
        { "master-key-file", "FILE", PX_OPTION_TEXT, &f->master,
          "the file that the daemons read (<dir>/master.key)", 0, 0 },
        { "grace", "SECONDS", PX_OPTION_NUMBER, &f->grace_s,
          "how old the first step must be before the second (60)", 0, 86400 },
        { "json", NULL, PX_OPTION_SWITCH, &f->json, "for a program", 0, 0 },
        { 0 },
    };
    const px_option *groups[] = { rows, px_client_options(&f->where, where) };
    const px_command_line line = {
        .usage = "praxis rotate-key [--finish] [flags]",
        .about =
            "Puts a new master key before the old one in the file and seals the key of every\n"
            "person under it, while the daemons run and read both. Stopped in the middle, it goes\n"
            "on where it was. Then keep a copy of the file, and a minute later `praxis rotate-key\n"
            "--finish` takes the old one out, if no key needs it any more. Backups of keys made\n"
            "before open only with the old one: keep it elsewhere for as long as those.\n",
        .groups = groups,
        .group_count = 2,
    };

    f->grace_s = GRACE_S;
    return px_options_read(&line, argc, argv);
}

static bool say(const char *what, const char *why)
{
    fprintf(stderr, "praxis rotate-key: %s: %s\n", what, why);
    return false;
}

static void show(void *context, const px_vault_census *census)
{
    px_progress_update(context, census->seen, census->unreadable);
}

/* ---- the two steps ---- */

static bool all_open(const rotate_state *r)
{
    if (r->census.unreadable == 0)
        return true;
    fprintf(stderr,
            "praxis rotate-key: %" PRIu64 " of %" PRIu64
            " keys open under no master key in %s; nothing is taken out of it\n",
            r->census.unreadable, r->census.seen, r->masters.path);
    return false;
}

/* Until a walk meets none under the old one: daemons may have made some while it went on. */
static bool reseal(rotate_state *r)
{
    for (int pass = 0; pass < PASSES_MAX && !px_interrupted; pass++) {
        px_progress_begin(&r->progress, "sealing keys", 0);
        px_status status =
            px_vault_reseal_keys(r->client.bus, &r->masters, &r->census, show, &r->progress);
        px_progress_clear(&r->progress);
        r->resealed += r->census.resealed;
        if (status != PX_OK)
            return say("stopped; start it again to go on", px_strerror(status));
        if (r->census.older == 0)
            return all_open(r);
    }
    return say("not finished", "start it again to go on");
}

static bool first_step(rotate_state *r)
{
    if (r->masters.count > 1)
        fprintf(stderr, "praxis rotate-key: %s holds %zu keys: going on with what was begun\n",
                r->masters.path, r->masters.count);
    else if (px_masters_add_new(&r->masters) != PX_OK)
        return say(r->masters.path, "the new master key cannot be written");
    return reseal(r);
}

static bool second_step(rotate_state *r)
{
    int64_t age_s = (int64_t)time(NULL) - (int64_t)r->masters.file.st_mtim.tv_sec;

    if (r->masters.count < 2)
        return say(r->masters.path, "holds one master key: there is nothing to finish");
    if (age_s < (int64_t)r->flags.grace_s)
        return say(r->masters.path, "the new key has just come: a daemon may still be about to use "
                                    "the old one; try again in a minute");
    if (px_vault_count_keys(r->client.bus, &r->masters, &r->census, NULL, NULL) != PX_OK)
        return say("keys cannot be read", px_bus_last_error(r->client.bus));
    if (r->census.older > 0)
        return say(r->masters.path, "keys are still sealed under the old one: run praxis "
                                    "rotate-key again first");
    if (!all_open(r))
        return false;
    return px_masters_drop_old(&r->masters) == PX_OK
               ? true
               : say(r->masters.path, "the file cannot be written");
}

/* ---- what came out ---- */

static void print(const rotate_state *r)
{
    if (r->flags.json) {
        printf("{\"keys\": %" PRIu64 ", \"resealed\": %" PRIu64 ", \"masters\": %zu}\n",
               r->census.newest, r->resealed, r->masters.count);
        return;
    }
    if (r->flags.finish) {
        printf("%s holds the new master key alone; %" PRIu64 " keys are sealed under it.\n",
               r->masters.path, r->census.newest);
        return;
    }
    printf("%" PRIu64 " keys sealed again; all %" PRIu64 " are under the new master key.\n"
           "Next: keep a copy of %s in another place, then praxis rotate-key --finish\n",
           r->resealed, r->census.newest, r->masters.path);
}

static int rotate(rotate_state *r)
{
    char path[PX_PATH_MAX];

    if (!r->flags.where.user)
        r->flags.where.user = "keeper";
    int code = px_client_open(&r->client, &r->flags.where, PX_CLIENT_OPERATOR);
    if (code != PX_EXIT_OK)
        return code;
    px_interrupt_catch();
    if (px_masters_read(&r->masters, r->flags.master ? r->flags.master
                                                     : px_layout_path(r->client.dir, "master.key",
                                                                      path)) != PX_OK)
        return PX_EXIT_FAILED; /* which has been said */
    if (!(r->flags.finish ? second_step(r) : first_step(r)))
        return PX_EXIT_FAILED;
    print(r);
    return PX_EXIT_OK;
}

int px_command_rotate_key(int argc, char **argv)
{
    rotate_state *r = calloc(1, sizeof *r);
    px_options_outcome outcome = r ? read_flags(&r->flags, argc, argv) : PX_OPTIONS_WRONG;
    int code = outcome == PX_OPTIONS_RUN ? rotate(r) : px_options_exit(outcome);

    if (r) {
        px_client_close(&r->client);
        px_masters_fini(&r->masters);
    }
    free(r);
    return code;
}
