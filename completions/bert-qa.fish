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
complete -c bert-qa -s m -l model -r -F -a '(__bertutils_models)' -d 'a folder, a model\'s name, or org/name'
complete -c bert-qa -l cased -d 'letters keep their case'
complete -c bert-qa -l uncased -d 'letters become lower case'
complete -c bert-qa -l dtype -x -a 'f32' -d 'arithmetic of the encoder'
complete -c bert-qa -s i -l input -x -a 'auto text jsonl tsv squad' -d 'what the records are'
complete -c bert-qa -s 0 -l null -d 'text records end in NUL'
complete -c bert-qa -l pair -d 'every record is a pair'
complete -c bert-qa -l columns -x -d 'names of the columns of a TSV input that has no header line'
complete -c bert-qa -l on-error -x -a 'stop skip emit' -d 'bad records'
complete -c bert-qa -l invalid -x -a 'error replace' -d 'bytes that are not UTF-8'
complete -c bert-qa -l max-record -x -d 'a longer record is a bad one'
complete -c bert-qa -s k -l best -x -d 'the N best answers, no two of them alike'
complete -c bert-qa -l max-answer -x -d 'tokens an answer at most'
complete -c bert-qa -l no-answer -d 'there may be none: the empty answer takes part, and null_odds says how likely it is'
complete -c bert-qa -l null-threshold -x -d 'no answer where null_odds is above X, else one'
complete -c bert-qa -l pieces -d 'answers may begin and end inside a word'
complete -c bert-qa -l raw -d 'logits of each answer\'s best span beside its score'
complete -c bert-qa -l compat -x -a 'transformers' -d 'windows score by themselves and have 384 tokens, 128 of them shared, as in the pipeline of transformers 4.57'
complete -c bert-qa -l max-length -x -d 'tokens a sequence at most'
complete -c bert-qa -l long -x -a 'truncate window error' -d 'what becomes of longer texts'
complete -c bert-qa -l overlap -x -d 'tokens that neighbouring windows share'
complete -c bert-qa -l truncate -x -a 'longest-first only-first only-second' -d 'which text of a pair is cut (or moves, with --long window)'
complete -c bert-qa -l truncate-side -x -d 'where it is cut, left or right'
complete -c bert-qa -s f -l format -x -a 'jsonl tsv squad' -d 'records with answers, or a file of predictions by id for SQuAD\'s scorer'
complete -c bert-qa -l null-odds -r -F -d 'with --format squad: the null odds by id, too'
complete -c bert-qa -l digits -x -d 'significant digits of each number'
complete -c bert-qa -l as -x -d 'the member that holds the result (an object, where there are several)'
complete -c bert-qa -l keep -x -d 'only these members of the input are copied (none: \'\')'
complete -c bert-qa -l drop -x -d 'all members of the input but these are copied'
complete -c bert-qa -l number -d 'add "n", the record\'s number from 1'
complete -c bert-qa -l no-header -d 'no header line in a TSV output'
complete -c bert-qa -s o -l output -r -F -d 'write to FILE, as FILE.part until it is complete'
complete -c bert-qa -l resume -d 'go on from the FILE.part of a run that was cut off'
complete -c bert-qa -l batch-tokens -x -d 'tokens computed at once'
complete -c bert-qa -s j -l threads -x -d 'threads'
complete -c bert-qa -l progress -d 'show how far it is and how fast'
complete -c bert-qa -l no-progress -d 'show nothing'
complete -c bert-qa -s q -l quiet -d 'no warnings'
complete -c bert-qa -s v -l verbose -d 'say what was loaded, what ran, how long it took'
complete -c bert-qa -s h -d 'the most used options, on one screen'
complete -c bert-qa -l help -d 'all options'
complete -c bert-qa -s V -l version -d 'version and libraries'
