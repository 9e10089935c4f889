#include "services/praxis/import_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUCKETS = 65536, LINE_SIZE = 512 };

static const int64_t resumable_us = (int64_t)30 * 24 * 3600 * 1000000;

typedef struct entry {
    struct entry *next;
    px_import_known known;
    char text[]; /* "<service> <id>" */
} entry;

struct px_import_state {
    FILE *file;
    char tenant[80];
    char source[80];
    int64_t run_us;      /* created_at of the run being read */
    int64_t open_run_us; /* created_at of a run that was cut off; 0 = none */
    char sample_service[80];
    char sample_id[80]; /* "" = none */
    int64_t sample_us;
    entry *buckets[BUCKETS];
};

static uint64_t hash_of(const char *service, const char *id)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */

    for (const char *at = service; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    hash = (hash ^ ' ') * 1099511628211u;
    for (const char *at = id; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    return hash % BUCKETS;
}

static bool is_entry(const entry *e, const char *service, const char *id)
{
    size_t size = strlen(service);

    return strncmp(e->text, service, size) == 0 && e->text[size] == ' ' &&
           strcmp(e->text + size + 1, id) == 0;
}

static entry *find(const px_import_state *s, const char *service, const char *id)
{
    for (entry *e = s->buckets[hash_of(service, id)]; e; e = e->next)
        if (is_entry(e, service, id))
            return e;
    return NULL;
}

static bool remember(px_import_state *s, const char *service, const char *id, unsigned attempt,
                     bool accepted)
{
    entry *e = find(s, service, id);

    if (!e) {
        size_t size = strlen(service) + strlen(id) + 2;
        entry **bucket = &s->buckets[hash_of(service, id)];
        e = calloc(1, sizeof *e + size);
        if (!e)
            return false;
        snprintf(e->text, size, "%s %s", service, id);
        e->next = *bucket;
        *bucket = e;
    }
    e->known.accepted = e->known.accepted || accepted;
    if (!accepted && attempt > e->known.refused)
        e->known.refused = attempt;
    return true;
}

/* --- reading --- */

static bool read_result(px_import_state *s, const char *line, bool ours)
{
    char service[80], id[80];
    unsigned attempt = 0;
    bool accepted = *line == '+';
    int parts = sscanf(line + 1, " %79s %79s %u", service, id, &attempt);

    if (accepted ? parts != 2 : parts != 3)
        return false;
    if (ours && accepted) {
        snprintf(s->sample_service, sizeof s->sample_service, "%s", service);
        snprintf(s->sample_id, sizeof s->sample_id, "%s", id);
        s->sample_us = s->run_us;
    }
    return !ours || remember(s, service, id, attempt, accepted);
}

static bool read_run(px_import_state *s, const char *line, bool *ours)
{
    char tenant[80], source[80];
    int64_t at_us;

    if (sscanf(line, "at %79s %79s %" SCNd64, tenant, source, &at_us) != 3)
        return false;
    *ours = strcmp(tenant, s->tenant) == 0 && strcmp(source, s->source) == 0;
    if (*ours)
        s->run_us = s->open_run_us = at_us;
    return true;
}

static px_status read_all(px_import_state *s)
{
    char line[LINE_SIZE];
    bool ours = false;
    off_t whole = 0;

    for (; fgets(line, sizeof line, s->file); whole = ftello(s->file)) {
        bool good = true;
        if (!strchr(line, '\n')) /* cut off while it was written: it is asked for again */
            return ftruncate(fileno(s->file), whole) == 0 ? PX_OK : PX_EIO;
        if (*line == '+' || *line == '-')
            good = read_result(s, line, ours);
        else if (strcmp(line, "done\n") == 0)
            s->open_run_us = ours ? 0 : s->open_run_us;
        else
            good = read_run(s, line, &ours);
        if (!good)
            return PX_EMALFORMED;
    }
    return ferror(s->file) ? PX_EIO : PX_OK;
}

px_status px_import_state_open(px_import_state **state, const char *path, const char *tenant,
                               const char *source)
{
    px_import_state *s = calloc(1, sizeof *s);
    px_status status = PX_ENOMEM;

    *state = NULL;
    if (s) {
        snprintf(s->tenant, sizeof s->tenant, "%s", tenant);
        snprintf(s->source, sizeof s->source, "%s", source);
        s->file = fopen(path, "a+");
        status = s->file ? PX_OK : PX_EIO;
    }
    if (status == PX_OK) {
        rewind(s->file);
        status = read_all(s);
    }
    if (status != PX_OK) {
        int error = errno;
        px_import_state_close(s);
        errno = error;
        return status;
    }
    fseek(s->file, 0, SEEK_END); /* between reading and writing */
    *state = s;
    return PX_OK;
}

void px_import_state_forget(px_import_state *state)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        for (entry *e = state->buckets[i], *next; e; e = next) {
            next = e->next;
            free(e);
        }
        state->buckets[i] = NULL;
    }
    state->sample_id[0] = 0;
    state->open_run_us = 0;
}

void px_import_state_close(px_import_state *state)
{
    if (!state)
        return;
    px_import_state_forget(state);
    if (state->file)
        fclose(state->file);
    free(state);
}

px_import_known px_import_state_get(const px_import_state *state, const char *service,
                                    const char *id)
{
    const entry *e = find(state, service, id);

    return e ? e->known : (px_import_known){ 0 };
}

/* --- writing --- */

static px_status written(const px_import_state *s, int count)
{
    /* One result is one write, so that a cut leaves at most half a line. */
    return count < 0 || fflush(s->file) != 0 ? PX_EIO : PX_OK;
}

int64_t px_import_state_begin(px_import_state *state, int64_t now_us)
{
    int64_t at_us = state->open_run_us;

    if (at_us == 0 || at_us <= now_us - resumable_us || at_us > now_us)
        at_us = now_us;
    written(state,
            fprintf(state->file, "at %s %s %" PRId64 "\n", state->tenant, state->source, at_us));
    return at_us;
}

px_status px_import_state_put(px_import_state *state, const char *service, const char *id,
                              unsigned attempt, const char *code)
{
    int count;

    if (!remember(state, service, id, attempt, code == NULL))
        return PX_ENOMEM;
    if (!code)
        count = fprintf(state->file, "+ %s %s\n", service, id);
    else
        count = fprintf(state->file, "- %s %s %u %s\n", service, id, attempt, code);
    return written(state, count);
}

px_status px_import_state_end(px_import_state *state)
{
    return written(state, fprintf(state->file, "done\n"));
}

bool px_import_state_sample(const px_import_state *state, const char **service, const char **id,
                            int64_t *at_us)
{
    *service = state->sample_service;
    *id = state->sample_id;
    *at_us = state->sample_us;
    return state->sample_id[0] != 0;
}
