#!/bin/sh
# google.sh - Google's own checkpoint gives the bytes of what was made of it
#
# bert-base-cased came as a SavedModel (variables/); tests/gen/fetch-assets
# wrote model.safetensors from it, in Python. Here the tools read both. That
# every tensor is the same is tests/unit/test_google_names.c's.
set -u
# shellcheck source=tests/full/lib.sh
. "$(dirname "$0")/lib.sh"
model=${BERTUTILS_ASSETS:-/nowhere}/models/bert-base-cased
if [ ! -f "$model/variables/variables.index" ]; then
    skip "bert-base-cased" "its variables/ are not among the assets"
    done_testing
fi

# folder PREFIX: config and vocabulary as they are, the bundle under PREFIX
folder() {
    at=$tmp/$(echo "$1" | tr / _)
    mkdir -p "$at/$(dirname "$1")"
    ln -s "$model/vocab.txt" "$model/tokenizer_config.json" "$at"
    ln -s "$model/config.json" "$at/bert_config.json"
    for part in index data-00000-of-00001; do
        ln -s "$model/variables/variables.$part" "$at/$1.$part"
    done
}

some_texts 8 >"$tmp/texts"
for options in "" "--pooling pooler" "--layers 0,1"; do
    # shellcheck disable=SC2086
    bert-embed -q $options -m "$model" -i text "$tmp/texts" >"$tmp/want"
    is "safetensors ${options:-by default}" test -s "$tmp/want"
    for prefix in variables/variables bert_model.ckpt model.ckpt-9; do
        [ -d "$tmp/$(echo $prefix | tr / _)" ] || folder $prefix
        # shellcheck disable=SC2086
        bert-embed -q $options -m "$tmp/$(echo $prefix | tr / _)" -i text \
            "$tmp/texts" >"$tmp/got"
        same "$prefix ${options:-by default}" "$tmp/want" "$tmp/got"
    done
done
done_testing
