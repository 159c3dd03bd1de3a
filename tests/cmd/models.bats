#!/usr/bin/env bats
# models.bats - where a model is looked for, and models that are none

load helper

setup_file() { make_models; }
setup() {
    cd "$BATS_TEST_TMPDIR" || exit
    export HOME=$PWD/home XDG_DATA_HOME=$PWD/data
    DATA=$XDG_DATA_HOME/bertutils/models
    mkdir -p "$HOME" "$DATA"
}

works() { # ARGUMENT...: with these the model is found
    [ "$(wp-tokenize -f ids "$@" <<< 'the cat')" = '2 108 114 3' ]
}

@test "-m takes a folder, or a file in one" {
    works -m "$TINY"
    works -m "$TINY/"
    works -m "$TINY/model.safetensors"
    cp -r "$TINY" local
    works -m local
    (cd local && works -m model.safetensors && works -m .)
}

@test "-m with another file of the folder is refused" {
    cp -r "$TINY" local
    cp local/model.safetensors local/other.safetensors
    run --separate-stderr bert-embed -m local/other.safetensors <<< x
    [ "$status" -eq 3 ]
    [[ $stderr == *'local/other.safetensors: neither'* ]]
}

@test "-m takes a name in the models folders, in their order" {
    ln -s "$TINY" "$DATA/small"
    works -m small
    mkdir -p first second
    BERT_MODELS=$PWD/first:$PWD/second run -3 wp-tokenize -m none <<< the
    ln -s "$TINY" second/none
    BERT_MODELS=$PWD/first:$PWD/second works -m none
    unset XDG_DATA_HOME
    mkdir -p "$HOME/.local/share/bertutils/models"
    ln -s "$TINY" "$HOME/.local/share/bertutils/models/athome"
    works -m athome
}

@test "-m takes a name beside the program's folder" {
    mkdir -p prefix/bin prefix/share/bertutils/models
    cp "$(command -v wp-tokenize)" prefix/bin
    ln -s "$TINY" prefix/share/bertutils/models/here
    [ "$(prefix/bin/wp-tokenize -m here -f ids <<< the)" = '2 108 3' ]
}

@test "-m takes org/name in the Hugging Face cache, at refs/main" {
    hub() { # FOLDER: a cache with the model at another revision's side
        local at=$1/models--some--model
        mkdir -p "$at/refs" "$at/snapshots/abc123" "$at/snapshots/old"
        printf 'abc123' > "$at/refs/main"
        cp -r "$TINY/." "$at/snapshots/abc123"
    }
    hub "$HOME/.cache/huggingface/hub"
    works -m some/model
    run -3 wp-tokenize -m some/other <<< the
    rm -r "$HOME/.cache"
    run -3 wp-tokenize -m some/model <<< the
    hub "$PWD/hf/hub"
    HF_HOME=$PWD/hf works -m some/model
    HF_HUB_CACHE=$PWD/hf/hub works -m some/model
    printf '../../../etc\n' > hf/hub/models--some--model/refs/main
    HF_HOME=$PWD/hf run -3 wp-tokenize -m some/model <<< the
}

@test "without -m: BERT_MODEL, default-TOOL, default" {
    run -3 wp-tokenize <<< the
    ln -s "$TINY" "$DATA/default"
    works
    ln -s nonesuch "$DATA/default-tokenize"
    works
    ln -sfn "$BARE" "$DATA/default-embed"
    [ "$(bert-embed -f f32 <<< the | wc -c)" -eq 144 ]
    [ "$(BERT_MODEL=$TINY bert-embed -f f32 <<< the | wc -c)" -eq 128 ]
    [ "$(BERT_MODEL=$TINY bert-embed -m "$BARE" -f f32 <<< the | wc -c)" -eq 144 ]
}

@test "a missing model: where it was looked for, and the command that gets one" {
    run -3 --separate-stderr wp-tokenize <<< the
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == "wp-tokenize: no model "*"$DATA/default-tokenize"* ]]
    [[ $stderr == *"$DATA/default, "* ]]
    [[ $stderr == *'`sh examples/get-model.sh` gets the default model' ]]
    run -3 --separate-stderr bert-embed -m some/name <<< the
    [[ $stderr == "bert-embed: no model some/name: looked for some/name, "* ]]
    [[ $stderr == *"$DATA/some/name"*models--some--name* ]]
    mkdir -p prefix/bin
    cp "$(command -v wp-tokenize)" prefix/bin
    printf '#!/bin/sh\n' > prefix/bin/bertutils-get-model
    chmod +x prefix/bin/bertutils-get-model
    run -3 --separate-stderr prefix/bin/wp-tokenize <<< the
    [[ $stderr == *'`bertutils-get-model` gets the default model' ]]
}

@test "what is no model stops the tool with one line" {
    mkdir empty
    for tool in wp-tokenize bert-embed; do
        run -3 --separate-stderr $tool -m empty <<< the
        [ -z "$output" ]
        [ "${#stderr_lines[@]}" -eq 1 ]
        [[ $stderr == "$tool: "*empty* ]]
    done
    cp -r "$TINY" broken
    head -c 5000 "$TINY/model.safetensors" > broken/model.safetensors
    run -3 --separate-stderr bert-embed -m broken <<< the
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *model.safetensors* ]]
    sed -i 's/"hidden_size":32/"hidden_size":36/' broken/config.json
    cp "$TINY/model.safetensors" broken
    run -3 --separate-stderr bert-embed -m broken <<< the
    [[ $stderr == *'['*']'*'['*']'* ]]
    cp -r "$TINY" unknown
    sed -i 's/models.Normalize/models.Magic/' unknown/modules.json
    run -3 --separate-stderr bert-embed -m unknown <<< the
    [[ $stderr == *Magic* ]]
}

@test "BERT_KERNELS forces kernels; one that is not here is refused" {
    BERT_KERNELS=ref,refgemm run -0 --separate-stderr bert-embed -v -m "$TINY" <<< the
    [[ $stderr == *'kernels: ref, refgemm'* ]]
    BERT_KERNELS=abacus run -3 --separate-stderr bert-embed -m "$TINY" <<< the
    [[ $stderr == *abacus* ]]
}
