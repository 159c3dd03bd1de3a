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
complete -c wp-tokenize -s m -l model -r -F -a '(__bertutils_models)' -d 'a folder, a model\'s name, or org/name'
complete -c wp-tokenize -l vocab -r -F -d 'a bare vocabulary instead of a model'
complete -c wp-tokenize -l cased -d 'letters keep their case'
complete -c wp-tokenize -l uncased -d 'letters become lower case'
complete -c wp-tokenize -l strip-accents -d 'strip accents'
complete -c wp-tokenize -l no-strip-accents -d 'keep accents'
complete -c wp-tokenize -l no-split-cjk -d 'a Chinese character is no word by itself'
complete -c wp-tokenize -s i -l input -x -a 'auto text jsonl tsv' -d 'what the records are'
complete -c wp-tokenize -s 0 -l null -d 'text records end in NUL'
complete -c wp-tokenize -l pair -d 'every record is a pair'
complete -c wp-tokenize -l columns -x -d 'names of the columns of a TSV input that has no header line'
complete -c wp-tokenize -l on-error -x -a 'stop skip emit' -d 'bad records'
complete -c wp-tokenize -l invalid -x -a 'error replace' -d 'bytes that are not UTF-8'
complete -c wp-tokenize -l max-record -x -d 'a longer record is a bad one'
complete -c wp-tokenize -l no-special -d 'leave [CLS] and [SEP] out'
complete -c wp-tokenize -l literal -d 'special tokens that stand in the text, like [MASK], are plain text'
complete -c wp-tokenize -l protect -x -d 'what it matches (PCRE2, on the raw text) stays one word'
complete -c wp-tokenize -l compat -x -a 'google' -d 'as Google\'s tokenization.py where it differs from Hugging Face\'s'
complete -c wp-tokenize -l decode -d 'read ids and write text'
complete -c wp-tokenize -l skip-special -d 'with --decode: leave special tokens out'
complete -c wp-tokenize -l count -d 'write the number of tokens of each text and nothing else'
complete -c wp-tokenize -l max-length -x -d 'tokens a sequence at most'
complete -c wp-tokenize -l long -x -a 'truncate window error' -d 'what becomes of longer texts'
complete -c wp-tokenize -l overlap -x -d 'tokens that neighbouring windows share'
complete -c wp-tokenize -l truncate -x -a 'longest-first only-first only-second' -d 'which text of a pair is cut (or moves, with --long window)'
complete -c wp-tokenize -l truncate-side -x -d 'where it is cut, left or right'
complete -c wp-tokenize -s f -l format -x -a 'jsonl tsv ids tokens conll' -d 'records, ids or tokens a line a text, or a line a token'
complete -c wp-tokenize -l fields -x -d 'the members written, in this order'
complete -c wp-tokenize -l offsets -x -a 'chars bytes utf16' -d 'what offsets count'
complete -c wp-tokenize -l as -x -d 'the member that holds the result (an object, where there are several)'
complete -c wp-tokenize -l keep -x -d 'only these members of the input are copied (none: \'\')'
complete -c wp-tokenize -l drop -x -d 'all members of the input but these are copied'
complete -c wp-tokenize -l number -d 'add "n", the record\'s number from 1'
complete -c wp-tokenize -l no-header -d 'no header line in a TSV output'
complete -c wp-tokenize -s o -l output -r -F -d 'write to FILE, as FILE.part until it is complete'
complete -c wp-tokenize -l resume -d 'go on from the FILE.part of a run that was cut off'
complete -c wp-tokenize -s j -l threads -x -d 'threads'
complete -c wp-tokenize -l progress -d 'show how far it is and how fast'
complete -c wp-tokenize -l no-progress -d 'show nothing'
complete -c wp-tokenize -s q -l quiet -d 'no warnings'
complete -c wp-tokenize -s v -l verbose -d 'say what was loaded, what ran, how long it took'
complete -c wp-tokenize -s h -d 'the most used options, on one screen'
complete -c wp-tokenize -l help -d 'all options'
complete -c wp-tokenize -s V -l version -d 'version and libraries'
