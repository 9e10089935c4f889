/* script.c: a crash at every point of a scripted run.
 *
 * One copy of each daemon, a perfect network, clocks that stand still while something is done. The
 * run is played once to count its points and to remember what it comes to after every step. Then
 * it is played again; before each turn that has points a child is forked for every one of them: in
 * it the daemon dies there, a new process of it takes over the store as it was at that moment, and
 * the step is played to its end. Then log, projections, feed and report values have to be, byte for
 * byte, what they are without a crash.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/simulator/crash_points.h"
#include "tests/simulator/parts.h"

enum {
    SUBMISSIONS = 500,
    STEPS_MAX = 1000,
    TURNS_MAX = 200000,
    POINTS_MAX = 200000,
    IDLE_ROUNDS = 4,
    IDLE_MS = 600,
    TURNS_AT_ONCE_MAX = 1000,
    OTHERWISE = 3 /* exit code of a child */
};

/** What everything has come to after a step. */
typedef struct {
    uint64_t log_last, log_prefix, feed_last, inbox_messages, waiting;
    uint64_t state[SIM_DAEMONS], feed[SIM_DAEMONS], stated[SIM_DAEMONS], reports;
} standing;

/** The files of one store, as they are between two turns. */
typedef struct {
    char path[160];
    uint8_t *bytes;
    size_t size;
} kept_file;

typedef struct {
    sim *world;
    const sim_script *wanted;
    sim_script_outcome *outcome;
    bool counting;                /* the first time */
    bool child;                   /* a crash has happened or is about to */
    bool died_otherwise;          /* the child came to another log that says the same */
    uint64_t turn, point;         /* numbers of the next ones */
    uint64_t feed_from, log_from; /* sequences at the beginning of the step */
    unsigned step;                /* number of this one */
    uint32_t *turn_points;        /* by turn */
    uint8_t *kinds;               /* by point */
    standing *expected;           /* by step */
    unsigned steps;               /* of the whole run */
    sim_options traced;
    copy *dying;
    char image[128]; /* the store it leaves */
    kept_file kept[SIM_DAEMONS * 2];
} script;

/* ---- files ---- */

static void keep_file(kept_file *k, const char *directory, const char *name)
{
    struct stat about;
    int in;

    snprintf(k->path, sizeof k->path, "%s/%s", directory, name);
    in = open(k->path, O_RDONLY | O_CLOEXEC);
    if (in < 0 || fstat(in, &about) != 0)
        abort();
    k->size = (size_t)about.st_size;
    k->bytes = realloc(k->bytes, k->size);
    if (!k->bytes || pread(in, k->bytes, k->size, 0) != (ssize_t)k->size)
        abort();
    close(in);
}

static void put_back(const kept_file *k)
{
    int out = open(k->path, O_WRONLY | O_CLOEXEC);

    if (out < 0 || pwrite(out, k->bytes, k->size, 0) != (ssize_t)k->size ||
        ftruncate(out, (off_t)k->size) != 0)
        abort();
    close(out);
}

static void keep_stores(script *p)
{
    for (unsigned d = 0; d < SIM_DAEMONS; d++) {
        keep_file(&p->kept[2 * d], p->world->copies[d][0].directory, "data.mdb");
        keep_file(&p->kept[2 * d + 1], p->world->copies[d][0].directory, "lock.mdb");
    }
}

/* What the child did to them is undone: no transaction is open here, and none of our memory has
 * seen it. */
static void put_stores_back(const script *p)
{
    for (unsigned i = 0; i < SIM_DAEMONS * 2; i++)
        put_back(&p->kept[i]);
}

/* ---- one crash ---- */

/* Commits write whole files only at their end: whatever moment this is, it is a store. */
static void died(void *context)
{
    script *p = context;
    char data[176], to[176];

    snprintf(data, sizeof data, "%s/data.mdb", p->dying->directory);
    snprintf(to, sizeof to, "%s/data.mdb", p->image);
    if ((mkdir(p->image, 0700) != 0) || !copy_bytes(data, to))
        abort();
}

