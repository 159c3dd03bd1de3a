#!/usr/bin/env bats
# bert-embed.bats - vectors against sentence-transformers and transformers
# (tests/gen/cmd_refs.py), formats, and what the options promise

load helper

setup_file() { make_models; }
setup() { cd "$BATS_TEST_TMPDIR" || exit; }

bare() { bert-embed -m "$BARE" "$@"; }

# numbers COMMAND...: vectors alone, a line each
numbers() { "$@" -q -f tsv --keep '' --no-header | sed 's/\ttrue$//; s/\t$//'; }
# floats N: raw f32 as lines of N numbers
floats() { od -An -v -t f4 -w$(($1 * 4)); }

@test "bert-embed: the folder's own pipeline equals sentence-transformers" {
    numbers embed "$GOLDEN/texts.txt" > out
    near out "$GOLDEN/vectors-default.txt"
}

@test "bert-embed: a bare BERT gives the mean, not normalised" {
    numbers bare "$GOLDEN/texts.txt" > out
    near out "$GOLDEN/vectors-bare.txt"
}

@test "bert-embed: token records from wp-tokenize give the same bytes" {
    embed -q --keep text -f jsonl "$GOLDEN/texts.txt" > a
    tok "$GOLDEN/texts.txt" | embed -q --keep text > b
    same a b
    tok -f tsv "$GOLDEN/texts.txt" | embed -q -i tsv --keep text > b
    same a b
}

@test "bert-embed: --pooling, --layers, --concat" {
    numbers bare --pooling cls "$GOLDEN/texts.txt" > out
    near out "$GOLDEN/vectors-cls.txt"
    numbers bare --layers -2..-1 "$GOLDEN/texts.txt" > out
    near out "$GOLDEN/vectors-average.txt"
    numbers bare --layers 0,-1 --concat "$GOLDEN/texts.txt" > out
    near out "$GOLDEN/vectors-concat.txt"
    for pooling in max mean-sqrt weighted-mean last; do
        numbers bare --pooling $pooling "$GOLDEN/texts.txt" > out
        near out "$GOLDEN/vectors-bare.txt" > /dev/null && return 1
        [ "$(wc -l < out)" -eq 7 ]
    done
    run -3 --separate-stderr bare --pooling pooler <<< the
    [[ $stderr == *pooler* ]]
    run -0 embed --pooling pooler --dims 1 <<< the
}

@test "bert-embed: --normalize and --no-normalize" {
    numbers bare --normalize "$GOLDEN/texts.txt" |
        awk '{ for (i = 1; i <= NF; i++) s += $i * $i } END { exit !(s > 6.9999 && s < 7.0001) }'
    numbers embed --no-normalize "$GOLDEN/texts.txt" > out
    near out "$GOLDEN/vectors-default.txt" > /dev/null && return 1
    run -2 embed --no-normalize --normalize "$GOLDEN/texts.txt"
}

@test "bert-embed: more --dims than there are names the option" {
    for also in '' --per-token '--layers 0,1 --concat'; do
        # shellcheck disable=SC2086
        run -2 --separate-stderr embed --dims 99999 $also <<< the
        [[ ${stderr_lines[0]} =~ ^'bert-embed: --dims 99999: the vectors have '[0-9]+$ ]]
    done
}

@test "bert-embed: --dims cuts, and normalises again" {
    numbers embed --dims 8 "$GOLDEN/texts.txt" > out
    near out "$GOLDEN/vectors-dims.txt"
}

@test "bert-embed: prompts, by name, by text and none" {
    numbers embed --prompt-name query "$GOLDEN/texts.txt" > out
    near out "$GOLDEN/vectors-query.txt"
    numbers embed --prompt 'query: ' "$GOLDEN/texts.txt" > other
    same out other
    numbers embed --prompt '' "$GOLDEN/texts.txt" > out
    near out "$GOLDEN/vectors-default.txt"
    run -3 --separate-stderr embed --prompt 'x ' <<< '{"ids":[2,3]}'
    [[ $stderr == 'bert-embed: -:1: a prompt '* ]]
    run -3 --separate-stderr embed --prompt 'x ' <<< '{"text":["a"]}'
    cp -r "$TINY" prompted
    sed -i 's/"default_prompt_name":null/"default_prompt_name":"query"/' \
        prompted/config_sentence_transformers.json
    numbers bert-embed -m prompted "$GOLDEN/texts.txt" > out
    near out "$GOLDEN/vectors-query.txt"
    run -3 bert-embed -m prompted <<< '{"ids":[2,3]}'
    run -0 bert-embed -m prompted --prompt '' <<< '{"ids":[2,3]}'
}

@test "bert-embed: a pair is one sequence with two segments" {
    head -1 "$GOLDEN/pairs.txt" > pair
    numbers bare --pair pair > out
    near out "$GOLDEN/vectors-pair.txt"
    tok --pair pair > record
    numbers bare record > out
    near out "$GOLDEN/vectors-pair.txt"
}

