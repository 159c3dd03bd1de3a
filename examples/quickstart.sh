#!/bin/sh
# quickstart.sh - from a fresh Debian to the nearest sentences of a query
#
#   sh examples/quickstart.sh
#
# Installs the packages (apt; sudo is used for that alone), builds, gets the
# default model and runs the main job on examples/sentences.txt. Run it as
# yourself. Running it again does only what is left to do.
set -eu
if [ $# -ne 0 ]; then
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
cd "$(dirname "$0")/.."
step() { printf '\n== %s\n' "$*"; }

step 'packages'
sh examples/packages.sh build get
echo 'all there'

step 'build'
make -s "-j$(nproc 2> /dev/null || echo 2)"
ls bin

step 'model'
sh examples/get-model.sh
PATH=$PWD/bin:$PATH
export PATH
unset BERT_MODEL BERT_MODELS

step 'cat examples/sentences.txt | wp-tokenize | bert-embed'
vectors=$(mktemp)
trap 'rm -f "$vectors"' EXIT
start=$(date +%s%N)
# shellcheck disable=SC2002
cat examples/sentences.txt | wp-tokenize | bert-embed > "$vectors"
end=$(date +%s%N)
head -n 1 "$vectors" | sed 's/\(\(,[^,]*\)\{4\}\),.*/\1, .../'
echo "$(wc -l < "$vectors") sentences in $(((end - start) / 1000000)) ms"

for query in 'a pet that naps somewhere cosy' 'looking at the night sky' \
    'my code does not work'; do
    step "nearest to \"$query\""
    sh examples/search.sh -k 3 "$query" examples/sentences.txt
done

cat << END

It works. With $PWD/bin on PATH, or after the second line:

    cat docs | wp-tokenize | bert-embed
    make install PREFIX=~/.local
END
