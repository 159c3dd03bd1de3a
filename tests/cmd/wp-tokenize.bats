#!/usr/bin/env bats
# wp-tokenize.bats - every format against tokenizers' own answers
# (tests/gen/cmd_refs.py)

load helper

setup_file() { make_models; }
setup() { cd "$BATS_TEST_TMPDIR" || exit; }

@test "wp-tokenize: token records equal the reference" {
    tok "$GOLDEN/texts.txt" > out
    same out "$GOLDEN/tokens.jsonl"
}

@test "wp-tokenize: pairs equal the reference" {
    tok --pair "$GOLDEN/pairs.txt" > out
    same out "$GOLDEN/pairs.jsonl"
}

@test "wp-tokenize: ids, tokens, conll, count, --no-special" {
    for format in ids tokens conll; do
        tok -f "$format" "$GOLDEN/texts.txt" > out
        same out "$GOLDEN/$format.txt"
    done
    tok --count "$GOLDEN/texts.txt" > out
    same out "$GOLDEN/count.txt"
    tok --no-special -f ids "$GOLDEN/texts.txt" > out
    same out "$GOLDEN/bare.txt"
}

@test "wp-tokenize: --max-length cuts as HF does, on either side" {
    for side in right left; do
        tok -q --max-length 8 --truncate-side $side "$GOLDEN/texts.txt" > out
        same out "$GOLDEN/cut-$side.jsonl"
    done
}

@test "wp-tokenize: --truncate has HF's strategies" {
    sed -n 4p "$GOLDEN/pairs.txt" > pair
    for name in longest-first only-first only-second; do
        tok -q --pair --max-length 64 --truncate $name -f ids pair > out
        same out "$GOLDEN/cut-${name/-/_}.txt"
    done
}

@test "wp-tokenize: sides may differ in a pair" {
    printf 'the cat sat on\tthe dog and man\n' > pair
    run -0 tok -q --pair --max-length 7 --truncate-side left,right -f tokens pair
    [ "$output" = '[CLS] sat on [SEP] the dog [SEP]' ]
    run -0 tok -q --pair --max-length 7 --truncate-side right,left -f tokens pair
    [ "$output" = '[CLS] the cat [SEP] and man [SEP]' ]
}

@test "wp-tokenize: texts that were cut are counted in one warning" {
    run -0 --separate-stderr tok --max-length 8 -f ids "$GOLDEN/texts.txt"
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == 'wp-tokenize: warning: 5 texts were cut'* ]]
}

@test "wp-tokenize: --long window equals HF's overflow" {
    tok --long window --max-length 20 --overlap 5 "$GOLDEN/texts.txt" > out
    same out "$GOLDEN/windows.jsonl"
}

@test "wp-tokenize: windows as ids are a line each" {
    tok --long window --max-length 20 --overlap 5 -f ids "$GOLDEN/texts.txt" > out
    sed 's/.*"ids":\[\([0-9,]*\)\].*/\1/; s/,/ /g' "$GOLDEN/windows.jsonl" > want
    same out want
}

@test "wp-tokenize: the default length is the model's, the overlap a quarter" {
    run -0 tok --long window -f ids < <(printf 'a %.0s' {1..70})
    [ "$(awk '{ print NF }' <<< "$output" | xargs)" = '64 26' ]
}

@test "wp-tokenize: --long error makes a long text a bad record" {
    run -3 --separate-stderr tok --long error --max-length 5 -f ids \
        < <(printf 'the cat\nthe cat sat on the mat\n')
    [ "$output" = '2 108 114 3' ]
    [[ $stderr == 'wp-tokenize: -:2: 8 tokens'* ]]
}

@test "wp-tokenize: only-second without a pair is a bad record" {
    run -3 --separate-stderr tok --max-length 4 --truncate only-second -f ids \
        <<< 'the cat sat on'
    [[ $stderr == 'wp-tokenize: -:1: '* ]]
}

@test "wp-tokenize: --fields names the members, in order" {
    run -0 tok --fields special,ids,type_ids <<< 'the cat'
    [ "$output" = '{"text":"the cat","special":[1,0,0,1],"ids":[2,108,114,3],"type_ids":[0,0,0,0]}' ]
}

@test "wp-tokenize: --offsets bytes and utf16 say their unit" {
    run -0 tok --fields offsets --offsets bytes <<< 'øl 😀x'
    [[ $output == *'"offsets":[[0,0],[0,2],[2,3],[4,9],[0,0]],"offset_unit":"bytes"}' ]]
    run -0 tok --fields offsets --offsets utf16 <<< 'øl 😀x'
    [[ $output == *'"offsets":[[0,0],[0,1],[1,2],[3,6],[0,0]],"offset_unit":"utf16"}' ]]
}

