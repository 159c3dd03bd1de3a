#!/bin/bash
# three-heads.sh - one stream of tokens into three heads
#
#   bash examples/three-heads.sh TAG-MODEL CLASSIFY-MODEL MASK-MODEL [FILE...]
#
# The texts (a line each) are tokenised once; tee gives the token records to
# bert-tag, bert-classify and bert-mask --score, which run side by side. Their
# results are joined record by record: "entities" of the first, "topic" of the
# second, "likely" (log-probability of the text) of the third. The models must
# have one vocabulary: each head checks that. Needs jq.
set -eu -o pipefail
if [ $# -lt 3 ]; then
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
tag=$1 classify=$2 mask=$3
shift 3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkfifo "$dir/tag" "$dir/classify" "$dir/mask"
mkfifo "$dir/topic" "$dir/likely"
bert-classify -m "$classify" -j 1 --keep '' --as topic < "$dir/classify" \
    > "$dir/topic" &
bert-mask -m "$mask" -j 1 --score --keep '' --as likely < "$dir/mask" \
    > "$dir/likely" &
wp-tokenize -m "$tag" -i text -- "$@" |
    tee "$dir/tag" "$dir/classify" > "$dir/mask" &
# A TAB inside a string is written \t in JSON: this one separates.
bert-tag -m "$tag" -j 1 < "$dir/tag" | paste - "$dir/topic" "$dir/likely" |
    jq -c -R 'split("\t") | map(fromjson) | add
        | .topic |= .label | .likely |= .score'
for head in $(jobs -p); do
    wait "$head"
done
