#!/bin/bash
# hostile.sh - bad models, bad input, bad output: what the contract says
#
# Every case must end with the status that the contract gives, one line on
# standard error that names the tool and the place, and nothing lost that came
# before. BERTUTILS_BIN=build-san/bin runs the same under the sanitizers.
set -u
# shellcheck source=tests/full/lib.sh
. "$(dirname "$0")/lib.sh"
tiny_model
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1
sanitized=$(nm "$bin/bert-embed" | grep -c __asan_init)

# run TOOL ARG...: status, $tmp/out, $tmp/err; standard input as it is. No case
# takes long: a minute is a hang.
run() {
    timeout 100 "$@" >"$tmp/out" 2>"$tmp/err"
    status=$?
}

# judge WHAT STATUS TOOL NEED: the last run's; NEED is what the line must hold
judge() {
    local why=
    [ "$status" -eq "$2" ] || why="status $status, not $2"
    grep -qE 'Sanitizer|runtime error' "$tmp/err" && why="$why, sanitizer"
    if [ "$2" -ge 2 ] && [ "$2" -lt 128 ]; then
        [ "$(wc -l <"$tmp/err")" -eq 1 ] || why="$why, not one line"
        grep -q "^$3: " "$tmp/err" || why="$why, no \"$3: \""
        grep -qF -- "$4" "$tmp/err" || why="$why, does not name $4"
    fi
    if [ -z "$why" ]; then
        ok "$1"
    else
        not_ok "$1:$why"
        head -c 500 "$tmp/err" | sed 's/^/#   /'
    fi
}

# lines WHAT N: so many lines came out
lines() {
    is "$1: $2 lines of output" test "$(wc -l <"$tmp/out")" -eq "$2"
}

embed() { run bert-embed -m "$tiny" "$@"; }
tokenize() { run wp-tokenize -m "$tiny" "$@"; }

# ---- models ----------------------------------------------------------------

python3 "$root/tests/full/break_model.py" "$tiny" "$tmp/broken" >"$tmp/cases"
while IFS=$'\t' read -r name need; do
    run bert-embed -m "$tmp/broken/$name" <<<"a text of zz7"
    judge "$name" 3 bert-embed "$need"
    is "$name: no output" test ! -s "$tmp/out"
done <"$tmp/cases"
mkdir "$tmp/nothing"
: >"$tmp/file"
while read -r what embed_needs tokenize_needs; do
    run bert-embed -m "$what" <<<"a text"
    judge "bert-embed -m $(basename "$what")" 3 bert-embed "$embed_needs"
    run wp-tokenize -m "$what" <<<"a text"
    judge "wp-tokenize -m $(basename "$what")" 3 wp-tokenize "$tokenize_needs"
done <<END
$tmp/nothing config.json vocab.txt
$tmp/absent $tmp/absent $tmp/absent
$tmp/file $tmp/file $tmp/file
/dev/null /dev/null /dev/null
END

# ---- text ------------------------------------------------------------------

printf 'one\ntwo \377 bad\nthree\n' >"$tmp/bad.txt"
for tool in bert-embed wp-tokenize; do
    run $tool -m "$tiny" "$tmp/bad.txt"
    judge "$tool: invalid UTF-8" 3 $tool bad.txt:2:
    lines "$tool: invalid UTF-8" 1
    run $tool -m "$tiny" --on-error skip "$tmp/bad.txt"
    judge "$tool: invalid UTF-8, skip" 1 $tool bad.txt:2:
    lines "$tool: invalid UTF-8, skip" 2
    run $tool -m "$tiny" --on-error emit "$tmp/bad.txt"
    judge "$tool: invalid UTF-8, emit" 1 $tool bad.txt:2:
    lines "$tool: invalid UTF-8, emit" 3
    is "$tool: emit says it in the record's place" \
        grep -q '"error":"' <(sed -n 2p "$tmp/out")
    run $tool -m "$tiny" --invalid replace "$tmp/bad.txt"
    judge "$tool: invalid UTF-8, replace" 0 $tool ""
    lines "$tool: invalid UTF-8, replace" 3
    run $tool -m "$tiny" < <(printf 'a\0b\n\0\n\nc')
    judge "$tool: NUL, empty line, no end" 0 $tool ""
    lines "$tool: NUL, empty line, no end" 4
