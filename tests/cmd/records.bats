#!/usr/bin/env bats
# records.bats - forms of input, members of the output, bad records

load helper

setup_file() { make_models; }
setup() { cd "$BATS_TEST_TMPDIR" || exit; }

# Members without the tokens: quick to compare.
ids() { tok --fields ids "$@"; }

# ---- forms of input ----

@test "text: LF, CRLF, no end, empty lines, a byte-order mark" {
    printf '\xef\xbb\xbfthe\r\n\ncat' | tok -f ids > out
    printf '2 108 3\n2 3\n2 114 3\n' > want
    same out want
}

@test "text: an empty input gives nothing, with status 0" {
    run -0 tok -f ids < /dev/null
    [ -z "$output" ]
    run -0 embed < /dev/null
    [ -z "$output" ]
    run -0 tok -f tsv --fields ids < /dev/null
    [[ $output == *ids* ]]
}

@test "-0: records end in NUL and may hold newlines" {
    printf 'the\ncat\0dog' | ids -0 > out
    printf '%s\n' '{"text":"the\ncat","ids":[2,108,114,3]}' \
        '{"text":"dog","ids":[2,115,3]}' > want
    same out want
}

@test "NUL is a character that the tokenizer removes" {
    run -0 ids < <(printf 'the\000cat\n')
    [ "$output" = '{"text":"the\u0000cat","ids":[2,108,85,83,101,3]}' ]
}

@test "--pair: exactly one TAB a line" {
    run -3 --separate-stderr tok --pair -f ids < <(printf 'a\tb\nthe\na\tb\n')
    [ "$output" = '2 43 3 44 3' ]
    [[ $stderr == 'wp-tokenize: -:2: '*TAB* ]]
    run -3 --separate-stderr tok --pair -f ids < <(printf 'a\tb\tc\n')
    [[ $stderr == 'wp-tokenize: -:1: '*TAB* ]]
}

# words N: "the", N times
words() { printf 'the%.0s ' $(seq "$1"); }

# Of 9 tokens 3 are the template's; each text has 3 a window.
@test "a pair whose texts both move makes 1,024 windows at most" {
    printf '%s\t%s\n' "$(words 96)" "$(words 96)" > most
    printf '%s\t%s\n' "$(words 97)" "$(words 96)" > more
    printf '%s\t%s\n' "$(words 3)" "$(words 3100)" > one
    for tool in embed:tiny tag:tiny-tag classify:tiny-classify \
        'mask:tiny-pretraining --score'; do
        command="bert-${tool%%:*} -m $MODELS/${tool#*:} --pair --max-length 9 --keep text"
        window='--long window --overlap 0'
        # shellcheck disable=SC2086 # words of a list
        {
            run -0 $command $window most
            run -0 $command $window one
            run -3 --separate-stderr $command $window more
            [ "$stderr" = "bert-${tool%%:*}: more:1: texts of 97 and 96 tokens\
 make 1056 windows, every part with every part: more than 1024\
 (--truncate only-second, --long truncate)" ]
            run -1 --separate-stderr $command $window --on-error skip more
            run -0 --separate-stderr $command --long truncate more
        }
    done
    printf '%s\t%s\n' "$(words 2)" "$(words 3100)" |
        embed --pair --max-length 9 --overlap 0 --long window \
            --truncate only-second > out
    run -0 tok --pair --max-length 9 --overlap 0 --long window -f ids more
    [ "${#lines[@]}" -eq 1056 ]
}

@test "--pair: a JSONL record without a pair is bad" {
    run -3 --separate-stderr tok --pair -f ids <<< '{"text":"the"}'
    [ "$stderr" = 'wp-tokenize: -:1: no "pair"' ]
    run -0 tok -f ids <<< '{"text":"a","pair":"b"}'
    [ "$output" = '2 43 3 44 3' ]
}

@test "JSONL: members of the user's are copied byte for byte, in order" {
    run -0 ids <<< '{ "b" : [1, {"x":  null}], "text":"the","a\u0062":1e+2, "text2":"\u00e9" }'
    [ "$output" = '{"b":[1, {"x":  null}],"text":"the","a\u0062":1e+2,"text2":"\u00e9","ids":[2,108,3]}' ]
}

