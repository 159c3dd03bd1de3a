#!/usr/bin/env bats
# options.bats - help, version, and command lines that are wrong

load helper

setup_file() { make_models; }
setup() { cd "$BATS_TEST_TMPDIR" || exit; }

@test "-h fits one screen, --help lists every option" {
    for tool in wp-tokenize bert-embed; do
        run -0 "$tool" -h
        [ "${lines[0]}" = "Usage: $tool [OPTION]... [FILE]..." ]
        [ "$("$tool" -h | wc -l)" -le 24 ]
        for name in $("$tool" --dump-options | cut -f 2); do
            "$tool" --help | grep -q -e "--$name\b"
        done
        [ "$("$tool" --help | awk 'length > 80' | wc -l)" -eq 0 ]
    done
}

@test "-V gives version and libraries" {
    for tool in wp-tokenize bert-embed; do
        run -0 "$tool" -V
        [[ ${lines[0]} =~ ^$tool\ \(bertutils\)\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
        [[ $output == *PCRE2* ]]
        run -0 "$tool" --version
    done
    [[ $output == *blis* ]]
}

@test "--dump-options: five fields an option, names in no other use" {
    for tool in wp-tokenize bert-embed; do
        "$tool" --dump-options | awk -F '\t' 'NF != 5 || $5 == "" { exit 1 }'
        [ -z "$("$tool" --dump-options | cut -f 2 | sort | uniq -d | tr -d '\n')" ]
        [ -z "$("$tool" --dump-options | cut -f 1 | grep . | sort | uniq -d)" ]
    done
}

# wrong MESSAGE ARGUMENT...: exit 2, one line with MESSAGE, and the advice
wrong() {
    local message=$1
    shift
    run -2 --separate-stderr "$@" < /dev/null
    [ -z "$output" ]
    [ "${#stderr_lines[@]}" -eq 2 ]
    [[ ${stderr_lines[0]} == "$1: "*"$message"* ]] ||
        { echo "${stderr_lines[0]}"; return 1; }
    [ "${stderr_lines[1]}" = "Try '$1 --help'" ]
}

@test "an option beside its opposite is a usage error, in either order" {
    opposite() {
        wrong "$2 and $3 exclude each other" "$1" "$2" "$3"
        wrong "$3 and $2 exclude each other" "$1" "$3" "$2"
    }
    opposite wp-tokenize --cased --uncased
    opposite wp-tokenize --strip-accents --no-strip-accents
    opposite wp-tokenize --progress --no-progress
    opposite bert-embed --normalize --no-normalize
    opposite bert-tag --progress --no-progress
    run -0 tok --progress -q --progress -f ids <<< the
    wrong '--literal does not go with --compat google' \
        wp-tokenize -m "$TINY" --literal --compat google
    wrong '--offsets goes with offsets among --fields' \
        wp-tokenize -m "$TINY" --fields ids --offsets bytes
}

@test "a wrong option is a usage error" {
    wrong 'unknown option --nonesuch' wp-tokenize --nonesuch
    wrong 'unknown option -x' wp-tokenize -x
    wrong 'unknown option -x' bert-embed -qx
    wrong 'unknown option -\xC3' bert-embed -é
    wrong 'unknown option -\xC3' bert-embed -qéx
    wrong 'option --model needs an argument' bert-embed --model
    wrong 'option -m needs an argument' wp-tokenize -m
    wrong 'option --pair takes no argument' wp-tokenize --pair=yes
    wrong 'option --no is ambiguous' wp-tokenize --no
    wrong 'option --o is ambiguous: --on-error, --overlap, --offsets, --output' \
        wp-tokenize --o
    wrong 'option --di is ambiguous: --dims, --digits' bert-embed --di=3
    wrong "'xml' is not one of auto|text|jsonl|tsv" wp-tokenize -i xml
    wrong "'x' is not a number" wp-tokenize --max-length x
    wrong "'12x' is not a number" bert-embed --batch-tokens 12x
    wrong "'-1' is not a number" bert-embed -j -1
    wrong "'99999999999999999999' is not a number" \
        bert-embed --max-record 99999999999999999999
    wrong 'is less than 1' bert-embed -j 0
    wrong 'is less than 2' wp-tokenize --max-length 1
    wrong "'bf16' is not one of f32" bert-embed --dtype bf16
}

@test "options that exclude one another, or would do nothing, are refused" {
    wrong '--keep and --drop' wp-tokenize --keep a --drop b
    wrong '--vocab and --model' wp-tokenize --vocab v -m x
    wrong '--vocab needs --cased or --uncased' wp-tokenize --vocab v
    wrong '--count' wp-tokenize --count -f ids
    wrong '--skip-special goes with --decode' wp-tokenize --skip-special
    wrong '--no-special' wp-tokenize --decode --no-special
    wrong '--fields goes with' wp-tokenize -f ids --fields ids
    wrong '--fields: ids twice' wp-tokenize -m "$TINY" --fields ids,ids
    wrong "--fields: 'x'" wp-tokenize -m "$TINY" --fields x
    wrong '--offsets goes with' wp-tokenize -f ids --offsets bytes
    wrong '--keep does not go' wp-tokenize -f ids --keep a
    wrong '--no-header goes with' wp-tokenize --no-header
    wrong '--quiet and --verbose exclude each other' bert-embed -q -v
    wrong '--verbose and --quiet exclude each other' wp-tokenize -v -q
    wrong '--vocab: an empty name' wp-tokenize --vocab '' --cased
    wrong '--candidates: an empty name' bert-nsp --candidates ''
    wrong '--on-error emit does not go with' wp-tokenize -f tsv --on-error emit
    wrong '--null goes with' wp-tokenize -0 -i jsonl
    wrong '--columns goes with' wp-tokenize --columns text
    wrong '--overlap goes with' wp-tokenize -m "$TINY" --overlap 3
    wrong '--truncate goes with' wp-tokenize -m "$TINY" --truncate only-first
    wrong 'an output file is empty' wp-tokenize -m "$TINY" -o ''
    wrong 'an output file is empty' \
        bert-qa -m "$MODELS/tiny-qa" -f squad --null-odds ''
    wrong '--truncate-side goes with --long truncate or window' \
        bert-embed -m "$TINY" --long error --truncate-side left
    wrong '--truncate goes with --long truncate, window or head-tail' \
        bert-classify -m "$MODELS/tiny-classify" --long error --truncate only-first
    wrong '--truncate-side goes with --long truncate or window' \
        bert-classify -m "$MODELS/tiny-classify" --long error --truncate-side left
    wrong '--truncate-side' bert-embed -m "$TINY" --truncate-side up
    wrong '--overlap 9' bert-embed -m "$TINY" --long window --max-length 9 --overlap 9
    wrong 'has room for 1 token, and' \
        bert-embed -m "$TINY" --long window --max-length 3 --overlap 1
    wrong '--max-length 2: a window of it has no room for a text' \
        bert-embed -m "$TINY" --long window --max-length 2
    wrong '--max-length 81' bert-embed -m "$TINY" --max-length 81
    wrong 'a pair needs 3' bert-embed -m "$TINY" --pair --max-length 2
    wrong '--long needs --max-length' \
        wp-tokenize --vocab "$TINY/vocab.txt" --cased --long window
    wrong '--concat goes with' bert-embed --concat
    wrong '--with-special goes with' bert-embed --with-special
    wrong '--pooling does not go' bert-embed --per-token --pooling cls
    wrong '--format tsv does not go' bert-embed --per-word -f tsv
    wrong '--quantize int8 goes with' bert-embed -f f32 --quantize int8
    wrong '--quantize binary does not' bert-embed -f f32 --quantize binary
    wrong '--digits goes with' bert-embed -f f32 --digits 3
    wrong '--rows goes with' bert-embed --rows 3
    wrong '--prompt and --prompt-name' bert-embed --prompt a --prompt-name b
    wrong "no prompt 'x'" bert-embed -m "$TINY" --prompt-name x
    wrong '--layers' bert-embed -m "$TINY" --layers 4
    wrong '--layers' bert-embed -m "$TINY" --layers -4
    wrong 'counts downward' bert-embed -m "$TINY" --layers -1..-2
    wrong '--dims 33: the vectors have 32' bert-embed -m "$TINY" --dims 33
    wrong '--dims' bert-embed -m "$TINY" --dims 33 --per-token
}

@test "a pattern that does not compile is a usage error" {
    wrong 'missing closing parenthesis' wp-tokenize -m "$TINY" --protect '(a'
}

@test "long options may be shortened, options may follow operands" {
    echo 'the cat' > file
    run -0 wp-tokenize file --mod "$TINY" --form ids
    [ "$output" = '2 108 114 3' ]
}

@test "-- ends the options, - is standard input" {
    echo 'the cat' > -f
    echo 'the dog' > in
    run -0 tok -f ids -- -f
    [ "$output" = '2 108 114 3' ]
    wp-tokenize -m "$TINY" -f ids -- -f - -f < in > out
    [ "$(wc -l < out)" -eq 3 ]
    [ "$(sed -n 2p out)" = '2 108 115 3' ]
}

@test "numbers take k, M, G" {
    run -0 tok --max-record 1k -f ids <<< 'the cat'
    run -3 --separate-stderr tok --max-record 1k -f ids < <(printf 'a%.0s' {1..1025})
    [ "$stderr" = 'wp-tokenize: -:1: a record of more than 1024 bytes' ]
}

@test "BERT_THREADS that is no number is a usage error" {
    BERT_THREADS=many wrong BERT_THREADS wp-tokenize -m "$TINY"
    BERT_THREADS=many run -0 tok -j 1 -f ids <<< 'the'
}

@test "--help writes to /dev/full with status 3" {
    run -3 --separate-stderr bash -c 'wp-tokenize --help > /dev/full'
    [ "$stderr" = 'wp-tokenize: standard output: No space left on device' ]
}
