#!/bin/sh
# search.sh - the lines that are nearest to a query in meaning
#
#   sh examples/search.sh [-k N] QUERY [FILE...]
#
# Every line of the files (or of standard input) and the query become a vector;
# the N (5) lines with the largest cosine are printed, the nearest first.
set -eu
k=5
if [ "${1-}" = -k ]; then
    k=$2
    shift 2
fi
if [ $# -eq 0 ] || [ "$1" = -h ] || [ "$1" = --help ]; then
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
query=$1
shift
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
printf '%s\n' "$query" > "$dir/lines"
# Not cat: it would join a last line without an end to the next file's first.
sed -e '' -- "$@" >> "$dir/lines"
bert-embed -i text -f tsv --drop text "$dir/lines" > "$dir/vectors"
awk -F '\t' '
    NR == 1 { next } # the names of the columns
    {
        dot = norm = 0
        for (i = 1; i <= NF; i++) {
            if (NR == 2)
                query[i] = $i
            dot += query[i] * $i
            norm += $i * $i
        }
        norm = sqrt(norm)
        if (NR == 2)
            length_of_query = norm
        both = norm * length_of_query
        printf "%.4f\n", (both > 0 ? dot / both : 0)
    }' "$dir/vectors" |
    paste - "$dir/lines" | sed 1d | LC_ALL=C sort -s -t '	' -k1,1nr |
    head -n "$k"
