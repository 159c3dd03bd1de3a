#!/usr/bin/env bats
# make install, make uninstall, and the library as it is installed

setup_file() {
    export ROOT="$BATS_FILE_TMPDIR/root" PREFIX=/opt/bert
    unset MAKEFLAGS MAKELEVEL MFLAGS
    BUILD=${BUILD:-build}
    mkdir -p "$ROOT/opt"
    make -s install DESTDIR="$ROOT" PREFIX=$PREFIX BUILD="$BUILD" \
        BIN="${BIN:-bin}" SAN="${SAN-}" > "$BATS_FILE_TMPDIR/log" 2>&1 ||
        { cat "$BATS_FILE_TMPDIR/log" >&3; return 1; }
    TOP=$ROOT$PREFIX
    MODEL=$PWD/$BUILD/tiny/tiny
    [ -d "$MODEL" ] || MODEL=$BUILD/tiny/tiny
    export TOP MODEL
    export PKG_CONFIG_PATH=$TOP/lib/pkgconfig
    # Where DESTDIR stood for the root.
    export PKG_CONFIG_SYSROOT_DIR=
    pc="pkg-config --define-variable=prefix=$TOP"
    export pc
    CC=${CC:-cc}
    export CC
    if [ -n "${SAN-}" ]; then
        export SANFLAGS=-fsanitize=address,undefined
    fi
}

cosine() { # program
    # The example leaves its memory to the system.
    ASAN_OPTIONS=detect_leaks=0 LD_LIBRARY_PATH=$TOP/lib "$1" "$MODEL" 'hello world' 'hello again'
}

@test "install: puts tools, library, headers, manual and completions" {
    for f in bin/wp-tokenize bin/bert-embed bin/bertutils-get-model \
        include/bert.h include/bert_io.h lib/libbert.a lib/libbert.so.0 \
        lib/libbert.so lib/pkgconfig/bert.pc share/man/man1/bert-embed.1 \
        share/man/man5/bert-stream.5 share/man/man7/bertutils.7; do
        [ -e "$TOP/$f" ] || { echo "missing: $f"; false; }
    done
    [ "$(ls "$TOP/include" | wc -l)" -eq 2 ]
    "$TOP/bin/wp-tokenize" --version
    ls "$TOP"/share/bash-completion/completions/wp-tokenize \
        "$TOP"/share/zsh/site-functions/_wp-tokenize \
        "$TOP"/share/fish/vendor_completions.d/wp-tokenize.fish
}

@test "install: the version is the same everywhere" {
    version=$(sed -n 's/^#define BERT_VERSION "\(.*\)"/\1/p' lib/bert.h)
    [ "$($pc --modversion bert)" = "$version" ]
    [[ $("$TOP/bin/bert-embed" --version) == *"$version"* ]]
    [ "$(readlink "$TOP/lib/libbert.so.0")" = "libbert.so.$version" ]
}

@test "install: examples/embed.c builds and runs with the shared library" {
    $CC -std=c11 -Wall -Wextra -Werror $SANFLAGS examples/embed.c \
        $($pc --cflags --libs bert) -lm -o "$BATS_TEST_TMPDIR/embed"
    readelf -d "$BATS_TEST_TMPDIR/embed" | grep -q 'NEEDED.*libbert\.so\.0'
    run cosine "$BATS_TEST_TMPDIR/embed"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output =~ ^-?[01]\.[0-9]{4}$ ]]
    # The tool's own answer, by another road.
    want=$(printf 'hello world\thello again\n' | "$TOP/bin/bert-embed" \
        -m "$MODEL" -i text --pair --similarity cosine --digits 4 |
        sed 's/.*"similarity"://; s/}//')
    awk -v a="$output" -v b="$want" \
        'BEGIN { exit !(a - b < 2e-4 && b - a < 2e-4) }'
}