done

# A line of 100 MB, with real words where there is a model that has them: the
# tiny vocabulary makes a token of each letter, and 60 bytes of output of each.
# The sanitizers make it slow, so it is shorter for them.
any_model
if [ "$sanitized" -gt 0 ]; then size=3000000; else size=100000000; fi
long() {
    echo first
    yes 'some words that fill a line' | tr '\n' ' ' | head -c "$size"
    printf '\nlast\n'
}
for tool in bert-embed "wp-tokenize -f ids"; do
    # shellcheck disable=SC2086 # the tool and its option
    run $tool -m "$model" -i text < <(long)
    judge "$tool: a line of $size bytes" 0 "${tool%% *}" ""
    lines "$tool: a line of $size bytes" 3
    # shellcheck disable=SC2086
    run $tool -m "$model" -i text --max-record 1M < <(long)
    judge "$tool: --max-record" 3 "${tool%% *}" "-:2:"
    lines "$tool: --max-record" 1
done

# ---- JSONL -----------------------------------------------------------------

# bad_record NAME LINE: in mid stream, stop, skip and emit
bad_record() {
    printf '{"text":"one","id":1}\n%s\n{"text":"two","id":2}\n' "$2" \
        >"$tmp/bad.jsonl"
    embed "$tmp/bad.jsonl"
    judge "$1" 3 bert-embed bad.jsonl:2:
    lines "$1" 1
    embed --on-error skip "$tmp/bad.jsonl"
    judge "$1, skip" 1 bert-embed bad.jsonl:2:
    lines "$1, skip" 2
    embed --on-error emit "$tmp/bad.jsonl"
    judge "$1, emit" 1 bert-embed bad.jsonl:2:
    lines "$1, emit" 3
}

bad_record "JSON cut" '{"text":"on'
bad_record "JSON of two objects" '{"text":"a"}{"text":"b"}'
bad_record "JSON no object" '["text"]'
bad_record "JSON with a trailing comma" '{"text":"a",}'
bad_record "JSON with a raw tab" "$(printf '{"text":"a\tb"}')"
bad_record "JSON of bad UTF-8 in another member" \
    "$(printf '{"text":"a","id":"\377"}')"
bad_record "a lone surrogate" '{"text":"\ud800"}'
bad_record "a member twice" '{"text":"a","text":"b"}'
bad_record "text a number" '{"text":7}'
bad_record "no text and no ids" '{"id":7}'
bad_record "nesting of 100,000" \
    "{\"text\":\"a\",\"x\":$(head -c 100000 /dev/zero | tr '\0' '[')"
bad_record "ids out of range" '{"ids":[2,99999999,3]}'
bad_record "ids negative" '{"ids":[2,-1,3]}'
bad_record "ids beyond 64 bits" '{"ids":[2,123456789012345678901234567890,3]}'
bad_record "ids fractions" '{"ids":[2,1.5,3]}'
bad_record "ids empty" '{"ids":[]}'
bad_record "ids text" '{"ids":"2 3"}'
bad_record "type_ids too few" '{"ids":[2,5,3],"type_ids":[0]}'
bad_record "type_ids out of range" '{"ids":[2,5,3],"type_ids":[0,9,0]}'
bad_record "offsets too few" '{"text":"a","ids":[2,5,3],"offsets":[[0,0]]}'

printf '{"ids":[2,5,3],"vocab":"0123456789abcdef"}\n' >"$tmp/foreign"
for mode in stop skip emit; do
    embed --on-error $mode "$tmp/foreign"
    judge "a foreign vocab, --on-error $mode" 3 bert-embed 0123456789abcdef
