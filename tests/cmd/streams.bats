#!/usr/bin/env bats
# streams.bats - live streams, output files, --resume, the same bytes always

load helper

setup_file() { make_models; }
setup() { cd "$BATS_TEST_TMPDIR" || exit; }

# texts N: N lines, different and of different lengths
texts() {
    awk -v n="$1" 'BEGIN {
        split("the cat sat on mat dog eats food water river sun rain", w, " ")
        for (i = 1; i <= n; i++) {
            line = i
            for (k = 0; k < i * 7 % 23; k++) line = line " " w[(i * k + k) % 12 + 1]
            print line
        }
    }'
}

# ---- live ----

@test "a coprocess answers each line before the next one is sent" {
    coproc tok -f ids
    pid=$COPROC_PID
    for word in the cat dog; do
        echo "$word" >&"${COPROC[1]}"
        read -r -t 20 answer <&"${COPROC[0]}"
        [ "$answer" = "$(tok -f ids <<< "$word")" ]
    done
    exec {COPROC[1]}>&-
    wait "$pid"
}

@test "a coprocess of the whole pipe answers each line" {
    coproc { tok | embed --dims 2 --keep text; }
    pid=$COPROC_PID
    for word in the cat dog; do
        echo "$word" >&"${COPROC[1]}"
        read -r -t 20 answer <&"${COPROC[0]}"
        [[ $answer == "{\"text\":\"$word\",\"embedding\":["* ]]
    done
    exec {COPROC[1]}>&-
    wait "$pid"
}

@test "half a line does not hold back the answer to the one before it" {
    coproc tok -f ids
    pid=$COPROC_PID
    printf 'the\nca' >&"${COPROC[1]}"
    read -r -t 20 answer <&"${COPROC[0]}"
    [ "$answer" = '2 108 3' ]
    printf 't\n' >&"${COPROC[1]}"
    read -r -t 20 answer <&"${COPROC[0]}"
    [ "$answer" = '2 114 3' ]
    exec {COPROC[1]}>&-
    wait "$pid"
}

@test "a closed pipe ends a tool quietly, also where SIGPIPE was ignored" {
    for how in - ''; do
        for tool in 'wp-tokenize -f ids' 'bert-embed --dims 1'; do
            # shellcheck disable=SC2086
            run -141 bash -c '
                trap "$1" PIPE; shift
                { yes "the cat" 2> yes.err || true; } | "$@" -m "$TINY" 2> err | head -1 > first
                exit "${PIPESTATUS[1]}"' _ "$how" $tool
            [ ! -s err ]
            [ -s first ]
        done
    done
}

@test "/dev/full is an error, for a little output and for much" {
    for n in 1 3000; do
        texts $n > in
        run -3 --separate-stderr bash -c 'wp-tokenize -m "$TINY" in > /dev/full'
        [ "$stderr" = 'wp-tokenize: standard output: No space left on device' ]
        run -3 --separate-stderr tok in -o /dev/full
        [ "$stderr" = 'wp-tokenize: /dev/full: No space left on device' ]
    done
    run -3 --separate-stderr bash -c 'bert-embed -m "$TINY" <<< the > /dev/full'
    [ "$stderr" = 'bert-embed: standard output: No space left on device' ]
}

@test "a standard output that is closed is an error" {
    run -3 --separate-stderr bash -c 'wp-tokenize -m "$TINY" <<< the >&-'
    [[ $stderr == 'wp-tokenize: standard output: '* ]]
}

@test "a standard error that is closed: no message goes into a file" {
    printf 'one\n\xff\ntwo\n' > in
    run -1 tok --on-error skip -f ids -o want < in
    run -1 bash -c 'wp-tokenize -m "$TINY" --on-error skip -f ids -o got < in 2>&-'
    same got want
    { texts 30 | tr '\n' ' '; echo; } > long
    for closed in '2>&-' '2>&- >&-'; do
        bash -c "bert-embed -m '$TINY' -f f32 -o got < long $closed"
        [ "$(stat -c %s got)" -eq 128 ]
    done
    bash -c 'bert-embed -m "$TINY" -f f32 -o got long 2>&- >&- <&-'
    [ "$(stat -c %s got)" -eq 128 ]
}

@test "a standard input that is closed is an error, beside a file as well" {
    echo the > in
    run -3 --separate-stderr bash -c 'wp-tokenize -m "$TINY" -f ids - <&-'
    [ "$stderr" = 'wp-tokenize: -: Bad file descriptor' ]
    run -3 --separate-stderr bash -c 'wp-tokenize -m "$TINY" -f ids in - <&-'
    [ "$output" = '2 108 3' ]
    [ "$stderr" = 'wp-tokenize: -: Bad file descriptor' ]
}

