#!/bin/sh
# completions.sh FOLDER - bash, zsh and fish completions of every tool, made
# from the option tables (TOOL --dump-options) into FOLDER
#
# An argument in capitals is the user's: FILE and MODEL are completed, others
# are not. One in small letters lists all its values, with | between. Models are
# those of the folders in which the tools look (cmd/common/models.c), the last
# of which lies beside the program.
set -eu
BIN=${BIN:-bin}
folder=$1

generate() { # shell, tool
    "$BIN/$2" --dump-options | awk -F '\t' -v shell="$1" -v tool="$2" '
    function is_values(argument) { return argument ~ /^[a-z0-9|-]+$/ }

    # The first clause of the help text.
    function brief(help) {
        sub(/;.*/, "", help)
        return help
    }

    # Options without an argument fall to the last case: a word after them is
    # an operand. So does FILE, as readline completes files by default.
    function bash_row(    names, words) {
        names = $1 == "" ? "" : "-" $1
        if ($2 != "") names = names (names == "" ? "" : " | ") "--" $2
        if ($1 != "") flags = flags " -" $1
        if ($2 != "") flags = flags " --" $2
        if ($3 == "" || $3 == "FILE") return
        if ($3 == "MODEL")
            cases = cases "    " names \
                ") mapfile -t words < <(_bertutils_models) ;;\n"
        else if (is_values($3)) {
            words = $3
            gsub(/\|/, " ", words)
            cases = cases "    " names ")\n        words=(" words ")\n" \
                "        compopt +o default 2> /dev/null\n        ;;\n"
        } else
            free = free (free == "" ? "" : " | ") names
    }

    function bash_end(    f) {
        f = tool
        gsub(/-/, "_", f)
        print "_bertutils_models()"
        print "{"
        print "    local folder program"
        print "    local -a folders"
        print "    IFS=: read -ra folders <<< \"$BERT_MODELS\""
        print "    folders+=(\"${XDG_DATA_HOME:-$HOME/.local/share}/bertutils/models\")"
        print "    program=$(type -P \"${COMP_WORDS[0]}\") &&"
        print "        program=$(readlink -f -- \"$program\") &&"
        print "        folders+=(\"${program%/*}/../share/bertutils/models\")"
        print "    for folder in \"${folders[@]}\"; do"
        print "        [ ! -d \"$folder\" ] || command ls -- \"$folder\""
        print "    done"
        print "}"
        print ""
        print "_" f "()"
        print "{"
        print "    local current=${COMP_WORDS[COMP_CWORD]} word"
        print "    local previous=${COMP_WORDS[COMP_CWORD - 1]}"
        print "    local -a words=()"
        print ""
        print "    if [ \"$previous\" = = ]; then"
        print "        previous=${COMP_WORDS[COMP_CWORD - 2]}"
        print "    elif [ \"$current\" = = ]; then"
        print "        current="
        print "    fi"
        print "    case $previous in"
        printf "%s", cases
        print "    " free ") compopt +o default 2> /dev/null ;;"
        print "    *)"
        print "        case $current in"
        print "        -*) words=(" substr(flags, 2) ") ;;"
        print "        esac"
        print "        ;;"
        print "    esac"
        print "    COMPREPLY=()"
        print "    for word in \"${words[@]}\"; do"
        print "        [[ $word != \"$current\"* ]] || COMPREPLY+=(\"$word\")"
        print "    done"
        print "}"
        print "complete -o default -F _" f " " tool
    }

    function zsh_row(    text, action, names, exclude) {
        text = brief($5)
        gsub(/[\[\]:\\]/, "\\\\&", text)
        gsub(/\047/, "\047\\\047\047", text)
        if ($3 == "FILE") action = ":FILE:_files"
        else if ($3 == "MODEL") action = ":MODEL:_bertutils_models"
        else if (is_values($3)) {
            action = $3
            gsub(/\|/, " ", action)
            action = ":value:(" action ")"
        } else if ($3 != "") action = ":" $3 ": "
        text = "\047[" text "]" action "\047"
        exclude = $5 ~ /repeated/ ? "\047*\047" : ""
        if ($1 != "" && $2 != "") {
            if (exclude == "") exclude = "\047(-" $1 " --" $2 ")\047"
            names = "{-" $1 ($3 == "" ? "" : "+") ",--" $2 \
                ($3 == "" ? "" : "=") "}"
        } else if ($1 != "") names = "-" $1 ($3 == "" ? "" : "+")
        else names = "--" $2 ($3 == "" ? "" : "=")
        rows = rows "    " exclude names text " \\\n"
    }

    function zsh_end() {
        print "_bertutils_models() {"
        print "    local -a folders"
        print "    local program=${commands[$words[1]]:-$words[1]}"
        print "    folders=(${(s.:.)BERT_MODELS}" \
            " ${XDG_DATA_HOME:-$HOME/.local/share}/bertutils/models"
        print "        ${program:A:h}/../share/bertutils/models)"
        print "    compadd -- ${^folders}/*(N-/:t)"
        print "    _files -/"
        print "}"
        print ""
        print "_arguments -s -S : \\"
        printf "%s", rows
        print "    \047*:file:_files\047"
    }

    function fish_row(    text, line, words) {
        text = brief($5)
        gsub(/[\\\047]/, "\\\\&", text)
        line = "complete -c " tool
        if ($1 != "") line = line " -s " $1
        if ($2 != "") line = line " -l " $2
        if ($3 == "FILE") line = line " -r -F"
        else if ($3 == "MODEL")
            line = line " -r -F -a \047(__bertutils_models)\047"
        else if (is_values($3)) {
            words = $3
            gsub(/\|/, " ", words)
            line = line " -x -a \047" words "\047"
        } else if ($3 != "") line = line " -x"
        print line " -d \047" text "\047"
    }

    function fish_begin() {
        print "function __bertutils_models"
        print "    set -l folders (string split : -- \"$BERT_MODELS\")"
        print "    set -q XDG_DATA_HOME; or set -l XDG_DATA_HOME ~/.local/share"
        print "    set -a folders $XDG_DATA_HOME/bertutils/models"
        print "    set -l program (command -s (commandline -opc)[1])"
        print "    and set -a folders" \
            " (dirname (realpath $program))/../share/bertutils/models"
        print "    for folder in $folders"
        print "        test -d \"$folder\"; and command ls -- \"$folder\""
        print "    end"
        print "end"
    }

    BEGIN {
        if (shell == "zsh") print "#compdef " tool
        print "# Made by tests/gen/completions.sh from the option table."
        if (shell == "fish") fish_begin()
    }
    shell == "bash" { bash_row() }
    shell == "zsh" { zsh_row() }
    shell == "fish" { fish_row() }
    END {
        if (shell == "bash") bash_end()
        if (shell == "zsh") zsh_end()
    }'
}

for source in cmd/*.c; do
    tool=$(basename "$source" .c)
    generate bash "$tool" > "$folder/$tool.bash"
    generate zsh "$tool" > "$folder/_$tool"
    generate fish "$tool" > "$folder/$tool.fish"
done
