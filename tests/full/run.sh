#!/bin/bash
# run.sh [NAME...] - the full tests: what takes minutes, or needs real weights
#
#   $BERTUTILS_ASSETS   real models and data: make assets DIR=...
#   $BERTUTILS_PYTHON   a Python with the packages of tests/bench/requirements.txt
#   $BERTUTILS_QA_PYTHON  one with torch and transformers 4.57.6, the last that
#                       has the question-answering pipeline
#   $BERTUTILS_SQUAD_SCORERS  evaluate-v1.1.py and evaluate-v2.0.py of SQuAD, as
#                       their authors publish them
#
# Names are those of the files here, without ending; TAP. What cannot run here
# is skipped aloud. `hostile` runs on the sanitizer build as well where
# build-san/bin is there (make check-san makes it).
set -u
cd "$(dirname "$0")/../.." || exit 1
commands=()
skipped=0

skip() {
    echo "ok - $1 # skip $2"
    skipped=$((skipped + 1))
}

[ $# -gt 0 ] || set -- same_bytes coprocess hostile resume constant_memory \
    float_text google tokenizer weight_forms embed_parity mask_parity tag_parity \
    qa_parity squad_score classify_parity
for name; do
    variable=BERTUTILS_PYTHON
    case $name in qa_parity | squad_score) variable=BERTUTILS_QA_PYTHON ;; esac
    if [ -f "tests/full/$name.sh" ]; then
        commands+=("tests/full/$name.sh")
        if [ "$name" = hostile ] && [ -x build-san/bin/bert-embed ]; then
            commands+=("BERTUTILS_BIN=build-san/bin tests/full/hostile.sh")
        elif [ "$name" = hostile ]; then
            skip "hostile, sanitizers" "build-san/bin is not there"
        fi
    elif [ ! -f "tests/full/$name.py" ]; then
        echo "run.sh: no such test: $name" >&2
        exit 2
    elif [ -z "${BERTUTILS_ASSETS:-}" ]; then
        skip "$name" "BERTUTILS_ASSETS is not set"
    elif [ -z "${!variable:-}" ]; then
        skip "$name" "$variable is not set"
    else
        commands+=("'${!variable}' tests/full/$name.py")
    fi
done
echo "1..$skipped"
exec tests/check/tap "${commands[@]}"
