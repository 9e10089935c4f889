#!/bin/sh
# test_import.sh: frameworks through the real importer and daemons (C9, I2, I6): O*NET by mapping files
# alone, beside a framework from Moodle; what is exported and imported again changes nothing; a large file
# is checked, cut off, and gone on with.
set -eu

# shellcheck source=running.sh
. "$(dirname "$0")/running.sh"
maps=$source/services/praxis/demo/mappings

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

# A large file: every bad row is named with its code, and nothing is sent.
rows=${PRAXIS_IMPORT_ROWS:-100000}
awk -v rows="$rows" 'BEGIN {
    print "id,title"
    for (i = 1; i <= rows; i++)
        print (i % 1000 == 0 ? "no good id" : "bulk-" i) "," (i % 1500 == 0 ? "" : "Role " i)
}' > "$scratch/roles.csv"
bad=$(awk -F, 'NR > 1 && ($1 == "no good id" || $2 == "")' "$scratch/roles.csv" | grep -c .)
cat > "$scratch/roles.json" <<'JSON'
{"file": "roles.csv", "service": "competency", "type": "DefineRole", "id": "role-{id}-{#}",
 "fields": {"role_id": "{id}", "title": "{title}"}}
JSON
if praxis import "$scratch/roles.json" --dry-run --all; then
    fail "bad rows were not refused"
fi
says "roles.json: $rows rows: $((rows - bad)) would be sent, $bad refused"
[ "$(grep -c 'roles.csv line' "$scratch/out")" -eq "$bad" ] || fail "not every bad row is named"
says 'FIELD_INVALID role_id'
says 'FIELD_MISSING title'

# The real run is cut off, gone on with, and comes again without effect.
good=$(awk -v rows="$rows" 'BEGIN { for (i = 1; i <= rows; i++) if (i % 1000 && i % 1500) n++; print n }')
PRAXIS_DIR="$scratch/dir" "$bin/praxis" import "$scratch/roles.json" --json > "$scratch/cut" 2> "$scratch/err" &
cut=$!
until [ "$(grep -c accepted "$scratch/cut")" -ge 500 ] || ! kill -0 "$cut" 2> "$scratch/kill"; do
    sleep 0.05
done
kill -INT "$cut" 2> "$scratch/kill" || :
wait "$cut" || :
if praxis import "$scratch/roles.json"; then
    fail "bad rows were not refused by the daemon"
fi
grep -q 'imported before' "$scratch/out" || fail "it did not go on where it was cut off"
if praxis import "$scratch/roles.json"; then
    fail "bad rows were not refused again"
fi
says "roles.json: $rows rows: 0 accepted, $bad refused, $good imported before"
