# Made by tests/gen/completions.sh from the option table.
function __bertutils_models
    set -l folders (string split : -- "$BERT_MODELS")
    set -q XDG_DATA_HOME; or set -l XDG_DATA_HOME ~/.local/share
    set -a folders $XDG_DATA_HOME/bertutils/models
    set -l program (command -s (commandline -opc)[1])
    and set -a folders (dirname (realpath $program))/../share/bertutils/models
    for folder in $folders
        test -d "$folder"; and command ls -- "$folder"
    end
end
complete -c bert-tag -s m -l model -r -F -a '(__bertutils_models)' -d 'a folder, a model\'s name, or org/name'
complete -c bert-tag -l cased -d 'letters keep their case'
complete -c bert-tag -l uncased -d 'letters become lower case'
complete -c bert-tag -l dtype -x -a 'f32' -d 'arithmetic of the encoder'
complete -c bert-tag -s i -l input -x -a 'auto text jsonl tsv' -d 'what the records are'
complete -c bert-tag -s 0 -l null -d 'text records end in NUL'
complete -c bert-tag -l pair -d 'every record is a pair'
complete -c bert-tag -l columns -x -d 'names of the columns of a TSV input that has no header line'
complete -c bert-tag -l on-error -x -a 'stop skip emit' -d 'bad records'
complete -c bert-tag -l invalid -x -a 'error replace' -d 'bytes that are not UTF-8'
complete -c bert-tag -l max-record -x -d 'a longer record is a bad one'
complete -c bert-tag -l aggregate -x -a 'none simple first average max' -d 'how tokens become entities'
complete -c bert-tag -l words -d 'a label a word instead of entities'
complete -c bert-tag -l viterbi -d 'the most probable labels that may follow one another'
complete -c bert-tag -l raw -d 'with --aggregate none: every token, with its logits'
complete -c bert-tag -l max-length -x -d 'tokens a sequence at most'
complete -c bert-tag -l long -x -a 'truncate window error' -d 'what becomes of longer texts'
complete -c bert-tag -l overlap -x -d 'tokens that neighbouring windows share'
complete -c bert-tag -l truncate -x -a 'longest-first only-first only-second' -d 'which text of a pair is cut (or moves, with --long window)'
complete -c bert-tag -l truncate-side -x -d 'where it is cut, left or right'
complete -c bert-tag -s f -l format -x -a 'jsonl tsv conll brat spacy' -d 'records with entities, a word and its label a line, standoff lines, or spaCy\'s training data'
complete -c bert-tag -l digits -x -d 'significant digits of each number'
complete -c bert-tag -l as -x -d 'the member that holds the result (an object, where there are several)'
complete -c bert-tag -l keep -x -d 'only these members of the input are copied (none: \'\')'
complete -c bert-tag -l drop -x -d 'all members of the input but these are copied'
complete -c bert-tag -l number -d 'add "n", the record\'s number from 1'
complete -c bert-tag -l no-header -d 'no header line in a TSV output'
complete -c bert-tag -s o -l output -r -F -d 'write to FILE, as FILE.part until it is complete'
complete -c bert-tag -l resume -d 'go on from the FILE.part of a run that was cut off'
complete -c bert-tag -l batch-tokens -x -d 'tokens computed at once'
complete -c bert-tag -s j -l threads -x -d 'threads'
complete -c bert-tag -l progress -d 'show how far it is and how fast'
complete -c bert-tag -l no-progress -d 'show nothing'
complete -c bert-tag -s q -l quiet -d 'no warnings'
complete -c bert-tag -s v -l verbose -d 'say what was loaded, what ran, how long it took'
complete -c bert-tag -s h -d 'the most used options, on one screen'
complete -c bert-tag -l help -d 'all options'
complete -c bert-tag -s V -l version -d 'version and libraries'
