/* demo.c: `praxis demo`: the whole of Praxis on real data, from an empty directory to a closed gap.
 */
#include <errno.h> /* program_invocation_name */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/praxis/clock.h"
#include "services/praxis/commands.h"
#include "services/praxis/demo_host.h"
#include "services/praxis/demo_impact.h"
#include "services/praxis/demo_load.h"
#include "services/praxis/demo_many.h"
#include "services/praxis/demo_play.h"
#include "services/praxis/demo_report.h"
#include "services/praxis/demo_story.h"
#include "services/praxis/options.h"
#include "services/praxis/print.h"

enum { STORY_ARENA_BYTES = 8 << 20 };

typedef struct {
    const char *data;
    const char *dir;
    uint64_t seed;
    bool keep;
} demo_flags;

typedef struct {
    demo_flags flags;
    char data_dir[PX_PATH_MAX];
    int64_t began_ms;
    px_demo_host host;
    px_demo_link link;
    px_organisation *organisation;
    px_demo_played played;
    px_demo_figures figures;
    px_many many;
    px_impact impact;
    px_arena arena; /* of the story */
    px_story story;
} demo;

static px_options_outcome read_flags(demo_flags *f, int argc, char **argv)
{
    const px_option rows[] = {
        { "keep", NULL, PX_OPTION_SWITCH, &f->keep, "leave it running at the end", 0, 0 },
        { "dir", "DIR", PX_OPTION_TEXT, &f->dir,
          "where everything is kept: empty or missing (a temporary one, removed at the end)", 0,
          0 },
        { "data", "DIR", PX_OPTION_TEXT, &f->data,
          "tables and mappings of the demo (PRAXIS_DEMO_DATA; found beside the program)", 0, 0 },
        { "seed", "NUMBER", PX_OPTION_NUMBER, &f->seed, "of the generated organisation (20260105)",
          1, UINT32_MAX },
        { 0 },
    };
    const px_option *groups[] = { rows };
    const px_command_line line = {
        .usage = "praxis demo [flags]",
        .about =
            "Starts Praxis in a directory of its own, imports a real capability framework and\n"
            "a catalogue of real learning items, and lets a generated organisation of 240\n"
            "people live through three review cycles of 90 days. Shows what came of it, checks\n"
            "that a rebuild gives the same bytes, and stops. Takes about a minute.\n",
        .groups = groups,
        .group_count = 1,
    };

    *f = (demo_flags){ .seed = PX_DEMO_SEED };
    return px_options_read(&line, argc, argv);
}

/* ---- data ---- */

static bool holds_data(const char *dir)
{
    char path[PX_PATH_MAX + 64];

    snprintf(path, sizeof path, "%s/organisation/units.csv", dir);
    return access(path, R_OK) == 0;
}

