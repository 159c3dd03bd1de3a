#!/bin/sh
# big-file.sh - a tool over a big file, several processes at once
#
#   sh examples/big-file.sh [-n PROCESSES] [-b BLOCK] FILE TOOL [OPTION...]
#
# GNU parallel cuts FILE into blocks of whole lines (10M), gives each to a TOOL
# of one thread and joins what they write, in order (-k): the bytes are those
# of one process, whatever PROCESSES (the cores) and BLOCK are. For formats
# without a header: jsonl, ids, f32.
#
#   sh examples/big-file.sh reviews.txt bert-classify -i text > labels.jsonl
#
# One process with -j does the same on one machine; this is for what only
# parallel has: --sshlogin, --joblog, --retries, --bar.
set -eu
processes=100% block=10M
while getopts n:b: option; do
    case $option in
    n) processes=$OPTARG ;;
    b) block=$OPTARG ;;
    *)
        sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
done
shift $((OPTIND - 1))
if [ $# -lt 2 ]; then
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
file=$1
shift
exec parallel --pipe -k --block "$block" -j "$processes" --halt now,fail=1 \
    --will-cite -q "$@" -j 1 < "$file"
