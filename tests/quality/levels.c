/* levels.c: the daemon's hear.h and state.h on a store in memory. */
#include "tests/quality/levels.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/record.h"
#include "common/store.h"
#include "services/competency/hear.h"

struct levels {
    char directory[64];
    px_store *store;
    px_txn *txn;
    uint64_t seq, refs;
};

static const int64_t WEEK_US = INT64_C(7) * 86400 * 1000000;
static const int64_t START_US = INT64_C(1767571200000000);

/* Ids of one key; level_key points into them. */
typedef struct {
    char person[PX_ID_SIZE], competency[PX_ID_SIZE];
    level_key key;
} key_ids;

static void die(const char *what)
{
    fprintf(stderr, "quality: %s\n", what);
    exit(2);
}

static void ids_of(key_ids *ids, int key)
{
    snprintf(ids->person, sizeof ids->person, "p%03d", key / COMPETENCIES);
    snprintf(ids->competency, sizeof ids->competency, "c%02d", key % COMPETENCIES);
    ids->key = (level_key){ "t", ids->person, ids->competency };
}

static int64_t time_of(int week)
{
    return START_US + week * WEEK_US;
}

double levels_days(int week)
{
    return px_days(time_of(week));
}

static void begin(levels *l)
{
    l->txn = px_store_begin(l->store);
    px_txn_set_seq(l->txn, ++l->seq);
}

levels *levels_open(void)
{
    levels *l = calloc(1, sizeof *l);
    const char *root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    bool fresh;

    if (!l)
        die("out of memory");
    snprintf(l->directory, sizeof l->directory, "%s/praxis-quality-XXXXXX", root);
    if (!mkdtemp(l->directory) ||
        px_store_open(&l->store, &(px_store_options){ .directory = l->directory, .layout = 1 },
                      &fresh) != PX_OK)
        die("cannot make a store");
    begin(l);
    return l;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info, (void)type, (void)place;
    return remove(path);
}

void levels_close(levels *l)
{
    px_txn_abort(l->txn);
    px_store_close(l->store);
    nftw(l->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(l);
}

void levels_commit(levels *l)
{
    if (px_txn_commit(l->txn) != PX_OK)
        die("cannot commit");
    begin(l);
}

void levels_digest(levels *l, uint8_t digest[32])
{
    if (px_store_digest(l->txn, digest, NULL) != PX_OK)
        die("cannot read the state");
}

/* ---- evidence ---- */

static void hear(levels *l, int key, int week, evidence *e)
{
    key_ids ids;

    ids_of(&ids, key);
    e->at_us = time_of(week);
    if (e->ref[0] == '\0')
        snprintf(e->ref, sizeof e->ref, "r%06u", (unsigned)++l->refs);
    hear_evidence(l->txn, &ids.key, e);
}

static void hash_person(int person, uint8_t out[PX_METHOD_ID])
{
    char id[PX_ID_SIZE];

    snprintf(id, sizeof id, "p%03d", person);
    competency_state_hash(id, out);
}

void levels_rate(levels *l, int key, int week, int rater, px_evidence source, double value)
{
    evidence e = { .kind = EVIDENCE_RATING, .source = source, .value = value };

    hash_person(rater, e.rater);
    hear(l, key, week, &e);
}

void levels_tag(levels *l, int key, int week, int tag)
{
    evidence e = { .kind = EVIDENCE_TAG, .value = (double)tag };

    hear(l, key, week, &e);
}

void levels_assess(levels *l, int key, int week, double score)
{
    evidence e = { .kind = EVIDENCE_ASSESSMENT, .value = score };

    hear(l, key, week, &e);
}

static standing standing_of(levels *l, int key)
{
    key_ids ids;

    ids_of(&ids, key);
    return competency_state_get_standing(l->txn, &ids.key);
}

bool levels_complete(levels *l, int key, int week, int item, const world_item *it, double share)
{
    evidence e = { .kind = EVIDENCE_COMPLETION,
                   .share = share,
                   .low = it->low,
                   .high = it->high,
                   .effect = px_effect_start(it->kind, it->hours) };
    uint32_t before = standing_of(l, key).completions;

    snprintf(e.ref, sizeof e.ref, "i%03d", item);
    competency_state_hash(e.ref, e.item);
    hear(l, key, week, &e);
    return standing_of(l, key).completions > before;
}

/* ---- looks ---- */

bool levels_next_look(levels *l, int key, observed_record *out)
{
    uint64_t number = 0;
    key_ids ids;

    ids_of(&ids, key);
    if (!competency_state_next_observed(l->txn, &ids.key, &number, out))
        return false;
    competency_state_del_observed(l->txn, &ids.key, number);
    return true;
}

/* What reconcile states, and then evolve does. */
bool levels_follow_up(levels *l, int key, int week, observed_record *out)
{
    standing s = standing_of(l, key);
    key_ids ids;

    ids_of(&ids, key);
    if (s.follow_up_us == 0 || s.follow_up_us > time_of(week))
        return false;
    *out = follow_up_look(l->txn, &ids.key, &s, s.level.days).observed;
    hear_follow_up(l->txn, &ids.key);
    return true;
}

/* ---- what comes out ---- */

bool levels_heard(levels *l, int key)
{
    return standing_of(l, key).known;
}

px_estimate levels_estimate(levels *l, int key, int week)
{
    standing s = standing_of(l, key);

    if (!s.known)
        px_level_init(&s.level, levels_days(week));
    return px_level_estimate(&s.level, levels_days(week));
}

bool levels_effect(levels *l, int item, int competency, px_effect *out)
{
    char id[PX_ID_SIZE], competency_id[PX_ID_SIZE];
    uint8_t hash[PX_METHOD_ID];
    item_record record;

    snprintf(id, sizeof id, "i%03d", item);
    snprintf(competency_id, sizeof competency_id, "c%02d", competency);
    competency_state_hash(id, hash);
    if (!competency_state_get_item(l->txn, "t", hash, competency_id, &record))
        return false;
    *out = record.effect;
    return true;
}
