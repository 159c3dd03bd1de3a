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

@test "-m takes the very weights file it names; another file is refused" {
    want=$(bert-embed -m "$TINY" <<< 'the cat')
    cp -r "$TINY" local
    mv local/model.safetensors local/other.safetensors
    [ "$(bert-embed -m local/other.safetensors <<< 'the cat')" = "$want" ]
    cp "$TINY-zip/pytorch_model.bin" local/better.bin
    cp "$TINY-bfloat/pytorch_model.bin" local
    [ "$(bert-embed -m local/better.bin <<< 'the cat')" = "$want" ]
    [ "$(bert-embed -m local <<< 'the cat')" != "$want" ]
    for file in vocab.txt config.json; do
        run -3 --separate-stderr bert-embed -m local/$file <<< x
        [[ $stderr == *"local/$file: neither a model's folder nor"* ]]
    done
}

@test "every form of the weights gives the same bytes" {
    same() { # MODEL MODEL
        cmp <(printf 'the cat\nsat on\n\n' | bert-embed -m "$1") \
            <(printf 'the cat\nsat on\n\n' | bert-embed -m "$2")
    }
    for form in zip stream shards; do
        same "$TINY" "$TINY-$form"
    done
    same "$TINY-half-f32" "$TINY-half"
    same "$TINY-bfloat-f32" "$TINY-bfloat"
    run ! same "$TINY" "$TINY-half"
    BERT_KERNELS=ref,refgemm same "$TINY" "$TINY-stream"
    BERT_KERNELS=ref,blis same "$TINY" "$TINY-stream"
}

@test "of several forms, model.safetensors is taken" {
    cp -r "$TINY" local
    printf nonsense > local/pytorch_model.bin
    bert-embed -m local <<< the
    rm local/model.safetensors
    run -3 --separate-stderr bert-embed -m local <<< the
    [[ $stderr == *'local/pytorch_model.bin: not a file of torch.save()'* ]]
}

@test "a pickle that would run code is refused with one line, and runs nothing" {
    cp -r "$TINY" local
    rm local/model.safetensors
    {
        printf '\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.'
        printf '\x80\x02M\xe9\x03.\x80\x02}X\x0d\0\0\0little_endian\x88s.'
        printf '\x80\x02cos\nsystem\nX\x0c\0\0\0touch broken\x85R.'
    } > local/pytorch_model.bin
    run -3 --separate-stderr bert-embed -m local <<< the
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *'local/pytorch_model.bin: pickle: byte 2: it names os.system,'* ]]
    [ ! -e broken ]
}

@test "a shard that is missing, or lacks a tensor, is named" {
    cp -r "$TINY-shards" local
    index=local/model.safetensors.index.json
    sed -i '0,/model-00002/s//model-00001/' $index
    run -3 --separate-stderr bert-embed -m local <<< the
    [[ $stderr == *"$index: tensor "*': it is not in model-00001-of-00002.safetensors'* ]]
    cp "$TINY-shards/model.safetensors.index.json" local
    rm local/model-00002*
    run -3 --separate-stderr bert-embed -m local <<< the
    [[ $stderr == *'local/model-00002-of-00002.safetensors: No such file'* ]]
    sed -i 's|model-00002|../model-00002|' $index
    run -3 --separate-stderr bert-embed -m local <<< the
    [[ $stderr == *'is no file of this folder'* ]]
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
    XDG_CACHE_HOME=$PWD/cache run -3 wp-tokenize -m some/model <<< the
    hub "$PWD/cache/huggingface/hub"
    XDG_CACHE_HOME=$PWD/cache works -m some/model
    printf '../../../etc\n' > hf/hub/models--some--model/refs/main
    HF_HOME=$PWD/hf run -3 wp-tokenize -m some/model <<< the
}

