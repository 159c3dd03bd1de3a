#!/usr/bin/env bats
# bert-mask.bats - masked words, scores and expansions against transformers
# (tests/gen/mask_refs.py), and what the options promise

load helper

setup_file() { make_models; }
setup() { cd "$BATS_TEST_TMPDIR" || exit; }

M() { bert-mask -m "$MODELS/tiny-pretraining" "$@"; }
MASK=$ROOT/tests/golden/mask

# near_json FILE FILE: the same text, with numbers that differ by 5e-6 at most,
# or by a millionth of what they are.
near_json() {
    paste -d '\n' "$1" "$2" | awk '
        function take(line, list,    n, at) {
            n = 0
            bare = ""
            while (match(line, /":-?[0-9][-+.0-9e]*/)) {
                at = RSTART + 2
                list[++n] = substr(line, at, RLENGTH - 2)
                bare = bare substr(line, 1, at - 1) "#"
                line = substr(line, at + RLENGTH - 2)
            }
            bare = bare line
            return n
        }
        NR % 2 { n = take($0, a); first = bare; next }
        {
            m = take($0, b)
            if (first != bare) {
                print "line " NR / 2 ":\n" first "\nis not\n" bare
                bad = 1
            }
            for (i = 1; i <= n; i++) {
                d = a[i] - b[i]
                s = b[i] < 0 ? -b[i] : b[i]
                if (!(d <= 5e-6 + 1e-6 * s && d >= -5e-6 - 1e-6 * s)) {
                    print "line " NR / 2 ": " a[i] ", not " b[i]
                    bad = 1
                }
            }
        }
        END { if (NR == 0) { print "no lines"; bad = 1 } exit bad }'
}

@test "bert-mask: candidates equal the fill-mask pipeline's" {
    M -k 4 --keep '' "$MASK/masked.txt" > out
    near_json out "$MASK/candidates.jsonl"
}

@test "bert-mask: pairs" {
    M -k 3 --pair --keep '' "$MASK/pairs.txt" > out
    near_json out "$MASK/pairs.jsonl"
}

@test "bert-mask: token records give the same bytes" {
    M -k 4 --keep text "$MASK/masked.txt" > a
    wp-tokenize -m "$MODELS/tiny-pretraining" "$MASK/masked.txt" |
        M -k 4 --keep text > b
    same a b
    for mode in --score --expand --sparse --fill; do
        M $mode -i text --keep text "$MASK/masked.txt" > a
        wp-tokenize -m "$MODELS/tiny-pretraining" "$MASK/masked.txt" |
            M $mode --keep text > b
        same a b
    done
}

@test "bert-mask: targets of one piece and of several" {
    M --targets cat,dogs,house,jumped,quickly,cat,x --keep '' \
        "$MASK/masked.txt" > out
    near_json out "$MASK/targets.jsonl"
    M --targets cat,dogs,house,jumped,quickly,cat,x -k 2 --keep '' \
        --no-sequence <<< 'the [MASK]' > out
    [ "$(grep -o '"score"' out | wc -l)" -eq 2 ]
}

@test "bert-mask: a target may be a comma or a backslash" {
    M --targets '\,,.,\\' --keep '' --no-sequence <<< 'the cat [MASK]' > out
    [ "$(jq -r '.mask[0].candidates | map(.token) | sort | join(" ")' out)" = ', . \' ]
    M -k 500 --keep '' --no-sequence <<< 'the cat [MASK]' |
        jq -c '.mask[0].candidates | map(select(.token == ("," , "." , "\\")))' > want
    jq -c '.mask[0].candidates' out | same want -
    run -0 M --targets 'cat,a\,' --keep '' <<< '[MASK]'
    run -2 --separate-stderr M --targets '\,,' <<< '[MASK]'
    [ "${stderr_lines[0]}" = "bert-mask: --targets: '' is no word" ]
}

@test "bert-mask: a target the vocabulary has no tokens for is refused" {
    for list in ξ cat,ξ '' cat, , ; do
        run -2 --separate-stderr M --targets "$list" <<< '[MASK]'
        [[ $stderr == *--targets* ]]
    done
    run -0 M --targets '[UNK]' <<< '[MASK]'
    run -2 --separate-stderr M --max-length 4 --targets cat,quickly,dog <<< x
    [ "${stderr_lines[0]}" = "bert-mask: --targets: 'quickly' has 2 pieces: too many for sequences of 4 tokens (--max-length)" ]
}

@test "bert-mask: a target at the end of a text as long as the model takes" {
    text=$(printf 'the cat %.0s' {1..38})
    # One mask fits, two are one too many: the first token goes, not the last.
    M --targets quickly --keep '' <<< "dog $text [MASK]" > a
    M --targets quickly --keep '' <<< "$text [MASK]" > b
    grep -q '"index":78' a
    grep -q '"index":77' b
    same <(grep -o '"score":[^,]*' a) <(grep -o '"score":[^,]*' b)
    M --targets quickly --keep '' <<< "[MASK] $text dog" > a
    M --targets quickly --keep '' <<< "[MASK] $text" > b
    same <(grep -o '"score":[^,]*' a) <(grep -o '"score":[^,]*' b)
}

@test "bert-mask: --score is the pseudo-log-likelihood" {
    M --score --keep '' "$MASK/plain.txt" > out
    near_json out "$MASK/score.jsonl"
}

@test "bert-mask: --score of a long text, cut or in windows" {
    M -q --score --keep '' "$MASK/long.txt" > out
    near_json out "$MASK/score-cut.jsonl"
    M --score --long window --keep '' "$MASK/long.txt" > out
    near_json out "$MASK/score-window.jsonl"
}

@test "bert-mask: --fill fills the surest first, looking again" {
    M --fill --keep '' "$MASK/masked.txt" > out
    near_json out "$MASK/fill.jsonl"
}

@test "bert-mask: --expand gives words for words" {
    M --expand -k 4 --keep '' "$MASK/plain.txt" > out
    near_json out "$MASK/expand.jsonl"
}

@test "bert-mask: --stop-words" {
    printf 'CAT\nmat\r\nhouse\n' > stops
    M --expand --stop-words stops -k 162 --keep '' \
        <<< 'the cat sat on the mat' > out
    [ "$(grep -o '"word":"[a-z]*"' out | tr '\n' ' ')" = \
        '"word":"the" "word":"sat" "word":"on" "word":"the" ' ]
    [ "$(grep -c '"token":"house"' out)" -eq 0 ]
    M --expand --stop-words '' -k 1 --keep '' <<< 'the cat, 7 1a' > out
    [ "$(grep -o '"word":"[a-z0-9]*"' out | tr '\n' ' ')" = \
        '"word":"the" "word":"cat" "word":"1a" ' ]
    run -3 --separate-stderr M --expand --stop-words nowhere <<< x
    [[ $stderr == *nowhere* ]]
}

@test "bert-mask: --template gives a context, places count in the text" {
    M --expand -k 3 --keep '' --template 'øl {} on the mat' <<< 'the cat sat' |
        sed 's/"index":[0-9]*,"start":[0-9]*,"end":[0-9]*//g' > a
    M --expand -k 3 --keep '' <<< 'øl the cat sat on the mat' |
        sed 's/"index":[0-9]*,"start":[0-9]*,"end":[0-9]*//g' > b
    grep -o '"word":"cat".*' a | sed 's/]}]}$/]}/' > c
    [ -s c ]
    grep -qF "$(cat c)" b
    [ "$(grep -c '"word":"mat"' a)" -eq 0 ]
    M --expand -k 1 --keep '' --template 'øl {} mat' <<< 'the cat sat' |
        grep -qF '"word":"cat","index":4,"start":4,"end":7,'
    printf '{"text":"the cat","offset_unit":"bytes"}\n' |
        M --expand -k 1 --keep '' --template 'øl {}' |
        grep -qF '"start":4,"end":7,'
    run -3 --separate-stderr M --expand --template 'øl {}' \
        <<< '{"ids":[2,9,3],"words":[null,0,null]}'
    [[ $stderr == *template* ]]
    for text in 'no place' '{} and {}'; do
        run -2 --separate-stderr M --expand --template "$text" <<< x
    done
}

@test "bert-mask: --expand needs words, and says which text of a pair" {
    run -3 --separate-stderr M --expand <<< '{"ids":[2,60,3]}'
    [[ $stderr == *words* ]]
    M --expand --pair -k 1 --keep '' <<< $'the cat\tthe dog' > out
    grep -qF '"word":"cat","index":2,"start":4,"end":7,"in":"text",' out
    grep -qF '"word":"dog","index":5,"start":4,"end":7,"in":"pair",' out
}

@test "bert-mask: --sparse equals SPLADE's formula" {
    M --sparse -k 12 --keep '' "$MASK/plain.txt" > out
    near_json out "$MASK/sparse.jsonl"
    M --sparse --min-score 1.5 --keep '' <<< 'the cat' > out
    [ "$(grep -cE '":(0|1\.[0-4])' out)" -eq 0 ]
    # All the tokens of a long text, each in its own window.
    M --sparse --long window -k 40 --keep '' "$MASK/long.txt" > out
    near_json out "$MASK/sparse-window.jsonl"
}

@test "bert-mask: --min-score, --no-sequence and --digits" {
    M --min-score 0.1 --digits 2 --no-sequence --keep '' \
        <<< 'the cat [MASK] on the mat' > out
    [ "$(cat out)" = '{"mask":[{"index":3,"candidates":[{"token":"|","id":70,"score":0.26},{"token":"g","id":49,"score":0.18}]}]}' ]
    M --min-score 0.9 --keep '' <<< '[MASK]' > out
    [ "$(cat out)" = '{"mask":[{"index":1,"candidates":[]}]}' ]
}

@test "bert-mask: -f tsv, --as and members of the user's" {
    M -f tsv --score --digits 3 <<< 'the cat' > out
    [ "$(head -n 1 out)" = $'text\tscore\tscores\ttruncated' ]
    awk -F '\t' 'NR == 2 && $2 < 0 && $3 ~ /^\[\{"index":1,/' out | grep -q cat
    M --as guess -k 1 --digits 1 <<< '{"id":7,"text":"[MASK]","mask":1}' > out
    [ "$(cat out)" = '{"id":7,"text":"[MASK]","mask":1,"guess":[{"index":1,"candidates":[{"token":"g","id":49,"score":0.3,"sequence":"g"}]}]}' ]
    M --as s --score --digits 1 <<< '{"text":""}' > out
    [ "$(cat out)" = '{"text":"","s":{"score":0,"scores":[]}}' ]
}

@test "bert-mask: a text without a mask has no candidates" {
    run -0 --separate-stderr M -k 1 --no-sequence --digits 1 <<< $'no\n\n[MASK]'
    [ "${lines[0]}" = '{"text":"no","mask":[]}' ]
    [ "${lines[1]}" = '{"text":"","mask":[]}' ]
    [[ ${lines[2]} == '{"text":"[MASK]","mask":[{"index":1,'* ]]
    [ "$stderr" = 'bert-mask: warning: 2 texts have no [MASK]' ]
    run -3 --separate-stderr M << 'END'
{"text":"no"}
{"ids":[2,999999,3]}
{"text":"no"}
{"text":"no"}
END
    [ "${#lines[@]}" -eq 1 ]
    [[ $stderr == *'warning: 1 text has no [MASK]'* ]]
    run -0 --separate-stderr M --fill <<< 'no mask'
    [ "$output" = '{"text":"no mask","sequence":"no mask","filled":[]}' ]
    [ "$stderr" = 'bert-mask: warning: 1 text has no [MASK]' ]
    run -0 --separate-stderr M --targets the --on-error emit <<< ''
    [ "$output" = '{"text":"","mask":[]}' ]
    run -0 --separate-stderr M -q -f tsv -k 1 <<< 'no'
    [ "${lines[1]}" = $'no\t[]\t' ]
    [ -z "$stderr" ]
}

@test "bert-mask: a mask that would be cut away is an error" {
    text=$(printf 'the cat %.0s' {1..50})
    run -3 --separate-stderr M <<< "[MASK] $text [MASK]"
    [[ $stderr == *'1 of its 2 masks'*80* ]]
    run -0 --separate-stderr M --keep '' -k 1 <<< "[MASK] $text"
    [[ $output == *'"truncated":true}' ]]
    run -0 --separate-stderr M -q --keep '' -k 1 --truncate-side left \
        <<< "$text [MASK]"
    run -0 --separate-stderr M --keep '' -k 1 --long window \
        <<< "[MASK] $text [MASK]"
    [[ $output == *'"index":1,'*'"index":102,'* ]]
    run -3 --separate-stderr M --long error <<< "[MASK] $text"
}

@test "bert-mask: --fill in windows fills every mask" {
    text=$(printf 'the cat %.0s' {1..50})
    M --fill --long window --keep '' <<< "[MASK] $text [MASK] $text [MASK]" > out
    [ "$(grep -o '"index"' out | wc -l)" -eq 3 ]
    [ "$(grep -c MASK out)" -eq 0 ]
    M --fill --long window --keep '' --batch-tokens 1 \
        <<< "[MASK] $text [MASK] $text [MASK]" > out2
    same out out2
}

@test "bert-mask: neighbours, threads and batches change no byte" {
    text=$(printf 'the cat %.0s' {1..50})
    { cat "$MASK/masked.txt" "$MASK/masked.txt"; echo "[MASK] $text [MASK]"; } \
        > texts
    for mode in -k3 '--targets cat,quickly' --fill --score --expand --sparse; do
        # shellcheck disable=SC2086
        M -i text --long window $mode < texts > a
        # shellcheck disable=SC2086
        M -i text --long window $mode -j 3 --batch-tokens 7 < texts > b
        same a b
        # shellcheck disable=SC2086
        tac texts | M -i text --long window $mode -j 2 | tac > b
        same a b
    done
}

@test "bert-mask: options that do nothing together are refused" {
    for options in '--fill --score' '--expand --sparse' '--score -k 3' \
        '--fill --min-score 0.5' '--score --targets a' '--template {}' \
        '--stop-words x' '--sparse --no-sequence' '--digits 10' '-k 0' \
        '--min-score x' '--score --min-score -5' '--fill --min-score -5'; do
        # shellcheck disable=SC2086
        run -2 --separate-stderr M $options <<< '[MASK]'
        [ -n "$stderr" ]
    done
}

@test "bert-mask: a model without the head names those it has" {
    run -3 --separate-stderr bert-mask -m "$MODELS/tiny-tag" <<< '[MASK]'
    [[ $stderr == *bert-tag* ]]
    run -3 --separate-stderr bert-mask -m "$TINY" <<< '[MASK]'
    [[ $stderr == *'no head'* ]]
}

@test "bert-mask: ids of another vocabulary stop the run" {
    run -3 --separate-stderr M --on-error skip \
        <<< '{"ids":[2,4,3],"vocab":"0123456789abcdef"}'
    [[ $stderr == *vocabulary* ]]
    run -3 --separate-stderr M <<< '{"ids":[2,4,999]}'
    [[ $stderr == *999* ]]
}

@test "bert-mask: --resume gives the same file" {
    M -o whole --score "$MASK/plain.txt"
    head -c 700 whole > part.part
    M -o part --resume --score "$MASK/plain.txt"
    same whole part
}
