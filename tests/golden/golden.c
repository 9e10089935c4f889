/* golden.c: logs of releases, folded by the code of today: the same projections, events and report
 * values, whatever the compiler.
 *
 *     golden <folder>           compares every <release>.log with <release>.digests beside it
 *     golden --write <folder>   writes the digests anew: a change of a projection is declared so
 *     golden --facts <file>     writes a log of every type of fact there, a new file (record.h)
 *
 * A log holds of each message the server time (8 bytes, big endian), the number of the service (1),
 * the size (4) and the bytes, as `simulator --log` writes it too.
 */
#include <dirent.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/apply.h"
#include "common/chain.h"
#include "common/codec.h"
#include "common/keys.h"
#include "common/service_impl.h"
#include "common/tables.h"
#include "tests/golden/record.h"
#include "tests/golden/samples.h"
#include "tests/tables.h"

enum { ARENA_BYTES = 32 << 20, TYPES_MAX = 64, DIGEST = 32 };

typedef struct {
    uint8_t *bytes;
    size_t size;
} log_file;

/* What one service makes of a log. */
typedef struct {
    const px_service *service;
    px_store *store;
    px_txn *state;
    px_arena arena, published;
    crypto_generichash_state events;
    uint64_t event_count;
    bool *stated; /* own fact types met */
} folding;

/* By service, over all logs. */
static bool stated[SERVICES_MAX][TYPES_MAX];

static void die(const char *what, const char *where)
{
    fprintf(stderr, "golden: %s: %s\n", where, what);
    exit(1);
}

static log_file read_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    log_file log = { NULL, 0 };

    if (in == NULL || fseek(in, 0, SEEK_END) != 0)
        die("cannot be read", path);
    log.size = (size_t)ftell(in);
    log.bytes = malloc(log.size + 1);
    rewind(in);
    if (log.bytes == NULL || fread(log.bytes, 1, log.size, in) != log.size)
        die("cannot be read", path);
    log.bytes[log.size] = '\0';
    fclose(in);
    return log;
}

/* ---- what leaves the daemon ---- */

static void hash_text(crypto_generichash_state *hash, const char *text)
{
    crypto_generichash_update(hash, (const uint8_t *)text, strlen(text) + 1);
}

static void see_event(void *context, const char *name, const char *subject,
                      const ProtobufCMessage *message, bool attributed)
{
    folding *f = context;
    const char *json = px_codec_to_json(message, false, &f->published);

    PX_ASSERT(json != NULL);
    hash_text(&f->events, name);
    hash_text(&f->events, subject);
    hash_text(&f->events, attributed ? json : px_arena_printf(&f->published, "?%s", json));
    f->event_count++;
}

static void see_fact(void *context, const px_txn *state, const PraxisLog__Entry *entry,
                     const px_fact *fact, bool own)
{
    folding *f = context;
    px_out out = { .arena = fact->arena, .event = see_event, .context = f };

    (void)entry;
    if (!own)
        return;
    PX_ASSERT(fact->type < TYPES_MAX);
    f->stated[fact->type] = true;
    f->service->publishers[fact->type](state, fact, &out);
}

/* Every report value that was ever touched, as it would be written now. */
static uint64_t hash_reports(folding *f, uint8_t digest[DIGEST])
{
    const uint8_t table = PX_TABLE_LOCAL_TOUCHED;
    crypto_generichash_state hash;
    px_bytes key, value;
    uint64_t count = 0;
    px_scan scan;

    crypto_generichash_init(&hash, NULL, 0, DIGEST);
    px_scan_begin(&scan, f->state, PX_LOCAL, (px_bytes){ &table, 1 });
    while (f->service->report != NULL && px_scan_next(&scan, &key, &value)) {
        px_keyread read = px_keyread_begin(key);
        const char *tenant = px_keyread_text(&read), *report = px_keyread_text(&read);
        const ProtobufCMessage *message;

        px_arena_reset(&f->arena);
        message = f->service->report(f->state, tenant, report, &f->arena);
        hash_text(&hash, report);
        if (message != NULL)
            hash_text(&hash, px_codec_to_json(message, false, &f->arena));
        count++;
    }
    px_scan_end(&scan);
    crypto_generichash_final(&hash, digest, DIGEST);
    return count;
}