@test "JSONL: empty lines are skipped, names are compared unescaped" {
    run -0 ids < <(printf '{"te\\u0078t":"the"}\n\n{"text":null,"x":1,"pair":null}\n') || true
    [ "${lines[0]}" = '{"te\u0078t":"the","ids":[2,108,3]}' ] || { echo "$output"; return 1; }
}

@test "auto: decided for each operand by its first byte" {
    echo '{"text":"the"}' > a
    echo 'cat' > b
    run -0 ids a b a
    [ "${lines[1]}" = '{"text":"cat","ids":[2,114,3]}' ]
    [ "${lines[2]}" = '{"text":"the","ids":[2,108,3]}' ]
    run -0 ids -i text a
    [[ $output == '{"text":"{\"text\":\"the\"}"'* ]]
}

@test "auto: a text that begins with { is told about -i text" {
    run -3 --separate-stderr ids <<< '{the cat}'
    [[ $stderr == 'wp-tokenize: -:1: '*'-i text'* ]]
}

@test "TSV in and out: columns by name, escapes, arrays" {
    printf 'id\ttext\tnote\n7\ta\\tb\tx\\y\n\tcat\t\n' > in
    ids -i tsv in > out
    printf '%s\n' '{"id":"7","text":"a\tb","note":"x\\y","ids":[2,43,44,3]}' \
        '{"text":"cat","ids":[2,114,3]}' > want
    same out want
    tok -i tsv -f tsv --fields ids in > out
    printf 'id\ttext\tnote\tids\n' > want
    head -1 out | cut -f 1-4 > head
    same head want
    [ "$(sed -n 2p out | cut -f 1-4)" = "$(printf '7\ta\\tb\tx\\y\t2 43 44 3')" ]
}

@test "TSV: --columns reads a file without a header, --no-header writes none" {
    printf 'the\t1\n' > in
    run -0 tok -i tsv --columns text,id -f tsv --fields ids --no-header in
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == "$(printf 'the\t1\t2 108 3')"* ]]
}

# ---- members of the output ----