/* The old process is left as it is: its memory ends with the child. */
static void crash_in_turn(script *p, copy *c, uint64_t at)
{
    bool busy;

    p->dying = c;
    p->traced = *p->world->options;
    p->traced.trace = p->wanted->trace;
    p->world->options = &p->traced;
    sim_say(p->world, "%s dies", c->service.name);
    points_start(at, died, p);
    (void)px_fold_turn(c->fold, &busy);
    (void)points_stop();
    if (access(p->image, F_OK) != 0)
        sim_fail(p->world, "the run was another one: there is no such point");
    snprintf(c->directory, sizeof c->directory, "%s", p->image);
    snprintf(c->config.data_dir, sizeof c->config.data_dir, "%s", p->image);
    copy_start(c);
}

static bool child_was_right(script *p, pid_t pid)
{
    int status;

    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        abort();
    put_stores_back(p);
    remove_files(p->image);
    if (WIFEXITED(status) && WEXITSTATUS(status) == OTHERWISE)
        p->outcome->otherwise++;
    return WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == OTHERWISE);
}

/* @return true in a child, after the crash; the point counted before the turn is its own */
static bool crash_at_each_point(script *p, copy *c)
{
    uint64_t count = p->turn_points[p->turn];
    bool kept = false;

    for (uint64_t i = 0; i < count; i++, p->point++) {
        if (p->point % p->wanted->every != p->wanted->offset)
            continue;
        if (!kept)
            keep_stores(p);
        kept = true;
        fflush(stdout);
        snprintf(p->image, sizeof p->image, "%.100s.crashed", c->directory);
        pid_t pid = fork();
        if (pid == 0) {
            p->child = true;
            crash_in_turn(p, c, i);
            return true;
        }
        p->outcome->played++;
        if (!child_was_right(p, pid)) {
            p->outcome->failed++;
            printf("    at point %" PRIu64
                   ", a %s of %s in step %u; again: simulator --start %" PRIu64 " --point %" PRIu64
                   "\n",
                   p->point, point_kind_names[p->kinds[p->point]], c->service.name, p->step,
                   p->world->options->seed, p->point);
        }
    }
    return false;
}

/* ---- playing ---- */

static void note_kind(script *p, point_kind kind)
{
    if (p->outcome->points == POINTS_MAX)
        sim_fail(p->world, "too many points");
    p->kinds[p->outcome->points++] = (uint8_t)kind;
    p->outcome->by_kind[kind]++;
}

static void count_points(script *p, uint64_t count)
{
    if (p->turn == TURNS_MAX)
        sim_fail(p->world, "too many turns");
    p->turn_points[p->turn] = (uint32_t)count;
    for (uint64_t i = 0; i < count; i++)
        note_kind(p, point_kind_at(i));
}

static bool turn(script *p, copy *c)
{
    bool busy = true;

    if (!p->counting && !p->child && crash_at_each_point(p, c))
        return true;
    points_start((uint64_t)POINTS_NEVER, NULL, NULL);
    copy_turn(c, &busy);
    uint64_t count = points_stop();
    if (p->counting)
        count_points(p, count);
    p->turn++;
    return busy;
}

/* One daemon does all it can before the next one is asked: so it is the same with a crash. */
static bool drive(script *p, copy *c)
{
    unsigned turns = 0;

    while (turn(p, c))
        if (++turns > TURNS_AT_ONCE_MAX)
            sim_fail(p->world, "%s never comes to rest", c->service.name);
    sim_follow(p->world);
    return turns > 0;
}

static void come_to_rest(script *p)
{
    sim *s = p->world;

    for (unsigned idle = 0; idle < IDLE_ROUNDS; idle++)
        for (unsigned d = 0; d < SIM_DAEMONS; d++) {
            if (drive(p, &s->copies[d][0]))
                idle = 0;
            s->copies[d][0].uptime_ms += IDLE_MS;
        }
    submitter_look(s);
}

/* A few at a time, now and then one again; mostly seconds go by, sometimes days. In the story what
 * comes next rests on what was done before. */
