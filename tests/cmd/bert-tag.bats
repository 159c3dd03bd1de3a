#!/usr/bin/env bats
# bert-tag.bats - entities and labels against transformers' own pipeline and
# tests/gen/tag_reference.py (tests/gen/tag_refs.py), formats, token records

load helper

setup_file() { make_models; }
setup() {
    cd "$BATS_TEST_TMPDIR" || exit
    GOLDEN=$ROOT/tests/golden/tag
    TEXTS=$GOLDEN/texts.txt
}

tag() { bert-tag -m "$MODELS/tiny-tag" "$@"; }
ends() { bert-tag -m "$MODELS/tiny-tag-ends" "$@"; }
tok() { wp-tokenize -m "$MODELS/tiny-tag" "$@"; }

# equal FILE FILE: the same bytes but for the scores, and these are near.
equal() {
    sed 's/"score":[^,}]*/"score":/g' "$1" > bare.1
    sed 's/"score":[^,}]*/"score":/g' "$2" > bare.2
    same bare.1 bare.2
    for f in "$1" "$2"; do
        grep -o '"score":[^,}]*' "$f" | cut -d: -f2 > "${f##*/}.scores"
    done
    near "${1##*/}.scores" "${2##*/}.scores"
}

@test "bert-tag: five ways to entities, as transformers' pipeline, windows too" {
    for how in none simple first average max; do
        tag --aggregate $how -i text "$TEXTS" > out
        equal out "$GOLDEN/$how.jsonl"
    done
    tag "$TEXTS" > default
    tag --aggregate first "$TEXTS" | cmp - default
}

@test "bert-tag: labels with ends (BIOES)" {
    for how in none simple first average max; do
        ends --aggregate $how "$TEXTS" > out
        equal out "$GOLDEN/ends-$how.jsonl"
    done
}

@test "bert-tag: --viterbi" {
    tag --viterbi "$TEXTS" > out
    equal out "$GOLDEN/viterbi.jsonl"
    tag --viterbi --aggregate simple "$TEXTS" > out
    equal out "$GOLDEN/viterbi-simple.jsonl"
    ends --viterbi "$TEXTS" > out
    equal out "$GOLDEN/ends-viterbi.jsonl"
}

@test "bert-tag: --words gives every word a label" {
    tag --words "$TEXTS" > out
    equal out "$GOLDEN/words.jsonl"
    tag --words --aggregate average "$TEXTS" > out
    equal out "$GOLDEN/words-average.jsonl"
}

@test "bert-tag: conll, brat and spacy" {
    tag -f conll "$TEXTS" > out
    same out "$GOLDEN/first.conll"
    tag -f brat "$TEXTS" > out
    same out "$GOLDEN/first.ann"
    tag -f spacy "$TEXTS" > out
    same out "$GOLDEN/spacy.jsonl"
}

@test "bert-tag: brat counts through batches, and past what was left out" {
    yes "$(cat "$TEXTS")" | head -n 6000 > many
    tag -f brat --batch-tokens 64 many > out
    head -n "$(wc -l < "$GOLDEN/first.ann")" out | cmp - "$GOLDEN/first.ann"
    # Each span is that slice of the document; its number is its line.
    head -n 300 many > doc
    head -n 2000 out | perl -CSD -F'\t' -lane '
        BEGIN { open F, "<:utf8", "doc"; local $/; $doc = <F> }
        ($type, $begin, $end) = split " ", $F[1];
        $bad++ if $F[0] ne "T$." || substr($doc, $begin, $end - $begin) ne $F[2];
        END { exit($bad || $. != 2000) }'
    printf 'Anna\n\377\nAnna\n' > broken
    run -1 --separate-stderr tag -f brat --on-error skip broken
    [ "$output" = $'T1\tPER 0 4\tAnna\nT2\tPER 5 9\tAnna' ]
}

@test "bert-tag: brat cuts a span at a newline" {
    printf 'the quick\nbrown FOX\0' | tag -0 -f brat --aggregate simple > out
    grep -P '^T1\t[A-Z]+ 0 9;10 1[0-9]+\tthe quick brown' out ||
        grep -P '^T[0-9]+\t[A-Z]+ [0-9]+ 9;10 [0-9]+\t[a-z ]+ brown' out
}

