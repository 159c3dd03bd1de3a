#!/bin/bash
# resume.sh - kill -9 at ten random places, --resume, and the same bytes
#
# For each format: ten runs are killed when FILE.part has grown past a random
# size and finished with --resume; then one run is killed again and again. The
# files must be those of an uninterrupted run. A run that ends before it can be
# killed does not count.
set -u
# shellcheck source=tests/full/lib.sh
. "$(dirname "$0")/lib.sh"
tiny_model
model=$tiny
some_texts "${COUNT:-15000}" | cut -c 1-300 | iconv -c -f UTF-8 -t UTF-8 \
    >"$tmp/texts"
RANDOM=11

embed() {
    exec bert-embed -q -m "$model" -i text -f "$@" "$tmp/texts"
}

# until_size BYTES PID: 0 when FILE.part is that large, 1 when PID has ended
until_size() {
    local size
    while kill -0 "$2" 2>/dev/null; do
        size=$(stat -c %s "$out.part" 2>/dev/null || echo 0)
        [ "$size" -ge "$1" ] && return 0
    done
    return 1
}

# killed BYTES FORMAT [--resume]: start, kill -9 when the part is that large; 1
# where it ended first. The shell's own word on the killed job is not wanted.
killed() {
    local bytes=$1 pid lost=1
    shift
    embed "$@" -o "$out" 2>/dev/null &
    pid=$!
    disown "$pid"
    until_size "$bytes" "$pid" && kill -9 "$pid" 2>/dev/null && lost=0
    while kill -0 "$pid" 2>/dev/null; do :; done
    [ "$lost" -eq 0 ] && [ -e "$out.part" ]
}

for format in jsonl npy f32 tsv; do
    want=$tmp/want.$format
    (embed "$format" -o "$want")
    size=$(stat -c %s "$want")
    is "$format: an uninterrupted run leaves no .part" test ! -e "$want.part"
    kills=0
    wrong=0
    for ((try = 0; kills < 10 && try < 100; try++)); do
        out=$tmp/out.$format.$try
        killed $((RANDOM * size / 32768)) "$format" || continue
        kills=$((kills + 1))
        if (embed "$format" -o "$out") 2>/dev/null; then
            echo "# $format: a .part without --resume was taken"
            wrong=$((wrong + 1))
        fi
        (embed "$format" --resume -o "$out") || wrong=$((wrong + 1))
        cmp "$want" "$out" || wrong=$((wrong + 1))
        [ ! -e "$out.part" ] || wrong=$((wrong + 1))
        rm -f "$out"
    done
    is "$format: killed at $kills places, the same bytes after --resume" \
        test "$kills" -eq 10 -a "$wrong" -eq 0
    out=$tmp/out.$format.again
    kills=0
    for k in 1 2 3 4 5 6; do
        killed $((size * k / 7)) "$format" --resume && kills=$((kills + 1))
    done
    (embed "$format" --resume -o "$out")
    is "$format: one run killed $kills times" cmp -s "$want" "$out"
    (embed "$format" --resume -o "$out")
    is "$format: --resume of a complete file does nothing" test $? -eq 0
done

# Another input than that of the part is found out.
out=$tmp/out.other
until killed 100000 jsonl; do rm -f "$out"; done
sed 's/^/other /' "$tmp/texts" >"$tmp/others"
bert-embed -q -m "$model" -f jsonl --resume -o "$out" "$tmp/others" \
    2>"$tmp/err"
is "another input is found out: exit 3" test $? -eq 3
is "and said in one line" test "$(wc -l <"$tmp/err")" -eq 1
done_testing
