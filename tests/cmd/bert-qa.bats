#!/usr/bin/env bats
# bert-qa.bats - answers against transformers' question-answering pipeline and
# the rule for several windows (tests/gen/qa_refs.py), SQuAD in and out, what
# the options promise, bad records

load helper

setup_file() { make_models; }
setup() {
    cd "$BATS_TEST_TMPDIR" || exit
    REFS=$ROOT/tests/golden/qa
}

qa() { bert-qa -m "$MODELS/tiny-qa" "$@"; }
tok() { wp-tokenize -m "$MODELS/tiny-qa" "$@"; }
windows() { qa --keep '' --max-length 30 --overlap 6 "$@" "$REFS/pairs.jsonl"; }

# equal FILE FILE: the same bytes but for scores and odds, and these are near.
equal() {
    for f in "$1" "$2"; do
        sed -E 's/"(score|null_odds)":[^,}]*/"\1":/g' "$f" > "${f##*/}.bare"
        grep -oE '"(score|null_odds)":[^,}]*' "$f" | cut -d: -f2 \
            > "${f##*/}.numbers"
    done
    same "${1##*/}.bare" "${2##*/}.bare"
    near "${1##*/}.numbers" "${2##*/}.numbers"
}

# as_pairs FILE: question and context as text and pair
as_pairs() { sed 's/"question":/"text":/; s/"context":/"pair":/' "$1"; }

@test "bert-qa: one window gives what transformers' pipeline gives" {
    qa --keep '' -k 3 "$REFS/short.jsonl" > out
    equal out "$REFS/best.jsonl"
    qa --keep '' -k 5 --max-answer 3 "$REFS/short.jsonl" > out
    equal out "$REFS/longest.jsonl"
    qa --keep '' -k 4 --pieces "$REFS/short.jsonl" > out
    equal out "$REFS/pieces.jsonl"
}

@test "bert-qa: --compat transformers, each window by itself" {
    windows --compat transformers -k 3 > out
    equal out "$REFS/compat.jsonl"
}

@test "bert-qa: --compat transformers has the pipeline's windows" {
    qa --keep '' -k 2 --compat transformers "$REFS/pairs.jsonl" > out
    equal out "$REFS/compat-plain.jsonl"
    # Of a model of 80 tokens: 80 that share 40. What is given counts.
    for lengths in '--max-length 40:--overlap 20' '--overlap 9:--max-length 80'; do
        # shellcheck disable=SC2086
        qa --compat transformers ${lengths%:*} "$REFS/pairs.jsonl" > a
        # shellcheck disable=SC2086
        qa --compat transformers ${lengths/:/ } "$REFS/pairs.jsonl" | same a -
    done
}

@test "bert-qa: several windows are one context" {
    windows -k 3 --null-threshold 1e6 > out
    equal out "$REFS/windows.jsonl"
}

@test "bert-qa: --no-answer, ranked by its score as in the pipeline" {
    qa --keep '' -k 2 --no-answer "$REFS/short.jsonl" |
        sed 's/,"null_odds":[^,}]*//' > out
    equal out "$REFS/none.jsonl"
    windows --compat transformers -k 2 --no-answer |
        sed 's/,"null_odds":[^,}]*//' > out
    equal out "$REFS/compat-none.jsonl"
}

@test "bert-qa: --null-threshold decides by the null odds" {
    qa --keep '' --no-answer "$REFS/short.jsonl" |
        sed 's/.*"null_odds"://; s/}//' > odds
    threshold=$(sort -g odds | sed -n 4p)
    qa --keep '' --null-threshold "$threshold" "$REFS/short.jsonl" > out
    paste odds out | awk -v x="$threshold" '
        { empty = index($2, "{\"text\":\"\",\"start\":0,\"end\":0,") > 0 }
        empty != ($1 > x) { exit 1 }
        { n += empty }
        END { exit n != NR - 4 }'
}

