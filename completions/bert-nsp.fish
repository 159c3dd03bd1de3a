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
complete -c bert-nsp -s m -l model -r -F -a '(__bertutils_models)' -d 'a folder, a model\'s name, or org/name'
complete -c bert-nsp -l cased -d 'letters keep their case'
complete -c bert-nsp -l uncased -d 'letters become lower case'
complete -c bert-nsp -l dtype -x -a 'f32' -d 'arithmetic of the encoder'
complete -c bert-nsp -s i -l input -x -a 'auto text jsonl tsv' -d 'what the records are'
complete -c bert-nsp -s 0 -l null -d 'text records end in NUL'
complete -c bert-nsp -l pair -d 'every record is a pair'
complete -c bert-nsp -l columns -x -d 'names of the columns of a TSV input that has no header line'
complete -c bert-nsp -l on-error -x -a 'stop skip emit' -d 'bad records'
complete -c bert-nsp -l invalid -x -a 'error replace' -d 'bytes that are not UTF-8'
complete -c bert-nsp -l max-record -x -d 'a longer record is a bad one'
complete -c bert-nsp -l candidates -r -F -d 'try each text with every line of FILE as the next'
complete -c bert-nsp -s k -l best -x -d 'with --candidates'
complete -c bert-nsp -l raw -d 'both logits instead of the probability'
complete -c bert-nsp -l max-length -x -d 'tokens a sequence at most'
complete -c bert-nsp -l long -x -a 'truncate error' -d 'what becomes of longer texts'
complete -c bert-nsp -l truncate -x -a 'longest-first only-first only-second' -d 'which text of a pair is cut'
complete -c bert-nsp -l truncate-side -x -d 'where it is cut, left or right'
complete -c bert-nsp -s f -l format -x -a 'jsonl tsv' -d 'how records are written'
complete -c bert-nsp -l digits -x -d 'significant digits of each number'
complete -c bert-nsp -l as -x -d 'the member that holds the result (an object, where there are several)'
complete -c bert-nsp -l keep -x -d 'only these members of the input are copied (none: \'\')'
complete -c bert-nsp -l drop -x -d 'all members of the input but these are copied'
complete -c bert-nsp -l number -d 'add "n", the record\'s number from 1'
complete -c bert-nsp -l no-header -d 'no header line in a TSV output'
complete -c bert-nsp -s o -l output -r -F -d 'write to FILE, as FILE.part until it is complete'
complete -c bert-nsp -l resume -d 'go on from the FILE.part of a run that was cut off'
complete -c bert-nsp -l batch-tokens -x -d 'tokens computed at once'
complete -c bert-nsp -s j -l threads -x -d 'threads'
complete -c bert-nsp -l progress -d 'show how far it is and how fast'
complete -c bert-nsp -l no-progress -d 'show nothing'
complete -c bert-nsp -s q -l quiet -d 'no warnings'
complete -c bert-nsp -s v -l verbose -d 'say what was loaded, what ran, how long it took'
complete -c bert-nsp -s h -d 'the most used options, on one screen'
complete -c bert-nsp -l help -d 'all options'
complete -c bert-nsp -s V -l version -d 'version and libraries'