@test "--keep, --drop, --as, --number" {
    record='{"id":1,"text":"the","x":"y"}'
    run -0 ids --keep x,id <<< "$record"
    [ "$output" = '{"id":1,"x":"y","ids":[2,108,3]}' ]
    run -0 ids --drop x,text <<< "$record"
    [ "$output" = '{"id":1,"ids":[2,108,3]}' ]
    run -0 ids --keep '' --number < <(printf '%s\n%s\n' "$record" "$record")
    [ "${lines[1]}" = '{"n":2,"ids":[2,108,3]}' ]
    run -0 ids --keep '' --as t <<< "$record"
    [ "$output" = '{"t":{"ids":[2,108,3]}}' ] || [ "$output" = '{"t":[2,108,3]}' ]
    run -0 embed --keep id --as vector --dims 1 <<< "$record"
    [[ $output =~ ^\{\"id\":1,\"vector\":\[-?1(\.0)?\]\}$ ]]
}

@test "a member with a result's name is dropped, with one warning" {
    run -0 --separate-stderr embed --dims 1 \
        < <(printf '%s\n' '{"embedding":1,"text":"the"}' '{"embedding":2,"text":"a"}')
    [[ ${lines[0]} == '{"text":"the","embedding":['* ]]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == 'bert-embed: warning: '* ]]
    run -0 --separate-stderr embed -q --dims 1 <<< '{"embedding":1,"text":"the"}'
    [ -z "$stderr" ]
}

@test "a member that bears a result's name: the warning says what helps" {
    run -0 --separate-stderr embed --dims 1 <<< '{"text":"the","embedding":1}'
    [[ $stderr == *'(--as NAME gives a result another name)' ]]
    run -0 --separate-stderr embed --dims 1 --number <<< '{"text":"the","n":7}'
    [[ $stderr == *'; --number writes n)' ]]
    [[ $output == *'"n":1'* && $output != *'"n":7'* ]]
}

@test "truncated: false is none, in JSONL and in TSV, and is not written" {
    json='{"text":"the","truncated":false,"x":1}'
    embed --dims 1 --digits 1 <<< "$json" > out
    grep -qx '{"text":"the","x":1,"embedding":\[.*\]}' out
    embed --dims 1 --digits 1 -f tsv --keep text,truncated <<< "$json" > out
    embed --dims 1 --digits 1 -f tsv <<< '{"text":"the"}' > want
    [ "$(tail -n 1 out | cut -f 2-3)" = "$(tail -n 1 want | cut -f 3-4)" ]
    printf 'text\ttruncated\nthe\tfalse\n' > in
    run -0 embed -i tsv --dims 1 --digits 1 in
    [[ $output != *truncated* ]]
    run -0 embed -i tsv -f tsv --dims 1 --digits 1 in
    [[ $output != *false* ]]
}

# Layer 0 is of id, place and type alone: a row of type 1 is that of a record in
# which all from there on are.
@test "type_ids of one text go to the model as they are" {
    ids='"ids":[2,108,114,109,3]'
    layer() { # TYPES ROW: of layer 0
        embed --per-token --with-special --layers 0 --keep '' \
            <<< "{$ids,\"type_ids\":[$1]}" |
            jq -c ".embedding[$2], .type_ids[$2]"
    }
    for i in 0 2 4; do
        [ "$(layer 0,1,0,1,0 $i | head -1)" = "$(layer 0,0,0,0,0 $i | head -1)" ]
    done
    [ "$(layer 0,1,0,1,0 1)" = "$(layer 0,1,1,1,1 1)" ]
    [ "$(layer 0,1,0,1,0 3)" = "$(layer 0,0,0,1,1 3)" ]
    [ "$(layer 0,1,0,1,0 1)" != "$(layer 0,0,0,0,0 1)" ]
    for tool in 'embed --dims 4' "bert-classify -m $MODELS/tiny-classify" \
        "bert-mask -m $MODELS/tiny-pretraining --score"; do
        $tool --keep '' <<< "{$ids,\"type_ids\":[0,1,0,1,0]}" > mixed
        $tool --keep '' <<< "{$ids}" > zero
        run ! cmp -s mixed zero
        # cut and moved with their tokens
        $tool -q --keep '' --max-length 5 \
            <<< '{"ids":[2,108,114,109,115,116,3],"type_ids":[0,1,0,1,1,0,0]}' |
            sed 's/,"truncated":true//' > cut
        same cut mixed
    done
    run -3 --separate-stderr embed <<< "{$ids,\"type_ids\":[0,1,2,1,0]}"
    [ "$stderr" = 'bert-embed: -:1: type_ids: 2 is outside the model'"'"'s 0..1' ]
    run -3 --separate-stderr embed \
        <<< "{\"text\":\"a\",\"pair\":\"b\",$ids,\"type_ids\":[0,1,0,1,0]}"
    [ "$stderr" = 'bert-embed: -:1: type_ids of a pair are not all 0, then all 1' ]
    run -3 --separate-stderr embed --pair <<< "{$ids,\"type_ids\":[0,1,0,1,1]}"
    [ "$stderr" = 'bert-embed: -:1: its ids are not of a pair' ]
    run -3 --separate-stderr embed \
        <<< "{\"text\":\"the\",$ids,\"type_ids\":[0,1,0,1,0],\"offsets\":[[0,0],[0,9],[0,1],[0,1],[0,0]]}"
    [ "$stderr" = 'bert-embed: -:1: offsets: [0,9] of token 1 does not fit' ]
}

@test "heads consume token members, and keep truncated and the user's" {
    tok -q --max-length 4 <<< '{"k":5,"text":"the cat sat on"}' > records
    run -0 embed --dims 1 records
    [[ $output =~ ^\{\"k\":5,\"text\":\"the\ cat\ sat\ on\",\"truncated\":true,\"embedding\":\[.*\]\}$ ]]
}

@test "a text record: token members that it does not need may be anything" {
    for member in '"tokens":512' '"words":512' '"special":"offer"' \
        '"offsets":"x"' '"offset_unit":"m"' '"vocab":12' '"type_ids":"x"' \
        '"truncated":1' '"window":"mine"'; do
        in="{\"text\":\"the\",$member}"
        embed --dims 1 --keep '' <<< "$in" > out
        embed --dims 1 --keep '' <<< '{"text":"the"}' > want
        same out want
        case $member in
        *window*) ;;
        *) run -3 embed <<< "{\"ids\":[2,108,3],$member}" ;;
        esac
        tok --fields ids <<< "$in" | embed --dims 1 --keep '' > out
        same out want
        # Those that are not tokens are copied, byte for byte.
        embed --dims 1 <<< "$in" > out
        case $member in
        *offset_unit* | *truncated* | *window*) grep -qF "$member" out ;;
        *) [ "$(grep -cF "$member" out)" -eq 0 ] ;;
        esac
    done
}

