#!/bin/sh
# test_demo.sh: the whole of Praxis as `praxis demo` shows it: everything loaded, the story told to
# its end, the projections verified, nothing left behind.
set -eu

bin=${PRAXIS_BIN:-build}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/tmp"

fail() {
    echo "test_demo: $1" >&2
    cat "$scratch/out" "$scratch/err" >&2
    exit 1
}

TMPDIR="$scratch/tmp" PRAXIS_DEMO_DATA="${PRAXIS_SOURCE:-.}/services/praxis/demo" \
    "$bin/praxis" demo > "$scratch/out" 2> "$scratch/err" || fail "exit code $?"
[ -s "$scratch/err" ] && fail "something was said on stderr"

# Lines are wrapped: look at them as one.
tr -s ' \n' '  ' < "$scratch/out" > "$scratch/text"

says() {
    grep -qF -- "$1" "$scratch/text" || fail "does not say: $1"
}
says '188 of 188 competencies'
says '205 of 205 roles'
says '1,781 of 1,809 role targets'
says '571 of 571 learning items'
says '28 role targets were refused, because the framework gives them "NOT IN USE"'
says 'Chief technology officer: Capability building for digital, data and technology;'
says 'withheld: it could point at fewer than 5 people'
says 'follow-ups fell due;'
says 'were answered by new ratings: the level was reached in'
says '4,129 of 4,716 rows of O*NET'
says '48 people have that plan at once'
says 'everybody in "Block 3: Platform" is to have Information security at level 3.0 by 1 Oct 2026'
says 'have a plan for it, 0 refused. [InitiativeProgress]'
says '2. ISSUE Information security, as in 1.'
says 'A rebuild from the log gives the same bytes.'

# The story in its order: rating, gap, plan, learning, gap closed, follow-up.
story='rates p-012 in 10 competencies: Information security 2 of 5.*A GAP OPENS in Information security'
story="$story.*A LEARNING PLAN is proposed.*ISSUE Information security.*LEARNING .*FOLLOW-UP to be done by"
story="$story.*p-012 starts .*p-012 completes .*THE GAP CLOSES in Information security.*THE FOLLOW-UP is due.*THE FOLLOW-UP is answered by new ratings"
grep -q "$story" "$scratch/text" || fail "the story is not told in its order"
[ "$(grep -c 'A GAP OPENS' "$scratch/out")" -eq 1 ] || fail "p-012 has another gap than the story's"

[ -z "$(ls -A "$scratch/tmp")" ] || fail "a directory is left behind"

# A directory with something in it is not taken.
mkdir "$scratch/full"
echo mine > "$scratch/full/file"
if "$bin/praxis" demo --dir "$scratch/full" --data "${PRAXIS_SOURCE:-.}/services/praxis/demo" \
    > "$scratch/out" 2> "$scratch/err"; then
    fail "a directory that is not empty was taken"
fi
grep -q 'is not empty' "$scratch/err" || fail "does not say that the directory is not empty"
[ "$(cat "$scratch/full/file")" = mine ] || fail "a file of somebody else's was touched"