@test "install: examples/embed.c builds and runs with the static library" {
    $CC -std=c11 $SANFLAGS examples/embed.c $($pc --cflags bert) \
        "$TOP/lib/libbert.a" $($pc --static --libs bert | sed 's/-lbert//') \
        -o "$BATS_TEST_TMPDIR/embed"
    ! readelf -d "$BATS_TEST_TMPDIR/embed" | grep -q libbert
    run cosine "$BATS_TEST_TMPDIR/embed"
    [ "$status" -eq 0 ]
}

@test "install: a program that is linked with -static does without oneDNN" {
    [ -z "${SAN-}" ] || skip 'sanitizers cannot be linked statically'
    $CC -std=c11 -static examples/embed.c $($pc --cflags --static --libs bert) \
        -o "$BATS_TEST_TMPDIR/embed"
    run cosine "$BATS_TEST_TMPDIR/embed"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "install: a user's own function of a common name does not clash" {
    { cat examples/embed.c; for f in map_get buffer_put utf8_encode \
        gemm_run json_get_int memory_new; do
        echo "int $f(void); int $f(void) { return 0; }"
    done; } > "$BATS_TEST_TMPDIR/clash.c"
    $CC -std=c11 $SANFLAGS "$BATS_TEST_TMPDIR/clash.c" $($pc --cflags bert) \
        "$TOP/lib/libbert.a" $($pc --static --libs bert | sed 's/-lbert//') \
        -o "$BATS_TEST_TMPDIR/clash"
    cosine "$BATS_TEST_TMPDIR/clash"
}

@test "install: a C++ program may include the headers" {
    command -v g++ > /dev/null || skip 'no g++'
    printf '#include <bert_io.h>\n#include <cstdio>\n%s\n' \
        'int main() { std::puts(bert_version()); }' > "$BATS_TEST_TMPDIR/v.cc"
    g++ -Wall -Wextra -Werror $SANFLAGS "$BATS_TEST_TMPDIR/v.cc" \
        $($pc --cflags --libs bert) -o "$BATS_TEST_TMPDIR/v"
    LD_LIBRARY_PATH=$TOP/lib "$BATS_TEST_TMPDIR/v"
}

@test "install: a prefix may hold spaces" {
    top="$BATS_TEST_TMPDIR/a prefix"
    make -s install PREFIX="$top" BUILD="${BUILD:-build}" BIN="${BIN:-bin}" \
        SAN="${SAN-}"
    flags=$(PKG_CONFIG_PATH="$top/lib/pkgconfig" pkg-config --cflags --libs bert)
    eval "$CC -std=c11 $SANFLAGS examples/embed.c $flags -lm \
        -o '$BATS_TEST_TMPDIR/embed'"
    make -s uninstall PREFIX="$top"
    [ ! -e "$top" ]
}

@test "uninstall: takes all of it away, and nothing else" {
    make -s install DESTDIR="$ROOT" PREFIX=/opt/two BUILD="${BUILD:-build}" \
        BIN="${BIN:-bin}" SAN="${SAN-}"
    mkdir -p "$ROOT/opt/two/share/mine"
    touch "$ROOT/opt/two/bin/mine"
    # Once more, as an upgrade would: what was written down must not be lost.
    make -s install DESTDIR="$ROOT" PREFIX=/opt/two BUILD="${BUILD:-build}" \
        BIN="${BIN:-bin}" SAN="${SAN-}"
    make -s uninstall DESTDIR="$ROOT" PREFIX=/opt/two
    run find "$ROOT/opt/two" ! -type d
    [ "$output" = "$ROOT/opt/two/bin/mine" ]
    [ -d "$ROOT/opt/two/share/mine" ]
    [ ! -e "$ROOT/opt/two/lib" ]
    [ ! -e "$ROOT/opt/two/share/man" ]
    rm -r "$ROOT/opt/two"
    [ -x "$TOP/bin/wp-tokenize" ] # the other prefix is untouched
}

@test "uninstall: where nothing is installed says so" {
    run make -s uninstall DESTDIR="$ROOT" PREFIX=/none
    [ "$status" -eq 0 ]
    [[ $output == *"nothing of bertutils"* ]]
}
