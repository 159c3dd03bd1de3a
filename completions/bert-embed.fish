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
complete -c bert-embed -s m -l model -r -F -a '(__bertutils_models)' -d 'a folder, a model\'s name, or org/name'
complete -c bert-embed -l cased -d 'letters keep their case'
complete -c bert-embed -l uncased -d 'letters become lower case'
complete -c bert-embed -l dtype -x -a 'f32' -d 'arithmetic of the encoder'
complete -c bert-embed -s i -l input -x -a 'auto text jsonl tsv' -d 'what the records are'
complete -c bert-embed -s 0 -l null -d 'text records end in NUL'
complete -c bert-embed -l pair -d 'every record is a pair'
complete -c bert-embed -l columns -x -d 'names of the columns of a TSV input that has no header line'
complete -c bert-embed -l on-error -x -a 'stop skip emit' -d 'bad records'
complete -c bert-embed -l invalid -x -a 'error replace' -d 'bytes that are not UTF-8'
complete -c bert-embed -l max-record -x -d 'a longer record is a bad one'
complete -c bert-embed -l pooling -x -a 'cls mean max mean-sqrt weighted-mean last pooler' -d 'how a text\'s tokens become a vector'
complete -c bert-embed -l normalize -d 'vectors of length 1'
complete -c bert-embed -l no-normalize -d 'vectors as they come'
complete -c bert-embed -l layers -x -d 'hidden states: -1 the last, 0 the embeddings, ranges -4..-1'
complete -c bert-embed -l concat -d 'join the hidden states instead'
complete -c bert-embed -l per-token -d 'a vector a token'
complete -c bert-embed -l per-word -d 'a vector a word, the mean of its pieces'
complete -c bert-embed -l with-special -d 'with --per-token: [CLS] and [SEP] too'
complete -c bert-embed -l prompt -x -d 'put before each text'
complete -c bert-embed -l prompt-name -x -d 'the model\'s prompt of that name'
complete -c bert-embed -l dims -x -d 'the first N dimensions, normalised again'
complete -c bert-embed -l quantize -x -a 'int8 binary' -d 'write 8 bits a dimension with a scale'
complete -c bert-embed -l similarity -x -a 'cosine dot euclidean' -d 'of text and pair'
complete -c bert-embed -l max-length -x -d 'tokens a sequence at most'
complete -c bert-embed -l long -x -a 'truncate window error' -d 'what becomes of longer texts'
complete -c bert-embed -l overlap -x -d 'tokens that neighbouring windows share'
complete -c bert-embed -l truncate -x -a 'longest-first only-first only-second' -d 'which text of a pair is cut (or moves, with --long window)'
complete -c bert-embed -l truncate-side -x -d 'where it is cut, left or right'
complete -c bert-embed -s f -l format -x -a 'jsonl tsv npy f32' -d 'records with vectors, one array, or raw rows'
complete -c bert-embed -l digits -x -d 'significant digits of each number'
complete -c bert-embed -l rows -x -d 'how many records there will be, for npy where the output cannot seek'
complete -c bert-embed -l as -x -d 'the member that holds the result (an object, where there are several)'
complete -c bert-embed -l keep -x -d 'only these members of the input are copied (none: \'\')'
complete -c bert-embed -l drop -x -d 'all members of the input but these are copied'
complete -c bert-embed -l number -d 'add "n", the record\'s number from 1'
complete -c bert-embed -l no-header -d 'no header line in a TSV output'
complete -c bert-embed -s o -l output -r -F -d 'write to FILE, as FILE.part until it is complete'
complete -c bert-embed -l resume -d 'go on from the FILE.part of a run that was cut off'
complete -c bert-embed -l batch-tokens -x -d 'tokens computed at once'
complete -c bert-embed -s j -l threads -x -d 'threads'
complete -c bert-embed -l progress -d 'show how far it is and how fast'
complete -c bert-embed -l no-progress -d 'show nothing'
complete -c bert-embed -s q -l quiet -d 'no warnings'
complete -c bert-embed -s v -l verbose -d 'say what was loaded, what ran, how long it took'
complete -c bert-embed -s h -d 'the most used options, on one screen'
complete -c bert-embed -l help -d 'all options'
complete -c bert-embed -s V -l version -d 'version and libraries'
