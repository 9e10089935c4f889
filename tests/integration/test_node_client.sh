#!/bin/sh
# A client in another language against `praxis run`: Node with its usual NATS and protobuf libraries, and
# the README's snippet exactly as it is printed there. The client's transcript is the output.
# Wants PRAXIS_BIN (the built programs). Skipped (77) where Node is not installed.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
client=$root/tests/clients/node
bin=$(cd "${PRAXIS_BIN:-$root/build}" && pwd)
work=$bin/clients/node
deadline_s=60
pid=

for tool in node npm protoc; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "skipped: there is no $tool (Debian: apt-get install nodejs npm protobuf-compiler)"
        exit 77
    fi
done

dir=$(mktemp -d)
finish() {
    if [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null; then
        wait "$pid" || true
    fi
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

fail() {
    echo "test_node_client: $*" >&2
    [ ! -f "$dir/run.log" ] || sed 's/^/  run: /' "$dir/run.log" >&2
    exit 1
}

# --- the client, beside the programs: its libraries are installed once ------------------------------
prepare() {
    mkdir -p "$work/gen"
    cp "$client/package.json" "$client/package-lock.json" "$client"/*.mjs "$work"
    if ! cmp -s "$work/package-lock.json" "$work/node_modules/.installed-lock"; then
        (cd "$work" && npm ci --no-audit --no-fund --loglevel=error) || fail "npm ci failed"
        cp "$work/package-lock.json" "$work/node_modules/.installed-lock"
    fi
    # Only what integrators see: neither the facts nor the log.
    # shellcheck disable=SC2046 # a list of files is meant to split
    protoc -I "$root/proto" --plugin="$work/node_modules/.bin/protoc-gen-es" \
        --es_out="$work/gen" --es_opt=target=js,import_extension=js \
        $(cd "$root/proto" && find praxis -path '*/v1/*.proto' \
            -not -path '*/fact/*' -not -path 'praxis/log/*') || fail "protoc failed"
}

# --- praxis run, on ports that nobody has -------------------------------------------------------------
start() {
    # Six in a row: nats-server, then the health of the five daemons.
    port=$(node -e '
        const net = require("net");
        const free = (port) => new Promise((resolve) => {
            const server = net.createServer().once("error", () => resolve(false));
            server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
        });
        (async () => {
            for (;;) {
                const first = 20000 + Math.floor(Math.random() * 10000);
                const all = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => free(first + i)));
                if (all.every(Boolean))
                    return console.log(first);
            }
        })();')
    "$bin/praxis" run --dir "$dir/praxis" --port "$port" --health-base $((port + 1)) \
        --tenant acme --source hris > "$dir/run.log" 2>&1 &
    pid=$!
    end=$(($(date +%s) + deadline_s))
    until grep -q "Praxis is ready" "$dir/run.log"; do
        kill -0 "$pid" 2>/dev/null || fail "praxis run ended"
        [ "$(date +%s)" -lt "$end" ] || fail "praxis run was not ready within $deadline_s s"
        sleep 0.1
    done
}

stop() {
    kill -TERM "$pid"
    wait "$pid" || fail "praxis run ended with $? after SIGTERM"
    pid=
}

# --- the README's snippet, from the top of the repository -----------------------------------------------
publish() { # <what the result has to contain> <arguments of the snippet>...
    wanted=$1
    shift
    echo "  \$ node publish-review.mjs $*"
    result=$(cd "$root" && PRAXIS_DIR=$dir/praxis timeout "$deadline_s" \
        node "$work/publish-review.mjs" "$@") || fail "publish-review.mjs $* failed"
    echo "  $result"
    case $result in
    *"$wanted"*) ;;
    *) fail "the result has no $wanted" ;;
    esac
}

in_readme() {
    [ -f "$root/README.md" ] && grep -q publish-review "$root/README.md" || return 0
    node -e '
        const [readme, snippet] = process.argv.slice(1)
            .map((file) => require("fs").readFileSync(file, "utf8"));
        process.exit(readme.includes(snippet) ? 0 : 1);' \
        "$root/README.md" "$client/publish-review.mjs" ||
        fail "README.md does not show tests/clients/node/publish-review.mjs as it is"
}

prepare
start
echo "== The README's snippet, before there is anybody to rate"
publish '"code":"ACTOR_UNKNOWN"' y-1 p-mia p-ada c-sql 2
echo
timeout 200 node "$work/loop.mjs" "$dir/praxis" || fail "the client failed"
echo
echo "== The README's snippet, with people, and once more"
publish '"accepted":{' y-1 p-mia p-ada c-sql 2
publish '"code":"REVIEW_EXISTS"' y-1 p-mia p-ada c-sql 2
in_readme
stop
