#!/usr/bin/env bats
# The scripts of examples/: with the tiny model each runs and gives what its
# head promises; with all-MiniLM-L6-v2, where it is, sense is expected, too.

bats_require_minimum_version 1.5.0

setup() {
    export BERT_MODEL=$PWD/${BUILD:-build}/tiny/tiny
    [ -d "$BERT_MODEL" ] || BERT_MODEL=${BUILD:-build}/tiny/tiny
    cd "$BATS_TEST_TMPDIR"
    examples=$BATS_TEST_DIRNAME/../../examples
    printf '%s\n' 'a man eats bread' 'the sky is dark' 'a man eats bread' \
        'two dogs' > lines
}

minilm() {
    [ -d "${BERTUTILS_ASSETS-}/models/minilm" ] ||
        skip 'BERTUTILS_ASSETS has no models/minilm'
    [ -z "${SAN-}" ] || skip 'slow under sanitizers'
    export BERT_MODEL=$BERTUTILS_ASSETS/models/minilm
}

@test "search.sh: the line that is the query comes first, then its copy" {
    run sh "$examples/search.sh" -k 3 'a man eats bread' lines
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
    [ "${lines[0]}" = "1.0000	a man eats bread" ]
    [ "${lines[1]}" = "1.0000	a man eats bread" ]
}

@test "search.sh: reads standard input" {
    run sh "$examples/search.sh" -k 1 'two dogs' < lines
    [ "$output" = "1.0000	two dogs" ]
}

@test "search.sh: a file whose last line does not end is not joined to the next" {
    printf 'the sky is dark' > first
    printf 'two dogs' > second
    run -0 sh "$examples/search.sh" -k 9 'two dogs' first second
    [ "${#lines[@]}" -eq 2 ]
    [ "${lines[0]}" = "1.0000	two dogs" ]
    [ "$(cut -f 2 <<< "${lines[1]}")" = 'the sky is dark' ]
}

@test "search.sh: without a query says how it is called" {
    run sh "$examples/search.sh"
    [ "$status" -eq 2 ]
    [[ $output == *"QUERY"* ]]
}

@test "search.sh: finds by meaning" {
    minilm
    run sh "$examples/search.sh" -k 3 'looking at the night sky' \
        "$examples/sentences.txt"
    [[ ${lines[0]} == *'Milky Way'* ]]
    run sh "$examples/search.sh" -k 1 'my code does not work' \
        "$examples/sentences.txt"
    [[ $output == *"The program crashed"* || $output == *"Compile it"* ]]
}

@test "near-duplicates.sh: finds the line that is there twice" {
    run sh "$examples/near-duplicates.sh" -t 0.9999 lines
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "1.0000	1	3	a man eats bread	a man eats bread" ]
}

@test "near-duplicates.sh: a file's end ends its last line" {
    printf 'two dogs' | tee first > second
    run -0 sh "$examples/near-duplicates.sh" -t 0.9999 first second
    [ "$output" = "1.0000	1	2	two dogs	two dogs" ]
}

@test "near-duplicates.sh: finds what is said in other words" {
    minilm
    printf '%s\n' 'The cat sat on the mat.' 'Rain is expected tomorrow.' \
        'A cat was sitting on the mat.' 'Tomorrow it will probably rain.' > lines
    run sh "$examples/near-duplicates.sh" -t 0.7 lines
    [ "${#lines[@]}" -eq 2 ]
    [[ $output == *"	1	3	"* ]]
    [[ $output == *"	2	4	"* ]]
}

@test "paragraphs.sh: a record a paragraph, quotes and all" {
    printf 'One "line"\nand a \\ second.\n\n\nNext\tone.\n' > text
    run bash "$examples/paragraphs.sh" text
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    [[ ${lines[0]} == '{"file":"text","paragraph":1,"text":"One \"line\" and a \\ second.","embedding":['* ]]
    [[ ${lines[1]} == '{"file":"text","paragraph":2,"text":"Next one.","embedding":['* ]]
}

@test "paragraphs.sh: a paragraph longer than the model reads is not cut" {
    for _ in $(seq 200); do printf 'word '; done > text
    run bash "$examples/paragraphs.sh" text
    [ "$status" -eq 0 ]
    [[ $output != *truncated* ]]
}

@test "paragraphs.sh: a file that is not there is a failure" {
    run bash "$examples/paragraphs.sh" nofile
    [ "$status" -ne 0 ]
    [[ $output == *nofile* ]]
}

@test "paragraphs.sh: a file may have '=' in its name" {
    cp lines a=b
    run -0 bash "$examples/paragraphs.sh" a=b
    [[ $output == '{"file":"a=b","paragraph":1,"text":"a man eats bread '* ]]
}

