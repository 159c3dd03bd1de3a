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

_wp_tokenize()
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
    --compat)
        words=(google)
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
        words=(jsonl tsv ids tokens conll)
        compopt +o default 2> /dev/null
        ;;
    --offsets)
        words=(chars bytes utf16)
        compopt +o default 2> /dev/null
        ;;
    --columns | --max-record | --protect | --max-length | --overlap | --truncate-side | --fields | --as | --keep | --drop | -j | --threads) compopt +o default 2> /dev/null ;;
    *)
        case $current in
        -*) words=(-m --model --vocab --cased --uncased --strip-accents --no-strip-accents --no-split-cjk -i --input -0 --null --pair --columns --on-error --invalid --max-record --no-special --literal --protect --compat --decode --skip-special --count --max-length --long --overlap --truncate --truncate-side -f --format --fields --offsets --as --keep --drop --number --no-header -o --output --resume -j --threads --progress --no-progress -q --quiet -v --verbose -h --help -V --version) ;;
        esac
        ;;
    esac
    COMPREPLY=()
    for word in "${words[@]}"; do
        [[ $word != "$current"* ]] || COMPREPLY+=("$word")
    done
}
complete -o default -F _wp_tokenize wp-tokenize