done
embed < <(printf '{ no JSON at all\n')
judge "text that begins with {" 3 bert-embed "-i text"

# ---- output ----------------------------------------------------------------

some_texts 300 >"$tmp/texts"
for format in jsonl tsv f32 npy; do
    rows=
    [ $format = npy ] && rows="--rows 300"
    # shellcheck disable=SC2086 # no option or an option and its number
    timeout 100 bert-embed -q -m "$tiny" -i text -f $format $rows \
        "$tmp/texts" >/dev/full 2>"$tmp/err"
    status=$?
    judge "bert-embed -f $format >/dev/full" 3 bert-embed "space"
done
for format in jsonl tsv ids conll; do
    timeout 100 wp-tokenize -m "$tiny" -i text -f $format "$tmp/texts" \
        >/dev/full 2>"$tmp/err"
    status=$?
    judge "wp-tokenize -f $format >/dev/full" 3 wp-tokenize "space"
done
for tool in wp-tokenize bert-embed; do
    run $tool -q -m "$tiny" -o /dev/full "$tmp/texts"
    judge "$tool -o /dev/full" 3 $tool "/dev/full"
    run $tool -m "$tiny" -o "$tmp/absent/out" "$tmp/texts"
    judge "$tool -o in no folder" 3 $tool "absent/out"
    for option in --help --version; do
        $tool $option >/dev/full 2>"$tmp/err"
        status=$?
        judge "$tool $option >/dev/full" 3 $tool "space"
    done
    $tool -m "$tiny" "$tmp/texts" "$tmp/texts" "$tmp/texts" \
        2>"$tmp/err" | head -n 1 >"$tmp/out"
    status=${PIPESTATUS[0]}
    judge "$tool | head -n 1" 141 $tool ""
    is "$tool | head -n 1: quietly" test ! -s "$tmp/err"
    run $tool -q -m "$tiny" "$tmp/texts" "$tmp/absent"
    judge "$tool: the second operand is absent" 3 $tool absent
    lines "$tool: the second operand is absent" 300
    run $tool -m "$tiny" /tmp
    judge "$tool: a folder as input" 3 $tool /tmp
done

# ---- memory ----------------------------------------------------------------

# The limit falls until nothing works; every failure on the way must be said,
# and what came before a line that is too long must have come out. The
# sanitizers reserve terabytes, so they cannot run under a limit.
limited() {
    (ulimit -v "$1" && shift && exec "$@") >"$tmp/out" 2>"$tmp/err"
    status=$?
}
for tool in wp-tokenize bert-embed; do
    if [ "$sanitized" -gt 0 ]; then
        skip "$tool: ulimit -v" "not under the sanitizers"
        continue
    fi
    seen=0
    worked=0
    bad=
    for mb in 400 300 200 150 130 110 100 90 80 70 60 50 45 40 37 34 31 28 \
        25 22 20 18 16 14 12 10 9 8; do
        limited $((mb * 1024)) $tool -q -j 2 -m "$tiny" -i text "$tmp/texts"
        case $status in
        0) worked=$((worked + 1)) ;;
        3)
            seen=$((seen + 1))
            [ "$(wc -l <"$tmp/err")" -eq 1 ] || bad="$bad $mb:lines"
            grep -q "^$tool: " "$tmp/err" || bad="$bad $mb:message"
            ;;
        127) : ;; # the dynamic loader's own failure: not ours to say
        *) bad="$bad $mb:status$status" ;;
        esac
    done
    is "$tool: ulimit -v: $worked runs worked, $seen said so,${bad:- all well}" \
        test "$worked" -gt 0 -a "$seen" -gt 0 -a -z "$bad"
    size=1000000000
    limited 500000 $tool -q -j 2 -m "$tiny" -i text < <(long)
    judge "$tool: a line that memory does not hold" 3 $tool memory
    lines "$tool: a line that memory does not hold" 1
done
done_testing