@test "wp-tokenize: words already split keep their numbers" {
    run -0 tok --fields tokens,offsets,words <<< '{"text":["the","lazydog"]}'
    [ "$output" = '{"text":["the","lazydog"],"tokens":["[CLS]","the","lazy","##d","##o","##g","[SEP]"],"offsets":[[0,0],[0,3],[0,4],[4,5],[5,6],[6,7],[0,0]],"words":[null,0,1,1,1,1,null]}' ]
}

@test "wp-tokenize: --literal takes [MASK] as text" {
    run -0 tok -f tokens --literal <<< '[MASK]'
    [ "$output" = '[CLS] [ m ##a ##s ##k ] [SEP]' ]
}

# The ids are BertTokenizerFast's of transformers 5.23.0.
@test "wp-tokenize: the five special tokens, whatever a list leaves out" {
    mkdir five
    printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' a mask '[' ']' \
        '<m>' '<' m '>' > five/vocab.txt
    text='a[MASK] [PAD]<m>'
    listed='"added_tokens_decoder":{"2":{"content":"[CLS]","special":true}}'
    echo "{\"do_lower_case\":true,$listed}" > five/tokenizer_config.json
    run -0 wp-tokenize -m five -f ids <<< "$text"
    [ "$output" = '2 5 4 0 10 11 12 3' ]
    echo "{\"do_lower_case\":true,\"mask_token\":\"<m>\",$listed}" \
        > five/tokenizer_config.json
    run -0 wp-tokenize -m five -f ids <<< "$text"
    [ "$output" = '2 5 7 6 8 0 9 3' ]
    mask='{"__type":"AddedToken","content":"[MASK]","lstrip":true}'
    echo "{\"do_lower_case\":true,\"mask_token\":$mask,$listed}" \
        > five/tokenizer_config.json
    run -0 wp-tokenize -m five -f conll --no-special <<< 'a [MASK]'
    [ "${lines[1]}" = $'[MASK]\t4\t1\t8\t1' ]
}

@test "wp-tokenize: --compat google matches no special tokens" {
    run -0 tok -f tokens --compat google <<< '[MASK] the cat'
    [ "$output" = '[CLS] [ m ##a ##s ##k ] the cat [SEP]' ]
}

@test "wp-tokenize: --protect keeps a match one word; leftmost, first given" {
    run -0 tok -f tokens --protect 'a-b' <<< 'a-b c-d'
    [ "$output" = '[CLS] [UNK] c - d [SEP]' ]
    run -0 tok --fields offsets --keep '' --protect 'c-d' --protect 'a-b' <<< 'a-b c-d'
    [ "$output" = '{"offsets":[[0,0],[0,3],[4,7],[0,0]]}' ]
}

@test "wp-tokenize: a match that needs too much memory makes a bad record" {
    printf '%01500000d\nthe cat\n' 0 > long
    run -1 --separate-stderr tok -f ids --on-error skip --protect '(0|1)+' long
    [ "$output" = '2 108 114 3' ]
    [ "${stderr_lines[0]}" = \
        'wp-tokenize: long:1: protected text: a match needs more than 256 MB' ]
}

@test "wp-tokenize: a bare vocabulary with its settings" {
    run -0 wp-tokenize --vocab "$TINY/vocab.txt" --uncased -f ids <<< 'The Cat'
    [ "$output" = '2 108 114 3' ]
    run -0 wp-tokenize --vocab "$TINY/vocab.txt" --cased -f ids <<< 'The cat'
    [ "$output" = '2 1 114 3' ]
    run -0 wp-tokenize --vocab "$TINY/vocab.txt" --uncased --no-split-cjk \
        -f ids <<< '今天'
    [ "$output" = '2 1 3' ]
}

@test "wp-tokenize: a vocabulary without settings is not guessed at" {
    mkdir bare
    cp "$TINY/vocab.txt" bare
    run -3 --separate-stderr wp-tokenize -m bare <<< 'the'
    [ "${#stderr_lines[@]}" -eq 1 ]
    run -0 wp-tokenize -m bare --uncased -f ids <<< 'The'
}

@test "wp-tokenize: --decode gives text, from ids and from records" {
    tok --decode "$GOLDEN/ids.txt" > out
    same out "$GOLDEN/decoded.txt"
    tok --decode --skip-special "$GOLDEN/ids.txt" > out
    same out "$GOLDEN/decoded-skip.txt"
    tok --decode --skip-special -i jsonl "$GOLDEN/tokens.jsonl" > out
    same out "$GOLDEN/decoded-skip.txt"
    tok --decode "$GOLDEN/ids.txt" --vocab 2> /dev/null && return 1
    run -0 wp-tokenize --decode --vocab "$TINY/vocab.txt" <<< '108 114'
    [ "$output" = 'the cat' ]
}