# ---- the same bytes ----

@test "any -j, any --batch-tokens, any neighbours give the same bytes" {
    texts 400 > in
    tok -j 1 in > t1
    tok -j 2 in > t2
    same t1 t2
    embed -j 1 in > e1
    embed -j 2 in > e2
    same e1 e2
    for n in 1 7 100 100k; do
        embed -j 2 --batch-tokens $n in > e2
        same e1 e2
    done
    BERT_THREADS=3 embed t1 > e2
    cut -d , -f 1-5 e1 > a
    sed 's/"text":"\([^"]*\)","embedding"/&/' e2 > b
    same e1 e2
    tac in | embed -j 2 | tac > e2
    same e1 e2
    while read -r line; do embed <<< "$line"; done < <(head -3 in) > e2
    head -3 e1 > a
    same a e2
}

@test "windows: the same bytes whatever the batch" {
    texts 60 | awk '{ for (i = 0; i < 9; i++) printf "%s ", $0; print "" }' > in
    embed --long window --max-length 16 -j 1 in > a
    for n in 1 30 100k; do
        embed --long window --max-length 16 -j 2 --batch-tokens $n in > b
        same a b
    done
    tok in | embed --long window --max-length 16 > b
    same a b
    embed --per-token --long window --max-length 16 -f f32 in > a
    embed --per-token --long window --max-length 16 -f f32 --batch-tokens 1 in > b
    same a b
}

# ---- output files ----

@test "-o FILE: written as FILE.part, renamed when complete" {
    texts 10 > in
    tok in > want
    tok in -o out
    same out want
    [ ! -e out.part ]
    echo old > out
    chmod 640 out
    tok in -o out
    same out want
    [ "$(stat -c %a out)" = 640 ]
}

@test "-o FILE: a bad record leaves FILE as it was, and what came before in FILE.part" {
    echo old > out
    run -3 --separate-stderr tok -f ids -o out < <(printf 'the\n\xff\n')
    [ "$(cat out)" = old ]
    [ "$(cat out.part)" = '2 108 3' ]
    rm out.part
    run -3 --separate-stderr tok -f ids -o out < <(printf '\xff\n')
    [ ! -e out.part ]
}

@test "-o FILE: a disk that is full when it is synchronised is an error" {
    [ -z "${SAN:-}" ] || skip 'a sanitizer is loaded first'
    read -ra cc <<< "${CC:-cc}"
    command -v "${cc[0]}" > /dev/null || skip 'no C compiler'
    cat > fsync.c << 'END'
#include <errno.h>
int fsync(int fd) { (void)fd; errno = NUMBER; return -1; }
END
    failing() { # errno's name
        "${cc[@]}" -shared -fPIC -DNUMBER="$1" fsync.c -o fsync.so
        LD_PRELOAD=$PWD/fsync.so wp-tokenize -m "$TINY" -f ids -o "$1" <<< the
    }
    for name in ENOSPC EDQUOT EIO; do
        run -3 failing $name
        [[ $output == "wp-tokenize: $name.part: "* ]]
        [ ! -e $name ]
    done
    for name in EINVAL EROFS; do # not every file system can synchronise
        run -0 failing $name
        [ "$(cat $name)" = '2 108 3' ]
    done
}

@test "-o FILE: a FILE.part that is there is an error without --resume" {
    echo x > out.part
    run -3 --separate-stderr tok -o out <<< the
    [[ $stderr == 'wp-tokenize: out.part exists: '*--resume* ]]
    [ "$(cat out.part)" = x ]
}

@test "-o FILE: where --resume is refused, a FILE.part is only to be removed" {
    left() { # tool, model, options: the file that a bad record leaves
        rm -f out.part
        run -3 --separate-stderr "$1" -m "$MODELS/$2" "${@:3}" -o out bad
        [ -s out.part ]
        run -3 --separate-stderr "$1" -m "$MODELS/$2" "${@:3}" -o out bad
        [[ $stderr == "$1: out.part exists: "*remove* ]]
        [[ $stderr != *resume* ]] || { echo "$stderr"; return 1; }
        run -2 "$1" -m "$MODELS/$2" "${@:3}" -o out --resume bad
    }
    printf '%s\n' '{"id":1,"text":"the cat","pair":"sat"}' \
        '{"id":2,"text":"a","pair":"b"}' '{"text":1}' > bad
    left bert-qa tiny-qa -f squad
    left bert-tag tiny-tag -f conll
    left bert-tag tiny-tag -f brat
    left bert-classify tiny-cross --rank --group id
    left bert-embed tiny --per-token -f f32
    left bert-embed tiny --per-word
    left wp-tokenize tiny -f conll
    left wp-tokenize tiny --long window --max-length 8
    rm out.part
    touch out.part
    run -3 --separate-stderr tok -o out --on-error skip bad
    [[ $stderr != *resume* ]]
}