@test "bert-qa: token records give the same, in the record's own unit" {
    as_pairs "$REFS/short.jsonl" > pairs.jsonl
    qa --keep '' -k 3 pairs.jsonl > a
    same a <(qa --keep '' -k 3 "$REFS/short.jsonl")
    tok pairs.jsonl | qa --keep '' -k 3 > b
    same a b
    for unit in bytes utf16; do
        tok --offsets $unit pairs.jsonl | qa --keep '' -k 3 > out
        equal out "$REFS/$unit.jsonl"
        sed "s/^{/{\"offset_unit\":\"$unit\",/" "$REFS/short.jsonl" |
            qa --keep '' -k 3 > out
        equal out "$REFS/$unit.jsonl"
    done
    as_pairs "$REFS/pairs.jsonl" | tok | qa --keep '' -k 3 --max-length 30 \
        --overlap 6 --null-threshold 1e6 > out
    equal out "$REFS/windows.jsonl"
}

@test "bert-qa: lines of text, TSV in and out" {
    printf 'what?\tthe cat sat\n' > in.txt
    qa -i text in.txt > a
    [[ $(cat a) == '{"text":"what?","pair":"the cat sat","answers":[{"text":'* ]]
    printf 'id\tquestion\tcontext\n7\twhat?\tthe cat sat\n' > in.tsv
    qa -i tsv in.tsv | sed 's/.*"answers"/"answers"/' > b
    sed 's/.*"answers"/"answers"/' a | same - b
    qa -i tsv -f tsv in.tsv > out
    head -n 1 out | same - <(printf 'id\tquestion\tcontext\tanswer\tstart\tend\tscore\ttruncated\n')
    [ "$(sed -n '2s/\t[^\t]*\t$//p' out)" = \
        "$(printf '7\twhat?\tthe cat sat\t%s\t%s\t%s' "$(sed 's/.*"answers":\[{"text":"\([^"]*\)".*/\1/' a)" \
            "$(sed 's/.*"start":\([0-9]*\).*/\1/' a)" "$(sed 's/.*"end":\([0-9]*\).*/\1/' a)")" ]
}

@test "bert-qa: TSV from JSON lines has question and context" {
    cat > in <<'JSON'
{"question":"what?","context":"the\tcat"}
{"id":7,"text":"what?","pair":"the cat"}
{"text":"other","question":"what?","context":"the cat"}
{"question":"","context":""}
JSON
    qa -f tsv in > out
    cut -f 1-3 out | same - <(printf '%s\t%s\t%s\n' id text pair \
        '' 'what?' 'the\tcat' 7 'what?' 'the cat' '' 'what?' 'the cat' '' '' '')
    qa -i tsv -f tsv out 2> err | cut -f 1-7 | same - <(cut -f 1-7 out)
    # The answers are of text and pair in a record of their ids.
    printf 'what?\tthe cat\n' | tok --pair | sed 's/^{/{"context":"other",/' |
        qa -f tsv | cut -f 1-3 | sed -n 2p |
        same - <(printf '\twhat?\tthe cat\n')
    # A text file before it names the columns; --keep means what it says.
    printf 'who?\tthe dog\n' > in.txt
    qa -f tsv in.txt in | cut -f 1-2 | sed -n 1,3p |
        same - <(printf '%s\t%s\n' text pair 'who?' 'the dog' 'what?' 'the\tcat')
    qa -f tsv --keep text,question in | cut -f 1-2 | sed -n '2p;4p' |
        same - <(printf '\twhat?\nother\twhat?\n')
}

squad_file() {
    cat > squad.json <<'JSON'
{"version": "v2.0", "data": [
 {"title": "Cats", "paragraphs": [
  {"qas": [{"question": "Where is the cat?", "id": "5a", "is_impossible": false,
            "answers": [{"text": "}", "answer_start": 3}]},
           {"question": "who ran?", "id": "5b\"\u00e9"}],
   "context": "The cat sat on the mat. }] The dog ran home."},
  {"context": "nobody asks", "qas": []},
  {"context": "water and sun", "qas": [{"id": 7, "question": "what?"}]}]},
 {"title": "None", "paragraphs": []}], "more": {"data": [1, "x", null]}}
JSON
}

