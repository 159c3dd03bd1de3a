#!/bin/bash
# sentiment.sh - what texts are labelled, and how many of each
#
#   bash examples/sentiment.sh [-m MODEL] [-r LABEL -t SCORE] [FILE...]
#
# Every line of the files (or of standard input) is a text. Prints label, score
# and text of each, TAB-separated, in their order; then, on standard error, each
# label with its number of texts and their share. -r names the label of texts
# whose best score is below SCORE. MODEL: what bert-classify -m takes.
set -eu -o pipefail
model='' reject='' least=0.5
while getopts m:r:t: option; do
    case $option in
    m) model=$OPTARG ;;
    r) reject=$OPTARG ;;
    t) least=$OPTARG ;;
    *)
        sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
done
shift $((OPTIND - 1))
bert-classify ${model:+-m "$model"} ${reject:+--reject "$reject"} \
    ${reject:+--threshold "$least"} -i text -f tsv --keep text --digits 4 \
    -- "$@" |
    awk -F '\t' '
        NR == 1 { # the names of the columns, wherever they are
            for (i = 1; i <= NF; i++)
                column[$i] = i
            next
        }
        {
            label = $column["label"]
            count[label]++
            printf "%s\t%s\t%s\n", label, $column["score"], $column["text"]
        }
        END {
            for (label in count)
                printf "%s\t%d\t%.1f %%\n", label, count[label],
                    100 * count[label] / (NR - 1) | "LC_ALL=C sort >&2"
        }'
