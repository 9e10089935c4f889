#!/bin/sh
# The README's table of refusals is the one the code has.
set -eu
readme="$PRAXIS_SOURCE/README.md"
table=$(mktemp)
trap 'rm -f "$table"' EXIT
"$PRAXIS_BIN/praxis" reasons --markdown > "$table"
awk '/^\| code \| meaning \|$/ { on = 1 } on && !/^\|/ { exit } on' "$readme" | diff -u - "$table" || {
  echo "README.md: replace the table under \"What can be refused\" by the output of build/praxis reasons --markdown" >&2
  exit 1
}