@test "bert-qa: SQuAD's documents in, a record a question" {
    squad_file
    qa -i squad --as found squad.json > out
    [ "$(wc -l < out)" -eq 3 ]
    sed -n 1p out | grep -q '^{"question":"Where is the cat?"\|^{"question": *"Where'
    sed -n 1p out | grep -qF '"answers":[{"text": "}", "answer_start": 3}],"context":"The cat sat on the mat. }] The dog ran home.","title":"Cats","found":[{"text":"'
    sed -n 3p out | grep -qF '{"id":7,"question":"what?","context":"water and sun","title":"Cats","found":[{'
    printf '%s\n' '{"question":"what?","context":"water and sun"}' | qa |
        sed 's/.*"answers"/"answers"/' > one
    qa -i squad --keep '' squad.json | sed -n '3s/^{//p' | same one -
    qa -i squad -f tsv --drop context squad.json |
        cut -f 1-3 | same - <(printf '%s\t%s\t%s\n' id title question \
            5a Cats 'Where is the cat?' '5b"é' Cats 'who ran?' 7 Cats 'what?')
    # Byte by byte, and the same document twice.
    while IFS= read -r -n1 -d '' c; do printf %s "$c"; done < squad.json |
        qa -i squad --as found > slow
    same out slow
    qa -i squad --as found squad.json - < squad.json > twice
    cat out out | same - twice
}

@test "bert-qa: predictions and null odds for the scorer" {
    squad_file
    qa -i squad -f squad --no-answer --null-odds odds.json squad.json > out
    qa -i squad --keep '' --no-answer squad.json > records
    {
        echo '{'
        paste -d '' <(printf '%s\n' '"5a":' '"5b\"\u00e9":' '"7":') \
            <(sed 's/{"answers":\[{"text":\("[^"]*"\).*/\1/' records) | sed '$!s/$/,/'
        echo '}'
    } > want
    same out want
    {
        echo '{'
        paste -d '' <(printf '%s\n' '"5a":' '"5b\"\u00e9":' '"7":') \
            <(sed 's/.*"null_odds":\(.*\)}/\1/' records) | sed '$!s/$/,/'
        echo '}'
    } > want
    same odds.json want
    # What a scorer does first: read the file.
    if command -v python3 > /dev/null; then
        python3 -c '
import json
p, o = json.load(open("out")), json.load(open("odds.json"))
questions = [q for a in json.load(open("squad.json"))["data"]
             for c in a["paragraphs"] for q in c["qas"]]
assert list(p) == list(o) == [str(q["id"]) for q in questions], p
assert all(isinstance(t, str) for t in p.values()), p
assert all(isinstance(x, float) for x in o.values()), o'
    fi
    printf '{"data":[]}' | qa -i squad -f squad > out
    printf '{\n}\n' | same - out
    qa -i squad -f squad --null-threshold -1000 squad.json |
        sed -n '2p' | same <(echo '"5a":"",') -
    qa -i tsv -f squad <<< $'id\ttext\tpair\na\\t"b\twhat?\twater' > out
    same out <(printf '{\n"a\\t\\"b":"water"\n}\n')
}

@test "bert-qa: predictions and null odds are two files" {
    squad_file
    mkdir sub
    ln -s . here
    for names in 's.json s.json' 's.json ./s.json' 'sub/s.json here/sub/s.json' \
        "s.json $PWD/s.json" '- -'; do
        # shellcheck disable=SC2086
        set -- $names
        run -2 --separate-stderr qa -i squad -f squad -o "$1" --null-odds "$2" squad.json
        [[ $stderr == 'bert-qa: --null-odds: '* ]]
        [ ! -e s.json.part ] && [ -z "$(ls sub)" ]
    done
    run -2 qa -i squad -f squad --null-odds - squad.json
    echo > old
    ln -s old link
    run -2 qa -i squad -f squad -o old --null-odds link squad.json
    run -2 qa -i squad -f squad -o new --null-odds here/new squad.json
    run -0 qa -i squad -f squad -o s.json --null-odds sub/s.json squad.json
}

