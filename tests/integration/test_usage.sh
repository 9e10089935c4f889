#!/bin/sh
# test_usage.sh: what somebody sees who types a command for the first time, or a wrong one. Nothing is running.
set -eu

bin=${PRAXIS_BIN:-build}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "test_usage: $1" >&2
    cat "$scratch/out" "$scratch/err" >&2
    exit 1
}
ends_with() { # <exit code> <argument>...
    wanted=$1
    shift
    code=0
    PRAXIS_DIR="$scratch/dir" "$bin/praxis" "$@" > "$scratch/out" 2> "$scratch/err" || code=$?
    [ "$code" -eq "$wanted" ] || fail "praxis $*: exit code $code, not $wanted"
}
says() { # <words>: the only line on stderr has them
    grep -qF -- "$1" "$scratch/err" || fail "does not say: $1"
    [ "$(grep -c '' "$scratch/err")" -eq 1 ] || fail "more than one line"
}

# Every command explains itself, in lines that fit, and knows a flag that it has not.
ends_with 0 help
commands=$(sed -n 's/^  \([a-z][a-z-]*\)  *[a-z].*/\1/p' "$scratch/out" | grep -v '^praxis$')
[ "$(echo "$commands" | wc -l)" -ge 18 ] || fail "commands are missing"
for command in $commands; do
    ends_with 0 help "$command"
    grep -q "^usage: praxis $command" "$scratch/out" || fail "no usage of $command"
    [ -z "$(awk 'length($0) > 100' "$scratch/out")" ] || fail "a line of $command is too long"
    ends_with 2 "$command" --nonsense
    says "praxis $command: --nonsense: there is no such flag (--help says more)"
done
ends_with 2 nonsense
says 'there is no command "nonsense" (praxis help lists them)'

# Without an installation they say how to get one.
for command in verify whatif\ --hours=8 tail submit query\ competency\ ListCompetencies explain\ p1 erase\ p1\ --yes \
    export\ ddat snapshot\ --all backup\ --to=x rotate-key; do
    # shellcheck disable=SC2086 # a command and its words are meant to split
    ends_with 2 $command
    says 'holds no connection: start `praxis run --dir'
done

# A service, a question, a field: what there is instead.
ends_with 2 query competence GetRole
says 'there is no service "competence"; there are feedback-ingest, review-cycle'
ends_with 2 query competency
says 'competency needs a question; it answers GetCompetency, GetFramework'
ends_with 2 query competency GetRoles
says 'competency has no question GetRoles; it answers GetCompetency, GetFramework'
ends_with 2 query competency GetRole role=clerk
says 'GetRole has no field "role"; it has: role_id'
ends_with 2 rebuild nobody
says 'there is no service nobody; there are feedback-ingest'
ends_with 2 snapshot
says 'name the services, or give --all'
ends_with 2 run --port 70000
says 'must be a whole number from 1 to 65535'
ends_with 1 run --dir "$scratch/new" --source operator
says 'no source has the name of a daemon, operator, keeper or sys'
