#!/bin/sh
# test_history.sh: years of another system's records, taken over in bulk (I6): all of it counts as of its own dates, and
# none of it makes a plan, a task or a date to wait for. What is said today does, and rests on both.
set -eu

# shellcheck source=running.sh
. "$(dirname "$0")/running.sh"
people=${PRAXIS_HISTORY_PEOPLE:-200}
seq=0

# Lines of service, tab, body; each comes after what was said before is known everywhere.
say() {
    awk -F '\t' -v seq="$seq" '{
        printf "{\"service\":\"%s\",\"submission\":{\"submissionId\":\"s-%s-%s\",\"afterSeq\":\"%s\",%s}}\n", $1, seq, NR, seq, $2
    }' > "$scratch/lines"
    praxis submit "$scratch/lines" --json --bundle 100 || fail "refused"
    seq=$(sed -n 's/.*"logSeq": *\([0-9]*\).*/\1/p' "$scratch/out" | sort -n | tail -n 1)
}

# ---- today: who works here, what is asked, what can be learned ----
say <<'EOT'
feedback-ingest	"recordUnit":{"unitId":"ledger","label":"Ledger"}
competency	"defineCompetency":{"competencyId":"accuracy","title":"Accuracy","family":2,"validDays":365,"levels":[{"name":"1"},{"name":"2"},{"name":"3"},{"name":"4"},{"name":"5"}]}
competency	"defineRole":{"roleId":"clerk","title":"Ledger clerk"}
review-cycle	"defineScale":{"scaleId":"five","version":1,"values":[{"value":1,"label":"1"},{"value":2,"label":"2"},{"value":3,"label":"3"},{"value":4,"label":"4","proficient":true},{"value":5,"label":"5","proficient":true}],"defaultValue":3}
EOT
say <<'EOT'
feedback-ingest	"recordPerson":{"personId":"boss","unitId":"ledger","active":true}
competency	"setRoleTarget":{"roleId":"clerk","competencyId":"accuracy","levelName":"4","weight":1}
learning-recommender	"defineCatalogueItem":{"itemId":"sheets","title":"Spreadsheets","kind":1,"hours":6,"outcomes":[{"competencyId":"accuracy","share":1,"levelFrom":1,"levelTo":4}]}
learning-recommender	"defineCatalogueItem":{"itemId":"figures","title":"Checking figures","kind":1,"hours":6,"outcomes":[{"competencyId":"accuracy","share":1,"levelFrom":1,"levelTo":4}]}
review-cycle	"defineCycle":{"cycleId":"y2024","label":"2024","startsAt":"2024-01-01T00:00:00Z","scaleId":"five","scaleVersion":1}
EOT
awk -v people="$people" 'BEGIN {
    for (i = 1; i <= people; i++)
        print "feedback-ingest\t\"recordPerson\":{\"personId\":\"p" i "\",\"managerId\":\"boss\",\"unitId\":\"ledger\",\"active\":true}"
    print "review-cycle\t\"moveCycle\":{\"cycleId\":\"y2024\",\"to\":\"CYCLE_PHASE_SCHEDULED\"}"
}' > "$scratch/today"
say < "$scratch/today"
awk -v people="$people" 'BEGIN {
    for (i = 1; i <= people; i++)
        print "competency\t\"assignRole\":{\"personId\":\"p" i "\",\"roleId\":\"clerk\"}"
    print "review-cycle\t\"moveCycle\":{\"cycleId\":\"y2024\",\"to\":\"CYCLE_PHASE_WRITING\"}"
}' > "$scratch/today"
say < "$scratch/today"

# ---- the past: tests of 2021, courses of 2022, certificates of 2023, reviews of 2024 ----
cat > "$scratch/tests.json" <<'JSON'
{"file": "past.csv", "service": "competency", "type": "RecordAssessment", "id": "t-{person}-{#}", "occurred_at": "2021-05-04",
 "fields": {"assessment_id": "t-{person}", "person_id": "{person}", "competency_id": "accuracy", "score": {"column": "score", "type": "number"}}}
JSON
cat > "$scratch/courses.json" <<'JSON'
{"file": "past.csv", "service": "learning-recommender", "type": "CompleteItem", "id": "c-{person}-{#}", "occurred_at": "2022-06-07",
 "actor": "{person}", "fields": {"person_id": "{person}", "item_id": "sheets"}}
