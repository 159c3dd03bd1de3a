#!/bin/sh
# install.sh - what `make install` and `make uninstall` run
#
#   install.sh DESTDIR PREFIX BIN BUILD BLIS_LIBS PKGS
#   install.sh --remove DESTDIR PREFIX
#
# Every file put and every folder made is written down in
# PREFIX/share/bertutils/installed; --remove takes away what that file lists, a
# folder only if it is empty by then.
set -eu
umask 022

remove=
[ "$1" != --remove ] || { remove=1 && shift; }
root=$1
prefix=${2%/}
# shellcheck disable=SC2088
case $prefix in
'~/'*) prefix=$HOME/${prefix#??} ;; # not every shell has made it a path
esac
case $prefix in
/*) ;;
*) echo "install.sh: PREFIX must begin with /: $2" >&2 && exit 2 ;;
esac
top=$root$prefix
list=$top/share/bertutils/installed

if [ -n "$remove" ]; then
    if [ ! -f "$list" ]; then
        echo "nothing of bertutils is installed in $top" >&2
        exit 0
    fi
    sed -n 's/^file //p' "$list" | while IFS= read -r f; do
        rm -f "$root$f"
    done
    folders=$(sed -n 's/^folder //p' "$list" | LC_ALL=C sort -r)
    rm -f "$list"
    printf '%s\n' "$folders" | while IFS= read -r f; do
        [ -z "$f" ] || rmdir "$root$f" 2> /dev/null || true
    done
    echo "removed from $top"
    exit 0
fi
bin=$3 build=$4 blis=$5 pkgs=$6
made=$(mktemp)
# Written down even where a step fails, so that --remove finds what was put.
record() {
    if [ -s "$made" ] && [ -d "$top/share/bertutils" ]; then
        # An earlier version's files are kept in it, too.
        cat "$made" "$list" 2> /dev/null | LC_ALL=C sort -u > "$list.new"
        mv "$list.new" "$list"
    fi
    rm -f "$made"
}
trap record EXIT

folder() { # path below DESTDIR
    if [ -n "$1" ] && [ ! -d "$root$1" ]; then
        case $1 in
        */*) folder "${1%/*}" ;;
        esac
        mkdir "$root$1"
        echo "folder $1" >> "$made"
    fi
}
put() { # mode, file, path below PREFIX
    folder "$prefix/$(dirname "$3")"
    # Renamed into place: a running tool keeps the file it has.
    cp "$2" "$top/$3.new$$"
    chmod "$1" "$top/$3.new$$"
    mv -f "$top/$3.new$$" "$top/$3"
    echo "file $prefix/$3" >> "$made"
}
link() { # target, path below PREFIX
    ln -sfn "$1" "$top/$2"
    echo "file $prefix/$2" >> "$made"
}

[ -z "$root" ] || mkdir -p "$root"
folder "$prefix/share/bertutils"
version=$(sed -n 's/^#define BERT_VERSION "\(.*\)"/\1/p' lib/bert.h)
for f in cmd/*.c; do
    tool=$(basename "$f" .c)
    put 755 "$bin/$tool" "bin/$tool"
done
put 755 examples/get-model.sh bin/bertutils-get-model
put 644 lib/bert.h include/bert.h
put 644 lib/bert_io.h include/bert_io.h
put 644 "$build/install/libbert.a" lib/libbert.a
put 755 "$build/libbert.so.0" "lib/libbert.so.$version"
link "libbert.so.$version" lib/libbert.so.0
link libbert.so.0 lib/libbert.so
# pkg-config splits at spaces that are not escaped.
cat > "$build/install/bert.pc" << PC
prefix=$(printf '%s' "$prefix" | sed 's/[ \\]/\\&/g')
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: bert
Description: BERT in C: text to tokens, sentence embeddings
Version: $version
Requires.private: $pkgs
Libs: -L\${libdir} -lbert
Libs.private: $blis -lm -pthread
Cflags: -I\${includedir}
PC
put 644 "$build/install/bert.pc" lib/pkgconfig/bert.pc
for f in man/*.[1-9]; do
    [ ! -e "$f" ] || put 644 "$f" "share/man/man${f##*.}/${f##*/}"
done
for f in completions/*; do
    name=${f##*/}
    case $name in
    *.bash) put 644 "$f" "share/bash-completion/completions/${name%.bash}" ;;
    *.fish) put 644 "$f" "share/fish/vendor_completions.d/$name" ;;
    _*) put 644 "$f" "share/zsh/site-functions/$name" ;;
    esac
done
echo "installed in $top; to take all of it away:"
echo "    make uninstall${root:+ DESTDIR='$root'} PREFIX='$prefix'"
if [ -z "$root" ] && [ "$(id -u)" -eq 0 ] && command -v ldconfig > /dev/null
then
    ldconfig
fi
