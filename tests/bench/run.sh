#!/bin/sh
# run.sh [throughput] [coldstart] [tokenizing] [OPTION...] - the speed bench
#
# All three without a name; options (--rounds N, --wait SECONDS ...) go to each.
# Peers come from $BERTUTILS_BENCH, default .bench/, which setup.sh makes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${BERTUTILS_BENCH:-$here/../../.bench}/venv/bin/python
if [ ! -x "$python" ]; then
    echo "no $python: make bench-peers sets the peers up" >&2
    exit 2
fi
what=
while [ $# -gt 0 ]; do
    case $1 in
    throughput | coldstart | tokenizing) what="$what $1" ;;
    *) break ;;
    esac
    shift
done
for name in ${what:-coldstart tokenizing throughput}; do
    "$python" "$here/$name.py" "$@"
done
