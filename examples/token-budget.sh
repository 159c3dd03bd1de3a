#!/bin/bash
# token-budget.sh - how many tokens the texts have, and which are too long
#
#   bash examples/token-budget.sh [-n LIMIT] [FILE...]
#
# Prints number of the line and number of tokens of every text over LIMIT (256,
# what all-MiniLM-L6-v2 reads), then the sum, mean and longest of all.
set -eu -o pipefail
limit=256
if [ "${1-}" = -n ]; then
    limit=$2
    shift 2
fi
case ${1-} in
-h | --help)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
wp-tokenize -i text --count "$@" | awk -v limit="$limit" '
    $1 > limit { printf "%d\t%d\n", NR, $1 }
    { sum += $1; if ($1 > most) most = $1 }
    END {
        printf "%d texts, %d tokens, mean %.1f, longest %d\n",
            NR, sum, NR ? sum / NR : 0, most
    }'