@test "token-budget.sh: names the texts that are too long" {
    run bash "$examples/token-budget.sh" -n 4 lines
    [ "$status" -eq 0 ]
    [[ ${lines[-1]} == '4 texts, '*' tokens, mean '*', longest '* ]]
    [[ ${lines[0]} == "1	"* ]]
}

@test "token-budget.sh: fails where wp-tokenize does" {
    run -3 bash "$examples/token-budget.sh" nofile
    [[ $output == *nofile* ]]
    printf 'good\n\377bad\n' > broken
    run -3 bash "$examples/token-budget.sh" broken
    [[ $output == *broken:2:* ]]
}

@test "coprocess.sh: answers every line with four numbers" {
    run bash "$examples/coprocess.sh" < lines
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 4 ]
    [ "${lines[0]}" = "${lines[2]}" ]
    [[ ${lines[3]} =~ ^-?[0-9.e-]+,-?[0-9.e-]+,-?[0-9.e-]+,-?[0-9.e-]+.two\ dogs$ ]]
}

# ---- heads ----

needs() { # TOOL...
    local tool
    for tool; do
        command -v "$tool" > /dev/null || skip "$tool is not installed"
    done
}
heads() { # the tiny models, in the order of their names
    models=$(dirname "$BERT_MODEL")
    tag=$models/tiny-tag classify=$models/tiny-classify
    mask=$models/tiny-pretraining
}

@test "entities.sh: counts the entities that bert-tag finds" {
    needs jq
    heads
    run -0 bash "$examples/entities.sh" -m "$tag" -s 0 lines
    bert-tag -m "$tag" -i text lines | jq -r '.entities[].text' > names
    [ "$(awk -F '\t' '{ n += $1 } END { print n }' <<< "$output")" -eq \
        "$(wc -l < names)" ]
    [ "$(cut -f 1 <<< "$output")" = "$(cut -f 1 <<< "$output" | sort -nr)" ]
    while IFS=$'\t' read -r count type name; do
        [ "$count" -gt 0 ] && [ -n "$type" ] && grep -qxF "$name" names
    done <<< "$output"
    first=$(cut -f 2 <<< "${lines[0]}")
    run -0 bash "$examples/entities.sh" -m "$tag" -s 0 -t "$first" < lines
    [ "$(cut -f 2 <<< "$output" | sort -u)" = "$first" ]
    run -0 bash "$examples/entities.sh" -m "$tag" -s 1.1 lines
    [ -z "$output" ]
}

@test "sentiment.sh: a label a line, and their shares" {
    heads
    run -0 --separate-stderr bash "$examples/sentiment.sh" -m "$classify" lines
    [ "$(cut -f 3 <<< "$output")" = "$(cat lines)" ]
    bert-classify -m "$classify" -i text --digits 4 lines |
        sed 's/.*"label":"\(.*\)","score":\(.*\)}/\1\t\2/' > want
    diff <(cut -f 1-2 <<< "$output") want
    [ "$(cut -f 2 <<< "$stderr" | paste -sd+ | tr '+' ' ' |
        awk '{ for (i = 1; i <= NF; i++) n += $i; print n }')" -eq 4 ]
    [[ $stderr == *' %' ]]
    run -0 --separate-stderr bash "$examples/sentiment.sh" -m "$classify" \
        -r unsure -t 1 lines
    [ "$stderr" = $'unsure\t4\t100.0 %' ]
}

@test "three-heads.sh: one stream of tokens gives what each head alone gives" {
    needs jq mkfifo
    heads
    run -0 bash "$examples/three-heads.sh" "$tag" "$classify" "$mask" lines
    [ "${#lines[@]}" -eq 4 ]
    [ "$(jq -r .text <<< "$output")" = "$(cat lines)" ]
    diff <(jq -c .entities <<< "$output") \
        <(bert-tag -m "$tag" -i text lines | jq -c .entities)
    diff <(jq -r .topic <<< "$output") \
        <(bert-classify -m "$classify" -i text lines | jq -r .label)
    diff <(jq .likely <<< "$output") \
        <(bert-mask -m "$mask" --score -i text lines | jq .score)
}

@test "three-heads.sh: a head of another vocabulary stops it" {
    needs jq mkfifo
    heads
    cp -r "$classify" other
    sed -i '10s/.*/foreign/' other/vocab.txt
    run bash "$examples/three-heads.sh" "$tag" other "$mask" lines
    [ "$status" -ne 0 ]
    [[ $output == *vocab* ]]
}

