#!/usr/bin/env bats
# bert-classify.bats - labels and scores against transformers' pipeline and
# sentence-transformers' CrossEncoder (tests/gen/classify_refs.py), and what the
# options promise

load helper

setup_file() { make_models; }
setup() {
    cd "$BATS_TEST_TMPDIR" || exit
    GOLD=$ROOT/tests/golden/classify
    CLASSIFY=$MODELS/tiny-classify MULTI=$MODELS/tiny-multi
    CROSS=$MODELS/tiny-cross REGRESSION=$MODELS/tiny-regression
}

classify() { bert-classify -q -m "$CLASSIFY" "$@"; }
# fields COMMAND...: results alone, a line each
fields() { "$@" -q -f tsv --keep '' --no-header | sed 's/\ttrue$//; s/\t$//'; }
# listed COMMAND...: the labels of "labels", label and score by turns
listed() {
    fields "$@" | sed 's/^\[{"label":"//; s/}\]$//; s/},{"label":"/\t/g; s/","score":/\t/g'
}
MAP='very negative=-2,negative=-1,neutral=0,positive=1,very positive=2'

@test "bert-classify: label and score equal the pipeline's" {
    grep -v $'\t$' "$GOLD/pairs.txt" > pairs # as classify_refs.py
    for model in classify multi regression; do
        fields bert-classify -m "$MODELS/tiny-$model" "$GOLD/texts.txt" > out
        alike out "$GOLD/$model.tsv"
        fields bert-classify -m "$MODELS/tiny-$model" --pair pairs > out
        alike out "$GOLD/$model-pairs.tsv"
    done
}

@test "bert-classify: --all equals the pipeline's top_k None, -k its first" {
    for model in classify multi; do
        listed bert-classify -m "$MODELS/tiny-$model" --all "$GOLD/texts.txt" > out
        alike out "$GOLD/$model-all.tsv"
        listed bert-classify -m "$MODELS/tiny-$model" -k 2 "$GOLD/texts.txt" > out
        cut -f 1-4 "$GOLD/$model-all.tsv" > want
        alike out want
    done
}

@test "bert-classify: --raw gives logits, --function another function" {
    listed bert-classify -m "$CLASSIFY" --raw -k 2 "$GOLD/texts.txt" > out
    alike out "$GOLD/classify-none.tsv"
    listed bert-classify -m "$CLASSIFY" --function sigmoid -k 2 "$GOLD/texts.txt" > out
    alike out "$GOLD/classify-sigmoid.tsv"
    classify --raw "$GOLD/texts.txt" > out
    classify --function none "$GOLD/texts.txt" > want
    same out want
}