# Windows of 6 hold 4 tokens: with --overlap 2 the first speaks for tokens 1 to 3
# and the second for 4 to 6, each as the window alone would.
@test "bert-tag: type_ids of one text are honoured, in windows too" {
    record='{"text":"the cat sat on the mat"}'
    tok <<< "$record" | sed 's/}$/,"type_ids":[0,1,0,1,1,0,1,0]}/' > mixed
    tag --aggregate none mixed > out
    [ "$(jq -r '[.entities[] | .text == .token] | all' out)" = true ]
    run ! grep -q '"in":' out
    tag --aggregate none <<< "$record" > zero
    run ! cmp -s out zero
    rows() { jq -c ".entities[] | select($1) | [.type, .token, .score]"; }
    tag --aggregate none --raw --max-length 6 --overlap 2 mixed |
        rows '.index < 4' > out
    tok <<< '{"text":"the cat sat on"}' |
        sed 's/}$/,"type_ids":[0,1,0,1,1,0]}/' |
        tag --aggregate none --raw | rows '.index < 4' > want
    same out want
    tag --aggregate none --raw --max-length 6 --overlap 2 mixed |
        rows '.index > 3' > out
    tok <<< '{"text":"sat on the mat"}' |
        sed 's/}$/,"type_ids":[0,1,1,0,1,0]}/' |
        tag --aggregate none --raw | rows '.index > 1' > want
    same out want
    for how in simple first average max; do
        tag --aggregate $how --viterbi mixed > out
        [ "$(jq '[.entities[] | .text as $t | .start as $s | .end as $e |
            "the cat sat on the mat"[$s:$e] == $t] | all' out)" = true ]
    done
    run -0 tag -f spacy mixed
}

@test "bert-tag: tsv has the list in one column" {
    tag -f tsv -i text "$TEXTS" > out
    [ "$(head -n 1 out)" = $'text\tentities\ttruncated' ]
    [ "$(wc -l < out)" -eq 9 ]
    tag -i text --keep '' "$TEXTS" | sed 's/^{"entities"://; s/}$//' > a
    tag -f tsv --keep '' --no-header "$TEXTS" | cut -f 1 |
        sed 's/\\\\/\\/g' > b
    same a b
}

@test "bert-tag: token records give what their texts give" {
    tag --keep text "$TEXTS" -i text > a
    tok -i text "$TEXTS" | tag --keep text > b
    same a b
    tok -i text -f tsv "$TEXTS" | tag -i tsv --keep text > b
    same a b
    tag --long truncate --max-length 20 -q --keep text -i text "$TEXTS" > a
    tok -i text "$TEXTS" | tag --long truncate --max-length 20 -q --keep text > b
    same a b
    grep -q '"truncated":true' a
}

@test "bert-tag: a record without its text, words or offsets" {
    printf 'Anna Berlin in Rome\n' > one
    tag --keep '' one | sed 's/"text":"[^"]*",//g' > a
    tok --drop text,words --fields ids,offsets one |
        tag --aggregate simple | sed 's/,"words":\[[^]]*\]//g' > b
    tag --aggregate simple --keep '' one | sed 's/"text":"[^"]*",//g' > c
    same b c
    # Without the text the words' numbers are given.
    tok --drop text one | tag > b
    grep -q '"words":\[0,[1-4]\]' b
    sed 's/,"words":\[[^]]*\]//g' b | cmp - a
    run -3 --separate-stderr tag < <(tok --fields ids,offsets one)
    [[ $stderr == 'bert-tag: -:1: no "words": '* ]]
    run -3 --separate-stderr tag < <(tok --fields ids,words one)
    [[ $stderr == 'bert-tag: -:1: no "offsets": '* ]]
    tok --fields ids one | tag --aggregate none > b
    grep -q '"entities":\[{"type":"[BI]-[A-Z]*","score":[^,]*,"index":[0-9]*,"token":' b
    tok --fields ids,words one | tag --words | grep -q '"labels":\[{"label":"'
    for format in conll brat spacy; do
        run -3 --separate-stderr tag -f $format < <(tok --drop text one)
        [[ $stderr == *'"text"'* ]]
    done
}

