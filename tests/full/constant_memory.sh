#!/bin/bash
# constant_memory.sh - memory does not grow with the stream
#
# 1 GB of text through wp-tokenize and 100 MB through bert-embed with the tiny
# model; peaks of the process's own memory (RssAnon, polled) and of all pages
# (VmHWM) are printed and compared with those of an input of a tenth. SCALE=10
# divides the sizes, for a quick look.
set -u
# shellcheck source=tests/full/lib.sh
. "$(dirname "$0")/lib.sh"
tiny_model
scale=${SCALE:-1}

# peak NAME COMMAND...: runs it on standard input, "RssAnon VmHWM" in kB. The
# highest value of the polls; what lives shorter than 20 ms is not the question.
peak() {
    "$@" >/dev/null <&0 &
    local pid=$! anon=0 all=0 a h
    while kill -0 "$pid" 2>/dev/null; do
        a=$(awk '/^RssAnon:/ { print $2 }' "/proc/$pid/status" 2>/dev/null)
        h=$(awk '/^VmHWM:/ { print $2 }' "/proc/$pid/status" 2>/dev/null)
        [ "${a:-0}" -gt "$anon" ] && anon=$a
        [ "${h:-0}" -gt "$all" ] && all=$h
        sleep 0.02
    done
    wait "$pid" || echo "# status $?: $*" >&2
    echo "$anon $all"
}

# Lines of real text again and again, numbered so that none is like another.
stream() {
    awk -v bytes="$1" '
        { line[NR] = $0 }
        END {
            for (n = 1; sent < bytes; n++) {
                out = n " " line[1 + n % NR]
                print out
                sent += length(out) + 1
            }
        }' "$tmp/texts"
}

# compare WHAT BYTES COMMAND...
compare() {
    local what=$1 bytes=$2 small large a1 h1 a2 h2
    shift 2
    small=$(stream $((bytes / 10)) | peak "$@")
    large=$(stream "$bytes" | peak "$@")
    read -r a1 h1 <<<"$small"
    read -r a2 h2 <<<"$large"
    echo "# $what: $((bytes / 10)) bytes: RssAnon $a1 kB, VmHWM $h1 kB;" \
        "$bytes bytes: RssAnon $a2 kB, VmHWM $h2 kB"
    # A tenth more and 2 MB are room for the allocator's moods.
    is "$what: the peak on $bytes bytes is that on a tenth of them" \
        test "$a2" -gt 0 -a "$a2" -le $((a1 + a1 / 10 + 2048))
}

export LC_ALL=C
some_texts 2000 | cut -c 1-2000 | iconv -c -f UTF-8 -t UTF-8 >"$tmp/texts"
for form in ids jsonl; do
    compare "wp-tokenize -f $form" $((1000000000 / scale)) \
        wp-tokenize -m "$tiny" -i text -f $form
done
for form in f32 jsonl; do
    compare "bert-embed -f $form" $((100000000 / scale)) \
        bert-embed -q -m "$tiny" -i text -f $form
done
done_testing