/* ---- folding ---- */

static void fold_message(folding *f, uint64_t seq, const uint8_t *at, size_t size, const char *path)
{
    const px_observer observer = { .fact = see_fact, .context = f };
    const px_service *author = services[at[8]];
    px_log_message message = {
        author->name, seq, (int64_t)px_get_be64(at), { at + LOG_HEAD_SIZE, size }
    };

    px_arena_reset(&f->arena);
    px_arena_reset(&f->published);
    if (px_apply_message(f->service, f->state, &message, &f->arena, &observer, NULL) ==
        PX_APPLY_STOP)
        die("holds a fact that this code does not know or cannot hold", path);
}

static void fold_log(folding *f, const log_file *log, const char *path)
{
    uint64_t seq = 0;

    for (size_t at = 0; at < log->size;) {
        const uint8_t *head = log->bytes + at;
        size_t size;

        if (log->size - at < LOG_HEAD_SIZE || head[8] >= SERVICES_MAX)
            die("is cut or no log", path);
        size = (size_t)head[9] << 24 | (size_t)head[10] << 16 | (size_t)head[11] << 8 | head[12];
        if (size > log->size - at - LOG_HEAD_SIZE)
            die("is cut", path);
        fold_message(f, ++seq, head, size, path);
        at += LOG_HEAD_SIZE + size;
    }
}

static void print_hex(FILE *out, const char *name, uint64_t count, const uint8_t digest[DIGEST])
{
    char hex[2 * DIGEST + 1];

    sodium_bin2hex(hex, sizeof hex, digest, DIGEST);
    fprintf(out, " %s %" PRIu64 " %.32s", name, count, hex);
}

static void print_digests(FILE *out, folding *f)
{
    uint8_t digest[DIGEST];
    uint64_t records, reports;

    if (px_store_digest(f->state, digest, &records) != PX_OK)
        die("the store failed", f->service->name);
    fprintf(out, "%s layout %" PRIu32, f->service->name, f->service->layout);
    print_hex(out, "records", records, digest);
    crypto_generichash_final(&f->events, digest, DIGEST);
    print_hex(out, "events", f->event_count, digest);
    reports = hash_reports(f, digest);
    print_hex(out, "reports", reports, digest);
    fputc('\n', out);
}

static void open_store(folding *f, char directory[64])
{
    px_store_options options = { .directory = directory, .layout = 1 };
    bool fresh;

    snprintf(directory, 64, "/tmp/praxis-golden-XXXXXX");
    if (mkdtemp(directory) == NULL || px_store_open(&f->store, &options, &fresh) != PX_OK)
        die("cannot be made", directory);
    f->state = px_store_begin(f->store);
}

static void close_store(folding *f, const char *directory)
{
    char command[80];

    px_txn_abort(f->state);
    px_store_close(f->store);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    if (system(command) != 0)
        die("cannot be removed", directory);
}

static void print_log(FILE *out, const char *path)
{
    log_file log = read_file(path);
    char directory[64];

    for (unsigned d = 0; d < SERVICES_MAX; d++) {
        folding f = { .service = services[d], .stated = stated[d] };

        open_store(&f, directory);
        if (!px_arena_init(&f.arena, ARENA_BYTES) || !px_arena_init(&f.published, ARENA_BYTES))
            die("no memory", path);
        crypto_generichash_init(&f.events, NULL, 0, DIGEST);
        fold_log(&f, &log, path);
        print_digests(out, &f);
        px_arena_fini(&f.arena);
        px_arena_fini(&f.published);
        close_store(&f, directory);
    }
    free(log.bytes);
}

/* ---- files ---- */

static void write_file(const char *path, const char *text, size_t size)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL || fwrite(text, 1, size, file) != size || fclose(file) != 0)
        die("cannot be written", path);
}

