#!/bin/bash
# coprocess.sh - a coprocess that is sent a line answers it before the next
set -u
# shellcheck source=tests/full/lib.sh
. "$(dirname "$0")/lib.sh"
any_model

# answers WHAT COMMAND...: five lines, each answered within the time limit
answers() {
    local what=$1 line k got=0
    shift
    coproc TOOL { "$@" 2>/dev/null; }
    local in=${TOOL[1]} out=${TOOL[0]} pid=$TOOL_PID
    for k in 1 2 3 4 5; do
        echo "line number $k" >&"$in"
        read -r -t 20 line <&"$out" && [ -n "$line" ] && got=$((got + 1))
    done
    exec {in}>&-
    read -r -t 20 line <&"$out" && got=-1
    exec {out}<&-
    wait "$pid"
    is "$what: five lines, five answers, status $?" test $? -eq 0 -a $got -eq 5
}

answers "wp-tokenize" wp-tokenize -m "$model" -i text
answers "wp-tokenize -f ids -j 2" wp-tokenize -m "$model" -f ids -j 2
answers "wp-tokenize --count" wp-tokenize -m "$model" --count
answers "bert-embed" bert-embed -m "$model" -i text
answers "bert-embed -j 1 -f tsv" bert-embed -m "$model" -f tsv --no-header -j 1
answers "wp-tokenize | bert-embed" sh -c \
    "wp-tokenize -m '$model' -i text | bert-embed -m '$model'"

# Vectors too: 4 bytes a dimension, as soon as the line is there.
coproc TOOL { bert-embed -m "$model" -f f32 2>/dev/null; }
bytes=$(bert-embed -q -m "$model" -f f32 <<<"a line" | wc -c)
exec {in}>&"${TOOL[1]}" {out}<&"${TOOL[0]}"
got=0
for k in 1 2 3; do
    echo "line $k" >&"$in"
    [ "$(timeout 20 head -c "$bytes" <&"$out" | wc -c)" -eq "$bytes" ] &&
        got=$((got + 1))
done
is "bert-embed -f f32: three lines, three vectors" test $got -eq 3
done_testing