@test "bert-tag: pairs, and type_ids of the user's" {
    tag --pair "$GOLDEN/pairs.txt" > out
    equal out "$GOLDEN/pairs.jsonl"
    tok --pair "$GOLDEN/pairs.txt" | tag --keep text,pair > b
    same out b
    # The same ids as one text give other entities.
    printf 'the cat\tthe sun\n' | tok --pair --drop text,pair > two
    sed 's/"type_ids":\[[^]]*\],//' two | tag --aggregate none --raw > a
    tag --aggregate none --raw two > b
    [ "$(grep -o '"in":"pair"' b | wc -l)" -eq 2 ]
    run ! grep -q '"in"' a
    for f in a b; do
        grep -o '"token":"cat","logits":\[[^],]*' $f > $f.logit
    done
    run ! cmp -s a.logit b.logit
    # Both texts' words, a block each.
    [ "$(printf 'the cat\tAnna\n' | tag --pair -f conll | cut -f 1 | tr '\n' /)" = \
        the/cat//Anna// ]
    [ "$(printf 'the\tAnna\n' | tag --pair -f brat | cut -f 2 | tr '\n' /)" != / ]
}

@test "bert-tag: [CLS] is known in a record of the second segment alone" {
    ids='"ids":[2,133,113,3],"type_ids":[1,1,1,1]'
    tag --aggregate none --raw <<< "{$ids}" > a
    [ "$(grep -o '"index":[0-9]*' a | tr '\n' /)" = '"index":1/"index":2/' ]
    tag --aggregate none --raw <<< "{$ids,\"special\":[1,0,0,1]}" > b
    same a b
}

@test "bert-tag: a text keeps type_ids that are all 1" {
    ids='"ids":[2,133,113,3],"type_ids":[1,1,1,1]'
    places='"offsets":[[0,0],[0,4],[5,8],[0,0]],"words":[null,0,1,null]'
    tag --aggregate none --raw --keep '' <<< "{$ids,$places}" > late
    tag --aggregate none --raw --keep '' \
        <<< "{\"text\":\"Anna the\",$ids,$places}" > own
    run ! grep '"in"' own
    [ "$(jq -r '.entities[0].text' own)" = Anna ]
    # the model sees the same tokens, so the logits are the same
    same <(jq -c '[.entities[].logits]' own) <(jq -c '[.entities[].logits]' late)
    for format in conll brat; do
        tag -f $format <<< "{\"text\":\"Anna the\",$ids,$places}"
    done
    run -3 --separate-stderr tag --pair <<< "{\"text\":\"Anna the\",$ids}"
    [[ $stderr == *'not of a pair' ]]
}

@test "bert-tag: words already split" {
    cp "$GOLDEN/split-texts.jsonl" split
    tag --aggregate simple split > out
    equal out "$GOLDEN/split.jsonl"
    tag --words split > out
    equal out "$GOLDEN/split-words.jsonl"
    tag -f conll split > out
    same out "$GOLDEN/split.conll"
    tok split | tag --aggregate simple --keep text > out
    equal out "$GOLDEN/split.jsonl"
    for format in brat spacy; do
        run -3 --separate-stderr tag -f $format split
        [[ $stderr == *'already split'* ]]
    done
}

@test "bert-tag: words that do not fit a split text are a bad record" {
    for words in 'null,0,3,null' 'null,1,0,null' 'null,null,0,null'; do
        run -3 --separate-stderr tag <<< \
            '{"text":["the","cat"],"ids":[2,103,104,3],"offsets":[[0,0],[0,3],[0,3],[0,0]],"words":['$words']}'
        [[ $stderr == 'bert-tag: -:1: words: '* ]]
    done
    run -3 --separate-stderr tag --aggregate none <<< \
        '{"text":["the","cat"],"ids":[2,103,104,3],"offsets":[[0,0],[0,3],[0,3],[0,0]]}'
    [[ $stderr == *'no "words"'* ]]
}

@test "bert-tag: offset_unit" {
    for unit in bytes utf16; do
        tok --offsets $unit "$TEXTS" | tag > out
        grep -c "\"offset_unit\":\"$unit\"" out
        # Another place, the same slice, labels and scores.
        sed "s/\"offset_unit\":\"$unit\",//" out |
            sed 's/"start":[0-9]*,"end":[0-9]*,//g' > a
        sed 's/"start":[0-9]*,"end":[0-9]*,//g' "$GOLDEN/first.jsonl" > b
        equal a b
        # spaCy and brat count code points whatever the record does.
        tok --offsets $unit "$TEXTS" | tag -f spacy | cmp - "$GOLDEN/spacy.jsonl"
        tok --offsets $unit "$TEXTS" | tag -f brat | cmp - "$GOLDEN/first.ann"
    done
    # An offset inside a character.
    run -3 --separate-stderr tag --aggregate simple <<< \
        '{"text":"éé","offset_unit":"bytes","ids":[2,103,3],"offsets":[[0,0],[1,2],[0,0]]}'
    [[ $stderr == *'does not fit'* ]]
}

@test "bert-tag: --raw gives every token and its logits" {
    tag --aggregate none --raw -i text <<< 'the cat' > out
    [ "$(grep -o '"logits":\[' out | wc -l)" -eq 2 ]
    [ "$(grep -o '"logits":\[[^]]*' out | head -n 1 | tr -cd , | wc -c)" -eq 8 ]
    sed 's/,"logits":\[[^]]*\]//g' out > a
    tag --aggregate none -i text <<< 'the cat' > b
    [ "$(grep -o '"token"' a | wc -l)" -ge "$(grep -o '"token"' b | wc -l)" ]
}

@test "bert-tag: the same bytes for any -j, --batch-tokens and neighbours" {
    yes "$(cat "$TEXTS")" | head -n 120 > many
    tag -j 1 many > a
    tag -j 2 many | cmp - a
    tag -j 3 --batch-tokens 1 many | cmp - a
    tac many | tag -j 2 --batch-tokens 333 | tac | cmp - a
}

@test "bert-tag: --as, --digits, members of the user's" {
    [[ $(tag --as ner <<< '{"id":7,"text":"Anna","gold":["x"]}') == \
        '{"id":7,"text":"Anna","gold":["x"],"ner":['* ]]
    tag --digits 2 <<< Anna | grep -qE '"score":0\.[0-9]{1,2}[,}]'
    run -0 --separate-stderr tag <<< '{"text":"Anna","entities":1}'
    [[ $stderr == 'bert-tag: warning: the member "entities" of the input bears the name of a result and was left out '* ]]
}

@test "bert-tag: options that exclude each other" {
    wrong() { # part of the message, options
        local message=$1
        shift
        run -2 --separate-stderr tag "$@" < /dev/null
        [[ $stderr == *"$message"* ]] || { echo "$stderr"; return 1; }
    }
    wrong '--words goes with' --words --aggregate simple
    wrong '--format conll goes with' -f conll --aggregate none
    wrong '--format spacy does not go' -f spacy --aggregate none
    wrong '--format brat does not go' -f brat --words
    wrong '--raw goes with' --raw
    wrong '--resume needs one result' -f conll --resume -o x
    wrong 'not with --pair' -f spacy --pair
    wrong '--digits goes with' -f conll --digits 3
    wrong '--as does not go' -f conll --as x
    wrong '--on-error emit does not go with' -f tsv --on-error emit
}

@test "bert-tag: a model without the head, a label map that is no map" {
    run -3 --separate-stderr bert-tag -m "$MODELS/tiny-classify" <<< the
    [[ $stderr == *'bert-classify'* ]]
    run -3 --separate-stderr bert-tag -m "$BARE" <<< the
    [[ $stderr == *'no head for labels of tokens'* ]]
    cp -r "$MODELS/tiny-tag" broken
    sed -i 's/"id2label":{[^}]*}/"id2label":["O"]/' broken/config.json
    run -3 --separate-stderr bert-tag -m broken <<< the
    [[ $stderr == *'id2label is no map'* ]]
    sed -i 's/"id2label":\["O"\]/"id2label":{"0":"O"}/' broken/config.json
    run -0 --separate-stderr bert-tag -m broken --aggregate none <<< 'the cat'
    [[ $stderr == *warning* ]]
}

@test "bert-tag: bad records under --on-error" {
    printf '{"text":"Anna"}\n{"text":1}\n{"text":"Rome"}\n' > three
    run -1 --separate-stderr tag --on-error skip three
    [ "${#lines[@]}" -eq 2 ]
    run -1 --separate-stderr tag --on-error emit three
    [[ ${lines[1]} == *'"error":'* ]]
    tag three > out 2> err && return 1
    [ "$(wc -l < out)" -eq 1 ]
    [[ $(cat err) == 'bert-tag: three:2: '* ]]
}

@test "bert-tag: labels that conll and brat cannot hold" {
    cp -r "$MODELS/tiny-tag" odd
    for name in '' 'I-' 'I-a b\u0001\tc\u007f\u0085d\u2028e\u3000\u00e9'; do
        # shellcheck disable=SC2001
        list=$(for i in 0 1 2 3 4 5 6 7 8; do printf ',"%s":"%s"' $i "$name"; done)
        perl -pe 'BEGIN { $l = shift } s/"id2label":\{[^}]*\}/"id2label":{$l}/' \
            "${list#,}" "$MODELS/tiny-tag/config.json" > odd/config.json
        case $name in
        '') label=_ type=_ ;;
        I-) label=I- type=_ ;;
        *) type=a_b__c__d_e_é label=I-$type ;;
        esac
        [ "$(bert-tag -m odd -f brat <<< 'the cat')" = $'T1\t'"$type"$' 0 7\tthe cat' ]
        [ "$(bert-tag -m odd -f conll <<< 'the cat')" = \
            $'the\t'"$label"$'\ncat\t'"$label" ]
    done
}