@test "bert-qa: predictions of a run that stopped are seen to be incomplete" {
    printf '%s\n' '{"id":1,"question":"what?","context":"water"}' \
        '{"question":"what?"}' > bad
    run -3 --separate-stderr qa -f squad -o p --null-odds o bad
    [ ! -e p ] && [ ! -e o ]
    [ "$(cat p.part)" = $'{\n"1":"water"' ]
    [[ $(cat o.part) == $'{\n"1":'* && $(cat o.part) != *'}'* ]]
    run -3 --separate-stderr qa -f squad bad
    [ "$output" = $'{\n"1":"water"' ]
    run -1 --separate-stderr qa -f squad --on-error skip bad
    [ "$output" = $'{\n"1":"water"\n}' ]
}

@test "bert-qa: odds are complete only where the predictions are" {
    squad_file
    run -3 --separate-stderr qa -i squad -f squad --null-odds o -o /dev/full squad.json
    [ ! -e o ]
    [[ $(cat o.part) != *'}'* ]]
    run -3 --separate-stderr qa -i squad -f squad --null-odds /dev/full -o p squad.json
    [ ! -e p ]
}

@test "bert-qa: predictions whose id came before are counted in a warning" {
    squad_file
    run -0 --separate-stderr qa -i squad -f squad squad.json
    [ -z "$stderr" ]
    printf '%s\n' 7 '"7"' '""' '"a b"' '""' '"a"' '7' 70 |
        sed 's/.*/{"id":&,"question":"what?","context":"water"}/' > in
    run -0 --separate-stderr qa -f squad in
    [ "$stderr" = 'bert-qa: warning: 3 predictions have an id that came before: a scorer takes the last of an id' ]
    [ "${#lines[@]}" -eq 10 ]
    run -0 --separate-stderr qa -q -f squad in
    [ -z "$stderr" ]
    run -0 --separate-stderr qa -i squad -f squad --null-odds o squad.json squad.json
    [[ $stderr == 'bert-qa: warning: 3 predictions have '* ]]
    printf '%s\n' id$'\t'question$'\t'context 'a'$'\tw\tw' '"a"'$'\tw\tw' 'a'$'\tw\tw' > in.tsv
    run -0 --separate-stderr qa -i tsv -f squad in.tsv
    [[ $stderr == 'bert-qa: warning: 1 prediction has '* ]]
}

@test "bert-qa: --on-error emit leaves no question without a prediction" {
    long=$(printf 'rain and sun %.0s' {1..40})
    printf '%s\n' "{\"id\":\"a\",\"question\":\"$long\",\"context\":\"water\"}" \
        '{"id":"b","question":"what?","context":"water"}' \
        '{"id":"c","error":"from before"}' '{"id":"d"}' '{"question":"?"}' '{' \
        '{"id":"e","question":"what?","context":"water"}' > in
    run -1 --separate-stderr qa -f squad --on-error emit -o p --null-odds o in
    same p <(printf '{\n"a":"",\n"b":"water",\n"c":"",\n"d":"",\n"e":"water"\n}\n')
    sed -E 's/:-?[0-9]+\.[0-9]+/:x/' o |
        same - <(printf '{\n"a":1000000,\n"b":x,\n"c":1000000,\n"d":1000000,\n"e":x\n}\n')
    [ "${#stderr_lines[@]}" -eq 5 ]
    [[ ${stderr_lines[0]} == 'bert-qa: in:1: a question of '* ]]
    [ "${stderr_lines[4]}" = 'bert-qa: warning: 4 of 7 records failed' ]
    run -2 qa -f tsv --on-error emit in
}