@test "wp-tokenize: the default overlap leaves windows room to move on" {
    in=$'the cat sat on\tthe dog'
    tok --pair --long window --max-length 5 --fields ids <<< "$in" > out
    tok --pair --long window --max-length 5 --overlap 0 --fields ids \
        <<< "$in" > want
    same out want
    in=$'the cat sat on\tthe dog sat on the'
    tok --pair --long window --max-length 10 --truncate only-first \
        --fields ids <<< "$in" > out
    tok --pair --long window --max-length 10 --overlap 1 --truncate only-first \
        --fields ids <<< "$in" > want
    same out want
    run -3 tok --pair --long window --max-length 5 --overlap 1 <<< "$in"
}

@test "wp-tokenize: a pair in windows too short for it says so" {
    for length in 3:first 4:second; do
        run -3 --separate-stderr tok --pair --long window \
            --max-length "${length%:*}" <<< $'the cat sat on\tthe dog'
        [ "$stderr" = "wp-tokenize: -:1: a window of ${length%:*} tokens has no room for the ${length#*:} text" ]
    done
    run -3 --separate-stderr tok --pair --long window --max-length 5 \
        --overlap 1 <<< $'the cat sat on\tthe dog'
    [ "$stderr" = 'wp-tokenize: -:1: an overlap of 1 token in windows that have room for 1' ]
}

@test "wp-tokenize: --decode reads ids between any white space" {
    run -0 tok --decode < <(printf '108\t114\r\n\t108 \t114\t\n')
    [ "$output" = $'the cat\nthe cat' ]
    printf '108\n114\0' | tok --decode -0 > out
    same out <(printf 'the cat\0')
}

@test "wp-tokenize: --decode says that the text that came is replaced" {
    run -0 --separate-stderr tok --decode -f jsonl \
        < <(printf '{"text":"%s","ids":[108,114]}\n' a b)
    [ "${lines[0]}" = '{"ids":[108,114],"text":"the cat"}' ] ||
        [ "${lines[0]}" = '{"text":"the cat"}' ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == 'wp-tokenize: warning: the member "text" of the input bears '* ]]
}

@test "wp-tokenize: --decode -f jsonl keeps the record's members" {
    run -0 tok --decode -f jsonl <<< '{"id":7,"ids":[108,114]}'
    [ "$output" = '{"id":7,"text":"the cat"}' ]
}

@test "wp-tokenize: --decode refuses ids outside the vocabulary" {
    run -3 --separate-stderr tok --decode < <(printf '108\n162\n108\n')
    [ "$output" = 'the' ]
    [[ $stderr == 'wp-tokenize: -:2: '* ]]
}

@test "wp-tokenize: --decode -0 ends texts in NUL" {
    printf '108\000114\000' | tok --decode -0 > out
    printf 'the\000cat\000' > want
    same out want
}

@test "wp-tokenize: TSV has its columns, and reads back" {
    tok -f tsv --fields ids,offsets,words < <(printf 'a\\b\tc\nx\n') > out
    printf 'text\tids\toffsets\twords\ttruncated\n' | cut -f 1-4 > want
    cut -f 1-4 out | head -1 > head
    same head want
    [ "$(sed -n 2p out | cut -f 1)" = 'a\\b\tc' ]
    [ "$(sed -n 2p out | cut -f 4)" = '- 0 1 2 3 -' ] ||
        [ "$(sed -n 2p out | cut -f 4)" = '- 0 1 2 2 -' ]
    tok -i tsv -f ids < <(cut -f 1 out) > ids
    tok -f ids < <(printf 'a\\b\tc\nx\n') > want
    same ids want
}

@test "wp-tokenize: token members of the input are dropped" {
    run -0 tok --fields ids <<< '{"ids":[1],"text":"the","tokens":5,"truncated":true,"x":1}'
    [ "$output" = '{"text":"the","x":1,"ids":[2,108,3]}' ]
}

@test "wp-tokenize: --decode refuses ids of another vocabulary" {
    run -3 --separate-stderr tok --decode <<< '{"ids":[108],"vocab":"0123456789abcdef"}'
    [[ $stderr == 'wp-tokenize: -:1: made with another vocabulary: 0123456789abcdef'* ]]
    run -0 wp-tokenize --vocab "$TINY/vocab.txt" --decode \
        <<< '{"ids":[108],"vocab":"0123456789abcdef"}'
}
