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
complete -c bert-classify -s m -l model -r -F -a '(__bertutils_models)' -d 'a folder, a model\'s name, or org/name'
complete -c bert-classify -l cased -d 'letters keep their case'
complete -c bert-classify -l uncased -d 'letters become lower case'
complete -c bert-classify -l dtype -x -a 'f32' -d 'arithmetic of the encoder'
complete -c bert-classify -s i -l input -x -a 'auto text jsonl tsv' -d 'what the records are'
complete -c bert-classify -s 0 -l null -d 'text records end in NUL'
complete -c bert-classify -l pair -d 'every record is a pair'
complete -c bert-classify -l columns -x -d 'names of the columns of a TSV input that has no header line'
complete -c bert-classify -l on-error -x -a 'stop skip emit' -d 'bad records'
complete -c bert-classify -l invalid -x -a 'error replace' -d 'bytes that are not UTF-8'
complete -c bert-classify -l max-record -x -d 'a longer record is a bad one'
complete -c bert-classify -l all -d 'all labels with their scores, best first'
complete -c bert-classify -s k -l best -x -d 'the N best labels'
complete -c bert-classify -l multi -d 'every label by itself (sigmoid)'
complete -c bert-classify -l threshold -x -d 'the least score, for --multi and --reject'
complete -c bert-classify -l reject -x -d 'the label where the best score is below the threshold'
complete -c bert-classify -l raw -d 'scores are the logits'
complete -c bert-classify -l function -x -a 'softmax sigmoid none' -d 'from logits to scores'
complete -c bert-classify -l score-map -x -d 'LABEL=NUMBER of every label, with commas'
complete -c bert-classify -l rank -d 'the records of each group in order of score'
complete -c bert-classify -l group -x -d 'with --rank'
complete -c bert-classify -l max-length -x -d 'tokens a sequence at most'
complete -c bert-classify -l long -x -a 'truncate window error head-tail' -d 'what becomes of longer texts'
complete -c bert-classify -l overlap -x -d 'tokens that neighbouring windows share'
complete -c bert-classify -l truncate -x -a 'longest-first only-first only-second' -d 'which text of a pair is cut (or moves, with --long window)'
complete -c bert-classify -l truncate-side -x -d 'where it is cut, left or right'
complete -c bert-classify -l reduce -x -a 'mean max last' -d 'with --long window'
complete -c bert-classify -s f -l format -x -a 'jsonl tsv' -d 'how records are written'
complete -c bert-classify -l digits -x -d 'significant digits of each number'
complete -c bert-classify -l as -x -d 'the member that holds the result (an object, where there are several)'
complete -c bert-classify -l keep -x -d 'only these members of the input are copied (none: \'\')'
complete -c bert-classify -l drop -x -d 'all members of the input but these are copied'
complete -c bert-classify -l number -d 'add "n", the record\'s number from 1'
complete -c bert-classify -l no-header -d 'no header line in a TSV output'
complete -c bert-classify -s o -l output -r -F -d 'write to FILE, as FILE.part until it is complete'
complete -c bert-classify -l resume -d 'go on from the FILE.part of a run that was cut off'
complete -c bert-classify -l batch-tokens -x -d 'tokens computed at once'
complete -c bert-classify -s j -l threads -x -d 'threads'
complete -c bert-classify -l progress -d 'show how far it is and how fast'
complete -c bert-classify -l no-progress -d 'show nothing'
complete -c bert-classify -s q -l quiet -d 'no warnings'
complete -c bert-classify -s v -l verbose -d 'say what was loaded, what ran, how long it took'
complete -c bert-classify -s h -d 'the most used options, on one screen'
complete -c bert-classify -l help -d 'all options'
complete -c bert-classify -s V -l version -d 'version and libraries'
