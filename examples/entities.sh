#!/bin/bash
# entities.sh - the names that texts speak of, counted
#
#   bash examples/entities.sh [-m MODEL] [-t TYPE] [-s SCORE] [FILE...]
#
# Every line of the files (or of standard input) is a text. Prints count, type
# and name, TAB-separated, of the entities that bert-tag finds there with a
# score of SCORE (0.5) or more, only of TYPE (PER, say) where it is given; the
# most frequent first. MODEL: what bert-tag -m takes. Needs jq.
set -eu -o pipefail
model='' type='' score=0.5
while getopts m:t:s: option; do
    case $option in
    m) model=$OPTARG ;;
    t) type=$OPTARG ;;
    s) score=$OPTARG ;;
    *)
        sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
done
shift $((OPTIND - 1))
bert-tag ${model:+-m "$model"} -i text --keep '' -- "$@" |
    jq -r --arg type "$type" --argjson score "$score" '
        .entities[] | select(.score >= $score)
        | select($type == "" or .type == $type)
        | [.type, (.text | gsub("\\s+"; " "))] | @tsv' |
    LC_ALL=C sort | uniq -c | LC_ALL=C sort -s -k1,1nr |
    sed 's/^ *\([0-9]*\) /\1	/'