@test "bert-embed: --similarity of text and pair" {
    for kind in cosine dot euclidean; do
        numbers embed --similarity $kind "$GOLDEN/pairs.txt" > out
        near out "$GOLDEN/vectors-$kind.txt"
    done
    run -0 embed --similarity cosine --digits 3 <<< '{"id":1,"text":"the","pair":"the"}'
    [ "$output" = '{"id":1,"text":"the","pair":"the","similarity":1}' ] ||
        [ "$output" = '{"id":1,"text":"the","pair":"the","similarity":1.0}' ]
    run -3 --separate-stderr embed --similarity cosine <<< '{"ids":[2,3]}'
    [[ $stderr == 'bert-embed: -:1: '* ]]
    run -3 --separate-stderr embed --similarity cosine <<< '{"text":"the"}'
    [ "$stderr" = 'bert-embed: -:1: no "pair"' ]
}

@test "bert-embed: --per-token and --per-word" {
    head -6 "$GOLDEN/texts.txt" > in
    bare --per-token -f f32 in | floats 36 > out
    near out "$GOLDEN/vectors-per-token.txt"
    bare --per-word -f f32 in | floats 36 > out
    near out "$GOLDEN/vectors-per-word.txt"
    tok in | bare --per-word -f f32 | floats 36 > out
    near out "$GOLDEN/vectors-per-word.txt"
    [ "$(bare --per-token --with-special -f f32 <<< 'the' | wc -c)" -eq $((3 * 144)) ]
}

