#!/usr/bin/env bats
# bert-nsp.bats - the next text against transformers' BertForNextSentence-
# Prediction (tests/gen/nsp_refs.py), and what the options promise

load helper

setup_file() { make_models; }
setup() {
    cd "$BATS_TEST_TMPDIR" || exit
    GOLD=$ROOT/tests/golden/nsp
    MODEL=$MODELS/tiny-pretraining
}

nsp() { bert-nsp -q -m "$MODEL" "$@"; }
# fields COMMAND...: results alone, a line each, lists of numbers as fields
fields() {
    "$@" -q -f tsv --keep '' --no-header | sed 's/\ttrue$//; s/\t$//; s/ /\t/g'
}
# listed COMMAND...: index and number of each candidate, a line a record
listed() {
    "$@" -q --keep '' | awk '{
        line = ""
        while (match($0, /"index":[0-9]+,"is_next":[-+.0-9e]+/)) {
            entry = substr($0, RSTART + 8, RLENGTH - 8)
            $0 = substr($0, RSTART + RLENGTH)
            sub(/,"is_next":/, "\t", entry)
            line = line (line == "" ? "" : "\t") entry
        }
        print line }'
}

@test "bert-nsp: probability and logits equal transformers'" {
    fields nsp "$GOLD/pairs.txt" > out
    alike out "$GOLD/next.tsv"
    fields nsp --raw "$GOLD/pairs.txt" > out
    alike out "$GOLD/logits.tsv"
    fields nsp --raw --max-length 20 --truncate-side left "$GOLD/pairs.txt" > out
    alike out "$GOLD/left.tsv"
    run -0 --separate-stderr bert-nsp -m "$MODEL" --digits 3 "$GOLD/pairs.txt"
    [[ ${lines[0]} =~ ^\{\"text\":\"the\ cat\ sat\ on\ the\ mat\",\"pair\":\"the\ dog\ ran\ over\ it\",\"is_next\":[.0-9]+\}$ ]]
    [[ ${lines[4]} == *'"truncated":true}' ]]
    [[ $stderr == 'bert-nsp: warning: 1 text was cut'* ]]
}

@test "bert-nsp: token records of pairs give the same" {
    wp-tokenize -m "$MODEL" --pair "$GOLD/pairs.txt" > tokens
    nsp --keep text tokens > out
    nsp --keep text "$GOLD/pairs.txt" > want
    same out want
    sed 's/"text":"[^"]*","pair":"[^"]*",//' tokens > bare
    fields nsp bare > out
    alike out "$GOLD/next.tsv"
}

@test "bert-nsp: what is no pair is a bad record" {
    run -3 --separate-stderr nsp <<< '{"text":"the cat"}'
    [ "$stderr" = 'bert-nsp: -:1: no "pair"' ]
    run -3 --separate-stderr nsp <<< '{"ids":[2,108,3]}'
    [ "$stderr" = 'bert-nsp: -:1: its ids are not of a pair' ]
    run -3 --separate-stderr nsp <<< 'the cat'
    [ "$stderr" = 'bert-nsp: -:1: no TAB in a line of a pair' ]
    run -1 --separate-stderr nsp --on-error emit --digits 2 << 'EOF'
{"text":"the cat"}
{"text":"the cat","pair":"sat"}
EOF
    [ "${lines[0]}" = '{"text":"the cat","error":"no \"pair\""}' ]
    [[ ${lines[1]} == *'"is_next":'* ]]
}

@test "bert-nsp: --candidates equals transformers' pairs, the best first" {
    listed nsp --candidates "$GOLD/candidates.txt" -k 100 "$GOLD/contexts.txt" > out
    alike out "$GOLD/replies.tsv"
    listed nsp --candidates "$GOLD/candidates.txt" -k 100 --max-length 20 "$GOLD/contexts.txt" > out
    alike out "$GOLD/replies-20.tsv"
    listed nsp --candidates "$GOLD/candidates.txt" -k 2 "$GOLD/contexts.txt" > out
    cut -f 1-4 "$GOLD/replies.tsv" > want
    alike out want
    listed nsp --candidates "$GOLD/candidates.txt" "$GOLD/contexts.txt" > out
    cut -f 1-10 "$GOLD/replies.tsv" > want
    alike out want
    wp-tokenize -m "$MODEL" "$GOLD/contexts.txt" |
        nsp --keep text --candidates "$GOLD/candidates.txt" > out
    nsp --keep text --candidates "$GOLD/candidates.txt" "$GOLD/contexts.txt" > want
    same out want
}

@test "bert-nsp: a candidate's number is that of the pair by itself" {
    nsp --candidates "$GOLD/candidates.txt" -k 8 --raw --keep '' \
        <<< 'the man eats food' | grep -o '"logits":\[[^]]*' | sort > out
    sed 's/^/the man eats food\t/' "$GOLD/candidates.txt" |
        nsp --raw --keep '' | grep -o '"logits":\[[^]]*' | sort > want
    same out want
}

@test "bert-nsp: --candidates and type_ids that no first text has" {
    for types in 0,1,0,1 1,0,0,0; do
        run -3 --separate-stderr nsp --candidates "$GOLD/candidates.txt" \
            <<< "{\"ids\":[2,10,11,3],\"type_ids\":[$types]}"
        [ "$stderr" = \
            'bert-nsp: -:1: type_ids are not all 0, as a first text'"'"'s are' ]
    done
}

@test "bert-nsp: --candidates in jsonl, and its files" {
    printf 'the lazy "dog"\r\n\nrain' > lines
    run -0 nsp --candidates lines --digits 2 <<< '{"id":7,"text":"the cat"}'
    [[ $output =~ ^\{\"id\":7,\"text\":\"the\ cat\",\"candidates\":\[(\{\"text\":\"[^\{]*\",\"index\":[012],\"is_next\":[.0-9e-]+\},?){3}\]\}$ ]]
    [[ $output == *'"text":"the lazy \"dog\"","index":0'* ]]
    [[ $output == *'"text":"","index":1'* ]]
    run -0 bash -c 'printf "a\nb\n" | bert-nsp -q -m "$0" --candidates - "$1" | wc -l' \
        "$MODEL" "$GOLD/contexts.txt"
    [ "$output" -eq 4 ]
    : > none
    run -3 --separate-stderr nsp --candidates none <<< the
    [ "$stderr" = 'bert-nsp: none: no candidates' ]
    run -3 --separate-stderr nsp --candidates nowhere <<< the
    [[ $stderr == 'bert-nsp: nowhere: '* ]]
    printf 'ok\nb\xff\n' > bad
    run -3 --separate-stderr nsp --candidates bad <<< the
    [ "$stderr" = 'bert-nsp: bad:2: invalid UTF-8 at byte 2' ]
    run -0 nsp --candidates bad --invalid replace <<< the
}

@test "bert-nsp: bad records with --candidates" {
    run -3 --separate-stderr nsp --candidates "$GOLD/candidates.txt" \
        <<< '{"text":"the","pair":"cat"}'
    [[ $stderr == 'bert-nsp: -:1: a pair, but the candidates are the second texts' ]]
    wp-tokenize -m "$MODEL" --pair <<< 'the	cat' > pair
    run -3 --separate-stderr nsp --candidates "$GOLD/candidates.txt" pair
    [[ $stderr == *'a pair, but'* ]]
    # the seventh candidate is too long to be kept whole
    run -3 --separate-stderr nsp --candidates "$GOLD/candidates.txt" --long error <<< the
    [[ $stderr == 'bert-nsp: -:1: candidate 6: '*' tokens: more than 80'* ]]
    run -3 --separate-stderr nsp --candidates "$GOLD/candidates.txt" --truncate only-first <<< the
    [[ $stderr == 'bert-nsp: -:1: candidate 6: '* ]]
    run -1 --separate-stderr nsp --candidates "$GOLD/candidates.txt" --truncate only-second \
        --on-error skip "$GOLD/contexts.txt"
    [ "${#lines[@]}" -eq 3 ]
    [[ $stderr == *'contexts.txt:4: candidate 0: '* ]]
}

@test "bert-nsp: the same bytes for any -j, --batch-tokens, neighbours" {
    for k in 1 2 3 4 5; do cat "$GOLD/contexts.txt"; done > many
    nsp --candidates "$GOLD/candidates.txt" many > want
    for options in '-j 1' '-j 3' '--batch-tokens 1' '--batch-tokens 100 -j 2'; do
        # shellcheck disable=SC2086
        nsp --candidates "$GOLD/candidates.txt" $options many > out
        same out want
    done
    tac many | nsp --candidates "$GOLD/candidates.txt" | tac > out
    same out want
    for k in 1 2 3 4 5; do cat "$GOLD/pairs.txt"; done > many
    nsp many > want
    for options in '-j 1' '-j 3' '--batch-tokens 1' '--batch-tokens 100 -j 2'; do
        # shellcheck disable=SC2086
        nsp $options many > out
        same out want
    done
}

@test "bert-nsp: more candidates than run at once" {
    for ((i = 0; i < 1500; i++)); do echo "$i"; done > lines
    nsp --candidates lines -k 3 --keep '' --batch-tokens 2000 <<< $'the cat\nrain' > out
    [ "$(wc -l < out)" -eq 2 ]
    head -1 out | grep -o '"index":[0-9]*' | head -1 > best
    sed 's/^/the cat\t/' lines | nsp --raw --keep '' |
        sed 's/.*\[\(.*\),\(.*\)\].*/\1 \2/' |
        awk '{ d = $1 - $2; if (NR == 1 || d > most) { most = d; at = NR - 1 } }
            END { print "\"index\":" at }' > want
    same best want
}

@test "bert-nsp: long pairs are cut or bad: nothing speaks of windows" {
    run -3 --separate-stderr nsp --long error --max-length 6 <<< $'the cat\tsat on the mat'
    [ "$stderr" = 'bert-nsp: -:1: 9 tokens: more than 6 (--long truncate)' ]
    for option in '--truncate only-first' '--truncate-side left'; do
        # shellcheck disable=SC2086
        run -2 --separate-stderr nsp --long error $option <<< $'a\tb'
        [ "${stderr_lines[0]}" = "bert-nsp: ${option% *} goes with --long truncate" ]
    done
    [ "$(nsp --help | grep -c window)" -eq 0 ]
}

@test "bert-nsp: --as, --resume, TSV" {
    run -0 nsp --as follows --digits 2 --keep '' <<< 'the cat	sat'
    [[ $output =~ ^\{\"follows\":[.0-9]+\}$ ]]
    nsp --candidates "$GOLD/candidates.txt" "$GOLD/contexts.txt" > want
    head -c 700 want > out.part
    nsp --candidates "$GOLD/candidates.txt" -o out --resume "$GOLD/contexts.txt"
    same out want
    run -0 nsp -f tsv <<< 'the cat	sat'
    [ "${lines[0]}" = "$(printf 'text\tpair\tis_next\ttruncated')" ]
}

@test "bert-nsp: options that do not go together are refused" {
    while read -r options; do
        # shellcheck disable=SC2086
        run -2 --separate-stderr nsp $options <<< 'the	cat'
        [[ $stderr == 'bert-nsp: '*"Try 'bert-nsp --help'"* ]]
    done << 'EOF'
-k 3
--pair --candidates x
--candidates -
--long window
--overlap 3
--max-length 2
--digits 10
-f tsv --on-error emit
EOF
}

@test "bert-nsp: a model without the head" {
    run -3 --separate-stderr bert-nsp -m "$MODELS/tiny-classify" <<< 'the	cat'
    [[ $stderr == *'no head for the next sentence'*bert-classify* ]]
    run -3 --separate-stderr bert-nsp -m "$TINY" <<< 'the	cat'
    [[ $stderr == *'no head that is known'* ]]
}

@test "bert-nsp: a live stream" {
    coproc bert-nsp -m "$MODEL" --candidates "$GOLD/candidates.txt" -k 1 -i text
    echo 'the cat' >&"${COPROC[1]}"
    IFS= read -r -t 20 answer <&"${COPROC[0]}"
    [[ $answer == '{"text":"the cat","candidates":[{"text":'* ]]
    exec {COPROC[1]}>&-
    wait
}

@test "bert-nsp: ids without [CLS] are a bad record" {
    no_cls='bert-nsp: -:1: no [CLS] before its tokens: the head stands on it'
    wp-tokenize -m "$MODEL" --no-special <<< 'the cat' > bare
    run -3 --separate-stderr nsp --candidates "$GOLD/candidates.txt" < bare
    [ "$stderr" = "$no_cls" ]
    printf 'the cat\tthe dog\n' | wp-tokenize -m "$MODEL" --pair --no-special > bare
    run -3 --separate-stderr nsp < bare
    [ "$stderr" = "$no_cls" ]
    # the first token is the template's [SEP]
    run -3 --separate-stderr nsp <<< '{"ids":[3,108,3],"type_ids":[0,1,1]}'
    [ "$stderr" = "$no_cls" ]
    run -0 nsp <<< '{"ids":[2,108,3,108,3],"type_ids":[0,0,0,1,1]}'
}