@test "window: without ids it is the user's, and a window run says it goes" {
    in='{"window":"mine","text":"the cat"}'
    run -0 --separate-stderr ids <<< "$in"
    [ "$output" = '{"window":"mine","text":"the cat","ids":[2,108,114,3]}' ]
    [ -z "$stderr" ]
    run -0 --separate-stderr ids --long window --max-length 4 <<< "$in"
    [ "$output" = '{"text":"the cat","ids":[2,108,114,3],"window":[1,1]}' ]
    [[ $stderr == 'wp-tokenize: warning: the member "window" of the input bears the '* ]]
    # Of a token record it goes with the tokens.
    run -0 --separate-stderr ids <<< '{"text":"the","ids":[2],"window":[1,2]}'
    [ "$output" = '{"text":"the","ids":[2,108,3]}' ]
    [ -z "$stderr" ]
    in='{"text":"the","ids":[2],"window":"mine"}'
    run -0 --separate-stderr ids <<< "$in"
    [ "$output" = '{"text":"the","window":"mine","ids":[2,108,3]}' ]
    run -0 embed --dims 1 --keep window <<< "$in"
    [[ $output == '{"window":"mine","embedding":['* ]]
    printf 'text\twindow\nthe\tmine\n' > in
    run -0 ids -i tsv -f tsv in
    [ "${lines[1]}" = $'the\tmine\t2 108 3' ]
    run -0 ids -i tsv in
    [ "$output" = '{"text":"the","window":"mine","ids":[2,108,3]}' ]
}

# ---- bad records ----

bad_stream() {
    printf '%s\n' '{"text":"the"}' '{"text":5}' 'no json' $'{"text":"\xff"}' \
        '{"x":1}' '{"text":"cat"}'
}

@test "--on-error stop: what is before is written, then one line and exit 3" {
    run -3 --separate-stderr ids < <(bad_stream)
    [ "$output" = '{"text":"the","ids":[2,108,3]}' ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == 'wp-tokenize: -:2: '* ]]
    bad_stream > in.jsonl
    run -3 --separate-stderr embed --dims 1 in.jsonl
    [ "${#lines[@]}" -eq 1 ]
    [[ $stderr == 'bert-embed: in.jsonl:2: '* ]]
}

@test "--on-error skip: the lines are named, the others come, exit 1" {
    run -1 --separate-stderr ids --on-error skip < <(bad_stream)
    [ "${#lines[@]}" -eq 2 ]
    [ "${lines[1]}" = '{"text":"cat","ids":[2,114,3]}' ]
    for i in 2 3 4 5; do
        [[ ${stderr_lines[i - 2]} == "wp-tokenize: -:$i: "* ]]
    done
    [ "${stderr_lines[4]}" = 'wp-tokenize: warning: 4 of 6 records were left out' ]
    run -1 --separate-stderr wp-tokenize -m "$TINY" --on-error skip <<< '{"x":1}'
    [ "${stderr_lines[1]}" = 'wp-tokenize: warning: 1 of 1 record was left out' ]
    run -1 --separate-stderr wp-tokenize -m "$TINY" --on-error emit <<< '{"x":1}'
    [ "${stderr_lines[0]}" = 'wp-tokenize: warning: 1 of 1 record failed' ]
}

