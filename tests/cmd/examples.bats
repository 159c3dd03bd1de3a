#!/usr/bin/env bats
# The scripts of examples/: with the tiny model each runs and gives what its
# head promises; with all-MiniLM-L6-v2, where it is, sense is expected, too.

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
    run sh "$examples/paragraphs.sh" text
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    [[ ${lines[0]} == '{"file":"text","paragraph":1,"text":"One \"line\" and a \\ second.","embedding":['* ]]
    [[ ${lines[1]} == '{"file":"text","paragraph":2,"text":"Next one.","embedding":['* ]]
}

@test "paragraphs.sh: a paragraph longer than the model reads is not cut" {
    for _ in $(seq 200); do printf 'word '; done > text
    run sh "$examples/paragraphs.sh" text
    [ "$status" -eq 0 ]
    [[ $output != *truncated* ]]
}

@test "token-budget.sh: names the texts that are too long" {
    run sh "$examples/token-budget.sh" -n 4 lines
    [ "$status" -eq 0 ]
    [[ ${lines[-1]} == '4 texts, '*' tokens, mean '*', longest '* ]]
    [[ ${lines[0]} == "1	"* ]]
}

@test "coprocess.sh: answers every line with four numbers" {
    run bash "$examples/coprocess.sh" < lines
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 4 ]
    [ "${lines[0]}" = "${lines[2]}" ]
    [[ ${lines[3]} =~ ^-?[0-9.e-]+,-?[0-9.e-]+,-?[0-9.e-]+,-?[0-9.e-]+.two\ dogs$ ]]
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