@test "chain.sh: each entity counted under the label of its text" {
    needs jq mlr
    heads
    run -0 bash "$examples/chain.sh" "$tag" "$classify" lines
    [[ ${lines[0]} =~ ^type\ +name\ +label\ +count$ ]]
    [ "$(awk 'NR > 1 { n += $NF } END { print n }' <<< "$output")" -eq \
        "$(bert-tag -m "$tag" -i text lines | jq '.entities | length' |
            awk '{ n += $1 } END { print n }')" ]
}

@test "entities.sh, sentiment.sh, chain.sh: fail where a head does" {
    needs jq mlr
    heads
    printf 'the dog\n\377bad\n' > broken
    run -3 bash "$examples/entities.sh" -m "$tag" broken
    [[ $output == *'bert-tag: broken:2: '* ]]
    run -3 bash "$examples/sentiment.sh" -m "$classify" broken
    [[ $output == *'bert-classify: broken:2: '* ]]
    run -3 bash "$examples/chain.sh" "$tag" "$classify" broken
    [[ $output == *'bert-tag: -:2: '* ]]
    run -3 bash "$examples/entities.sh" -m nonesuch lines
    run -3 bash "$examples/sentiment.sh" -m nonesuch lines
    run -3 bash "$examples/chain.sh" nonesuch "$classify" lines
}

@test "big-file.sh: blocks side by side give the bytes of one run" {
    needs parallel
    heads
    for i in $(seq 100); do sed "s/$/ $i/" lines; done > big
    sh "$examples/big-file.sh" -n 2 -b 1k big bert-tag -i text -m "$tag" > out
    bert-tag -i text -m "$tag" big | cmp - out
    run sh "$examples/big-file.sh" big bert-tag -i text -m nonesuch
    [ "$status" -ne 0 ]
}

@test "get-model.sh: leaves a whole model as it is, and links the default" {
    [ -d "${BERTUTILS_ASSETS-}/models/minilm" ] ||
        skip 'BERTUTILS_ASSETS has no models/minilm'
    mkdir models
    cp -r "$BERTUTILS_ASSETS/models/minilm" models/all-MiniLM-L6-v2
    run sh "$examples/get-model.sh" models
    [ "$status" -eq 0 ]
    [[ $output == *"is there and whole"* ]]
    [[ $output == *Apache-2.0* ]]
    [ "$(readlink models/default)" = all-MiniLM-L6-v2 ]
}

@test "get-model.sh: more than a folder is a usage error, -- ends the options" {
    [ -d "${BERTUTILS_ASSETS-}/models/minilm" ] ||
        skip 'BERTUTILS_ASSETS has no models/minilm'
    mkdir -p ./-models
    cp -r "$BERTUTILS_ASSETS/models/minilm" ./-models/all-MiniLM-L6-v2
    run -0 sh "$examples/get-model.sh" -- -models
    [ -L ./-models/default ]
}

@test "get-model.sh: a wrong command line downloads nothing" {
    mkdir stubs
    printf '#!/bin/sh\necho "$0 ran"\nexit 6\n' | tee stubs/curl > stubs/python3
    chmod +x stubs/*
    for wrong in 'one two' '-- one two' '-x'; do
        # shellcheck disable=SC2086
        PATH=$PWD/stubs:$PATH run -2 sh "$examples/get-model.sh" $wrong
        [[ $output != *ran* ]]
        [ ! -e one ]
    done
}

# curl and python3 that only fail: what is left when there is no network.
@test "get-model.sh: without a network fails, says so and leaves nothing" {
    mkdir stubs
    printf '#!/bin/sh\necho "curl: no network" >&2\nexit 6\n' > stubs/curl
    printf '#!/bin/sh\n[ "$3" = --version ]\n' > stubs/python3
    chmod +x stubs/*
    PATH=$PWD/stubs:$PATH run sh "$examples/get-model.sh" models
    [ "$status" -eq 1 ]
    [[ $output == *"could not be downloaded"* ]]
    [ -z "$(ls -A models)" ]
}

@test "get-model.sh: a download with a wrong SHA-256 is refused" {
    mkdir stubs
    # shellcheck disable=SC2016
    printf '%s\n' '#!/bin/sh' 'while [ "$1" != -o ]; do shift; done' \
        'echo forged > "$2"' > stubs/curl
    printf '#!/bin/sh\n[ "$3" = --version ]\n' > stubs/python3
    chmod +x stubs/*
    PATH=$PWD/stubs:$PATH run sh "$examples/get-model.sh" models
    [ "$status" -eq 1 ]
    [ -z "$(ls -A models)" ]
}

@test "packages.sh: every list has packages" {
    for list in build get test; do
        sh "$examples/packages.sh" --list $list
    done
    run sh "$examples/packages.sh" nonsense
    [ "$status" -ne 0 ]
}