@test "--on-error emit: every record has its line, exit 1" {
    run -1 --separate-stderr ids --on-error emit < <(bad_stream)
    [ "${#lines[@]}" -eq 6 ]
    [[ ${lines[1]} == '{"text":5,"error":"'*'"}' ]]
    [[ ${lines[2]} == '{"error":"'*'","line":3}' ]]
    [[ ${lines[3]} == '{"error":"'*'UTF-8'*'","line":4}' ]]
    [ "${lines[4]}" = '{"x":1,"error":"no \"text\""}' ]
    [ "${lines[5]}" = '{"text":"cat","ids":[2,114,3]}' ]
}

@test "--on-error emit: a record that has an error passes" {
    run -0 --separate-stderr embed --on-error emit --dims 1 \
        <<< '{"x":1,"error":"before","ids":[1]}'
    [ "$output" = '{"x":1,"error":"before","ids":[1]}' ]
}

@test "--invalid replace: bad bytes become U+FFFD, and offsets count it" {
    run -0 tok --invalid replace --fields ids,offsets < <(printf 'a \xff\xe4\xbb b\n')
    [ "$output" = '{"text":"a �� b","ids":[2,43,44,3],"offsets":[[0,0],[0,1],[5,6],[0,0]]}' ]
}

@test "messages: control characters are not sent to a terminal" {
    # U+009B is CSI; U+00A0, é and U+26C4, one of whose bytes is 9B, are shown
    run -3 --separate-stderr embed -i tsv < <(printf 'ids\n5 \xc2\x9b2J\n')
    [[ $stderr == "bert-embed: -:2: ids: '?2J' "* ]]
    run -3 --separate-stderr tok $'a\xc2\x9b2J\x9b3J\e[4J\xe2\x9b\x84\xc3\xa9\xc2\xa0.'
    [ "$stderr" = $'wp-tokenize: a?2J?3J?[4J\xe2\x9b\x84\xc3\xa9\xc2\xa0.: No such file or directory' ]
    run -2 --separate-stderr tok $'--\xc2\x9b2J\x9b3J'
    [ "${stderr_lines[0]}" = 'wp-tokenize: unknown option --?2J?3J' ]
}

@test "--max-record: a longer line is a bad record, and the next one comes" {
    run -1 --separate-stderr tok -f ids --max-record 5 --on-error skip \
        < <(printf 'the\nthe cat sat\ncat\n')
    [ "$output" = "$(printf '2 108 3\n2 114 3')" ]
    [[ $stderr == 'wp-tokenize: -:2: a record of more than 5 bytes'* ]]
}

@test "a file that is not there stops the run after what came before" {
    echo the > a
    run -3 --separate-stderr tok -f ids a nonesuch a
    [ "$output" = '2 108 3' ]
    [ "$stderr" = 'wp-tokenize: nonesuch: No such file or directory' ]
    run -3 --separate-stderr tok -f ids .
    [[ $stderr == 'wp-tokenize: .: '* ]]
}

@test "token records: what does not fit is a bad record" {
    bad() {
        run -3 --separate-stderr embed <<< "$1"
        [ -z "$output" ]
        [[ $stderr == 'bert-embed: -:1: '*"$2"* ]] || { echo "$stderr"; return 1; }
    }
    bad '{"ids":[2,162,3]}' 'ids: 162 is outside'
    bad '{"ids":[2,-1,3]}' 'ids: -1 is outside'
    bad '{"ids":[]}' ''
    bad '{"ids":[2,3],"type_ids":[0]}' 'type_ids'
    bad '{"ids":[2,3],"type_ids":[0,2]}' ''
    bad '{"text":"","pair":"","ids":[2,3],"type_ids":[1,0]}' ''
    bad '{"ids":[2,1.5]}' 'ids'
    bad '{"ids":"2"}' 'ids'
    bad '{"text":"a","ids":[2,3],"offsets":[[0,0],[5,9]]}' 'offsets'
    bad '{"text":"\ud800"}' 'surrogate'
    bad '{"text":"a","text":"b"}' 'twice'
    bad '{"x":1}' 'no "text"'
}