@test "bert-qa: documents that are none stop the run" {
    while IFS= read -r bad; do
        run -3 --separate-stderr qa -i squad <<< "$bad"
        [[ $stderr == "bert-qa: -:"[12]": no SQuAD document: "* ]]
        [ -z "$output" ]
    done <<'BAD'
[]
x
{}
{"data":{}}
{"data":[5]}
{"data":[{"id":"a","question":"what?","context":"sun"}]}
{"data":[{"paragraphs":{}}]}
{"data":[{"paragraphs":["x"]}]}
{"data":[}
{"data":[{"paragraphs":[{"context":"a","qas":[{"question":"x"
{"data":[{"paragraphs":[{"context":"a","qas":[]}]}]}]
{"data":[{"title":"a	b"}]}
BAD
    run -3 --separate-stderr qa -i squad \
        <<< '{"data":[{"paragraphs":[{"qas":[{"question":"x"}]}]}]}'
    [ "$stderr" = 'bert-qa: -:1: no "context"' ]
    : > empty
    echo '{"data":[]}' > whole
    run -0 qa -i squad whole whole
    for operands in empty 'empty whole' 'whole empty' 'whole empty whole'; do
        # shellcheck disable=SC2086 # words of a list
        run -3 --separate-stderr qa -i squad $operands
        [ "$stderr" = 'bert-qa: empty:1: no SQuAD document: no array "data"' ]
    done
    run -3 --separate-stderr qa -i squad <<'JSON'
{"data":[{"paragraphs":[{"context":"sun","qas":[{"question":"what?","id":"a"},
 {"id":"b\n"}]}]}]}
JSON
    [ "$stderr" = 'bert-qa: -:1: id "b\n": no "question"' ]
}

@test "bert-qa: a SQuAD file that is read as records says -i squad" {
    squad_file
    run -3 --separate-stderr qa squad.json
    [[ $stderr == 'bert-qa: squad.json:1: not JSON: '*' (say -i text if this is not JSONL, -i squad if it is a SQuAD file)' ]]
    tr -d '\n' < squad.json > line.json
    run -3 --separate-stderr qa line.json
    [ "$stderr" = 'bert-qa: line.json:1: no "question", and no "text" (say -i squad if this is a SQuAD file)' ]
    printf '{\n"data":[]}' > indented.json
    run -3 --separate-stderr qa indented.json
    [[ $stderr == *'-i squad if it is a SQuAD file)' ]]
}

@test "bert-qa: a paragraph without questions is a bad record" {
    cat > in <<'JSON'
{"data":[{"title":"T","paragraphs":[{"context":"the dog"},
 {"context":"water","qas":[{"id":1,"question":"what?"}]},
 {"context":"sun","qas":"none"}]}]}
JSON
    run -3 --separate-stderr qa -i squad in
    [ "$stderr" = 'bert-qa: in:1: a paragraph without an array "qas"' ]
    run -1 --separate-stderr qa -i squad --on-error skip in
    [ "${#lines[@]}" -eq 1 ]
    [[ ${lines[0]} == '{"id":1,"question":"what?","context":"water","title":"T","answers":['* ]]
    [ "${stderr_lines[1]}" = 'bert-qa: in:3: a paragraph without an array "qas"' ]
    run -1 --separate-stderr qa -i squad --on-error emit in
    [ "${lines[0]}" = '{"context":"the dog","error":"a paragraph without an array \"qas\""}' ]
    [ "${#lines[@]}" -eq 3 ]
    run -1 --separate-stderr qa -i squad -f squad --on-error emit in
    [ "$output" = $'{\n"1":"water"\n}' ]
}

@test "bert-qa: the default overlap yields to a long question" {
    in='{"question":"the cat sat on the mat in the house","context":"the dog ran to the river in london"}'
    qa --max-length 14 --compat transformers <<< "$in" > out
    qa --max-length 14 --overlap 1 --compat transformers <<< "$in" > want
    same out want
    run -3 qa --max-length 14 --overlap 3 <<< "$in"
    for length in 3 4; do
        run -3 --separate-stderr qa --max-length $length --compat transformers \
            <<< "$in"
        [[ $stderr == 'bert-qa: -:1: '*" leaves no room for the context in $length (--max-length)" ]]
    done
}

@test "bert-qa: bad records, one by one" {
    cat > in.jsonl <<'JSON'
{"question":"what?","context":"water"}
{"question":"what?"}
{"context":"water"}
{"pair":"water"}
{"text":"what?"}
{"text":"what?","pair":["water","sun"]}
{"question":"the cat sat on the mat in the house in the rain and the dog ran to the river in london today or was it paris or berlin he eats the food he sat on in the sun and the dog runs away today","context":"water"}
{"text":["what","is"],"pair":"water"}
{"question":"","context":""}
JSON
    run -1 --separate-stderr qa --on-error emit --max-length 40 in.jsonl
    printf '%s\n' "${lines[@]}" | sed 's/.*"error":/error /; s/.*"answers":\(...\).*/answers \1/' > got
    same got - <<'WANT'
answers [{"
error "no \"context\""}
error "no \"question\""}
error "no \"question\", and no \"text\""}
error "no \"pair\""}
error "the context is split into words: an answer would have no place in it"}
error "a question of 58 tokens, special ones included, leaves no room for the context in 40 (--max-length)"}
answers [{"
answers []}
WANT
}

@test "bert-qa: what cannot be cut is named, and the options that are the cause" {
    long=$(printf 'rain and sun %.0s' {1..40})
    printf 'what?\t%s\n' "$long" > context
    printf '%s\twater\n' "$long" > question
    refused() { # message, argument...
        local message=$1
        shift
        run -3 --separate-stderr qa -i text --max-length 80 "$@"
        [[ $stderr == "bert-qa: $message" ]] || { echo "$stderr"; return 1; }
    }
    # 120 tokens, those of the question, and [CLS] [SEP] [SEP].
    n=$(tok --count --no-special <<< 'what?')
    refused "context:1: $((120 + n + 3 - 80)) tokens to cut, but the first text has $n" \
        --long truncate --truncate only-first context
    none='leaves no room for the context in 80'
    refused "question:1: a question of 122 tokens, special ones included, $none (--max-length)" \
        --long truncate question
    refused "question:1: a question of 122 tokens, special ones included, $none (--max-length)" question
    refused "question:1: a question of 122 tokens, special ones included, $none (--max-length, --overlap)" \
        --overlap 10 question
}

@test "bert-qa: token records that lack something" {
    printf 'what?\twater sun\n' | tok --pair > full
    check() { # message, sed script
        sed "$2" full > in
        run -3 --separate-stderr qa in
        [[ $stderr == "bert-qa: in:1: $1"* ]] || { echo "$stderr"; return 1; }
    }
    check 'no "pair"' 's/"pair":"[^"]*",//'
    check 'no "offsets"' 's/"offsets":\[[^v]*\],"w/"w/'
    check 'no "words"' 's/"words":\[[^]]*\],//'
    check 'its ids are not of a pair' 's/"type_ids":\[[^]]*\],//; s/"offsets":\[[^v]*\],"w/"w/'
    check 'offsets are no places' 's/"pair":"water sun"/"pair":"w\\u00e4ter sun","offset_unit":"bytes"/; s/\[0,5\]/[2,5]/'
    # The pair that the ids were made of, not a member of the user's.
    sed 's/^{/{"context":"other","question":1,/' full > in
    run -3 qa in
    sed 's/^{/{"context":"other",/' full | qa | grep -qv '"text":"other'
    sed 's/"words":\[[^]]*\],//' full | qa --pieces > out
    same out <(qa --pieces full)
}

@test "bert-qa: long texts cut or refused" {
    long=$(printf 'rain and sun %.0s' {1..40})
    printf '{"question":"what?","context":"%s"}\n' "$long" > in
    qa -q --long truncate in | grep -q '"truncated":true}$'
    run -3 --separate-stderr qa --long error in
    [[ $stderr == *"128 tokens: more than 80"* ]]
    qa --truncate-side left in > out
    grep -q '"answers":\[{"text"' out
}

@test "bert-qa: the same bytes for any -j, batch and neighbours" {
    cat "$REFS/pairs.jsonl" "$REFS/pairs.jsonl" > in
    qa -k 3 --no-answer --max-length 30 --overlap 6 -j 1 in > a
    for options in '-j 3' '--batch-tokens 20' '-j 2 --batch-tokens 100'; do
        # shellcheck disable=SC2086
        qa -k 3 --no-answer --max-length 30 --overlap 6 $options in > b
        same a b
    done
    while IFS= read -r line; do
        qa -k 3 --no-answer --max-length 30 --overlap 6 <<< "$line"
    done < in | same a -
}

@test "bert-qa: --digits rounds every number, and only them" {
    rounded() { # as printf rounds
        awk '{
            while (match($0, /"(score|start_logit|end_logit|null_odds)":[-+.0-9e]+/)) {
                n = index(substr($0, RSTART), ":") + RSTART
                printf "%s%s", substr($0, 1, n - 1),
                    sprintf("%.3g", substr($0, n, RSTART + RLENGTH - n)) + 0
                $0 = substr($0, RSTART + RLENGTH)
            }
            print
        }' CONVFMT=%.3g OFMT=%.3g "$1"
    }
    qa --raw -k 3 --no-answer "$REFS/short.jsonl" > full
    qa --raw -k 3 --no-answer --digits 3 "$REFS/short.jsonl" > out
    same <(rounded full) out
    squad_file
    qa -i squad -f squad --null-odds full squad.json > a
    qa -i squad -f squad --null-odds odds --digits 3 squad.json > b
    same a b
    same odds <(sed 's/\("[^:]*":\)/\1 /; s/,$/ ,/' full |
        awk '$2 ~ /^[-0-9]/ { printf "%s%s%s\n", $1, sprintf("%.3g", $2) + 0, $3; next } 1' OFMT=%.3g)
    qa -f tsv --digits 2 --keep '' "$REFS/short.jsonl" | cut -f 4 > scores
    [ "$(grep -cE '^0\.0*[0-9]{1,2}$' scores)" -gt 0 ]
    [ "$(grep -cE '^0\.0*[1-9][0-9]{2}' scores)" -eq 0 ]
    run -2 qa -f squad --digits 3 squad.json
    run -2 --separate-stderr qa --digits 10 "$REFS/short.jsonl"
    [[ ${stderr_lines[0]} == 'bert-qa: --digits: a float has 9 digits at most' ]]
}

@test "bert-qa: --raw, and options that do not go together" {
    qa --raw -k 2 --no-answer "$REFS/short.jsonl" |
        grep -c '"start_logit":[^,]*,"end_logit":[^}]*}.*"start_logit"' |
        same - <(echo 8)
    for options in '--null-odds x' '-f squad --resume -o x' '-f squad -k 2' \
        '-f tsv -k 2' '-f squad --as x' '-f tsv --raw' '-k 1001' '-k 0' \
        '--truncate only-first' '--compat transformers --truncate-side left' \
        '--max-answer 0' '--null-threshold x'; do
        # shellcheck disable=SC2086
        run -2 qa $options "$REFS/short.jsonl"
    done
    run -0 qa --truncate only-second "$REFS/short.jsonl"
}

@test "bert-qa: a model without the head names the one it has" {
    run -3 --separate-stderr bert-qa -m "$MODELS/tiny-tag" <<< $'a\tb'
    [[ $stderr == *"no head for answers in the model; it has one for labels of tokens (bert-tag)"* ]]
}
