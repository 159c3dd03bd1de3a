#!/bin/bash
# float_text.sh [STEP] - every float32 as text against the C++ library's
#
# Builds float_text.cc with the C++ compiler; some four minutes for all of them.
set -u
# shellcheck source=tests/full/lib.sh
. "$(dirname "$0")/lib.sh"
if ! command -v g++ >/dev/null; then
    skip float_text "no g++"
    done_testing
fi
g++ -O2 -std=c++17 -I"$root/lib" "$root/tests/full/float_text.cc" \
    "$build/libbert.a" -o "$tmp/float_text" || exit 1
"$tmp/float_text" "$@"