static void send_some(sim *s)
{
    unsigned count =
        s->in_order && organisation_tells_story(s) ? 1 : 1 + chance_below(&s->chance, 6);

    s->now_us += chance_between(&s->chance, 1, 60) * 1000000;
    if (chance_hits(&s->chance, 400))
        s->now_us += chance_between(&s->chance, 1, 12) * INT64_C(86400000000);
    for (unsigned i = 0; i < count && s->submission_count < SUBMISSIONS; i++) {
        const submission *sub = organisation_next(s);

        if (sub)
            submitter_send(s, sub);
    }
    if (chance_hits(&s->chance, 1000))
        submitter_send(
            s, &s->submissions[s->submission_count - 1 -
                               chance_below(&s->chance,
                                            s->submission_count < 8 ? s->submission_count : 8)]);
    if (chance_hits(&s->chance, 300))
        organisation_nonsense(s);
}

/* ---- what it came to ---- */

static uint64_t first_bytes(const uint8_t digest[32])
{
    uint64_t value;

    memcpy(&value, digest, sizeof value);
    return value;
}

static uint64_t state_of(const copy *c)
{
    px_txn *view = px_store_read(px_fold_store(c->fold));
    uint8_t digest[32];

    if (!view || px_store_digest(view, digest, NULL) != PX_OK)
        sim_fail(c->world, "%s cannot be read", c->service.name);
    px_txn_abort(view);
    return first_bytes(digest);
}

static uint64_t hash_of(uint64_t before, const char *text, px_bytes bytes)
{
    crypto_generichash_state state;
    uint8_t digest[32];

    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    crypto_generichash_update(&state, (const uint8_t *)&before, sizeof before);
    crypto_generichash_update(&state, (const uint8_t *)text, strlen(text));
    crypto_generichash_update(&state, bytes.data, bytes.size);
    crypto_generichash_final(&state, digest, sizeof digest);
    return first_bytes(digest);
}

/* Rows in the order of each service; old results that were sent again do not count. */
static void read_feed(script *p, standing *now)
{
    sim *s = p->world;

    for (uint64_t seq = p->feed_from + 1; seq <= s->feed_seen; seq++) {
        px_bus_msg *msg;
        const char *id;

        if (px_bus_get(s->bus, px_feed_stream, seq, &msg) != PX_OK)
            sim_fail(s, "feed %" PRIu64 " is not there", seq);
        id = px_bus_msg_header(msg, "Nats-Msg-Id");
        for (unsigned d = 0; id && d < SIM_DAEMONS; d++) {
            size_t size = strlen(sim_services[d]->name);

            if (strncmp(id, sim_services[d]->name, size) == 0 && id[size] == '.') {
                now->feed[d] = hash_of(now->feed[d], id, msg->data);
                now->feed_last++;
            }
        }
        px_bus_msg_free(msg);
    }
}

static void read_reports(sim *s, standing *now)
{
    px_stream_info info = { 0 };

    (void)px_bus_stream_info(s->bus, "KV_PRAXIS_REPORTS", &info);
    for (uint64_t seq = info.first_seq; seq <= info.last_seq; seq++) {
        px_bus_msg *msg;

        if (px_bus_get(s->bus, "KV_PRAXIS_REPORTS", seq, &msg) != PX_OK)
            continue;
        now->reports += hash_of(0, msg->subject, msg->data); /* in whatever order */
        px_bus_msg_free(msg);
    }
}

static standing stand(script *p)
{
    sim *s = p->world;
    standing now = { .log_last = oracle_log_last(s->oracle), .waiting = submitter_waiting(s) };
    uint64_t tag;

    (void)oracle_at(s->oracle, now.log_last, &tag, &now.log_prefix);
    for (unsigned d = 0; d < SIM_DAEMONS; d++) {
        px_stream_info info = { 0 };

        now.stated[d] = oracle_stated_after(s->oracle, sim_services[d]->name, p->log_from);
        now.state[d] = state_of(&s->copies[d][0]);
        (void)px_bus_stream_info(s->bus, s->streams[d], &info);
        now.inbox_messages += info.messages;
    }
    read_feed(p, &now);
    read_reports(s, &now);
    return now;
}

/* A daemon that dies while it empties its inbox reads part of it again, and one that had nothing to
 * say forgets how often: an empty batch more, or at another place. All that follows has other
 * numbers then, so the parts are judged one by one. */
