#!/bin/sh
# same_bytes.sh - the output depends on nothing but the records and the model
#
# One run on one thread with the default batch is compared, byte for byte, with
# other numbers of threads, other batches, other neighbours (shuffled, and the
# output's lines put back), texts that come one at a time, and another way in.
set -u
# shellcheck source=tests/full/lib.sh
. "$(dirname "$0")/lib.sh"
any_model
count=${COUNT:-200}
some_texts "$count" >"$tmp/texts"
echo "# $count texts, $(basename "$model")"

embed() {
    bert-embed -q -m "$model" -i text "$@"
}

for format in jsonl f32; do
    want=$tmp/want.$format
    embed -j 1 -f "$format" "$tmp/texts" >"$want"
    is "$format: the run that others are compared with" test -s "$want"
    for j in 2 3 7; do
        embed -j "$j" -f "$format" "$tmp/texts" >"$tmp/got"
        same "$format: -j $j" "$want" "$tmp/got"
    done
    for batch in 64 512 8k 1; do
        embed -j 2 --batch-tokens "$batch" -f "$format" "$tmp/texts" \
            >"$tmp/got"
        same "$format: --batch-tokens $batch" "$want" "$tmp/got"
    done
    embed -f "$format" <"$tmp/texts" >"$tmp/got"
    same "$format: standard input, default -j" "$want" "$tmp/got"
    # cat, so that the reader sees a pipe
    cat "$tmp/texts" | embed -f "$format" >"$tmp/got"
    same "$format: a pipe" "$want" "$tmp/got"
    head -n 20 "$tmp/texts" | while IFS= read -r line; do
        printf '%s\n' "$line" | embed -f "$format"
    done >"$tmp/got"
    size=$(wc -c <"$tmp/got")
    head -c "$size" "$want" | cmp -s - "$tmp/got" && [ "$size" -gt 0 ]
    is "$format: one text a run" test $? -eq 0
done

awk '{ print NR "\t" $0 }' "$tmp/texts" | shuf --random-source="$model/vocab.txt" \
    >"$tmp/shuffled"
cut -f 2- "$tmp/shuffled" | embed -j 2 -f jsonl | paste "$tmp/shuffled" - |
    sort -n | sed 's/^[^\t]*\t[^\t]*\t//' >"$tmp/got"
same "jsonl: shuffled and undone" "$tmp/want.jsonl" "$tmp/got"

tac "$tmp/texts" | embed -j 2 -f jsonl | tac >"$tmp/got"
same "jsonl: backwards and undone" "$tmp/want.jsonl" "$tmp/got"

# Through token records: the members differ, the numbers do not.
wp-tokenize -m "$model" -i text --fields ids,vocab "$tmp/texts" |
    embed -i jsonl -f f32 >"$tmp/got"
same "f32: through wp-tokenize" "$tmp/want.f32" "$tmp/got"

for j in 1 2 5; do
    wp-tokenize -m "$model" -i text -j "$j" "$tmp/texts" >"$tmp/tokens.$j"
done
same "wp-tokenize: -j 2" "$tmp/tokens.1" "$tmp/tokens.2"
same "wp-tokenize: -j 5" "$tmp/tokens.1" "$tmp/tokens.5"
done_testing
