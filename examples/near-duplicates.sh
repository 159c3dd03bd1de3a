#!/bin/sh
# near-duplicates.sh - pairs of lines that say nearly the same
#
#   sh examples/near-duplicates.sh [-t COSINE] [FILE...]
#
# Prints cosine, the two line numbers and the two lines, TAB-separated, of each
# pair whose cosine is at least COSINE (0.8), the most alike first. Every line
# is compared with every other: for thousands of lines, not for millions.
set -eu
least=0.8
if [ "${1-}" = -t ]; then
    least=$2
    shift 2
fi
case ${1-} in
-h | --help)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# Not cat: it would join a last line without an end to the next file's first.
sed -e '' -- "$@" > "$dir/lines"
bert-embed -i text -f tsv --drop text "$dir/lines" > "$dir/vectors"
awk -F '\t' -v least="$least" '
    NR == FNR { line[FNR] = $0; next }
    FNR == 1 { next } # the names of the columns
    {
        n = FNR - 1
        sum = 0
        for (i = 1; i <= NF; i++)
            sum += $i * $i
        for (i = 1; i <= NF; i++)
            v[n, i] = sum > 0 ? $i / sqrt(sum) : 0
        for (m = 1; m < n; m++) {
            dot = 0
            for (i = 1; i <= NF; i++)
                dot += v[m, i] * v[n, i]
            if (dot >= least)
                printf "%.4f\t%d\t%d\t%s\t%s\n", dot, m, n, line[m], line[n]
        }
    }' "$dir/lines" "$dir/vectors" | LC_ALL=C sort -s -t '	' -k1,1nr
