#!/bin/sh
# run.sh - install what the tests need, build, and run `make check`
#
# With CI=true also the unit tests, the tools' tests and the fuzz corpora under
# AddressSanitizer and UBSan. The last line is "N passed, N failed, N skipped";
# the lines above it repeat what was skipped, and why, and what failed. The exit
# status is 1 where anything failed.
set -u
if [ $# -ne 0 ]; then
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
cd "$(dirname "$0")/.." || exit 1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# make [argument...]: what it prints is logged; a target that fails without a
# "not ok" of its own is one failure.
run() {
    before=$(grep -c '^not ok' "$log")
    { make "$@" 2>&1 || echo "not ok - make $* # ended badly"; } |
        awk '/^not ok - make .* # ended badly$/ { held = $0; next }
             /^not ok/ { failed = 1 }
             { print; fflush() }
             END { if (held != "" && !failed) print held }' | tee -a "$log"
    [ "$(grep -c '^not ok' "$log")" -eq "$before" ]
}

jobs=-j$(nproc 2> /dev/null || echo 2)
if sh examples/packages.sh build test && run "$jobs" WERROR=-Werror all tests; then
    run -k WERROR=-Werror check
    if [ "${CI-}" = true ]; then
        run -k "$jobs" SAN=1 BUILD=build-san BIN=build-san/bin WERROR=-Werror \
            all tests
        run -k SAN=1 BUILD=build-san BIN=build-san/bin WERROR=-Werror \
            check-unit check-cmd check-fuzz
    fi
else
    grep -q '^not ok' "$log" || echo 'not ok - packages' | tee -a "$log"
fi
failed=$(grep -c '^not ok' "$log")
skipped=$(grep -c '^ok.*# skip' "$log")
passed=$(($(grep -c '^ok' "$log") - skipped))
grep '^ok.*# skip' "$log" | sed 's/^ok [0-9]* *-* */skipped: /; s/# skip */- /'
grep '^not ok' "$log" | sed 's/^not ok [0-9]* *-* */failed: /'
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