@test "bert-embed: --per-token in jsonl has tokens, offsets and a matrix" {
    run -0 bare --per-token --dims 1 --digits 2 <<< 'Jumps'
    [[ $output =~ ^\{\"text\":\"Jumps\",\"tokens\":\[\"jump\",\"##s\"\],\"offsets\":\[\[0,4\],\[4,5\]\],\"embedding\":\[\[[-.0-9e]+\],\[[-.0-9e]+\]\]\}$ ]]
    run -0 bare --per-word --dims 1 --digits 2 <<< 'the Jumps'
    [[ $output =~ ^\{\"text\":\"the\ Jumps\",\"words\":\[0,1\],\"offsets\":\[\[0,3\],\[4,9\]\],\"embedding\":\[\[[-.0-9e]+\],\[[-.0-9e]+\]\]\}$ ]]
    run -0 bare --per-token --dims 1 --prompt 'query: ' <<< 'the'
    [[ $output == *'"tokens":["the"],"offsets":[[0,3]],'* ]]
    run -0 bare --per-word --dims 1 --prompt 'query: ' <<< 'the'
    [[ $output == *'"words":[0],"offsets":[[0,3]],'* ]]
    run -0 bare --per-token <<< ''
    [ "$output" = '{"text":"","tokens":[],"offsets":[],"embedding":[]}' ]
    run -3 --separate-stderr bare --per-word <<< '{"ids":[2,108,3]}'
    [[ $stderr == 'bert-embed: -:1: no "words"'* ]]
    run -0 bare --per-token --normalize --dims 1 <<< '{"text":"a","pair":"the"}'
    [[ $output == *'"type_ids":[0,1],"embedding":[['* ]]
}

@test "bert-embed: --long window counts each token once, where it has most context" {
    numbers bare --long window --max-length 20 --overlap 5 "$GOLDEN/texts.txt" > out
    near out "$GOLDEN/vectors-window.txt"
}

@test "bert-embed: cut texts are marked, counted, and cut as sentence-transformers does" {
    tail -1 "$GOLDEN/texts.txt" > in
    run -0 --separate-stderr embed --dims 1 in
    [[ $output == *'"truncated":true'* ]]
    [[ $stderr == 'bert-embed: warning: 1 text was cut'* ]]
    run -3 --separate-stderr embed --long error in
    [[ $stderr == "bert-embed: in:1: "*' tokens: more than 64'* ]]
    tok in | embed -q > a
    embed -q in > b
    same a b
}

@test "bert-embed: --quantize int8 and binary" {
    numbers embed --quantize binary "$GOLDEN/texts.txt" > out
    near out "$GOLDEN/vectors-binary.txt"
    run -0 embed --quantize binary <<< 'the cat sat on the mat'
    want=$(head -1 "$GOLDEN/vectors-binary.txt" | tr ' ' ,)
    [ "$output" = "{\"text\":\"the cat sat on the mat\",\"embedding\":[$want]}" ]
    # x / scale to the nearest integer, scale the largest |x| / 127
    numbers embed --quantize int8 "$GOLDEN/texts.txt" |
        awk '{ for (i = 1; i < NF; i++) printf "%s%.9g", (i > 1 ? " " : ""), $i * $NF; print "" }' > out
    paste -d '\n' out "$GOLDEN/vectors-default.txt" | awk '
        NR % 2 { split($0, a); next }
        { for (i = 1; i <= NF; i++) { d = a[i] - $i; if (d > 0.003 || d < -0.003) exit 1 } }'
    run -0 embed --quantize int8 --as v --keep '' <<< 'the'
    [[ $output =~ ^\{\"v\":\{\"embedding\":\[[-0-9,]+\],\"scale\":[.0-9e-]+\}\}$ ]]
    [[ $output =~ [^0-9]127[^0-9] ]]
}

@test "bert-embed: f32 and npy hold the numbers that jsonl prints" {
    embed -q "$GOLDEN/texts.txt" | sed 's/.*"embedding":\[\([^]]*\)\].*/\1/; s/,/ /g' > want
    embed -q -f f32 "$GOLDEN/texts.txt" | floats 32 > out
    near out want
    embed -q -f npy -o array.npy "$GOLDEN/texts.txt"
    [ "$(head -c 128 array.npy | tr -d '\n' | cut -c 2-6,11-)" != '' ]
    head -c 128 array.npy | grep -aq "'descr': '<f4', 'fortran_order': False, 'shape': (7, 32)"
    tail -c +129 array.npy > rows
    embed -q -f f32 "$GOLDEN/texts.txt" > raw
    same rows raw
    embed -q -f npy "$GOLDEN/texts.txt" > redirected.npy
    same redirected.npy array.npy
    embed -q -f npy --rows 7 "$GOLDEN/texts.txt" | cat > piped.npy
    same piped.npy array.npy
    embed -q -f npy --quantize binary -o bits.npy "$GOLDEN/texts.txt"
    head -c 128 bits.npy | grep -aq "'descr': '|u1', 'fortran_order': False, 'shape': (7, 4)"
    embed -f npy -o empty.npy < /dev/null
    head -c 128 empty.npy | grep -aq "'shape': (0, 32)"
}

@test "bert-embed: npy to a pipe needs --rows, and keeps to it" {
    run -2 --separate-stderr bash -c 'bert-embed -m "$TINY" -f npy <<< the | cat; exit ${PIPESTATUS[0]}'
    [[ $stderr == *--rows* ]]
    run -3 --separate-stderr bash -c 'bert-embed -m "$TINY" -f npy --rows 2 <<< the | wc -c; exit ${PIPESTATUS[0]}'
    [ "$output" -eq $((128 + 128)) ]
    [[ $stderr == *'--rows 2, but there was 1 record' ]]
    run -3 --separate-stderr bash -c 'printf "a\nb\nc\n" | bert-embed -m "$TINY" -f npy --rows 2 | wc -c; exit ${PIPESTATUS[1]}'
    [ "$output" -eq $((128 + 256)) ]
}

@test "bert-embed: --rows 0 is the array of an empty input" {
    embed -f npy -o want < /dev/null
    embed -f npy --rows 0 < /dev/null | cat > out
    same out want
    grep -qa "'shape': (0, 32)" out
    run -3 --separate-stderr bash -c 'bert-embed -m "$TINY" -f npy --rows 0 <<< the | cat; exit ${PIPESTATUS[0]}'
    [[ $stderr == *'more records than --rows 0' ]]
    run -2 embed --rows 0 <<< the
}

@test "bert-embed: TSV has the kept members, then d0, d1 .." {
    run -0 embed -f tsv --dims 2 --keep id <<< '{"id":3,"text":"the"}'
    [ "$(cut -f 1-3 <<< "${lines[0]}")" = "$(printf 'id\td0\td1')" ]
    [[ ${lines[1]} == 3$'\t'* ]]
}

@test "bert-embed: --digits gives fewer digits, the default all" {
    run -0 embed --digits 3 --keep '' <<< 'the'
    [[ ! $output =~ [1-9][0-9]{3} ]]
    embed -f f32 <<< the | od -An -v -t x4 > want
    embed --keep '' <<< the | tr -cd '0-9.,e+-' | tr ',' '\n' > shown
    [ "$(wc -l < shown)" -ge 31 ]
}

@test "bert-embed: a folder with its files in 0_Transformer" {
    [ "$(bert-embed -m "$MODELS/tiny-dense" -f f32 <<< the | wc -c)" -gt 0 ]
}

@test "bert-embed: npy that stops at a bad record holds the rows before it" {
    printf 'the\ncat\n\377\ndog\n' > in
    run -3 sh -c 'bert-embed -m "$0" -f npy in > out.npy' "$TINY"
    head -c 128 out.npy | grep -aq "'shape': (2, 32)"
    [ "$(wc -c < out.npy)" -eq $((128 + 2 * 32 * 4)) ]
}

@test "bert-embed: spans of a text count in the record's offset_unit" {
    for unit in bytes utf16; do
        offsets=$(printf '{"text":"\xc3\xa9t \xf0\x9f\x98\x80 cat"}\n' |
            tok --offsets $unit --fields offsets --no-special |
            sed 's/.*\("offsets":[^a-z]*\),"offset_unit.*/\1/')
        run -0 embed --per-token --dims 1 < \
            <(printf '{"text":"\xc3\xa9t \xf0\x9f\x98\x80 cat","offset_unit":"%s"}\n' $unit)
        [[ $output == *"\"offset_unit\":\"$unit\""*"$offsets"* ]]
        # and so does the prompt that is put before
        run -0 embed --per-token --dims 1 --prompt $'\xc3\xa9 \xf0\x9f\x98\x80 ' < \
            <(printf '{"text":"\xc3\xa9t \xf0\x9f\x98\x80 cat","offset_unit":"%s"}\n' $unit)
        [[ $output == *"$offsets"* ]]
    done
}
