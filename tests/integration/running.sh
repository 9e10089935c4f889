# shellcheck shell=sh disable=SC2034
# running.sh: an installation of `praxis run` for a test script, which reads this file first. Ports that nobody has;
# gone with the script.
bin=${PRAXIS_BIN:-build}
source=${PRAXIS_SOURCE:-.}
scratch=$(mktemp -d)
run=
stop() {
    [ -z "$run" ] || kill "$run" 2> "$scratch/kill" || :
    [ -z "$run" ] || wait "$run" 2> "$scratch/wait" || :
    rm -rf "$scratch"
}
trap stop EXIT

fail() {
    echo "$(basename "$0" .sh): $1" >&2
    cat "$scratch/out" "$scratch/err" "$scratch/run" >&2
    exit 1
}
praxis() {
    PRAXIS_DIR="$scratch/dir" "$bin/praxis" "$@" > "$scratch/out" 2> "$scratch/err"
}
says() {
    grep -qF -- "$1" "$scratch/out" || fail "does not say: $1"
}
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
