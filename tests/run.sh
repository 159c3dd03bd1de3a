#!/bin/sh
# run.sh - install what the tests need, build, and run `make check`
#
# The last line is "N passed, N failed, N skipped"; the exit status is 1 where
# a test failed.
set -u
cd "$(dirname "$0")/.." || exit 1
if ! make -j2 WERROR=-Werror; then
    echo '0 passed, 1 failed, 0 skipped'
    exit 1
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
make WERROR=-Werror check 2>&1 | tee "$log"
failed=$(grep -c '^not ok' "$log")
skipped=$(grep -c '^ok.*# skip' "$log")
passed=$(($(grep -c '^ok' "$log") - skipped))
grep -q '^make.*Error' "$log" && [ "$failed" -eq 0 ] && failed=1
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
