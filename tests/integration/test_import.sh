#!/bin/sh
# test_import.sh: frameworks through the real importer and daemons (C9, I2, I6): O*NET by mapping files
# alone, beside a framework from Moodle; what is exported and imported again changes nothing; a large file
# is checked, cut off, and gone on with.
set -eu

bin=${PRAXIS_BIN:-build}
source=${PRAXIS_SOURCE:-.}
maps=$source/services/praxis/demo/mappings
scratch=$(mktemp -d)
run=
stop() {
    [ -z "$run" ] || kill "$run" 2> "$scratch/kill" || :
    [ -z "$run" ] || wait "$run" 2> "$scratch/wait" || :
    rm -rf "$scratch"
}
trap stop EXIT

fail() {
    echo "test_import: $1" >&2
    cat "$scratch/out" "$scratch/err" "$scratch/run" >&2
    exit 1
}
praxis() {
    PRAXIS_DIR="$scratch/dir" "$bin/praxis" "$@" > "$scratch/out" 2> "$scratch/err"
}
says() {
    grep -qF -- "$1" "$scratch/out" || fail "does not say: $1"
}
# How far the log is known to competency.
log_end() {
    praxis query competency GetFramework framework_id=onet --json || fail "no framework"
    sed -n 's/.*"asOfSeq": *"\{0,1\}\([0-9]*\).*/\1/p' "$scratch/out"
}
# Facts that the rows of an import brought: a row known by its id is answered as it was the first time.
facts_after() {
    sed -n 's/.*"logSeq": *"\{0,1\}\([0-9]*\).*"facts": *\([0-9]*\).*/\1 \2/p' "$scratch/out" |
        awk -v before="$1" '$1 > before { n += $2 } END { print n + 0 }'
}

# Ports that nobody has: tried until a server stays.
answers() {
    for _ in $(seq 300); do
        kill -0 "$run" 2> "$scratch/kill" || return 1
        if praxis query competency ListCompetencies --wait 5; then
            return 0
        fi
        sleep 0.2
    done
    return 1
}
tries=0
until [ -n "$run" ] && answers; do
    [ "$tries" -lt 5 ] || fail "praxis run does not start"
    tries=$((tries + 1))
    [ -z "$run" ] || kill "$run" 2> "$scratch/kill" || :
    port=$((20000 + ($$ * 7 + tries * 1013) % 20000))
    rm -rf "$scratch/dir"
    "$bin/praxis" run --dir "$scratch/dir" --port "$port" --health-base $((port + 10)) \
        > "$scratch/run" 2>&1 &
    run=$!
done

# O*NET, whole, without code; twice, the second time from nothing known here.
praxis import "$maps/onet.json" || fail "O*NET was refused"
says 'onet_competencies.json: 35 rows: 35 accepted, 0 refused'
says 'onet_roles.json: 130 rows: 130 accepted, 0 refused'
says 'onet_targets.json: 4550 rows: 3963 accepted, 0 refused, 587 skipped'
praxis query competency GetRole role_id=onet-11-1011_00 --json || fail "no role"
grep -q '"levelName": "5"' "$scratch/out" || fail "no target at the nearest level"

# Out and in again, in each format: nothing changes.
for format in csv moodle case; do
    praxis export onet --format $format --output "$scratch/onet.$format" || fail "export $format"
    case $format in csv) map=framework.json ;; *) map=$format.json ;; esac
    before=$(log_end)
    praxis import "$maps/$map" "$scratch/onet.$format" --json --state "$scratch/state.$format" ||
        fail "import of $format"
    [ "$(grep -c '"accepted"\|ACCEPTED' "$scratch/out")" -ge 35 ] || fail "not all of $format were answered"
    [ "$(facts_after "$before")" = 0 ] || fail "facts by what changes nothing ($format)"
done

# One title changed: one fact, no twin.
sed 's/Reading Comprehension/Reading/' "$scratch/onet.csv" > "$scratch/changed.csv"
before=$(log_end)
praxis import "$maps/framework.json" "$scratch/changed.csv" --json || fail "import of a change"
[ "$(facts_after "$before")" = 1 ] || fail "not one fact by one change"
praxis query competency GetFramework framework_id=onet --json || fail "no framework"
grep -q '"competencies": 35' "$scratch/out" || fail "a twin was made"
