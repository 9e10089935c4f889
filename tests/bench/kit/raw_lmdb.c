#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/status.h"
#include "tests/bench/kit/clock.h"
#include "tests/bench/kit/raw.h"
#include "tests/bench/kit/usage.h"

enum { KEYS = 120000, KEY_SIZE = 24, VALUE_SIZE = 40, UPDATES_PER_TXN = 20000 };

static void must(int status, const char *what)
{
    if (status != 0)
        bench_fail("raw LMDB: %s: %s", what, mdb_strerror(status));
}

/* The next of a fixed row of random numbers (splitmix64). */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void update(MDB_cursor *cursor, size_t number)
{
    char name[64], value[VALUE_SIZE] = { 0 };
    MDB_val key = { KEY_SIZE, name }, old, new = { VALUE_SIZE, value };

    snprintf(name, sizeof name, "person-%08zu-skill-%02zu", number / 12, number % 12);
    int found = mdb_cursor_get(cursor, &key, &old, MDB_SET_KEY);
    if (found == 0)
        memcpy(value, old.mv_data, VALUE_SIZE);
    else if (found != MDB_NOTFOUND)
        must(found, "get");
    value[number % VALUE_SIZE]++;
    key = (MDB_val){ KEY_SIZE, name };
    must(mdb_cursor_put(cursor, &key, &new, found == 0 ? MDB_CURRENT : 0), "put");
}

static void update_some(MDB_env *env, size_t count, uint64_t *random)
{
    MDB_txn *txn;
    MDB_dbi dbi;
    MDB_cursor *cursor;

    must(mdb_txn_begin(env, NULL, 0, &txn), "begin");
    must(mdb_dbi_open(txn, NULL, 0, &dbi), "open");
    must(mdb_cursor_open(txn, dbi, &cursor), "cursor");
    for (size_t i = 0; i < count; i++)
        update(cursor, draw(random) % KEYS);
    mdb_cursor_close(cursor);
    must(mdb_txn_commit(txn), "commit");
}

bench_raw bench_raw_lmdb(const bench_world *world, size_t updates)
{
    char path[512];
    uint64_t random = 1;
    MDB_env *env;

    snprintf(path, sizeof path, "%s/raw-lmdb", bench_world_directory(world));
    mkdir(path, 0700);
    must(mdb_env_create(&env), "create");
    must(mdb_env_set_mapsize(env, (size_t)1 << 30), "map");
    must(mdb_env_open(env, path, MDB_NOSYNC, 0600), "open");
    for (size_t done = 0; done < KEYS; done += UPDATES_PER_TXN) /* so that most keys are there */
        update_some(env, UPDATES_PER_TXN, &random);
    bench_usage before = bench_usage_read(world);
    for (size_t done = 0; done < updates; done += UPDATES_PER_TXN)
        update_some(env, updates - done < UPDATES_PER_TXN ? updates - done : UPDATES_PER_TXN,
                    &random);
    bench_usage used = bench_usage_since(world, &before);
    mdb_env_close(env);
    return (bench_raw){ .rate = (double)updates / used.seconds,
                        .own_us = used.bench_cpu_s / (double)updates * 1e6,
                        .others = bench_usage_others(&used) };
}
