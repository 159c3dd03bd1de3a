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
complete -c bert-mask -s m -l model -r -F -a '(__bertutils_models)' -d 'a folder, a model\'s name, or org/name'
complete -c bert-mask -l cased -d 'letters keep their case'
complete -c bert-mask -l uncased -d 'letters become lower case'
complete -c bert-mask -l dtype -x -a 'f32' -d 'arithmetic of the encoder'
complete -c bert-mask -s i -l input -x -a 'auto text jsonl tsv' -d 'what the records are'
complete -c bert-mask -s 0 -l null -d 'text records end in NUL'
complete -c bert-mask -l pair -d 'every record is a pair'
complete -c bert-mask -l columns -x -d 'names of the columns of a TSV input that has no header line'
complete -c bert-mask -l on-error -x -a 'stop skip emit' -d 'bad records'
complete -c bert-mask -l invalid -x -a 'error replace' -d 'bytes that are not UTF-8'
complete -c bert-mask -l max-record -x -d 'a longer record is a bad one'
complete -c bert-mask -s k -l best -x -d 'candidates a mask or word'
complete -c bert-mask -l targets -x -d 'the candidates, with commas between'
complete -c bert-mask -l min-score -x -d 'leave out candidates and weights below'
complete -c bert-mask -l no-sequence -d 'candidates without the whole text'
complete -c bert-mask -l fill -d 'fill all masks, the surest first, looking again after each'
complete -c bert-mask -l score -d 'how likely the text is'
complete -c bert-mask -l expand -d 'other words for each content word, in its context'
complete -c bert-mask -l template -x -d 'with --expand: a context for short texts'
complete -c bert-mask -l stop-words -r -F -d 'with --expand: words that are not content words, one a line'
complete -c bert-mask -l sparse -d 'the text as weights of the vocabulary\'s tokens, as SPLADE'
complete -c bert-mask -l max-length -x -d 'tokens a sequence at most'
complete -c bert-mask -l long -x -a 'truncate window error' -d 'what becomes of longer texts'
complete -c bert-mask -l overlap -x -d 'tokens that neighbouring windows share'
complete -c bert-mask -l truncate -x -a 'longest-first only-first only-second' -d 'which text of a pair is cut (or moves, with --long window)'
complete -c bert-mask -l truncate-side -x -d 'where it is cut, left or right'
complete -c bert-mask -s f -l format -x -a 'jsonl tsv' -d 'records as JSON, or as lines of columns'
complete -c bert-mask -l digits -x -d 'significant digits of each number'
complete -c bert-mask -l as -x -d 'the member that holds the result (an object, where there are several)'
complete -c bert-mask -l keep -x -d 'only these members of the input are copied (none: \'\')'
complete -c bert-mask -l drop -x -d 'all members of the input but these are copied'
complete -c bert-mask -l number -d 'add "n", the record\'s number from 1'
complete -c bert-mask -l no-header -d 'no header line in a TSV output'
complete -c bert-mask -s o -l output -r -F -d 'write to FILE, as FILE.part until it is complete'
complete -c bert-mask -l resume -d 'go on from the FILE.part of a run that was cut off'
complete -c bert-mask -l batch-tokens -x -d 'tokens computed at once'
complete -c bert-mask -s j -l threads -x -d 'threads'
complete -c bert-mask -l progress -d 'show how far it is and how fast'
complete -c bert-mask -l no-progress -d 'show nothing'
complete -c bert-mask -s q -l quiet -d 'no warnings'
complete -c bert-mask -s v -l verbose -d 'say what was loaded, what ran, how long it took'
complete -c bert-mask -s h -d 'the most used options, on one screen'
complete -c bert-mask -l help -d 'all options'
complete -c bert-mask -s V -l version -d 'version and libraries'