static void own_directory(char dir[PX_PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", dir, PX_PATH_MAX - 1);

    dir[size > 0 ? size : 0] = '\0';
    dir[strrchr(dir, '/') ? strrchr(dir, '/') - dir : 0] = '\0';
}

/* In a build tree, and where it is installed; relative to the program. */
static bool find_beside_program(char dir[PX_PATH_MAX])
{
    static const char *const places[] = { "../services/praxis/demo", "../../services/praxis/demo",
                                          "../share/praxis/demo" };
    char self[PX_PATH_MAX];

    own_directory(self);
    for (size_t i = 0; i < PX_COUNT(places); i++)
        if (snprintf(dir, PX_PATH_MAX, "%s/%s", self, places[i]) < PX_PATH_MAX && holds_data(dir))
            return true;
    return false;
}

static bool find_data(demo *d)
{
    const char *given = d->flags.data ? d->flags.data : getenv("PRAXIS_DEMO_DATA");

    if (!given || !*given) {
        if (find_beside_program(d->data_dir))
            return true;
        fputs("praxis demo: the demo's data are not beside this program; say where: --data DIR\n",
              stderr);
        return false;
    }
    snprintf(d->data_dir, sizeof d->data_dir, "%s", given);
    if (holds_data(given))
        return true;
    fprintf(stderr, "praxis demo: %s holds no data of the demo (organisation/units.csv)\n", given);
    return false;
}

/* ---- the parts ---- */

static bool prepare(demo *d)
{
    char error[PX_DEMO_ERROR_MAX];

    d->began_ms = px_clock_ms();
    if (!find_data(d))
        return false;
    d->organisation = px_organisation_load(d->data_dir, d->flags.seed, error);
    if (!d->organisation)
        fprintf(stderr, "praxis demo: %s\n", error);
    return d->organisation != NULL;
}

static bool start(demo *d)
{
    px_print_text(0, "",
                  "PRAXIS DEMO: a rating becomes a learning plan, the plan is followed up, "
                  "the gap closes.");
    px_print_text(0, "",
                  "Starting nats-server and five daemons of its own; nothing else on this "
                  "machine is touched.");
    return px_demo_host_start(&d->host, d->flags.dir) && px_demo_link_open(&d->link, d->host.dir);
}

static bool load(demo *d)
{
    px_print_heading(1, "What was loaded, and what was refused");
    px_print_text(
        3, "   ",
        "Roles and competencies: UK Government Digital and Data Profession Capability "
        "Framework (contains public sector information licensed under the Open "
        "Government Licence v3.0). Learning items: free-programming-books (CC BY 4.0) and "
        "Exercism (MIT). Skills of occupations: O*NET Database by the U.S. Department of Labor "
        "(USDOL/ETA), CC BY 4.0, modified; O*NET is a trademark of USDOL/ETA.");
    putchar('\n');
    return px_demo_load(&d->link, d->organisation, d->data_dir) && (putchar('\n'), true) &&
           px_demo_settle_in(&d->link, d->organisation);
}

static bool play(demo *d)
{
    px_print_heading(2, "Three review cycles of 90 days, in fast motion");
    px_print_text(3, "   ",
                  "The clock is that of the events. Ratings are drawn from levels that only the "
                  "generator knows; learning raises them, or does not.");
    for (uint32_t cycle = 1; cycle <= PX_DEMO_CYCLES; cycle++)
        if (!px_demo_play_cycle(&d->link, d->organisation, cycle, &d->played))
            return false;
    return true;
}

static void hear(void *context, const px_demo_event *event)
{
    demo *d = context;

    px_figures_hear(&d->figures, event);
    px_story_hear(&d->story, event);
    px_many_hear(&d->many, event);
    px_impact_hear(&d->impact, event);
}

static bool tell(demo *d)
{
    d->story = (px_story){ .organisation = d->organisation,
                           .person_id = "p-012",
                           .competency_id = "information-security",
                           .arena = &d->arena };
    if (!px_arena_init(&d->arena, STORY_ARENA_BYTES) || !px_demo_feed_read(&d->link, hear, d))
        return false;
    px_print_heading(3, "One person's story: p-012, Developer in Team 02");
    px_print_text(3, "   ",
                  "Told from the feed alone; in brackets the event that says it. (Roles "
                  "and ratings of this one person are set, not drawn.)");
    px_story_print(&d->story);
    px_print_heading(4, "One plan for many people");
    px_many_print(&d->many, d->organisation);
    px_print_heading(5, "Did learning help?");
    px_impact_print(&d->impact, d->organisation);
    return true;
}

static bool report(demo *d)
{
    px_print_heading(6, "How a unit stands");
    px_print_text(3, "   ",
                  "Mean gap: how far below the level their role asks for the assessed "
                  "people are on average, on the scale of 1 to 5.");
    if (!px_report_heat_map(&d->link, d->organisation, "u-block-1", true) ||
        !px_report_heat_map(&d->link, d->organisation, "u-team-02", false))
        return false;
    px_print_heading(7, "How long a rating took to become a plan");
    px_report_times(&d->figures, &d->played);
    return true;
}

static bool verify(demo *d)
{
    char name[] = "verify", flag[] = "--dir";
    char *argv[] = { name, flag, d->host.dir, NULL };

    px_print_heading(8, "Is every figure what the log says?");
    px_print_text(
        3, "   ",
        "What each daemon knows is built a second time, from the log alone, and compared "
        "to the byte. Void messages, such as those of a copy that was late, do not count.");
    putchar('\n');
    fflush(stdout);
    return px_command_verify(3, argv) == PX_EXIT_OK;
}

static bool sum_up(demo *d)
{
    uint64_t facts;

    if (!px_demo_count_facts(&d->link, &facts))
        return false;
    px_print_heading(9, "Totals");
    px_report_totals(&d->figures, &d->link.sent, facts);
    return true;
}

/* ---- the end ---- */

static void say_where_next(const demo *d)
{
    char self[PX_PATH_MAX];

    own_directory(self);
    px_print_heading(10, "Where to look next");
    if (d->flags.keep) {
        printf(
            "   It is still running, in %s. In another terminal:\n\n"
            "   export PRAXIS_DIR=%s PATH=%s:$PATH\n"
            "   praxis explain p-012 --viewer p-009         a plan walked back to its ratings\n"
            "   praxis query reporting GetHeatMap unit_id=u-org with_units_below=true\n"
            "   praxis query competency GetProfile person_id=p-012 --viewer p-009\n"
            "   praxis tail                                 events as they come\n"
            "   node publish-review.mjs cycle-4 p-009 p-012 information-security 5\n"
            "                                               (of README.md) rates in an open cycle\n"
            "   kill %-8ld                               stops it; then rm -r %s\n",
            d->host.dir, d->host.dir, self, (long)d->host.pid, d->host.dir);
        return;
    }
    printf(
        "   make demo KEEP=1                leaves it running and says how to ask it questions\n"
        "   services/praxis/demo/           the data, their sources, how the organisation is made\n"
        "   services/<daemon>/README.md     one page each: what is decided, and by which formula\n"
        "   %s help%*s every command\n",
        program_invocation_name,
        strlen(program_invocation_name) < 26 ? (int)(26 - strlen(program_invocation_name)) : 1, "");
    if (d->flags.dir)
        printf("   %s run --clock event --dir %s\n"
               "                                   starts what this demo left there again\n",
               program_invocation_name, d->flags.dir);
}

static bool run(demo *d)
{
    return prepare(d) && start(d) && load(d) && play(d) && tell(d) && report(d) && verify(d) &&
           sum_up(d) && (!d->flags.keep || px_demo_open_next_cycle(&d->link));
}

static int finish(demo *d, bool done)
{
    bool as_expected = d->link.sent.unexpected == 0;

    if (done) {
        say_where_next(d);
        printf("\n   Took %lld seconds.\n",
               (long long)((px_clock_ms() - d->began_ms + 500) / 1000));
    } else if (px_interrupted) {
        fputs("praxis demo: stopped\n", stderr);
    }
    if (!as_expected)
        fprintf(stderr, "praxis demo: %llu submissions were refused that should not have been\n",
                (unsigned long long)d->link.sent.unexpected);
    px_demo_link_close(&d->link);
    if (!done || !d->flags.keep)
        px_demo_host_stop(&d->host);
    px_organisation_free(d->organisation);
    px_arena_fini(&d->arena);
    return done && as_expected ? PX_EXIT_OK : PX_EXIT_FAILED;
}

int px_command_demo(int argc, char **argv)
{
    demo *d = calloc(1, sizeof *d);
    px_options_outcome outcome;
    int code = PX_EXIT_FAILED;

    if (!d)
        return code;
    outcome = read_flags(&d->flags, argc, argv);
    if (outcome == PX_OPTIONS_RUN) {
        px_interrupt_catch();
        code = finish(d, run(d));
    } else {
        code = px_options_exit(outcome);
    }
    free(d);
    return code;
}