/* "<service> layout <n> ...": the layout. */
static unsigned layout_of(const char *line)
{
    const char *number = strstr(line, " layout ");

    return number != NULL ? (unsigned)strtoul(number + strlen(" layout "), NULL, 10) : 0;
}

/* A layout that was raised since says that the projection is meant to be another. */
static bool same_line(const char *stored, const char *now)
{
    if (layout_of(stored) < layout_of(now)) {
        printf("golden: %.*s has a new layout since: `make golden` before the next release\n",
               (int)strcspn(now, " "), now);
        return true;
    }
    if (strcmp(stored, now) == 0)
        return true;
    fprintf(stderr,
            "golden: it was\n%s\nand is\n%s\nIf a projection is meant to change, raise the "
            "service's layout; if only what is shown is, `make golden`.\n",
            stored, now);
    return false;
}

static bool same_lines(char *stored, char *now)
{
    char *at_stored = NULL, *at_now = NULL;
    char *a = strtok_r(stored, "\n", &at_stored), *b = strtok_r(now, "\n", &at_now);
    bool same = true;

    for (; a != NULL && b != NULL;
         a = strtok_r(NULL, "\n", &at_stored), b = strtok_r(NULL, "\n", &at_now))
        same = same_line(a, b) && same;
    return same && a == NULL && b == NULL;
}

static bool settle_log(const char *folder, const char *name, bool write)
{
    char path[512], digests[520], *now = NULL;
    size_t stem = strlen(name) - strlen(".log"), size = 0;
    FILE *out = open_memstream(&now, &size);
    log_file stored;
    bool same;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(digests, sizeof digests, "%s/%.*s.digests", folder, (int)stem, name);
    if (out == NULL)
        die("no memory", path);
    print_log(out, path);
    fclose(out);
    if (write)
        write_file(digests, now, size);
    stored = read_file(digests);
    same = same_lines((char *)stored.bytes, now);
    free(stored.bytes);
    free(now);
    return same;
}

static bool settle_samples(const char *folder, bool write)
{
    char path[512];
    FILE *file;
    bool good;

    snprintf(path, sizeof path, "%s/samples", folder);
    file = fopen(path, write ? "w" : "r");
    if (file == NULL)
        die("cannot be opened", path);
    good = write ? samples_print(file) : samples_check(file);
    return fclose(file) == 0 && good;
}

/* A type that is in no log could change its meaning without anybody noticing. */
static void print_types_never_stated(void)
{
    for (unsigned d = 0; d < SERVICES_MAX; d++)
        for (unsigned i = 0; i < services[d]->facts->n_fields; i++) {
            const ProtobufCFieldDescriptor *field = &services[d]->facts->fields[i];

            if (field->id < TYPES_MAX && stated[d][field->id])
                continue;
            printf(
                "golden: no log holds %s of %s: record one with --facts before the next release\n",
                field->name, services[d]->name);
        }
}

static bool settle_folder(const char *folder, bool write)
{
    struct dirent *entry;
    unsigned logs = 0;
    bool same;
    DIR *files = opendir(folder);

    if (files == NULL)
        die("is no folder", folder);
    same = settle_samples(folder, write);
    while ((entry = readdir(files)) != NULL) {
        const char *end = strrchr(entry->d_name, '.');

        if (end == NULL || strcmp(end, ".log") != 0)
            continue;
        same = settle_log(folder, entry->d_name, write) && same;
        logs++;
    }
    closedir(files);
    if (logs == 0)
        die("holds no log", folder);
    printf("golden: %u logs %s\n", logs, same ? "read as ever" : "read differently");
    print_types_never_stated();
    return same;
}

int main(int argc, char **argv)
{
    const char *what = argc == 3 ? argv[1] : "";

    if (sodium_init() < 0)
        die("does not work", "libsodium");
    if (argc == 3 && strcmp(what, "--facts") == 0)
        return record_facts(argv[2]) ? 0 : 1;
    if (argc != 2 && strcmp(what, "--write") != 0)
        die("golden [--write] <folder>, golden --facts <file>", "usage");
    return settle_folder(argv[argc - 1], *what != 0) ? 0 : 1;
}
