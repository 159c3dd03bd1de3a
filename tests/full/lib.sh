# shellcheck shell=bash
# lib.sh - what the shell scripts of the full tests share; sourced, not run
#
# BERTUTILS_BIN   the tools under test (default bin/ of the tree)
# BUILD           the build folder (default build/), for gen/tiny_bert
# tmp             a folder of the script's own, gone at the end

root=$(cd "$(dirname "$0")/../.." && pwd)
bin=$(cd "${BERTUTILS_BIN:-$root/bin}" && pwd)
build=$root/${BUILD:-build}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/bertutils-full.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
unset BERT_MODEL BERT_MODELS BERT_THREADS BERT_KERNELS
export PATH="$bin:$PATH"
tests=0
failed=0

ok() {
    tests=$((tests + 1))
    echo "ok - $*"
}

not_ok() {
    tests=$((tests + 1))
    failed=$((failed + 1))
    echo "not ok - $*"
}

# skip WHAT WHY
skip() {
    tests=$((tests + 1))
    echo "ok - $1 # skip $2"
}

# is WHAT COMMAND...: the command succeeds
is() {
    what=$1
    shift
    if "$@"; then ok "$what"; else not_ok "$what"; fi
}

# same WHAT FILE FILE
same() {
    is "$1" cmp -s "$2" "$3"
}

done_testing() {
    echo "1..$tests"
    [ "$failed" -eq 0 ]
    exit
}

# A model of an integer hash, so small that only the plumbing takes time.
tiny_model() {
    make -s -C "$root" "${BUILD:-build}/gen/tiny_bert" >&2 || exit 1
    [ -d "$tmp/tiny" ] || "$build/gen/tiny_bert" "$tmp/tiny"
    tiny=$tmp/tiny/tiny
}

# The best model that there is: real weights, or the tiny one.
any_model() {
    model=${BERTUTILS_ASSETS:+$BERTUTILS_ASSETS/models/minilm}
    if [ ! -f "$model/model.safetensors" ]; then
        tiny_model
        model=$tiny
    fi
}

# some_texts COUNT: real texts where there are assets, made-up words elsewhere
some_texts() {
    if [ -d "${BERTUTILS_ASSETS:-/nowhere}/data/brown-en" ]; then
        python3 "$root/tests/full/real_texts.py" "$1" en de zh
    else
        awk -v count="$1" 'BEGIN {
            srand(1)
            for (i = 0; i < count; i++) {
                n = int(5 * exp(rand() * 5))
                line = ""
                for (k = 0; k < n; k++) {
                    line = line " " sprintf("%c%c%c", 97 + int(rand() * 26),
                        97 + int(rand() * 26), 97 + int(rand() * 26))
                }
                print substr(line, 2)
            }
        }'
    fi
}