@test "-o FILE: a model that cannot be loaded leaves no FILE.part" {
    run -3 wp-tokenize -m nonesuch -o out <<< the
    [ ! -e out.part ]
}

@test "-o through a symbolic link replaces the file that it names" {
    echo old > file
    ln -s file link
    tok -f ids -o link <<< the
    [ -L link ]
    [ "$(cat file)" = '2 108 3' ]
}

@test "-o to a pipe or a device is written directly" {
    mkfifo pipe
    cat pipe > got &
    tok -f ids -o pipe <<< the
    wait $!
    [ "$(cat got)" = '2 108 3' ]
    tok -f ids -o /dev/null <<< the
    [ ! -e /dev/null.part ]
    [ "$(tok -f ids -o - <<< the)" = '2 108 3' ]
}

@test "-o /dev/stdout and its like: the shell's file is neither replaced nor begun anew" {
    printf 'header\n2 108 3\ntrailer\n' > want
    for name in /dev/stdout /dev/fd/1 /proc/self/fd/1; do
        [ -e "$name" ] || continue
        (echo header && tok -f ids -o "$name" <<< the && echo trailer) > out
        same out want
        ln -sf "$name" link
        (echo header && tok -f ids -o link <<< the && echo trailer) > out
        same out want
        echo header > out
        tok -f ids -o "$name" <<< the >> out
        same out <(head -n 2 want)
        [ ! -e "$name.part" ]
    done
    (echo header >&7 && tok -f ids -o /dev/fd/7 <<< the && echo trailer >&7) 7> out
    same out want
    run -3 --separate-stderr tok -f ids -o /dev/fd/99 <<< the
    [[ $stderr == 'wp-tokenize: /dev/fd/99: '* ]]
    run -2 tok -f ids -o /dev/stdout --resume <<< the
}

@test "-o onto the input is safe" {
    texts 50 > file
    tok file > want
    tok file -o file
    same file want
}

# ---- --resume ----

# resumes COMMAND...: cut off after any number of bytes, the command given
# again with --resume makes the file of an uninterrupted run
resumes() {
    rm -f out out.part want
    "$@" -o want
    local size cut
    size=$(stat -c %s want)
    for cut in 0 1 $((size / 7)) $((size / 3)) $((size / 2)) $((size - 1)) $size; do
        head -c $cut want > out.part
        rm -f out
        "$@" -o out --resume || { echo "cut at $cut"; return 1; }
        same out want
        [ ! -e out.part ]
    done
}

@test "--resume: any place it was cut at gives the same bytes" {
    texts 40 > in
    resumes tok in
    resumes tok -f ids in
    resumes tok -f tsv in
    resumes embed in
    resumes embed -f tsv in
    resumes embed -f f32 in
    resumes embed -f npy in
    resumes embed --quantize binary -f npy in
    tok in > records
    resumes tok --decode records
    tok -f ids in | tr '\n' '\000' > ids
    resumes tok --decode -0 ids
}

@test "--resume: bad records with emit are counted" {
    { texts 20; printf '\xff\n'; texts 20; } > in
    run -1 tok --on-error emit in -o want
    head -c $(($(stat -c %s want) * 2 / 3)) want > out.part
    run -1 --separate-stderr tok --on-error emit in -o out --resume
    same out want
    [ "$stderr" = 'wp-tokenize: warning: 1 of 41 records failed' ]
}

@test "--resume: emit counts the failures that the file holds" {
    { printf '\xff\n{"text":1}\n{"text":"a","error":"old"}\n'
      printf '{"text":"the"}\n%.0s' {1..9}; } > in
    run -1 tok -i jsonl --on-error emit in -o want
    for lines in 1 2 3 4 9; do
        head -n $lines want > out.part
        run -1 --separate-stderr tok -i jsonl --on-error emit in -o out --resume
        same out want
        [ "$stderr" = 'wp-tokenize: warning: 2 of 12 records failed' ]
        rm out
    done
    # none failed: the one that came with an error is passed on
    sed -n '3,$p' in > in2
    run -0 tok -i jsonl --on-error emit in2 -o want
    head -n 5 want > out.part
    run -0 tok -i jsonl --on-error emit in2 -o out --resume
}

