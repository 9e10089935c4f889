#include "services/praxis/projection.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/codec.h"
#include "praxis/log/v1/projection.pb-c.h"
#include "services/praxis/binaries.h"
#include "services/praxis/layout.h"

enum { ASK_MS = 60000, ARENA_BYTES = 1 << 20, DIGEST_SIZE = 32, LINE_MAX_SIZE = 4096 };

static const px_scan_limits answer_limits = { LINE_MAX_SIZE, 2, 32, 8, true };

/* ---- the running one ---- */

static px_status take(const PraxisLog__Projection *answer, px_projection *projection)
{
    if (!answer || answer->digest.len != DIGEST_SIZE)
        return PX_EMALFORMED;
    projection->seq = answer->seq;
    projection->records = answer->records;
    projection->ready = answer->ready;
    sodium_bin2hex(projection->digest, sizeof projection->digest, answer->digest.data, DIGEST_SIZE);
    return PX_OK;
}

static px_status parse(px_bytes bytes, px_arena *arena, px_projection *projection)
{
    const ProtobufCMessageDescriptor *type = &praxis_log__projection__descriptor;
    px_codec_error error;

    if (!px_codec_scan(type, bytes, &answer_limits, arena, &error))
        return PX_EMALFORMED;
    return take((const PraxisLog__Projection *)px_codec_unpack(type, bytes, arena), projection);
}

px_status px_projection_ask(px_bus *bus, const char *service, px_projection *projection)
{
    px_bus_msg *reply;
    px_arena arena;
    char subject[160];
    px_status status;

    snprintf(subject, sizeof subject, "praxis.admin.%s.Projection", service);
    status = px_bus_request(bus, &(px_bus_out){ .subject = subject }, ASK_MS, &reply);
    if (status != PX_OK)
        return status;
    status = PX_ENOMEM;
    if (px_arena_init(&arena, ARENA_BYTES))
        status = parse(reply->data, &arena, projection);
    px_arena_fini(&arena);
    px_bus_msg_free(reply);
    return status;
}

/* ---- beside it ---- */

typedef struct {
    char program[PX_PATH_MAX];
    char config[PX_PATH_MAX];
    char seq[24];
    const char *archive; /* NULL: the bus */
} build;

_Noreturn static void become(const build *b, const char *work, int out)
{
    const char *argv[16] = { b->program,      "--data-dir", work,          "--fold-to", b->seq,
                             "--health-port", "0",          "--log-level", "error" };
    size_t count = 9;

    if (b->config[0]) {
        argv[count++] = "--config";
        argv[count++] = b->config;
    }
    if (b->archive) {
        argv[count++] = "--archive-dir";
        argv[count++] = b->archive;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    dup2(out, STDOUT_FILENO);
    px_binary_clean_environment();
    execv(b->program, (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* The daemon's one line: the same message, as JSON. */
static bool parse_line(FILE *in, px_projection *projection)
{
    char line[LINE_MAX_SIZE] = "";
    px_codec_error error;
    px_arena arena;
    px_status status = PX_ENOMEM;

    if (!fgets(line, sizeof line, in))
        return false;
    if (px_arena_init(&arena, ARENA_BYTES))
        status = take((const PraxisLog__Projection *)px_codec_from_json(
                          &praxis_log__projection__descriptor, (px_bytes){ line, strlen(line) },
                          &answer_limits, &arena, &error),
                      projection);
    px_arena_fini(&arena);
    return status == PX_OK;
}

static px_status run(const build *b, const char *work, px_projection *projection)
{
    int ends[2], status = 0;

    if (pipe(ends) != 0)
        return PX_EIO;
    pid_t pid = fork();
    if (pid == 0)
        become(b, work, ends[1]);
    close(ends[1]);
    FILE *in = fdopen(ends[0], "r");
    bool parsed = pid > 0 && in && parse_line(in, projection);
    if (in)
        fclose(in);
    else
        close(ends[0]);
    if (pid > 0 && !parsed)
        kill(pid, SIGTERM); /* it has failed, or nobody wants it any more */
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return parsed && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? PX_OK : PX_EIO;
}

px_status px_projection_fold(const char *dir, const char *archive, const char *work,
                             const char *service, uint64_t seq, px_projection *projection)
{
    char name[128];
    build b = { .archive = archive };

    snprintf(name, sizeof name, "config/%s.conf", service);
    if (dir)
        px_layout_path(dir, name, b.config);
    snprintf(b.seq, sizeof b.seq, "%" PRIu64, seq);
    if (!px_binary_daemon(service, b.program))
        return PX_ENOTFOUND;
    px_status status = px_layout_remove(work);
    if (status == PX_OK)
        status = run(&b, work, projection);
    if (status == PX_OK)
        return status;
    fprintf(stderr, "praxis: %s could not fold the log up to %s in %s\n", service, b.seq, work);
    px_layout_remove(work);
    return status;
}

px_status px_projection_build(const char *dir, const char *archive, const char *work,
                              const char *service, uint64_t seq, px_projection *projection)
{
    px_status status = px_projection_fold(dir, archive, work, service, seq, projection);

    px_layout_remove(work);
    return status;
}
