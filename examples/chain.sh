#!/bin/bash
# chain.sh - heads one after the other, then jq and mlr
#
#   bash examples/chain.sh TAG-MODEL CLASSIFY-MODEL [FILE...]
#
# Each head adds its result to the records, under the name that --as gives, and
# leaves the rest as it is; each may have its own vocabulary, since the text
# stays. jq makes a row of each entity, with the label of its text, and mlr a
# table: how often a name stands in texts of which label. Needs jq and mlr.
set -eu -o pipefail
if [ $# -lt 2 ]; then
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
tag=$1 classify=$2
shift 2
cat -- "$@" |
    bert-tag -m "$tag" -i text --as names |
    bert-classify -m "$classify" -i jsonl --as mood |
    jq -c '{label: .mood.label} + (.names[] | {type, name: .text})' |
    mlr --ijson --opprint count -g type,name,label \
        "then" sort -nr count -f name
