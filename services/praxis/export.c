/* export.c: `praxis export`: a framework out, in a format other systems read. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "services/praxis/ask.h"
#include "services/praxis/commands.h"
#include "services/praxis/framework_write.h"

enum { ARENA_BYTES = 256 * 1024 * 1024, COMPETENCIES_MAX = 200000, DEPTH_MAX = 64 };

typedef struct {
    const char *framework_id, *format, *output;
    px_client client;
    px_arena arena;
    px_framework framework;
} exporting;

static bool failed(const char *what, const char *why)
{
    fprintf(stderr, "praxis export: %s: %s\n", what, why);
    return false;
}

/* ---- what is known ---- */

static const ProtobufCMessage *ask(exporting *e, const char *name, const ProtobufCMessage *request,
                                   const ProtobufCMessageDescriptor *type)
{
    px_asked asked = { 0 };

    if (px_ask_message(&e->client, "competency", name, request, type, &e->arena, &asked) != PX_OK)
        return NULL;
    if (asked.code)
        failed(e->framework_id, asked.text);
    return asked.message;
}

static bool add_page(exporting *e, const Competency__CompetenciesList *page)
{
    for (size_t i = 0; i < page->n_competencies; i++) {
        if (e->framework.count == COMPETENCIES_MAX)
            return failed("the framework", "more competencies than one file holds");
        e->framework.all[e->framework.count++] = page->competencies[i];
    }
    return true;
}

static bool read_framework(exporting *e)
{
    Competency__GetFramework which = COMPETENCY__GET_FRAMEWORK__INIT;
    Competency__ListCompetencies list = COMPETENCY__LIST_COMPETENCIES__INIT;
    const Competency__CompetenciesList *page;

    which.framework_id = (char *)(uintptr_t)e->framework_id;
    list.framework_id = which.framework_id;
    const Competency__Framework *framework = (const Competency__Framework *)ask(
        e, "GetFramework", &which.base, &competency__framework__descriptor);
    if (!framework)
        return false;
    e->framework.framework = framework->definition;
    do {
        page = (const Competency__CompetenciesList *)ask(
            e, "ListCompetencies", &list.base, &competency__competencies_list__descriptor);
        if (!page || !add_page(e, page))
            return false;
        if (page->n_competencies > 0)
            list.after_id = page->competencies[page->n_competencies - 1]->definition->competency_id;
    } while (page->more);
    return true;
}

static unsigned depth_of(const px_framework *f, const Competency__Competency *c)
{
    unsigned depth = 0;

    while (c && *c->definition->parent_id && depth < DEPTH_MAX) {
        const char *parent_id = c->definition->parent_id;
        size_t low = 0, high = f->count; /* they come in the order of their ids */

        while (low < high) {
            size_t middle = low + (high - low) / 2;

            if (strcmp(f->all[middle]->definition->competency_id, parent_id) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        bool found =
            low < f->count && strcmp(f->all[low]->definition->competency_id, parent_id) == 0;
        c = found ? f->all[low] : NULL;
        depth++;
    }
    return depth;
}

/* Parents before their children, so that each finds the one above it known. */
static bool order(exporting *e)
{
    px_framework *f = &e->framework;
    Competency__Competency **ordered = calloc(f->count + 1, sizeof *ordered);
    unsigned *depths = calloc(f->count + 1, sizeof *depths), deepest = 0;
    size_t n = 0;

    for (size_t i = 0; ordered && depths && i < f->count; i++) {
        depths[i] = depth_of(f, f->all[i]);
        deepest = depths[i] > deepest ? depths[i] : deepest;
    }
    for (unsigned depth = 0; ordered && depths && depth <= deepest; depth++)
        for (size_t i = 0; i < f->count; i++)
            if (depths[i] == depth)
                ordered[n++] = f->all[i];
    free(depths);
    if (!ordered)
        return failed("the framework", "out of memory");
    free(f->all);
    f->all = ordered;
    return true;
}

/* ---- the file ---- */

static void write_to(const exporting *e, FILE *out)
{
    char now[32];
    time_t seconds = time(NULL);
    struct tm parts;

    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%S+00:00", gmtime_r(&seconds, &parts));
    if (strcmp(e->format, "csv") == 0)
        px_framework_write_csv(out, &e->framework);
    else if (strcmp(e->format, "moodle") == 0)
        px_framework_write_moodle(out, &e->framework);
    else
        px_framework_write_case(out, &e->framework, now);
}

static int write_file(const exporting *e)
{
    FILE *out = e->output ? fopen(e->output, "w") : stdout;

    if (!out) {
        failed(e->output, strerror(errno));
        return PX_EXIT_FAILED;
    }
    write_to(e, out);
    bool good = fflush(out) == 0 && !ferror(out);
    if (!good)
        failed(e->output ? e->output : "the output", strerror(errno));
    if (e->output)
        fclose(out);
    return good ? PX_EXIT_OK : PX_EXIT_FAILED;
}

static int run(exporting *e, const px_client_flags *flags)
{
    int code = PX_EXIT_FAILED;

    if (strcmp(e->format, "csv") != 0 && strcmp(e->format, "moodle") != 0 &&
        strcmp(e->format, "case") != 0) {
        failed(e->format, "csv, moodle or case is meant");
        return PX_EXIT_WRONG;
    }
    e->framework.all = calloc(COMPETENCIES_MAX, sizeof(void *));
    if (!e->framework.all || !px_arena_init(&e->arena, ARENA_BYTES)) {
        failed("the framework", "out of memory");
    } else {
        code = px_client_open(&e->client, flags, PX_CLIENT_SOURCE);
        if (code == PX_EXIT_OK)
            code = read_framework(e) && order(e) ? write_file(e) : PX_EXIT_FAILED;
    }
    px_client_close(&e->client);
    px_arena_fini(&e->arena);
    free(e->framework.all);
    return code;
}

static const char about[] =
    "Writes a framework with its competencies in use: csv (the columns of\n"
    "demo/mappings/framework.json), moodle (Moodle's \"Import competency framework\")\n"
    "or case (a CFPackage of 1EdTech CASE 1.0). Importing what was exported changes\n"
    "nothing; what the format has no place for stands where others ignore it.\n"
    "\n"
    "  praxis export onet --format case --output exported.json\n"
    "  praxis import case.json exported.json\n";

int px_command_export(int argc, char **argv)
{
    exporting e = { .format = "csv" };
    px_client_flags flags = { 0 };
    px_texts words = { .count = 0 };
    px_option client[PX_CLIENT_OPTIONS];
    const px_option own[] = {
        { "format", "NAME", PX_OPTION_TEXT, &e.format, "csv, moodle or case (csv)", 0, 0 },
        { "output", "FILE", PX_OPTION_TEXT, &e.output, "where to (standard output)", 0, 0 },
        { 0 },
    };
    const px_option *groups[] = { own, px_client_options(&flags, client) };
    px_command_line line = { "praxis export FRAMEWORK [flags]", about, groups, 2, &words, 1, 1 };
    px_options_outcome outcome = px_options_read(&line, argc, argv);

    if (outcome != PX_OPTIONS_RUN)
        return px_options_exit(outcome);
    e.framework_id = words.items[0];
    return run(&e, &flags);
}
