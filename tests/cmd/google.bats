#!/usr/bin/env bats
# google.bats - Google's checkpoints and SavedModels give what safetensors give

load helper

setup_file() { make_models; }
setup() {
    cd "$BATS_TEST_TMPDIR" || exit
    export HOME=$PWD/home
}

bundle() { "$BUILD/gen/tiny_bundle" "$@"; }

# google MODEL FOLDER [FILE]: a folder as Google's zip files have it
google() {
    mkdir -p "$2"
    bundle google "$MODELS/$1/model.safetensors" "$2/${3-bert_model.ckpt}"
    cp "$MODELS/$1"/{vocab.txt,tokenizer_config.json} "$2"
    sed 's/"model_type":"[a-z]*",//; s/"architectures":\[[^]]*\],//
        s/"layer_norm_eps":[^,]*,//; s/"pad_token_id":[^,]*,//
        s/,"position_embedding_type":"[a-z]*"//' "$MODELS/$1/config.json" \
        > "$2/bert_config.json"
}

# saved MODEL FOLDER: one as TensorFlow Hub has it
saved() {
    mkdir -p "$2/variables" "$2/assets"
    bundle saved "$MODELS/$1/model.safetensors" "$2/variables/variables"
    cp "$MODELS/$1/vocab.txt" "$2/assets"
    cp "$MODELS/$1"/{config.json,tokenizer_config.json} "$2"
}

texts() { printf '%s\n' 'the cat sat.' 'a dog' '' 'it is cold in winter, 42!'; }

refused() { # TEXT ARGUMENT...: exit 3 and one line with the text
    run -3 --separate-stderr bert-embed "${@:2}" <<< 'the cat'
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"$1"* ]] || { echo "$stderr"; false; }
}

@test "a Google checkpoint and a SavedModel embed the bytes of safetensors" {
    for model in tiny-bare tiny-pretraining; do
        texts | bert-embed -m "$MODELS/$model" > want
        google $model g-$model
        texts | bert-embed -m g-$model | same want -
        saved $model s-$model
        texts | bert-embed -m s-$model | same want -
        texts | bert-embed -m s-$model/variables/variables.index | same want -
        (cd s-$model && texts | bert-embed -m variables/variables.index) |
            same want -
    done
}

@test "each matrix library and one thread or two take turned matrices" {
    google tiny-pretraining g
    for kernels in refgemm blis; do
        export BERT_KERNELS=$kernels
        texts | bert-embed -m "$MODELS/tiny-pretraining" > want
        texts | bert-embed -m g -j 1 | same want -
        texts | bert-embed -m g -j 2 | same want -
    done
}

@test "the pooler of a checkpoint is found" {
    google tiny-pretraining g
    texts | bert-embed --pooling pooler -m "$MODELS/tiny-pretraining" > want
    texts | bert-embed --pooling pooler -m g | same want -
}

@test "a checkpoint from training, and the one of several that is named" {
    google tiny-pretraining g model.ckpt-343
    texts | bert-embed -m "$MODELS/tiny-pretraining" > want
    texts | bert-embed -m g | same want -
    bundle google "$MODELS/tiny-qa/model.safetensors" g/model.ckpt-1
    refused 'several checkpoints' -m g
    texts | bert-embed -m g/model.ckpt-343.index | same want -
    texts | bert-embed -m "$MODELS/tiny-qa" > want
    texts | bert-embed -m g/model.ckpt-1.index | same want -
}

@test "safetensors beside a checkpoint come first" {
    google tiny-pretraining g
    cp "$MODELS/tiny-qa/model.safetensors" g
    texts | bert-embed -m "$MODELS/tiny-qa" > want
    texts | bert-embed -m g | same want -
    run -0 --separate-stderr bert-embed -v -m g <<< the
    [[ $stderr == *'bert-embed: weights: g/model.safetensors'* ]]
    run -0 --separate-stderr bert-embed -v -m g/bert_model.ckpt.index <<< the
    [[ $stderr == *'bert-embed: weights: g/bert_model.ckpt.index'* ]]
}

@test "a folder that says nothing of the case names the remedy" {
    google tiny-pretraining g
    rm g/tokenizer_config.json
    refused '{"do_lower_case": true} or false' -m g
    echo '{"do_lower_case": true}' > g/tokenizer_config.json
    texts | bert-embed -m "$MODELS/tiny-pretraining" > want
    texts | bert-embed -m g | same want -
    rm g/tokenizer_config.json
    texts | bert-embed --uncased -m g | same want -
    echo 'The Cat' | wp-tokenize --cased -m g > cased
    grep -q UNK cased # its vocabulary has no capitals
    echo 'The Cat' | bert-embed --cased -m g > want
    bert-embed --cased -m g cased | same want -
}

@test "broken checkpoints are refused by name" {
    google tiny-pretraining g
    cp -r g h && printf x | dd of=h/bert_model.ckpt.data-00001-of-00002 \
        bs=1 seek=130 conv=notrunc status=none
    refused 'data-00001-of-00002: tensor ' -m h
    refused 'its checksum is wrong' -m h
    rm h/bert_model.ckpt.data-00001-of-00002
    refused 'data-00001-of-00002: No such file' -m h
    head -c 100 g/bert_model.ckpt.data-00001-of-00002 \
        > h/bert_model.ckpt.data-00001-of-00002
    refused ' of 100' -m h
    head -c 2000 g/bert_model.ckpt.index > h/bert_model.ckpt.index
    refused 'bert_model.ckpt.index: no table' -m h
    cp g/bert_model.ckpt.index h
    printf x | dd of=h/bert_model.ckpt.index bs=1 seek=300 conv=notrunc \
        status=none
    refused 'bert_model.ckpt.index: block at ' -m h
    sed -i 's/"hidden_size":32/"hidden_size":36/' g/bert_config.json
    refused 'bert.embeddings.word_embeddings.weight: shape [162,32], where' -m g
}

@test "what is no weight is not looked at" {
    google tiny-pretraining g
    # Every byte 3F belongs to the optimizer's slots alone or to a weight: a
    # run of 64 is a slot's.
    at=$(LC_ALL=C grep -obUaP '\x3F{64}' g/bert_model.ckpt.data-00000-of-00002 |
        head -n 1 | cut -d: -f1)
    printf x | dd of=g/bert_model.ckpt.data-00000-of-00002 bs=1 seek="$at" \
        conv=notrunc status=none
    texts | bert-embed -m "$MODELS/tiny-pretraining" > want
    texts | bert-embed -m g | same want -
}

@test "heads of checkpoints give what those of safetensors give" {
    google tiny-pretraining p
    google tiny-qa q
    google tiny-classify c
    google tiny-tag t
    for task in 'bert-mask p tiny-pretraining a [MASK] sat' \
        'bert-qa q tiny-qa {"question":"the cat","context":"a dog sat"}' \
        'bert-nsp p tiny-pretraining {"text":"a dog","pair":"it sat"}' \
        'bert-classify c tiny-classify the cat sat' \
        'bert-tag t tiny-tag the cat sat'; do
        read -r tool folder model text <<< "$task"
        # labels are no part of a checkpoint, or of Google's configuration
        cp "$MODELS/$model/config.json" "$folder"
        "$tool" -m "$MODELS/$model" <<< "$text" > want
        [ -s want ]
        "$tool" -m "$folder" <<< "$text" | same want -
    done
}