@test "a foreign vocab stops the run, whatever --on-error says" {
    for mode in stop skip emit; do
        run -3 --separate-stderr embed --on-error $mode --dims 1 \
            < <(printf '%s\n' '{"ids":[2,108,3]}' \
                '{"ids":[2,3],"vocab":"0123456789abcdef"}' '{"ids":[2,108,3]}')
        [ "${#lines[@]}" -eq 1 ]
        [ "${#stderr_lines[@]}" -eq 1 ]
        [[ $stderr == 'bert-embed: -:2: '*0123456789abcdef*26f857d681feab8f*"-m $TINY" ]]
    done
    run -0 embed --dims 1 <<< '{"ids":[2,108,3],"vocab":"26f857d681feab8f"}'
}

@test "deep nesting is a bad record, not a crash" {
    deep=$(printf '[%.0s' {1..2000})$(printf ']%.0s' {1..2000})
    run -3 --separate-stderr ids <<< "{\"text\":\"a\",\"x\":$deep}"
    [[ $stderr == 'wp-tokenize: -:1: '* ]]
}

@test "JSONL: id twice is a bad record" {
    run -3 --separate-stderr ids <<< '{"id":1,"text":"the","i\u0064":2}'
    [ "$stderr" = 'wp-tokenize: -:1: member id twice' ]
    run -0 ids <<< '{"x":1,"text":"the","x":2}'
}

@test "emit: a record with an error passes, whatever else is wrong with it" {
    bad='{"text":5,"error":"before"}'
    run -0 --separate-stderr ids --on-error emit <<< "$bad"
    [ "$output" = "$bad" ]
    bad='{"text":"a","text":"b","error":"before"}'
    run -0 --separate-stderr ids --on-error emit <<< "$bad"
    [ "$output" = "$bad" ]
    run -1 ids --on-error emit <<< '{"text":5,"error":null}'
}

@test "TSV: no column for what cannot come" {
    run -0 tok -f tsv --fields ids <<< the
    [ "${lines[0]}" = $'text\tids' ]
    run -0 tok -f tsv --fields ids,offsets --offsets bytes <<< the
    [ "${lines[0]}" = $'text\tids\toffsets\toffset_unit' ]
    run -0 tok -f tsv --fields ids --max-length 4 <<< the
    [ "${lines[0]}" = $'text\tids\ttruncated' ]
    run -0 tok -f tsv --fields ids --max-length 4 --long window <<< the
    [ "${lines[0]}" = $'text\tids\twindow' ]
}

# Each tool gives of TSV what it gives of the records that the TSV was made of.
@test "TSV of JSONL: texts stay texts, and pairs pairs" {
    pairs='{"id":1,"text":"the dog","pair":"eats"}
{"id":2,"text":"a","pair":""}'
    texts='{"id":1,"text":"the dog"}
{"id":2,"text":""}'
    classify() { bert-classify -m "$MODELS/tiny-classify" --all --keep id "$@"; }
    nsp() { bert-nsp -m "$MODELS/tiny-pretraining" --keep id "$@"; }
    tag() { bert-tag -m "$MODELS/tiny-tag" "$@"; }
    for records in "$texts" "$pairs"; do
        classify <<< "$records" | sed 's/"id":\([0-9]*\)/"id":"\1"/' > want
        for first in 'tag -f tsv' 'tok -f tsv' 'embed -f tsv --dims 1'; do
            $first <<< "$records" > between
            classify -i tsv between > out
            same out want
        done
    done
    [ "$(head -1 between | cut -f 1-3)" = $'id\ttext\tpair' ]
    nsp <<< "$pairs" | sed 's/"id":\([0-9]*\)/"id":"\1"/' > want
    nsp -f tsv --keep id,text,pair --as before <<< "$pairs" | nsp -i tsv > out
    same out want
    tag -f tsv <<< "$pairs" | nsp -i tsv > out
    same out want
    tag -f tsv <<< "$texts" > between
    [ "$(head -1 between | cut -f 1-3)" = $'id\ttext\tentities' ]
    run -3 --separate-stderr nsp -i tsv between
    [ "$stderr" = 'bert-nsp: between:2: no "pair"' ]
}