@test "bert-classify: --multi writes the labels that reach the threshold" {
    listed bert-classify -m "$MULTI" --multi --threshold 0 "$GOLD/texts.txt" > out
    alike out "$GOLD/multi-all.tsv"
    listed bert-classify -m "$MULTI" --multi "$GOLD/texts.txt" > out
    awk -F '\t' -v OFS='\t' '{
        line = ""
        for (i = 1; i < NF; i += 2) if ($(i + 1) >= 0.5)
            line = line (line == "" ? "" : OFS) $i OFS $(i + 1)
        print line }' "$GOLD/multi-all.tsv" > want
    alike out want
    run -0 bert-classify -m "$MULTI" --multi --threshold 1.5 <<< the
    [ "$output" = '{"text":"the","labels":[]}' ]
    run -0 bert-classify -m "$MULTI" --multi -k 1 <<< 'the cat'
    [[ $output =~ ^\{\"text\":\"the\ cat\",\"labels\":\[\{\"label\":\"fear,\ dread\",\"score\":[.0-9]+\}\]\}$ ]]
}

@test "bert-classify: a cross-encoder's scores are CrossEncoder's" {
    fields bert-classify -m "$CROSS" --pair "$GOLD/pairs.txt" > out
    alike out "$GOLD/cross.txt"
    cp -r "$CROSS" cross
    sed -i 's/linear.Identity/activation.Sigmoid/' cross/config_sentence_transformers.json
    fields bert-classify -m cross --pair "$GOLD/pairs.txt" > out
    alike out "$GOLD/cross-sigmoid.txt"
}

@test "bert-classify: the activation of older cross-encoders, in config.json" {
    for key in '"sbert_ce_default_activation_function":"torch.nn.modules.linear.Identity"' \
        '"sentence_transformers":{"activation_fn":"torch.nn.Identity"}'; do
        rm -rf cross
        cp -r "$CROSS" cross
        rm cross/config_sentence_transformers.json
        # one output and nothing said: sigmoid, as the pipeline
        fields bert-classify -m cross --pair "$GOLD/pairs.txt" > out
        alike out "$GOLD/cross-sigmoid.txt"
        sed -i "s/\"model_type\"/$key,&/" cross/config.json
        fields bert-classify -m cross --pair "$GOLD/pairs.txt" > out
        alike out "$GOLD/cross.txt"
    done
}

@test "bert-classify: an activation that is not known, or not to be trusted" {
    cp -r "$CROSS" cross
    sed -i 's/torch.nn.modules.linear.Identity/torch.nn.Tanh/' cross/config_sentence_transformers.json
    run -3 --separate-stderr bert-classify -m cross <<< the
    [[ $stderr == *torch.nn.Tanh*--function* ]]
    run -0 bert-classify -m cross --function none <<< the
    sed -i 's/torch.nn.Tanh/mine.Own/' cross/config_sentence_transformers.json
    run -0 --separate-stderr bert-classify -m cross --pair "$GOLD/pairs.txt"
    [[ $stderr == 'bert-classify: warning: '*mine.Own* ]]
    fields bert-classify -m cross --pair "$GOLD/pairs.txt" > out
    alike out "$GOLD/cross-sigmoid.txt"
    sed -i 's/"default_prompt_name":null/"default_prompt_name":"query"/' \
        cross/config_sentence_transformers.json
    run -3 --separate-stderr bert-classify -m cross <<< the
    [[ $stderr == *'a cross-encoder with a prompt (query) is not supported'* ]]
}

@test "bert-classify: --rank orders as CrossEncoder.rank, -k cuts" {
    fields bert-classify -m "$CROSS" -i tsv --keep id --rank --group text "$GOLD/rank.tsv" > out
    bert-classify -q -m "$CROSS" -i tsv -f tsv --keep id --no-header --rank \
        --group text "$GOLD/rank.tsv" | cut -f 1,2 > out
    alike out "$GOLD/cross-rank.tsv"
    bert-classify -q -m "$CROSS" -i tsv -f tsv --keep id --no-header --rank \
        --group text --function sigmoid -k 3 "$GOLD/rank.tsv" | cut -f 1,2 > out
    head -3 "$GOLD/cross-sigmoid-rank.tsv" > want
    alike out want
}

@test "bert-classify: a group ends where the member changes" {
    printf '{"q":%s,"text":"%s"}\n' 1 rain 1 'the cat' 2 dog 2 'the sun' 1 mat 1.0 a '"1"' b > in
    bert-classify -m "$CROSS" --drop text in > plain
    bert-classify -m "$CROSS" --drop text --rank --group q in > out
    { head -2 plain | sort -t : -k 3 -gr; sed -n 3,4p plain | sort -t : -k 3 -gr
      tail -n +5 plain; } > want
    same out want
    # in batches of one record as well
    bert-classify -m "$CROSS" --drop text --rank --group q --batch-tokens 1 in > out
    same out want
    { while read -r line; do echo "$line"; sleep 0.02; done < in; } |
        bert-classify -m "$CROSS" --drop text --rank --group q > out
    same out want
    printf 'the\ta b\nthe\tc\n' | bert-classify -m "$CROSS" --pair --rank --group text > out
    [ "$(wc -l < out)" -eq 2 ]
}

@test "bert-classify: --rank and bad records" {
    printf '%s\n' '{"q":1,"text":"rain","i":1}' '{"q":1,"text":"the cat","i":2}' \
        '{"text":"x"}' '{"q":1,"text":"sun","i":3}' > in
    run -3 --separate-stderr bert-classify -m "$CROSS" --keep i --rank --group q in
    [ "$stderr" = 'bert-classify: in:3: no "q" (--group)' ]
    [ "${#lines[@]}" -eq 2 ]
    run -1 --separate-stderr bert-classify -m "$CROSS" --keep i --rank --group q --on-error skip in
    [ "${#lines[@]}" -eq 3 ]
    [ "$(printf '%s\n' "${lines[@]}" | tr -cd '123\n' | cut -c 1 | sort | tr -d '\n')" = 123 ]
    run -1 --separate-stderr bert-classify -m "$CROSS" --keep i --rank --group q --on-error emit in
    [ "${#lines[@]}" -eq 4 ]
    [ "${lines[0]}" = '{"error":"no \"q\" (--group)"}' ]
}

@test "bert-classify: --score-map gives the expected number" {
    fields bert-classify -m "$CLASSIFY" --score-map "$MAP" "$GOLD/texts.txt" > out
    alike out "$GOLD/expected.txt"
    fields bert-classify -m "$CLASSIFY" --score-map "$MAP" --as mood <<< the > out
    [ "$(wc -l < out)" -eq 1 ]
    run -2 --separate-stderr classify --score-map 'negative=-1' <<< the
    [[ $stderr == *'no value for label very negative'* ]]
    run -2 --separate-stderr classify --score-map "$MAP,bad=3" <<< the
    [[ $stderr == *"'bad=3' is not LABEL=NUMBER"* ]]
    run -2 --separate-stderr classify --score-map "$MAP,neutral=3" <<< the
    [[ $stderr == *'label neutral twice'* ]]
    run -2 --separate-stderr classify --score-map 'neutral=x' <<< the
    [[ $stderr == *"'x' is not a number"* ]]
    run -2 bert-classify -m "$MULTI" --score-map 'joy=1,anger=-1,fear, dread=-1,surprise=0' <<< the
    run -0 bert-classify -m "$MULTI" --function softmax --score-map 'joy=1,anger=-1,fear, dread=-1,surprise=0' <<< the
}

@test "bert-classify: --reject below the threshold" {
    fields bert-classify -m "$CLASSIFY" --reject 'not "sure"' --threshold 0.45 "$GOLD/texts.txt" > out
    awk -F '\t' -v OFS='\t' '{ print ($2 < 0.45 ? "not \"sure\"" : $1), $2 }' "$GOLD/classify.tsv" > want
    alike out want
    grep -q sure out
    grep -q positive out
    run -0 classify --reject 'not "sure"' --threshold 0.999 --digits 2 <<< the
    [[ $output == '{"text":"the","label":"not \"sure\"","score":'* ]]
}

@test "bert-classify: --long window and --reduce, over logits" {
    for how in mean max last; do
        fields bert-classify -m "$CLASSIFY" --max-length 20 --overlap 5 \
            --long window --reduce $how "$GOLD/texts.txt" > out
        alike out "$GOLD/window-$how.tsv"
        # in runs of a few windows too
        fields bert-classify -m "$CLASSIFY" --max-length 20 --overlap 5 \
            --long window --reduce $how --batch-tokens 30 "$GOLD/texts.txt" > few
        same few out
    done
    fields bert-classify -m "$CLASSIFY" --max-length 20 --overlap 5 --long window "$GOLD/texts.txt" > out
    alike out "$GOLD/window-mean.tsv"
}

@test "bert-classify: --long head-tail keeps the first and the last tokens" {
    fields bert-classify -m "$CLASSIFY" --max-length 20 --long head-tail "$GOLD/texts.txt" > out
    alike out "$GOLD/head-tail.tsv"
    wp-tokenize -m "$CLASSIFY" "$GOLD/texts.txt" > tokens
    fields bert-classify -m "$CLASSIFY" --max-length 20 --long head-tail tokens > out
    alike out "$GOLD/head-tail.tsv"
    fields bert-classify -m "$CLASSIFY" --max-length 20 --truncate-side left "$GOLD/texts.txt" > out
    alike out "$GOLD/left.tsv"
    run -0 --separate-stderr bert-classify -m "$CLASSIFY" --max-length 20 --long head-tail "$GOLD/texts.txt"
    [[ $stderr == 'bert-classify: warning: 1 text was cut'* ]]
    [[ ${lines[6]} == *'"truncated":true}' ]]
}

@test "bert-classify: the same bytes for any -j, --batch-tokens, neighbours" {
    for k in 1 2 3 4 5; do cat "$GOLD/texts.txt"; done > many
    classify --all many > want
    for options in '-j 1' '-j 3' '--batch-tokens 1' '--batch-tokens 100 -j 2'; do
        # shellcheck disable=SC2086
        classify --all $options many > out
        same out want
    done
    tac many | classify --all | tac > out
    same out want
    while IFS= read -r line; do classify --all <<< "$line"; done < "$GOLD/texts.txt" > out
    head -7 want > first
    same out first
    wp-tokenize -m "$CLASSIFY" many | classify --all --keep text > out
    same out want
}

@test "bert-classify: --as, chained heads, TSV" {
    run -0 bash -c 'echo "the cat" | bert-classify -m "$0" --as mood --digits 2 |
        bert-classify -m "$1" --as value --digits 2' "$CLASSIFY" "$REGRESSION"
    [[ $output =~ ^\{\"text\":\"the\ cat\",\"mood\":\{\"label\":\"[a-z\ ]+\",\"score\":[.0-9]+\},\"value\":[-.0-9]+\}$ ]]
    run -0 classify -f tsv <<< 'the cat'
    [ "${lines[0]}" = "$(printf 'text\tlabel\tscore\ttruncated')" ]
    run -0 --separate-stderr bert-classify -m "$CLASSIFY" <<< '{"text":"the","label":"gold"}'
    [[ $stderr == *warning*'name of a result'* ]]
}

@test "bert-classify: --resume gives the bytes of a whole run" {
    classify "$GOLD/texts.txt" > want
    head -c 300 want > out.part
    classify -o out --resume "$GOLD/texts.txt"
    same out want
}

@test "bert-classify: options that do not go together are refused" {
    while read -r options; do
        # shellcheck disable=SC2086
        run -2 --separate-stderr classify $options <<< the
        [[ $stderr == 'bert-classify: '*"Try 'bert-classify --help'"* ]]
    done << 'EOF'
--all -k 1
--raw --function softmax
--multi --all
--multi --raw
--multi --reject x
--threshold 0.3
--reject x
--reject x --threshold 0.3 --all
--rank
--group id
--rank --group id
--reduce max
--reduce max --long truncate
--overlap 3
--long head-tail --truncate-side left
--digits 10
--threshold half --multi
--no-header
-f tsv --on-error emit
EOF
    run -2 bert-classify -m "$CROSS" --reject x --threshold 0.5 <<< the
    run -2 --separate-stderr classify --reject $'x\xff' --threshold 0.5 <<< the
    [[ $stderr == *'--reject: the label is not UTF-8'* ]]
    run -2 bert-classify -m "$CROSS" --rank --group id -o out --resume <<< the
}

@test "bert-classify: labels without a name, and a model without the head" {
    cp -r "$CLASSIFY" short
    sed -i 's/"3":"positive","4":"very positive"/"3":"positive"/' short/config.json
    run -0 --separate-stderr bert-classify -m short --all <<< 'the cat'
    [[ $output == *'"LABEL_4"'*'"positive"'* ]]
    [[ $stderr == *'names 4 of the head'*'5 labels'* ]]
    for model in tiny-tag tiny-pretraining tiny; do
        run -3 --separate-stderr bert-classify -m "$MODELS/$model" <<< the
        [[ $stderr == *'no head for labels of texts'* ]]
    done
    [[ $(bert-classify -m "$MODELS/tiny-tag" 2>&1 <<< the) == *bert-tag* ]]
}

@test "bert-classify: several numbers of a regression, in the model's order" {
    cp -r "$MULTI" numbers
    sed -i 's/multi_label_classification/regression/' numbers/config.json
    listed bert-classify -m numbers --digits 3 <<< 'the cat' > out
    [ "$(cut -f 1,3,5,7 out)" = "$(printf 'joy\tanger\tfear, dread\tsurprise')" ]
    bert-classify -m numbers --all <<< 'the cat' | sed 's/.*"labels":.{"label":"\([^"]*\).*/\1/' > out
    [ "$(cat out)" = 'fear, dread' ]
}

@test "bert-classify: an empty text, an empty input, a live stream" {
    run -0 classify --digits 3 <<< ''
    [[ $output =~ ^\{\"text\":\"\",\"label\":\"very\ positive\",\"score\":0.442\}$ ]]
    run -0 classify < /dev/null
    [ "$output" = '' ]
    coproc bert-classify -m "$CLASSIFY" -i text
    echo 'the cat' >&"${COPROC[1]}"
    IFS= read -r -t 20 answer <&"${COPROC[0]}"
    [[ $answer == '{"text":"the cat","label":'* ]]
    exec {COPROC[1]}>&-
    wait
}

@test "bert-classify: ids without [CLS] are a bad record" {
    { wp-tokenize -m "$CLASSIFY" --no-special <<< 'the cat'
      wp-tokenize -m "$CLASSIFY" <<< 'the cat'
      echo '{"ids":[3],"special":[1]}'; } > in
    run -1 --separate-stderr bert-classify -m "$CLASSIFY" --on-error skip in
    [ "${#lines[@]}" -eq 1 ]
    [[ $stderr == *'in:1: no [CLS] before its tokens: the head stands on it'* ]]
    [[ $stderr == *'in:3: no [CLS] before its tokens'* ]]
}

@test "bert-classify: --group of a null, or of an empty field" {
    printf '%s\n' '{"id":1,"text":"the"}' '{"id":null,"text":"cat"}' > in
    run -3 --separate-stderr bert-classify -m "$CROSS" --rank --group id in
    [ "$stderr" = 'bert-classify: in:2: no "id" (--group)' ]
    run -3 --separate-stderr bert-classify -m "$CROSS" --rank --group text <<< '{"text":null}'
    [[ $stderr == *'no "text"'* ]]
    printf 'q\ttext\n\tthe\n' > in
    run -3 --separate-stderr bert-classify -m "$CROSS" -i tsv --rank --group q in
    [ "$stderr" = 'bert-classify: in:2: no "q" (--group)' ]
    # a word, not JSON; an empty text is one
    printf 'q\ttext\nnull\t\nnull\t\n' > in
    run -0 bert-classify -m "$CROSS" -i tsv --rank --group q in
    run -0 bert-classify -m "$CROSS" -i tsv --rank --group text in
}
