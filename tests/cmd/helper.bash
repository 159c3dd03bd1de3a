# helper.bash - what the tests of the commands share
#
# BIN (on PATH through `make check-cmd`) and BUILD say where things are built;
# both have their defaults here, so that `bats tests/cmd` works by itself.

bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BUILD=${BUILD:-build}
BIN=${BIN:-bin}
case $BUILD in /*) ;; *) BUILD=$ROOT/$BUILD ;; esac
case $BIN in /*) ;; *) BIN=$ROOT/$BIN ;; esac
PATH=$BIN:$PATH
GOLDEN=$ROOT/tests/golden/cmd

# The tiny models, once a file of tests; no model of the user's is seen.
make_models() {
    MODELS=$BATS_FILE_TMPDIR/models
    mkdir -p "$MODELS"
    "$BUILD/gen/tiny_bert" "$MODELS"
    "$BUILD/gen/tiny_forms" "$MODELS"
    export MODELS TINY=$MODELS/tiny BARE=$MODELS/tiny-bare
    export HOME=$BATS_FILE_TMPDIR/home XDG_DATA_HOME=$BATS_FILE_TMPDIR/data
    unset BERT_MODEL BERT_MODELS BERT_THREADS BERT_KERNELS
    unset HF_HOME HF_HUB_CACHE XDG_CACHE_HOME
}

tok() { wp-tokenize -m "$TINY" "$@"; }
embed() { bert-embed -m "$TINY" "$@"; }

# near FILE FILE: the same numbers, to 5e-6 (f32 sums against f64).
near() {
    paste -d '\n' "$1" "$2" | awk '
        NR % 2 { n = split($0, a); next }
        {
            m = split($0, b)
            if (n != m) { print "line " NR / 2 ": " n " numbers, not " m; bad = 1 }
            for (i = 1; i <= n; i++) {
                d = a[i] - b[i]
                if (!(d <= 5e-6 && d >= -5e-6)) {
                    print "line " NR / 2 " number " i ": " a[i] ", not " b[i]
                    bad = 1
                }
            }
        }
        END { if (NR == 0) { print "no lines"; bad = 1 } exit bad }'
}

# alike FILE FILE: TAB-separated fields, the same words and near numbers.
alike() {
    [ "$(wc -l < "$1")" -eq "$(wc -l < "$2")" ] || {
        echo "$(wc -l < "$1") lines, not $(wc -l < "$2")"
        return 1
    }
    paste -d '\n' "$1" "$2" | awk -F '\t' '
        function is_number(x) { return x ~ /^-?[0-9][-+.0-9e]*$/ }
        NR % 2 { n = split($0, a, FS); next }
        {
            m = split($0, b, FS)
            for (i = 1; i <= n || i <= m; i++) {
                d = a[i] - b[i]
                if (a[i] != b[i] && !(is_number(a[i]) && is_number(b[i]) &&
                        d <= 5e-6 && d >= -5e-6)) {
                    print "line " NR / 2 " field " i ": " a[i] ", not " b[i]
                    bad = 1
                }
            }
        }
        END { if (NR == 0) { print "no lines"; bad = 1 } exit bad }'
}

# same FILE FILE: byte for byte, with the first difference shown.
same() {
    cmp "$1" "$2" || { diff "$1" "$2" | cut -c 1-300 | head -6; return 1; }
}