@test "TSV of JSONL: a pair among texts, or a text among pairs, is a bad record" {
    text='{"text":"the"}' pair='{"text":"the","pair":"cat"}'
    run -3 --separate-stderr tok -f tsv --fields ids < <(printf '%s\n' "$text" "$pair")
    [ "${#lines[@]}" -eq 2 ]
    [[ $stderr == 'wp-tokenize: -:2: a "pair", but '*'--keep id,text,pair)' ]]
    run -1 --separate-stderr tok -f tsv --fields ids --on-error skip \
        < <(printf '%s\n' '{"text":5,"pair":"x"}' '{' "$pair" "$text" "$pair")
    [ "${lines[0]}" = $'id\ttext\tpair\tids' ]
    [ "${#lines[@]}" -eq 3 ]
    [[ $stderr == *$'\nwp-tokenize: -:4: no "pair", '* ]]
    for keep in text,pair text; do
        run -0 tok -f tsv --fields ids --keep $keep \
            < <(printf '%s\n' "$text" "$pair" "$text")
        [ "${#lines[@]}" -eq 4 ]
    done
    run -0 tok -f tsv --fields ids --drop pair < <(printf '%s\n' "$text" "$pair")
    [ "${lines[0]}" = $'id\ttext\tids' ]
    run -0 tok -f tsv --fields ids --pair <<< "$pair"
    [ "${lines[0]}" = $'id\ttext\tpair\tids' ]
    run -0 tok -f tsv --fields ids --pair -i jsonl < /dev/null
    [ "$output" = $'id\ttext\tpair\tids' ]
}

@test "TSV of JSONL: --resume finds the header that was written" {
    printf '{"text":"the","pair":"cat"}\n%.0s' 1 2 3 > in
    tok -f tsv in > want
    { head -3 want; printf 't'; } > out.part
    tok -f tsv -o out --resume in
    same out want
}

@test "TSV: a bad header names its line, and nothing is written" {
    printf 'text\ttext\na\tb\n' > in
    run -3 --separate-stderr tok -i tsv -f tsv in
    [ "$stderr" = 'wp-tokenize: in:1: column text twice' ]
    [ -z "$output" ]
    run -3 tok -i tsv -f tsv -o out in
    [ ! -e out ] && [ ! -e out.part ]
}

@test "--as: a name that makes no sound record is refused" {
    run -2 tok --as n --number <<< the
    run -2 tok --as $'\xff' <<< the
}

# ---- what the first good record decides ----

@test "tsv: the columns are those of the first good record's input" {
    echo '{"id":1,"text":"a"}' > p.jsonl
    echo the > l.txt
    for batch in 32 4k; do
        run -0 embed --dims 1 -f tsv --batch-tokens $batch p.jsonl l.txt
        [ "${lines[0]}" = $'id\ttext\td0\ttruncated' ]
        [[ ${lines[1]} == $'1\ta\t'* ]]
        [[ ${lines[2]} == $'\tthe\t'* ]]
    done
    embed --dims 1 -f tsv p.jsonl l.txt > whole.tsv
    head -c 40 whole.tsv > r.tsv.part
    run -0 embed --dims 1 -f tsv p.jsonl l.txt -o r.tsv --resume
    cmp whole.tsv r.tsv
}

@test "skip: the first good record has the pair, whatever was left out" {
    { echo '{"x":1}'; echo '{"text":"a","pair":"b"}'; } > late.jsonl
    { printf '{"text":"%060000d\n' 0; tail -n 1 late.jsonl; } > broken.jsonl
    for file in late broken; do
        for batch in 64 4k; do
            run -1 --separate-stderr embed --dims 1 -f tsv --on-error skip \
                --batch-tokens $batch $file.jsonl
            [ "${#lines[@]}" = 2 ]
            [[ ${lines[1]} == *$'a\tb\t'* ]]
        done
    done
}