static void judge_another_log(script *p, const standing *now, const standing *then)
{
    sim *s = p->world;

    for (unsigned d = 0; d < SIM_DAEMONS; d++)
        if (now->stated[d] != then->stated[d])
            sim_fail(s, "%s stated something else", sim_services[d]->name);
    oracle_check_feed(s->oracle);
    copies_check_rebuild(s);
    copies_check_reports(s);
    p->died_otherwise = true;
}

/* A value that is put once more says that more was read meanwhile; then its content is judged. */
static void judge_the_same_log(const script *p, const standing *now, const standing *then)
{
    for (unsigned d = 0; d < SIM_DAEMONS; d++) {
        if (now->state[d] != then->state[d])
            sim_fail(p->world, "another projection of %s", sim_services[d]->name);
        if (now->feed[d] != then->feed[d])
            sim_fail(p->world, "other rows of %s on the feed", sim_services[d]->name);
    }
    if (now->reports != then->reports)
        copies_check_reports(p->world);
}

static void compare(script *p, const standing *now)
{
    const standing *then = &p->expected[p->step];

    if (now->waiting != then->waiting)
        sim_fail(p->world, "%" PRIu64 " submissions wait for a result, without a crash %" PRIu64,
                 now->waiting, then->waiting);
    if (now->inbox_messages != then->inbox_messages)
        sim_fail(p->world, "%" PRIu64 " messages in inboxes, without a crash %" PRIu64,
                 now->inbox_messages, then->inbox_messages);
    if (now->log_last == then->log_last && now->log_prefix == then->log_prefix)
        judge_the_same_log(p, now, then);
    else
        judge_another_log(p, now, then);
}

/* ---- all of it ---- */

static void play_step(script *p)
{
    sim *s = p->world;
    standing now;

    p->feed_from = s->feed_seen;
    p->log_from = s->log_seen;
    sim_random_stands(s->options->seed + p->step);
    send_some(s);
    sim_follow(s);
    come_to_rest(p);
    now = stand(p);
    if (p->counting)
        p->expected[p->step] = now;
    else
        compare(p, &now);
    if (p->child)
        _exit(p->died_otherwise ? OTHERWISE : 0);
}

static void play(script *p)
{
    sim *s = p->world;

    s->texts = true;
    s->reuses = s->two_tenants = s->leader = false;
    s->in_order = true;
    s->quiet = true; /* the network */
    for (unsigned d = 0; d < SIM_DAEMONS; d++) {
        bool busy;

        copy_make(s, &s->copies[d][0], d, 0);
        copy_start(&s->copies[d][0]);
        copy_turn(&s->copies[d][0], &busy); /* it makes the streams, and nothing is lost */
    }
    for (p->step = 0; p->step < STEPS_MAX && s->submission_count < SUBMISSIONS; p->step++)
        play_step(p);
    submitter_resend_all(s);
    sim_follow(s);
    come_to_rest(p);
    oracle_check_feed(s->oracle);
    submitter_check(s);
    organisation_check_played(s);
    if (p->counting)
        p->outcome->submissions = s->submission_count;
}

static void run(script *p, const sim_options *options)
{
    sim_outcome *o = &p->outcome->run;

    p->turn = p->point = 0;
    p->world = sim_begin(options, o);
    if (setjmp(p->world->failed) == 0)
        play(p);
    else if (p->child) {
        printf("%s\n", o->why);
        fflush(stdout);
        _exit(1);
    }
    sim_end(p->world);
}

void sim_script_run(const sim_options *options, const sim_script *wanted,
                    sim_script_outcome *outcome)
{
    script p = { .wanted = wanted, .outcome = outcome, .counting = true };

    *outcome = (sim_script_outcome){ 0 };
    p.turn_points = calloc(TURNS_MAX, sizeof *p.turn_points);
    p.expected = calloc(STEPS_MAX, sizeof *p.expected);
    p.kinds = calloc(POINTS_MAX, 1);
    if (!p.turn_points || !p.expected || !p.kinds)
        abort();
    run(&p, options);
    p.counting = false;
    if (!outcome->run.failed)
        run(&p, options);
    outcome->failed += outcome->run.failed;
    for (size_t i = 0; i < PX_COUNT(p.kept); i++)
        free(p.kept[i].bytes);
    free(p.turn_points);
    free(p.kinds);
    free(p.expected);
}