@test "--resume: after kill -9 at any moment the bytes are the same" {
    texts 3000 > in
    embed in -o want
    for delay in 0.05 0.08 0.12 0.2; do
        rm -f out out.part
        bert-embed -m "$TINY" -j 1 --batch-tokens 64 in -o out &
        sleep $delay
        kill -9 $! 2> /dev/null || true
        wait $! 2> /dev/null || true
        embed in -o out --resume
        same out want
    done
}

@test "--resume: another input, other options or a shorter input are refused" {
    texts 30 > in
    embed in -o want
    head -c 3000 want > half
    refused() {
        cp half out.part
        run -3 --separate-stderr embed "$@" -o out --resume
        [[ $stderr == 'bert-embed: '*'out.part: '*' differs: '* ]]
        same out.part half
    }
    sed 's/the/dog/' in > other
    refused other
    refused in --pooling cls
    head -2 in > short
    refused short
    tok -f tsv in -o want
    head -c 1000 want > half
    cp half out.part
    run -3 --separate-stderr tok -f tsv --keep '' in -o out --resume
    [[ $stderr == *'its header differs'* ]]
    same out.part half
}

@test "--resume: a complete FILE is left alone, neither is a new run" {
    texts 5 > in
    tok in -o out
    touch -d 2001-01-01 out
    tok in -o out --resume
    [ "$(stat -c %Y out)" = "$(date -d 2001-01-01 +%s)" ]
    tok in > want
    tok in -o new --resume
    same new want
}

@test "--resume: refused where a record does not give one result" {
    for command in 'wp-tokenize --long window --max-length 9' \
        'wp-tokenize -f conll' 'wp-tokenize --on-error skip' \
        'bert-embed --per-token' 'bert-embed --per-word' \
        'bert-embed --on-error skip'; do
        # shellcheck disable=SC2086
        run -2 --separate-stderr $command -m "$TINY" -o out --resume
        [[ $stderr == *--resume* ]]
    done
    run -2 --separate-stderr tok --resume
    run -2 --separate-stderr tok --resume -o -
    run -2 --separate-stderr tok --resume -o /dev/null
}

# ---- what is said meanwhile ----

@test "-v says what ran; progress is shown when asked for" {
    run -0 --separate-stderr embed -v --dims 1 <<< 'the cat'
    [[ $stderr == *'kernels: '* ]]
    [[ $stderr == *' 1 record, '*' a second; 4 tokens, '*'peak memory '* ]]
    run -0 --separate-stderr tok -v --decode <<< 108
    [[ $stderr == *' 1 record, '*' a second; 1 token, '* ]]
    run -0 --separate-stderr tok -v -f ids < <(printf 'a\nb\n')
    [[ $stderr == *' 2 records, '*' a second; 6 tokens, '* ]]
    texts 3000 > in
    run -0 --separate-stderr tok -f ids --progress in
    [ "${#lines[@]}" -eq 3000 ]
}

@test "a terminal is told what is awaited" {
    command -v script > /dev/null || skip 'script is not installed'
    script -qec true /dev/null < /dev/null > /dev/null 2>&1 ||
        skip 'no terminal can be made here'
    run script -qec "wp-tokenize -m $TINY -f ids" /dev/null <<< $'the\n\x04'
    [[ $output == *'wp-tokenize: reading texts, one a line, from the terminal'* ]]
}

@test "a stream that does not end is read in constant memory" {
    texts 2000 > in
    peak() { "$@" -v 2>&1 > /dev/null | sed -n 's/.*peak memory \([0-9]*\).*/\1/p'; }
    small=$(peak wp-tokenize -m "$TINY" -j 2 in)
    large=$(for _ in {1..60}; do cat in; done | peak wp-tokenize -m "$TINY" -j 2)
    [ "$large" -le $((small + 8)) ]
}

@test "memory is bounded by bytes, whatever member holds them" {
    [ -z "${SAN:-}" ] || skip 'sanitizers keep freed memory'
    filler=$(head -c 1000000 /dev/zero | tr '\0' x)
    for _ in {1..64}; do printf '{"text":"the","x":"%s"}\n' "$filler"; done > in
    head -2 in > few
    peak() { "$@" -v -j 1 --drop x 2>&1 > /dev/null | sed -n 's/.*peak memory \([0-9]*\).*/\1/p'; }
    [ "$(peak tok in)" -le $(($(peak tok few) + 8)) ]
    [ "$(peak embed in)" -le $(($(peak embed few) + 8)) ]
    # bad records as well
    sed 's/"text"/"id":1,"id":2,"text"/' in > bad
    [ "$(peak tok --on-error skip bad)" -le $(($(peak tok few) + 8)) ]
}
