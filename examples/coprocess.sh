#!/bin/bash
# coprocess.sh - one bert-embed kept running, asked line by line
#
#   bash examples/coprocess.sh < questions
#
# The model is opened once; each line is answered as soon as it is written,
# here by the first four numbers of its vector.
set -eu
coproc EMBED { exec bert-embed -i text --drop text --digits 4; }
answer() {
    printf '%s\n' "$1" >&"${EMBED[1]}"
    IFS= read -r reply <&"${EMBED[0]}"
    reply=${reply#*[}
    printf '%s\t%s\n' "$(cut -d , -f 1-4 <<< "${reply%]*}")" "$1"
}
while IFS= read -r line; do
    answer "$line"
done
