# Made by tests/gen/completions.sh from the option table.
_bertutils_models()
{
    local folder program
    local -a folders
    IFS=: read -ra folders <<< "$BERT_MODELS"
    folders+=("${XDG_DATA_HOME:-$HOME/.local/share}/bertutils/models")
    program=$(type -P "${COMP_WORDS[0]}") &&
        program=$(readlink -f -- "$program") &&
        folders+=("${program%/*}/../share/bertutils/models")
    for folder in "${folders[@]}"; do
        [ ! -d "$folder" ] || command ls -- "$folder"
    done
}

_bert_mask()
{
    local current=${COMP_WORDS[COMP_CWORD]} word
    local previous=${COMP_WORDS[COMP_CWORD - 1]}
    local -a words=()

    if [ "$previous" = = ]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    elif [ "$current" = = ]; then
        current=
    fi
    case $previous in
    -m | --model) mapfile -t words < <(_bertutils_models) ;;
    --dtype)
        words=(f32)
        compopt +o default 2> /dev/null
        ;;
    -i | --input)
        words=(auto text jsonl tsv)
        compopt +o default 2> /dev/null
        ;;
    --on-error)
        words=(stop skip emit)
        compopt +o default 2> /dev/null
        ;;
    --invalid)
        words=(error replace)
        compopt +o default 2> /dev/null
        ;;
    --long)
        words=(truncate window error)
        compopt +o default 2> /dev/null
        ;;
    --truncate)
        words=(longest-first only-first only-second)
        compopt +o default 2> /dev/null
        ;;
    -f | --format)
        words=(jsonl tsv)
        compopt +o default 2> /dev/null
        ;;
    --columns | --max-record | -k | --best | --targets | --min-score | --template | --max-length | --overlap | --truncate-side | --digits | --as | --keep | --drop | --batch-tokens | -j | --threads) compopt +o default 2> /dev/null ;;
    *)
        case $current in
        -*) words=(-m --model --cased --uncased --dtype -i --input -0 --null --pair --columns --on-error --invalid --max-record -k --best --targets --min-score --no-sequence --fill --score --expand --template --stop-words --sparse --max-length --long --overlap --truncate --truncate-side -f --format --digits --as --keep --drop --number --no-header -o --output --resume --batch-tokens -j --threads --progress --no-progress -q --quiet -v --verbose -h --help -V --version) ;;
        esac
        ;;
    esac
    COMPREPLY=()
    for word in "${words[@]}"; do
        [[ $word != "$current"* ]] || COMPREPLY+=("$word")
    done
}
complete -o default -F _bert_mask bert-mask
