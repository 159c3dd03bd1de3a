#!/bin/bash
# resume.sh - kill -9 at ten random places, --resume, and the same bytes
#
# For each format: ten runs are killed when FILE.part has grown past a random
# size and finished with --resume; then one run is killed again and again. The
# files must be those of an uninterrupted run.
set -u
# shellcheck source=tests/full/lib.sh
. "$(dirname "$0")/lib.sh"
any_model
some_texts "${COUNT:-150}" >"$tmp/texts"
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

# killed BYTES FORMAT [--resume]: start, kill -9 when the part is that large.
# The shell's own word on the killed job is not wanted.
killed() {
    local bytes=$1
    shift
    embed "$@" -o "$out" 2>/dev/null &
    local pid=$!
    disown "$pid"
    until_size "$bytes" "$pid" && kill -9 "$pid" && kills=$((kills + 1))
    while kill -0 "$pid" 2>/dev/null; do :; done
}

for format in jsonl npy f32 tsv; do
    want=$tmp/want.$format
    (embed "$format" -o "$want")
    size=$(stat -c %s "$want")
    is "$format: an uninterrupted run leaves no .part" test ! -e "$want.part"
    kills=0
    wrong=0
    for k in 1 2 3 4 5 6 7 8 9 10; do
        out=$tmp/out.$format.$k
        killed $((RANDOM * size / 32768)) "$format"
        if [ -e "$out.part" ] && (embed "$format" -o "$out") 2>/dev/null; then
            echo "# $format: a .part without --resume was taken"
            wrong=$((wrong + 1))
        fi
        (embed "$format" --resume -o "$out") || wrong=$((wrong + 1))
        cmp "$want" "$out" || wrong=$((wrong + 1))
        [ ! -e "$out.part" ] || wrong=$((wrong + 1))
    done
    is "$format: killed at $kills places, the same bytes after --resume" \
        test "$kills" -ge 5 -a "$wrong" -eq 0
    out=$tmp/out.$format.again
    kills=0
    for k in 1 2 3 4 5 6; do
        killed $((size * k / 7)) "$format" --resume
    done
    (embed "$format" --resume -o "$out")
    is "$format: one run killed $kills times" cmp -s "$want" "$out"
    (embed "$format" --resume -o "$out")
    is "$format: --resume of a complete file does nothing" test $? -eq 0
done

# Another input, model or option than that of the part is found out.
out=$tmp/out.other
head -n 40 "$tmp/texts" >"$tmp/forty"
killed 2000 jsonl
sed 's/^/other /' "$tmp/texts" >"$tmp/others"
bert-embed -q -m "$model" -f jsonl --resume -o "$out" "$tmp/others" \
    2>"$tmp/err"
is "another input is found out: exit 3" test $? -eq 3
is "and said in one line" test "$(wc -l <"$tmp/err")" -eq 1
done_testing