@test "bert-tag: no character of a word ends its line for any reader" {
    # what Python's str.splitlines() splits at; a space and a backslash stay
    tag -f conll > out << 'END'
{"text":["a\u2028b","c\u0085d\u2029","\u000be\u000c\u001cf\u001d\u001e","g\th\ni\rj\\k","New\u00a0York é …"]}
END
    cut -f 1 out > words
    printf '%s\n' a_b c_d_ _e__f__ 'g\th\ni\rj\k' $'New\xc2\xa0York é …' '' > want
    same words want
}

# widen N: a model in ./wide, tiny-tag with N labels of its first nine's weights
widen() {
    cp -r "$MODELS/tiny-tag" wide
    perl -MJSON::PP -e '
        my ($n, $path) = @ARGV;
        local $/;
        open my $f, "<:raw", $path or die; my $all = <$f>; close $f;
        my $size = unpack "Q<", $all;
        my $head = decode_json substr $all, 8, $size;
        my ($data, $new) = ("", {});
        for my $name (sort keys %$head) {
            my $t = $head->{$name};
            if ($name eq "__metadata__") { $new->{$name} = $t; next }
            my ($a, $b) = @{$t->{data_offsets}};
            my $bytes = substr $all, 8 + $size + $a, $b - $a;
            if ($name =~ /^classifier\./) {
                my $row = length($bytes) / $t->{shape}[0];
                $bytes = substr $bytes x (1 + $n / $t->{shape}[0]), 0, $n * $row;
                $t->{shape}[0] = $n;
            }
            $t->{data_offsets} = [length $data, length($data) + length $bytes];
            $new->{$name} = $t;
            $data .= $bytes;
        }
        my $text = encode_json $new;
        $text .= " " x (-length($text) % 8);
        open $f, ">:raw", $path or die;
        print $f pack("Q<", length $text), $text, $data;' \
        "$1" wide/model.safetensors
}

@test "bert-tag: --viterbi refuses more labels than it can compare" {
    widen 4096
    run -0 bert-tag -q -m wide --viterbi --aggregate none <<< 'the cat'
    rm -r wide
    widen 4097
    run -0 bert-tag -q -m wide --aggregate none <<< 'the cat'
    run -2 --separate-stderr bert-tag -q -m wide --viterbi <<< 'the cat'
    [[ $stderr == *'--viterbi: the model has 4097 labels, and more than 4096'* ]]
}