JSON
cat > "$scratch/certificates.json" <<'JSON'
{"file": "past.csv", "service": "competency", "type": "RecordEvidence", "id": "e-{person}-{#}", "occurred_at": "2023-07-08",
 "fields": {"evidence_id": "e-{person}", "person_id": "{person}", "competency_id": "accuracy", "source": "EVIDENCE_SOURCE_OBSERVATION",
  "action": "EVIDENCE_ACTION_COMPLETE"}}
JSON
cat > "$scratch/reviews.json" <<'JSON'
{"file": "past.csv", "service": "review-cycle", "type": "SubmitReview", "id": "r-{person}-{#}", "occurred_at": "{reviewed}", "actor": "boss",
 "fields": {"review_id": "r-{person}", "cycle_id": "y2024", "subject_id": "{person}", "relation": "RELATION_MANAGER",
  "ratings": [{"competency_id": "accuracy", "value": {"column": "rated", "type": "int"}}]}}
JSON
awk -v people="$people" 'BEGIN {
    print "person,score,reviewed,rated"
    for (i = 1; i <= people; i++)
        print "p" i ",1.5,2024-03-" sprintf("%02d", 1 + i % 28) "," 1 + i % 2
}' > "$scratch/past.csv"
for table in tests courses certificates reviews; do
    praxis import "$scratch/$table.json" --history --after-seq "$seq" || fail "history was refused"
    says "$table.json: $people rows: $people accepted, 0 refused"
done

# ---- today again: one of them is rated, and that makes a plan ----
PRAXIS_DIR="$scratch/dir" "$bin/praxis" tail --json > "$scratch/feed" 2> "$scratch/err" &
tail=$!
trap 'kill "$tail" 2> "$scratch/kill" || :; stop' EXIT
happens() { # <how often> <event>
    for _ in $(seq 600); do
        [ "$(grep -c "\"type\":\"praxis[.a-z_0-9]*[.]$2\"" "$scratch/feed")" -lt "$1" ] || return 0
        sleep 0.1
    done
    fail "not $1 times on the feed: $2"
}
happens "$people" GapOpened
[ "$(grep '[.]GapOpened"' "$scratch/feed" | grep -c '"fromHistory":true')" -eq "$people" ] ||
    fail "a gap does not say that it is from history"
say <<'EOT'
competency	"recordAssessment":{"assessmentId":"today","personId":"p1","competencyId":"accuracy","score":1.5}
EOT
happens 1 PlanProposed

# Nothing else was planned, asked for, or announced as due.
said=$(sed -n 's/.*"type":"praxis[.]learning_recommender[.]v1[.]\([A-Za-z]*\)".*/\1/p' "$scratch/feed" | sort | uniq -c | tr -s ' \n' ' ')
[ "$said" = " 2 CatalogueItemDefined $people ItemCompleted 1 PlanProposed " ] || fail "learning-recommender said:$said"
if grep -E '[.](CompetencyExpir|FollowUp|LatentNeed)' "$scratch/feed" > "$scratch/out"; then
    fail "a date or a need out of the past"
fi
grep '[.]PlanProposed"' "$scratch/feed" | grep -q '"personId":"p1"' || fail "the plan is somebody else's"
for person in p2 "p$people"; do
    if praxis explain "$person" --viewer boss; then
        fail "$person has a plan"
    fi
done

# Everything has its own date: reviews on the feed, and what the plan rests on.
dated() { # <event> <its date as it is in the data>
    [ "$(grep "[.]$1\"" "$scratch/feed" | grep -c "$2")" -eq "$people" ] || fail "an event $1 without its own date"
}
dated ReviewSubmitted '"occurredAt":"2024-03-'
dated ItemCompleted '"completedAt":"2022-06-07T00:00:00Z"'
praxis query review-cycle GetReview review_id=r-p2 --viewer boss --json || fail "no review"
grep -q '2024-03-03' "$scratch/out" || fail "the review has lost its date"
praxis explain p1 --viewer boss || fail "no plan to explain"
says 'manager boss rated 2 of 5 on 2 March 2024 in cycle y2024, review r-p1'

# All of it from the log alone.
praxis verify || fail "a projection differs"