@test "-m org/name: a cache that is named is the only one, as for HF" {
    hub() {
        mkdir -p "$1/models--some--model/refs" "$1/models--some--model/snapshots"
        printf abc > "$1/models--some--model/refs/main"
        ln -s "$TINY" "$1/models--some--model/snapshots/abc"
    }
    hub "$HOME/.cache/huggingface/hub"
    works -m some/model
    HF_HUB_CACHE=$PWD/none run -3 --separate-stderr \
        wp-tokenize -m some/model <<< the
    [[ $stderr == *"$PWD/none/models--some--model"* ]]
    [[ $stderr != *.cache* ]]
    HF_HOME=$PWD/none run -3 wp-tokenize -m some/model <<< the
    HF_HUB_CACHE='' HF_HOME='' works -m some/model
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

@test "an empty -m is a usage error, an empty BERT_MODEL is none" {
    ln -s "$TINY" "$DATA/default"
    for tool in wp-tokenize bert-embed; do
        run -2 --separate-stderr "$tool" -m '' <<< the
        [ -z "$output" ]
        [[ ${stderr_lines[0]} == "$tool: -m: "*empty* ]]
        BERT_MODEL=$TINY run -2 "$tool" --model= <<< the
        BERT_MODEL='' run -0 "$tool" <<< the
    done
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

@test "a missing model: a path is looked for where it says, and nowhere else" {
    mkdir -p "$DATA/a" sub
    cp -r "$TINY" "$DATA/a/b"
    for path in "$PWD/a/b" ./a/b ../a/b; do
        (cd sub && run -3 --separate-stderr wp-tokenize -m "$path" <<< the &&
            [[ $stderr == "wp-tokenize: no model $path: looked for $path; "* ]])
    done
    run -0 wp-tokenize -m a/b <<< the
}

@test "a missing model: a head tool says which it needs, not where the encoder is" {
    while read -r name head; do
        run -3 --separate-stderr "bert-$name" <<< $'the\tcat'
        [ "${#stderr_lines[@]}" -eq 1 ]
        [[ $stderr == "bert-$name: no model was given and there is no default: looked for "* ]]
        [[ $stderr == *"; -m takes a model with a head for $head, or link one as default-$name (the default model, which \`"*"\` gets, has none)" ]]
        run -3 --separate-stderr "bert-$name" -m none <<< $'the\tcat'
        [[ $stderr == *"; -m takes a model with a head for $head, or link one as default-$name (the default"* ]]
        run -3 --separate-stderr "bert-$name" -m "$TINY" <<< $'the\tcat'
        [[ $stderr == *": no head for $head in the model; it has no head that is known: it is one for bert-embed" ]]
    done << 'END'
mask masked words
nsp the next sentence
tag labels of tokens
classify labels of texts
qa answers
END
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

@test "a pointer of Git LFS in a file's place is called one" {
    printf '%s\n' 'version https://git-lfs.github.com/spec/v1' \
        'oid sha256:53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db' \
        'size 90868376' > pointer
    for file in model.safetensors pytorch_model.bin bert_model.ckpt.index \
        config.json vocab.txt; do
        rm -rf cloned
        cp -r "$BARE" cloned
        [ -e "cloned/$file" ] || rm cloned/model.safetensors
        cp pointer "cloned/$file"
        run -3 --separate-stderr bert-embed -m cloned <<< the
        [ "$stderr" = "bert-embed: cloned/$file: a Git LFS pointer, not the file itself (git lfs pull gets it)" ]
    done
}

@test "BERT_KERNELS forces kernels; one that is not here is refused" {
    BERT_KERNELS=ref,refgemm run -0 --separate-stderr bert-embed -v -m "$TINY" <<< the
    [[ $stderr == *'kernels: ref, refgemm'* ]]
    BERT_KERNELS=abacus run -2 --separate-stderr bert-embed -m "$TINY" <<< the
    [[ $stderr == 'bert-embed: BERT_KERNELS: '*abacus*"Try 'bert-embed --help'" ]]
    local elsewhere=neon
    [ "$(uname -m)" != aarch64 ] || elsewhere=avx2
    BERT_KERNELS=$elsewhere run -3 bert-embed -m "$TINY" <<< the
}
